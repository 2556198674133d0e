"""Reads that are the same and asked at the same time share one question.

Only what is equal in all that the upstream could answer by shares: credential, organisation, document, variables. A
write of a credential ends its flights for those who come after: nobody reads what was true before their own write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from app.errors import UpstreamTimeoutError

T = TypeVar("T")

#: what flies ends by its own deadline and can tell why; so much later nobody waits for that any more
GRACE_SECONDS = 0.03


class _LeftError(Exception):
    """Whoever asked went away before there was an answer."""


class Flights(Generic[T]):
    """The questions on their way, by who asks: for each, those who wait beside the one that asked.

    Whoever comes first asks itself: one that nobody joins, as most are, costs next to nothing. Deadlines are told in
    what `clock` gives; `grace_seconds` longer is waited for what ends by its own.
    """

    def __init__(self, clock: Callable[[], float], *, grace_seconds: float = GRACE_SECONDS) -> None:
        self._clock = clock
        self._grace_seconds = grace_seconds
        self._flights: dict[str, dict[Hashable, list[asyncio.Future[T]]]] = {}

    async def share(self, who: str, key: Hashable, ask: Callable[[], Awaitable[T]], deadline: float) -> tuple[T, bool]:
        """The answer, and whether it was asked for by somebody else. Raises what asking raised.

        A flight ends by the deadline of who began it; who has more time than that asks anew, and so does who waited
        for one that went away.
        """
        while True:
            own = self._flights.get(who)
            waiting = None if own is None else own.get(key)
            if waiting is None:
                return await self._begin(who, key, ask), False
            try:
                return await self._join(waiting, deadline), True
            except _LeftError:
                continue
            except UpstreamTimeoutError:
                if self._clock() >= deadline:
                    raise

    def end(self, who: str) -> None:
        """Let nobody join the flights of a credential any more; those that wait for them go on waiting."""
        self._flights.pop(who, None)

    async def _begin(self, who: str, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        waiting: list[asyncio.Future[T]] = []
        self._flights.setdefault(who, {})[key] = waiting
        try:
            answer = await ask()
        except BaseException as error:
            self._forget(who, key, waiting)
            told = error if isinstance(error, Exception) else _LeftError()
            for waiter in waiting:
                if not waiter.done():
                    waiter.set_exception(told)
            raise
        self._forget(who, key, waiting)
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(answer)
        return answer

    async def _join(self, waiting: list[asyncio.Future[T]], deadline: float) -> T:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        waiting.append(waiter)
        timer = loop.call_later(max(0.0, deadline - self._clock()) + self._grace_seconds, _is_late, waiter)
        try:
            return await waiter
        finally:
            timer.cancel()

    def _forget(self, who: str, key: Hashable, waiting: list[asyncio.Future[T]]) -> None:
        own = self._flights.get(who)
        if own is not None and own.get(key) is waiting:
            del own[key]
            if not own:
                del self._flights[who]

    def __len__(self) -> int:
        return sum(map(len, self._flights.values()))


def _is_late(waiter: asyncio.Future[T]) -> None:
    if not waiter.done():
        waiter.set_exception(UpstreamTimeoutError("The upstream did not answer in time", detail="shared"))
