"""A grant by way of the browser: a ticket leads to the upstream's consent, which leads back with a code.

Whoever holds a ticket may connect one grant under the name that the ticket says, once, for ten minutes. It goes to the
upstream as `state`, so what comes back is known to belong to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.access.records import Grant, Ticket
from app.access.vault import Kept, Vault, digest, new_secret
from app.errors import RequestError

TICKET_SECONDS = 600
CALLBACK = "/heirloom/connect/callback"


class Consent(Protocol):
    """The upstream's authorization server, as far as consent goes."""

    def consent_url(self, redirect_uri: str, state: str) -> str:
        """Where a browser is sent to consent."""
        ...

    async def by_code(self, code: str, redirect_uri: str) -> Grant:
        """A grant for the code that a consent gave. Raises GrantRefusedError, UpstreamError."""
        ...


@dataclass(frozen=True, slots=True)
class Connected:
    """A grant that was just connected, and the OAuth 1.0a token that waited for it, if any."""

    grant: str
    temporary: str


class Connecting:
    """Gives out tickets and turns them into grants."""

    def __init__(self, vault: Vault, consent: Consent) -> None:
        self._vault = vault
        self._consent = consent

    async def ticket(self, ticket: Ticket) -> str:
        """A new ticket's text, which is kept as a digest."""
        text = new_secret()
        await self._vault.put(digest(text), ticket, seconds=TICKET_SECONDS)
        return text

    async def begin(self, ticket: Ticket, redirect_base: str) -> str:
        """Where to send a browser that may connect at once."""
        return self._consent.consent_url(redirect_base + CALLBACK, await self.ticket(ticket))

    async def resume(self, text: str, redirect_base: str) -> str:
        """Where to send a browser that brings a ticket. Raises RequestError."""
        await self._find(text)
        return self._consent.consent_url(redirect_base + CALLBACK, text)

    async def finish(self, text: str, code: str, redirect_base: str) -> Connected:
        """Exchange the code of a consent and keep the grant. Raises RequestError, GrantRefusedError, UpstreamError."""
        kept = await self._find(text)
        if not await self._vault.take(kept):
            raise RequestError("This link was used already; ask for a new one")
        grant = await self._consent.by_code(code, redirect_base + CALLBACK)
        await self._vault.put(kept.record.grant, grant)
        return Connected(kept.record.grant, kept.record.temporary)

    async def refuse(self, text: str) -> None:
        """The consent was not given: the ticket is over."""
        await self._vault.take(await self._find(text))

    async def _find(self, text: str) -> Kept[Ticket]:
        kept = await self._vault.get(Ticket, digest(text))
        if kept is None:
            raise RequestError("This link is not known, or its ten minutes are over; ask for a new one")
        return kept
