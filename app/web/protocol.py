"""HTTP/1.1 as the server reads it, with limits before anything is kept, and refusals in the legacy form.

uvicorn answers what is no HTTP with a line of plain text, waits without end for a request to be whole, and takes
headers of any size; old clients read two headers of every error, and nobody may hold a connection for nothing.
It keeps an answer that nobody takes for as long as the client stays.
Told to stop, it ends idle connections at once; a request that is under way to one of them would be lost, and whoever
sent a write could not know whether it was carried out.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from app.errors import HeadersError, LateError, LongTargetError, ProxyError, RequestError
from app.settings import Settings
from app.web.incoming import Head, Incoming, head_of
from app.web.legacy import BUDGET, LegacyFront, request_id
from app.web.replies import Rendered, render_error
from app.web.turns import Turns

CLOSE = (b"connection", b"close")
#: of a whole request without a body, whose headers were read before: its line, and then those
PLAIN_LINE = re.compile(rb"GET (/[A-Za-z][!-\"$->@-~]*)(?:\?([!-\"$-~]*))? HTTP/1\.1\r\n")
END = b"\r\n\r\n"
#: the line of a header, of its name and its value
HEADER = b": ".join
#: headers that make a request more than its line and its credential
SPECIAL = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"connection", b"te", b"trailer"})
STATUS_LINES = {int(status): f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode() for status in HTTPStatus}
#: how long a server that stops listens to a connection on which nothing is asked: longer than a client's next request
#: is under way, and than a busy client pauses
LINGER_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How large the head of a request may be, how long all of it may take, and how long its answer may."""

    target_bytes: int
    headers: int
    header_bytes: int
    receive_seconds: float
    send_seconds: float


def limits_of(settings: Settings) -> Limits:
    """The limits that the settings name."""
    return Limits(
        settings.max_target_bytes,
        settings.max_headers,
        settings.max_header_bytes,
        settings.receive_seconds,
        settings.send_seconds,
    )


class StoppingState(ServerState):
    """What the connections of a server share; among it, whether the server was told to stop."""

    is_stopping = False
    _shown: list[tuple[bytes, bytes]] | None = None
    _head = b""

    def __init__(self) -> None:
        super().__init__()
        self.turns = Turns(self.tasks)

    @property
    def head(self) -> bytes:
        """The lines that every answer begins with; they change once a second."""
        if self._shown is not self.default_headers:
            self._shown = self.default_headers
            self._head = b"".join(name + b": " + value + b"\r\n" for name, value in self.default_headers)
        return self._head


class _NoEvent:
    """Stands for the event that a request without a body has no use for."""

    def set(self) -> None:
        """Nothing waits."""


class Direct(RequestResponseCycle):
    """A call on its way through the legacy front, which nothing of ASGI stands before.

    The server knows it as the cycle of a request: what it begins, ends, waits for and gives up has the same names.
    """

    disconnected = False
    response_started = False
    response_complete = False
    waiting_for_100_continue = False
    more_body = True
    body: bytearray = cast(bytearray, b"")
    message_event: asyncio.Event = cast(asyncio.Event, _NoEvent())

    def __init__(self, line: LegacyHttp, front: LegacyFront, incoming: Incoming, *, keep_alive: bool) -> None:
        self._line = line
        self._front = front
        self.incoming = incoming
        self.keep_alive = keep_alive
        self.flow = line.flow
        self.transport = line.transport
        self.on_response = line.on_response_complete

    def expect_body(self, *, says_continue: bool) -> None:
        """A body follows."""
        self.body = bytearray()
        self.message_event = asyncio.Event()
        self.waiting_for_100_continue = says_continue
        self.incoming.receive = cast(Any, self.receive)

    def run_asgi(self, app: Any) -> Coroutine[Any, Any, None]:
        """Answer it; what the front does not translate ends the connection."""
        return self._answered(self._front.respond(self))

    async def _answered(self, responding: Awaitable[None]) -> None:
        try:
            await responding
        except BaseException:
            self.disconnected = True
            self.transport.close()
            raise

    # --- what the front sees

    @property
    def is_stopping(self) -> bool:
        """Whether the server begins nothing new."""
        return self._line.state.is_stopping

    def can_answer(self) -> bool:
        """Whether the client takes what it is sent, or is gone."""
        return not self.flow.write_paused or self.disconnected

    async def until_it_can(self) -> None:
        """Until it does."""
        await self.flow.drain()

    def answer(self, rendered: Rendered, remaining: int | None) -> None:
        """Send the whole answer at once."""
        headers = b"\r\n".join(map(HEADER, rendered.headers))
        pieces = [STATUS_LINES[rendered.status], self._line.state.head, headers, b"\r\n"]
        if rendered.status != 304:
            pieces.append(b"Content-Length: %d\r\n" % rendered.size)
        if remaining is not None:
            pieces.append(b"%b: %d\r\n" % (BUDGET, remaining))
        pieces.append(b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n")
        self.response_started = self.response_complete = True
        has_body = self.incoming.method != "HEAD"
        if has_body:
            pieces.append(rendered.start)
        head = b"".join(pieces)
        self.transport.writelines((head, rendered.rest) if has_body and rendered.rest else (head,))
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    def start(self, responding: Awaitable[None]) -> None:
        """Go on in a task of its own."""
        self._line.run(cast(Coroutine[Any, Any, None], responding))


class _Refused(Exception):
    """Ends the reading of a request; the parser turns it into an error of its own."""


class LegacyHttp(HttpToolsProtocol):
    """One connection. `now` is epoch seconds, for the body of an error."""

    def __init__(self, *given: Any, limits: Limits, now: Callable[[], float], **named: Any) -> None:
        super().__init__(*given, **named)
        self._limits = limits
        self._now = now
        self._refusal: ProxyError | None = None
        self._is_refusing = False
        self._is_head = False
        self._in_head = True
        self._head_bytes = 0
        self._target_bytes = 0
        self._header_bytes = 0
        self._late: asyncio.TimerHandle | None = None
        self._lingering: asyncio.TimerHandle | None = None
        self._unsent: asyncio.TimerHandle | None = None
        self._answered: RequestResponseCycle | None = None
        #: only a server that knows it makes these connections
        self.state = cast(StoppingState, self.server_state)
        self._front = front_of(self.app)
        self._trusted = getattr(self.app, "trusted_hosts", ())
        #: the headers of the last request, where all that follows may have the same and be read by its line alone
        self._known: Head | None = None
        self._candidate: bytes | None = None
        self._quiet_since: float | None = None
        #: of a call that came so, so that the next of the same path surely is one too
        self._last_path = b""

    # --- reading

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, and give the first request its time."""
        super().connection_made(transport)
        self._expect()
        if self.state.is_stopping:
            self.shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._has_come()
        if self._lingering is not None:
            self._lingering.cancel()
        if self._unsent is not None:
            self._unsent.cancel()
        self._is_gone()
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None
        self._known = None
        if self.cycle is not None and self.cycle.response_complete:
            # It and this hold each other: freed now, and not when cycles are looked for, which is seldom.
            self.cycle = self._answered = cast(Any, None)

    def data_received(self, data: bytes) -> None:
        """Read on. A head that never ends is refused before it is kept."""
        if self._is_refusing or (self._known is not None and self._begins_plainly(data)):
            return
        self._head_bytes += len(data)
        self._candidate = data if self._in_head and self._head_bytes == len(data) else None
        super().data_received(data)
        self._candidate = None
        if not self._in_head or self._is_refusing:
            return
        if self._head_bytes > self._limits.target_bytes + self._limits.header_bytes:
            self._refusal = self._too_long()
            self.send_400_response("")
        elif self._head_bytes and self._late is None and (self.cycle is None or self.cycle.response_complete):
            # What came stopped the wait for another request, and may be none.
            self._expect()

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """Nothing more comes. Who ended only its own side still reads; half of a request is told that it is one."""
        cycle = self.cycle
        is_half = cycle is not None and not cycle.response_complete and cycle.more_body
        if is_half or (self._in_head and self._head_bytes > 0 and not self._is_refusing):
            self._refusal = self._refusal or RequestError("The request ended before it was whole")
            self.send_400_response("")
        elif cycle is not None and not cycle.response_complete:
            cycle.keep_alive = False
        else:
            return None
        # TLS has no half of a connection.
        return self.scheme != "https"

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head, self._target_bytes, self._header_bytes = True, 0, 0
        self._expect()

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._target_bytes += len(url)
        if self._target_bytes > self._limits.target_bytes:
            self._refuse(self._too_long())
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A whole header."""
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > self._limits.header_bytes or len(self.headers) >= self._limits.headers:
            self._refuse(self._too_large())
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head, self._head_bytes = False, 0
        if self.parser.get_http_version() not in {"1.0", "1.1"}:
            self._refuse(RequestError("This version of HTTP is not taken"))
        if any(name == b"transfer-encoding" and value.strip().lower() != b"chunked" for name, value in self.headers):
            self._refuse(RequestError("This transfer encoding is not taken"))
        path, _, query = self.url.partition(b"?")
        if self._front is None or not self._front.takes(path) or b"#" in query or self.limit_concurrency is not None:
            super().on_headers_complete()
        else:
            self._take(path, query)
        if not self.pipeline:
            self._answered = self.cycle
        if self.state.is_stopping:
            # Its answer tells the client to ask elsewhere next.
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """All of the request is there."""
        self._in_head, self._head_bytes = True, 0
        self._has_come()
        super().on_message_complete()
        waiting, self._unstarted = self._unstarted, None
        if waiting is not None:
            waiting.more_body = False
            self._begin(waiting)

    # --- calls that go to the front directly

    #: a call without a body that begins when all of it was read
    _unstarted: Direct | None = None

    def run(self, responding: Coroutine[Any, Any, None]) -> None:
        """Go on in a task that the server waits for when it stops."""
        self.state.turns.begin(self.loop, responding)

    def _take(self, path: bytes, query: bytes) -> None:
        """A call whose head was read: it begins at once where a body follows, else when its end was seen."""
        front = cast(LegacyFront, self._front)
        names = {name for name, _ in self.headers}
        version = self.parser.get_http_version()
        head = head_of(self.headers)
        method = self.parser.get_method().decode("ascii")
        keep_alive = version != "1.0" and self.parser.should_keep_alive()
        incoming = Incoming(method, self._scheme_of(head), path, query, head, None)
        before, call = self.cycle, Direct(self, front, incoming, keep_alive=keep_alive)
        self.cycle = call
        has_body = not names.isdisjoint({b"content-length", b"transfer-encoding"})
        if has_body:
            call.expect_body(says_continue=self.expect_100_continue)
        if before is not None and not before.response_complete:
            self.flow.pause_reading()
            self.pipeline.appendleft((call, cast(Any, self.app)))
        elif has_body:
            self.run(call.run_asgi(None))
        else:
            self._unstarted = call
            if method == "GET" and keep_alive and names.isdisjoint(SPECIAL):
                self._learn(head)

    def _learn(self, head: Head) -> None:
        """Remember the headers of a request that came whole and alone: those that follow are often the same."""
        data = self._candidate
        if data is None or not data.endswith(END) or data.find(END) != len(data) - len(END):
            return
        if PLAIN_LINE.match(data) is None:
            return
        head.block = data[data.index(b"\n") + 1 :]
        self._known = head

    def _begins_plainly(self, data: bytes) -> bool:
        """Take a request that is a plain line and the headers of the one before it; nothing else is so read."""
        known, cycle = self._known, self.cycle
        if (
            known is None
            or self._head_bytes
            or not self._in_head
            or not cycle.response_complete
            or self.state.is_stopping
        ):
            return False
        found = PLAIN_LINE.match(data)
        if found is None or data[found.end() :] != known.block:
            return False
        path, query = found[1], found[2] or b""
        front = self._front
        if path != self._last_path:
            if front is None or not front.takes(path):
                return False
            self._last_path = path
        if front is None or len(path) + len(query) >= self._limits.target_bytes:
            return False
        self._unset_keepalive_if_required()
        self._has_come()
        incoming = Incoming("GET", self._scheme_of(known), path, query, known, None)
        call = self._answered = self.cycle = Direct(self, front, incoming, keep_alive=True)
        call.more_body = False
        self._begin(call)
        return True

    def _begin(self, call: Direct) -> None:
        front = cast(LegacyFront, self._front)
        if not front.begin(call):
            self.run(call.run_asgi(None))

    def _scheme_of(self, head: Head) -> str:
        """What the client asked by; a front that is trusted says so where it stands between."""
        told = head.named.get("x-forwarded-proto")
        if told is not None and self.client is not None and self.client[0] in self._trusted:
            told = told.strip()
            if told in {"http", "https"}:
                return told
        return self.scheme or "http"

    def _unsupported_upgrade_warning(self) -> None:
        """Some clients offer another protocol with every request: nothing to warn of."""

    # --- stopping

    def shutdown(self) -> None:
        """The server stops: what was asked is answered, what may be under way is waited for, then the connection ends.

        An answer that has begun can no longer say that it is the last one; another request may follow it.
        """
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete and not cycle.response_started:
            cycle.keep_alive = False
        elif self._lingering is None:
            self._lingering = self.loop.call_later(LINGER_SECONDS, self._has_lingered)

    def _has_lingered(self) -> None:
        self._lingering = None
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            self.shutdown()
        elif self._head_bytes == 0 and not self.transport.is_closing():
            self._end()

    # --- time

    def _expect(self) -> None:
        self._has_come()
        self._late = self.loop.call_later(self._limits.receive_seconds, self._is_late)

    def _has_come(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _is_late(self) -> None:
        self._late = None
        if self.transport is None or self.transport.is_closing():
            return
        cycle = self.cycle
        is_answered = cycle is not None and cycle.response_complete and cycle.more_body
        if is_answered or (cycle is None and self._head_bytes == 0):
            # Nothing was asked, or what was asked has its answer already.
            self._end()
            return
        self._refusal = LateError("The request did not come in whole in time")
        self.send_400_response("")

    # --- writing

    def pause_writing(self) -> None:
        """The client takes more slowly than it is answered; what waits for it has its time."""
        super().pause_writing()
        self._give_time()

    def resume_writing(self) -> None:
        """It has taken most of it. Where nothing follows, the time runs on for the rest."""
        super().resume_writing()
        if self._unsent is not None and not self.transport.is_closing():
            self._unsent.cancel()
            self._unsent = None

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more was asked; a client that has not taken its answer by now does not want it.

        One timer serves all requests of a connection: it comes again where something was asked meanwhile.
        """
        self.timeout_keep_alive_task = None
        if self.transport.is_closing():
            return
        since = self._quiet_since
        left = self.timeout_keep_alive if since is None else since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            self._end()

    def _unset_keepalive_if_required(self) -> None:
        self._quiet_since = None
        if self.transport.is_closing() and self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None

    def _end(self) -> None:
        """Close the connection once all is taken, which it need not be for ever."""
        self.transport.close()
        if self.transport.get_write_buffer_size():
            self._give_time()

    def _give_time(self) -> None:
        if self._unsent is None:
            self._unsent = self.loop.call_later(self._limits.send_seconds, self._is_not_taken)

    def _is_not_taken(self) -> None:
        self._unsent = None
        self._is_gone()
        self.transport.abort()

    def _is_gone(self) -> None:
        """Tell whoever answers that nobody reads. uvicorn tells the last request only, and too late for a writer."""
        if self._answered is not None:
            self._answered.disconnected = True

    # --- refusing

    def _too_long(self) -> ProxyError:
        if self._target_bytes > self._limits.target_bytes:
            return LongTargetError(f"Path and query are longer than {self._limits.target_bytes} bytes")
        return self._too_large()

    def _too_large(self) -> ProxyError:
        most, size = self._limits.headers, self._limits.header_bytes
        return HeadersError(f"A request may have {most} headers of {size} bytes together at most")

    def _refuse(self, error: ProxyError) -> None:
        self._refusal = error
        raise _Refused

    def send_400_response(self, msg: str) -> None:
        """Refuse in the legacy form, after what was asked before on this connection has its answer.

        A request whose own rest is broken is dropped: nobody acts on half of it.
        """
        if self._is_refusing:
            return
        self._is_refusing = True
        self._has_come()
        self._refusal = self._refusal or RequestError("This is no HTTP request")
        # What only begins with the letters of a method is told so with that method.
        has_method = not isinstance(sys.exception(), httptools.HttpParserInvalidMethodError)
        self._is_head = has_method and self.parser.get_method() == b"HEAD"
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if not cycle.more_body:
                self.flow.pause_reading()
                return
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self._end()
                return
        self._say()

    def on_response_complete(self) -> None:
        """An answer went out; that of the next request follows, or a refusal that waited for it."""
        if self.pipeline:
            self._answered = self.pipeline[-1][0]
            super().on_response_complete()
        else:
            self.server_state.total_requests += 1
            if not self.transport.is_closing():
                self.flow.resume_reading()
                self._quiet_since = self.loop.time()
                if self.timeout_keep_alive_task is None:
                    self.timeout_keep_alive_task = self.loop.call_later(
                        self.timeout_keep_alive, self.timeout_keep_alive_handler
                    )
        if self._is_refusing and self.cycle.response_complete:
            self._say()
        elif self.transport.is_closing():
            self._end()

    def _say(self) -> None:
        if self._refusal is None or self.transport.is_closing():
            return
        given = dict(self.headers or ()).get(b"x-request-id", b"").decode("latin-1")
        rendered = render_error(self._refusal, "json", request_id(given), self._now)
        headers = [*self.server_state.default_headers, *rendered.headers, CLOSE]
        headers.append((b"content-length", str(len(rendered.body)).encode()))
        phrase = HTTPStatus(rendered.status).phrase
        lines = [f"HTTP/1.1 {rendered.status} {phrase}".encode()]
        lines += [name.lower() + b": " + value for name, value in headers]
        body = b"" if self._is_head else rendered.body
        self.transport.write(b"\r\n".join([*lines, b"", body]))
        self._end()


def front_of(app: Any) -> LegacyFront | None:
    """The legacy front that an application begins with, below what the server has put around it."""
    while app is not None and not isinstance(app, LegacyFront):
        app = getattr(app, "app", None)
    return app
