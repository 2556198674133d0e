"""What unit tests share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.redis_server import redis_cluster, redis_sentinels, redis_server

SetEnvironment = Callable[..., None]


@pytest.fixture
def set_environment(monkeypatch: pytest.MonkeyPatch) -> SetEnvironment:
    """Set names of ours in the process's environment, and no others of ours, for the length of a test."""

    def put(**names: str) -> None:
        for name in os.environ:
            if name.upper().startswith("HEIRLOOM_"):
                monkeypatch.delenv(name)
        for name, value in names.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.fixture(scope="session")
def redis_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis for all tests of this run."""
    with redis_server(tmp_path_factory.mktemp("redis")) as address:
        yield address


@pytest.fixture(scope="session")
def cluster_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A cluster of three for all tests of this run."""
    with redis_cluster(tmp_path_factory.mktemp("cluster")) as address:
        yield address


@pytest.fixture(scope="session")
def sentinel_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A master that sentinels watch, for all tests of this run."""
    with redis_sentinels(tmp_path_factory.mktemp("sentinels")) as watched:
        yield watched.address


@pytest.fixture(params=["sqlite", "redis"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the store of a test is, each kind in turn."""
    if request.param == "redis":
        found: str = request.getfixturevalue("redis_address")
        return found
    return f"sqlite:{tmp_path / 'heirloom.db'}"
