"""What tests share: the product's own mappings compiled once, and the service over an upstream of the test's."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from app.assemble import assemble
from app.building import build
from app.compile.build import Built
from app.settings import Settings, load_settings
from app.web.app import create_app
from app.web.legacy import App
from tests.doubles import Events
from tests.limits import NO_LIMITS
from tests.upstream import Answer, RecordingUpstream


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take `--update-golden`."""
    text = "rewrite questions.json and reply.yaml of every golden case; review the difference before you keep it"
    parser.addoption("--update-golden", action="store_true", help=text)


@dataclass
class Service:
    """The whole service as an ASGI application, with the upstream that it asks and what it told."""

    app: App
    upstream: RecordingUpstream
    events: Events = field(default_factory=Events)


ServiceOver = Callable[[Sequence[Answer | Exception]], Service]


@pytest.fixture
def without_collection() -> Iterator[None]:
    """Nobody looks for cycles meanwhile."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The settings of a machine on which nothing is set, but that a question is asked once: cases list each answer.

    Nor are there limits, which would slow all down and be kept in a file.
    """
    return load_settings({"HEIRLOOM_UPSTREAM_ATTEMPTS": "1"} | NO_LIMITS)


@pytest.fixture(scope="session")
def built(settings: Settings) -> Built:
    """The plans of the product's mappings, compiled once."""
    return build(settings)


@pytest.fixture
def service_over(settings: Settings, built: Built) -> ServiceOver:
    """Make the service over an upstream with these answers."""

    def make(answers: Sequence[Answer | Exception] = ()) -> Service:
        upstream, events = RecordingUpstream(answers), Events()
        assembly = assemble(settings, built.plans, transport=upstream, observer=events)
        return Service(create_app(assembly), upstream, events)

    return make
