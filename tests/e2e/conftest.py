"""Real processes on the loopback: a sandbox and a proxy over it, started once, stopped at the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.clients import CALL_SECONDS, Caller, Ids, Steering
from tests.e2e.processes import Running, run_cli, start_proxy, start_sandbox

NewCaller = Callable[..., Caller]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Show with a failure what the processes of the test printed."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Running):
                report.sections.append((f"output of {value.name} {value.url}", value.output()))
    return report  # type: ignore[return-value]


@pytest.fixture(scope="session")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where processes print to."""
    return tmp_path_factory.mktemp("outputs")


@pytest.fixture(scope="session")
def sandbox(outputs: Path) -> Iterator[Running]:
    """A sandbox that all tests share: they ask with tokens of their own where the log or the scopes matter."""
    running = start_sandbox(outputs)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def proxy(outputs: Path, sandbox: Running) -> Iterator[Running]:
    """A proxy over it, with the settings of a machine on which nothing is set."""
    running = start_proxy(outputs, sandbox.url)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def ids() -> Ids:
    """What a newcomer is given to try."""
    done = run_cli("sandbox", "ids")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return Ids(told["credentials"]["access_token"], told["values"])


@pytest.fixture(scope="session")
def http(proxy: Running) -> Iterator[httpx.Client]:
    """Connections to the proxy."""
    with httpx.Client(base_url=proxy.url, timeout=CALL_SECONDS, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def steering_connection(sandbox: Running) -> Iterator[httpx.Client]:
    """Connections to the sandbox."""
    with httpx.Client(base_url=sandbox.url, timeout=CALL_SECONDS, trust_env=False) as client:
        yield client


@pytest.fixture
def steering(steering_connection: httpx.Client) -> Iterator[Steering]:
    """The sandbox's control routes; no fault outlives its test."""
    steering = Steering(steering_connection)
    yield steering
    steering.clear_faults()


@pytest.fixture(scope="session")
def caller(http: httpx.Client, ids: Ids) -> Caller:
    """The main client of the sandbox's world."""
    return Caller(http, ids.token)


@pytest.fixture
def new_caller(http: httpx.Client, steering: Steering) -> NewCaller:
    """Make a caller whose token nobody has used before, with `user` and `scopes` as the sandbox takes them."""

    def make(user: str | None = None, scopes: list[str] | None = None) -> Caller:
        return Caller(http, *steering.token(user, scopes))

    return make
