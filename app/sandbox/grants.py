"""OAuth2 grants: codes and refresh tokens, and what they are exchanged for.

Anyone may be a client; credentials have to be in the body, as the upstream wants them, and nobody is asked for consent.
A refresh token works once and is replaced; it lapses two weeks after it was given, an access token after a day.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.sandbox.mint import IdMint
from app.sandbox.tokens import Token, Tokens

ACCESS_SECONDS = 86_400
REFRESH_SECONDS = 14 * 86_400
CODE_SECONDS = 600


class GrantError(Exception):
    """A refusal of the token endpoint, named as RFC 6749 names it."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


@dataclass(frozen=True, slots=True)
class _Promise:
    """What a code or refresh token stands for."""

    user_id: str
    client_id: str
    redirect_uri: str | None
    expires_at: float


class Grants:
    """The codes and refresh tokens given out by one sandbox."""

    def __init__(self, seed: int, tokens: Tokens, clock: Callable[[], float]) -> None:
        self._mint = IdMint(seed)
        self._tokens = tokens
        self._clock = clock
        self._promises: dict[str, _Promise] = {}

    def authorize(self, client_id: str, redirect_uri: str) -> str:
        """Give a code for the main client user, good for ten minutes and one exchange."""
        return self._promise("code", self._client_user(), client_id, redirect_uri, CODE_SECONDS)

    def implicit(self) -> Token:
        """Give an access token for the main client user at once."""
        return self._access(self._client_user())

    def exchange(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer a token request; raises GrantError where RFC 6749 has an error."""
        if not form.get("client_id") or not form.get("client_secret"):
            raise GrantError("invalid_client", "client_id and client_secret are needed in the body")
        kind = form.get("grant_type")
        if kind == "client_credentials":
            return self._answer(self._access(self._client_user()), None)
        if kind == "authorization_code":
            return self._kept(form, form.get("code"), form.get("redirect_uri"))
        if kind == "refresh_token":
            return self._kept(form, form.get("refresh_token"), None)
        raise GrantError("unsupported_grant_type", f"{kind!r} is no grant type")

    def _kept(self, form: Mapping[str, str], text: str | None, redirect_uri: str | None) -> dict[str, Any]:
        promise = self._promises.get(text or "")
        if promise is None or promise.expires_at <= self._clock() or promise.client_id != form["client_id"]:
            raise GrantError("invalid_grant", "the code or refresh token is unknown, used or has lapsed")
        if promise.redirect_uri != redirect_uri:
            raise GrantError("invalid_grant", "redirect_uri is not the one of the authorization")
        del self._promises[text or ""]
        refresh = self._promise("refresh", promise.user_id, promise.client_id, None, REFRESH_SECONDS)
        return self._answer(self._access(promise.user_id), refresh)

    def _promise(self, kind: str, user_id: str, client_id: str, redirect_uri: str | None, seconds: float) -> str:
        text = self._mint.secret(kind)
        self._promises[text] = _Promise(user_id, client_id, redirect_uri, self._clock() + seconds)
        return text

    def _access(self, user_id: str) -> Token:
        scopes = self._tokens.named("client").scopes
        return self._tokens.issue(user_id, scopes, self._clock() + ACCESS_SECONDS)

    def _client_user(self) -> str:
        return self._tokens.named("client").user_id

    def _answer(self, token: Token, refresh: str | None) -> dict[str, Any]:
        answer = {"access_token": token.text, "token_type": "Bearer", "expires_in": ACCESS_SECONDS}
        return answer | ({"refresh_token": refresh} if refresh else {})
