"""What a proxy makes of an upstream in passing trouble, with the settings of a machine on which nothing is set."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.clients import CALL_SECONDS, Caller, Ids, Steering, assert_legacy_error, success
from tests.e2e.processes import Running, start_proxy

MANY = 20


@pytest.fixture
def proxy(outputs: Path, sandbox: Running) -> Iterator[Running]:
    """A proxy for each test: what others have spent of its budget for retries would show."""
    running = start_proxy(outputs, sandbox.url)
    yield running
    running.stop()


@pytest.fixture
def caller(proxy: Running, steering: Steering) -> Iterator[Caller]:
    """A client with a token of its own."""
    token, name = steering.token()
    with httpx.Client(base_url=proxy.url, timeout=CALL_SECONDS, trust_env=False) as client:
        yield Caller(client, token, name)


@pytest.mark.parametrize(
    "fault", [{"kind": "429"}, {"kind": "502"}, {"kind": "503"}, {"kind": "cut"}], ids=lambda fault: fault["kind"]
)
def test_read__upstream_fails_in_passing__is_answered(
    caller: Caller, ids: Ids, steering: Steering, fault: dict[str, Any]
) -> None:
    """The old program notices nothing; the upstream was asked once more."""
    steering.fault(**fault)

    rooms = success(caller.get(f"{ids.rooms}.json"))

    assert len(rooms["rooms"]) == 20
    assert [one["fault"] for one in steering.asked_by(caller.name)] == [fault["kind"], None]


def test_read__upstream_fails_on__is_told_after_three_attempts(caller: Caller, ids: Ids, steering: Steering) -> None:
    """What does not pass is told as what it is."""
    steering.fault("503", times=3)

    response = caller.get(f"{ids.rooms}.json")

    assert_legacy_error(response, 503, "The upstream is out of service")
    assert len(steering.asked_by(caller.name)) == 3


@pytest.mark.parametrize("kind", ["502", "cut"])
def test_write__upstream_fails_in_passing__is_sent_once(
    caller: Caller, ids: Ids, steering: Steering, kind: str
) -> None:
    """A write whose fate is not known is told so, and not repeated."""
    steering.fault(kind)

    response = caller.send("POST", f"{ids.room}/stories.json", json={"message": "once"})

    assert response.status_code == 502
    assert response.headers["Proxy-Status"] == 'heirloom; error="U520"'
    assert len(steering.asked_by(caller.name)) == 1


def test_reads__equal_at_once__share_a_question(caller: Caller, ids: Ids, steering: Steering) -> None:
    """Twenty old programs that poll the same list cost the upstream one question."""
    success(caller.get(f"{ids.rooms}.json"))
    before = len(steering.asked_by(caller.name))
    steering.fault("slow", seconds=0.8)

    with ThreadPoolExecutor(MANY) as threads:
        told = list(threads.map(lambda _: success(caller.get(f"{ids.rooms}.json"))["rooms"], range(MANY)))

    assert told == [told[0]] * MANY
    assert len(steering.asked_by(caller.name)) - before == 1
