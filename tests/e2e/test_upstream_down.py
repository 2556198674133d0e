"""An upstream that is gone, slow or broken: the caller gets the truth in time, and no write is sent twice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.clients import CALL_SECONDS, Caller, Ids, Steering, assert_legacy_error, success
from tests.e2e.conftest import NewCaller
from tests.e2e.processes import Running, start_proxy, start_sandbox, takes_connections, wait_until

DEADLINE_SECONDS = 1.0
#: what a call may take at most: its deadline, and what a busy machine adds
PATIENCE_SECONDS = DEADLINE_SECONDS + 2.0
WARNING = "X-Heirloom-Warning"
UNKNOWN = "The request was sent, but its outcome is unknown: look before you repeat it"
UNREACHABLE = "The upstream cannot be reached"
FAILED = "The upstream failed"
UNREADABLE = "The upstream answered something that is no JSON"
LATE = "The upstream did not answer in time"
#: what a failure is told as shows where nothing is asked again
ONCE = {"HEIRLOOM_UPSTREAM_ATTEMPTS": "1"}
UNAUTHORIZED = "The access token is invalid or has expired"
FORBIDDEN = "Forbidden: the upstream refused the request"
NO_ACCESS = "This APP has no access to the requested resource"
BUSY = "Too many requests"

Fault = dict[str, Any]


def fault_name(value: object) -> str | None:
    """A fault's name among the parameters of a test."""
    return "-".join(map(str, value.values())) if isinstance(value, dict) else None


@pytest.fixture(scope="module")
def hasty(outputs: Path, sandbox: Running) -> Iterator[Running]:
    """A proxy that waits a second for its upstream, and no longer."""
    running = start_proxy(outputs, sandbox.url, HEIRLOOM_DEADLINE_SECONDS=str(DEADLINE_SECONDS), **ONCE)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def http(hasty: Running) -> Iterator[httpx.Client]:
    """Connections to that proxy: what `new_caller` makes here, calls it."""
    with httpx.Client(base_url=hasty.url, timeout=CALL_SECONDS, trust_env=False) as client:
        yield client


@dataclass
class Pair:
    """A sandbox that a test may kill, and a proxy over it."""

    sandbox: Running
    proxy: Running
    caller: Caller


@pytest.fixture
def pair(outputs: Path, ids: Ids) -> Iterator[Pair]:
    """A sandbox and a hasty proxy for one test alone."""
    sandbox = start_sandbox(outputs)
    pair: Pair | None = None
    try:
        proxy = start_proxy(outputs, sandbox.url, HEIRLOOM_DEADLINE_SECONDS=str(DEADLINE_SECONDS), **ONCE)
        with httpx.Client(base_url=proxy.url, timeout=CALL_SECONDS, trust_env=False) as client:
            pair = Pair(sandbox, proxy, Caller(client, ids.token))
            yield pair
        proxy.stop()
    finally:
        (pair.sandbox if pair else sandbox).stop()


def timed(call: Callable[[], httpx.Response]) -> tuple[httpx.Response, float]:
    """An answer, and the seconds it took."""
    started = time.monotonic()
    response = call()
    return response, time.monotonic() - started


def writes(steering: Steering, caller: Caller) -> list[dict[str, int]]:
    """What each mutation that the upstream was sent by this caller has carried out."""
    sent = [question for question in steering.asked_by(caller.name) if question["query"].startswith("mutation")]
    return [question["mutations"] for question in sent]


# --- the upstream is gone


def test_calls__upstream_killed_and_started_again__answer_502_then_recover(pair: Pair, ids: Ids, outputs: Path) -> None:
    """Reads and writes fail in the legacy form in time; they go on when the upstream is back."""
    caller = pair.caller
    before = caller.read(f"{ids.rooms}.json")

    pair.sandbox.kill()
    gone = [timed(lambda: caller.get(f"{ids.rooms}.json")) for _ in range(3)]
    unsent = caller.send("POST", f"{ids.room}/stories.json", json={"message": "Never sent"})
    health = [caller.get(path).status_code for path in ("/healthz", "/readyz")]
    pair.sandbox = start_sandbox(outputs, pair.sandbox.port)
    after = caller.read(f"{ids.rooms}.json")
    sent = caller.send("POST", f"{ids.room}/stories.json", json={"message": "Sent"})

    for response, seconds in gone:
        assert_legacy_error(response, 502, UNREACHABLE)
        assert seconds < PATIENCE_SECONDS
    # It provably never left, so its outcome is known.
    assert_legacy_error(unsent, 502, UNREACHABLE)
    assert health == [200, 200]
    assert after["rooms"] == before["rooms"]
    assert success(sent)["story"]["message"] == "Sent"
    assert "Traceback" not in pair.proxy.output(10**6)


def test_calls__upstream_hangs_and_goes_on__time_out_and_recover(pair: Pair, ids: Ids) -> None:
    """An upstream that takes connections and says nothing: 504 within the deadline, a write's outcome unknown."""
    caller = pair.caller
    caller.read(ids.rooms)

    os.kill(pair.sandbox.process.pid, signal.SIGSTOP)
    try:
        read, seconds = timed(lambda: caller.get(f"{ids.rooms}.json"))
        written = caller.send("POST", f"{ids.room}/stories.json", json={"message": "Sent once"})
    finally:
        os.kill(pair.sandbox.process.pid, signal.SIGCONT)

    assert_legacy_error(read, 504, LATE)
    assert DEADLINE_SECONDS * 0.9 < seconds < PATIENCE_SECONDS
    assert_legacy_error(written, 502, UNKNOWN)
    assert len(caller.read(ids.rooms)["rooms"]) == 20


# --- the upstream fails


@pytest.mark.parametrize(
    ("fault", "status", "message"),
    [
        ({"kind": "null_root"}, 502, "The upstream could not answer"),
        ({"kind": "429"}, 429, BUSY),
        ({"kind": "500"}, 502, FAILED),
        ({"kind": "502"}, 502, FAILED),
        ({"kind": "503"}, 503, "The upstream is out of service"),
        ({"kind": "html"}, 502, UNREADABLE),
        ({"kind": "html", "status": 403}, 403, FORBIDDEN),
        ({"kind": "slow", "seconds": 3}, 504, LATE),
        ({"kind": "cut"}, 502, UNREACHABLE),
        ({"kind": "garbage"}, 502, UNREADABLE),
        ({"kind": "expired_token"}, 401, UNAUTHORIZED),
    ],
    ids=fault_name,
)
def test_read__upstream_at_fault__is_told_in_the_legacy_form_and_the_next_succeeds(
    new_caller: NewCaller, ids: Ids, steering: Steering, fault: Fault, status: int, message: str
) -> None:
    """Each fault becomes one legacy error, within the deadline, of one question; nothing of it sticks."""
    for path in (f"{ids.rooms}.json", "/api/hr/v2/engagements.json"):
        caller = new_caller()
        steering.fault(**fault)

        broken, seconds = timed(lambda who=caller, where=path: who.get(where))  # type: ignore[misc]
        asked = len(steering.asked_by(caller.name))
        after = caller.get(path)

        assert_legacy_error(broken, status, message)
        assert broken.headers.get("Retry-After") == ("1" if status == 429 else None)
        assert seconds < PATIENCE_SECONDS
        # A refused caller is looked up once: an organisation's id could have been the caller's own.
        assert asked <= (2 if status == 403 else 1)
        assert after.status_code == 200


def test_read__scope_missing__lacks_the_field_and_says_so(new_caller: NewCaller, ids: Ids, steering: Steering) -> None:
    """The refused field is left out, the rest is answered; the credential's next call leaves it out at once."""
    caller = new_caller()
    steering.fault("scope_error", fields=["Room.topic"])

    first, second = caller.get(f"{ids.rooms}.json"), caller.get(f"{ids.rooms}.json")

    for response in (first, second):
        assert response.headers[WARNING] == "withheld for want of a scope: Room.topic"
        assert {room["topic"] for room in success(response)["rooms"]} == {None}
        assert all(room["roomName"] for room in success(response)["rooms"])
    assert [question["errors"] for question in steering.asked_by(caller.name)] == [1, 0, 0]


def test_read__scope_missing_again_and_again__is_refused(new_caller: NewCaller, ids: Ids, steering: Steering) -> None:
    """A question is repaired once: an upstream that refuses the repaired one too is believed."""
    caller = new_caller()
    steering.fault("scope_error", times=2)

    response = caller.get(f"{ids.rooms}.json")

    assert_legacy_error(response, 403, NO_ACCESS)
    assert len(steering.asked_by(caller.name)) == 2


def test_read__partial_data__answers_the_rest_and_says_so(new_caller: NewCaller, ids: Ids, steering: Steering) -> None:
    """Data beside errors is an answer: what failed is null, a header says that it is partial."""
    caller = new_caller()
    whole = caller.read(f"{ids.rooms}.json")
    steering.fault("partial", fields=["Room.topic"])

    response = caller.get(f"{ids.rooms}.json")

    assert response.headers[WARNING] == "partial: the upstream could not answer 20 members"
    assert success(response)["rooms"] == [room | {"topic": None} for room in whole["rooms"]]


# --- writes


@pytest.mark.parametrize(
    ("fault", "is_done"),
    [
        ({"kind": "cut"}, True),
        ({"kind": "garbage"}, True),
        ({"kind": "slow", "seconds": 2}, True),
        ({"kind": "500"}, False),
        ({"kind": "500", "executed": True}, True),
        ({"kind": "502", "executed": True}, True),
        ({"kind": "503", "executed": True}, True),
        ({"kind": "html"}, False),
        ({"kind": "null_root"}, False),
        ({"kind": "partial", "fields": ["RoomStory.id"]}, True),
    ],
    ids=fault_name,
)
def test_write__answer_lost__outcome_is_unknown_and_it_is_sent_once(
    new_caller: NewCaller, ids: Ids, steering: Steering, fault: Fault, is_done: bool
) -> None:
    """Carried out or not, the caller is told that nobody knows; the upstream was asked once."""
    caller = new_caller()
    steering.fault(**fault)

    message = {"message": "once"}
    response, seconds = timed(lambda: caller.send("POST", f"{ids.room}/stories.json", json=message))

    assert_legacy_error(response, 502, UNKNOWN)
    assert response.headers["Proxy-Status"] == 'heirloom; error="U520"'
    assert seconds < PATIENCE_SECONDS
    assert writes(steering, caller) == [{"createRoomStoryV2": 1} if is_done else {}]


@pytest.mark.parametrize(
    ("fault", "status", "message"),
    [
        ({"kind": "429"}, 429, BUSY),
        ({"kind": "expired_token"}, 401, UNAUTHORIZED),
        ({"kind": "html", "status": 403}, 403, FORBIDDEN),
        ({"kind": "scope_error"}, 403, NO_ACCESS),
    ],
    ids=fault_name,
)
def test_write__refused_by_the_upstream__is_told_as_refused(
    new_caller: NewCaller, ids: Ids, steering: Steering, fault: Fault, status: int, message: str
) -> None:
    """A refusal is no unknown outcome: nothing was done, and it was asked once."""
    caller = new_caller()
    steering.fault(**fault)

    response = caller.send("POST", f"{ids.room}/stories.json", json={"message": "refused"})

    assert_legacy_error(response, status, message)
    assert writes(steering, caller) == [{}]


# --- stopping


def test_proxy__told_to_stop__answers_what_it_has_begun(
    outputs: Path, sandbox: Running, steering: Steering, ids: Ids
) -> None:
    """SIGTERM while a call waits for its upstream: no connection is taken any more, the call is answered."""
    proxy = start_proxy(outputs, sandbox.url)
    token, name = steering.token()
    steering.fault("slow", seconds=1.0)
    with (
        httpx.Client(base_url=proxy.url, timeout=CALL_SECONDS, trust_env=False) as client,
        ThreadPoolExecutor(1) as threads,
    ):
        calling = threads.submit(Caller(client, token).get, f"{ids.rooms}.json")
        try:
            wait_until(lambda: bool(steering.asked_by(name)), "the question is at the upstream", 10)
            proxy.ask_to_stop()
            wait_until(lambda: not takes_connections(proxy.port), "the proxy takes no more connections", 10)
            was_waiting = not calling.done()
            response = calling.result(CALL_SECONDS)
        finally:
            status = proxy.stop()

    assert was_waiting
    assert len(success(response)["rooms"]) == 20
    assert status in {0, -signal.SIGTERM}
    assert "Traceback" not in proxy.output(10**6)
