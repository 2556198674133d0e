"""`python -m tests.fuzz --requests N`: N raw requests to a proxy over the sandbox; the last line sums up."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

from app.building import build
from app.settings import load_settings
from tests.e2e.processes import run_cli, start_proxy, start_sandbox
from tests.fuzz.requests import requests, targets
from tests.fuzz.run import fuzz


def main() -> int:
    """Run, print, and tell by the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    # Whoever stops the run stops what it has started too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    ids = json.loads(run_cli("sandbox", "ids").stdout)
    routes = targets(build(load_settings({})).plans, ids["values"])
    with tempfile.TemporaryDirectory() as folder:
        sandbox = start_sandbox(Path(folder))
        proxy = start_proxy(Path(folder), sandbox.url, HEIRLOOM_LOG_LEVEL="error", HEIRLOOM_RECEIVE_SECONDS="3")
        started = time.monotonic()
        try:
            made = requests(routes, ids["credentials"]["access_token"])
            tally = fuzz(proxy.port, made, given.requests, given.seed)
            is_alive = proxy.answers()
        finally:
            proxy.stop()
            sandbox.stop()
    for problem, raw in tally.findings:
        print(f"{problem}: {raw[:600]!r}")
    print(f"{tally.summary()}; {time.monotonic() - started:.0f} s{'' if is_alive else '; the proxy is gone'}")
    return 1 if tally.findings or not is_alive or tally.sent < given.requests else 0


if __name__ == "__main__":
    sys.exit(main())
