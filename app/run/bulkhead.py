"""So many questions at once, so many that wait, and no more: a slow upstream must not eat the proxy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from app.errors import OverloadedError


class Bulkhead:
    """Lets `most` in; `queue` may wait, each until its own deadline, in the order in which they came."""

    def __init__(self, most: int, queue: int, clock: Callable[[], float]) -> None:
        self._places = asyncio.Semaphore(most)
        self._queue = queue
        self._clock = clock
        self.waiting = 0

    @asynccontextmanager
    async def place(self, deadline: float) -> AsyncIterator[None]:
        """A place for one question. Raises OverloadedError where none can be had: nothing was sent then."""
        if self._places.locked():
            await self._wait(deadline)
        else:
            await self._places.acquire()
        try:
            yield
        finally:
            self._places.release()

    async def _wait(self, deadline: float) -> None:
        if self.waiting >= self._queue:
            raise OverloadedError(
                "Too many requests wait for the upstream; try again shortly",
                detail="queue full",
                retry_after_seconds=1,
            )
        self.waiting += 1
        try:
            async with asyncio.timeout(max(0.0, deadline - self._clock())):
                await self._places.acquire()
        except TimeoutError as error:
            problem = "Too many requests wait for the upstream; try again shortly"
            raise OverloadedError(problem, detail="no place in time", retry_after_seconds=1) from error
        finally:
            self.waiting -= 1
