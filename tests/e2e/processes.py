"""Our own programs as processes: started on a free port, waited for, their output kept in a file, always stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.serving import free_port
from tests.limits import NO_LIMITS

TOP = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.02
ATTEMPTS = 3
IN_USE = "address already in use"


def wait_until(holds: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Ask again and again, a bounded time; TimeoutError says what never came."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(POLL_SECONDS)


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without a setting of ours, and with what is given."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("HEIRLOOM_")}
    return kept | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "COLUMNS": "120", **more}


def run_cli(*arguments: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """One command to its end, with what is typed into it: status, standard output, standard error."""
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=TOP,
        env=clean_environment(**environment),
        input=typed,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def takes_connections(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class Running:
    """A server of ours at `url`; what it prints goes to `log`."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def output(self, most: int = 6000) -> str:
        """The end of what it has printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-most:]

    def answers(self) -> bool:
        """Whether it is up."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/healthz", timeout=2, trust_env=False).status_code == 200
        return False

    def ask_to_stop(self) -> None:
        """SIGTERM, without waiting."""
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """Stop it if it runs, and give its exit status."""
        if self.process.poll() is None:
            self.ask_to_stop()
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def workers(self) -> set[int]:
        """The processes that serve, without the first one and what keeps count of their resources."""
        first = self.process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii").split()
        return {int(one) for one in children if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()}

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.process.kill()
        self.process.wait()


Command = Callable[[int], Sequence[str]]


def start(name: str, command: Command, folder: Path, port: int | None = None, **environment: str) -> Running:
    """Start `command(port)` and wait until it answers; a port that somebody took in the meantime is given up."""
    for _ in range(ATTEMPTS):
        running = _spawn(name, command, folder, port or free_port(), environment)
        try:
            wait_until(lambda one=running: one.process.poll() is not None or one.answers(), f"{name} is up")  # type: ignore[misc]
        except TimeoutError:
            running.kill()
            raise
        if running.process.poll() is None:
            return running
        if port is not None or IN_USE not in running.output().lower():
            break
    raise RuntimeError(f"{name} ended with status {running.process.returncode}:\n{running.output()}")


def _spawn(name: str, command: Command, folder: Path, port: int, environment: Mapping[str, str]) -> Running:
    log = folder / f"{name}-{port}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", *command(port)],
            cwd=TOP,
            env=clean_environment(**environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Running(name, f"http://127.0.0.1:{port}", process, log)


def start_sandbox(folder: Path, port: int | None = None) -> Running:
    """The sandbox, seed 1."""
    return start("sandbox", lambda free: ["sandbox", "--port", str(free)], folder, port)


def start_proxy(folder: Path, sandbox_url: str, *arguments: str, **environment: str) -> Running:
    """The proxy over a sandbox."""
    environment = {"HEIRLOOM_UPSTREAM_URL": f"{sandbox_url}/graphql", **NO_LIMITS, **environment}
    return start("proxy", lambda free: ["serve", "--port", str(free), *arguments], folder, None, **environment)


def start_again(proxy: Running, folder: Path, sandbox_url: str, **environment: str) -> Running:
    """A proxy in the place of one that has ended, on its port."""
    environment = {"HEIRLOOM_UPSTREAM_URL": f"{sandbox_url}/graphql", **NO_LIMITS, **environment}
    return start("proxy", lambda port: ["serve", "--port", str(port)], folder, proxy.port, **environment)
