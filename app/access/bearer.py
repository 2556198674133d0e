"""Legacy credentials to a bearer token, without I/O."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import unquote

from app.errors import CredentialError
from app.message import Credential

BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,4096})\s*", re.IGNORECASE)
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,4096}")
OAUTH1 = re.compile(r"oauth\s+(.*)", re.IGNORECASE | re.DOTALL)
OAUTH1_TOKEN = re.compile(r'(?:^|,)\s*oauth_token="([^"]*)"')


def bearer_token(authorization: str | None, params: Mapping[str, object]) -> str:
    """A bearer token: from the Authorization header, or the `access_token` parameter. Raises CredentialError.

    Source: contract auth, bearer, line 201.
    """
    if authorization:
        match = BEARER.fullmatch(authorization.strip())
        if match is None:
            raise CredentialError("Authorization must be 'Bearer' and an access token")
        return match[1]
    token = params.get("access_token")
    if isinstance(token, str) and TOKEN.fullmatch(token):
        return token
    raise CredentialError("An access token is required: send 'Authorization: Bearer' with it")


def bearer_credential(authorization: str | None, params: Mapping[str, object]) -> Credential:
    """The caller's own token as a credential. Raises CredentialError."""
    return credential_of(bearer_token(authorization, params))


def unverified_credential(authorization: str | None, params: Mapping[str, object]) -> Credential:
    """The `oauth_token` of an OAuth 1.0a request, taken for an access token; other requests as `bearer_credential`.

    It stands in an OAuth header, or among the parameters. The signature is not looked at: for trials alone.
    Raises CredentialError. Source: legacy clients, OAuth1.
    """
    if authorization is None:
        token = params.get("oauth_token")
        if token is None:
            return bearer_credential(authorization, params)
    else:
        signed = OAUTH1.match(authorization.strip())
        if signed is None:
            return bearer_credential(authorization, params)
        found = OAUTH1_TOKEN.search(signed[1])
        token = unquote(found[1]) if found else None
    if isinstance(token, str) and TOKEN.fullmatch(token):
        return credential_of(token)
    raise CredentialError("An OAuth 1.0a request must carry an 'oauth_token'")


def credential_of(token: str) -> Credential:
    """A token with the key that stands for it in memories: a digest, which tells callers apart and nothing else."""
    return Credential(token, hashlib.sha256(token.encode()).hexdigest()[:32])
