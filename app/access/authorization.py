"""The upstream's authorization server, as a client of it: consent addresses, codes and refresh tokens to tokens.

The shapes of requests and refusals are RFC 6749's and come from authlib; client id and secret go in the body, where the
upstream wants them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from app.access.records import Grant
from app.errors import ProxyError, UpstreamError, UpstreamTimeoutError

FORM = "application/x-www-form-urlencoded"
#: the one refusal that means the grant itself is gone; others speak of the client, whose secret may just be set wrong
FINAL = "invalid_grant"
DEFAULT_SECONDS = 86_400.0


class GrantRefusedError(ProxyError):
    """A401: the upstream gives no tokens for this grant any more; somebody has to connect it again."""

    code = "A401"
    status = 401


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks: the OAuth2 client registered at the upstream."""

    id: str
    secret: str = field(repr=False)


class Authorization:
    """Asks the token endpoint. `now` is seconds since 1970."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        client: Client,
        *,
        authorize_url: str,
        token_url: str,
        now: Callable[[], float],
    ) -> None:
        from authlib.oauth2.rfc6749 import parameters  # noqa: PLC0415 - only who keeps grants pays for it

        self._forms = parameters
        self._http = http
        self._client = client
        self._authorize_url = authorize_url
        self._token_url = token_url
        self._now = now

    def consent_url(self, redirect_uri: str, state: str) -> str:
        """Where a browser is sent to consent."""
        url: str = self._forms.prepare_grant_uri(
            self._authorize_url, self._client.id, "code", redirect_uri=redirect_uri, state=state
        )
        return url

    async def by_code(self, code: str, redirect_uri: str) -> Grant:
        """A grant for the code that a consent gave. Raises GrantRefusedError, UpstreamError."""
        told = await self._ask("authorization_code", code=code, redirect_uri=redirect_uri)
        return self._grant(told, "authorization_code", created=self._now())

    async def by_client(self) -> Grant:
        """A grant for the client itself. Raises GrantRefusedError, UpstreamError."""
        return self._grant(await self._ask("client_credentials"), "client_credentials", created=self._now())

    async def by_refresh_token(self, refresh_token: str) -> Grant:
        """A grant that somebody else held so far. Raises GrantRefusedError, UpstreamError."""
        told = await self._ask("refresh_token", refresh_token=refresh_token)
        return self._grant(told, "authorization_code", created=self._now(), refresh_token=refresh_token)

    async def refreshed(self, grant: Grant) -> Grant:
        """The grant with new tokens. Raises GrantRefusedError, UpstreamError."""
        if grant.kind == "client_credentials":
            told = await self._ask("client_credentials")
        elif not grant.refresh_token:
            raise GrantRefusedError("The stored grant has no refresh token; connect it again")
        else:
            told = await self._ask("refresh_token", refresh_token=grant.refresh_token)
        return self._grant(told, grant.kind, created=grant.created, refresh_token=grant.refresh_token)

    async def _ask(self, kind: str, **more: str) -> dict[str, Any]:
        credentials = {"client_id": self._client.id, "client_secret": self._client.secret}
        body = self._forms.prepare_token_request(kind, "", more.pop("redirect_uri", None), **more, **credentials)
        try:
            response = await self._http.post(self._token_url, content=body, headers={"Content-Type": FORM})
        except httpx.TimeoutException as error:
            raise UpstreamTimeoutError("The upstream gave no token in time", detail=type(error).__name__) from error
        except httpx.HTTPError as error:
            raise UpstreamError("The token endpoint cannot be reached", detail=type(error).__name__) from error
        try:
            told = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            told = None
        if isinstance(told, dict) and response.status_code == 200 and isinstance(told.get("access_token"), str):
            return told
        reason = told.get("error") if isinstance(told, dict) else None
        detail = f"status {response.status_code}, {str(reason)[:80]}"
        if reason == FINAL:
            raise GrantRefusedError("The stored grant has lapsed; connect it again", detail=detail)
        raise UpstreamError("The upstream gave no token", detail=detail)

    def _grant(self, told: dict[str, Any], kind: Any, *, created: float, refresh_token: str = "") -> Grant:
        now, lives = self._now(), told.get("expires_in")
        seconds = float(lives) if isinstance(lives, int | float | str) and str(lives).isdecimal() else DEFAULT_SECONDS
        given = told.get("refresh_token")
        return Grant(
            kind=kind,
            access_token=told["access_token"],
            access_ends=now + seconds,
            # One that is not replaced goes on.
            refresh_token=given if isinstance(given, str) and given else refresh_token,
            refreshed=now,
            created=created,
        )
