"""Answers that mappings let serve later requests, in memory and, the public ones, in the store for all workers.

An entry carries the stamps of what it was made from. A write draws new stamps for whatever it touches, in the store,
so that no worker serves what was read before; a reading that began before the write ends as useless as it should be.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import orjson

from app.access.vault import digest, new_secret
from app.events import AnswerCached, Observer
from app.message import LegacyRequest, Ready
from app.plan import MOST_CACHED_SECONDS, CacheRule, Plan
from app.run.memory import Memory
from app.store.store import Store, StoreDownError

#: an access that lasts is asked anew after this long, so that a credential which lost it does not read on
HOUR = 3600.0
MOST_CREDENTIALS = 10_000
#: how long a reader waits for the store: without it there is the upstream
PATIENCE_SECONDS = 0.25
#: longer than any entry that was made before it
STAMP_SECONDS = 2.0 * MOST_CACHED_SECONDS
#: what an entry takes beside its bytes
OVERHEAD_BYTES = 500

Stamps = tuple[bytes, ...]
T = TypeVar("T")


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    """A public entry in the store."""

    ends: float
    stamps: Stamps
    warnings: tuple[str, ...]
    members: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept answer, its envelope aside: until when, by epoch seconds, and what it was made from."""

    ready: Ready
    warnings: tuple[str, ...]
    ends: float
    stamps: Stamps


@dataclass(frozen=True, slots=True)
class Named:
    """Where an answer is kept, and the names of the stamps that it depends on."""

    key: str
    rule: CacheRule
    who: str
    stamps: tuple[str, ...]


class Cache:
    """Keeps at most `most_bytes` in memory. `now` is seconds since 1970; `source` names where answers come from.

    A write touches a cached call where both select fields of one type, or are of one area; and all that is kept for
    its own credential.
    """

    def __init__(
        self,
        plans: Iterable[Plan],
        store: Store,
        observer: Observer,
        *,
        now: Callable[[], float],
        most_bytes: int,
        source: str = "",
    ) -> None:
        plans = tuple(plans)
        cached = [plan for plan in plans if plan.cache is not None and most_bytes]
        self._store = store
        self._observer = observer
        self._now = now
        self._most_bytes = most_bytes
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._bytes = 0
        self._accepted: Memory[bool] = Memory(now, seconds=HOUR, most=MOST_CREDENTIALS)
        self._made = {plan.id: _fingerprint(plan, source) for plan in cached}
        self._touched = {
            plan.id: tuple(one.id for one in cached if _touches(plan, one)) for plan in plans if plan.writes
        }
        self._has_private = any(plan.cache is not None and not plan.cache.is_public for plan in cached)
        #: stamps that could not be drawn while the store was down
        self._owed: set[str] = set()

    def named(self, plan: Plan, request: LegacyRequest) -> Named | None:
        """Where the answer of a request is kept; None where it is not."""
        made, rule = self._made.get(plan.id), plan.cache
        if made is None or rule is None:
            return None
        credential = request.credential
        who = "" if rule.is_public else credential.key
        reach = None if rule.is_public else credential.tenants
        asked = [made, who, reach, dict(request.parts), dict(request.params)]
        stamps = [f"stamp:call:{plan.id}"] if any(plan.id in touched for touched in self._touched.values()) else []
        stamps += [] if rule.is_public else [f"stamp:who:{who}"]
        return Named(digest(json.dumps(asked, sort_keys=True)), rule, credential.key, tuple(stamps))

    async def find(self, named: Named) -> Entry | None:
        """What is kept, where the upstream took the credential within the last hour and nothing was written since."""
        if self._accepted.get(named.who) is None:
            return None
        entry = self._entries.get(named.key)
        if entry is None and named.rule.is_public:
            entry = await self._stored(named)
        if entry is None:
            return None
        if entry.ends <= self._now() or (named.stamps and await self._stamps(named.stamps) != entry.stamps):
            self._forget(named.key)
            return None
        if named.key in self._entries:
            self._entries.move_to_end(named.key)
        return entry

    def at_hand(self, named: Named) -> Entry | None:
        """What is kept in memory and depends on no write; else None, and `find` has to look."""
        if named.stamps or self._owed or self._accepted.get(named.who) is None:
            return None
        entry = self._entries.get(named.key)
        if entry is None or entry.ends <= self._now():
            return None
        self._entries.move_to_end(named.key)
        return entry

    async def begin(self, named: Named) -> Stamps | None:
        """What an answer that is asked for now will be made from; None where it cannot be kept."""
        return await self._stamps(named.stamps, draw=True)

    async def keep(
        self, named: Named, stamps: Stamps | None, members: Mapping[str, object], warnings: tuple[str, ...]
    ) -> Entry | None:
        """Keep a whole answer for what is left of its time, and note that its credential was taken."""
        self._accepted.put(named.who, value=True)
        if stamps is None:
            return None
        entry = _entry(orjson.dumps(members), warnings, self._now() + named.rule.seconds, stamps)
        self._remember(named.key, entry)
        if named.rule.is_public and not warnings:
            stored = _Stored(entry.ends, stamps, warnings, msgspec.Raw(b"{" + entry.ready.members))
            await self._told(
                self._store.put(f"cache:{named.key}", msgspec.json.encode(stored), seconds=named.rule.seconds)
            )
        return entry

    async def drop(self, plan: Plan, who: str) -> None:
        """What a write has touched, or may have."""
        names = [f"stamp:call:{name}" for name in self._touched.get(plan.id, ())]
        names += [f"stamp:who:{who}"] if self._has_private else []
        self._owed.update(names)
        if names:
            await self._settle()

    def refuse(self, who: str) -> None:
        """The upstream took a credential no more: nothing is answered to it that it did not ask for itself."""
        self._accepted.drop(who)

    def told(self, request_id: str, plan: Plan, *, is_hit: bool) -> None:
        """Tell whether an answer was there."""
        self._observer(AnswerCached(request_id, plan.id, is_hit))

    def __len__(self) -> int:
        return len(self._entries)

    async def _stored(self, named: Named) -> Entry | None:
        found = await self._told(self._store.get(f"cache:{named.key}"))
        if not found:
            return None
        try:
            stored = msgspec.json.decode(found, type=_Stored)
        except msgspec.MsgspecError:
            return None
        entry = _entry(bytes(stored.members), stored.warnings, stored.ends, stored.stamps)
        self._remember(named.key, entry)
        return entry

    async def _stamps(self, names: tuple[str, ...], *, draw: bool = False) -> Stamps | None:
        """The stamps as they stand, drawn where there are none; None where the store does not say."""
        if self._owed and not await self._settle():
            return None
        found = []
        for name in names:
            if draw:
                # A name without a stamp could have had one before the store lost it.
                await self._told(self._store.add(name, _stamp(), seconds=STAMP_SECONDS))
            value = await self._told(self._store.get(name))
            if value is None:
                return None
            found.append(value)
        return tuple(found)

    async def _settle(self) -> bool:
        """Draw the stamps that are owed; whether none is owed any more."""
        for name in tuple(self._owed):
            if await self._told(self._put(name)) is None:
                return False
            self._owed.discard(name)
        return True

    async def _put(self, name: str) -> bool:
        await self._store.put(name, _stamp(), seconds=STAMP_SECONDS)
        return True

    @staticmethod
    async def _told(asked: Awaitable[T]) -> T | None:
        """What the store says; None where it is down or slow."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await asked
        except (StoreDownError, TimeoutError):
            return None

    def _remember(self, key: str, entry: Entry) -> None:
        self._forget(key)
        self._entries[key] = entry
        self._bytes += _size(entry)
        while self._bytes > self._most_bytes:
            self._forget(next(iter(self._entries)))

    def _forget(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _size(entry)


def _entry(members: bytes, warnings: tuple[str, ...], ends: float, stamps: Stamps) -> Entry:
    return Entry(Ready(digest(members.decode())[:20], members[1:]), warnings, ends, stamps)


def _size(entry: Entry) -> int:
    return OVERHEAD_BYTES + len(entry.ready.members)


def _stamp() -> bytes:
    return new_secret().encode()


def _fingerprint(plan: Plan, source: str) -> str:
    """Of what answers are made: one mapping's, or one upstream's, are not another's."""
    return digest(json.dumps([source, plan.id, plan.about.sources, plan.about.documents]))


def _touches(write: Plan, read: Plan) -> bool:
    """Whether a write may change what a call reads."""
    return write.area == read.area or not _types(write).isdisjoint(_types(read))


def _types(plan: Plan) -> set[str]:
    """The types of which a call selects fields, but for the schema's own two."""
    names = {name.partition(".")[0] for question in plan.asks for name in question.fields}
    return names - {coordinate.partition(".")[0] for question in plan.asks for _, coordinate in question.roots}
