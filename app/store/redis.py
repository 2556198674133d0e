"""The store as a Redis (or Valkey) that several machines share: one server, a cluster, or what sentinels say is it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import ExponentialWithJitterBackoff
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
#: the last comes from below the library where a cluster's servers change while they are asked
WENT_WRONG = (RedisError, OSError, TimeoutError, AttributeError)
TIMES: dict[str, Any] = {"socket_timeout": SECONDS_TO_ANSWER, "socket_connect_timeout": SECONDS_TO_ANSWER}
HOST = re.compile(r"(?:\[(?P<v6>[0-9a-fA-F:]+)\]|(?P<name>[\w.-]+))(?::(?P<port>[0-9]{1,5}))?")
MOST_PORTS = 65_535


class RedisStore:
    """Entries below one prefix of a Redis."""

    def __init__(self, url: str) -> None:
        self._sentinels: list[Redis] = []
        self._learning = asyncio.Lock()
        self._is_known = False
        self._redis = self._client(url)
        self._swap = self._redis.register_script(SWAP)

    def _client(self, url: str) -> Redis | RedisCluster:
        """The client for an address; nothing is connected yet. Raises ValueError."""
        if "+" not in url.partition("://")[0]:
            return Redis.from_url(url, **TIMES)
        place = place_of(url)
        if place.kind == "cluster":
            nodes = [ClusterNode(host, port) for host, port in place.hosts]
            return RedisCluster(startup_nodes=nodes, **place.options, retry=_retry())
        sentinel = Sentinel(place.hosts, sentinel_kwargs=TIMES, **place.options)  # type: ignore[no-untyped-call]
        self._sentinels = sentinel.sentinels
        client: Redis = sentinel.master_for(place.master, db=place.db, retry=_retry())
        return client

    @asynccontextmanager
    async def _told(self, seconds: float | None = SECONDS_TO_ANSWER) -> AsyncIterator[None]:
        """Whatever goes wrong with it, or takes longer than so many seconds, is that the store is down."""
        try:
            async with asyncio.timeout(seconds):
                if isinstance(self._redis, RedisCluster) and not self._is_known:
                    await self._learn()
                yield
        except WENT_WRONG as error:
            raise StoreDownError(type(error).__name__) from error

    async def _learn(self) -> None:
        """Which servers a cluster has. One at a time: the library closes connections that others use meanwhile."""
        async with self._learning:
            await self._redis.initialize()
            self._is_known = True

    async def get(self, key: str) -> bytes | None:
        """The value under a key, or None."""
        async with self._told():
            return _bytes(await self._redis.get(PREFIX + key))

    async def put(self, key: str, value: bytes, *, seconds: float | None = None) -> None:
        """Set a value, whatever was there."""
        async with self._told():
            await self._redis.set(PREFIX + key, value, px=_milliseconds(seconds))

    async def add(self, key: str, value: bytes, *, seconds: float | None = None) -> bool:
        """Set a value where there is none; False, and nothing done, where there is one."""
        async with self._told():
            return bool(await self._redis.set(PREFIX + key, value, nx=True, px=_milliseconds(seconds)))

    async def swap(self, key: str, old: bytes, new: bytes | None) -> bool:
        """Put `new` in the place of `old`; None takes it out. False where `old` is not there."""
        async with self._told():
            return bool(await self._swap(keys=[PREFIX + key], args=[old, "out" if new is None else "set", new or b""]))

    async def delete(self, key: str) -> bool:
        """Take an entry out; whether there was one."""
        async with self._told():
            return bool(await self._redis.delete(PREFIX + key))

    async def entries(self, prefix: str) -> list[tuple[str, bytes]]:
        """All entries whose keys begin so, by key."""
        pattern = PREFIX + "".join(f"\\{letter}" if letter in "*?[]\\^" else letter for letter in prefix) + "*"
        async with self._told(seconds=None):
            keys = sorted({key async for key in self._redis.scan_iter(match=pattern, count=PAGE)})
            # In a cluster the keys lie on several servers.
            read = self._redis.mget_nonatomic if isinstance(self._redis, RedisCluster) else self._redis.mget
            values = await read(keys) if keys else []
        found = ((key.decode().removeprefix(PREFIX), _bytes(value)) for key, value in zip(keys, values, strict=True))
        return [(key, value) for key, value in found if value is not None]

    async def moment(self) -> float:
        """Its own time: the clocks of several machines differ, so that of a cluster is one server's."""
        async with self._told():
            if isinstance(self._redis, RedisCluster):
                node = self._redis.get_node_from_key(PREFIX + "moment")
                seconds, microseconds = await self._redis.time(target_nodes=node)
            else:
                seconds, microseconds = await self._redis.time()
        return float(seconds) + float(microseconds) / 1e6

    async def check(self) -> None:
        """Raise where it does not answer."""
        async with self._told():
            await self._redis.ping()

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(self._redis.aclose(), *(sentinel.aclose() for sentinel in self._sentinels))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cluster or the sentinels are: what their address says."""

    kind: str
    hosts: list[tuple[str, int]]
    options: dict[str, Any] = field(repr=False)
    master: str = ""
    db: int = 0


def place_of(url: str) -> Place:
    """The parts of `redis+cluster://user:pass@host:port,host:port` or `redis+sentinel://host:port,…/master/db`.

    User and password are those of the servers; sentinels are asked without. Raises ValueError, without a password.
    """
    parts = urlsplit(url)
    scheme, _, kind = parts.scheme.partition("+")
    login, _, hosts = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    options: dict[str, Any] = {**TIMES, "ssl": scheme == "rediss"}
    options |= {"username": unquote(user)} if user else {}
    options |= {"password": unquote(password)} if password else {}
    found = [_host(host, 26379 if kind == "sentinel" else 6379) for host in hosts.split(",")]
    names = [name for name in parts.path.split("/") if name]
    if kind == "cluster":
        if names:
            raise ValueError("a cluster has no database: end the address after the hosts")
        return Place(kind, found, options)
    if len(names) not in {1, 2} or not "".join(names[1:] or "0").isdecimal():
        raise ValueError("sentinels are 'redis+sentinel://host:port,host:port/name-of-the-master/0'")
    return Place(kind, found, options, names[0], int("".join(names[1:]) or 0))


def _host(text: str, default: int) -> tuple[str, int]:
    found = HOST.fullmatch(text)
    if found is None or int(found["port"] or default) > MOST_PORTS:
        raise ValueError("a host of the store is 'name:port', several with commas")
    return found["v6"] or found["name"], int(found["port"] or default)


def _retry() -> Retry:
    """Once more where the server moved: what is asked for has its own bounds, and the store may be down."""
    return Retry(ExponentialWithJitterBackoff(cap=0.2, base=0.02), 2)


def _bytes(value: bytes | str | None) -> bytes | None:
    """What the client library gives is bytes; its types say that it may be told to decode."""
    return value.encode() if isinstance(value, str) else value


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, round(seconds * 1000))
