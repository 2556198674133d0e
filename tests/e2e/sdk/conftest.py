"""Each SDK against `serve --sandbox` of its own: one program makes every call, the tests read what it was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest

from app.sandbox.seeding.growing import seed_world
from app.serving import free_port
from tests.e2e.clients import CALL_SECONDS, Ids, Steering, success
from tests.e2e.drive import messages
from tests.e2e.drive.areas import drive_all
from tests.e2e.drive.bridge import bridge_settings, bridged
from tests.e2e.drive.calls import BATCH
from tests.e2e.drive.sdks import SDKS, Held, Sdk
from tests.e2e.drive.speaker import Speaker
from tests.e2e.processes import start

Answers = dict[str, Any]


@dataclass(frozen=True)
class Driven:
    """What an SDK got, by area; how often each mutation was carried out meanwhile; the upstream as it left it.

    `called` are the calls of the contract that were made, `handed` what python-upwork 1.3 handed over, beside the
    answers that it unwrapped.
    """

    sdk: Sdk
    answers: dict[str, Answers]
    mutations: dict[str, int]
    steering: Steering
    called: frozenset[str]
    handed: list[tuple[str, Any, Any]]


Driving = Callable[[Sdk], Driven]


@pytest.fixture(scope="session")
def driving(outputs: Path, ids: Ids) -> Iterator[Driving]:
    """Drive an SDK through every call over a world that nobody else changes, once."""
    known: dict[str, Driven] = {}
    with ExitStack() as stack:

        def get(sdk: Sdk) -> Driven:
            if sdk.name not in known:
                known[sdk.name] = _drive(sdk, outputs, ids, stack)
            return known[sdk.name]

        yield get


def _drive(sdk: Sdk, outputs: Path, ids: Ids, stack: ExitStack) -> Driven:
    sandbox_port = free_port()
    store = stack.enter_context(TemporaryDirectory(dir=outputs))
    settings = bridge_settings(store) if sdk.signs else {}
    proxy = start(
        f"both-{sdk.name}",
        lambda port: ["serve", "--sandbox", "--port", str(port), "--sandbox-port", str(sandbox_port)],
        outputs,
        None,
        **settings,
    )
    stack.callback(proxy.stop)
    held = bridged(settings, sandbox_port) if sdk.signs else Held(ids.token)
    given = ids.values | {"other_submission_id": other_submission(ids)}
    with Speaker(sdk, held, proxy.url) as call:
        answers = drive_all(call, given)
    with Speaker(sdk, replace(held, token="a-token-nobody-issued"), proxy.url) as stranger:
        answers["refused"] = messages.refused(stranger, given)
    upstream = f"http://127.0.0.1:{sandbox_port}"
    http = stack.enter_context(httpx.Client(base_url=upstream, timeout=CALL_SECONDS, trust_env=False))
    mutations = success(http.get("/_sandbox/log"))["mutations"]
    return Driven(sdk, answers, mutations, Steering(http), frozenset(call.called), call.handed)


WITH_BATCH = [sdk for sdk in SDKS if BATCH not in sdk.lacks]
UNWRAPPING = [sdk for sdk in SDKS if sdk.family == "old"]


@pytest.fixture(scope="session", params=SDKS, ids=str)
def driven(request: pytest.FixtureRequest, driving: Driving) -> Driven:
    """Each SDK."""
    return driving(request.param)


@pytest.fixture(scope="session", params=WITH_BATCH, ids=str)
def with_batch(request: pytest.FixtureRequest, driving: Driving) -> Driven:
    """Each SDK that can send one message to many rooms."""
    return driving(request.param)


@pytest.fixture(scope="session", params=UNWRAPPING, ids=str)
def unwrapping(request: pytest.FixtureRequest, driving: Driving) -> Driven:
    """Each SDK that hands over less than the answer."""
    return driving(request.param)


def other_submission(ids: Ids) -> str:
    """A second submission that waits for approval: no call of the API tells one, people copied it from the site."""
    world = seed_world()
    return next(
        submission
        for submission, milestone in world.submissions.items()
        if milestone.state == "Submitted"
        and submission != ids.values["submission_id"]
        and world.offer_of(world.contracts[milestone.contract_id]).client_id == world.cast.main_company
        and world.contracts[milestone.contract_id].status == "ACTIVE"
    )


@pytest.fixture(scope="session")
def answers(driven: Driven) -> dict[str, Answers]:
    """What the program got, by area."""
    return driven.answers
