"""What a benchmark runs: programs pinned to processors, built or installed where they are not there yet."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
#: what is built and installed for benchmarks, and nothing else
TOOLS = TOP / ".bench"
#: of the loaded program; the stub and the load run on the other one
LOADED, OTHER = "1", "0"
START_SECONDS = 60
#: people write `pip install fastapi uvicorn[standard] httpx` and get these, which Heirloom has too; no sniffio is there
NAIVE = ("fastapi==0.165.0", "uvicorn[standard]==0.54.0", "httpx==0.28.1", "pydantic==2.14.3")


@contextlib.contextmanager
def process(port: int, *command: str, processors: str = LOADED, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program that listens on a port, on these processors; stopped at the end."""
    child = subprocess.Popen(
        ["taskset", "-c", processors, *command],
        cwd=TOP,
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, child)
        yield child
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_for(port: int, child: subprocess.Popen[bytes], pause: float = 0.02, *, seconds: float = START_SECONDS) -> None:
    """Until somebody listens there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if child.poll() is not None:
            raise RuntimeError(f"it ended with status {child.returncode}: {child.args!r}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(pause)
    raise RuntimeError(f"it does not listen: {child.args!r}")


def native(name: str) -> str:
    """A program in C, compiled where its source is newer."""
    source, made = HERE / "native" / f"{name}.c", TOOLS / name
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        TOOLS.mkdir(exist_ok=True)
        subprocess.run(["cc", "-O2", "-o", str(made), str(source), "-lm"], check=True)
    return str(made)


def node_programs() -> Path:
    """The folder of the contestants in JavaScript, with what they need installed."""
    folder = TOOLS / "node"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "contestants" / "package.json").read_bytes()
    kept = folder / "package.json"
    if not kept.exists() or kept.read_bytes() != wanted or not (folder / "node_modules").exists():
        kept.write_bytes(wanted)
        subprocess.run(
            ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True
        )
    for program in (HERE / "contestants").glob("*.mjs"):
        shutil.copy(program, folder)
    return folder


def naive_python() -> str:
    """A Python with what people install, and nothing of ours."""
    folder = TOOLS / "naive"
    done = folder / "installed"
    if not done.exists() or done.read_text() != " ".join(NAIVE):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", *NAIVE], check=True)
        done.write_text(" ".join(NAIVE))
    return str(folder / "bin" / "python")


@dataclass(frozen=True)
class Measured:
    """What one round gave."""

    requests: int
    errors: int
    unanswered: int
    per_second: float
    p50_ms: float
    p99_ms: float
    most_ms: float


def load(
    port: int, request: Path, connections: int, seconds: float, *, rate: float = 0, numbers: int = 80_000_000
) -> Measured:
    """Send one request over and over; `rate` a second by chance, or the next when the last is answered."""
    command = [native("load"), str(port), str(request), str(connections), str(seconds), str(rate), str(numbers)]
    done = subprocess.run(["taskset", "-c", OTHER, *command], capture_output=True, text=True, check=True)
    return Measured(**json.loads(done.stdout))


def spent_seconds(child: subprocess.Popen[bytes]) -> float:
    """What a process and its children have had of all processors so far."""
    ids, spent = [child.pid], 0
    for one in ids:
        ids += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        times = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        spent += int(times[11]) + int(times[12])
    return spent / os.sysconf("SC_CLK_TCK")


def resident_mb(child: subprocess.Popen[bytes]) -> float:
    """The memory of a process."""
    lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def versions() -> Mapping[str, str]:
    """What the figures were taken with."""
    asked = {"nginx": ["nginx", "-v"], "node": ["node", "-v"], "kernel": ["uname", "-r"]}
    found = {"python": sys.version.split()[0]}
    for name, command in asked.items():
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found[name] = (done.stdout + done.stderr).strip().rpartition("/")[2]
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ": unknown")
    return found | {"processor": model.partition(": ")[2], "processors": str(os.cpu_count())}
