"""One HTTP/1.1 connection to the upstream: a request goes out, its answer comes in, never two at once.

Errors are those of httpx, whose transport this stands in for. What a peer sends unasked, cuts, or sends malformed ends
the connection.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Mapping
from typing import cast

import httpx
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from msgspec import Struct

#: of one answer's head
MOST_HEAD_BYTES = 65_536
#: a timer may come so much early by the clock of the loop, which counts in whole milliseconds
CLOCK_SECONDS = 0.001
#: the peer has ended its side, or the connection is gone
ENDED = select.POLLRDHUP | select.POLLHUP | select.POLLERR | select.POLLNVAL
Headers = list[tuple[bytes, bytes]]
#: headers that say how an answer is to be read
FRAMING = {b"content-length": "length", b"transfer-encoding": "length", b"content-encoding": "coding"}


class RawAnswer(Struct, frozen=True):
    """An answer, read whole and as it came; no content where it was larger than is taken."""

    status: int
    headers: Headers
    content: bytes | None
    #: whether the content may be packed
    is_coded: bool = False

    @property
    def named(self) -> Mapping[str, str]:
        """The headers by name, in any case."""
        return httpx.Headers(self.headers)


class Connection(asyncio.Protocol):
    """Carries one exchange after the other; `is_open` until an end of it is known."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._parser = HttpResponseParser(self)
        self._answer: asyncio.Future[RawAnswer] | None = None
        self._timer: asyncio.TimerHandle | None = None
        #: when the timer comes, and when the answer is late
        self._looks = self._ends = 0.0
        self._most_bytes = 0
        self.is_open = False
        self.unused_since = 0.0
        self._head_bytes = 0
        self._expect(is_head=False)

    # --- asking

    def ask(self, request: bytes, ends: float, most_bytes: int, *, is_head: bool = False) -> asyncio.Future[RawAnswer]:
        """Send a request; its answer, or an httpx error, comes until then by the clock of the loop."""
        self._answer = answer = self._loop.create_future()
        self._most_bytes = most_bytes
        self._expect(is_head=is_head)
        self._ends = ends
        if self._timer is None or ends < self._looks:
            self._look_at(ends)
        self._transport.write(request)
        return answer

    def give_up(self) -> None:
        """Nobody waits for the answer any more, or for this connection."""
        if self.is_open:
            self.is_open = False
            self._transport.abort()
        self._look_no_more()
        self._free()

    def is_usable(self) -> bool:
        """Whether the next request may go out on it. The system is asked: an end may have come that nobody read yet."""
        if not self.is_open:
            return False
        events = self._poll.poll(0)
        if not events:
            return True
        # Whoever speaks unasked is not waited for; under TLS that may be a ticket.
        return self._is_tls and not events[0][1] & ENDED

    # --- the transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self._transport = cast(asyncio.Transport, transport)
        self._is_tls = transport.get_extra_info("ssl_object") is not None
        self._poll = select.poll()
        self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN | ENDED)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        """A piece of an answer."""
        if self._answer is None:
            self.give_up()
            return
        if self._in_head:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            if not self._is_whole:
                self._fail(httpx.RemoteProtocolError("The upstream's answer is no HTTP"))
                return
            self._is_last = True
        if self._in_head and self._head_bytes > MOST_HEAD_BYTES:
            self._fail(httpx.RemoteProtocolError("The head of the upstream's answer is too long"))
        elif self._is_whole:
            self._end()

    def eof_received(self) -> None:
        """The peer sends no more; an answer without a length is whole by that."""
        self._ended(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._ended(exc)
        self._look_no_more()
        # It and this hold each other: freed now, and not when cycles are looked for, which is seldom.
        del self._parser

    def _ended(self, error: Exception | None) -> None:
        was_open, self.is_open = self.is_open, False
        if self._answer is not None and not self._answer.done():
            if error is None and not self._in_head and self._ends_with_connection:
                self._end()
            else:
                self._fail(_cut(error))
        if was_open:
            self._transport.close()

    # --- the parser's side

    def _expect(self, *, is_head: bool) -> None:
        self._is_head = is_head
        self._in_head = True
        self._is_whole = False
        self._is_too_large = False
        self._is_last = False
        self._ends_with_connection = self._has_length = self._is_coded = False
        self._head_bytes = 0
        self._size = 0
        self._status = 0
        self._headers: Headers = []
        self._pieces: list[bytes] = []

    def on_message_begin(self) -> None:
        """An answer begins. Only one was asked for; whoever sends another is not heard again."""
        if self._is_whole:
            self._is_last = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or one of the trailers, which say nothing here."""
        if self._in_head:
            self._headers.append((name, value))
            known = FRAMING.get(name.lower())
            if known == "length":
                self._has_length = True
            elif known == "coding":
                self._is_coded = True

    def on_headers_complete(self) -> None:
        """The head is whole."""
        status = self._parser.get_status_code()
        if status < 200 or self._is_whole:
            return
        self._status = status
        self._in_head = False
        self._is_last = not self._parser.should_keep_alive()
        self._ends_with_connection = not self._has_length and status not in {204, 304}
        if self._is_head:
            # Its length is that of what is not sent.
            self._is_whole = True

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        if self._is_whole:
            return
        self._size += len(data)
        self._pieces.append(data)
        self._is_too_large = self._is_whole = self._size > self._most_bytes

    def on_message_complete(self) -> None:
        """All of it is there, unless it only said that more comes."""
        if self._in_head:
            self._headers = []
            self._has_length = self._is_coded = False
        else:
            self._is_whole = True

    # --- ends

    def _end(self) -> None:
        if self._is_last or self._is_too_large or self._is_head:
            self._close()
        content = None if self._is_too_large else self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        answer = self._free()
        if answer is not None and not answer.done():
            answer.set_result(RawAnswer(self._status, self._headers, content, self._is_coded))
        # An idle connection keeps nothing of its last answer.
        self._headers, self._pieces = [], []

    def _fail(self, error: httpx.TransportError) -> None:
        self._close()
        answer = self._free()
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def _close(self) -> None:
        if self.is_open:
            self.is_open = False
            self._transport.abort()

    def _free(self) -> asyncio.Future[RawAnswer] | None:
        answer, self._answer = self._answer, None
        return answer

    # --- time

    def _look_at(self, when: float) -> None:
        """One timer serves all requests of a connection: it comes again where another was sent meanwhile."""
        self._look_no_more()
        self._looks = when
        self._timer = self._loop.call_at(when, self._look)

    def _look_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._answer is None:
            return
        if self._loop.time() + CLOCK_SECONDS < self._ends:
            self._look_at(self._ends)
        else:
            self._fail(httpx.ReadTimeout("The upstream did not answer in time"))


def _cut(error: Exception | None) -> httpx.TransportError:
    if error is None:
        return httpx.RemoteProtocolError("The upstream ended the connection before its answer was whole")
    return httpx.ReadError(type(error).__name__)
