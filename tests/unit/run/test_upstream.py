"""The only door to the network: what goes out, what comes in, and what neither shows."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import orjson
import pytest
from msgspec import structs

from app.access.bearer import credential_of
from app.errors import (
    ProxyError,
    RequestError,
    UnknownOutcomeError,
    UpstreamError,
    UpstreamTimeoutError,
)
from app.events import UpstreamAsked
from app.run.faults import Fault
from app.run.upstream import Answer as Read
from app.run.upstream import Asking, Upstream
from app.run.wire import HttpxWire
from tests.doubles import ERRORS, Clock, Events
from tests.unit.run.conftest import URL, OpenDoor, asking_of, policies
from tests.upstream import Answer, RecordingUpstream, data

QUERY = "query room($id: ID!) { room(id: $id) { id } }"


async def test_ask__question__goes_out_as_graphql_over_http(open_door: OpenDoor, asking: Asking) -> None:
    """One POST to the endpoint, with the caller's token, and document and variables as JSON."""
    door, transport = open_door([data(room={"id": "r1"})])

    await door.ask(QUERY, {"id": "é"}, asking, operation="room", is_write=False)

    (sent,) = transport.requests
    assert (sent.method, str(sent.url)) == ("POST", URL)
    assert sent.headers["Authorization"] == "Bearer token-one"
    assert sent.headers["Content-Type"] == "application/json"
    assert orjson.loads(sent.content) == {"query": QUERY, "variables": {"id": "é"}}


@pytest.mark.parametrize("tenant", [None, "1104567890123456781"])
async def test_ask__tenant__stands_in_its_header_or_nowhere(
    open_door: OpenDoor, asking: Asking, tenant: str | None
) -> None:
    """An organisation is named in the upstream's header; none is no header, and not an empty one."""
    door, transport = open_door([data(room=None)])

    await door.ask(QUERY, {}, structs.replace(asking, tenant=tenant), operation="room", is_write=False)

    assert transport.tenants == [tenant]


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ({"data": {"room": None}}, Read({"room": None}, ())),
        ({"data": {}}, Read({}, ())),
        ({"data": None}, Read(None, ())),
        ({}, Read(None, ())),
        ({"data": []}, Read(None, ())),
        ({"data": "x", "errors": None}, Read(None, ())),
        (
            {"data": {"room": None}, "errors": [{"message": "m", "path": ["room"]}]},
            Read({"room": None}, (Fault("m", ("room",), ""),)),
        ),
    ],
)
async def test_ask__json_object__is_read(open_door: OpenDoor, asking: Asking, body: object, read: Read) -> None:
    """Data that is no object is none; errors are read whatever their shape."""
    door, _ = open_door([Answer(body)])

    found = await door.ask(QUERY, {}, asking, operation="room", is_write=False)

    assert (found.data, found.faults) == (read.data, read.faults)


@pytest.mark.parametrize("body", [b"<html>Just a moment...</html>", b"", b"[1]", b'"x"', b"null", b'{"data": \xff}'])
@pytest.mark.parametrize(("is_write", "error"), [(False, UpstreamError), (True, UnknownOutcomeError)])
async def test_ask__no_json_object__is_an_error(
    open_door: OpenDoor, asking: Asking, body: bytes, is_write: bool, error: type[ProxyError]
) -> None:
    """An answer that cannot be read is 502; a write whose answer cannot be read has an unknown outcome."""
    door, _ = open_door([Answer(body)])

    with pytest.raises(ProxyError) as caught:
        await door.ask(QUERY, {}, asking, operation="room", is_write=is_write)

    assert type(caught.value) is error


@pytest.mark.parametrize(("is_write", "error"), [(False, UpstreamError), (True, UnknownOutcomeError)])
async def test_ask__error_status__is_told_before_the_body_is_read(
    open_door: OpenDoor, asking: Asking, is_write: bool, error: type[ProxyError]
) -> None:
    """A failed request's body may be anything."""
    door, _ = open_door([Answer(b"<html>", 502)])

    with pytest.raises(ProxyError) as caught:
        await door.ask(QUERY, {}, asking, operation="room", is_write=is_write)

    assert type(caught.value) is error


@pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.ReadTimeout("late"), httpx.InvalidURL("bad")])
async def test_ask__wire_fails__gives_an_error_of_ours(open_door: OpenDoor, asking: Asking, failure: Exception) -> None:
    """No error of the HTTP library passes the door."""
    door, _ = open_door([failure])

    with pytest.raises(ProxyError) as caught:
        await door.ask(QUERY, {}, asking, operation="room", is_write=False)

    assert caught.value.__cause__ is failure


@pytest.mark.parametrize("failure", [AttributeError("getpeername"), RuntimeError("closed"), ConnectionResetError()])
@pytest.mark.parametrize(
    ("steps", "error"),
    [
        # Nothing is told of how far it came: it may have arrived.
        ((), UnknownOutcomeError),
        (("connection.connect_tcp.started",), UpstreamError),
        (("connection.connect_tcp.started", "http11.send_request_headers.started"), UnknownOutcomeError),
        # On a connection that was there already.
        (("http11.send_request_headers.started",), UnknownOutcomeError),
    ],
)
async def test_ask__write_fails_below_the_http_library__is_unknown_once_it_began_to_leave(
    clock: Clock, events: Events, steps: tuple[str, ...], error: type[ProxyError], failure: Exception
) -> None:
    """A write that ended while its connection was made was not carried out; later, nobody knows."""

    class Failing(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            for step in steps:
                await request.extensions["trace"](step, {})
            raise failure

    door = Upstream(HttpxWire(httpx.AsyncClient(transport=Failing()), URL), clock, events, policies(clock, events))

    with pytest.raises(ProxyError) as caught:
        await door.ask(QUERY, {}, asking_of("t", clock), operation="room", is_write=True)

    assert type(caught.value) is error


@pytest.mark.parametrize("is_write", [False, True])
async def test_ask__failure__is_never_asked_again(open_door: OpenDoor, asking: Asking, is_write: bool) -> None:
    """Whether to ask again is nobody's to decide at the door."""
    door, transport = open_door([httpx.ConnectError("refused"), data(room=None)])

    with pytest.raises(ProxyError):
        await door.ask(QUERY, {}, asking, operation="room", is_write=is_write)

    assert len(transport.requests) == 1


@pytest.mark.parametrize("seconds", [0.0, -1.0])
async def test_ask__no_time_left__is_not_sent(open_door: OpenDoor, clock: Clock, seconds: float) -> None:
    """A question after its deadline does not go out, so that even a write has simply come too late."""
    door, transport = open_door([])

    with pytest.raises(UpstreamTimeoutError):
        await door.ask(QUERY, {}, asking_of("t", clock, seconds=seconds), operation="room", is_write=True)

    assert transport.requests == []


@pytest.mark.parametrize(("is_write", "error"), [(False, UpstreamTimeoutError), (True, UnknownOutcomeError)])
async def test_ask__answer_comes_too_late__ends_at_the_deadline(
    clock: Clock, events: Events, is_write: bool, error: type[ProxyError]
) -> None:
    """The deadline of the request ends a question that nobody answers."""
    door = Upstream(HttpxWire(httpx.AsyncClient(transport=_Silence()), URL), clock, events, policies(clock, events))

    with pytest.raises(ProxyError) as caught:
        await door.ask(QUERY, {}, asking_of("t", clock, seconds=0.001), operation="room", is_write=is_write)

    assert type(caught.value) is error


async def test_ask__answer_that_never_ends__ends_at_the_deadline(clock: Clock, events: Events) -> None:
    """Bytes that trickle in do not put the deadline off."""
    door = Upstream(HttpxWire(httpx.AsyncClient(transport=_Trickle()), URL), clock, events, policies(clock, events))

    with pytest.raises(UpstreamTimeoutError):
        await door.ask(QUERY, {}, asking_of("t", clock, seconds=0.001), operation="room", is_write=False)


async def test_ask__half_a_character__is_the_callers_fault(open_door: OpenDoor, asking: Asking) -> None:
    """JSON can spell what no text can hold; it is refused and not sent."""
    door, transport = open_door([])

    with pytest.raises(RequestError, match="no Unicode text"):
        await door.ask(QUERY, {"message": "\ud83d"}, asking, operation="room", is_write=True)

    assert transport.requests == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (data(room=None), "answered"),
        (Answer({"data": {"room": None}, "errors": [{"message": "m"}]}), "partial"),
        (Answer(b"", 429), "U429"),
        (httpx.ReadTimeout("late"), "U504"),
        (Answer(b"<html>"), "U502"),
        (KeyError("a fault of ours"), "cancelled"),
    ],
)
async def test_ask__every_end__is_told_once(
    open_door: OpenDoor, asking: Asking, clock: Clock, events: Events, answer: Answer | Exception, outcome: str
) -> None:
    """Whatever comes of a question, one record says so."""
    door, _ = open_door([answer])

    await asyncio.gather(door.ask(QUERY, {}, asking, operation="get_room", is_write=False), return_exceptions=True)

    (told,) = events.of(UpstreamAsked)
    received = (
        len(answer.content) if isinstance(answer, Answer) and outcome in {"answered", "partial", "U429", "U502"} else 0
    )
    assert told == UpstreamAsked("request-one", "get_room", outcome, 0.0, received)


SECRET = "oauth2v2_very-secret"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(f"<html>{SECRET}</html>".encode()),
        Answer(SECRET.encode(), 500),
        Answer({"message": SECRET}, 401),
        httpx.ConnectError(f"could not connect with {SECRET}"),
        httpx.ReadTimeout(SECRET),
    ],
)
async def test_ask__failure__shows_no_secret(
    open_door: OpenDoor, clock: Clock, events: Events, answer: Answer | Exception
) -> None:
    """Neither the error, nor its text forms, nor what is told holds the token or the body."""
    door, _ = open_door([answer])

    with pytest.raises(ProxyError) as caught:
        await door.ask(QUERY, {}, asking_of(SECRET, clock), operation="room", is_write=False)

    error = caught.value
    shown = [str(error), repr(error), error.message, error.detail, error.mend, repr(events.all)]
    assert [text for text in shown if SECRET in text] == []


def test_asking__shown__keeps_its_token(clock: Clock) -> None:
    """What goes with every question can be printed."""
    asking = Asking(credential_of(SECRET), "1104567890123456781", "r", clock.now, ERRORS)

    assert SECRET not in repr(asking) + str(asking)


def test_recording_upstream__nothing_left__is_a_fault_of_the_test() -> None:
    """The double does not make answers up."""
    transport = RecordingUpstream([])

    with pytest.raises(AssertionError, match="was not expected"):
        asyncio.run(transport.handle_async_request(httpx.Request("POST", URL)))


class _Silence(httpx.AsyncBaseTransport):
    """Takes a request and never answers."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets the event")


class _Trickle(httpx.AsyncBaseTransport):
    """Answers at once, with a body that never ends."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=_Endless(), request=request)


class _Endless(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()


@pytest.mark.parametrize(("is_write", "error"), [(False, UpstreamError), (True, UnknownOutcomeError)])
@pytest.mark.parametrize("packed", [False, True])
async def test_ask__answer_larger_than_is_taken__is_given_up(
    clock: Clock, asking: Asking, events: Events, packed: bool, is_write: bool, error: type[ProxyError]
) -> None:
    """A gigantic answer, small on the wire or not, does not fill the memory; a write that got one is not known."""
    body = orjson.dumps({"data": {"room": "x" * 2_000_000}})
    wire = gzip.compress(body) if packed else body
    given = replace(policies(clock, events), most_bytes=1_000_000)
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for begin in range(0, len(wire), 1000):
            read += 1
            yield wire[begin : begin + 1000]

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"} if packed else {}, content=chunks())

    door = Upstream(HttpxWire(httpx.AsyncClient(transport=httpx.MockTransport(answer)), URL), clock, events, given)

    with pytest.raises(error) as caught:
        await door.ask(QUERY, {}, asking, operation="room", is_write=is_write)

    assert caught.value.detail == "larger than 1000000 bytes"
    assert packed or read < 1100
