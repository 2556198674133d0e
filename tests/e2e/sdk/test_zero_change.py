"""Unmodified SDKs that call `https://www.upwork.com`, on a machine set up as docs/zero-change.md says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict
from typing import Any

import pytest

from tests.e2e.clients import Ids
from tests.e2e.drive.sdks import SDKS, Sdk
from tests.e2e.processes import TOP
from tests.e2e.sdk.conftest import Driving, other_submission
from tests.e2e.sdk.machine import Wish, own_namespaces
from tests.e2e.sdk.shapes import is_refused

PAGE = (TOP / "docs" / "zero-change.md").read_text(encoding="utf-8")
TRY_SECONDS = 180


def block(language: str) -> str:
    """The page's first block of code in a language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/zero-change.md has no block of {language}"
    return found[1]


def variable_for(sdk: Sdk) -> str:
    """How the page tells an SDK to trust: the name of a variable, or nothing for the system's bundle."""
    name, version = sdk.name.rsplit("-", 1)
    for row in re.findall(r"^\| `([^`]+)`([^|]*)\| ([^|]+) \|$", PAGE, re.MULTILINE):
        package, versions, told = row
        series = re.search(r"\d[\d.]*", versions)
        if package in {name, sdk.package} and version.startswith(series[0] if series else ""):
            return "" if told == "the system's bundle" else str(told).strip("`")
    raise LookupError(f"docs/zero-change.md does not say how {sdk.name} is told to trust")


def outcomes(answers: dict[str, dict[str, Any]]) -> dict[str, bool]:
    """Which steps were refused."""
    return {
        f"{area}.{step}": is_refused(answer)
        for area, steps in answers.items()
        for step, answer in steps.items()
        if area != "refused" and isinstance(answer, dict)
    }


@pytest.mark.parametrize("sdk", SDKS, ids=str)
def test_unmodified_sdk__name_and_trust_set_up_as_the_page_says__makes_every_call(
    sdk: Sdk, ids: Ids, driving: Driving
) -> None:
    """All calls end as they do with the SDK told of the proxy, and the upstream carries out the same; before the SDK
    trusts the authority, it calls nobody.
    """
    assert shutil.which("unshare"), "'unshare' is needed: the machine is made of namespaces, which anybody may make"
    given = ids.values | {"other_submission_id": other_submission(ids)}
    wish = Wish(sdk.name, ids.token, given, block("sh"), block("text").strip(), variable_for(sdk))

    done = subprocess.run(
        [*own_namespaces(), sys.executable, "-m", "tests.e2e.sdk.machine"],
        input=json.dumps(asdict(wish)),
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=TRY_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-6000:]
    tried, told = json.loads(done.stdout), driving(sdk)
    assert "did not survive" in tried["distrust"]
    assert set(tried["called"]) == told.called
    assert tried["mutations"] == told.mutations
    assert outcomes(tried["answers"]) == outcomes(told.answers)
