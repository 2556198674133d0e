"""Bearer tokens: whose they are, what they may read, until when."""

from dataclasses import dataclass

from app.sandbox.mint import IdMint
from app.sandbox.scopes import ALL_SCOPES
from app.sandbox.world import Cast


@dataclass(frozen=True, slots=True)
class Token:
    """A granted token. `name` stands for it in the log; `expires_at` is in seconds since 1970, None means never."""

    text: str
    name: str
    user_id: str
    scopes: frozenset[str]
    expires_at: float | None = None


class Tokens:
    """The tokens of a sandbox; it starts with one for the main client, one for a freelancer, one for a stranger."""

    def __init__(self, seed: int, cast: Cast) -> None:
        self._mint = IdMint(seed)
        self._by_text: dict[str, Token] = {}
        for name, user_id in (
            ("client", cast.client_user),
            ("freelancer", cast.freelancer),
            ("stranger", cast.stranger),
        ):
            self.issue(user_id, ALL_SCOPES, None, name)

    def issue(self, user_id: str, scopes: frozenset[str], expires_at: float | None, name: str | None = None) -> Token:
        """Make and keep a new token."""
        token = Token(self._mint.token(), name or f"token-{len(self._by_text) + 1}", user_id, scopes, expires_at)
        self._by_text[token.text] = token
        return token

    def named(self, name: str) -> Token:
        """Give one of the three first tokens by its name."""
        return next(token for token in self._by_text.values() if token.name == name)

    def valid(self, text: str, now: float) -> Token | None:
        """Give the token of a text, if there is one that has not expired."""
        token = self._by_text.get(text)
        return None if token is None or (token.expires_at is not None and token.expires_at <= now) else token

    def name_of(self, text: str) -> str | None:
        """Give the name of a token, expired or not; None if it was never issued."""
        token = self._by_text.get(text)
        return token.name if token else None


def default_token(seed: int) -> str:
    """Give the text of the main client's token in the sandbox of a seed."""
    return IdMint(seed).token()
