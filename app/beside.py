"""The sandbox beside the proxy: a server, or a process of its own that is stopped with us."""

from __future__ import annotations

import contextlib
import gc
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

SANDBOX_START_SECONDS = 30.0
#: the built-in upstream is one's own; the limits of the real one can be tried by setting them
SANDBOX_LIMITS = {"upstream_per_second": 0, "upstream_per_day": 0}


class SandboxDidNotStart(Exception):
    """The sandbox process ended, or did not answer in time."""


def serve_sandbox(schema: Path, host: str, port: int, seed: int) -> None:
    """Serve the sandbox until told to stop."""
    import uvicorn  # noqa: PLC0415 - the proxy takes it when its plans are made

    from app.sandbox import create_sandbox  # noqa: PLC0415 - the proxy alone never pays for the sandbox

    application = create_sandbox(schema, seed)
    gc.enable()
    uvicorn.run(application, host=host, port=port, log_level="warning", access_log=False)


def sandbox_url(port: int) -> str:
    """The GraphQL address of the sandbox on this machine."""
    return f"http://127.0.0.1:{port}/graphql"


def sandbox_urls(port: int) -> dict[str, str]:
    """The settings of a proxy over the sandbox of this machine, by their fields."""
    base = f"http://127.0.0.1:{port}"
    return {
        "upstream_url": sandbox_url(port),
        "authorize_url": f"{base}/ab/account-security/oauth2/authorize",
        "token_url": f"{base}/api/v3/oauth2/token",
    }


@contextlib.contextmanager
def sandbox_process(port: int, seed: int) -> Iterator[None]:
    """The sandbox as a child process that is stopped with us; goes on once it answers."""
    _check_free(port)
    # uvicorn raises the signal that stopped it once more when it is done: this handler lets the child be stopped first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    command = [sys.executable, "-m", "app", "sandbox", "--port", str(port), "--seed", str(seed)]
    process = subprocess.Popen(command, cwd=Path(__file__).resolve().parent.parent)  # noqa: S603 - our own program
    try:
        _wait_until_it_answers(process, f"http://127.0.0.1:{port}/healthz")
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str) -> None:
    import httpx  # noqa: PLC0415 - the proxy takes it when its plans are made

    deadline = time.monotonic() + SANDBOX_START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SandboxDidNotStart(f"the sandbox ended with status {process.returncode}")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=1, trust_env=False).status_code == 200:
                return
        time.sleep(0.05)
    raise SandboxDidNotStart(f"the sandbox did not answer within {SANDBOX_START_SECONDS:.0f} s")


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SandboxDidNotStart(f"port {port} is taken; give another one with --sandbox-port") from error
