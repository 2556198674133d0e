"""Asking again: for which failures, how often, within which time, and never a write that may have left."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ProxyError, UnknownOutcomeError, UpstreamBusyError
from app.events import UpstreamAskedAgain
from app.run.faults import of_status, of_transport
from app.run.retries import RetryBudget
from app.run.upstream import Upstream
from app.run.wire import HttpxWire
from tests.doubles import ERRORS, Clock, Events
from tests.unit.run.conftest import URL, asking_of, policies
from tests.upstream import Answer, RecordingUpstream, data

GOOD = data(room={"id": "r1"})
UNREACHABLE, CUT, LATE = httpx.ConnectError("x"), httpx.RemoteProtocolError("x"), httpx.ReadTimeout("x")
PATIENCE = 7.0
#: what may be asked again: by a read, by a write
AGAIN: list[tuple[Answer | Exception, bool, bool]] = [
    (UNREACHABLE, True, True),
    (httpx.ConnectTimeout("x"), True, True),
    (httpx.PoolTimeout("x"), True, True),
    (CUT, True, False),
    (httpx.ReadError("x"), True, False),
    (httpx.WriteError("x"), True, False),
    (LATE, False, False),
    (Answer({}, 429), True, False),
    (Answer({}, 502), True, False),
    (Answer({}, 503), True, False),
    (Answer({}, 504), True, False),
    (Answer({}, 500), False, False),
    (Answer({}, 400), False, False),
    (Answer({}, 401), False, False),
    (Answer({}, 403), False, False),
    (Answer(b"<html>"), False, False),
]


def door(
    answers: list[Answer | Exception], clock: Clock, events: Events, attempts: int = 3
) -> tuple[Upstream, RecordingUpstream]:
    """An upstream door that may ask again."""
    transport = RecordingUpstream(answers)
    client = httpx.AsyncClient(transport=transport)
    return Upstream(HttpxWire(client, URL), clock, events, policies(clock, events, attempts=attempts)), transport


async def ask(upstream: Upstream, clock: Clock, *, is_write: bool = False, seconds: float = PATIENCE) -> object:
    """One question."""
    asking = asking_of("token", clock, seconds=seconds)
    return (await upstream.ask("query { room }", {}, asking, operation="room", is_write=is_write)).data


@pytest.mark.parametrize("is_write", [False, True])
@pytest.mark.parametrize(("failure", "read", "write"), AGAIN, ids=repr)
async def test_ask__failure__is_asked_again_where_that_is_safe(
    clock: Clock, events: Events, failure: Answer | Exception, read: bool, write: bool, is_write: bool
) -> None:
    """A read where it may help; a write only where it never left."""
    upstream, transport = door([failure, GOOD], clock, events)
    is_again = write if is_write else read

    if is_again:
        assert await ask(upstream, clock, is_write=is_write) == {"room": {"id": "r1"}}
    else:
        with pytest.raises(ProxyError):
            await ask(upstream, clock, is_write=is_write)

    assert len(transport.requests) == 1 + is_again
    assert len(events.of(UpstreamAskedAgain)) == is_again


async def test_ask__failures_go_on__the_last_one_is_told(clock: Clock, events: Events) -> None:
    """Attempts are bounded; each wait is told, and longer at most than the one before may have been."""
    upstream, transport = door([UNREACHABLE, Answer({}, 503), Answer({}, 502)], clock, events)

    with pytest.raises(ProxyError) as caught:
        await ask(upstream, clock)

    assert (caught.value.status, len(transport.requests)) == (502, 3)
    assert [one.code for one in events.of(UpstreamAskedAgain)] == ["U502", "U503"]
    assert all(0 <= one.seconds <= limit for one, limit in zip(events.of(UpstreamAskedAgain), (0.1, 0.2), strict=True))


async def test_ask__upstream_names_a_wait__it_is_kept(clock: Clock, events: Events) -> None:
    """Who says when to come back is believed."""
    upstream, _ = door([Answer({}, 429, {"Retry-After": "3"}), GOOD], clock, events)
    began = clock.now

    await ask(upstream, clock)

    assert clock.now - began == 3


async def test_ask__wait_beyond_the_deadline__is_not_waited(clock: Clock, events: Events) -> None:
    """A caller is told at once what would be no different later."""
    upstream, transport = door([Answer({}, 503, {"Retry-After": "8"}), GOOD], clock, events)
    began = clock.now

    with pytest.raises(ProxyError) as caught:
        await ask(upstream, clock)

    assert (caught.value.retry_after_seconds, clock.now, len(transport.requests)) == (8, began, 1)


async def test_ask__one_attempt__is_never_asked_again(clock: Clock, events: Events) -> None:
    """The setting switches all of it off."""
    upstream, transport = door([UNREACHABLE, GOOD], clock, events, attempts=1)

    with pytest.raises(ProxyError):
        await ask(upstream, clock)

    assert len(transport.requests) == 1


async def test_ask__everything_fails__retries_stay_a_tenth_of_the_traffic(clock: Clock, events: Events) -> None:
    """An upstream in trouble does not get three times the questions: a reserve of five, then one in ten."""
    upstream, transport = door([Answer({}, 429)] * 2000, clock, events, attempts=2)

    for _ in range(200):
        with pytest.raises(UpstreamBusyError):
            await ask(upstream, clock)

    assert 200 < len(transport.requests) <= 200 + 5 + 20


@given(st.lists(st.booleans(), max_size=300))
def test_retry_budget__any_traffic__never_lets_more_than_its_share(steps: list[bool]) -> None:
    """Of any questions and wishes to retry: at most a tenth, beyond the reserve."""
    budget = RetryBudget()
    asked = retried = 0
    for is_question in steps:
        if is_question:
            budget.earn()
            asked += 1
        else:
            retried += budget.spend()
        assert retried <= 5 + asked * 0.1 + 1e-9


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_again__write__is_never_marked_as_one_that_may_go_out_again_unless_it_never_left(status: int) -> None:
    """Whatever a table says, the mark comes from the wire."""
    for errors in (ERRORS, ()):
        by_status = of_status(errors, status, {}, is_write=True)
        cut = of_transport(errors, CUT, is_write=True)

        assert by_status is not None
        assert (by_status.again, cut.again) == ("read", "read")
        assert isinstance(cut, UnknownOutcomeError)


async def test_ask__caller_leaves_while_waiting__nothing_more_is_sent(clock: Clock, events: Events) -> None:
    """A wait is given up with its call."""
    transport = RecordingUpstream([UNREACHABLE, GOOD])
    given = policies(clock, events, attempts=3)
    begun = asyncio.Event()

    async def sleep(_: float) -> None:
        begun.set()
        await asyncio.Event().wait()

    object.__setattr__(given.retries, "sleep", sleep)
    upstream = Upstream(HttpxWire(httpx.AsyncClient(transport=transport), URL), clock, events, given)
    call = asyncio.create_task(ask(upstream, clock))
    await begun.wait()
    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call
    assert len(transport.requests) == 1
