"""Legacy credentials to a bearer token, without I/O."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache

from app.errors import CredentialError
from app.message import Credential

BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,4096})\s*", re.IGNORECASE)
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,4096}")


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


def credential_of(token: str) -> Credential:
    """A token with the key that stands for it in memories: a digest, which tells callers apart and nothing else."""
    return Credential(token, _key(token))


@lru_cache(maxsize=1024)
def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]
