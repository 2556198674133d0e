"""An upstream that fails is left alone, then tried by one call, then asked as ever."""

from __future__ import annotations

import asyncio

import pytest

from app.errors import (
    BreakerOpenError,
    NotFoundError,
    ProxyError,
    UnknownOutcomeError,
    UpstreamBusyError,
    UpstreamError,
    UpstreamTimeoutError,
)
from app.events import BreakerChanged
from app.run.breaker import Breaker
from tests.doubles import Clock, Events

LEAST_FAILURES = 20


@pytest.fixture
def breaker(clock: Clock, events: Events) -> Breaker:
    """A new one."""
    return Breaker(LEAST_FAILURES, clock, events)


def call(breaker: Breaker, error: BaseException | None = None) -> None:
    """One call that ends so."""
    breaker.leave(error, is_probe=breaker.enter())


def fail(breaker: Breaker, times: int = LEAST_FAILURES) -> None:
    """Calls that fail."""
    for _ in range(times):
        call(breaker, UpstreamError("x"))


def test_breaker__twenty_failures__opens(breaker: Breaker) -> None:
    """One failure fewer leaves it closed; one more turns calls away, and says for how long."""
    fail(breaker, LEAST_FAILURES - 1)
    call(breaker)

    fail(breaker, 1)

    with pytest.raises(BreakerOpenError) as caught:
        breaker.enter()
    assert (caught.value.status, caught.value.retry_after_seconds) == (503, 2)


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (UpstreamError("x"), True),
        (UpstreamTimeoutError("x"), True),
        (UnknownOutcomeError("x"), True),
        (UpstreamBusyError("x"), False),
        (NotFoundError("x"), False),
        (None, False),
        (asyncio.CancelledError(), False),
    ],
)
def test_breaker__each_end__counts_where_the_upstream_is_in_trouble(
    breaker: Breaker, error: BaseException | None, counts: bool
) -> None:
    """Refusals are answers; who was given up says nothing."""
    for _ in range(LEAST_FAILURES):
        call(breaker, error)

    assert (breaker.state == "open") == counts


def test_breaker__half_of_the_calls_succeed__stays_closed(breaker: Breaker) -> None:
    """Some failures among many calls are no reason to refuse all."""
    for _ in range(200):
        call(breaker)
    fail(breaker, 199)
    states = [str(breaker.state)]

    fail(breaker, 1)

    assert [*states, breaker.state] == ["closed", "open"]


def test_breaker__failures_long_ago__are_forgotten(breaker: Breaker, clock: Clock) -> None:
    """Only the last ten seconds count."""
    fail(breaker, LEAST_FAILURES - 1)
    clock.now += 10.5

    fail(breaker, LEAST_FAILURES - 1)

    assert breaker.state == "closed"


def test_breaker__time_is_over__lets_one_probe_in(breaker: Breaker, clock: Clock, events: Events) -> None:
    """One call tries; others are turned away until it ends; its success closes."""
    fail(breaker)
    clock.now += 2

    is_probe = breaker.enter()
    with pytest.raises(BreakerOpenError):
        breaker.enter()
    breaker.leave(None, is_probe=is_probe)

    assert is_probe
    call(breaker)
    assert [one.state for one in events.of(BreakerChanged)] == ["open", "half-open", "closed"]


def test_breaker__probes_fail__is_left_alone_longer_each_time(breaker: Breaker, clock: Clock) -> None:
    """Two seconds, four, eight, up to thirty; then from two again."""
    fail(breaker)
    for seconds in (2, 4, 8, 16, 30, 30):
        clock.now += seconds - 0.01
        with pytest.raises(BreakerOpenError):
            breaker.enter()
        clock.now += 0.01
        call(breaker, UpstreamError("x"))
    clock.now += 30
    call(breaker)
    fail(breaker)

    clock.now += 2

    assert breaker.enter()


def test_breaker__probe_is_given_up__another_may_try(breaker: Breaker, clock: Clock) -> None:
    """A caller that leaves in the middle does not close the door for ever."""
    fail(breaker)
    clock.now += 2
    call(breaker, asyncio.CancelledError())

    assert breaker.enter()


def test_breaker__call_from_before__says_nothing_when_it_ends_after(breaker: Breaker, clock: Clock) -> None:
    """A late success of an old call does not close, a late failure does not open for longer."""
    old = [breaker.enter() for _ in range(3)]
    fail(breaker)

    breaker.leave(None, is_probe=old[0])
    breaker.leave(UpstreamError("x"), is_probe=old[1])

    assert breaker.state == "open"
    clock.now += 2
    assert breaker.enter()


def test_breaker__error_of_ours__is_no_failure_of_the_upstream(breaker: Breaker) -> None:
    """What broke here is not blamed on it."""
    for _ in range(LEAST_FAILURES):
        call(breaker, ProxyError("x"))

    assert breaker.state == "closed"
