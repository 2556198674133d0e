"""Stored grants: a token that works, one refresh for however many ask, and no rotated token ever lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from app.access.authorization import GrantRefusedError
from app.access.grants import EARLY_SECONDS, Grants
from app.access.records import Grant
from app.access.vault import Vault
from app.errors import CredentialError, UpstreamError
from app.events import GrantRefreshed
from app.store.store import StoreDownError
from tests.doubles import Events
from tests.unit.access.conftest import Server, a_grant

NewGrants = Callable[[], Grants]


async def stored(vault: Vault, name: str = "main") -> Grant:
    """The grant as it lies there."""
    kept = await vault.get(Grant, name)
    assert kept is not None
    return kept.record


async def test_credential__token_works__is_given_as_it_is(vault: Vault, new_grants: NewGrants, server: Server) -> None:
    """Nothing is asked, and the bounds of the key go with it."""
    await vault.put("main", a_grant())

    found = await new_grants().credential("main", key="key:x", areas=("messages",), tenants=("1",))

    assert (found.token, found.key, found.areas, found.tenants) == ("oauth2v2_a0", "key:x", ("messages",), ("1",))
    assert server.asked == []


async def test_credential__no_grant__is_refused(new_grants: NewGrants) -> None:
    """One that was revoked opens nothing."""
    with pytest.raises(CredentialError):
        await new_grants().credential("none", key="key:x")


@pytest.mark.parametrize("ends_in", [-10, EARLY_SECONDS - 5])
async def test_credential__expired_or_about_to__two_hundred_ask_for_one_refresh(
    vault: Vault, new_grants: NewGrants, server: Server, ends_in: float
) -> None:
    """Over four workers the upstream is asked once, and all have the new token."""
    await vault.put("main", a_grant(ends_in=ends_in))
    workers = [new_grants() for _ in range(4)]

    found = await asyncio.gather(*(workers[call % 4].credential("main", key="key:x") for call in range(200)))

    assert {one.token for one in found} == {"oauth2v2_a1"}
    assert server.asked == ["refresh-0"]
    assert (await stored(vault)).refresh_token == "refresh-1"


async def test_renew__refused_upstream__all_workers_get_one_new_token(
    vault: Vault, new_grants: NewGrants, server: Server
) -> None:
    """A token that the upstream no longer takes is replaced once, whoever finds out first."""
    await vault.put("main", a_grant())
    found = await asyncio.gather(*(new_grants().credential("main", key="key:x") for _ in range(4)))

    tokens = await asyncio.gather(*(one.renew(one.token) for one in found * 10 if one.renew))

    assert set(tokens) == {"oauth2v2_a1"}
    assert len(tokens) == 40
    assert len(server.asked) == 1


async def test_renew__already_replaced__asks_nobody(vault: Vault, new_grants: NewGrants, server: Server) -> None:
    """Who comes late with the old token gets the one that is there."""
    await vault.put("main", a_grant())
    found = await new_grants().credential("main", key="key:x")
    assert found.renew is not None
    await vault.put("main", a_grant(token="oauth2v2_newer"))

    assert await found.renew("oauth2v2_a0") == "oauth2v2_newer"
    assert server.asked == []


async def test_refresh__answer_in_hand__is_stored_before_it_is_used(
    vault: Vault, new_grants: NewGrants, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the store is down nobody gets the new token; once it is back the new tokens are there, not lost."""
    await vault.put("main", a_grant(ends_in=-10))
    grants = new_grants()
    real = Vault.replace

    async def down(self: Vault, kept: object, record: object) -> bool:
        raise StoreDownError("cut")

    monkeypatch.setattr(Vault, "replace", down)
    with pytest.raises(StoreDownError):
        await grants.credential("main", key="key:x")
    assert (await stored(vault)).refresh_token == "refresh-0"

    monkeypatch.setattr(Vault, "replace", real)
    found = await grants.credential("main", key="key:x")

    assert found.token == "oauth2v2_a1"
    assert (await stored(vault)).refresh_token == "refresh-1"
    assert server.asked == ["refresh-0"]


async def test_refresh__grant_is_gone_upstream__is_kept_as_lapsed(
    vault: Vault, new_grants: NewGrants, server: Server, events: Events
) -> None:
    """Nobody asks again for a grant that somebody must connect anew."""
    await vault.put("main", a_grant(ends_in=-10))
    server.refusal = GrantRefusedError("The stored grant has lapsed; connect it again", detail="invalid_grant")

    for _ in range(3):
        with pytest.raises(CredentialError):
            await new_grants().credential("main", key="key:x")

    assert len(server.asked) == 1
    assert (await stored(vault)).lapsed == "invalid_grant"
    assert events.of(GrantRefreshed) == [GrantRefreshed("main", "A401", "invalid_grant")]


async def test_refresh__upstream_fails__old_token_goes_on_while_it_works(
    vault: Vault, new_grants: NewGrants, server: Server
) -> None:
    """A refresh before the end may fail; one after the end may not, and a hundred do not try at once."""
    server.refusal = UpstreamError("The upstream gave no token")
    await vault.put("main", a_grant(ends_in=60))
    assert (await new_grants().credential("main", key="key:x")).token == "oauth2v2_a0"

    await vault.put("other", a_grant(ends_in=-60))
    found = await asyncio.gather(
        *(new_grants().credential("other", key="key:x") for _ in range(20)), return_exceptions=True
    )

    assert all(isinstance(one, UpstreamError) for one in found)
    assert len(server.asked) == 2
    assert not (await stored(vault, "other")).lapsed


async def test_refresh__caller_goes_away__is_finished_for_the_others(
    vault: Vault, new_grants: NewGrants, server: Server
) -> None:
    """A client that hangs up takes nobody's token along."""
    await vault.put("main", a_grant(ends_in=-10))
    grants = new_grants()
    first = asyncio.create_task(grants.credential("main", key="key:x"))
    await asyncio.sleep(0.02)
    second = asyncio.create_task(grants.credential("main", key="key:x"))
    await asyncio.sleep(0)

    first.cancel()

    assert (await second).token == "oauth2v2_a1"
    assert len(server.asked) == 1


async def test_refresh__holder_of_the_lease_died__another_goes_on(
    vault: Vault, new_grants: NewGrants, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lease ends by itself."""
    await vault.put("main", a_grant(ends_in=-10))
    await vault.store.put("lease:main", b"somebody", seconds=0.3)

    assert (await new_grants().credential("main", key="key:x")).token == "oauth2v2_a1"


async def test_refresh__revoked_meanwhile__does_not_come_back(
    vault: Vault, new_grants: NewGrants, server: Server
) -> None:
    """New tokens do not bring back what was taken out while they were on their way."""
    await vault.put("main", a_grant(ends_in=-10))
    asking = asyncio.create_task(new_grants().credential("main", key="key:x"))
    await server.begun.wait()

    assert await vault.delete(Grant, "main")
    await asyncio.gather(asking, return_exceptions=True)

    assert await vault.get(Grant, "main") is None
