"""Installs the legacy SDKs that the tests drive, each into a folder of its own under `.venv/sdks`, by locked hashes.

`python -m tests.e2e.install_sdks` does all; what is there already is left alone. A Python SDK is locked in
`requirements/sdk-NAME.txt`, a Node SDK in `requirements/sdk-NAME/package-lock.json`, which names no registry: npm takes
the one it is set up with, and compares what comes with the lock.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
FOLDER = TOP / ".venv" / "sdks"
LOCKS = TOP / "requirements"
PREFIX = "sdk-"
BUILDING = LOCKS / "building.txt"
INSTALL_SECONDS = 300


def sdk_names() -> list[str]:
    """The SDKs that have a lock, as `name-version`."""
    return sorted(lock.name.removeprefix(PREFIX).removesuffix(".txt") for lock in LOCKS.glob(f"{PREFIX}*"))


def install_sdk(name: str) -> Path:
    """The folder of an SDK. It is filled beside its place and moved there whole, so a broken install is never found."""
    target = FOLDER / name
    if target.is_dir():
        return target
    FOLDER.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=FOLDER))
    lock = LOCKS / f"{PREFIX}{name}"
    try:
        if lock.is_dir():
            _npm_install(lock, work / "made")
        else:
            # An old SDK comes as source alone; what builds it is locked like everything else.
            _pip_install(BUILDING, work / "building")
            _pip_install(lock.with_name(f"{lock.name}.txt"), work / "made", building=work / "building")
        _move(work / "made", target)
    finally:
        shutil.rmtree(work)
    return target


def find_program(name: str) -> str:
    """Where a program of Node.js is. Raises FileNotFoundError with what to do: tests that need it are never skipped."""
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"'{name}' is not on the path: the Node SDKs are tested with Node.js 20 and its npm")
    return found


def _npm_install(lock: Path, target: Path) -> None:
    shutil.copytree(lock, target)
    # No script of a package is run.
    command = [find_program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=target, check=True, timeout=INSTALL_SECONDS, stdout=subprocess.DEVNULL)


def _pip_install(lock: Path, target: Path, building: Path | None = None) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--target", str(target), "--requirement", str(lock)]
    environment = dict(os.environ)
    if building is not None:
        command.append("--no-build-isolation")
        environment["PYTHONPATH"] = str(building)
    subprocess.run(command, check=True, timeout=INSTALL_SECONDS, env=environment)


def _move(made: Path, target: Path) -> None:
    """Put it in place; another process may have been faster, and its folder is as good."""
    try:
        os.rename(made, target)  # noqa: PTH104 - Path.rename would not tell a full folder apart either
    except OSError:
        if not target.is_dir():
            raise


def main() -> None:
    """Install every SDK that is not there."""
    for name in sdk_names():
        print(install_sdk(name))


if __name__ == "__main__":
    main()
