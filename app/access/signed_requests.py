"""Calls signed as OAuth 1.0a: whose they are, and that nobody else made or repeated them.

Every refusal looks the same to the caller. The signature is looked at before the nonce, so that a stranger can neither
use up nonces nor fill the store with them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from app.access.admission import Presented
from app.access.proxy_keys import Grants
from app.access.records import Consumer, SignedToken, TemporaryToken
from app.access.signatures import BadSignature, Signed, read_signed
from app.access.vault import Kept, Vault, digest, new_secret
from app.errors import CredentialError
from app.message import Credential

SIGNATURE_FAILED = "Verification of signature failed."

T = TypeVar("T", SignedToken, TemporaryToken)


def refused(why: str) -> CredentialError:
    """The refusal of a signed request; the caller is not told why."""
    return CredentialError(SIGNATURE_FAILED, detail=why)


class Verifier:
    """Checks signatures, timestamps and nonces against what the vault knows. `now` is seconds since 1970."""

    def __init__(self, vault: Vault, now: Callable[[], float], window_seconds: float) -> None:
        self._vault = vault
        self._now = now
        self._window = window_seconds
        # What an unknown consumer or token is checked against, so that time does not tell that it is unknown.
        self._dummy = new_secret()

    async def by_consumer(self, presented: Presented) -> tuple[Signed, Consumer]:
        """A request signed by a consumer alone. Raises CredentialError, StoreDownError."""
        signed = self._read(presented)
        consumer = await self._vault.get(Consumer, digest(signed.consumer))
        is_right = signed.is_by(consumer.record.secret if consumer else self._dummy, "")
        if consumer is None or signed.token or not is_right:
            raise refused("unknown consumer" if consumer is None else "signature")
        await self._once(signed)
        return signed, consumer.record

    async def by_token(self, presented: Presented, kind: type[T]) -> tuple[Signed, Kept[T]]:
        """A request signed by a consumer and a token of that kind. Raises CredentialError, StoreDownError."""
        signed = self._read(presented)
        consumer = await self._vault.get(Consumer, digest(signed.consumer))
        token = await self._vault.get(kind, digest(signed.token))
        consumer_secret = consumer.record.secret if consumer else self._dummy
        is_right = signed.is_by(consumer_secret, token.record.secret if token else self._dummy)
        if consumer is None or token is None or token.record.consumer != consumer.name:
            raise refused("unknown consumer" if consumer is None else "unknown token")
        if not is_right:
            raise refused("signature")
        await self._once(signed)
        return signed, token

    @staticmethod
    def _read(presented: Presented) -> Signed:
        try:
            return read_signed(presented)
        except BadSignature as problem:
            raise refused(str(problem)) from problem

    async def _once(self, signed: Signed) -> None:
        """Raise for a request out of its time, and for one that was here before, in whichever worker."""
        if abs(self._now() - signed.timestamp) > self._window:
            raise refused("timestamp")
        # No letter of these can be in the separator.
        told = "\n".join((signed.consumer, signed.token, str(signed.timestamp), signed.nonce))
        if not await self._vault.store.add(f"nonce:{digest(told)}", b"1", seconds=2 * self._window + 1):
            raise refused("nonce")


class SignedRequests:
    """The way in of signed calls: the token stands for a stored grant."""

    def __init__(self, verifier: Verifier, grants: Grants) -> None:
        self._verifier = verifier
        self._grants = grants

    async def find(self, presented: Presented, token: str) -> Credential:
        """The credential of a signed call. Raises CredentialError, StoreDownError."""
        _, kept = await self._verifier.by_token(presented, SignedToken)
        return await self._grants.credential(kept.record.grant, key=f"token:{kept.name}")
