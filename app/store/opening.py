"""An address of a store to the store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.store.sqlite import SqliteStore
from app.store.store import Store

SQLITE = "sqlite:"
REDIS = (
    "redis://",
    "rediss://",
    "unix://",
    "redis+cluster://",
    "rediss+cluster://",
    "redis+sentinel://",
    "rediss+sentinel://",
)


def open_store(address: str, now: Callable[[], float]) -> Store:
    """`sqlite:a/file`, `redis://host:port/0`, a cluster or sentinels; nothing is touched before it is used.

    Raises ValueError.
    """
    if address.startswith(REDIS):
        from app.store.redis import RedisStore  # noqa: PLC0415 - only a store in Redis pays for its client

        return RedisStore(address)
    path = address.removeprefix(SQLITE)
    if not address.startswith(SQLITE) or not path:
        raise ValueError("a store is 'sqlite:' and a file, or 'redis://' and a host")
    return SqliteStore(Path(path), now)
