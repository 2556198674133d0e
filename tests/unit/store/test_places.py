"""Where stores are: addresses of clusters and sentinels, and a master that dies."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from app.building import build
from app.settings import InvalidSettings, load_settings
from app.store.opening import open_store
from app.store.redis import Place, place_of
from app.store.store import StoreDownError
from tests.redis_server import redis_sentinels

#: what sentinels need to agree, and the replica to take over
FAILOVER_SECONDS = 30.0


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("redis+cluster://a:7000,b", Place("cluster", [("a", 7000), ("b", 6379)], {})),
        ("redis+cluster://[::1]:7000/", Place("cluster", [("::1", 7000)], {})),
        ("rediss+cluster://u:p%40ss@a:1", Place("cluster", [("a", 1)], {"username": "u", "password": "p@ss"})),
        ("redis+sentinel://a,b:2/main", Place("sentinel", [("a", 26379), ("b", 2)], {}, "main", 0)),
        ("redis+sentinel://:secret@a/main/3", Place("sentinel", [("a", 26379)], {"password": "secret"}, "main", 3)),
    ],
)
def test_place_of__address__is_taken_apart(address: str, place: Place) -> None:
    """Hosts, who to be, which master, which database; and TLS where the scheme has its s."""
    found = place_of(address)

    assert (found.kind, found.hosts, found.master, found.db) == (place.kind, place.hosts, place.master, place.db)
    assert {name: found.options.get(name) for name in ("username", "password")} == {
        name: place.options.get(name) for name in ("username", "password")
    }
    assert found.options["ssl"] is address.startswith("rediss")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("redis+cluster://me:private@a:7000/3", "a cluster has no database"),
        ("redis+cluster://me:private@", "a host of the store is 'name:port'"),
        ("redis+cluster://me:private@a:70000", "a host of the store is 'name:port'"),
        ("redis+sentinel://me:private@a:1", "sentinels are 'redis+sentinel://host:port"),
        ("redis+sentinel://me:private@a:1/main/x", "sentinels are 'redis+sentinel://host:port"),
        ("redis+sentinel://me:private@a:1/main/0/1", "sentinels are 'redis+sentinel://host:port"),
        ("redis://me:private@a:port/0", "HEIRLOOM_STORE"),
        ("redis+ring://me:private@a:1", "HEIRLOOM_STORE"),
    ],
)
def test_settings__address_that_is_none__stops_the_start(address: str, told: str) -> None:
    """With the setting's name and what is expected, never with the password."""
    with pytest.raises(InvalidSettings) as caught:
        build(load_settings({"HEIRLOOM_STORE": address}))

    text = str(caught.value)
    assert "HEIRLOOM_STORE" in text
    assert told in text
    assert "private" not in text


async def test_sentinels__master_dies__the_replica_goes_on(tmp_path: Path) -> None:
    """In between the store is down; what was kept is there afterwards, and can be changed."""
    with redis_sentinels(tmp_path) as watched:
        store = open_store(watched.address, time.time)
        try:
            await store.put("grant:a", b"kept")
            await asyncio.sleep(0.5)  # the replica has it by then; it is not waited for, as with any replica
            watched.end_master()

            end, downs = time.monotonic() + FAILOVER_SECONDS, 0
            while True:
                began = time.monotonic()
                try:
                    changed = await store.swap("grant:a", b"kept", b"changed")
                    break
                except StoreDownError:
                    downs += 1
                    assert time.monotonic() - began < 10, "being down is told in time"
                    assert time.monotonic() < end, "nobody took over"
                    await asyncio.sleep(0.1)

            assert downs
            assert changed
            assert await store.get("grant:a") == b"changed"
        finally:
            await store.close()
