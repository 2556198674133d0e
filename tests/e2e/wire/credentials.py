"""How a client says who it is, in the place where its SDK does: the one spot of these tests that knows."""

from __future__ import annotations

from dataclasses import dataclass

from tests.unit.access.signing import Call, Secrets


@dataclass(frozen=True)
class Unsigned:
    """A request as its fixture has it; the target is the path with its query."""

    method: str
    target: str
    content_type: str
    body: bytes
    host: str


@dataclass(frozen=True)
class Credentials:
    """An access token, and a consumer and a token of it with their secrets."""

    bearer: str
    secrets: Secrets | None = None

    def put_on(self, request: Unsigned, placement: str, protocol: dict[str, str]) -> tuple[str, str, bytes]:
        """The target, the `Authorization` and the body with the credential where it belongs."""
        if placement == "bearer":
            return request.target, f"Bearer {self.bearer}", request.body
        assert self.secrets is not None
        path, _, query = request.target.partition("?")
        call = Call(
            method=request.method,
            path=path,
            query=query,
            body=request.body,
            content_type=request.content_type,
            placement=placement,  # type: ignore[arg-type]
            host=request.host,
            protocol=protocol,
        )
        signed = call.signed(self.secrets)
        sent = signed.query.decode()
        return path + (f"?{sent}" if sent else ""), signed.headers.get("authorization", ""), signed.body
