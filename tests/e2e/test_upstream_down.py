"""An upstream that is gone, slow or broken: the caller gets the truth in time, and no write is sent twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.clients import Caller, Ids, Steering, assert_legacy_error
from tests.e2e.processes import Running, start_proxy, start_sandbox, wait_until

DEADLINE_SECONDS = 1.0
#: what a read may take at most: its deadline, and what a busy machine adds
PATIENCE_SECONDS = DEADLINE_SECONDS + 2.0
UNKNOWN = "The request was sent, but its outcome is unknown: look before you repeat it"
UNREACHABLE = "The upstream cannot be reached"


@pytest.fixture(scope="module")
def hasty(outputs: Path, sandbox: Running) -> Iterator[Running]:
    """A proxy that waits a second for its upstream, and no longer."""
    running = start_proxy(outputs, sandbox.url, HEIRLOOM_DEADLINE_SECONDS=str(DEADLINE_SECONDS))
    yield running
    running.stop()


@pytest.fixture
def hasty_caller(hasty: Running, steering: Steering) -> Iterator[Caller]:
    """A caller of that proxy with a token of its own."""
    with httpx.Client(base_url=hasty.url, timeout=15, trust_env=False) as client:
        yield Caller(client, *steering.token())


@pytest.mark.parametrize(
    ("fault", "status", "message"),
    [
        ({"kind": "429"}, 429, "Too many requests"),
        ({"kind": "500"}, 502, "The upstream failed"),
        ({"kind": "502"}, 502, "The upstream failed"),
        ({"kind": "503"}, 503, "The upstream is out of service"),
        ({"kind": "html", "status": 200}, 502, "The upstream answered something that is no JSON"),
        ({"kind": "html", "status": 403}, 403, "Forbidden: the upstream refused the request"),
        ({"kind": "garbage"}, 502, "The upstream answered something that is no JSON"),
        ({"kind": "cut"}, 502, UNREACHABLE),
        ({"kind": "slow", "seconds": 5}, 504, "The upstream did not answer in time"),
        ({"kind": "expired_token"}, 401, "The access token is invalid or has expired"),
    ],
    ids=lambda value: str(value.get("kind")) if isinstance(value, dict) else "",
)
def test_read__upstream_fault__is_told_in_the_legacy_form(
    hasty_caller: Caller,
    steering: Steering,
    ids: Ids,
    fault: dict[str, object],
    status: int,
    message: str,
) -> None:
    """Each fault becomes one legacy error, within the deadline, and the next call is served again."""
    steering.fault(**fault)  # type: ignore[arg-type]
    started = time.monotonic()

    broken = hasty_caller.get(f"{ids.room}.json")
    elapsed = time.monotonic() - started
    steering.clear_faults()
    after = hasty_caller.get(f"{ids.room}.json")

    assert_legacy_error(broken, status, message)
    assert elapsed < PATIENCE_SECONDS
    assert after.status_code == 200


def test_read__partial_data__is_answered_with_a_warning(hasty_caller: Caller, steering: Steering, ids: Ids) -> None:
    """What is there is answered; that something is not stands in the header."""
    steering.fault("partial")

    answer = hasty_caller.get(f"{ids.rooms}.json")

    assert answer.status_code == 200
    assert "partial" in answer.headers["X-Heirloom-Warning"]


def test_read__root_is_null__is_an_error(hasty_caller: Caller, steering: Steering, ids: Ids) -> None:
    """An answer without its root is none."""
    steering.fault("null_root")

    answer = hasty_caller.get(f"{ids.room}.json")

    assert answer.status_code >= 400
    assert set(answer.json()) == {"server_time", "error"}


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "cut"},
        {"kind": "garbage"},
        {"kind": "slow", "seconds": 3},
        {"kind": "500"},
        {"kind": "502", "executed": True},
        {"kind": "503", "executed": True},
    ],
    ids=lambda fault: str(fault["kind"]),
)
def test_write__answer_lost__outcome_is_unknown_and_it_is_sent_once(
    hasty_caller: Caller, steering: Steering, ids: Ids, fault: dict[str, object]
) -> None:
    """The caller is told that nobody knows; the upstream was asked once."""
    steering.fault(**fault)  # type: ignore[arg-type]

    answer = hasty_caller.send("POST", f"{ids.room}/stories.json", json={"message": "once"})

    assert_legacy_error(answer, 502, UNKNOWN)
    assert len(steering.asked_by(hasty_caller.name)) == 1


def test_proxy__upstream_killed_and_started_again__answers_502_then_recovers(outputs: Path, ids: Ids) -> None:
    """Reads and writes fail in the legacy form within the deadline, and go on when the upstream is back."""
    upstream = start_sandbox(outputs)
    proxy = start_proxy(outputs, upstream.url, HEIRLOOM_DEADLINE_SECONDS=str(DEADLINE_SECONDS))
    again: Running | None = None
    try:
        with httpx.Client(base_url=proxy.url, timeout=15, trust_env=False) as client:
            caller = Caller(client, ids.token)
            assert caller.get(f"{ids.rooms}.json").status_code == 200

            upstream.kill()
            started = time.monotonic()
            read = caller.get(f"{ids.rooms}.json")
            write = caller.send("POST", f"{ids.room}/stories.json", json={"message": "not sent"})
            elapsed = time.monotonic() - started

            assert_legacy_error(read, 502, UNREACHABLE)
            assert write.status_code == 502
            assert elapsed < 2 * PATIENCE_SECONDS
            assert "Traceback" not in read.text + write.text

            again = start_sandbox(outputs, upstream.port)
            wait_until(lambda: caller.get(f"{ids.rooms}.json").status_code == 200, "the proxy recovers", 10)
    finally:
        proxy.stop()
        upstream.stop()
        if again is not None:
            again.stop()


def test_proxy__told_to_stop__answers_what_it_has_begun(outputs: Path, sandbox: Running, steering: Steering) -> None:
    """SIGTERM while a call waits for its upstream: the call is answered, then the process ends with status 0."""
    proxy = start_proxy(outputs, sandbox.url)
    token, name = steering.token()
    steering.fault("slow", seconds=1.0)
    answers: list[int] = []

    def call() -> None:
        with httpx.Client(base_url=proxy.url, timeout=15, trust_env=False) as client:
            answers.append(Caller(client, token).get("/api/hr/v2/engagements.json").status_code)

    calling = threading.Thread(target=call)
    calling.start()
    try:
        wait_until(lambda: bool(steering.asked_by(name)), "the question is at the upstream", 10)
    finally:
        proxy.ask_to_stop()
        calling.join(15)
        proxy.stop()

    assert answers == [200]
