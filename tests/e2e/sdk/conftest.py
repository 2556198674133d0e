"""Each SDK against `serve --sandbox` of its own: one program makes every call, the tests read what it was given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.sandbox.seeding.growing import seed_world
from app.serving import free_port
from tests.e2e.clients import CALL_SECONDS, Ids, Steering, success
from tests.e2e.install_sdks import install_sdk
from tests.e2e.processes import TOP, start

#: the newest of each that still speaks REST: OAuth 2, and OAuth 1.0a
SDKS = ("python-upwork-oauth2-3.1.0", "python-upwork-2.1.0")
PROGRAMS = TOP / "tests" / "e2e"
DRIVE_SECONDS = 60

Answers = dict[str, Any]


@dataclass(frozen=True)
class Driven:
    """What a program got, by area; how often each mutation was carried out meanwhile; the upstream as it left it."""

    answers: dict[str, Answers]
    mutations: dict[str, int]
    steering: Steering


@pytest.fixture(scope="session", params=SDKS)
def driven(request: pytest.FixtureRequest, outputs: Path, ids: Ids) -> Iterator[Driven]:
    """One SDK, driven through every call over a world that nobody else changes."""
    sdk = install_sdk(request.param)
    sandbox_port = free_port()
    proxy = start(
        f"both-{request.param}",
        lambda port: ["serve", "--sandbox", "--port", str(port), "--sandbox-port", str(sandbox_port)],
        outputs,
        HEIRLOOM_OAUTH1="unverified",
    )
    try:
        answers = drive(sdk, proxy.url, ids)
        upstream = f"http://127.0.0.1:{sandbox_port}"
        with httpx.Client(base_url=upstream, timeout=CALL_SECONDS, trust_env=False) as http:
            log = success(http.get("/_sandbox/log"))
            yield Driven(answers, log["mutations"], Steering(http))
    finally:
        proxy.stop()


def drive(sdk: Path, url: str, ids: Ids) -> dict[str, Answers]:
    """Run the program with nothing but the SDK on its path."""
    given = {"host": url, "token": ids.token, "ids": ids.values | {"other_submission_id": other_submission(ids)}}
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-m", "drive", json.dumps(given)],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{sdk}{os.pathsep}{PROGRAMS}",
            "OAUTHLIB_INSECURE_TRANSPORT": "1",
        },
        capture_output=True,
        text=True,
        timeout=DRIVE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Answers] = json.loads(done.stdout)
    return answers


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
