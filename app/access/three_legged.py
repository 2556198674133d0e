"""OAuth 1.0a in three steps: a request token, a consent, an access token. Source: legacy conventions, section 9.

The consent is the upstream's OAuth2 one; the grant that comes of it is kept, and the access token stands for it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from app.access.admission import Presented
from app.access.connecting import Connecting
from app.access.records import Consumer, SignedToken, TemporaryToken, Ticket
from app.access.signed_requests import Verifier, refused
from app.access.vault import Vault, digest, new_secret
from app.errors import RequestError

#: a request token's time
TEMPORARY_SECONDS = 600
OUT_OF_BAND = "oob"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token and its secret, as a client gets them."""

    token: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Authorised:
    """Where the browser goes when consent was given; without a callback people carry the verifier by hand."""

    token: str = field(repr=False)
    verifier: str = field(repr=False)
    callback: str


class ThreeLegged:
    """The steps. `now` is seconds since 1970."""

    def __init__(self, vault: Vault, verifier: Verifier, connecting: Connecting, now: Callable[[], float]) -> None:
        self._vault = vault
        self._verifier = verifier
        self._connecting = connecting
        self._now = now

    async def request_token(self, presented: Presented) -> NewToken:
        """The first step. Raises CredentialError; RequestError for a callback that no browser can be sent to."""
        signed, _ = await self._verifier.by_consumer(presented)
        callback = signed.protocol.get("oauth_callback") or OUT_OF_BAND
        if callback != OUT_OF_BAND and not is_address(callback):
            raise RequestError("oauth_callback must be an address that begins with http:// or https://, or 'oob'")
        made = NewToken(new_secret(), new_secret())
        record = TemporaryToken(consumer=digest(signed.consumer), secret=made.secret, callback=callback)
        await self._vault.put(digest(made.token), record, seconds=TEMPORARY_SECONDS)
        return made

    async def authorise(self, token: str, callback: str, redirect_base: str) -> str:
        """The second step: where to send the browser. Raises RequestError.

        Old clients give their callback here, unsigned. Anybody can write such a link, so that it counts only where the
        consumer is registered with it.
        """
        kept = await self._vault.get(TemporaryToken, digest(token))
        consumer = await self._vault.get(Consumer, kept.record.consumer) if kept else None
        if kept is None or consumer is None or kept.record.verifier:
            raise RequestError("This request token is not known, was used, or its ten minutes are over")
        if callback and callback in consumer.record.callbacks and kept.record.callback == OUT_OF_BAND:
            changed = TemporaryToken(consumer=kept.record.consumer, secret=kept.record.secret, callback=callback)
            await self._vault.replace(kept, changed)
        grant = f"{consumer.record.name}-{new_secret()[:8]}"
        return await self._connecting.begin(Ticket(grant=grant, temporary=token), redirect_base)

    async def authorised(self, temporary: str, grant: str) -> Authorised:
        """A consent came back: the request token may be exchanged by who gets the verifier. Raises RequestError."""
        kept = await self._vault.get(TemporaryToken, digest(temporary))
        if kept is None or kept.record.verifier:
            raise RequestError("The request token's ten minutes are over; begin again in your program")
        verifier = new_secret()
        changed = TemporaryToken(
            consumer=kept.record.consumer,
            secret=kept.record.secret,
            callback=kept.record.callback,
            verifier=verifier,
            grant=grant,
        )
        if not await self._vault.replace(kept, changed):
            raise RequestError("This request token was used already; begin again in your program")
        return Authorised(temporary, verifier, "" if kept.record.callback == OUT_OF_BAND else kept.record.callback)

    async def access_token(self, presented: Presented) -> NewToken:
        """The third step: the request token is used up. Raises CredentialError."""
        signed, kept = await self._verifier.by_token(presented, TemporaryToken)
        expected, given = kept.record.verifier, signed.protocol.get("oauth_verifier", "")
        if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
            raise refused("verifier")
        if not await self._vault.take(kept):
            raise refused("used")
        return await self.give(kept.record.consumer, kept.record.grant)

    async def give(self, consumer: str, grant: str, token: str = "", secret: str = "") -> NewToken:
        """An access token of a consumer, by its digest, that stands for a grant; a new one, or one that is brought."""
        made = NewToken(token or new_secret(), secret or new_secret())
        record = SignedToken(consumer=consumer, secret=made.secret, grant=grant, created=self._now())
        await self._vault.put(digest(made.token), record)
        return made


def is_address(text: str) -> bool:
    """Whether a browser can be sent there."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and text.isascii()
        and text.isprintable()
        and " " not in text
    )


def with_params(address: str, **params: str) -> str:
    """An address with more parameters in its query."""
    parts = urlsplit(address)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *params.items()])
    return urlunsplit(parts._replace(query=query))
