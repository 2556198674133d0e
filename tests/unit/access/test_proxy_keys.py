"""Proxy keys: shown once, known by their digests, and no wider than they were made."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from app.access.admission import Admission, PassThrough, Presented
from app.access.grants import Grants
from app.access.proxy_keys import ProxyKeys
from app.access.vault import Vault
from app.errors import CredentialError
from tests.unit.access.conftest import a_grant

NewGrants = Callable[[], Grants]


def presented(authorization: str = "", **params: object) -> Presented:
    """A request with a header or parameters."""
    headers = {"authorization": authorization} if authorization else {}
    return Presented("GET", "http", b"/api/x", b"", headers, b"", params)


@pytest.fixture
def keys(vault: Vault, new_grants: NewGrants) -> ProxyKeys:
    """The keys over one vault."""
    return ProxyKeys(vault, new_grants(), time.time)


async def test_find__key_as_bearer_token__is_the_grants_credential(vault: Vault, keys: ProxyKeys) -> None:
    """A client presents its key where an access token would stand, also as a parameter."""
    await vault.put("main", a_grant())
    key = await keys.make("shop", "main", ("messages",), ("1104567890123456781",))
    admit = Admission(keys=keys)

    found = [await admit(presented(f"Bearer {key}")), await admit(presented(access_token=key))]

    assert {one.token for one in found} == {"oauth2v2_a0"}
    assert {one.key for one in found} == {found[0].key}
    assert (found[0].areas, found[0].tenants) == (("messages",), ("1104567890123456781",))
    assert key not in found[0].key


async def test_make__key__is_not_in_the_store(vault: Vault, keys: ProxyKeys) -> None:
    """Neither its name there nor its record says it."""
    key = await keys.make("shop", "main")

    ((name, sealed),) = await vault.store.entries("key:")

    assert key.startswith("hk_")
    assert key not in name
    assert key.encode() not in sealed


async def test_find__two_keys_of_one_grant__remember_nothing_of_each_other(vault: Vault, keys: ProxyKeys) -> None:
    """What is remembered for one bound key must not answer another."""
    await vault.put("main", a_grant())
    one, other = await keys.make("one", "main"), await keys.make("other", "main")

    found = [await keys.find(presented(), key) for key in (one, other)]

    assert found[0].key != found[1].key


@pytest.mark.parametrize("change", ["", "x", "hk_", "hk_unknown"])
async def test_find__unknown_or_altered__is_refused(vault: Vault, keys: ProxyKeys, change: str) -> None:
    """A key is right to the letter or no key."""
    await vault.put("main", a_grant())
    key = await keys.make("shop", "main")
    wrong = change if change.startswith("hk_") else key[:-1] + ("A" if key[-1] != "A" else "B") + change

    with pytest.raises(CredentialError):
        await keys.find(presented(), wrong)


async def test_revoke__name__refuses_all_its_keys_and_no_other(vault: Vault, keys: ProxyKeys) -> None:
    """A name may have several keys, while a client changes over."""
    await vault.put("main", a_grant())
    old, new, other = [await keys.make(name, "main") for name in ("shop", "shop", "office")]

    assert await keys.revoke("shop") == 2

    for key in (old, new):
        with pytest.raises(CredentialError):
            await keys.find(presented(), key)
    assert (await keys.find(presented(), other)).token == "oauth2v2_a0"
    assert await keys.revoke("shop") == 0


async def test_find__grant_revoked__is_refused(vault: Vault, keys: ProxyKeys) -> None:
    """A key to nothing opens nothing."""
    key = await keys.make("shop", "none")

    with pytest.raises(CredentialError):
        await keys.find(presented(), key)


async def test_admission__way_is_shut__says_which_setting_opens_it(keys: ProxyKeys) -> None:
    """A key where the broker is off, a token where pass-through is, a signature where OAuth 1.0a is."""
    only_tokens, only_keys = Admission(passthrough=PassThrough()), Admission(keys=keys)
    cases = [
        (only_tokens, presented("Bearer hk_abc"), "broker"),
        (only_keys, presented("Bearer oauth2v2_x"), "passthrough"),
        (only_tokens, presented('OAuth oauth_signature="x"'), "oauth1"),
        (only_tokens, presented(oauth_signature="x", access_token="oauth2v2_x"), "oauth1"),
    ]

    for admit, request, name in cases:
        with pytest.raises(CredentialError) as caught:
            await admit(request)
        assert f"'{name}'" in caught.value.mend
