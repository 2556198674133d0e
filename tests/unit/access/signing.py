"""A client's side of OAuth 1.0a, as the SDKs place the parameters; the signature itself is oauthlib's."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Literal
from urllib.parse import parse_qsl, quote, urlencode

from oauthlib.oauth1.rfc5849 import signature as rfc5849

from app.access.admission import Presented
from app.errors import RequestError
from app.web.params import read_params

SIGN = {
    "HMAC-SHA1": rfc5849.sign_hmac_sha1_with_client,
    "HMAC-SHA256": rfc5849.sign_hmac_sha256_with_client,
}
FORM = "application/x-www-form-urlencoded"
Placement = Literal["header", "header without spaces", "query", "body"]


@dataclass(frozen=True)
class Secrets:
    """What a client holds."""

    consumer: str = "consumer-key"
    consumer_secret: str = "consumer-secret"
    token: str = "token"
    token_secret: str = "token-secret"


@dataclass
class Call:
    """A call before it is signed."""

    method: str = "GET"
    path: str = "/api/hr/v2/users/me.json"
    query: str = ""
    body: bytes = b""
    content_type: str = ""
    placement: Placement = "header"
    scheme: str = "http"
    host: str = "127.0.0.1:8000"
    algorithm: str = "HMAC-SHA1"
    protocol: dict[str, str] = field(default_factory=dict)

    def signed(self, own: Secrets, *, at: float | None = None) -> Presented:
        """The call as it is sent."""
        query, body, content_type = self.query, self.body, self.content_type
        if self.placement == "body" and not content_type:
            content_type = FORM
        protocol = {
            "oauth_consumer_key": own.consumer,
            "oauth_nonce": secrets.token_hex(8),
            "oauth_signature_method": self.algorithm,
            "oauth_timestamp": str(int(time.time() if at is None else at)),
            "oauth_version": "1.0",
            **({"oauth_token": own.token} if own.token else {}),
            **self.protocol,
        }
        params = [*parse_qsl(query, keep_blank_values=True), *protocol.items()]
        if content_type == FORM:
            params += parse_qsl(body.decode(), keep_blank_values=True)
        base = rfc5849.signature_base_string(
            self.method,
            rfc5849.base_string_uri(f"{self.scheme}://{self.host}{self.path}"),
            rfc5849.normalize_parameters(params),
        )
        sign = SIGN[self.algorithm]
        client = SimpleNamespace(
            client_secret=own.consumer_secret, resource_owner_secret=own.token_secret if own.token else ""
        )
        protocol["oauth_signature"] = sign(base, client)
        headers = {"host": self.host}
        if self.placement.startswith("header"):
            separator = "," if self.placement.endswith("spaces") else ", "
            headers["authorization"] = "OAuth " + separator.join(
                f'{name}="{quote(value, safe="~")}"' for name, value in protocol.items()
            )
        elif self.placement == "query":
            query = f"{query}&{urlencode(protocol)}" if query else urlencode(protocol)
        else:
            body = b"&".join(part for part in (body, urlencode(protocol).encode()) if part)
        if content_type:
            headers["content-type"] = content_type
        return presented(self.method, self.path, query, headers, body, self.scheme)


def presented(method: str, path: str, query: str, headers: dict[str, str], body: bytes, scheme: str) -> Presented:
    """A request as the front hands it on."""
    raw = query.encode()
    try:
        params = read_params(raw, headers.get("content-type", ""), body)
    except RequestError:
        # The front refuses some letters that a signature can be made over all the same.
        params = {}
    return Presented(method, scheme, path.encode("latin-1"), raw, headers, body, params)
