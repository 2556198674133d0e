"""One GraphQL question over HTTP. The only door to the network; every foreign error ends here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import orjson

from app.errors import (
    PermissionDeniedError,
    ProxyError,
    RequestError,
    TokenRefusedError,
    UpstreamTimeoutError,
)
from app.events import Observer, UpstreamAsked
from app.message import Credential
from app.run.faults import Errors, Fault, of_outcome, of_status, of_transport, read_faults

TENANT = "X-Upwork-API-TenantId"
#: what ends a request on the wire. The last comes from below httpx where a connection is reset while it is made: anyio
#: asks a socket that is gone for its name
WIRE_FAILED = (httpx.HTTPError, httpx.InvalidURL, OSError, AttributeError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `data` as it was, None when there was none, and the errors beside it."""

    data: dict[str, Any] | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """What goes with every question of one request: whose it is, for which organisation, until when, how it fails."""

    credential: Credential
    tenant: str | None
    request_id: str
    deadline: float
    errors: Errors = field(default=(), repr=False)


def _tenant(asking: Asking) -> str | None:
    """The organisation to ask for. Raises PermissionDeniedError where the credential is bound to others."""
    bound, tenant = asking.credential.tenants, asking.tenant
    if tenant is not None and not (tenant.isascii() and tenant.isprintable()):
        # Ids come from paths and from the upstream; what cannot be a header's value is no organisation's.
        raise PermissionDeniedError("Forbidden: there is no such organization")
    if bound is None or tenant in bound:
        return tenant
    if tenant is None and bound:
        return bound[0]
    raise PermissionDeniedError("Forbidden: this key is not for that organization")


class _Progress:
    """How far a request came, as the HTTP library tells it. Where it tells nothing, it may have arrived."""

    def __init__(self) -> None:
        self._has_begun_to_connect = False
        self._has_begun_to_send = False

    @property
    def extensions(self) -> dict[str, Any]:
        """What a request carries so that it is told here."""
        return {"trace": self._note}

    @property
    def never_left(self) -> bool:
        """Whether it ended while its connection was made: nothing of it can have been read by anybody."""
        return self._has_begun_to_connect and not self._has_begun_to_send

    async def _note(self, event: str, _: Any) -> None:
        self._has_begun_to_connect |= event == "connection.connect_tcp.started"
        self._has_begun_to_send |= event.endswith(".send_request_headers.started")


class Upstream:
    """Asks one endpoint. `client` brings the transport, `clock` the time that deadlines are told in."""

    def __init__(self, client: httpx.AsyncClient, url: str, clock: Callable[[], float], observer: Observer) -> None:
        self._client = client
        self._url = url
        self._clock = clock
        self._observer = observer

    async def ask(
        self, document: str, variables: dict[str, Any], asking: Asking, *, operation: str, is_write: bool
    ) -> Answer:
        """Send one question and read its answer. Raises ProxyError, translated.

        Asks once more only where the upstream refused the token at its door, which does nothing, and it could be
        renewed.
        """
        credential, tenant = asking.credential, _tenant(asking)
        asking = replace(asking, tenant=tenant)
        try:
            return await self._once(document, variables, asking, operation=operation, is_write=is_write)
        except TokenRefusedError:
            if credential.renew is None:
                raise
        try:
            async with asyncio.timeout(max(0.0, asking.deadline - self._clock())):
                credential.token = await credential.renew(credential.token)
        except TimeoutError as error:
            raise UpstreamTimeoutError("The upstream gave no token in time", detail="no time was left") from error
        return await self._once(document, variables, asking, operation=operation, is_write=is_write)

    async def _once(
        self, document: str, variables: dict[str, Any], asking: Asking, *, operation: str, is_write: bool
    ) -> Answer:
        started = self._clock()
        received, outcome = 0, "cancelled"
        try:
            response = await self._send(document, variables, asking, is_write=is_write)
            received = len(response.content)
            answer = self._read(response, asking.errors, is_write=is_write)
            outcome = "partial" if answer.faults else "answered"
        except ProxyError as error:
            outcome = error.code
            raise
        else:
            return answer
        finally:
            seconds = self._clock() - started
            self._observer(UpstreamAsked(asking.request_id, operation, outcome, seconds, received))

    async def _send(
        self, document: str, variables: dict[str, Any], asking: Asking, *, is_write: bool
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {asking.credential.token}", "Content-Type": "application/json"}
        if asking.tenant is not None:
            headers[TENANT] = asking.tenant
        try:
            body = orjson.dumps({"query": document, "variables": variables})
        except TypeError as error:
            # JSON can spell half a character, which no text can hold.
            raise RequestError("A parameter holds what is no Unicode text") from error
        seconds_left = asking.deadline - self._clock()
        if seconds_left <= 0:
            raise UpstreamTimeoutError("The upstream did not answer in time", detail="no time was left to ask")
        progress = _Progress()
        try:
            async with asyncio.timeout(seconds_left):
                return await self._client.post(
                    self._url, content=body, headers=headers, extensions=progress.extensions if is_write else None
                )
        except WIRE_FAILED as error:
            raise of_transport(asking.errors, error, is_write=is_write, never_left=progress.never_left) from error

    @staticmethod
    def _read(response: httpx.Response, errors: Errors, *, is_write: bool) -> Answer:
        error = of_status(errors, response.status_code, response.headers, is_write=is_write)
        if error is not None:
            raise error
        try:
            body = orjson.loads(response.content)
        except orjson.JSONDecodeError as failure:
            raise of_outcome(errors, "unreadable", "no JSON", is_write=is_write) from failure
        if not isinstance(body, dict):
            raise of_outcome(errors, "unreadable", "no JSON object", is_write=is_write)
        data = body.get("data")
        return Answer(data if isinstance(data, dict) else None, read_faults(body.get("errors")))
