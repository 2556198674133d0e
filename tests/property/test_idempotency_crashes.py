"""Workers that share a store come to an end at every await, and the store fails at every step: a write is done once.

Workers are coroutines that are moved on by hand, one await at a time, in whatever order; nothing here runs by itself.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from app.access.bearer import credential_of
from app.access.vault import Vault, new_secret_key
from app.errors import ProxyError, RequestError
from app.message import LegacyReply, LegacyRequest
from app.plan import Plan
from app.run.faults import unknown_outcome
from app.run.idempotency import Idempotency, Turn
from app.store.store import StoreDownError
from tests.unit.run.conftest import question
from tests.unit.run.test_serve import plan, variant

PAY: Plan = plan(variant(question("mutation", "pay")))
REQUEST = LegacyRequest({}, {"amount": "10"}, credential_of("token-one"), idempotency_key="key-1")
KEYS = [new_secret_key()]
DEADLINE_SECONDS = 7.0
#: longer than a worker may be at a write
LONG_SECONDS = 20.0

Point = Literal["store is asked", "store has done it", "sending", "upstream has done it", "waiting"]
W = TypeVar("W")


@dataclass
class Pause:
    """An await: where a worker stands until it is moved on."""

    point: Point

    def __await__(self) -> Generator[Pause, Any, Any]:
        """Stand still; what is sent in is what comes of it."""
        return (yield self)


class SharedStore:
    """The part of a store that writes need, with an await before and after each change."""

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        """The value under a key."""
        await Pause("store is asked")
        return self.entries.get(key)

    async def add(self, key: str, value: bytes, *, seconds: float | None = None) -> bool:
        """Set a value where there is none."""
        await Pause("store is asked")
        is_new = self.entries.setdefault(key, value) is value
        await Pause("store has done it")
        return is_new

    async def swap(self, key: str, old: bytes, new: bytes | None) -> bool:
        """Put a value in the place of another, or nothing."""
        await Pause("store is asked")
        is_there = self.entries.get(key) == old
        if is_there and new is None:
            del self.entries[key]
        elif is_there and new is not None:
            self.entries[key] = new
        await Pause("store has done it")
        return is_there


@dataclass
class Worker:
    """One request on its way through one worker; `point` is where it stands, None once it has come to an end."""

    number: int
    running: Coroutine[Any, Any, LegacyReply] | None = None
    point: Point | None = None
    has_executed: bool = False
    reply: LegacyReply | None = None
    error: ProxyError | None = None

    def move(self, value: Any = None, error: BaseException | None = None) -> None:
        """Go on to the next await, or to the end."""
        assert self.running is not None
        try:
            pause = self.running.throw(error) if error is not None else self.running.send(value)
            self.point = pause.point
        except StopIteration as end:
            self.reply, self.point = end.value, None
        except ProxyError as failure:
            self.error, self.point = failure, None


@dataclass
class World:
    """What all workers share: the store, the time, and what the upstream has carried out."""

    store: SharedStore = field(default_factory=SharedStore)
    now: float = 1000.0
    executed: list[int] = field(default_factory=list)
    has_left: bool = False

    def start(self, number: int) -> Worker:
        """One more request, before its first await."""
        worker = Worker(number)

        async def act(turn: Turn) -> LegacyReply:
            # Who ends while this is noted may leave the note: from here on 'unknown' is the truth.
            self.has_left = True
            await turn.send()
            if await Pause("sending") == "refused":
                raise RequestError("The upstream refused it")
            self.executed.append(number)
            worker.has_executed = True
            if await Pause("upstream has done it") == "lost":
                raise unknown_outcome("cut")
            turn.has_written = True
            return LegacyReply({"paid by": number})

        async def sleep(seconds: float) -> None:
            await Pause("waiting")
            self.now += seconds

        keeping = Idempotency(
            Vault(self.store, KEYS),  # type: ignore[arg-type]
            lambda _: None,
            now=lambda: self.now,
            clock=lambda: self.now,
            sleep=sleep,
        )
        named = keeping.named(PAY, REQUEST)
        assert named is not None
        worker.running = keeping.once(named, PAY, REQUEST, self.now + DEADLINE_SECONDS, act)
        worker.move()
        return worker


class Crashes(RuleBasedStateMachine):
    """Any number of equal requests, moved on, failed and ended in any order."""

    workers: Bundle[Worker] = Bundle("workers")

    @initialize()
    def begin(self) -> None:
        """An empty store."""
        self.world = World()
        self.all: list[Worker] = []

    @rule(target=workers)
    def a_request_comes(self) -> Worker:
        """The same write under the same key."""
        worker = self.world.start(len(self.all))
        self.all.append(worker)
        return worker

    @rule(target=workers, worker=consumes(workers), steps=st.integers(1, 4))
    def it_goes_on(self, worker: Worker, steps: int) -> Any:
        """What it waits for comes."""
        for _ in range(steps):
            if worker.point is not None:
                worker.move()
        return worker if worker.point is not None else multiple()

    @rule(target=workers, worker=consumes(workers))
    def it_meets_a_failure(self, worker: Worker) -> Any:
        """The store goes down before or after it has done its part; the upstream refuses, or its answer is lost."""
        match worker.point:
            case "store is asked" | "store has done it":
                worker.move(error=StoreDownError("gone"))
            case "sending":
                worker.move("refused")
            case "upstream has done it":
                worker.move("lost")
            case _:
                worker.move()
        return worker if worker.point is not None else multiple()

    @rule(worker=consumes(workers))
    def it_dies(self, worker: Worker) -> None:
        """Nothing of it goes on, not even what it would have cleaned up: it is never moved again."""
        worker.point = None

    @rule(seconds=st.sampled_from([1.0, LONG_SECONDS]))
    def time_passes(self, seconds: float) -> None:
        """Rights end; whoever had them may stand still all the while, and go on afterwards."""
        self.world.now += seconds

    @invariant()
    def it_is_done_once(self) -> None:
        """However it comes about."""
        assert len(self.world.executed) <= 1, self.world.executed

    @invariant()
    def nobody_is_told_what_is_not_so(self) -> None:
        """An answer is that of the one who did it; 'refused' and 'not sent' are told by nobody who did."""
        for worker in self.all:
            if worker.reply is not None:
                assert [worker.reply.body["paid by"]] == self.world.executed
                assert ("Idempotency-Replayed" in worker.reply.headers) is not worker.has_executed
            if worker.error is not None and worker.error.code != "U520":
                assert not worker.has_executed, worker.error

    def teardown(self) -> None:
        """In the end, with everything up and everybody else gone, one more request is told the truth."""
        if not hasattr(self, "world"):
            return
        self.world.now += LONG_SECONDS
        last = self.world.start(-1)
        while last.point is not None:
            last.move()
        if self.world.has_left and not last.has_executed:
            assert last.reply is not None or (last.error is not None and last.error.code == "U520"), last.error
        else:
            # Nothing had been done: the write is not stuck.
            assert last.reply is not None, last.error
        self.it_is_done_once()
        for worker in [*self.all, last]:
            if worker.running is not None:
                worker.running.close()


Crashes.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestCrashes = Crashes.TestCase
