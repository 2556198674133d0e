"""Asking again: which failures are worth it, how long to wait, and how often all calls together may.

A read is asked again where the upstream did not answer, or said that it cannot now; a write only where it provably
never left. Everything stays within the call's deadline, and within a tenth of all traffic: an upstream in trouble is
not helped by more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from tenacity import AsyncRetrying, RetryCallState, wait_random_exponential
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from app.errors import ProxyError
from app.events import Observer, UpstreamAskedAgain

T = TypeVar("T")

#: the first wait is up to so many seconds by chance, each further one up to twice as long
FIRST_SECONDS, LONGEST_SECONDS = 0.1, 1.0
#: retries a request; and how many may come before there was any traffic
SHARE, RESERVE = 0.1, 5.0


class RetryBudget:
    """Retries that may be made: each question earns a tenth of one."""

    def __init__(self, share: float = SHARE, reserve: float = RESERVE) -> None:
        self._share = share
        self._most = self._left = reserve

    def earn(self) -> None:
        """Note a question that is asked for the first time."""
        self._left = min(self._most, self._left + self._share)

    def spend(self) -> bool:
        """Whether one may be asked again now."""
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass(frozen=True, slots=True)
class Retries:
    """The policy. `attempts` counts the first one; `sleep` and `clock` are seconds."""

    attempts: int
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[Any]]
    budget: RetryBudget
    observer: Observer

    def allows(self) -> bool:
        """Whether a request for several questions may go out once more; it is one request, and spent as one."""
        return self.attempts > 1 and self.budget.spend()

    def may(self, error: ProxyError, *, is_write: bool) -> bool:
        """Whether the first attempt's failure is worth another one."""
        return self.attempts > 1 and may_ask_again(error, is_write=is_write)

    async def again(
        self,
        failure: ProxyError,
        once: Callable[[], Awaitable[T]],
        *,
        request_id: str,
        operation: str,
        is_write: bool,
        deadline: float,
    ) -> T:
        """The answer of a later attempt; raises what the last one failed with."""

        def is_worth_it(state: RetryCallState) -> bool:
            error = state.outcome.exception() if state.outcome else None
            return isinstance(error, ProxyError) and may_ask_again(error, is_write=is_write)

        def tell(state: RetryCallState) -> None:
            seconds = state.next_action.sleep if state.next_action else 0.0
            outcome = state.outcome.exception() if state.outcome else None
            code = outcome.code if isinstance(outcome, ProxyError) else ""
            self.observer(UpstreamAskedAgain(request_id, operation, code, round(seconds, 3)))

        first: list[ProxyError] = [failure]

        async def again() -> T:
            # The first attempt is made already, outside: calls that succeed pay nothing for this.
            if first:
                raise first.pop()
            return await once()

        return await AsyncRetrying(
            stop=_Stop(self, deadline),
            wait=_Wait(),
            retry=is_worth_it,
            before_sleep=tell,
            sleep=self.sleep,
            reraise=True,
        )(again)


class _Wait(wait_base):
    """By chance, longer each time; as long as the upstream asks for where it does."""

    def __init__(self) -> None:
        self._chance = wait_random_exponential(multiplier=FIRST_SECONDS, max=LONGEST_SECONDS)

    def __call__(self, state: RetryCallState) -> float:
        """Seconds until the next attempt."""
        error = state.outcome.exception() if state.outcome else None
        asked_for = error.retry_after_seconds if isinstance(error, ProxyError) else None
        return max(self._chance(state), float(asked_for or 0))


class _Stop(stop_base):
    """When attempts, time or the budget are used up."""

    def __init__(self, retries: Retries, deadline: float) -> None:
        self._retries = retries
        self._deadline = deadline

    def __call__(self, state: RetryCallState) -> bool:
        """Whether the failure is final."""
        retries = self._retries
        if state.attempt_number >= retries.attempts or retries.clock() + state.upcoming_sleep >= self._deadline:
            return True
        return not retries.budget.spend()


def may_ask_again(error: ProxyError, *, is_write: bool) -> bool:
    """Whether the same question may go out once more after this failure."""
    return error.again == "any" or (error.again == "read" and not is_write)
