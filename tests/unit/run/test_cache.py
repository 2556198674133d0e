"""Kept answers: for whom, how long, and what a write leaves of them; two workers over one store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.bearer import credential_of
from app.message import Credential, LegacyRequest
from app.plan import CacheRule, Plan
from app.run.cache import HOUR, OVERHEAD_BYTES, Cache, Entry
from app.store.store import StoreDownError
from tests.doubles import Clock, Events
from tests.unit.run.conftest import question
from tests.unit.run.test_serve import plan, variant

PUBLIC = replace(plan(), id="metadata/list_things", cache=CacheRule(is_public=True, seconds=600))
PRIVATE = replace(PUBLIC, id="users/get_mine", cache=CacheRule(is_public=False, seconds=600))
#: writes into the area of one, into what another reads, and beside both
WRITE = replace(plan(variant(question("mutation", "add"))), id="metadata/add_thing")
AWAY = replace(
    plan(variant(replace(question("mutation", "pay"), fields=frozenset({"Mutation.pay", "Invoice.id"})))),
    id="payments/pay",
)
ONE, OTHER = credential_of("token-one"), credential_of("token-two")

NewCache = Callable[..., Cache]


class MemoryStore:
    """The part of a store that a cache needs; `is_down` fails all, `is_slow` lets all hang."""

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}
        self.asked = 0
        self.is_down = False
        self.is_slow = False

    async def _come(self) -> None:
        self.asked += 1
        if self.is_slow:
            await asyncio.sleep(3600)
        if self.is_down:
            raise StoreDownError("gone")

    async def get(self, key: str) -> bytes | None:
        """The value under a key."""
        await self._come()
        return self.entries.get(key)

    async def put(self, key: str, value: bytes, *, seconds: float | None = None) -> None:
        """Set a value."""
        await self._come()
        self.entries[key] = value

    async def add(self, key: str, value: bytes, *, seconds: float | None = None) -> bool:
        """Set a value where there is none."""
        await self._come()
        return self.entries.setdefault(key, value) is value


@pytest.fixture
def memory() -> MemoryStore:
    """A store in this process."""
    return MemoryStore()


@pytest.fixture
def new_cache(memory: MemoryStore, clock: Clock, events: Events) -> NewCache:
    """Make the cache of one more worker over the same store."""

    def make(*plans: Plan, most_bytes: int = 1_000_000, source: str = "") -> Cache:
        store: Any = memory
        return Cache(plans, store, events, now=clock, most_bytes=most_bytes, source=source)

    return make


def ask(who: Credential = ONE, **params: Any) -> LegacyRequest:
    """A request with these parameters."""
    return LegacyRequest({}, params, who)


async def kept(cache: Cache, asked: Plan, request: LegacyRequest, **members: Any) -> Entry | None:
    """Keep an answer that was asked for just now."""
    named = cache.named(asked, request)
    assert named is not None
    return await cache.keep(named, await cache.begin(named), members or {"id": "1"}, ())


async def found(cache: Cache, asked: Plan, request: LegacyRequest) -> bytes | None:
    """What is there for a request."""
    named = cache.named(asked, request)
    entry = await cache.find(named) if named else None
    return b"{" + entry.ready.members if entry else None


# --- for whom


async def test_find__same_request__is_what_was_kept(new_cache: NewCache) -> None:
    """Parameters are told apart; their order is not."""
    cache = new_cache(PUBLIC)

    await kept(cache, PUBLIC, ask(a="1", b="2"), id="x")

    assert await found(cache, PUBLIC, ask(b="2", a="1")) == b'{"id":"x"}'
    assert await found(cache, PUBLIC, ask(a="1")) is None


async def test_find__public__serves_whoever_the_upstream_took_of_late(new_cache: NewCache, clock: Clock) -> None:
    """A token that was never accepted, or long ago, reads nothing."""
    cache = new_cache(PUBLIC)
    await kept(cache, PUBLIC, ask(ONE), id="x")

    before = await found(cache, PUBLIC, ask(OTHER))
    await kept(cache, PUBLIC, ask(OTHER, other="1"))
    after = await found(cache, PUBLIC, ask(OTHER))
    clock.now += HOUR + 1

    assert (before, after) == (None, b'{"id":"x"}')
    assert await found(cache, PUBLIC, ask(OTHER)) is None


async def test_find__credential_refused_since__reads_nothing(new_cache: NewCache) -> None:
    """A revoked token ends where the upstream says so first."""
    cache = new_cache(PUBLIC, PRIVATE)
    for asked in (PUBLIC, PRIVATE):
        await kept(cache, asked, ask())

    cache.refuse(ONE.key)

    assert [await found(cache, asked, ask()) for asked in (PUBLIC, PRIVATE)] == [None, None]


async def test_find__key_with_bounds__reads_within_them_only(new_cache: NewCache) -> None:
    """What a wider credential read is not what a bounded one would."""
    cache = new_cache(PRIVATE)
    wide = replace(ONE, tenants=("1", "2"))

    await kept(cache, PRIVATE, ask(wide))

    assert await found(cache, PRIVATE, ask(replace(ONE, tenants=("1",)))) is None


words = st.text("ab", max_size=2)


@given(
    requests=st.lists(
        st.tuples(st.sampled_from([PUBLIC, PRIVATE]), words, words, st.sampled_from([None, ("1",), ("1", "2")])),
        min_size=1,
        max_size=20,
    )
)
def test_private__whatever_is_asked__is_nobody_elses(
    requests: list[tuple[Plan, str, str, tuple[str, ...] | None]],
) -> None:
    """No credential, nor the same with other bounds, ever finds what was kept for another; nor for other parameters."""

    async def run() -> None:
        store: Any = MemoryStore()
        cache = Cache([PUBLIC, PRIVATE], store, Events(), now=Clock(), most_bytes=1_000_000)
        for asked, who, param, tenants in requests:
            request = ask(replace(credential_of(f"token-{who}"), tenants=tenants), p=param)
            owner = [who, tenants] if asked is PRIVATE else None
            mine = str([asked.id, owner, param]).encode()
            there = await found(cache, asked, request)
            assert there in (None, b'{"of":"%s"}' % mine)
            await kept(cache, asked, request, of=mine.decode())

    asyncio.run(run())


# --- how long


async def test_find__after_its_time__is_nothing(new_cache: NewCache, clock: Clock) -> None:
    """The seconds of the mapping, to the end."""
    cache = new_cache(PUBLIC)
    await kept(cache, PUBLIC, ask())

    clock.now += 599
    before = await found(cache, PUBLIC, ask())
    clock.now += 1

    assert before is not None
    assert await found(cache, PUBLIC, ask()) is None


async def test_keep__more_than_there_is_room_for__lets_go_of_what_was_read_longest_ago(new_cache: NewCache) -> None:
    """Bytes are counted, with what an entry takes beside them."""
    cache = new_cache(PRIVATE, most_bytes=2 * (OVERHEAD_BYTES + 20))
    await kept(cache, PRIVATE, ask(a="1"))
    await kept(cache, PRIVATE, ask(a="2"))
    await found(cache, PRIVATE, ask(a="1"))

    await kept(cache, PRIVATE, ask(a="3"))

    assert [await found(cache, PRIVATE, ask(a=name)) is not None for name in "123"] == [True, False, True]
    assert len(cache) == 2


async def test_named__nothing_to_keep__is_none(new_cache: NewCache) -> None:
    """A call that no mapping marks, and a cache without room."""
    assert new_cache(PUBLIC).named(plan(), ask()) is None
    assert new_cache(PUBLIC, most_bytes=0).named(PUBLIC, ask()) is None


# --- over workers


async def test_find__kept_by_another_worker__is_there_when_public(new_cache: NewCache, memory: MemoryStore) -> None:
    """A private answer never lies in the store."""
    one, other = new_cache(PUBLIC, PRIVATE), new_cache(PUBLIC, PRIVATE)
    await kept(one, PUBLIC, ask(), id="x")
    await kept(one, PRIVATE, ask(), id="secret")
    await kept(other, PUBLIC, ask(other="1"))

    assert await found(other, PUBLIC, ask()) == b'{"id":"x"}'
    assert await found(other, PRIVATE, ask()) is None
    assert not any(b"secret" in value for value in memory.entries.values())


async def test_find__kept_from_elsewhere__is_not_taken(new_cache: NewCache) -> None:
    """Another upstream's, or another version of the mapping's."""
    one, other = new_cache(PUBLIC, source="https://one.test"), new_cache(PUBLIC, source="https://other.test")
    changed = replace(PUBLIC, about=replace(PUBLIC.about, sources=(("bind", "another"),)))
    newer = new_cache(changed, source="https://one.test")
    await kept(one, PUBLIC, ask())
    for cache, asked in ((other, PUBLIC), (newer, changed)):
        await kept(cache, asked, ask(other="1"))

    assert await found(other, PUBLIC, ask()) is None
    assert await found(newer, changed, ask()) is None


async def test_find__entry_that_cannot_be_read__is_nothing(new_cache: NewCache, memory: MemoryStore) -> None:
    """What another version left there is no fault."""
    one, other = new_cache(PUBLIC), new_cache(PUBLIC)
    await kept(one, PUBLIC, ask())
    await kept(other, PUBLIC, ask(other="1"))
    for key in memory.entries:
        memory.entries[key] = b"[1,2"

    assert await found(other, PUBLIC, ask()) is None


# --- writes


@pytest.mark.parametrize("asked", [PUBLIC, PRIVATE])
async def test_drop__write_that_touches__leaves_nothing_at_any_worker(new_cache: NewCache, asked: Plan) -> None:
    """The next reader asks anew, whoever wrote."""
    reading, writing = new_cache(asked, WRITE), new_cache(asked, WRITE)
    await kept(reading, asked, ask())
    before = await found(reading, asked, ask())

    await writing.drop(WRITE, OTHER.key)

    assert before is not None
    assert await found(reading, asked, ask()) is None


async def test_drop__write_elsewhere__leaves_all_but_its_own_private_answers(new_cache: NewCache) -> None:
    """Types that a write shares with no kept call are none of its business; who writes reads anew."""
    cache = new_cache(PUBLIC, PRIVATE, AWAY)
    for who in (ONE, OTHER):
        await kept(cache, PUBLIC, ask(who))
        await kept(cache, PRIVATE, ask(who))

    await cache.drop(AWAY, ONE.key)

    assert [await found(cache, PUBLIC, ask(who)) is None for who in (ONE, OTHER)] == [False, False]
    assert [await found(cache, PRIVATE, ask(who)) is None for who in (ONE, OTHER)] == [True, False]


async def test_keep__read_before_the_write_and_kept_after__is_never_found(new_cache: NewCache) -> None:
    """A slow reader brings what was true once."""
    cache = new_cache(PRIVATE, WRITE)
    named = cache.named(PRIVATE, ask())
    assert named is not None
    stamps = await cache.begin(named)

    await cache.drop(WRITE, OTHER.key)
    await cache.keep(named, stamps, {"id": "old"}, ())

    assert await found(cache, PRIVATE, ask()) is None


async def test_find__store_lost_its_stamps__is_nothing(new_cache: NewCache, memory: MemoryStore) -> None:
    """A store that was emptied knows of no write: nothing from before counts."""
    cache = new_cache(PRIVATE, WRITE)
    await kept(cache, PRIVATE, ask())

    memory.entries.clear()

    assert await found(cache, PRIVATE, ask()) is None


# --- a store that fails


async def test_store__down__keeps_nothing_that_a_write_could_touch(new_cache: NewCache, memory: MemoryStore) -> None:
    """Reads go on at the upstream; what no write touches is still kept in memory."""
    cache = new_cache(PUBLIC, PRIVATE)
    memory.is_down = True

    entries = [await kept(cache, asked, ask()) for asked in (PUBLIC, PRIVATE)]

    assert [entry is not None for entry in entries] == [True, False]
    assert await found(cache, PUBLIC, ask()) is not None


async def test_drop__store_down__is_made_good_before_any_hit(new_cache: NewCache, memory: MemoryStore) -> None:
    """What a write touched meanwhile is not read from memory once the store is back."""
    cache = new_cache(PRIVATE, WRITE)
    await kept(cache, PRIVATE, ask())

    memory.is_down = True
    await cache.drop(WRITE, ONE.key)
    while_down = await found(cache, PRIVATE, ask())
    memory.is_down = False

    assert while_down is None
    assert await found(cache, PRIVATE, ask()) is None


async def test_store__slow__is_not_waited_for(new_cache: NewCache, memory: MemoryStore) -> None:
    """A quarter of a second, then the upstream is asked."""
    cache = new_cache(PRIVATE)
    memory.is_slow = True

    async with asyncio.timeout(5):
        assert await kept(cache, PRIVATE, ask()) is None


async def test_hit__that_no_write_touches__asks_the_store_nothing(new_cache: NewCache, memory: MemoryStore) -> None:
    """The common case costs a look into a table."""
    cache = new_cache(PUBLIC, AWAY)
    await kept(cache, PUBLIC, ask())
    asked = memory.asked

    await found(cache, PUBLIC, ask())

    assert memory.asked == asked
