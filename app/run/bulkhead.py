"""So many questions at once, so many that wait, and no more: a slow upstream must not eat the proxy."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from app.errors import OverloadedError


class Bulkhead:
    """Lets `most` in; `queue` may wait, each until its own deadline, in the order in which they came."""

    def __init__(self, most: int, queue: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._queue = queue
        self._clock = clock
        self._taken = 0
        self._waiters: deque[asyncio.Future[None]] = deque()

    def enter_now(self) -> bool:
        """Take a place where one is free."""
        if self._taken >= self._most or self._waiters:
            return False
        self._taken += 1
        return True

    async def enter(self, deadline: float) -> None:
        """Take a place, to be left. Raises OverloadedError where none can be had: nothing was sent then."""
        if not self.enter_now():
            await self._wait(deadline)

    def leave(self) -> None:
        """Give a place back: to the next who waits."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._taken -= 1

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiters)

    async def _wait(self, deadline: float) -> None:
        if len(self._waiters) >= self._queue:
            raise OverloadedError(
                "Too many requests wait for the upstream; try again shortly",
                detail="queue full",
                retry_after_seconds=1,
            )
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(max(0.0, deadline - self._clock())):
                await waiter
        except BaseException as error:
            if waiter.done() and not waiter.cancelled():
                # It came at the last moment, and goes to the next.
                self.leave()
            else:
                self._waiters.remove(waiter)
            if not isinstance(error, TimeoutError):
                raise
            problem = "Too many requests wait for the upstream; try again shortly"
            raise OverloadedError(problem, detail="no place in time", retry_after_seconds=1) from error
