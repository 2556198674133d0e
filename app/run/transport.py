"""Connections to the upstream, kept and used again: the plain case of httpx's transport at a fraction of its cost.

HTTP/1.1 without a proxy in between; where a setting asks for more, httpx's own transport serves. httpcore's pool walks
all its connections twice a request and answers nothing any more with a thousand of them; measured with everything else
equal, this one is 2 to 10 times as fast.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import zlib
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import aiohappyeyeballs
import httpx
from msgspec import Struct

from app.run.connection import Connection, RawAnswer
from app.run.riding import LeaveOverError

#: an idle connection is closed after so long, as httpx does
IDLE_SECONDS = 5.0
#: until the next address of a name is tried beside the first
NEXT_ADDRESS_SECONDS = 0.25
PORTS = {"http": 80, "https": 443}
#: a body goes out whole, whatever was planned
FRAMING = frozenset({b"content-length", b"transfer-encoding"})
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Origin(Struct, frozen=True):
    """Whom to connect to."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: httpx.URL) -> Origin:
        """That of an address. Raises UnsupportedProtocol."""
        if url.scheme not in PORTS:
            raise httpx.UnsupportedProtocol(f"'{url.scheme}' is not http or https")
        return cls(url.scheme, url.raw_host.decode("ascii"), url.port or PORTS[url.scheme])


class DirectTransport(httpx.AsyncBaseTransport):
    """Sends requests over connections of its own: `most` at once, `connect_seconds` to make one."""

    def __init__(self, tls: ssl.SSLContext, *, most: int, connect_seconds: float) -> None:
        self._tls = tls
        self._tls.set_alpn_protocols(["http/1.1"])
        self._most = most
        self._connect_seconds = connect_seconds
        self._idle: dict[Origin, deque[Connection]] = {}
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._count = 0
        self._sweep: asyncio.TimerHandle | None = None

    async def exchange(
        self,
        origin: Origin,
        request: bytes,
        seconds: float,
        most_bytes: int,
        may_leave: Callable[[], bool] | None = None,
        *,
        is_head: bool = False,
    ) -> RawAnswer:
        """Send a whole request, read its answer whole: within so many seconds, no larger than that.

        `may_leave` is asked when it would go out; LeaveOverError says that it was kept back. Raises
        httpx.TransportError, of which ConnectError, ConnectTimeout and PoolTimeout say that nothing was sent.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        connection = self._taken(origin) or await self._made(origin, loop, seconds)
        if may_leave is not None and not may_leave():
            self._put_back(origin, connection, loop)
            raise LeaveOverError
        try:
            return await connection.ask(request, ends, most_bytes, is_head=is_head)
        except BaseException:
            connection.give_up()
            raise
        finally:
            self._put_back(origin, connection, loop)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The seam of httpx: any request, read whole, and its answer as it came."""
        times = request.extensions.get("timeout", {})
        body = await request.aread()
        target = request.url.raw_path
        head = [request.method.encode("ascii") + b" " + target + b" HTTP/1.1"]
        head += [name + b": " + value for name, value in request.headers.raw if name.lower() not in FRAMING]
        head += [b"Content-Length: %d" % len(body)] if body or request.method in WITH_BODY else []
        received = await self.exchange(
            Origin.of(request.url),
            b"\r\n".join([*head, b"", body]),
            seconds=times.get("read") or 3600.0,
            most_bytes=2**31,
            is_head=request.method == "HEAD",
        )
        return httpx.Response(
            received.status, headers=received.headers, stream=httpx.ByteStream(received.content or b"")
        )

    async def aclose(self) -> None:
        """End every connection that nobody uses."""
        if self._sweep is not None:
            self._sweep.cancel()
        for kept in self._idle.values():
            for connection in kept:
                connection.give_up()
        self._idle.clear()

    # --- the pool

    def _taken(self, origin: Origin) -> Connection | None:
        """The connection that was used last and stands still."""
        kept = self._idle.get(origin)
        while kept:
            connection = kept.pop()
            if connection.is_usable():
                return connection
            connection.give_up()
            self._count -= 1
        return None

    async def _made(self, origin: Origin, loop: asyncio.AbstractEventLoop, seconds: float) -> Connection:
        """A new connection, or one that comes free where there are enough."""
        ends = loop.time() + seconds
        while self._count >= self._most:
            if (connection := self._taken(origin)) is not None:
                return connection
            if not self._drop_another(origin):
                await self._place(ends - loop.time())
        self._count += 1
        try:
            async with asyncio.timeout(min(self._connect_seconds, ends - loop.time())):
                return await self._connected(origin, loop)
        except BaseException as error:
            self._leave()
            if isinstance(error, TimeoutError):
                raise httpx.ConnectTimeout("The upstream took no connection in time") from error
            # The last two come from below where a connection is reset while it is made.
            if isinstance(error, OSError | AttributeError | RuntimeError):
                raise httpx.ConnectError(str(error) or type(error).__name__) from error
            raise

    async def _connected(self, origin: Origin, loop: asyncio.AbstractEventLoop) -> Connection:
        found = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
        plain = await aiohappyeyeballs.start_connection(
            found, happy_eyeballs_delay=NEXT_ADDRESS_SECONDS, interleave=1, loop=loop
        )
        try:
            tls, name = (self._tls, origin.host) if origin.scheme == "https" else (None, None)
            _, connection = await loop.create_connection(
                lambda: Connection(loop), sock=plain, ssl=tls, server_hostname=name
            )
        except BaseException:
            plain.close()
            raise
        return connection

    async def _place(self, seconds: float) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                # It came at the last moment, and is the next one's.
                self._wake()
            else:
                with suppress(ValueError):
                    self._waiting.remove(turn)
            if isinstance(error, TimeoutError):
                raise httpx.PoolTimeout("No connection to the upstream came free in time") from error
            raise

    def _drop_another(self, origin: Origin) -> bool:
        """Close an idle connection to somebody else; whether there was one."""
        for other, kept in self._idle.items():
            if other != origin and kept:
                kept.popleft().give_up()
                self._count -= 1
                return True
        return False

    def _put_back(self, origin: Origin, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
        if not connection.is_open:
            self._leave()
            return
        connection.unused_since = loop.time()
        self._idle.setdefault(origin, deque()).append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(IDLE_SECONDS, self._close_idle, loop)
        self._wake()

    def _leave(self) -> None:
        self._count -= 1
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def _close_idle(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close what nobody has used for a while; come again where something is left."""
        self._sweep = None
        since = loop.time() - IDLE_SECONDS
        for kept in self._idle.values():
            while kept and (kept[0].unused_since <= since or not kept[0].is_open):
                kept.popleft().give_up()
                self._count -= 1
        if any(self._idle.values()):
            self._sweep = loop.call_later(IDLE_SECONDS, self._close_idle, loop)


def unpacked(received: RawAnswer, most_bytes: int) -> bytes | None:
    """The content without its encodings; None where it is larger than is taken. Raises httpx.DecodingError."""
    content = received.content
    for name, value in received.headers:
        if name.lower() == b"content-encoding":
            for coding in reversed(value.decode("latin-1").lower().split(",")):
                content = None if content is None else _decoded(coding.strip(), content, most_bytes)
    return content


def _decoded(coding: str, content: bytes, most_bytes: int) -> bytes | None:
    """What some content was before it was encoded so; as it is where that is no coding that was asked for."""
    if coding not in {"gzip", "x-gzip", "deflate"} or not content:
        return content
    # Some say 'deflate' and send it without the frame of zlib.
    for bits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        unpacker = zlib.decompressobj(bits)
        try:
            found = unpacker.decompress(content, most_bytes + 1)
        except zlib.error:
            continue
        return None if len(found) > most_bytes else found
    raise httpx.DecodingError("The upstream's answer cannot be unpacked")
