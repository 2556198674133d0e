"""The project's own connections are covered whole, line and branch, by the tests that hold them against httpx's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
OWN_CONNECTIONS = "app/run/transport.py,app/run/connection.py"


def test_own_connections__their_tests_alone__cover_all_of_them(tmp_path: Path) -> None:
    """What stands in for a well-kept library has no corner that nobody has seen."""
    settings = tmp_path / "coverage.ini"
    settings.write_text(f"[run]\nbranch = true\ninclude = {OWN_CONNECTIONS}\ndata_file = {tmp_path}/coverage\n")
    tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/run/test_transport.py"]

    ran = _coverage("run", f"--rcfile={settings}", *tests)
    assert ran.returncode == 0, ran.stdout
    told = _coverage("report", f"--rcfile={settings}", "--show-missing", "--fail-under=100")

    assert told.returncode == 0, told.stdout


def _coverage(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "coverage", *words]
    return subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=120, check=False)
