"""Token requests of clients with grants of their own, passed on to the upstream's token endpoint.

Codes and refresh tokens work once: nothing is sent twice, nothing kept, nothing logged.
Source: legacy clients, OAuth2; legacy conventions, section 10.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson

from app.access.authorization import FORM
from app.errors import RequestError, UpstreamError, UpstreamTimeoutError

#: what a token request has; SDKs send stray ones beside (`allow_redirects`, a `scope` without a value)
MEMBERS = ("grant_type", "client_id", "client_secret", "code", "redirect_uri", "refresh_token", "scope")


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What the token endpoint said: a token, or a refusal as RFC 6749 names it."""

    status: int
    body: dict[str, Any] = field(repr=False)

    @property
    def refusal(self) -> str:
        """Why there is no token, in words; empty where there is one."""
        if self.status == 200:
            return ""
        error = self.body.get("error")
        described = self.body.get("error_description") or error or self.body.get("message")
        return str(described or "The upstream gave no token")


class TokenForwarding:
    """Asks the token endpoint as the upstream wants to be asked: client id and secret in the body."""

    def __init__(self, http: httpx.AsyncClient, token_url: str, deadline_seconds: float) -> None:
        self._http = http
        self._token_url = token_url
        self._deadline_seconds = deadline_seconds

    async def forward(self, authorization: str | None, params: Mapping[str, object]) -> TokenAnswer:
        """Pass a token request on. Raises RequestError for Basic credentials that cannot be read, UpstreamError."""
        told = {name: value for name in MEMBERS if isinstance(value := params.get(name), str) and value}
        body = urlencode(basic_credentials(authorization) | told)
        try:
            async with asyncio.timeout(self._deadline_seconds):
                response = await self._http.post(self._token_url, content=body, headers={"Content-Type": FORM})
        except (httpx.TimeoutException, TimeoutError) as error:
            raise UpstreamTimeoutError("The upstream gave no token in time", detail=type(error).__name__) from error
        except httpx.HTTPError as error:
            raise UpstreamError("The token endpoint cannot be reached", detail=type(error).__name__) from error
        try:
            answer = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            answer = None
        if not isinstance(answer, dict) or not (response.status_code == 200 or 400 <= response.status_code < 600):
            raise UpstreamError("The upstream gave no token", detail=f"status {response.status_code}")
        if response.status_code == 200 and str(answer.get("token_type", "")).lower() == "bearer":
            answer["token_type"] = "Bearer"  # noqa: S105 - as SDKs compare it
        return TokenAnswer(response.status_code, answer)


def basic_credentials(authorization: str | None) -> dict[str, str]:
    """Client id and secret of a Basic header; none of any other. Raises RequestError."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise RequestError("The Basic credentials cannot be read") from error
    if not colon:
        raise RequestError("The Basic credentials have no secret")
    return {"client_id": client_id, "client_secret": secret}
