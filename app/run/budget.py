"""What the upstream allows, a second and a day, shared by all workers and replicas through the store.

Each request takes a moment from one log of moments: of any `most` moments in a row the last is more than a second after
the first. A moment that came late is not used but taken anew, so that the upstream never counts more than it allows.
Writes go first: they may reserve as far ahead as their deadline, reads only the next moment.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from msgspec import Struct

from app.errors import OverloadedError, RateError
from app.events import BudgetDegraded, BudgetTold, Observer
from app.store.store import StoreDownError

HOUR, DAY_HOURS = 3600.0, 24
#: how long after its moment a request may still go out, and what its way to the upstream may differ by
LATE_SECONDS, WAY_SECONDS = 0.05, 0.03
#: the same where a moment is for several: they come one after the other
BATCH_LATE_SECONDS = 0.25
#: how far ahead a read may reserve: what comes after it in time may be a write
READ_AHEAD_SECONDS = 0.15
#: moments are taken from the store so many times a second at most, each for several requests where the limit is high;
#: workers hold one each a quarter of a second long, so that about ten of them go on without a gap
TAKES = 50
#: from a store that is slow, as many are taken at once as would come meanwhile, but this part of a second's at most
MOST_AT_ONCE = 0.1
#: how long requests wait for a store that is slow before it counts as down
TAKE_SECONDS = 1.5
#: how long a store that was down is left alone
DOWN_SECONDS = 1.0
SECOND_LATE = "Too many requests: the upstream takes no more of them in time"
DAY_OVER = "Too many requests: what the upstream allows a day is used up"


class Shared(Protocol):
    """What the budget needs of a store."""

    async def moment(self) -> float:
        """The time that all who share the store go by, in seconds since 1970."""
        ...

    async def get(self, key: str) -> bytes | None:
        """The value under a key."""
        ...

    async def add(self, key: str, value: bytes) -> bool:
        """Set a value where there is none."""
        ...

    async def swap(self, key: str, old: bytes, new: bytes | None) -> bool:
        """Put a value in the place of another."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What the upstream allows; 0 is no limit."""

    second: int
    day: int

    @property
    def batch(self) -> int:
        """How many requests a moment is for."""
        return max(1, self.second // TAKES)

    @property
    def moments(self) -> int:
        """How many moments a second has; 0 is no limit."""
        return self.second // self.batch

    @property
    def late_seconds(self) -> float:
        """How long after their moment requests may go out."""
        return LATE_SECONDS if self.batch == 1 else BATCH_LATE_SECONDS

    @property
    def window(self) -> float:
        """Seconds within which no more than `second` moments' requests may fall due."""
        return 1.0 + self.late_seconds + WAY_SECONDS

    def part(self, share: float) -> Limits:
        """What one worker may use by itself."""
        return Limits(max(1, int(self.second * share)) if self.second else 0, int(self.day * share))


@dataclass(frozen=True, slots=True)
class Ledger:
    """The moments that were given last, in order, and the requests of each hour of the last day."""

    moments: tuple[float, ...] = ()
    hours: dict[int, int] = field(default_factory=dict)

    def used(self, now: float) -> int:
        """Requests of the last 24 hours, the hour that is partly in them counted whole."""
        hour = int(now // HOUR)
        return sum(count for at, count in self.hours.items() if hour - DAY_HOURS <= at <= hour)

    def next(self, limits: Limits, now: float, times: int = 1) -> float:
        """The first moment that may be given, so many times over."""
        before = limits.moments - times + 1
        if not limits.moments or len(self.moments) < before:
            return max([now, *self.moments[-1:]])
        return max(now, self.moments[-1], self.moments[-before] + limits.window)

    def day_waits(self, limits: Limits, now: float, times: int = 1) -> float:
        """Seconds until the day has room again for so many moments; 0 when it has."""
        if not limits.day or self.used(now) + times * limits.batch <= limits.day:
            return 0.0
        oldest = min((at for at in self.hours if at >= int(now // HOUR) - DAY_HOURS), default=int(now // HOUR))
        return max(1.0, (oldest + DAY_HOURS + 1) * HOUR - now)

    def taken(self, limits: Limits, moment: float, unused: int = 0, times: int = 1) -> Ledger:
        """The ledger with a moment more, so many times over, and requests of earlier ones given back to the day."""
        hour = int(moment // HOUR)
        hours = {at: count for at, count in self.hours.items() if at >= hour - DAY_HOURS}
        hours[hour] = max(0, hours.get(hour, 0) + times * limits.batch - unused)
        many = limits.moments
        return Ledger((*self.moments, *[moment] * times)[-many:] if many else (), hours)

    def runs_out(self, limits: Limits, now: float) -> float | None:
        """Seconds until the day is used up at the pace of this hour and the last; None when it is not."""
        hour = int(now // HOUR)
        pace = (self.hours.get(hour, 0) + self.hours.get(hour - 1, 0)) / (HOUR + now % HOUR)
        seconds = (limits.day - self.used(now)) / pace if pace else float("inf")
        return max(0.0, seconds) if limits.day and seconds < DAY_HOURS * HOUR else None

    def dumped(self) -> bytes:
        """As the store keeps it."""
        return orjson.dumps(
            {"moments": self.moments, "hours": {str(hour): count for hour, count in self.hours.items()}}
        )

    @classmethod
    def loaded(cls, value: bytes | None) -> Ledger:
        """As the store kept it; None is an empty one."""
        found: dict[str, Any] = orjson.loads(value) if value else {"moments": [], "hours": {}}
        return cls(tuple(found["moments"]), {int(hour): count for hour, count in found["hours"].items()})


class Slot(Struct, frozen=True):
    """Leave to send one request, until `ends` of the local clock."""

    ends: float


@dataclass(frozen=True, slots=True)
class _Taken:
    """What the ledger gave: a moment that comes `waits` seconds after `seen` of the local clock.

    It is for so `many` requests, and for `late` seconds. Not given, it waits until one can be asked for again.
    """

    is_given: bool
    waits: float
    seen: float
    many: int = 0
    late: float = 0.0
    #: so many requests of earlier moments were given back to the day with it
    given_back: int = 0
    is_day_over: bool = False


@dataclass(slots=True)
class _Queue:
    """Who waits, in turn: writes as they came, reads of each credential after those of the others."""

    writes: deque[asyncio.Future[Slot]] = field(default_factory=deque)
    reads: OrderedDict[str, deque[asyncio.Future[Slot]]] = field(default_factory=OrderedDict)
    size: int = 0

    def add(self, who: str, waiter: asyncio.Future[Slot], *, is_write: bool) -> None:
        """Stand in line."""
        (self.writes if is_write else self.reads.setdefault(who, deque())).append(waiter)
        self.size += 1

    def next(self) -> asyncio.Future[Slot] | None:
        """The next who still waits."""
        while self.writes or self.reads:
            waiter = self.writes.popleft() if self.writes else self._read()
            self.size -= 1
            if not waiter.done():
                return waiter
        return None

    def _read(self) -> asyncio.Future[Slot]:
        who, waiting = self.reads.popitem(last=False)
        waiter = waiting.popleft()
        if waiting:
            # To the end: the others' turn comes first.
            self.reads[who] = waiting
        return waiter

    def has_waiters(self) -> bool:
        """Whether anybody still waits."""
        while self.writes and self.writes[0].done():
            self.writes.popleft()
            self.size -= 1
        for who in list(self.reads):
            waiting = self.reads[who]
            while waiting and waiting[0].done():
                waiting.popleft()
                self.size -= 1
            if not waiting:
                del self.reads[who]
        return bool(self.writes or self.reads)


class Budget:
    """Gives each request its moment. `share`: the part of the limits that is used while the store is down."""

    def __init__(  # noqa: PLR0913 - each is one thing that a test brings
        self,
        store: Shared,
        limits: Limits,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[Any]],
        observer: Observer,
        *,
        share: float,
        queue: int,
        key: str = "budget",
    ) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._observer = observer
        self._share = share
        self._most = queue
        self._key = key
        self._queue = _Queue()
        self._left, self._left_ends = 0, 0.0
        #: when the next moment is to be asked for, while there is leave by the last one
        self._renews = 0.0
        self._unused = 0
        self._slot = Slot(0.0)
        self._late = limits.late_seconds
        self._is_in_batches = limits.batch > 1
        self._giving: asyncio.Task[None] | None = None
        self._write_came = asyncio.Event()
        self._day_over_until = 0.0
        self._down_until: float | None = None
        self._own = Ledger()
        self._took = 0.0
        self.used = 0
        #: requests that are left of the day, as far as this worker knows
        self.remaining = limits.day
        self.runs_out_seconds: float | None = None

    @property
    def limits(self) -> Limits:
        """What the upstream allows."""
        return self._limits

    @property
    def has_leave(self) -> bool:
        """Whether one request could go out at once."""
        return self._left > 0 and not self._queue.size and self._clock() < self._left_ends

    @property
    def is_used_up(self) -> bool:
        """Whether the limit is what requests have to wait for, and not only the store that gives the next moment."""
        return not self._is_in_batches or (self._left == 0 and self._clock() < self._left_ends)

    def admit_now(self) -> Slot | None:
        """Leave to send one request where nobody has to wait for it."""
        if self._left <= 0 or self._queue.size:
            return None
        now = self._clock()
        if now >= self._left_ends:
            return None
        self._left -= 1
        if self._is_in_batches and now > self._renews:
            # Who comes next need not wait for it. Where each request has a moment of its own, none is taken in vain.
            self._begin_giving()
        return self._slot

    async def admit(self, who: str, deadline: float, *, is_write: bool) -> Slot:
        """Leave to send one request now. Raises RateError, OverloadedError: nothing was sent then."""
        slot = self.admit_now()
        if slot is not None:
            return slot
        now = self._clock()
        if now < self._day_over_until:
            raise RateError(DAY_OVER, retry_after_seconds=int(self._day_over_until - now) + 1)
        if not self._queue.has_waiters():
            self._queue = _Queue()
        if self._queue.size >= self._most:
            problem = "Too many requests wait for the upstream; try again shortly"
            raise OverloadedError(problem, detail="queue full", retry_after_seconds=1)
        waiter: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        self._queue.add(who, waiter, is_write=is_write)
        if is_write:
            self._write_came.set()
        self._begin_giving()
        try:
            async with asyncio.timeout(max(0.0, deadline - self._clock())):
                return await waiter
        except TimeoutError as error:
            raise RateError(SECOND_LATE, retry_after_seconds=1) from error

    def _begin_giving(self) -> None:
        if self._giving is None or self._giving.done():
            self._giving = asyncio.create_task(self._give())

    async def _give(self) -> None:
        """Take a moment, and more as long as somebody waits, and hand them out."""
        try:
            await self._give_next()
            while self._queue.has_waiters():
                await self._give_next()
        except Exception as error:
            while (waiter := self._queue.next()) is not None:
                waiter.set_exception(error)

    async def _give_next(self) -> None:
        is_write = bool(self._queue.writes)
        self._write_came.clear()
        taken = await self._take(HOUR if is_write else READ_AHEAD_SECONDS)
        if taken.is_day_over:
            self._day_over_until = self._clock() + taken.waits
            while (waiter := self._queue.next()) is not None:
                waiter.set_exception(RateError(DAY_OVER, retry_after_seconds=int(taken.waits) + 1))
            return
        if not taken.is_given:
            await self._wait(max(0.0, taken.waits - READ_AHEAD_SECONDS), is_write=is_write)
            return
        due = taken.seen + taken.waits
        await self._sleep(max(0.0, due - self._clock()))
        self._hand_out(taken.many, due + taken.late)

    def _hand_out(self, many: int, ends: float) -> None:
        """Leave for so many until then."""
        if self._clock() >= ends:
            # The process was busy: to send now could be one too many in some second.
            self._unused += many
            return
        self._unused += self._left
        self._left, self._left_ends, self._slot = many, ends, Slot(ends)
        # The store may take long to answer, or this process to hear it: with many connections each turn of its loop is.
        self._renews = ends - self._late / 2 - self._took
        while self._left:
            waiter = self._queue.next()
            if waiter is None:
                return
            waiter.set_result(self._slot)
            self._left -= 1

    async def _wait(self, seconds: float, *, is_write: bool) -> None:
        """Until a moment may be had, or a write came that may reserve one."""
        if is_write or not seconds:
            await self._sleep(seconds)
            return
        came = asyncio.create_task(self._write_came.wait())
        pause = asyncio.ensure_future(self._sleep(seconds))
        try:
            await asyncio.wait({came, pause}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            came.cancel()
            pause.cancel()

    async def _take(self, ahead: float) -> _Taken:
        if self._down_until is None or self._clock() >= self._down_until:
            try:
                async with asyncio.timeout(TAKE_SECONDS):
                    taken = await self._take_shared(ahead)
            except (StoreDownError, TimeoutError):
                if self._down_until is None:
                    self._observer(BudgetDegraded(is_degraded=True))
                self._down_until = self._clock() + DOWN_SECONDS
            else:
                if self._down_until is not None:
                    self._observer(BudgetDegraded(is_degraded=False))
                self._down_until = None
                return taken
        limits = self._limits.part(self._share)
        now = self._clock()
        taken, own = self._taken_of(self._own, limits, now, ahead, seen=now, lead=self._lead(now))
        if own is not None:
            self._own = own
            self._unused -= taken.given_back
        return taken

    async def _take_shared(self, ahead: float) -> _Taken:
        while True:
            now = await self._store.moment()
            seen = self._clock()
            kept = await self._store.get(self._key)
            ledger = Ledger.loaded(kept)
            # From a store that is slow to answer, a moment is asked for that is still to come then.
            lead = self._took if self._took > LATE_SECONDS / 2 else 0.0
            # The next moment comes when the last one is nearly over, or it would be one of too few.
            lead = max(lead, self._lead(seen))
            times = self._at_once()
            taken, made = self._taken_of(ledger, self._limits, now, ahead, seen=seen, lead=lead, times=times)
            self._note(made or ledger, now)
            if made is None:
                return taken
            value = made.dumped()
            is_kept = await (
                self._store.add(self._key, value) if kept is None else self._store.swap(self._key, kept, value)
            )
            self._took = min(DOWN_SECONDS, self._clock() - seen)
            if is_kept:
                self._unused -= taken.given_back
                return taken

    def _taken_of(
        self, ledger: Ledger, limits: Limits, now: float, ahead: float, *, seen: float, lead: float, times: int = 1
    ) -> tuple[_Taken, Ledger | None]:
        """A moment of a ledger, and the ledger without it; or how long to wait for one.

        It lies at most `ahead` seconds behind `lead`, and is had so many `times` over: fewer where the day has no room
        for all of them, or they would have to wait.
        """
        day_waits = ledger.day_waits(limits, now)
        if day_waits:
            return _Taken(is_given=False, waits=day_waits, seen=seen, is_day_over=True), None
        moment = ledger.next(limits, now + lead, times)
        while times > 1 and (moment - now > ahead + lead or ledger.day_waits(limits, now, times)):
            times //= 2
            moment = ledger.next(limits, now + lead, times)
        if moment - now > ahead + lead:
            return _Taken(is_given=False, waits=moment - now, seen=seen), None
        unused = self._unused if self._is_in_batches else 0
        many, late = times * limits.batch, limits.late_seconds
        taken = _Taken(is_given=True, waits=moment - now, seen=seen, many=many, late=late, given_back=unused)
        return taken, ledger.taken(limits, moment, unused, times)

    def _lead(self, now: float) -> float:
        """How far ahead the next moment may lie: where each is for several, they overlap, so that nobody waits."""
        over = self._left_ends - now if self._left else 0.0
        return max(0.0, over - self._late / 4 if self._is_in_batches else over)

    def _at_once(self) -> int:
        """How many moments to take: those that come while the store answers, where each is for several as it is."""
        if not self._is_in_batches:
            return 1
        most = self._limits.moments * MOST_AT_ONCE
        return max(1, int(min(most, self._limits.moments * self._took)))

    def _note(self, ledger: Ledger, now: float) -> None:
        self.used = ledger.used(now)
        self.remaining = max(0, self._limits.day - self.used)
        self.runs_out_seconds = ledger.runs_out(self._limits, now)
        self._observer(BudgetTold(self.remaining, self.runs_out_seconds))

    async def close(self) -> None:
        """End; nobody waits any more."""
        if self._giving is not None:
            self._giving.cancel()
            await asyncio.gather(self._giving, return_exceptions=True)
