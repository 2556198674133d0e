"""What a worker process makes for itself, and the name by which a server finds it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib import import_module
from inspect import getsource

import pytest
import structlog

from app import serving, worker
from app.settings import InvalidSettings
from tests.asgi import running, send
from tests.unit.conftest import SetEnvironment


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Whatever a test sets up ends with it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


async def test_create_worker_app__environment_set__serves_by_it(set_environment: SetEnvironment) -> None:
    """A worker reads the environment that the first process left it, and serves."""
    set_environment(HEIRLOOM_MAX_BODY_BYTES="1024", HEIRLOOM_LOG_LEVEL="error")

    app = worker.create_worker_app()

    async with running(app):
        ready = await send(app, "GET", "/readyz")
        large = await send(app, "POST", "/api/x.json", {"Content-Length": "1025"})
    assert (ready.status, large.status) == (200, 413)


def test_create_worker_app__bad_environment__does_not_start(set_environment: SetEnvironment) -> None:
    """A worker refuses what the first process would have refused."""
    set_environment(HEIRLOOM_PORT="x")

    with pytest.raises(InvalidSettings, match="S102 HEIRLOOM_PORT"):
        worker.create_worker_app()


def test_serve__several_workers__names_the_factory_that_is_there() -> None:
    """The server is given a text; it must lead to the factory."""
    (name,) = [word for word in getsource(serving.serve).split('"') if word.startswith("app.")]

    module, _, attribute = name.partition(":")

    assert getattr(import_module(module), attribute) is worker.create_worker_app
