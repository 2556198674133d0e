"""A world of its own for the tests that do it ill: a sandbox, faults before it, and a proxy of four workers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from app.serving import free_port
from tests.chaos.calls import Writes, ask, get
from tests.chaos.fault_proxy import FaultProxy
from tests.e2e.clients import CALL_SECONDS, Ids, Steering, listed
from tests.e2e.conftest import ids, outputs, pytest_runtest_makereport
from tests.e2e.processes import Running, start_proxy, start_sandbox

__all__ = ["ids", "outputs", "pytest_runtest_makereport"]

DEADLINE_SECONDS = 1.0
LATE_SECONDS = 2.0
WORKERS = 4
#: few enough for some reads to wait, and ride together
PER_SECOND = 120
#: writes and reads of the large tests; `make chaos` sends more
CALLS = int(os.environ.get("CHAOS_CALLS", "300"))
#: reads of the test with everything on
READS = int(os.environ.get("CHAOS_READS", "600"))


@pytest.fixture(scope="session")
def sandbox(outputs: Path) -> Iterator[Running]:
    """A sandbox that nobody else writes to."""
    running = start_sandbox(outputs)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def wire_port() -> int:
    """Where the proxy believes its upstream to be."""
    return free_port()


@pytest.fixture(scope="session")
def proxy(outputs: Path, wire_port: int) -> Iterator[Running]:
    """A hasty proxy of four workers, whose upstream is behind the faults."""
    running = start_proxy(
        outputs,
        f"http://127.0.0.1:{wire_port}",
        HEIRLOOM_WORKERS=str(WORKERS),
        HEIRLOOM_DEADLINE_SECONDS=str(DEADLINE_SECONDS),
        HEIRLOOM_CONNECT_TIMEOUT_SECONDS="0.5",
        HEIRLOOM_LOG_LEVEL="error",
        # What each fault is told as shows where nothing is asked again, and nothing is left alone.
        HEIRLOOM_UPSTREAM_ATTEMPTS="1",
        HEIRLOOM_BREAKER_FAILURES="1000000",
    )
    yield running
    running.stop()


@pytest.fixture
def everything(outputs: Path, wire_port: int, tmp_path: Path) -> Iterator[Running]:
    """A proxy as it is shipped, behind the same faults: all that helps is on, and the limits bind."""
    running = start_proxy(
        outputs,
        f"http://127.0.0.1:{wire_port}",
        HEIRLOOM_WORKERS="2",
        HEIRLOOM_DEADLINE_SECONDS=str(DEADLINE_SECONDS),
        HEIRLOOM_CONNECT_TIMEOUT_SECONDS="0.5",
        HEIRLOOM_LOG_LEVEL="error",
        HEIRLOOM_STORE=f"sqlite:{tmp_path}/store.db",
        HEIRLOOM_UPSTREAM_PER_SECOND=str(PER_SECOND),
        HEIRLOOM_UPSTREAM_PER_DAY="10000000",
        HEIRLOOM_CACHE_BYTES="33554432",
    )
    yield running
    running.stop()


@pytest.fixture
async def wire(wire_port: int, sandbox: Running) -> AsyncIterator[FaultProxy]:
    """The way to the upstream, which does no harm until it is told to."""
    async with FaultProxy(sandbox.port, wire_port, LATE_SECONDS).running() as faults:
        yield faults


@pytest.fixture
def steering(sandbox: Running) -> Iterator[Steering]:
    """The sandbox's control routes, its log empty."""
    with httpx.Client(base_url=sandbox.url, timeout=CALL_SECONDS, trust_env=False) as client:
        client.delete("/_sandbox/log")
        yield Steering(client)


@pytest.fixture
async def writes(ids: Ids, proxy: Running, wire: FaultProxy, steering: Steering) -> Writes:
    """Writes of the main client."""
    # The first answer of a cold sandbox may come too late for a hasty proxy.
    for _ in range(5):
        told = await ask(proxy.port, get("/api/hr/v2/engagements.json?status=active&page=0;100", ids.token))
        if told.answer.status == 200:
            break
    rows = listed(told.answer.json()["engagements"], "engagement")
    fixed = next(row for row in rows if row["engagement_job_type"] == "fixed-price" and row["is_paused"] != "1")
    await wire.hang_up()
    wire.ledger.clear()
    steering.http.delete("/_sandbox/log")
    return Writes(ids, ids.token, fixed["reference"])
