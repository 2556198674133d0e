"""Running servers: the proxy under uvicorn, and the sandbox beside it as a process of its own."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
import uvicorn

from app import stopping
from app.assemble import assemble, build
from app.observe.log import set_up_logging
from app.observe.metrics import SHARED
from app.plan import Plans
from app.settings import PREFIX, Settings, as_text, check_tls, load_settings
from app.web.app import create_app
from app.web.legacy import App
from app.web.protocol import LegacyHttp, limits_of

SANDBOX_START_SECONDS = 30.0
#: the built-in upstream is one's own; the limits of the real one can be tried by setting them
SANDBOX_LIMITS = {"upstream_per_second": 0, "upstream_per_day": 0}
KEEP_ALIVE_SECONDS = 75


class SandboxDidNotStart(Exception):
    """The sandbox process ended, or did not answer in time."""


def serve(settings: Settings, plans: Plans) -> None:
    """Serve until told to stop; running requests get their time to end. Several workers make plans of their own."""
    set_up_logging(settings.log_level, settings.log_format)
    check_tls(settings)
    application: Any = _application(settings, plans)
    if settings.workers > 1:
        _to_environment(settings)
        application = "app.serving:create_worker_app"
    with _shared_numbers(settings.workers):
        _run(settings, application)


def _run(settings: Settings, application: Any) -> None:
    config = uvicorn.Config(
        application,
        factory=settings.workers > 1,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http=cast(Any, partial(LegacyHttp, limits=limits_of(settings), now=time.time)),
        # There is nothing to upgrade to; what a client offers besides is answered as the request that it is.
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        # Longer than fronts keep theirs (nginx 60 s): whoever ends an idle connection may lose a request that comes.
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.drain_seconds,
        forwarded_allow_ips=settings.trusted_proxies,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )
    stopping.run(config)


@contextlib.contextmanager
def _shared_numbers(workers: int) -> Iterator[None]:
    """A folder where several workers put their numbers, so that each can tell those of all."""
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="heirloom-metrics-") as folder:
        os.environ[SHARED] = folder
        yield


def create_worker_app() -> App:
    """The application as a worker process makes it for itself, from the environment."""
    settings = load_settings()
    set_up_logging(settings.log_level, settings.log_format)
    return _application(settings, build(settings).plans)


def _application(settings: Settings, plans: Plans) -> App:
    """The service. No look for garbage goes through what start-up made: that would stall all calls."""
    application = create_app(assemble(settings, plans))
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    return application


def _to_environment(settings: Settings) -> None:
    """What was said on the command line, for the processes that read the environment again."""
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        if value is not None:
            os.environ[f"{PREFIX}{name.upper()}"] = as_text(value)


def serve_sandbox(schema: Path, host: str, port: int, seed: int) -> None:
    """Serve the sandbox until told to stop."""
    from app.sandbox import create_sandbox  # noqa: PLC0415 - the proxy alone never pays for the sandbox

    uvicorn.run(create_sandbox(schema, seed), host=host, port=port, log_level="warning", access_log=False)


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


def free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
