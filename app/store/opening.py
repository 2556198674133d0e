"""An address of a store to the store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.store.redis import RedisStore
from app.store.sqlite import SqliteStore
from app.store.store import Store

SQLITE = "sqlite:"
REDIS = ("redis://", "rediss://", "unix://")


def open_store(address: str, now: Callable[[], float]) -> Store:
    """`sqlite:a/file` or `redis://host:port/0`; nothing is touched before it is used. Raises ValueError."""
    if address.startswith(REDIS):
        return RedisStore(address)
    path = address.removeprefix(SQLITE)
    if not address.startswith(SQLITE) or not path:
        raise ValueError("a store is 'sqlite:' and a file, or 'redis://' and a host")
    return SqliteStore(Path(path), now)
