"""Signed calls against the store: whose they are, once, in time; and ten thousand that are not."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest
from oauthlib.oauth1.rfc5849.signature import base_string_uri

from app.access.admission import Admission, Presented
from app.access.grants import Grants
from app.access.records import Consumer, SignedToken
from app.access.signatures import read_signed
from app.access.signed_requests import SIGNATURE_FAILED, SignedRequests, Verifier
from app.access.vault import Vault, digest
from app.errors import CredentialError
from app.store.store import StoreDownError
from tests.unit.access.conftest import NewVault, a_grant
from tests.unit.access.signing import Call, Placement, Secrets

NewGrants = Callable[[], Grants]
OWN = Secrets()
OTHER = Secrets("other-key", "other-secret", "other-token", "other-token-secret")
WINDOW = 300
HOSTILE = 10_000


async def know(vault: Vault, own: Secrets, grant: str) -> None:
    """Let a client in, with a token that stands for a grant."""
    now = time.time()
    await vault.put(digest(own.consumer), Consumer(name=own.consumer, secret=own.consumer_secret, created=now))
    record = SignedToken(consumer=digest(own.consumer), secret=own.token_secret, grant=grant, created=now)
    await vault.put(digest(own.token), record)
    await vault.put(grant, a_grant(token=f"oauth2v2_{grant}"))


@pytest.fixture
async def admit(vault: Vault, new_grants: NewGrants) -> Admission:
    """The front's question, with two clients known."""
    await know(vault, OWN, "own")
    await know(vault, OTHER, "others")
    return Admission(signed=SignedRequests(Verifier(vault, time.time, WINDOW), new_grants()))


async def refusal(admit: Admission, sent: Presented) -> str:
    """Why a request is refused: what the log is told, the caller being told the same always."""
    with pytest.raises(CredentialError) as caught:
        await admit(sent)
    assert (caught.value.message, caught.value.status) == (SIGNATURE_FAILED, 401)
    return caught.value.detail


async def test_find__signed_call__is_the_grant_of_its_token(admit: Admission) -> None:
    """Each client is itself, in every placement."""
    for placement in get_args(Placement):
        found = await admit(Call("POST", placement=placement).signed(OWN))
        assert found.token == "oauth2v2_own"
    assert (await admit(Call().signed(OTHER))).token == "oauth2v2_others"


async def test_find__same_request_again__is_refused_by_every_worker(
    admit: Admission, new_vault: NewVault, new_grants: NewGrants
) -> None:
    """A request that somebody caught on the way is worth nothing."""
    sent = Call().signed(OWN)
    elsewhere = Admission(signed=SignedRequests(Verifier(new_vault(), time.time, WINDOW), new_grants()))
    await admit(sent)

    assert await refusal(admit, sent) == "nonce"
    assert await refusal(elsewhere, sent) == "nonce"


async def test_find__many_at_once__one_gets_in(admit: Admission) -> None:
    """Repeats that come at the same moment, too."""
    sent = Call().signed(OWN)

    found = await asyncio.gather(*(admit(sent) for _ in range(30)), return_exceptions=True)

    assert sum(not isinstance(one, Exception) for one in found) == 1
    assert all(isinstance(one, CredentialError) for one in found if isinstance(one, Exception))


@pytest.mark.parametrize("off", [-WINDOW - 5, WINDOW + 5, -86_400, 10**9])
async def test_find__out_of_its_time__is_refused(admit: Admission, off: float) -> None:
    """Nonces need not be remembered for ever."""
    assert await refusal(admit, Call().signed(OWN, at=time.time() + off)) == "timestamp"


@pytest.mark.parametrize("off", [-WINDOW + 5, WINDOW - 5])
async def test_find__clock_a_little_off__is_taken(admit: Admission, off: float) -> None:
    """Old machines have old clocks."""
    assert (await admit(Call().signed(OWN, at=time.time() + off))).token == "oauth2v2_own"


async def test_find__wrong_owner__is_refused(admit: Admission) -> None:
    """Keys and tokens of two clients do not mix, whoever signs."""
    cases = {
        replace(OWN, consumer_secret="x"): "signature",
        replace(OWN, token_secret="x"): "signature",
        replace(OWN, consumer="nobody"): "unknown consumer",
        replace(OWN, token="nothing"): "unknown token",
        replace(OWN, token=""): "unknown token",
        replace(OWN, token=OTHER.token, token_secret=OTHER.token_secret): "unknown token",
        replace(OTHER, token=OWN.token, token_secret=OWN.token_secret): "unknown token",
    }

    assert {own: await refusal(admit, Call().signed(own)) for own in cases} == cases


async def test_find__bad_signature__uses_up_no_nonce(admit: Admission, vault: Vault) -> None:
    """A stranger can neither spoil a nonce nor fill the store."""
    nonce = {"oauth_nonce": "the-next-one"}
    await refusal(admit, Call(protocol=nonce).signed(replace(OWN, token_secret="x")))

    assert await vault.store.entries("nonce:") == []
    assert (await admit(Call(protocol=nonce).signed(OWN))).token == "oauth2v2_own"


async def test_find__consumer_revoked__is_refused(admit: Admission, vault: Vault) -> None:
    """Its tokens die with it."""
    await vault.delete(Consumer, digest(OWN.consumer))

    assert await refusal(admit, Call().signed(OWN)) == "unknown consumer"


async def test_find__store_down__is_no_open_door(admit: Admission, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nonces that cannot be noted are nonces that could come again."""

    async def down(*_: object, **__: object) -> bool:
        raise StoreDownError("cut")

    monkeypatch.setattr("app.store.sqlite.SqliteStore.add", down)
    monkeypatch.setattr("app.store.redis.RedisStore.add", down)

    with pytest.raises(StoreDownError):
        await admit(Call().signed(OWN))


def hostile(chance: random.Random, heard: list[Presented]) -> Presented:
    """What somebody sends who has heard requests on the way, and has credentials of another client."""
    sent = chance.choice(heard)
    kind = chance.randrange(5)
    if kind == 0:
        return sent
    if kind == 1:
        own = chance.choice(
            [
                replace(OTHER, consumer=OWN.consumer),
                replace(OTHER, token=OWN.token),
                replace(OTHER, consumer=OWN.consumer, token=OWN.token),
                replace(OWN, consumer_secret="", token_secret=""),
                replace(OWN, token=OTHER.token, token_secret=OTHER.token_secret),
                replace(OTHER, token=OWN.token, token_secret=""),
            ]
        )
        return Call(chance.choice(["GET", "POST"]), query=f"n={chance.random()}").signed(own)
    return flipped(chance, sent)


def flipped(chance: random.Random, sent: Presented) -> Presented:
    """A request with one bit of it changed, in whichever part."""
    parts = {
        "path": sent.path, "query": sent.query, "body": sent.body,
        **{name: value.encode("latin-1") for name, value in sent.headers.items() if name != "content-type"},
    }  # fmt: skip
    name = chance.choice([name for name, value in parts.items() if value])
    value = bytearray(parts[name])
    value[chance.randrange(len(value))] ^= 1 << chance.randrange(7)
    changed = bytes(value)
    if name in sent.headers:
        sent = replace(sent, headers={**sent.headers, name: changed.decode("latin-1")})
    else:
        sent = replace(sent, **{name: changed})  # type: ignore[arg-type]
    return sent


async def test_find__ten_thousand_hostile_requests__none_gets_in(
    vault: Vault, new_grants: NewGrants, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flipped bits, repeats, mixed credentials: not one is taken for the client's.

    A change that means the same is left out: letters of a scheme or host in the other case, an escape in the other.
    """
    await know(vault, OWN, "own")
    await know(vault, OTHER, "others")
    signed = SignedRequests(Verifier(vault, time.time, WINDOW), new_grants())
    heard = [
        Call("POST", query="page=0%3B20&q=caf%C3%A9", body=b"charge_amount=10.00", placement=placement,
             content_type="application/x-www-form-urlencoded").signed(OWN)
        for placement in get_args(Placement)
        for _ in range(5)
    ]  # fmt: skip
    for sent in heard:
        await signed.find(sent, "")
    chance = random.Random(7)

    known = {meaning(sent) for sent in heard}

    refusals: Counter[str] = Counter()
    for _ in range(HOSTILE):
        sent = hostile(chance, heard)
        with pytest.raises(CredentialError) as caught:
            await signed.find(sent, "")
        # Only a repeat gets as far as its nonce: everything else was refused for what it is.
        assert caught.value.detail != "nonce" or meaning(sent) in known
        refusals[caught.value.detail] += 1

    assert {"nonce", "signature", "unknown consumer", "unknown token"} <= set(refusals)


def meaning(sent: Presented) -> tuple[str, str, tuple[tuple[str, str], ...], str]:
    """What a signature is made over, and the signature."""
    found = read_signed(sent)
    address = str(base_string_uri(found.uri))
    return found.method, address, tuple(sorted(found.params)), found.protocol["oauth_signature"]
