"""Old programs that ask for more than the upstream allows: what they are told, and what the upstream sees of them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.e2e.clients import CALL_SECONDS, Caller, Ids, Steering, assert_legacy_error, success
from tests.e2e.processes import Running, start_proxy

PER_SECOND, MANY = 4, 60


@pytest.fixture
def proxies(outputs: Path, sandbox: Running, tmp_path: Path) -> Iterator[list[Running]]:
    """Two processes of two workers each that share one store, and so one limit."""
    limits = {
        "HEIRLOOM_STORE": f"sqlite:{tmp_path}/store.db",
        "HEIRLOOM_UPSTREAM_PER_SECOND": str(PER_SECOND),
        "HEIRLOOM_UPSTREAM_PER_DAY": "500",
        "HEIRLOOM_WORKERS": "2",
    }
    running = [start_proxy(outputs, sandbox.url, **limits) for _ in range(2)]
    yield running
    for one in running:
        one.stop()


@pytest.fixture
def callers(proxies: list[Running], steering: Steering) -> Iterator[list[Caller]]:
    """One client with a token of its own, at each of the two."""
    token, name = steering.token()
    limits = httpx.Limits(max_connections=MANY)
    clients = [httpx.Client(base_url=one.url, timeout=CALL_SECONDS, trust_env=False, limits=limits) for one in proxies]
    yield [Caller(client, token, name) for client in clients]
    for client in clients:
        client.close()


def test_reads__many_more_than_the_limit__ride_together(callers: list[Caller], ids: Ids, steering: Steering) -> None:
    """Sixty different reads are answered, each with its own room, by a few requests."""
    rooms = [room["roomId"] for room in success(callers[0].get(f"{ids.rooms}.json", limit=str(MANY)))["rooms"]]
    assert len(rooms) == MANY
    before = len(steering.asked_by(callers[0].name))

    with ThreadPoolExecutor(MANY) as threads:
        told = list(threads.map(lambda n: callers[n % 2].get(f"{ids.rooms}/{rooms[n]}.json"), range(MANY)))

    assert [success(one)["room"]["roomId"] for one in told] == rooms
    asked = steering.asked_by(callers[0].name)[before:]
    assert len(asked) < MANY / 2
    assert any(one["query"].startswith("query merged") for one in asked)
    assert all(0 < int(one.headers["X-Heirloom-Budget-Remaining"]) < 500 for one in told)


def test_writes__while_reads_wait__are_each_sent_once(callers: list[Caller], ids: Ids, steering: Steering) -> None:
    """They go first and alone."""
    with ThreadPoolExecutor(MANY) as threads:
        reads = [threads.submit(callers[n % 2].get, f"{ids.rooms}.json", limit=str(n + 1)) for n in range(30)]
        writes = [
            threads.submit(callers[n % 2].send, "POST", f"{ids.room}/stories.json", json={"message": f"limited {n}"})
            for n in range(4)
        ]
        assert all(one.result().status_code == 200 for one in [*writes, *reads])

    sent = [one for one in steering.asked_by(callers[0].name) if one["mutations"]]
    assert len(sent) == 4


def test_day__used_up__is_told_until_it_has_room(
    outputs: Path, sandbox: Running, tmp_path: Path, ids: Ids, steering: Steering
) -> None:
    """429 with the time to wait; the upstream hears nothing; the process that counted may be another one."""
    settings = {"HEIRLOOM_STORE": f"sqlite:{tmp_path}/store.db", "HEIRLOOM_UPSTREAM_PER_DAY": "2"}
    token, name = steering.token()
    for allowed in (2, 0):
        proxy = start_proxy(outputs, sandbox.url, **settings)
        try:
            with httpx.Client(base_url=proxy.url, timeout=CALL_SECONDS, trust_env=False) as client:
                caller = Caller(client, token, name)
                for number in range(allowed):
                    success(caller.get(f"{ids.rooms}.json", limit=str(number + 1)))
                response = caller.get(f"{ids.rooms}.json", limit="9")
                ready = client.get("/readyz").json()
        finally:
            proxy.stop()
        assert_legacy_error(response, 429, "Too many requests: what the upstream allows a day is used up")
        assert 23 * 3600 < int(response.headers["Retry-After"]) <= 25 * 3600 + 1
        assert ready["budget"]["remaining"] == 0
    assert len(steering.asked_by(name)) == 2
