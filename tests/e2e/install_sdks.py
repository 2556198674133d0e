"""Installs the legacy SDKs that the tests drive, each into a folder of its own under `.venv/sdks`, by locked hashes.

`python -m tests.e2e.install_sdks` does all; what is there already is left alone.
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
INSTALL_SECONDS = 300


def sdk_names() -> list[str]:
    """The SDKs that have a lock file, as `name-version`."""
    return sorted(lock.stem.removeprefix(PREFIX) for lock in LOCKS.glob(f"{PREFIX}*.txt"))


def install_sdk(name: str) -> Path:
    """The folder of an SDK. It is filled beside its place and moved there whole, so a broken install is never found."""
    target = FOLDER / name
    if target.is_dir():
        return target
    FOLDER.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=FOLDER))
    try:
        _pip_install(LOCKS / f"{PREFIX}{name}.txt", work / "made")
        _move(work / "made", target)
    finally:
        shutil.rmtree(work)
    return target


def _pip_install(lock: Path, target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--target", str(target), "--requirement", str(lock)]
    subprocess.run(command, check=True, timeout=INSTALL_SECONDS)


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
