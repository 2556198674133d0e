"""The project's own connections, held against httpx's transport: the same answers, and an error where it has one."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import socket
import ssl
import time
import weakref
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.run.connection import Connection, RawAnswer
from app.run.riding import LeaveOverError
from app.run.transport import DirectTransport, Origin, unpacked
from app.run.wire import DirectWire, Lost, Received, Sending
from tests.chaos.fault_proxy import ended, read_message, reset
from tests.chaos.test_stopping import until

SECONDS = 5.0
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers requests with what it is given, piece by piece; `ends` says what becomes of the connection then."""

    def __init__(self) -> None:
        self.pieces: Sequence[bytes] = [PLAIN]
        self.ends = ""
        self.requests: list[bytes] = []
        self.connections = 0
        self.gate: asyncio.Event | None = None
        self.port = 0
        self.at_once = 0
        self.most_at_once = 0

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
        """Takes connections until the end."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while (request := await read_message(reader)) is not None:
                self.requests.append(request[0] + request[1])
                await self._answer(writer)
                if self.ends:
                    return
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            reset(writer) if self.ends == "reset" else await ended(writer)

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if self.gate is not None:
            await self.gate.wait()
        for piece in self.pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        self.at_once -= 1


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server on the loopback."""
    async with Server().running() as running:
        yield running


def transport_of(most: int = 10, connect_seconds: float = 2.0) -> DirectTransport:
    """The transport with so many connections."""
    return DirectTransport(ssl.create_default_context(), most=most, connect_seconds=connect_seconds)


@pytest.fixture
async def transport() -> AsyncIterator[DirectTransport]:
    """The transport, closed at the end."""
    made = transport_of()
    yield made
    await made.aclose()


def sending(seconds: float = SECONDS, most_bytes: int = 10_000, may_leave: Callable[[], bool] | None = None) -> Sending:
    """A question."""
    return Sending(b"{}", "token-one", "42", seconds, most_bytes, may_leave)


def wire_of(transport: DirectTransport, server: Server) -> DirectWire:
    """The wire to the server."""
    return DirectWire(transport, f"http://127.0.0.1:{server.port}/graphql?a=b", {"User-Agent": "x"})


async def test_post__question__goes_out_whole(server: Server, transport: DirectTransport) -> None:
    """Line, headers, token, organisation, length and body."""
    told = await wire_of(transport, server).post(sending())

    assert told == Received(200, {}, b"ok")
    assert server.requests == [
        b"POST /graphql?a=b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: x\r\nContent-Type: application/json\r\n"
        b"Accept-Encoding: gzip, deflate\r\nAuthorization: Bearer token-one\r\nX-Upwork-API-TenantId: 42\r\n"
        b"Content-Length: 2\r\n\r\n{}" % server.port
    ]


@pytest.mark.parametrize("token", ["a\r\nX: y", "a\nb", "ä", "a\x00"])
async def test_post__token_that_is_no_header__is_not_sent(
    token: str, server: Server, transport: DirectTransport
) -> None:
    """Nobody writes lines of a request by a token."""
    told = await wire_of(transport, server).post(Sending(b"{}", token, None, SECONDS, 100, None))

    assert isinstance(told, Lost)
    assert (told.never_left, server.connections) == (True, 0)


async def test_post__one_after_the_other__share_a_connection(server: Server, transport: DirectTransport) -> None:
    """A connection is kept; one that the server ended is not used again."""
    wire = wire_of(transport, server)
    for _ in range(3):
        await wire.post(sending())
    assert server.connections == 1

    server.ends = "close"
    await wire.post(sending())
    server.ends = ""
    await asyncio.sleep(0.01)
    told = await wire.post(sending())

    assert told == Received(200, {}, b"ok")
    assert server.connections == 2


async def test_post__end_that_nobody_read_yet__is_seen_before_sending(
    server: Server, transport: DirectTransport
) -> None:
    """The system knows of an end sooner than the loop: a write must not go out on what is over."""
    wire = wire_of(transport, server)
    server.ends = "close"
    await wire.post(sending())
    server.ends = ""
    # The end has come, and no step of the loop has seen it.
    time.sleep(0.01)  # noqa: ASYNC251 - that is the point
    assert not any(one.is_usable() for line in transport._idle.values() for one in line)

    told = await wire.post(sending())

    assert told == Received(200, {}, b"ok")


async def test_post__many_at_once__never_two_on_one_connection(server: Server) -> None:
    """No more connections than are allowed; who comes later waits for one."""
    transport = transport_of(most=3)
    wire = wire_of(transport, server)

    server.gate = asyncio.Event()
    calls = [asyncio.create_task(wire.post(sending())) for _ in range(20)]
    await until(lambda: server.at_once == 3, "all connections are in use", SECONDS)
    server.gate.set()
    told = await asyncio.gather(*calls)

    assert told == [Received(200, {}, b"ok")] * 20
    assert (server.connections, server.most_at_once) == (3, 3)
    await transport.aclose()


async def test_post__no_connection_comes_free__is_a_pool_timeout(server: Server) -> None:
    """It was not sent, and says so by its kind."""
    server.gate = asyncio.Event()
    transport = transport_of(most=1)
    wire = wire_of(transport, server)
    first = asyncio.create_task(wire.post(sending()))
    await asyncio.sleep(0.05)

    told = await wire.post(sending(seconds=0.05))
    server.gate.set()

    assert isinstance(told, Lost)
    assert isinstance(told.error, httpx.PoolTimeout)
    assert await first == Received(200, {}, b"ok")
    await transport.aclose()


async def test_post__late_answer__ends_the_connection(server: Server, transport: DirectTransport) -> None:
    """What comes after the deadline is nobody's, and the next answer is the next one's."""
    wire = wire_of(transport, server)
    server.gate = asyncio.Event()
    late = await wire.post(sending(seconds=0.05))
    server.pieces = [PLAIN.replace(b"ok", b"no")]
    server.gate.set()

    told = await wire.post(sending())

    assert isinstance(late, Lost)
    assert isinstance(late.error, httpx.ReadTimeout)
    assert told == Received(200, {}, b"no")
    assert server.connections == 2


async def test_post__earlier_request_had_less_time__does_not_end_a_later_one(
    server: Server, transport: DirectTransport
) -> None:
    """One timer serves a connection; each request on it has the time that it was given."""
    wire = wire_of(transport, server)
    await wire.post(sending(seconds=0.05))
    server.gate = asyncio.Event()
    asyncio.get_running_loop().call_later(0.15, server.gate.set)

    assert await wire.post(sending()) == Received(200, {}, b"ok")
    assert server.connections == 1


@pytest.mark.usefixtures("without_collection")
@pytest.mark.parametrize("ends", ["", "closed", "reset"])
async def test_post__connection_has_gone__nothing_of_it_is_left(
    server: Server, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """Whoever ends it: what is only found by a look for cycles stays for long."""
    made: weakref.WeakSet[Connection] = weakref.WeakSet()

    def connection(loop: asyncio.AbstractEventLoop) -> Connection:
        one = Connection(loop)
        made.add(one)
        return one

    monkeypatch.setattr("app.run.transport.Connection", connection)
    transport, server.ends = transport_of(), ends
    assert await wire_of(transport, server).post(sending()) == Received(200, {}, b"ok")
    assert len(made) == 1
    await transport.aclose()

    await until(lambda: not made, "nothing holds it", 5)


@pytest.mark.parametrize(("earlier", "pause"), [(SECONDS, 0.0), (0.02, 0.06), (0.1, 0.0)])
async def test_post__earlier_request_had_other_time__is_late_at_its_own(
    server: Server, transport: DirectTransport, earlier: float, pause: float
) -> None:
    """Whether the timer of the earlier one comes later, came while nothing was asked, or comes before."""
    loop, wire = asyncio.get_running_loop(), wire_of(transport, server)
    await wire.post(sending(seconds=earlier))
    await asyncio.sleep(pause)
    server.gate = asyncio.Event()
    began = loop.time()

    told = await wire.post(sending(seconds=0.2))
    took = loop.time() - began
    server.gate.set()

    assert isinstance(told, Lost)
    assert isinstance(told.error, httpx.ReadTimeout)
    assert 0.19 < took < SECONDS
    assert server.connections == 1


async def test_post__caller_leaves__its_answer_is_nobodys(server: Server, transport: DirectTransport) -> None:
    """A connection that was given up is never used again."""
    wire = wire_of(transport, server)
    server.gate = asyncio.Event()
    call = asyncio.create_task(wire.post(sending()))
    await asyncio.sleep(0.02)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    server.pieces = [PLAIN.replace(b"ok", b"no")]
    server.gate.set()

    assert await wire.post(sending()) == Received(200, {}, b"no")


async def test_post__unasked_answer__ends_the_connection(server: Server, transport: DirectTransport) -> None:
    """A second answer to one request, at once or later, is taken for nobody's."""
    wire = wire_of(transport, server)
    server.pieces = [PLAIN + PLAIN.replace(b"ok", b"no")]
    first = await wire.post(sending())
    server.pieces = [PLAIN, PLAIN.replace(b"ok", b"no")]
    second = await wire.post(sending())
    await asyncio.sleep(0.01)
    server.pieces = [PLAIN]
    third = await wire.post(sending())

    assert [first, second, third] == [Received(200, {}, b"ok")] * 3


async def test_post__caller_leaves_while_it_connects__its_place_is_free(server: Server) -> None:
    """Whoever does not speak TLS back keeps it waiting; so does nobody for longer than a connection may take."""
    transport = transport_of(most=1, connect_seconds=0.1)
    silent = Origin("https", "127.0.0.1", server.port)
    leaving = asyncio.create_task(transport.exchange(silent, b"", seconds=SECONDS, most_bytes=100))
    await asyncio.sleep(0.02)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    with pytest.raises(httpx.ConnectTimeout):
        await transport.exchange(silent, b"", seconds=SECONDS, most_bytes=100)

    assert await wire_of(transport, server).post(sending()) == Received(200, {}, b"ok")
    await transport.aclose()


@pytest.mark.parametrize("is_late", [False, True])
async def test_post__who_waits_for_a_connection_leaves__the_next_one_has_it(
    server: Server, monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    """Before it came free, or in the moment in which it did."""
    transport = transport_of(most=1)
    wire, wake = wire_of(transport, server), transport._wake
    server.gate = asyncio.Event()
    first, leaving, last = [asyncio.create_task(wire.post(sending())) for _ in range(3)]
    await until(lambda: len(transport._waiting) == 2, "two wait", SECONDS)

    def wake_while_one_leaves() -> None:
        if is_late:
            wake()
        leaving.cancel()
        if not is_late:
            wake()

    monkeypatch.setattr(transport, "_wake", wake_while_one_leaves)
    first.add_done_callback(lambda _: monkeypatch.setattr(transport, "_wake", wake))
    server.gate.set()

    assert [await first, await last] == [Received(200, {}, b"ok")] * 2
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert (server.connections, len(transport._waiting)) == (1, 0)
    await transport.aclose()


async def test_post__another_answer_behind_garbage__is_whole_and_the_last(
    server: Server, transport: DirectTransport
) -> None:
    """What follows a whole answer unasked does not spoil it, nor the next."""
    wire = wire_of(transport, server)
    server.pieces = [PLAIN + b"\x00\x01 nobody asked\r\n\r\n"]
    assert await wire.post(sending()) == Received(200, {}, b"ok")
    server.pieces = [PLAIN]
    assert await wire.post(sending()) == Received(200, {}, b"ok")
    assert server.connections == 2


async def test_post__refused__tells_the_headers(server: Server, transport: DirectTransport) -> None:
    """In any case: they may say when to ask again."""
    server.pieces = [b"HTTP/1.1 429 Too Many Requests\r\nRETRY-AFTER: 3\r\nContent-Length: 0\r\n\r\n"]

    told = await wire_of(transport, server).post(sending())

    assert isinstance(told, Received)
    assert (told.status, told.headers["retry-after"], told.content) == (429, "3", b"")


async def test_post__reset_in_an_answer__is_a_read_error(server: Server, transport: DirectTransport) -> None:
    """The peer is gone."""
    server.pieces, server.ends = [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok"], "reset"

    told = await wire_of(transport, server).post(sending())

    assert isinstance(told, Lost)
    assert isinstance(told.error, httpx.ReadError)


@pytest.mark.parametrize("pieces", [[PLAIN], [b"\x16\x03\x01 nobody\r\n\r\n"]])
async def test_connection__answer_to_who_left__is_nobodys(pieces: list[bytes], server: Server) -> None:
    """It may come before the connection is told that nobody waits."""
    server.pieces = pieces
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Connection(loop), "127.0.0.1", server.port)
    answer = connection.ask(b"GET / HTTP/1.1\r\n\r\n", loop.time() + SECONDS, 100)
    answer.cancel()
    await until(lambda: connection._answer is None, "an answer came", SECONDS)

    assert connection.is_open is (pieces == [PLAIN])
    connection.give_up()


class Deaf(asyncio.Transport):
    """A transport that carries nothing."""

    def __init__(self, plain: socket.socket) -> None:
        super().__init__({"socket": plain})

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Nobody reads it."""


@pytest.mark.parametrize("size", [1, 7, 30, len(PLAIN)])
async def test_connection__answer_in_pieces__is_put_together(size: int) -> None:
    """However the network cuts it."""
    with socket.socket() as plain:
        loop = asyncio.get_running_loop()
        connection = Connection(loop)
        connection.connection_made(Deaf(plain))
        answer = connection.ask(b"", loop.time() + SECONDS, 100)
        for at in range(0, len(PLAIN), size):
            assert not answer.done()
            connection.data_received(PLAIN[at : at + size])

        assert await answer == RawAnswer(200, [(b"Content-Length", b"2")], b"ok")
        assert connection.is_open


async def test_connection__speaks_unasked__is_given_up(server: Server) -> None:
    """Whatever comes while nothing was asked belongs to nobody."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Connection(loop), "127.0.0.1", server.port)
    connection._transport.write(b"GET / HTTP/1.1\r\n\r\n")
    await until(lambda: not connection.is_open, "it is given up", SECONDS)


async def test_post__leave_is_over__is_kept_back(server: Server, transport: DirectTransport) -> None:
    """It is asked when the request would go out."""
    with pytest.raises(LeaveOverError):
        await wire_of(transport, server).post(sending(may_leave=lambda: False))

    assert server.requests == []


async def test_post__nobody_listens__is_a_connect_error(transport: DirectTransport) -> None:
    """Which says that nothing was sent."""
    async with Server().running() as gone:
        wire = wire_of(transport, gone)
    await asyncio.sleep(0.01)

    told = await wire.post(sending())

    assert isinstance(told, Lost)
    assert isinstance(told.error, httpx.ConnectError)


@pytest.mark.parametrize(
    ("pieces", "kind"),
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok"], httpx.RemoteProtocolError),
        ([b"HTTP/1.1 200 OK\r\nContent-Le"], httpx.RemoteProtocolError),
        ([], httpx.RemoteProtocolError),
        ([b"\x16\x03\x01 nobody\r\n\r\n"], httpx.RemoteProtocolError),
        ([b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"], httpx.RemoteProtocolError),
        ([b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000], httpx.RemoteProtocolError),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"], httpx.RemoteProtocolError),
        ([b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"], httpx.DecodingError),
    ],
)
async def test_post__answer_is_none__is_an_error(
    pieces: list[bytes], kind: type[Exception], server: Server, transport: DirectTransport
) -> None:
    """Cut, malformed, without an end, another protocol, packed wrongly."""
    server.pieces, server.ends = pieces, "close"

    told = await wire_of(transport, server).post(sending())

    assert isinstance(told, Lost)
    assert isinstance(told.error, kind)
    assert not told.never_left


async def test_post__answer_too_large__has_no_content(server: Server, transport: DirectTransport) -> None:
    """However it is told how long it is; packed ones are measured unpacked."""
    packed = gzip.compress(b"x" * 100_000, mtime=0)
    answers = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + b"x" * 20_000,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 20_000,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed,
    ]
    for answer in answers:
        server.pieces, server.ends = [answer], "close"

        assert await wire_of(transport, server).post(sending()) == Received(200, {}, None)


@pytest.mark.parametrize(
    ("coding", "content"),
    [
        (b"gzip", gzip.compress(b"hello", mtime=0)),
        (b"deflate", zlib.compress(b"hello")),
        (b"deflate", zlib.compress(b"hello")[2:-4]),
        (b"x-gzip", gzip.compress(b"hello", mtime=0)),
        (b"identity", b"hello"),
        (b"deflate, gzip", gzip.compress(zlib.compress(b"hello"), mtime=0)),
    ],
)
async def test_post__packed__is_unpacked(
    coding: bytes, content: bytes, server: Server, transport: DirectTransport
) -> None:
    """In every way that is asked for."""
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (coding, len(content))
    server.pieces = [head + content]

    assert await wire_of(transport, server).post(sending()) == Received(200, {}, b"hello")


async def test_post__idle_connections__are_closed(
    server: Server, transport: DirectTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while without use."""
    monkeypatch.setattr("app.run.transport.IDLE_SECONDS", 0.05)
    await wire_of(transport, server).post(sending())
    await asyncio.sleep(0.2)

    assert (transport._count, sum(map(len, transport._idle.values()))) == (0, 0)


async def test_post__connections_of_another_age__are_closed_each_in_its_time(
    server: Server, transport: DirectTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was used last lives longest; all are closed in the end."""
    monkeypatch.setattr("app.run.transport.IDLE_SECONDS", 0.2)
    wire = wire_of(transport, server)
    await asyncio.gather(*(wire.post(sending()) for _ in range(2)))
    await asyncio.sleep(0.1)
    await wire.post(sending())

    await until(lambda: transport._count == 1, "one is closed", SECONDS)
    await until(lambda: transport._count == 0, "all are closed", SECONDS)


async def test_exchange__origins__do_not_share(server: Server, transport: DirectTransport) -> None:
    """A connection to one is not used for another; the limit holds for all together."""
    transport = transport_of(most=1)
    async with Server().running() as other:
        for one in (server, other, server):
            origin = Origin.of(httpx.URL(f"http://127.0.0.1:{one.port}"))
            answer = await transport.exchange(origin, b"GET / HTTP/1.1\r\n\r\n", seconds=SECONDS, most_bytes=100)
            assert unpacked(answer, 100) == b"ok"
    assert (server.connections, other.connections, transport._count) == (2, 1, 1)
    await transport.aclose()


# --- TLS


@pytest.fixture
def authority() -> trustme.CA:
    """Who issues certificates."""
    return trustme.CA()


async def test_post__tls__is_spoken_and_kept(authority: trustme.CA) -> None:
    """With a certificate for the name that is asked, over one connection."""
    offered, trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(offered)
    authority.configure_trust(trusted)
    transport = DirectTransport(trusted, most=5, connect_seconds=2.0)
    async with Server().running(offered) as server:
        wire = DirectWire(transport, f"https://127.0.0.1:{server.port}/graphql", {})
        told = [await wire.post(sending()) for _ in range(3)]
        await transport.aclose()

    assert told == [Received(200, {}, b"ok")] * 3
    assert server.connections == 1


@pytest.mark.parametrize("name", ["other.test", "127.0.0.1"])
async def test_post__certificate_of_somebody_else__is_not_sent(authority: trustme.CA, name: str) -> None:
    """For another name, or from an authority that nobody trusts."""
    offered, trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    (authority if name == "other.test" else trustme.CA()).issue_cert(name).configure_cert(offered)
    authority.configure_trust(trusted)
    async with Server().running(offered) as server:
        wire = DirectWire(
            DirectTransport(trusted, most=5, connect_seconds=2.0), f"https://127.0.0.1:{server.port}/", {}
        )
        told = await wire.post(sending())

    assert isinstance(told, Lost)
    assert isinstance(told.error, httpx.ConnectError)
    assert server.requests == []


# --- beside httpx


TEXT = st.binary(max_size=200)
LENGTHS = st.sampled_from(["length", "chunked", "none"])


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """An answer as servers send them."""
    status, body = draw(st.sampled_from([200, 201, 302, 400, 401, 404, 429, 500, 503])), draw(TEXT)
    head = draw(
        st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"])
    )
    version = draw(st.sampled_from([b"1.1", b"1.0"]))
    head += b"HTTP/%b %d Some Words\r\nServer: x\r\n" % (version, status)
    head += draw(st.sampled_from([b"", b"Connection: close\r\n", b"connection: keep-alive\r\n", b"Retry-After: 3\r\n"]))
    kind = draw(LENGTHS)
    if kind == "length":
        return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    if kind == "chunked" and version == b"1.1":
        cut = draw(st.integers(0, len(body)))
        parts = [part for part in (body[:cut], body[cut:]) if part]
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    return head + b"\r\n" + body


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[bytes, str]:
    """An answer, whole or cut, or with a byte that is another; and how the connection ends."""
    answer = draw(answers())
    what = draw(st.sampled_from(["whole", "cut", "byte"]))
    at = draw(st.integers(0, max(0, len(answer) - 1)))
    if what == "cut":
        answer = answer[:at]
    elif what == "byte":
        answer = answer[:at] + draw(st.binary(min_size=1, max_size=1)) + answer[at + 1 :]
    return answer, what


async def told_by(transport: httpx.AsyncBaseTransport, server: Server) -> tuple[int, bytes] | str:
    """Status and content, or that it failed."""
    async with httpx.AsyncClient(transport=transport, timeout=2.0, trust_env=False) as client:
        try:
            answer = await client.post(f"http://127.0.0.1:{server.port}/x", content=b"{}")
        except httpx.TransportError:
            return "failed"
    return answer.status_code, answer.content


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoilt(), st.lists(st.integers(0, 300), max_size=4))
async def test_transport__any_answer__is_what_httpx_makes_of_it(spoilt: tuple[bytes, str], cuts: list[int]) -> None:
    """In whatever pieces it comes. Of what is malformed either may be more lenient; both never differ in an answer."""
    answer, what = spoilt
    async with Server().running() as server:
        edges = sorted({0, *(cut for cut in cuts if cut < len(answer)), len(answer)})
        server.pieces = [answer[begin:end] for begin, end in itertools.pairwise(edges)]
        server.ends = "close"
        reference = await told_by(httpx.AsyncHTTPTransport(), server)
        own = await told_by(transport_of(), server)

    if what == "byte" and "failed" in {reference, own}:
        return
    assert own == reference


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
async def test_transport__any_method__is_sent_as_httpx_sends_it(method: str, server: Server) -> None:
    """The seam of httpx: other requests than questions go the same way."""
    sent = []
    for made in (httpx.AsyncHTTPTransport(), transport_of()):
        server.requests.clear()
        server.pieces = [PLAIN if method != "HEAD" else PLAIN[:-2]]
        async with httpx.AsyncClient(transport=made, trust_env=False) as client:
            body = {"content": b"x=1"} if method in {"POST", "PUT"} else {}
            answer = await client.request(method, f"http://127.0.0.1:{server.port}/a?b=c", **body)  # type: ignore[arg-type]
        sent.append((answer.status_code, sorted(server.requests[0].lower().split(b"\r\n"))))

    assert sent[0] == sent[1]


def test_origin__other_scheme__is_refused() -> None:
    """Only what can be spoken."""
    with pytest.raises(httpx.UnsupportedProtocol):
        Origin.of(httpx.URL("ftp://x/"))
