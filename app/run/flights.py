"""Reads that are the same and asked at the same time share one question.

Only what is equal in all that the upstream could answer by shares: credential, organisation, document, variables. A
write of a credential ends its flights for those who come after: nobody reads what was true before their own write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, Protocol, TypeVar

from app.errors import UpstreamTimeoutError

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

#: what flies ends by its own deadline and can tell why; so much later nobody waits for that any more
GRACE_SECONDS = 0.03


class LeftError(Exception):
    """Whoever asked went away before there was an answer."""


class Waiter(Protocol[T_contra]):
    """Who waits for an answer that somebody else asked for: a future, or what only has these of one."""

    def done(self) -> bool:
        """Whether it waits no more."""
        ...

    def set_result(self, result: T_contra, /) -> None:
        """Here it is."""
        ...

    def set_exception(self, error: Exception, /) -> None:
        """There is none, or LeftError: ask anew."""
        ...


class Flight(Generic[T]):
    """One question on its way, told by whoever asked it how it ended."""

    __slots__ = ("_all", "_key", "_who", "waiting")

    def __init__(self, all_: dict[str, dict[Hashable, Flight[T]]], who: str, key: Hashable) -> None:
        self._all = all_
        self._who = who
        self._key = key
        #: who joined; most have nobody
        self.waiting: list[Waiter[T]] | None = None

    def land(self, answer: T) -> None:
        """The answer, for all who joined."""
        self._leave()
        if self.waiting is not None:
            for waiter in self.waiting:
                if not waiter.done():
                    waiter.set_result(answer)

    def fail(self, error: BaseException) -> None:
        """What asking raised, for all who joined; they ask anew where it was given up."""
        self._leave()
        if self.waiting is not None:
            told = error if isinstance(error, Exception) else LeftError()
            for waiter in self.waiting:
                if not waiter.done():
                    waiter.set_exception(told)

    def _leave(self) -> None:
        own = self._all.get(self._who)
        if own is not None and own.get(self._key) is self:
            del own[self._key]
            if not own:
                del self._all[self._who]


class Flights(Generic[T]):
    """The questions on their way, by who asks: for each, those who wait beside the one that asked.

    Whoever comes first asks itself: one that nobody joins, as most are, costs next to nothing. Deadlines are told in
    what `clock` gives; `grace_seconds` longer is waited for what ends by its own.
    """

    def __init__(self, clock: Callable[[], float], *, grace_seconds: float = GRACE_SECONDS) -> None:
        self._clock = clock
        self._grace_seconds = grace_seconds
        self._flights: dict[str, dict[Hashable, Flight[T]]] = {}

    def begin(self, who: str, key: Hashable) -> Flight[T] | None:
        """A flight to be told how it ended; None where an equal one is on its way already."""
        own = self._flights.get(who)
        if own is None:
            own = self._flights[who] = {}
        elif key in own:
            return None
        flight = own[key] = Flight(self._flights, who, key)
        return flight

    def join(self, who: str, key: Hashable, waiter: Waiter[T]) -> bool:
        """Wait for the end of an equal question, where one is on its way."""
        own = self._flights.get(who)
        flight = None if own is None else own.get(key)
        if flight is None:
            return False
        if flight.waiting is None:
            flight.waiting = []
        flight.waiting.append(waiter)
        return True

    async def share(self, who: str, key: Hashable, ask: Callable[[], Awaitable[T]], deadline: float) -> tuple[T, bool]:
        """The answer, and whether it was asked for by somebody else. Raises what asking raised.

        A flight ends by the deadline of who began it; who has more time than that asks anew, and so does who waited
        for one that went away.
        """
        while True:
            flight = self.begin(who, key)
            if flight is not None:
                break
            try:
                return await self._joined(who, key, deadline), True
            except LeftError:
                continue
            except UpstreamTimeoutError:
                if self._clock() >= deadline:
                    raise
        try:
            answer = await ask()
        except BaseException as error:
            flight.fail(error)
            raise
        flight.land(answer)
        return answer, False

    def end(self, who: str) -> None:
        """Let nobody join the flights of a credential any more; those that wait for them go on waiting."""
        self._flights.pop(who, None)

    async def _joined(self, who: str, key: Hashable, deadline: float) -> T:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        self.join(who, key, waiter)
        timer = loop.call_later(max(0.0, deadline - self._clock()) + self._grace_seconds, _is_late, waiter)
        try:
            return await waiter
        finally:
            timer.cancel()

    def __len__(self) -> int:
        return sum(map(len, self._flights.values()))


def _is_late(waiter: asyncio.Future[T]) -> None:
    if not waiter.done():
        waiter.set_exception(UpstreamTimeoutError("The upstream did not answer in time", detail="shared"))
