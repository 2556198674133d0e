"""Reads that are the same and asked at the same time share one question.

Only what is equal in all that the upstream could answer by shares: credential, organisation, document, variables. A
write of a credential ends its flights for those who come after: nobody reads what was true before their own write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.errors import UpstreamTimeoutError

T = TypeVar("T")

#: what flies ends by its own deadline and can tell why; so much later nobody waits for that any more
GRACE_SECONDS = 0.03


@dataclass(slots=True)
class _Flight(Generic[T]):
    """A question on its way, and how many wait for its answer."""

    task: asyncio.Task[T]
    waiting: int = 0


class Flights(Generic[T]):
    """The questions on their way, by who asks.

    Deadlines are told in what `clock` gives; `grace_seconds` longer is waited for what ends by its own.
    """

    def __init__(self, clock: Callable[[], float], *, grace_seconds: float = GRACE_SECONDS) -> None:
        self._clock = clock
        self._grace_seconds = grace_seconds
        self._flights: dict[str, dict[Hashable, _Flight[T]]] = {}

    async def share(self, who: str, key: Hashable, ask: Callable[[], Awaitable[T]], deadline: float) -> tuple[T, bool]:
        """The answer, and whether it was asked for by somebody else. Raises what asking raised.

        A flight ends by the deadline of who began it; who has more time than that asks anew.
        """
        while True:
            own = self._flights.setdefault(who, {})
            flight = own.get(key)
            is_shared = flight is not None
            if flight is None:
                flight = own[key] = _Flight(asyncio.create_task(_asked(ask)))
                # When all who waited are gone, nobody else looks at how it ended.
                flight.task.add_done_callback(lambda task: task.cancelled() or task.exception())
            try:
                return await self._landed(who, key, flight, deadline), is_shared
            except UpstreamTimeoutError:
                if not is_shared or self._clock() >= deadline:
                    raise

    def end(self, who: str) -> None:
        """Let nobody join the flights of a credential any more; those that wait for them go on waiting."""
        self._flights.pop(who, None)

    async def _landed(self, who: str, key: Hashable, flight: _Flight[T], deadline: float) -> T:
        flight.waiting += 1
        try:
            async with asyncio.timeout(max(0.0, deadline - self._clock()) + self._grace_seconds):
                return await asyncio.shield(flight.task)
        except TimeoutError as error:
            raise UpstreamTimeoutError("The upstream did not answer in time", detail="shared") from error
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                flight.task.cancel()
            if flight.task.done() or not flight.waiting:
                self._forget(who, key, flight)

    def _forget(self, who: str, key: Hashable, flight: _Flight[T]) -> None:
        own = self._flights.get(who)
        if own is not None and own.get(key) is flight:
            del own[key]
            if not own:
                del self._flights[who]

    def __len__(self) -> int:
        return sum(map(len, self._flights.values()))


async def _asked(ask: Callable[[], Awaitable[T]]) -> T:
    return await ask()
