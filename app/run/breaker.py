"""A circuit breaker: an upstream that fails is left alone for a while, and then tried by one call.

Calls that are turned away were never sent, so that a write among them has simply failed.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Literal

from app.errors import BreakerOpenError, ProxyError, UpstreamBusyError, UpstreamError
from app.events import BreakerChanged, Observer

#: it opens when of the calls within so many seconds half failed, and enough of them
WINDOW_SECONDS = 10.0
#: of which calls are counted together
SLICE_SECONDS = 0.1
#: it stays open so long, twice as long after each probe that fails
FIRST_SECONDS, LONGEST_SECONDS = 2.0, 30.0

State = Literal["closed", "open", "half-open"]


class Breaker:
    """One for one upstream, opened by so many `failures`.

    `enter` before a call, `leave` after it with what it failed with, or None.
    """

    def __init__(self, failures: int, clock: Callable[[], float], observer: Observer) -> None:
        self._enough = failures
        self._clock = clock
        self._observer = observer
        self._slice: list[float] = [-math.inf, 0, 0]
        #: calls that ended in one slice of time, and how many of them failed
        self._ends: deque[list[float]] = deque()
        self._calls = self._failures = 0
        self._opened = 0.0
        self._seconds = FIRST_SECONDS
        self._probes = 0
        self.state: State = "closed"

    def check(self) -> None:
        """Raises BreakerOpenError where the upstream is left alone."""
        if self.state == "closed":
            return
        left = self._opened + self._seconds - self._clock()
        if left > 0 or self._probes:
            raise BreakerOpenError(
                "The upstream is out of service", detail="circuit open", retry_after_seconds=max(1, math.ceil(left))
            )

    def enter(self) -> bool:
        """Whether this call is a probe. Raises BreakerOpenError where the upstream is left alone."""
        self.check()
        if self.state == "closed":
            return False
        self._probes += 1
        self._become("half-open")
        return True

    def leave(self, error: BaseException | None, *, is_probe: bool) -> None:
        """Note how a call ended. One that was given up by its caller says nothing."""
        if error is None and not is_probe and self.state == "closed":
            # As nearly all end.
            self._note(failed=False)
            return
        is_told = error is None or isinstance(error, ProxyError)
        if is_probe:
            self._probes -= 1
            if not is_told:
                return
            self._close() if not is_failure(error) else self._open(self._seconds * 2)
        elif is_told and self.state == "closed":
            self._note(failed=is_failure(error))

    def _note(self, *, failed: bool) -> None:
        now = self._clock()
        if self._slice[0] <= now - SLICE_SECONDS:
            self._slice = [now, 0, 0]
            self._ends.append(self._slice)
            while self._ends[0][0] <= now - WINDOW_SECONDS:
                _, calls, failures = self._ends.popleft()
                self._calls -= int(calls)
                self._failures -= int(failures)
        self._slice[1] += 1
        self._calls += 1
        if failed:
            self._slice[2] += 1
            self._failures += 1
            if self._failures >= self._enough and self._failures * 2 >= self._calls:
                self._open(FIRST_SECONDS)

    def _open(self, seconds: float) -> None:
        self._opened, self._seconds = self._clock(), min(seconds, LONGEST_SECONDS)
        self._become("open")

    def _close(self) -> None:
        self._ends.clear()
        self._slice = [-math.inf, 0, 0]
        self._calls = self._failures = 0
        self._become("closed")

    def _become(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self._observer(BreakerChanged(state))


def is_failure(error: BaseException | None) -> bool:
    """Whether it speaks of an upstream in trouble: no answer, a late one, one of the 500s; no refusal."""
    return isinstance(error, UpstreamError) and not isinstance(error, UpstreamBusyError)
