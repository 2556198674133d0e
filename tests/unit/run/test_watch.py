"""Deadlines of many tasks by one timer: who is late is cancelled, and nobody else."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.run.watch import Watch


async def watched(watch: Watch, ends: float, seconds: float) -> str:
    """A task that takes so long, and how it ended."""
    one = watch.begin(ends)
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        return "late" if one.is_over else "cancelled"
    finally:
        watch.end(one)
    return "done"


@settings(max_examples=15, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=8))
async def test_watch__tasks_that_are_late_and_not__are_told_apart(are_slow: list[bool]) -> None:
    """Those that end in time are left alone, also when they began before one that does not."""
    watch, ends = Watch(time.monotonic), time.monotonic() + 0.05

    told = await asyncio.gather(*(watched(watch, ends, 5.0 if is_slow else 0.0) for is_slow in are_slow))

    assert told == ["late" if is_slow else "done" for is_slow in are_slow]


async def test_watch__a_task_that_others_cancel__is_not_late() -> None:
    """So that it ends as those want it."""
    watch = Watch(time.monotonic)
    task = asyncio.create_task(watched(watch, time.monotonic() + 5, 5))
    await asyncio.sleep(0)
    task.cancel()

    assert await task == "cancelled"


async def test_watch__one_after_the_other__has_one_timer_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many tasks it has seen, nothing is left of those that ended."""
    watch, timers = Watch(time.monotonic), list[float]()
    loop = asyncio.get_running_loop()
    later = loop.call_later

    def noted(delay: float, *given: Any, **more: Any) -> asyncio.TimerHandle:
        timers.append(delay)
        return later(delay, *given, **more)

    monkeypatch.setattr(loop, "call_later", noted)

    for _ in range(100):
        assert await watched(watch, time.monotonic() + 30, 0) == "done"

    assert len([seconds for seconds in timers if seconds > 1]) == 1
    assert not watch._watched
