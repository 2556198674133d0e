"""What the store keeps about access, as frozen records. Times are seconds since 1970; secrets do not print."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all records."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Grant(Record, frozen=True, kw_only=True):
    """An OAuth2 grant at the upstream, held for clients that cannot hold it themselves.

    `lapsed` says why it can no longer be refreshed; somebody has to connect again.
    """

    kind: Literal["authorization_code", "client_credentials"]
    access_token: str
    access_ends: float
    refresh_token: str = ""
    refreshed: float
    created: float
    lapsed: str = ""


class ProxyKey(Record, frozen=True, kw_only=True):
    """A key that a client of the broker presents, known by its digest only. None binds nothing."""

    name: str
    grant: str
    created: float
    areas: tuple[str, ...] | None = None
    tenants: tuple[str, ...] | None = None


class Ticket(Record, frozen=True, kw_only=True):
    """A right to connect a grant in the browser, used once; `temporary` is the OAuth 1.0a token it is for, if any."""

    grant: str
    temporary: str = ""


class Consumer(Record, frozen=True, kw_only=True):
    """An OAuth 1.0a client, kept by the digest of its consumer key; `hint` is how people know that key again.

    `callbacks` are the addresses that an unsigned link may send a browser back to.
    """

    name: str
    secret: str
    created: float
    hint: str = ""
    callbacks: tuple[str, ...] = ()


class TemporaryToken(Record, frozen=True, kw_only=True):
    """An OAuth 1.0a request token: on its way to be authorised, then, with a verifier and a grant, to be exchanged.

    `consumer` is the digest of the consumer's key.
    """

    consumer: str
    secret: str
    callback: str
    verifier: str = ""
    grant: str = ""


class SignedToken(Record, frozen=True, kw_only=True):
    """An OAuth 1.0a access token: signs requests, stands for a grant, and never lapses by itself."""

    consumer: str
    secret: str
    grant: str
    created: float


class Outcome(Record, frozen=True, kw_only=True):
    """What a write was answered with: a body, or for an error none, and its code and message."""

    status: int
    body: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    headers: dict[str, str] = {}
    legacy_code: int = 0
    message: str = ""


class Write(Record, frozen=True, kw_only=True):
    """A write under an idempotency key. `request` is the digest of what was asked, `owner` whoever carries it out.

    Until `ends` its owner may be at it. `is_sent`: it may have reached the upstream. `outcome` is what became of it.
    """

    request: str
    owner: str
    ends: float
    is_sent: bool = False
    outcome: Outcome | None = None
