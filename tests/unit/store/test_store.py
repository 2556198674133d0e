"""One suite for every store: what the interface promises, over SQLite and over a real Redis."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.store.opening import open_store
from app.store.store import Store, StoreDownError
from tests.unit.store.conftest import NewStore

WHATEVER = bytes(range(256))


async def test_get__nothing_there__is_none(store: Store) -> None:
    """No entry, no value."""
    assert await store.get("grant:none") is None


async def test_put__any_bytes__come_back_for_every_worker(new_store: NewStore) -> None:
    """What one wrote another reads, byte for byte; the later value counts."""
    one, other = new_store(), new_store()

    await one.put("grant:a", WHATEVER)
    assert await other.get("grant:a") == WHATEVER
    await other.put("grant:a", b"")
    assert await one.get("grant:a") == b""


async def test_put__lifetime_over__is_not_there(store: Store) -> None:
    """An entry ends, for reading, listing, swapping and deleting alike, and makes room for a new one."""
    await store.put("nonce:a", b"1", seconds=0.5)
    assert await store.get("nonce:a") == b"1"

    await asyncio.sleep(0.6)

    assert await store.get("nonce:a") is None
    assert await store.entries("nonce:") == []
    assert not await store.swap("nonce:a", b"1", b"2")
    assert not await store.delete("nonce:a")
    assert await store.add("nonce:a", b"3")


async def test_add__taken__changes_nothing(store: Store) -> None:
    """The first one stays, and its lifetime."""
    assert await store.add("nonce:a", b"1", seconds=60)

    assert not await store.add("nonce:a", b"2")
    assert await store.get("nonce:a") == b"1"


async def test_add__all_at_once__one_gets_in(new_store: NewStore) -> None:
    """Of fifty that want one name over three workers, one has it."""
    stores = [new_store() for _ in range(3)]

    done = await asyncio.gather(*(stores[number % 3].add("lease:a", str(number).encode()) for number in range(50)))

    assert sum(done) == 1
    assert await stores[0].get("lease:a") == str(done.index(True)).encode()


async def test_swap__value_as_expected__is_replaced_and_its_lifetime_stays(store: Store) -> None:
    """A changed value still ends when the entry would have."""
    await store.put("temp:a", b"1", seconds=0.6)

    assert await store.swap("temp:a", b"1", b"")
    assert await store.get("temp:a") == b""
    await asyncio.sleep(0.7)
    assert await store.get("temp:a") is None


async def test_swap__other_value__changes_nothing(store: Store) -> None:
    """Who knows an old value only does not overwrite the new one."""
    await store.put("grant:a", b"2")

    assert not await store.swap("grant:a", b"1", b"3")
    assert not await store.swap("grant:a", b"1", None)
    assert not await store.swap("grant:none", b"1", b"3")
    assert await store.get("grant:a") == b"2"


async def test_swap__to_nothing__takes_out_once(store: Store) -> None:
    """What may be used once is used by one of many."""
    await store.put("temp:a", b"1")

    done = await asyncio.gather(*(store.swap("temp:a", b"1", None) for _ in range(20)))

    assert sum(done) == 1
    assert await store.get("temp:a") is None


async def test_entries__prefix__is_taken_to_the_letter(store: Store) -> None:
    """Letters that a pattern would read otherwise stand for themselves."""
    for key in ("grant:b", "grant:a", "grant:*", "grants:c", "key:a"):
        await store.put(key, key.encode())

    assert await store.entries("grant:") == [(key, key.encode()) for key in ("grant:*", "grant:a", "grant:b")]
    assert await store.entries("grant:*") == [("grant:*", b"grant:*")]


async def test_delete__there_or_not__is_told(store: Store) -> None:
    """Whether there was one."""
    await store.put("key:a", b"1")

    assert await store.delete("key:a")
    assert not await store.delete("key:a")
    assert await store.get("key:a") is None


@pytest.mark.parametrize(
    "address", ["redis://127.0.0.1:1/0", "sqlite:/proc/no/such/folder/heirloom.db"], ids=["redis", "sqlite"]
)
async def test_store__down__every_question_says_so(address: str) -> None:
    """Nobody takes a store that cannot be read for an empty one."""
    store = open_store(address, time.time)
    questions = [
        store.get("a"), store.put("a", b"1"), store.add("a", b"1"), store.swap("a", b"1", b"2"), store.delete("a"),
        store.entries("a"), store.check(),
    ]  # fmt: skip

    for question in questions:
        with pytest.raises(StoreDownError) as caught:
            await question
        assert caught.value.status == 503
    await store.close()


async def test_sqlite__file__is_its_owners_alone(tmp_path: Path) -> None:
    """Nobody else on the machine reads it, nor what lies beside it."""
    store = open_store(f"sqlite:{tmp_path / 'heirloom.db'}", time.time)
    await store.put("grant:a", b"1")

    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("*")} == {0o600}  # noqa: ASYNC240
    await store.close()


async def test_sqlite__no_database__is_down(tmp_path: Path) -> None:
    """A file of another kind is left as it is."""
    (tmp_path / "heirloom.db").write_bytes(b"something else, and long enough to be looked at" * 10)
    store = open_store(f"sqlite:{tmp_path / 'heirloom.db'}", time.time)

    with pytest.raises(StoreDownError):
        await store.put("grant:a", b"1")
    await store.close()


@pytest.mark.parametrize("others", [0, 3])
async def test_sqlite__asker_goes_away_while_it_opens__close_waits_for_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    """Whoever else asked is answered, and the thread of the file does not outlive its store."""
    may_open, threads_before = threading.Event(), set(threading.enumerate())
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def late(*places: Any, **options: Any) -> sqlite3.Connection:
        assert may_open.wait(timeout=10)
        return connect(*places, **options)

    monkeypatch.setattr(sqlite3, "connect", late)
    store = open_store(f"sqlite:{tmp_path / 'heirloom.db'}", time.time)
    first, *rest = [asyncio.create_task(store.get(f"grant:{number}")) for number in range(1 + others)]
    await asyncio.sleep(0)
    first.cancel()
    asyncio.get_running_loop().call_later(0.05, may_open.set)

    assert await asyncio.gather(*rest) == [None] * others
    with pytest.raises(asyncio.CancelledError):
        await first
    await store.close()

    assert may_open.is_set()
    for thread in set(threading.enumerate()) - threads_before:
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.mark.parametrize("address", ["", "sqlite:", "postgres://x", "heirloom.db"])
def test_open_store__other_address__is_refused(address: str) -> None:
    """The setting says what it may be."""
    with pytest.raises(ValueError, match="sqlite:"):
        open_store(address, time.time)
