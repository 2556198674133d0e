"""Keeps stored grants from lapsing: idle ones are refreshed in time, and what cannot be is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from app.access.grants import Grants
from app.access.records import Grant
from app.access.vault import Kept, Vault
from app.errors import ProxyError
from app.events import GrantLapsing, Observer

DAY = 86_400.0
#: a refresh token lives two weeks from its last use
LIVES_DAYS = 14.0
#: a grant that nobody used for so long is refreshed
IDLE_DAYS = 5.0
#: from so many days before its end on, a grant that could not be refreshed is told of
WARNING_DAYS = 4.0
EVERY_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How many grants there are, and how many of them will lapse soon or have lapsed; None while that is not known."""

    grants: int
    lapsing: int
    lapsed: int


class Keeper:
    """Looks at all grants again and again. Every worker has one; the grants' leases keep them apart."""

    def __init__(self, vault: Vault, grants: Grants, now: Callable[[], float], observer: Observer) -> None:
        self._vault = vault
        self._grants = grants
        self._now = now
        self._observer = observer
        self.standing: Standing | None = None

    async def run(self, chance: Random) -> None:
        """Look until cancelled, each time a little earlier or later than the other workers."""
        while True:
            try:
                await self.look()
            except ProxyError:
                # The store is down, and says so to everybody who asks.
                self.standing = None
            await asyncio.sleep(EVERY_SECONDS * chance.uniform(0.8, 1.2))

    async def look(self) -> None:
        """Refresh what is idle, tell of what will lapse. Raises StoreDownError."""
        days = {kept.name: await self._days_left(kept) for kept in await self._vault.all(Grant)}
        worrying = {name: left for name, left in days.items() if left <= WARNING_DAYS}
        for name, left in worrying.items():
            self._observer(GrantLapsing(name, round(left, 1)))
        lapsed = sum(left <= 0 for left in worrying.values())
        self.standing = Standing(len(days), len(worrying) - lapsed, lapsed)

    async def _days_left(self, kept: Kept[Grant]) -> float:
        grant = kept.record
        if grant.lapsed:
            return 0.0
        if grant.kind == "client_credentials":
            return LIVES_DAYS
        idle = (self._now() - grant.refreshed) / DAY
        if idle < IDLE_DAYS:
            return LIVES_DAYS - idle
        try:
            await self._grants.refresh(kept)
        except ProxyError:
            still = await self._vault.get(Grant, kept.name)
            return 0.0 if still is None or still.record.lapsed else max(LIVES_DAYS - idle, 0.0)
        return LIVES_DAYS
