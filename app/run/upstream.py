"""One GraphQL question over HTTP. The only door to the network; every foreign error ends here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
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
from app.events import Observer, ReadShared, UpstreamAsked
from app.message import Credential
from app.run.breaker import Breaker
from app.run.bulkhead import Bulkhead
from app.run.faults import Errors, Fault, of_outcome, of_status, of_transport, read_faults
from app.run.flights import Flights
from app.run.retries import Retries

TENANT = "X-Upwork-API-TenantId"
#: what ends a request on the wire. The last comes from below httpx where a connection is reset while it is made: anyio
#: asks a socket that is gone for its name
WIRE_FAILED = (httpx.HTTPError, httpx.InvalidURL, OSError, AttributeError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `data` as it was, None when there was none, the errors beside it, the bytes of it all."""

    data: dict[str, Any] | None
    faults: tuple[Fault, ...]
    raw: bytes = field(default=b"", repr=False, compare=False)


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


@dataclass(frozen=True, slots=True)
class _Received:
    """An answer of HTTP, read whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Policies:
    """What stands between a question and the wire: whether it may go out now, once more, and how much may come back."""

    retries: Retries
    breaker: Breaker
    bulkhead: Bulkhead
    shares_reads: bool = True
    most_bytes: int = 32 * 1024 * 1024


def _dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError as error:
        # JSON can spell half a character, which no text can hold.
        raise RequestError("A parameter holds what is no Unicode text") from error


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

    def __init__(
        self, client: httpx.AsyncClient, url: str, clock: Callable[[], float], observer: Observer, policies: Policies
    ) -> None:
        self._client = client
        self._url = url
        self._clock = clock
        self._observer = observer
        self._policies = policies
        self._flights: Flights[Answer] = Flights(clock)

    async def ask(
        self, document: str, variables: dict[str, Any], asking: Asking, *, operation: str, is_write: bool
    ) -> Answer:
        """Send one question and read its answer. Raises ProxyError, translated.

        Asks once more where the upstream refused the token at its door, which does nothing, and it could be renewed;
        otherwise as the retries allow.
        """
        asking = replace(asking, tenant=_tenant(asking))
        who = asking.credential.key
        if is_write:
            # Before it is sent and after it ended: nobody who comes later shares a read from before it.
            self._flights.end(who)
            try:
                return await self._renewing(document, variables, asking, operation=operation, is_write=True)
            finally:
                self._flights.end(who)
        if not self._policies.shares_reads:
            return await self._renewing(document, variables, asking, operation=operation, is_write=False)
        key = (asking.tenant, document, _dumped(variables), asking.errors)
        answer, is_shared = await self._flights.share(
            who,
            key,
            lambda: self._renewing(document, variables, asking, operation=operation, is_write=False),
            asking.deadline,
        )
        if not is_shared:
            return answer
        self._observer(ReadShared(asking.request_id, operation))
        # Each caller has an answer of its own to work on.
        return replace(answer, data=orjson.loads(answer.raw).get("data"))

    async def _renewing(
        self, document: str, variables: dict[str, Any], asking: Asking, *, operation: str, is_write: bool
    ) -> Answer:
        """The answer; once more with a new token where the upstream refused the one that is kept for the caller."""
        credential = asking.credential
        try:
            return await self._tried(document, variables, asking, operation=operation, is_write=is_write)
        except TokenRefusedError:
            if credential.renew is None:
                raise
        try:
            async with asyncio.timeout(max(0.0, asking.deadline - self._clock())):
                credential.token = await credential.renew(credential.token)
        except TimeoutError as error:
            raise UpstreamTimeoutError("The upstream gave no token in time", detail="no time was left") from error
        return await self._tried(document, variables, asking, operation=operation, is_write=is_write)

    async def _tried(
        self, document: str, variables: dict[str, Any], asking: Asking, *, operation: str, is_write: bool
    ) -> Answer:
        """The answer of the first attempt, or of one that the policies allow after it."""
        policies = self._policies

        async def once() -> Answer:
            async with policies.bulkhead.place(asking.deadline):
                is_probe = policies.breaker.enter()
                failure: BaseException | None = None
                try:
                    return await self._once(document, variables, asking, operation=operation, is_write=is_write)
                except BaseException as error:
                    failure = error
                    raise
                finally:
                    policies.breaker.leave(failure, is_probe=is_probe)

        return await policies.retries.ask(
            once, request_id=asking.request_id, operation=operation, is_write=is_write, deadline=asking.deadline
        )

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

    async def _send(self, document: str, variables: dict[str, Any], asking: Asking, *, is_write: bool) -> _Received:
        headers = {"Authorization": f"Bearer {asking.credential.token}", "Content-Type": "application/json"}
        if asking.tenant is not None:
            headers[TENANT] = asking.tenant
        body = _dumped({"query": document, "variables": variables})
        seconds_left = asking.deadline - self._clock()
        if seconds_left <= 0:
            raise UpstreamTimeoutError("The upstream did not answer in time", detail="no time was left to ask")
        progress = _Progress()
        extensions = progress.extensions if is_write else None
        try:
            async with (
                asyncio.timeout(seconds_left),
                self._client.stream(
                    "POST", self._url, content=body, headers=headers, extensions=extensions
                ) as response,
            ):
                content = await self._received(response)
        except WIRE_FAILED as error:
            raise of_transport(asking.errors, error, is_write=is_write, never_left=progress.never_left) from error
        if content is None:
            detail = f"larger than {self._policies.most_bytes} bytes"
            raise of_outcome(asking.errors, "unreadable", detail, is_write=is_write)
        return _Received(response.status_code, response.headers, content)

    async def _received(self, response: httpx.Response) -> bytes | None:
        """The whole body, unpacked; None where it is larger than is taken: the rest is not waited for."""
        content = bytearray()
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > self._policies.most_bytes:
                return None
        return bytes(content)

    @staticmethod
    def _read(response: _Received, errors: Errors, *, is_write: bool) -> Answer:
        error = of_status(errors, response.status, response.headers, is_write=is_write)
        if error is not None:
            raise error
        try:
            body = orjson.loads(response.content)
        except orjson.JSONDecodeError as failure:
            raise of_outcome(errors, "unreadable", "no JSON", is_write=is_write) from failure
        if not isinstance(body, dict):
            raise of_outcome(errors, "unreadable", "no JSON object", is_write=is_write)
        data = body.get("data")
        return Answer(data if isinstance(data, dict) else None, read_faults(body.get("errors")), response.content)
