"""OAuth2 grants: clients, consents, codes and refresh tokens, and what they are exchanged for.

Any client id and secret will do, with all scopes, as long as nobody registered that id: then secret, addresses and
scopes are held to. Credentials have to be in the body, as the upstream wants them. A refresh token works once and is
replaced; using it again ends the grant. It lapses two weeks after it was given, an access token after a day.
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
class Client:
    """Who may ask for grants. Without a secret any will do, without addresses all are right."""

    name: str
    scopes: frozenset[str]
    secret: str | None = None
    redirect_uris: tuple[str, ...] = ()
    user_id: str | None = None
    access_seconds: float = ACCESS_SECONDS
    refresh_seconds: float = REFRESH_SECONDS


@dataclass(frozen=True, slots=True)
class Wish:
    """A grant that somebody is asked to consent to."""

    client: Client
    user_id: str
    redirect_uri: str
    state: str | None
    is_implicit: bool


@dataclass(frozen=True, slots=True)
class _Promise:
    """What a code or refresh token stands for; `grant` is the consent that it goes back to."""

    grant: int
    client: Client
    user_id: str
    redirect_uri: str | None
    expires_at: float


class Grants:
    """The clients, consents, codes and refresh tokens of one sandbox."""

    def __init__(self, seed: int, tokens: Tokens, clock: Callable[[], float]) -> None:
        self._mint = IdMint(seed)
        self._tokens = tokens
        self._clock = clock
        self._clients: dict[str, Client] = {}
        self._wishes: dict[str, Wish] = {}
        self._promises: dict[str, _Promise] = {}
        self._used: dict[str, int] = {}
        self._grants = 0

    def register(self, client: Client) -> None:
        """Hold a client to its secret, addresses and scopes from now on."""
        self._clients[client.name] = client

    def ask(self, asked: Mapping[str, str]) -> tuple[str, Wish]:
        """Give a consent's one-time id and what it is about; raises GrantError where there is no way back."""
        redirect_uri, name = asked.get("redirect_uri"), asked.get("client_id")
        if not redirect_uri or not name:
            raise GrantError("invalid_request", "client_id and redirect_uri are needed")
        client = self._client(name)
        if client.redirect_uris and redirect_uri not in client.redirect_uris:
            raise GrantError("invalid_request", "redirect_uri is none of the client's")
        user_id = client.user_id or self._tokens.named("client").user_id
        wish = Wish(client, user_id, redirect_uri, asked.get("state"), asked.get("response_type") == "token")
        consent = self._mint.secret("consent")
        self._wishes[consent] = wish
        return consent, wish

    def decide(self, consent: str, *, is_allowed: bool) -> tuple[Wish, dict[str, str]]:
        """Give what the browser carries back; raises GrantError for a consent that was decided, or never asked for."""
        wish = self._wishes.pop(consent, None)
        if wish is None:
            raise GrantError("invalid_request", "this page was used already; begin anew")
        state = {"state": wish.state} if wish.state is not None else {}
        if not is_allowed:
            return wish, {"error": "access_denied"} | state
        if wish.is_implicit:
            token = self._access(wish.client, wish.user_id)
            lasts = str(round(wish.client.access_seconds))
            return wish, {"access_token": token.text, "token_type": "Bearer", "expires_in": lasts} | state
        self._grants += 1
        ends = self._clock() + CODE_SECONDS
        return wish, {
            "code": self._promise("code", wish.client, wish.user_id, self._grants, wish.redirect_uri, ends)
        } | state

    def exchange(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer a token request; raises GrantError where RFC 6749 has an error."""
        name, secret = form.get("client_id"), form.get("client_secret")
        if not name or not secret:
            raise GrantError("invalid_client", "client_id and client_secret are needed in the body")
        client = self._client(name)
        if client.secret not in {None, secret}:
            raise GrantError("invalid_client", "client_secret is wrong")
        kind = form.get("grant_type")
        if kind == "client_credentials":
            user_id = client.user_id or self._tokens.named("client").user_id
            return _answer(client, self._access(client, user_id), None)
        if kind == "authorization_code":
            return self._kept(client, form.get("code"), form.get("redirect_uri"))
        if kind == "refresh_token":
            return self._kept(client, form.get("refresh_token"), None)
        raise GrantError("unsupported_grant_type", f"{kind!r} is no grant type")

    def _kept(self, client: Client, text: str | None, redirect_uri: str | None) -> dict[str, Any]:
        promise = self._promises.get(text or "")
        if text in self._used:
            self._end(self._used[text])
        if promise is None or promise.expires_at <= self._clock() or promise.client.name != client.name:
            raise GrantError("invalid_grant", "the code or refresh token is unknown, used or has lapsed")
        if promise.redirect_uri != redirect_uri:
            raise GrantError("invalid_grant", "redirect_uri is not the one of the authorization")
        del self._promises[text or ""]
        self._used[text or ""] = promise.grant
        ends = self._clock() + client.refresh_seconds
        refresh = self._promise("refresh", client, promise.user_id, promise.grant, None, ends)
        return _answer(client, self._access(client, promise.user_id), refresh)

    def _end(self, grant: int) -> None:
        """Take back what a grant has left: somebody used a token of it twice."""
        self._promises = {text: one for text, one in self._promises.items() if one.grant != grant}

    def _promise(
        self, kind: str, client: Client, user_id: str, grant: int, redirect_uri: str | None, expires_at: float
    ) -> str:
        text = self._mint.secret(kind)
        self._promises[text] = _Promise(grant, client, user_id, redirect_uri, expires_at)
        return text

    def _access(self, client: Client, user_id: str) -> Token:
        return self._tokens.issue(user_id, client.scopes, self._clock() + client.access_seconds)

    def _client(self, name: str) -> Client:
        return self._clients.get(name) or Client(name, self._tokens.named("client").scopes)


def _answer(client: Client, token: Token, refresh: str | None) -> dict[str, Any]:
    answer = {"access_token": token.text, "token_type": "Bearer", "expires_in": round(client.access_seconds)}
    return answer | ({"refresh_token": refresh} if refresh else {})
