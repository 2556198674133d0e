"""Payments under a key over real processes: many at once are one, and a worker that is killed takes none along."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.access.vault import new_secret_key
from tests.e2e.clients import CALL_SECONDS, Ids, Steering
from tests.e2e.processes import START_SECONDS, Running, start_proxy, wait_until
from tests.redis_server import redis_server

AT_ONCE = 50
DEADLINE_SECONDS = 3
CLIENT: Any = {"timeout": CALL_SECONDS, "trust_env": False, "limits": httpx.Limits(max_connections=AT_ONCE)}
SETUPS = {"four workers, SQLite": ("sqlite", 1, "4"), "two processes, Redis": ("redis", 2, "1")}


@dataclass
class Fleet:
    """Proxies over one store."""

    proxies: list[Running]
    steering: Steering
    token: str
    name: str
    path: str
    contract: str

    async def pay(self, client: httpx.AsyncClient, number: int, mark: str, key: str | None) -> httpx.Response:
        """One payment, by the proxy whose turn it is."""
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})
        form = {"engagement__reference": self.contract, "charge_amount": "10.00", "comments": mark}
        url = self.proxies[number % len(self.proxies)].url + self.path
        return await client.post(url, data=form, headers=headers)

    def payments(self) -> int:
        """How many of this caller's the upstream has carried out."""
        return sum(sum(question["mutations"].values()) for question in self.steering.asked_by(self.name))


@pytest.fixture(params=SETUPS.values(), ids=list(SETUPS))
def fleet(
    request: pytest.FixtureRequest, sandbox: Running, steering: Steering, ids: Ids, tmp_path: Path
) -> Iterator[Fleet]:
    """Workers that share one store, however they are run."""
    kind, processes, workers = request.param
    with ExitStack() as running:
        settings = {
            "HEIRLOOM_STORE": running.enter_context(redis_server(tmp_path))
            if kind == "redis"
            else f"sqlite:{tmp_path / 'heirloom.db'}",
            "HEIRLOOM_SECRET_KEY": new_secret_key(),
            "HEIRLOOM_WORKERS": workers,
            "HEIRLOOM_DERIVE_IDEMPOTENCY": "payments",
            "HEIRLOOM_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
        }
        proxies = [start_proxy(tmp_path, sandbox.url, **settings) for _ in range(processes)]
        for one in proxies:
            running.callback(one.stop)
        path = ids.path("/api/hr/v2/teams/{company_id}/adjustments.json")
        yield Fleet(proxies, steering, *steering.token(), path, ids.values["contract_id"])


@pytest.mark.parametrize("key", ["one-payment", None], ids=["given", "derived"])
async def test_payments__fifty_equal_at_once__are_one(fleet: Fleet, key: str | None) -> None:
    """The upstream carries one out; everybody gets its answer, all but one as a replay."""
    fleet.steering.fault("slow", match="sendCustomPayment", seconds=0.5)

    async with httpx.AsyncClient(**CLIENT) as client:
        replies = await asyncio.gather(*(fleet.pay(client, turn, "Paid once", key) for turn in range(AT_ONCE)))

    assert Counter(reply.status_code for reply in replies) == {200: AT_ONCE}
    assert len({reply.content for reply in replies}) == 1
    assert sum("idempotency-replayed" not in reply.headers for reply in replies) == 1
    assert fleet.payments() == 1


async def test_payment__worker_killed_in_the_middle__is_never_sent_again(fleet: Fleet) -> None:
    """It was carried out, and whoever knew is gone: the next ones hear that nobody knows."""
    fleet.steering.fault("slow", match="sendCustomPayment", seconds=DEADLINE_SECONDS * 0.8)
    first = fleet.proxies[0]
    victims = first.workers() or {first.process.pid}

    async with httpx.AsyncClient(**CLIENT) as client:
        lost = asyncio.create_task(fleet.pay(client, 0, "Paid once", "one-payment"))
        await asyncio.to_thread(wait_until, lambda: fleet.payments() == 1, "the upstream was paid")
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            await lost
        told = [await _told_again(fleet, client) for _ in range(2)]

    assert told == [(502, 'heirloom; error="U520"')] * 2
    assert fleet.payments() == 1


async def _told_again(fleet: Fleet, client: httpx.AsyncClient) -> tuple[int, str]:
    """What a client that asks again is told in the end: it comes again where it is told to, or meets nobody."""
    end = asyncio.get_running_loop().time() + START_SECONDS
    while True:
        assert asyncio.get_running_loop().time() < end, "nobody was told anything"
        try:
            reply = await fleet.pay(client, -1, "Paid once", "one-payment")
        except httpx.TransportError:
            await asyncio.sleep(0.1)
            continue
        if reply.status_code != 409:
            return reply.status_code, reply.headers["proxy-status"]
        await asyncio.sleep(float(reply.headers["retry-after"]))
