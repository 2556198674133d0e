"""How one question of HTTP goes out and its answer comes in: directly, or through a client of httpx."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from msgspec import Struct

from app.run.riding import LeaveOverError
from app.run.transport import DirectTransport, Origin, unpacked

TENANT = "X-Upwork-API-TenantId"
USER_AGENT = "heirloom/0.1"
#: what ends a request on the wire. The last two come from below httpx where a connection is reset while it is made:
#: anyio asks a socket that is gone for its name, uvloop refuses to write to a transport that it has closed
WIRE_FAILED = (httpx.HTTPError, httpx.InvalidURL, OSError, AttributeError, RuntimeError)
NO_HEADERS: Mapping[str, str] = {}
OK = 200


class Received(Struct, frozen=True):
    """An answer of HTTP, read whole; no content where it was larger than is taken."""

    status: int
    headers: Mapping[str, str]
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Lost:
    """A request that ended without an answer; whether nothing of it can have been read by anybody."""

    error: Exception
    never_left: bool


class Sending(Struct, frozen=True):
    """A body to send, for whom, and its bounds.

    `may_leave` is asked when it would go out: in a busy process much may happen before it does. None: it may.
    """

    body: bytes
    token: str
    tenant: str | None
    seconds: float
    most_bytes: int
    may_leave: Callable[[], bool] | None


class Wire(Protocol):
    """Sends questions to the endpoint. Raises LeaveOverError where one was kept back."""

    async def post(self, sending: Sending) -> Received | Lost:
        """One question, its answer or its end."""
        ...


class DirectWire:
    """Over the project's own connections. What every question says is put together once."""

    def __init__(self, transport: DirectTransport, url: str, headers: Mapping[str, str]) -> None:
        self._transport = transport
        address = httpx.URL(url)
        self._origin = Origin.of(address)
        lines = [f"POST {address.raw_path.decode('ascii')} HTTP/1.1", f"Host: {address.netloc.decode('ascii')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += ["Content-Type: application/json", "Accept-Encoding: gzip, deflate", "Authorization: Bearer "]
        self._head = "\r\n".join(lines)

    async def post(self, sending: Sending) -> Received | Lost:
        """One question, its answer or its end."""
        token = sending.token
        if not (token.isascii() and token.isprintable()):
            return Lost(httpx.LocalProtocolError("The token cannot be a header's value"), never_left=True)
        tenant = "" if sending.tenant is None else f"\r\n{TENANT}: {sending.tenant}"
        head = f"{self._head}{token}{tenant}\r\nContent-Length: {len(sending.body)}\r\n\r\n"
        most = sending.most_bytes
        try:
            received = await self._transport.exchange(
                self._origin, head.encode("ascii") + sending.body, sending.seconds, most, sending.may_leave
            )
            content = unpacked(received, most) if received.is_coded else received.content
        except httpx.HTTPError as error:
            return Lost(error, never_left=False)
        return Received(received.status, NO_HEADERS if received.status == OK else received.named, content)


class HttpxWire:
    """Through a client of httpx, whatever transport it has: proxies, HTTP/2, those of tests."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def post(self, sending: Sending) -> Received | Lost:
        """One question, its answer or its end."""
        headers = {"Authorization": f"Bearer {sending.token}", "Content-Type": "application/json"}
        if sending.tenant is not None:
            headers[TENANT] = sending.tenant
        progress = _Progress(sending.may_leave)
        try:
            async with (
                asyncio.timeout(sending.seconds),
                self._client.stream(
                    "POST", self._url, content=sending.body, headers=headers, extensions=progress.extensions
                ) as response,
            ):
                content = await _read(response, sending.most_bytes)
        except WIRE_FAILED as error:
            return Lost(error, progress.never_left)
        return Received(response.status_code, response.headers, content)


async def _read(response: httpx.Response, most_bytes: int) -> bytes | None:
    """The whole body, unpacked; None where it is larger than is taken: the rest is not waited for."""
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > most_bytes:
            return None
    return bytes(content)


class _Progress:
    """How far a request came, as httpx tells it. Where it tells nothing, it may have arrived."""

    def __init__(self, may_leave: Callable[[], bool] | None) -> None:
        self._may_leave = may_leave
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
        if event.endswith(".send_request_headers.started"):
            if self._may_leave is not None and not self._may_leave():
                raise LeaveOverError
            self._has_begun_to_send = True
