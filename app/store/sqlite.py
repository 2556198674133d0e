"""The store as a file beside the program: SQLite with a write-ahead log, shared by the workers of one machine."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite

from app.store.store import StoreDownError

#: how long one worker waits for another's write
BUSY_SECONDS = 5.0
#: how often, and after how many seconds, one that found the file being made tries again
SET_UP_TRIES, SET_UP_PAUSE = 100, 0.05
#: writes between two looks for entries that have had their time
SWEEP_EVERY = 500

TABLE = """
CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY, value BLOB NOT NULL, ends REAL
) WITHOUT ROWID
"""
INDEX = "CREATE INDEX IF NOT EXISTS entries_by_end ON entries (ends) WHERE ends IS NOT NULL"
LIVES = "(ends IS NULL OR ends > :now)"
GET = f"SELECT value FROM entries WHERE key = :key AND {LIVES}"  # noqa: S608 - constants
PUT = """
INSERT INTO entries (key, value, ends) VALUES (:key, :value, :ends)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends = excluded.ends
"""
ADD = PUT + "WHERE entries.ends <= :now"
SWAP = f"UPDATE entries SET value = :new WHERE key = :key AND value = :old AND {LIVES}"  # noqa: S608
TAKE_OUT = f"DELETE FROM entries WHERE key = :key AND value = :old AND {LIVES}"  # noqa: S608
DELETE = f"DELETE FROM entries WHERE key = :key AND {LIVES}"  # noqa: S608
BELOW = f"SELECT key, value FROM entries WHERE key >= :first AND key < :last AND {LIVES} ORDER BY key"  # noqa: S608
SWEEP = "DELETE FROM entries WHERE ends <= :now"


class SqliteStore:
    """Entries in one file that only its owner reads. `now` is seconds since 1970, the same for all workers."""

    def __init__(self, path: Path, now: Callable[[], float]) -> None:
        self._path = path
        self._now = now
        self._opening: asyncio.Task[aiosqlite.Connection] | None = None
        self._connection: aiosqlite.Connection | None = None
        self._writes = 0

    async def get(self, key: str) -> bytes | None:
        """The value under a key, or None."""
        async with self._asked() as connection:
            found = await connection.execute_fetchall(GET, {"key": key, "now": self._now()})
        rows = list(found)
        return bytes(rows[0][0]) if rows else None

    async def put(self, key: str, value: bytes, *, seconds: float | None = None) -> None:
        """Set a value, whatever was there."""
        await self._write(PUT, key=key, value=value, ends=self._end(seconds))

    async def add(self, key: str, value: bytes, *, seconds: float | None = None) -> bool:
        """Set a value where there is none; False, and nothing done, where there is one."""
        return await self._write(ADD, key=key, value=value, ends=self._end(seconds))

    async def swap(self, key: str, old: bytes, new: bytes | None) -> bool:
        """Put `new` in the place of `old`; None takes it out. False where `old` is not there."""
        return await self._write(TAKE_OUT if new is None else SWAP, key=key, old=old, new=new)

    async def delete(self, key: str) -> bool:
        """Take an entry out; whether there was one."""
        return await self._write(DELETE, key=key)

    async def entries(self, prefix: str) -> list[tuple[str, bytes]]:
        """All entries whose keys begin so, by key."""
        # No text of a key comes after the last letter of Unicode.
        bounds = {"first": prefix, "last": prefix + "\U0010ffff", "now": self._now()}
        async with self._asked() as connection:
            found = await connection.execute_fetchall(BELOW, bounds)
        return [(row[0], bytes(row[1])) for row in found]

    async def moment(self) -> float:
        """The time of this machine, which all who share the file run on."""
        return self._now()

    async def check(self) -> None:
        """Raise where the file cannot be read."""
        await self.get("")

    async def close(self) -> None:
        """Close the file."""
        if self._opening is not None:
            await asyncio.wait((self._opening,))
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _end(self, seconds: float | None) -> float | None:
        return None if seconds is None else self._now() + seconds

    async def _write(self, statement: str, **values: Any) -> bool:
        async with self._asked() as connection:
            done = await connection.execute(statement, values | {"now": self._now()})
            count = done.rowcount
            await done.close()
            self._writes += 1
            if self._writes % SWEEP_EVERY == 1:
                await connection.execute(SWEEP, {"now": self._now()})
        return count > 0

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[aiosqlite.Connection]:
        """The open file; whatever goes wrong with it is that the store is down."""
        try:
            yield await self._open()
        except (sqlite3.Error, OSError, ValueError) as error:
            raise StoreDownError(f"{type(error).__name__}: {error}"[:200]) from error

    async def _open(self) -> aiosqlite.Connection:
        if self._connection is not None:
            return self._connection
        if self._opening is None:
            self._opening = asyncio.create_task(self._made())
            self._opening.add_done_callback(self._opened)
        # Goes on where who asked first goes away: aiosqlite leaves its thread to answer a loop that may be closed.
        return await asyncio.shield(self._opening)

    async def _made(self) -> aiosqlite.Connection:
        # Made before SQLite does, so that nobody else can ever read it.
        self._path.touch(mode=0o600)
        # Each statement is a transaction of its own: nothing is held open between two.
        connection = await aiosqlite.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            await _set_up(connection)
        except BaseException:
            await connection.close()
            raise
        self._connection = connection
        return connection

    def _opened(self, opening: asyncio.Task[aiosqlite.Connection]) -> None:
        # Whoever comes after one that failed tries again.
        self._opening = None


async def _set_up(connection: aiosqlite.Connection) -> None:
    """The file's form. Where several workers make it at once, SQLite lets one do so, and the others do not wait."""
    for left in reversed(range(SET_UP_TRIES)):
        try:
            await connection.execute("PRAGMA journal_mode = WAL")
            await connection.execute("PRAGMA synchronous = FULL")
            await connection.execute(TABLE)
            await connection.execute(INDEX)
        except sqlite3.OperationalError as error:
            # Busy comes in several kinds, told apart by the higher bits.
            if left == 0 or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            await asyncio.sleep(SET_UP_PAUSE)
        else:
            return
