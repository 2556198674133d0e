"""So many at once, so many waiting, each until its own deadline."""

from __future__ import annotations

import asyncio
import time

import pytest

from app.errors import OverloadedError
from app.run.bulkhead import Bulkhead


class Calls:
    """Calls in a bulkhead that end when they are told to."""

    def __init__(self, most: int, queue: int) -> None:
        self.bulkhead = Bulkhead(most, queue, time.monotonic)
        self.inside: list[int] = []
        self.most_inside = 0
        self._ends: dict[int, asyncio.Event] = {}

    def begin(self, number: int, seconds: float = 5.0) -> asyncio.Task[None]:
        """A call with so much time."""
        self._ends[number] = asyncio.Event()
        return asyncio.create_task(self._call(number, time.monotonic() + seconds))

    def end(self, number: int) -> None:
        """Let a call end."""
        self._ends[number].set()

    async def _call(self, number: int, deadline: float) -> None:
        await self.bulkhead.enter(deadline)
        try:
            self.inside.append(number)
            self.most_inside = max(self.most_inside, len(self.inside))
            await self._ends[number].wait()
            self.inside.remove(number)
        finally:
            self.bulkhead.leave()


async def settled() -> None:
    """Everything that can go on has."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_place__more_than_fit__wait_in_order() -> None:
    """Two are in, two wait; whoever came first goes in first."""
    calls = Calls(2, 2)
    tasks = [calls.begin(number) for number in range(4)]
    await settled()
    assert (calls.inside, calls.bulkhead.waiting) == ([0, 1], 2)

    calls.end(1)
    await settled()

    assert (calls.inside, calls.bulkhead.waiting) == ([0, 2], 1)
    for number in (0, 2, 3):
        calls.end(number)
    await asyncio.gather(*tasks)
    assert (calls.most_inside, calls.bulkhead.waiting) == (2, 0)


async def test_place__queue_full__is_refused_at_once() -> None:
    """One more than may wait is told to come back."""
    calls = Calls(1, 1)
    tasks = [calls.begin(0), calls.begin(1)]
    await settled()

    with pytest.raises(OverloadedError) as caught:
        await calls.begin(2)

    assert (caught.value.status, caught.value.retry_after_seconds) == (503, 1)
    calls.end(0)
    calls.end(1)
    await asyncio.gather(*tasks)


async def test_place__deadline_passes__gives_the_place_in_the_queue_back() -> None:
    """Who waited in vain is refused; the next one can wait, and go in."""
    calls = Calls(1, 1)
    first = calls.begin(0)
    await settled()

    with pytest.raises(OverloadedError):
        await calls.begin(1, seconds=0.02)

    third = calls.begin(2)
    await settled()
    calls.end(0)
    calls.end(2)
    await asyncio.gather(first, third)
    assert calls.bulkhead.waiting == 0


async def test_place__waiting_call_is_given_up__nothing_is_lost() -> None:
    """A client that goes away takes no place with it."""
    calls = Calls(1, 5)
    first, second, third = (calls.begin(number) for number in range(3))
    await settled()
    second.cancel()
    await settled()

    calls.end(0)
    await settled()

    assert (calls.inside, calls.bulkhead.waiting) == ([2], 0)
    calls.end(2)
    await asyncio.gather(first, third)
