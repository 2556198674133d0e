"""Who may come in: a request's credential, by the ways that the settings open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.access.bearer import bearer_token, credential_of
from app.errors import CredentialError
from app.message import Credential

#: what a proxy key begins with, so that it is told from an access token
KEY_PREFIX = "hk_"


@dataclass(frozen=True, slots=True)
class Presented:
    """A request as it was really sent, since signatures are made over that; `params` are query and body, flattened.

    Names of headers are in lower case.
    """

    method: str
    scheme: str
    path: bytes
    query: bytes
    headers: Mapping[str, str]
    body: bytes
    params: Mapping[str, object]


class Way(Protocol):
    """One way in. `find` raises CredentialError for what does not open it, StoreDownError when it cannot tell."""

    async def find(self, presented: Presented, token: str) -> Credential:
        """The credential of a request that takes this way; `token` is its bearer token, if it has one."""
        ...


class PassThrough:
    """The caller's own access token, which the upstream judges."""

    async def find(self, presented: Presented, token: str) -> Credential:
        """The token itself."""
        return credential_of(token)


class Admission:
    """Finds the credential of a request; a way that is not open is None."""

    def __init__(self, *, passthrough: Way | None = None, keys: Way | None = None, signed: Way | None = None) -> None:
        self._passthrough = passthrough
        self._keys = keys
        self._signed = signed
        self._takes_tokens = isinstance(passthrough, PassThrough)

    def at_once(self, presented: Presented) -> Credential | None:
        """The credential where the request is all that it takes: the upstream judges it. Raises CredentialError."""
        if self._takes_tokens and not is_signed(presented):
            token = bearer_token(presented.headers.get("authorization"), presented.params)
            if not token.startswith(KEY_PREFIX):
                return credential_of(token)
        return None

    async def __call__(self, presented: Presented) -> Credential:
        """The credential that a request presents. Raises CredentialError, StoreDownError."""
        if is_signed(presented):
            return await _open(self._signed, "oauth1").find(presented, "")
        token = bearer_token(presented.headers.get("authorization"), presented.params)
        if token.startswith(KEY_PREFIX):
            return await _open(self._keys, "broker").find(presented, token)
        return await _open(self._passthrough, "passthrough").find(presented, token)


def is_signed(presented: Presented) -> bool:
    """Whether a request is one of OAuth 1.0a: by its header, or without one by the parameter with the signature."""
    authorization = presented.headers.get("authorization", "")
    return authorization[:6].lower() == "oauth " or (not authorization and "oauth_signature" in presented.params)


def _open(way: Way | None, name: str) -> Way:
    if way is None:
        words = {
            "passthrough": "Access tokens of the upstream are not taken here; use a proxy key or a signed request",
            "broker": "Proxy keys are not taken here",
            "oauth1": "OAuth 1.0a requests are not taken here",
        }
        raise CredentialError(words[name], mend=f"add '{name}' to HEIRLOOM_AUTH")
    return way
