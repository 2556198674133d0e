"""OAuth 1.0a signatures over what was really sent. Source: RFC 5849; legacy clients, OAuth1.

oauthlib makes the base string and the signature. The parameters are read here: it refuses queries that old SDKs send,
such as `[3 TO 4]` with bare brackets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from oauthlib.oauth1.rfc5849 import signature as rfc5849
from oauthlib.oauth1.rfc5849.utils import parse_http_list, parse_keqv_list

from app.access.admission import Presented

FORM = "application/x-www-form-urlencoded"
METHODS = {"HMAC-SHA1": rfc5849.verify_hmac_sha1, "HMAC-SHA256": rfc5849.verify_hmac_sha256}
#: longest consumer key, token or nonce that is looked at
LONGEST = 512

Pairs = list[tuple[str, str]]


class BadSignature(Exception):
    """A request that is not signed as RFC 5849 has it; the text says what is wrong, without a value."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed request, read and not yet believed. `params` are all that the signature is made over."""

    method: str
    uri: str
    params: Pairs = field(repr=False)
    protocol: dict[str, str] = field(repr=False)
    timestamp: int

    @property
    def consumer(self) -> str:
        """The consumer key."""
        return self.protocol["oauth_consumer_key"]

    @property
    def token(self) -> str:
        """The token, empty where a request has none."""
        return self.protocol.get("oauth_token", "")

    @property
    def nonce(self) -> str:
        """What makes the request one of a kind."""
        return self.protocol["oauth_nonce"]

    def is_by(self, consumer_secret: str, token_secret: str) -> bool:
        """Whether these secrets made the signature."""
        # The names that oauthlib reads.
        sent = _Sent(self.method, self.uri, self.params, self.protocol["oauth_signature"])
        try:
            return bool(METHODS[self.protocol["oauth_signature_method"]](sent, consumer_secret, token_secret))
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class _Sent:
    http_method: str
    uri: str
    params: Pairs
    signature: str


def read_signed(presented: Presented) -> Signed:
    """Take a signed request apart. Raises BadSignature."""
    sources = [_header(presented), _pairs(presented.query), _form(presented)]
    signing = [pairs for pairs in sources if any(name.startswith("oauth_") for name, _ in pairs)]
    if len(signing) != 1:
        raise BadSignature("the oauth_ parameters stand in no place, or in several")
    found = [(name, value) for name, value in signing[0] if name.startswith("oauth_")]
    protocol = dict(found)
    if len(protocol) != len(found):
        raise BadSignature("an oauth_ parameter stands there twice")
    _check(protocol)
    host = presented.headers.get("host", "")
    if not host or any(letter in host for letter in "/?#@\\ "):
        raise BadSignature("there is no host")
    return Signed(
        method=presented.method,
        uri=f"{presented.scheme}://{host}{presented.path.decode('latin-1')}",
        params=[pair for pairs in sources for pair in pairs if pair[0] not in {"oauth_signature", "realm"}],
        protocol=protocol,
        timestamp=int(protocol["oauth_timestamp"]),
    )


def _check(protocol: dict[str, str]) -> None:
    for name in ("oauth_consumer_key", "oauth_signature", "oauth_nonce", "oauth_timestamp"):
        if not protocol.get(name) or len(protocol[name]) > LONGEST:
            raise BadSignature(f"{name} is missing, or too long")
    if len(protocol.get("oauth_token", "")) > LONGEST:
        raise BadSignature("oauth_token is too long")
    if protocol.get("oauth_signature_method") not in METHODS:
        raise BadSignature(f"oauth_signature_method is none of {', '.join(METHODS)}")
    if protocol.get("oauth_version", "1.0") != "1.0":
        raise BadSignature("oauth_version is not 1.0")
    timestamp = protocol["oauth_timestamp"]
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) == 10):
        raise BadSignature("oauth_timestamp is no count of seconds")


def _header(presented: Presented) -> Pairs:
    scheme, _, rest = presented.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "oauth":
        return []
    items = parse_http_list(rest)
    try:
        pairs = parse_keqv_list([item for item in items if item])
    except (ValueError, IndexError) as error:
        raise BadSignature("the Authorization header cannot be read") from error
    if len(pairs) != sum(bool(item) for item in items):
        raise BadSignature("an oauth_ parameter stands there twice")
    return [(unquote(name), unquote(value)) for name, value in pairs.items() if name != "realm"]


def _form(presented: Presented) -> Pairs:
    kind = presented.headers.get("content-type", "").partition(";")[0].strip().lower()
    return _pairs(presented.body) if kind == FORM else []


def _pairs(text: bytes) -> Pairs:
    try:
        return parse_qsl(text.decode(), keep_blank_values=True, errors="strict", separator="&")
    except ValueError as error:
        raise BadSignature("the parameters are not valid UTF-8") from error
