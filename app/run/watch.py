"""Deadlines of many tasks by one timer: all are as long, so that who came first is late first."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any


class Watched:
    """A task that is cancelled when its time is over."""

    __slots__ = ("ends", "has_ended", "is_over", "task")

    def __init__(self, task: asyncio.Task[Any], ends: float) -> None:
        self.task = task
        self.ends = ends
        self.has_ended = False
        self.is_over = False


class Watch:
    """Cancels tasks that are late, as asyncio.timeout does, at a tenth of its cost.

    Deadlines are told in what `clock` gives. One that lies before those of earlier tasks is met when theirs are, which
    differ by what a request waited before somebody looked at it.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._watched: deque[Watched] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, ends: float) -> Watched:
        """Watch the current task until `end`."""
        task = asyncio.current_task()
        if task is None:
            raise AssertionError("only a task can be watched")
        one = Watched(task, ends)
        self._watched.append(one)
        if self._timer is None:
            self._set()
        return one

    def end(self, one: Watched) -> None:
        """It has ended."""
        one.has_ended = True
        waiting = self._watched
        while waiting and waiting[0].has_ended:
            waiting.popleft()

    def _set(self) -> None:
        seconds = max(0.0, self._watched[0].ends - self._clock())
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        waiting, now = self._watched, self._clock()
        while waiting and (waiting[0].has_ended or waiting[0].ends <= now):
            one = waiting.popleft()
            if not one.has_ended:
                one.is_over = True
                one.task.cancel()
        if waiting:
            self._set()
