"""The broker with real processes: connect, give a key, call; and one refresh however many processes find out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.e2e.access.broker import Broker
from tests.e2e.clients import Ids
from tests.e2e.processes import Running, run_cli, start_proxy
from tests.redis_server import redis_server

CALLS = 200


@pytest.fixture
def broker(sandbox: Running, tmp_path: Path) -> Broker:
    """A broker over a file."""
    return Broker(sandbox, f"sqlite:{tmp_path / 'heirloom.db'}")


@pytest.fixture
def proxy(broker: Broker, tmp_path: Path) -> Iterator[Running]:
    """One process of it."""
    running = start_proxy(tmp_path, broker.sandbox.url, **broker.environment)
    yield running
    running.stop()


def call(proxy: Running, path: str, token: str) -> httpx.Response:
    """One legacy call."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(proxy.url + path, headers=headers, timeout=15, trust_env=False)


def test_broker__connected_and_keyed__serves_until_revoked(broker: Broker, proxy: Running, ids: Ids) -> None:
    """What an operator does on the first day, and on the last."""
    page = broker.connect("main", proxy)
    key = broker.key("shop", "main")

    served = call(proxy, f"{ids.rooms}.json", key)
    assert "The grant &#39;main&#39; is stored" in page
    assert (served.status_code, len(served.json()["rooms"])) == (200, 20)
    assert broker.grant("main")["keys"] == ["shop"]
    assert broker.grant("main")["state"] == "works"

    broker.command("key", "revoke", "shop")
    refused = call(proxy, f"{ids.rooms}.json", key)
    assert (refused.status_code, refused.headers["x-upwork-error-code"]) == (401, "401")

    other = broker.key("office", "main")
    broker.command("grant", "revoke", "main")
    assert call(proxy, f"{ids.rooms}.json", other).status_code == 401


def test_key__bound__reaches_no_further(broker: Broker, proxy: Running, ids: Ids) -> None:
    """Areas and tenants of a key hold for real calls."""
    broker.connect("main", proxy)
    narrow = broker.key("narrow", "main", "--areas", "messages", "--tenants", ids.values["company_id"])
    elsewhere = broker.key("elsewhere", "main", "--tenants", "1104567890123456781")

    assert call(proxy, f"{ids.rooms}.json", narrow).status_code == 200
    assert call(proxy, "/api/hr/v2/engagements.json", narrow).status_code == 403
    assert call(proxy, f"{ids.rooms}.json", elsewhere).status_code == 403


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("grant", "add", "a name"), "is no name"),
        (("grant", "show", "none"), "there is no grant 'none'"),
        (("grant", "revoke", "none"), "there is no grant 'none'"),
        (("key", "add", "shop", "--grant", "none"), "there is no grant 'none'"),
        (("key", "revoke", "none"), "there is no key 'none'"),
    ],
)
def test_commands__what_is_not_there__say_so(broker: Broker, arguments: tuple[str, ...], told: str) -> None:
    """A mistake ends with its text and status 1."""
    done = run_cli(*arguments, **broker.environment)

    assert done.returncode == 1
    assert told in done.stderr


def test_commands__no_secret_key__name_the_mend(broker: Broker) -> None:
    """Nothing is kept that is not sealed."""
    done = run_cli("grant", "list", HEIRLOOM_STORE=broker.store)

    assert done.returncode == 1
    assert "heirloom secret new" in done.stderr


SETUPS = {
    "one worker, SQLite": ("sqlite", 1, "1"),
    "four workers, SQLite": ("sqlite", 1, "4"),
    "two processes, Redis": ("redis", 2, "1"),
}


@pytest.mark.parametrize(("kind", "processes", "workers"), SETUPS.values(), ids=SETUPS)
async def test_refresh__two_hundred_calls_on_an_ended_token__is_one(
    sandbox: Running, ids: Ids, tmp_path: Path, kind: str, processes: int, workers: str
) -> None:
    """All are served, and the upstream was asked for tokens once; the processes' own lines are counted."""
    with ExitStack() as running:
        store = running.enter_context(redis_server(tmp_path)) if kind == "redis" else f"sqlite:{tmp_path / 'h.db'}"
        broker = Broker(sandbox, store)
        # Each call asks for itself, so that each can find the token ended.
        settings = {**broker.environment, "HEIRLOOM_COALESCE": "false"}
        proxies = [start_proxy(tmp_path, sandbox.url, "--workers", workers, **settings) for _ in range(processes)]
        for one in proxies:
            running.callback(one.stop)
        broker.connect("main", proxies[0])
        key = broker.key("shop", "main")
        await broker.end_token("main")

        headers = {"Authorization": f"Bearer {key}"}
        limits = httpx.Limits(max_connections=CALLS, max_keepalive_connections=0)
        async with httpx.AsyncClient(timeout=30, trust_env=False, limits=limits, headers=headers) as client:
            urls = [f"{proxies[number % processes].url}{ids.room}.json" for number in range(CALLS)]
            replies = await asyncio.gather(*(client.get(url) for url in urls))

        printed = "".join(one.log.read_text(encoding="utf-8") for one in proxies)

    assert [reply.status_code for reply in replies] == [200] * CALLS, replies[0].text
    assert printed.count('"event":"grant_refreshed"') == 1, printed[-3000:]
    assert "oauth2v2_" not in printed
    assert key not in printed
