"""Running the proxy under uvicorn, in one process or several."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

import uvicorn

from app import stopping
from app.assemble import assemble
from app.observe.log import set_up_logging
from app.observe.metrics import SHARED
from app.plan import Plans
from app.settings import PREFIX, Settings, as_text, check_tls
from app.web.app import create_app
from app.web.legacy import App
from app.web.protocol import LegacyHttp, limits_of

KEEP_ALIVE_SECONDS = 75


def serve(settings: Settings, plans: Plans) -> None:
    """Serve until told to stop; running requests get their time to end. Several workers make plans of their own."""
    check_tls(settings)
    served: Any = application(settings, plans)
    if settings.workers > 1:
        _to_environment(settings)
        served = "app.worker:create_worker_app"
    with _shared_numbers(settings.workers):
        _run(settings, served)


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


def application(settings: Settings, plans: Plans) -> App:
    """The service. No look for garbage goes through what start-up made: that would stall all calls."""
    set_up_logging(settings.log_level, settings.log_format)
    made = create_app(assemble(settings, plans))
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    return made


def _to_environment(settings: Settings) -> None:
    """What was said on the command line, for the processes that read the environment again."""
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        if value is not None:
            os.environ[f"{PREFIX}{name.upper()}"] = as_text(value)


def free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
