"""Each kind of store, twice over the same place: two workers see one map."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from app.store.opening import open_store
from app.store.store import Store

NewStore = Callable[[], Store]


@pytest.fixture(params=["sqlite", "redis", "cluster", "sentinel"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the store of a test is, every kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'heirloom.db'}"
    found: str = request.getfixturevalue(f"{request.param}_address")
    return found


@pytest.fixture
async def new_store(address: str) -> AsyncIterator[NewStore]:
    """Open the store of this test once more."""
    opened: list[Store] = []

    def make() -> Store:
        opened.append(open_store(address, time.time))
        return opened[-1]

    yield make
    for key, _ in await make().entries(""):
        await opened[-1].delete(key)
    for store in opened:
        await store.close()


@pytest.fixture
def store(new_store: NewStore) -> Store:
    """One store."""
    return new_store()
