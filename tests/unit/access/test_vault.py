"""Records at rest: sealed, bound to their place, and opened by old keys until they are sealed anew."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from app.access.records import Grant, ProxyKey
from app.access.vault import Vault, digest, new_secret, new_secret_key
from app.store.opening import open_store
from app.store.store import StoreDownError
from tests.unit.access.conftest import SECRET_KEY, NewVault, a_grant


async def test_put__grant__lies_sealed_and_comes_back(vault: Vault) -> None:
    """Nothing of a grant can be read in the store."""
    grant = a_grant(token="oauth2v2_very-secret", refresh="refresh-very-secret")

    await vault.put("main", grant)

    kept = await vault.get(Grant, "main")
    assert kept is not None
    assert kept.record == grant
    ((key, sealed),) = await vault.store.entries("")
    assert key == "grant:main"
    assert b"very-secret" not in sealed
    assert b"authorization_code" not in sealed


async def test_get__moved_to_another_place__does_not_open(vault: Vault) -> None:
    """Who can write the store, and has no key, cannot give one grant's tokens to another's clients."""
    await vault.put("one", a_grant())
    sealed = await vault.store.get("grant:one")
    assert sealed is not None
    await vault.store.put("grant:other", sealed)
    await vault.store.put("key:one", sealed)

    for kind, name in ((Grant, "other"), (ProxyKey, "one")):
        with pytest.raises(StoreDownError):
            await vault.get(kind, name)


async def test_get__changed__does_not_open(vault: Vault) -> None:
    """A record that somebody meddled with is not believed."""
    await vault.put("one", a_grant())
    sealed = await vault.store.get("grant:one")
    assert sealed is not None
    await vault.store.put("grant:one", sealed[:-9] + bytes([sealed[-9] ^ 1]) + sealed[-8:])

    with pytest.raises(StoreDownError):
        await vault.get(Grant, "one")


async def test_reseal__key_changed__old_one_can_go(vault: Vault, address: str) -> None:
    """A second key in front opens what the first sealed; after resealing the new one alone does."""
    await vault.put("one", a_grant())
    new = new_secret_key()
    both = Vault(open_store(address, time.time), [new, SECRET_KEY])
    alone = Vault(open_store(address, time.time), [new])

    assert await both.get(Grant, "one") is not None
    with pytest.raises(StoreDownError):
        await alone.get(Grant, "one")
    assert await both.reseal() == 1

    assert await alone.get(Grant, "one") is not None
    with pytest.raises(StoreDownError):
        await vault.get(Grant, "one")
    await both.store.close()
    await alone.store.close()


async def test_replace__somebody_was_faster__changes_nothing(new_vault: NewVault) -> None:
    """What was read by two is replaced by one."""
    one, other = new_vault(), new_vault()
    await one.put("main", a_grant())
    first, second = await one.get(Grant, "main"), await other.get(Grant, "main")
    assert first is not None
    assert second is not None

    assert await one.replace(first, a_grant(token="oauth2v2_new"))
    assert not await other.replace(second, a_grant(token="oauth2v2_late"))

    kept = await other.get(Grant, "main")
    assert kept is not None
    assert kept.record.access_token == "oauth2v2_new"


def test_records__printed__show_no_secret() -> None:
    """What ends in a log by accident says its kind."""
    grant = a_grant(token="oauth2v2_very-secret")

    assert "very-secret" not in f"{grant!r} {grant} {[grant]}"


def test_new_secret__twice__differs_and_digest_tells_nothing() -> None:
    """Chance enough that a plain digest hides it."""
    one, other = new_secret(), new_secret()

    assert one != other
    assert len(one) >= 43
    assert one not in digest(one)


async def test_vault__sqlite_file__holds_no_secret(tmp_path: Path) -> None:
    """Not even the files beside it."""
    vault = Vault(open_store(f"sqlite:{tmp_path / 'heirloom.db'}", time.time), [SECRET_KEY])
    await vault.put("main", a_grant(token="oauth2v2_very-secret"))

    everything = b"".join(path.read_bytes() for path in tmp_path.glob("*"))  # noqa: ASYNC240
    assert b"grant:main" in everything
    assert b"very-secret" not in everything
    await vault.store.close()
