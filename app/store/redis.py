"""The store as a Redis (or Valkey) that several machines share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.store.store import StoreDownError

PREFIX = "heirloom:"
#: for all of one step, with connecting and the library's own repetitions: several of them come before a write is sent
SECONDS_TO_ANSWER = 1.0
#: compare, and set with the lifetime kept, or take out; one step for all clients
SWAP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == 'out' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[3], 'KEEPTTL') end
return 1
"""
PAGE = 500


class RedisStore:
    """Entries below one prefix of a Redis."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=SECONDS_TO_ANSWER, socket_connect_timeout=SECONDS_TO_ANSWER
        )
        self._swap = self._redis.register_script(SWAP)

    async def get(self, key: str) -> bytes | None:
        """The value under a key, or None."""
        async with _told():
            return _bytes(await self._redis.get(PREFIX + key))

    async def put(self, key: str, value: bytes, *, seconds: float | None = None) -> None:
        """Set a value, whatever was there."""
        async with _told():
            await self._redis.set(PREFIX + key, value, px=_milliseconds(seconds))

    async def add(self, key: str, value: bytes, *, seconds: float | None = None) -> bool:
        """Set a value where there is none; False, and nothing done, where there is one."""
        async with _told():
            return bool(await self._redis.set(PREFIX + key, value, nx=True, px=_milliseconds(seconds)))

    async def swap(self, key: str, old: bytes, new: bytes | None) -> bool:
        """Put `new` in the place of `old`; None takes it out. False where `old` is not there."""
        async with _told():
            return bool(await self._swap(keys=[PREFIX + key], args=[old, "out" if new is None else "set", new or b""]))

    async def delete(self, key: str) -> bool:
        """Take an entry out; whether there was one."""
        async with _told():
            return bool(await self._redis.delete(PREFIX + key))

    async def entries(self, prefix: str) -> list[tuple[str, bytes]]:
        """All entries whose keys begin so, by key."""
        pattern = PREFIX + "".join(f"\\{letter}" if letter in "*?[]\\^" else letter for letter in prefix) + "*"
        async with _told(seconds=None):
            keys = sorted({key async for key in self._redis.scan_iter(match=pattern, count=PAGE)})
            values = await self._redis.mget(keys) if keys else []
        found = ((key.decode().removeprefix(PREFIX), _bytes(value)) for key, value in zip(keys, values, strict=True))
        return [(key, value) for key, value in found if value is not None]

    async def moment(self) -> float:
        """Its own time: the clocks of several machines differ."""
        async with _told():
            seconds, microseconds = await self._redis.time()
        return float(seconds) + float(microseconds) / 1e6

    async def check(self) -> None:
        """Raise where it does not answer."""
        async with _told():
            await self._redis.ping()

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


@asynccontextmanager
async def _told(seconds: float | None = SECONDS_TO_ANSWER) -> AsyncIterator[None]:
    """Whatever goes wrong with it, or takes longer than so many seconds, is that the store is down."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreDownError(type(error).__name__) from error


def _bytes(value: bytes | str | None) -> bytes | None:
    """What the client library gives is bytes; its types say that it may be told to decode."""
    return value.encode() if isinstance(value, str) else value


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, round(seconds * 1000))
