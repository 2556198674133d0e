"""What the README shows of a first call is what a newcomer gets."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx

from tests.e2e.clients import CALL_SECONDS, Caller, Ids
from tests.e2e.processes import TOP, start_proxy, start_sandbox


def test_first_call__as_printed__is_what_is_answered(tmp_path: Path, ids: Ids) -> None:
    """The first room and the totals, from a sandbox that nobody has changed."""
    text = (TOP / "README.md").read_text(encoding="utf-8")
    printed = json.loads(re.sub(r",\n *….*", "", text[text.index('{\n  "server_time"') :].partition("```")[0]))
    sandbox = start_sandbox(tmp_path)
    try:
        proxy = start_proxy(tmp_path, sandbox.url)
        try:
            with httpx.Client(base_url=proxy.url, timeout=CALL_SECONDS, trust_env=False) as http:
                told = Caller(http, ids.token).read(ids.rooms)
        finally:
            proxy.stop()
    finally:
        sandbox.stop()

    told["rooms"] = told["rooms"][:1]
    assert printed | {"server_time": 0} == told | {"server_time": 0}
