"""The keeper: idle grants are refreshed before their two weeks are over, and what cannot be is told."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.access.authorization import GrantRefusedError
from app.access.grants import Grants
from app.access.keeper import DAY, IDLE_DAYS, Keeper, Standing
from app.access.records import Grant
from app.access.vault import Vault
from app.errors import UpstreamError
from app.events import GrantLapsing
from tests.doubles import Events
from tests.unit.access.conftest import Server, a_grant

NewGrants = Callable[[], Grants]


async def test_look__idle_grants__are_refreshed_and_others_left(
    vault: Vault, new_grants: NewGrants, server: Server, events: Events
) -> None:
    """Only who was not used for days is refreshed; an access token that ended is no reason."""
    await vault.put("idle", a_grant(refresh="idle-0", idle=(IDLE_DAYS + 1) * DAY, ends_in=-1000))
    await vault.put("used", a_grant(refresh="used-0", idle=DAY, ends_in=-1000))
    keeper = Keeper(vault, new_grants(), time.time, events)

    await keeper.look()
    await keeper.look()

    assert server.asked == ["idle-0"]
    assert keeper.standing == Standing(grants=2, lapsing=0, lapsed=0)
    assert events.of(GrantLapsing) == []


async def test_look__three_workers__refresh_once(
    vault: Vault, new_grants: NewGrants, server: Server, events: Events
) -> None:
    """Every worker has a keeper; a grant has one refresh."""
    await vault.put("idle", a_grant(idle=(IDLE_DAYS + 1) * DAY))
    keepers = [Keeper(vault, new_grants(), time.time, events) for _ in range(3)]

    for keeper in keepers:
        await keeper.look()

    assert server.asked == ["refresh-0"]


async def test_look__cannot_be_refreshed__tells_how_many_days_are_left(
    vault: Vault, new_grants: NewGrants, server: Server, events: Events
) -> None:
    """While there is time nothing is said; then every look says it."""
    server.refusal = UpstreamError("The upstream gave no token")
    await vault.put("soon", a_grant(idle=11.5 * DAY))
    await vault.put("later", a_grant(idle=(IDLE_DAYS + 1) * DAY))
    keeper = Keeper(vault, new_grants(), time.time, events)

    await keeper.look()

    assert events.of(GrantLapsing) == [GrantLapsing("soon", 2.5)]
    assert keeper.standing == Standing(grants=2, lapsing=1, lapsed=0)


async def test_look__refused_for_good__is_lapsed(
    vault: Vault, new_grants: NewGrants, server: Server, events: Events
) -> None:
    """Somebody has to connect again, and is told so."""
    server.refusal = GrantRefusedError("gone", detail="invalid_grant")
    await vault.put("gone", a_grant(idle=(IDLE_DAYS + 1) * DAY))
    keeper = Keeper(vault, new_grants(), time.time, events)

    await keeper.look()

    assert events.of(GrantLapsing) == [GrantLapsing("gone", 0.0)]
    assert keeper.standing == Standing(grants=1, lapsing=0, lapsed=1)
    kept = await vault.get(Grant, "gone")
    assert kept is not None
    assert kept.record.lapsed
