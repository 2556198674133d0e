"""What the server does with bytes before any call is known: limits, what is no HTTP, connections, time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.clients import Ids
from tests.e2e.processes import Running, start_proxy
from tests.raw import Answer, Connection, ask, complaint

HOST = b"Host: www.upwork.com\r\n"


@pytest.fixture(scope="module")
def quick(outputs: Path, sandbox: Running) -> Iterator[Running]:
    """A proxy that does not wait long for a request to be whole."""
    running = start_proxy(outputs, sandbox.url, HEIRLOOM_RECEIVE_SECONDS="1", HEIRLOOM_MAX_PARAMS="20")
    yield running
    running.stop()


def get(path: str, *headers: bytes, version: bytes = b"1.1") -> bytes:
    """A GET as it stands on the wire."""
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"GET " + path.encode() + b" HTTP/" + version + b"\r\n" + HOST + lines + b"\r\n"


def token(ids: Ids) -> bytes:
    """The credential of the sandbox's main client."""
    return b"Authorization: Bearer " + ids.token.encode()


def assert_refused(answer: Answer | None, status: int, *, closes: bool = True) -> None:
    """The legacy form with its status; the connection ends where nothing further on it can be trusted."""
    assert answer is not None
    assert (answer.status, complaint(answer)) == (status, ""), answer
    assert (answer.headers.get("connection") == "close") is closes


# --- what is no HTTP


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\r\n\r\n",
        b"BREW /api/x.json HTTP/1.1\r\n\r\n",
        b"GET /api/x.json\r\n\r\n",
        b"HEADapi/x.json HTTP/1.1\r\n\r\n",
        b"GET /api/x y.json HTTP/1.1\r\n\r\n",
        b"GET /api/caf\xe9.json HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET  HTTP/1.1\r\n\r\n",
        b"GET /api/x.json HTTP/9.9\r\n\r\n",
        b"GET /api/x.json HTTP/1.1\r\nNo colon\r\n\r\n",
        b"GET /api/x.json HTTP/1.1\r\nA: b\x00c\r\n\r\n",
        b"GET /api/x.json HTTP/1.1\r\nA : b\r\n\r\n",
        b"GET /api/x.json HTTP/1.1\r\n folded: b\r\n\r\n",
        b"POST /api/x.json HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /api/x.json HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/x.json HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /api/x.json HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/x.json HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/x.json HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"CONNECT www.upwork.com:443 HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x00" * 64,
    ],
    ids=lambda sent: repr(sent[:60]),
)
def test_server__what_is_no_http__is_400_in_the_legacy_form(proxy: Running, sent: bytes) -> None:
    """A client that breaks its own request reads what went wrong as it reads every error."""
    assert_refused(ask(proxy.port, sent), 400)


@pytest.mark.parametrize("path", ["*", "/", "", "/api", "/api/", "//", "http://www.upwork.com/"])
def test_server__target_of_no_call__is_a_legacy_error(proxy: Running, path: str) -> None:
    """Whatever stands where the path should be."""
    answer = ask(proxy.port, get(path))

    assert (answer.status in {400, 404}, complaint(answer)) == (True, "")


# --- sizes


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (get("/api/" + "x" * 16_384), 414),
        (get("/api/x.json?q=" + "x" * 16_384), 414),
        (get("/api/x.json", *(b"H%d: x" % number for number in range(100))), 431),
        (get("/api/x.json", b"H: " + b"x" * 32_768), 431),
        (get("/api/x.json", *(b"H%d: " % number + b"x" * 1000 for number in range(40))), 431),
        (b"GET /" + b"x" * 200_000, 414),
        (b"GET / HTTP/1.1\r\nH: " + b"x" * 200_000, 431),
        (b"POST /api/x.json HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", 413),
    ],
    ids=["path", "query", "count", "header", "together", "path without end", "header without end", "body"],
)
def test_server__larger_than_it_may_be__is_refused(proxy: Running, sent: bytes, status: int) -> None:
    """Whatever has no end is refused before its end, and not kept."""
    assert_refused(ask(proxy.port, sent), status, closes=status != 413)


def test_server__as_large_as_it_may_be__is_read(proxy: Running) -> None:
    """The limits themselves are within them."""
    path = "/api/x.json?q="
    headers = [b"H%d: x" % number for number in range(99)]

    answers = [ask(proxy.port, get(path + "x" * (16_384 - len(path)))), ask(proxy.port, get("/api/x.json", *headers))]

    assert [answer.status for answer in answers] == [404, 404]


def test_server__parameters_beyond_the_setting__are_400(quick: Running) -> None:
    """The setting reaches the reader of parameters."""
    query = "&".join(f"p{number}=1" for number in range(21))

    answer = ask(quick.port, get(f"/api/x.json?{query}"))

    assert (answer.status, answer.json()["error"]["message"]) == (400, "A request may have 20 parameters at most")


# --- connections


@pytest.mark.parametrize("said", [b"close", b"Close", b"TE, close", b"close, TE"])
def test_server__connection_close__is_said_again(proxy: Running, ids: Ids, said: bytes) -> None:
    """One SDK's next call fails where the server closes without having said so."""
    with Connection(proxy.port) as connection:
        connection.send(get(f"{ids.rooms}.json?limit=1", token(ids), b"Connection: " + said))
        answer = connection.answer()

        assert answer is not None
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert connection.is_closed()


def test_server__http_1_0__is_answered_and_closed(proxy: Running, ids: Ids) -> None:
    """The oldest clients read to the end of the connection."""
    with Connection(proxy.port) as connection:
        connection.send(get(f"{ids.rooms}.json?limit=1", token(ids), version=b"1.0"))
        answer = connection.answer()

        assert answer is not None
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert connection.is_closed()


def test_server__several_requests_on_a_connection__are_answered_in_order(proxy: Running, ids: Ids) -> None:
    """Sent at once, each has its own answer, and what is broken behind them has its own too."""
    paths = [f"{ids.rooms}.json?limit=1", "/api/nothing.json", f"{ids.rooms}.xml?limit=1"]

    with Connection(proxy.port) as connection:
        connection.send(b"".join(get(path, token(ids)) for path in paths) + b"no http\r\n\r\n")
        answers = [connection.answer() for _ in range(4)]

        assert [answer.status for answer in answers if answer] == [200, 404, 200, 400]
        assert connection.is_closed()


def test_server__write_followed_by_no_http__keeps_its_own_answer(proxy: Running, ids: Ids) -> None:
    """A write that was carried out is never answered by the refusal of what stands behind it."""
    body = b'{"message": "before the noise"}'
    head = f"POST {ids.room}/stories.json HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"

    with Connection(proxy.port) as connection:
        connection.send(head.encode() + HOST + token(ids) + b"\r\n\r\n" + body + b"\x00\x01")
        answers = [connection.answer(), connection.answer()]

    assert [answer.status for answer in answers if answer] == [200, 400]


@pytest.mark.parametrize("offer", [b"h2c", b"websocket"])
def test_server__offer_to_upgrade__is_passed_by(proxy: Running, ids: Ids, offer: bytes) -> None:
    """Some clients offer another protocol with every request; they are answered in this one, and go on."""
    headers = [token(ids), b"Connection: Upgrade", b"Upgrade: " + offer]
    headers += [b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13"]

    with Connection(proxy.port) as connection:
        connection.send(get(f"{ids.rooms}.json?limit=1", *headers))
        first = connection.answer()
        connection.send(get(f"{ids.rooms}.json?limit=1", token(ids)))
        second = connection.answer()

    assert [answer.status for answer in (first, second) if answer] == [200, 200]


def test_server__expects_100_continue__is_told_to_go_on(proxy: Running, ids: Ids) -> None:
    """A client that asks before it sends its body sends it."""
    body = b'{"message": "may I?"}'
    head = f"POST {ids.room}/stories.json HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n".encode()

    answer = ask(proxy.port, head + HOST + token(ids) + b"\r\n\r\n" + body)

    assert answer.status == 200


def test_server__body_in_chunks__is_read(proxy: Running, ids: Ids) -> None:
    """A client may not know how long its body is."""
    head = f"POST {ids.room}/stories.json HTTP/1.1\r\nTransfer-Encoding: chunked\r\n".encode() + HOST + token(ids)

    answer = ask(proxy.port, head + b'\r\n\r\n6\r\n{"mess\r\nb\r\nage": "hi"}\r\n0\r\n\r\n')

    assert (answer.status, answer.json()["story"]["message"]) == (200, "hi")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/nothing", "/api/nothing.json", "{rooms}.json"])
def test_server__head__has_no_body(proxy: Running, ids: Ids, path: str) -> None:
    """Behind the answer to a HEAD the next answer begins."""
    sent = get(path.format(rooms=ids.rooms), token(ids))

    with Connection(proxy.port) as connection:
        connection.send(sent.replace(b"GET", b"HEAD", 1) + sent)
        head, whole = connection.answer(has_body=False), connection.answer()

    assert head is not None
    assert whole is not None
    assert (head.status, head.headers["content-length"]) == (whole.status, whole.headers["content-length"])


def test_server__head_that_is_refused__has_no_body_either(proxy: Running) -> None:
    """Also where the server refuses before any call is known."""
    sent = b"HEAD /api/x.json HTTP/1.1\r\nH: " + b"x" * 40_000 + b"\r\n\r\n"

    with Connection(proxy.port) as connection:
        connection.send(sent)
        answer = connection.answer(has_body=False)

        assert answer is not None
        assert (answer.status, connection.is_closed()) == (431, True)


def test_server__client_that_ends_its_side__still_gets_the_answer(proxy: Running, ids: Ids) -> None:
    """Some clients say that they have no more to send before they read."""
    with Connection(proxy.port) as connection:
        connection.send(get(f"{ids.rooms}.json?limit=1", token(ids)))
        connection.end()
        answer = connection.answer()

        assert answer is not None
        assert (answer.status, connection.is_closed()) == (200, True)


# --- time


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /api/x",
        b"GET /api/x.json HTTP/1.1\r\nA: b\r\n",
        b"POST /api/x.json HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc",
        b"POST /api/x.json HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
    ],
    ids=["target", "headers", "body", "chunks"],
)
def test_server__request_that_does_not_end__is_408(quick: Running, sent: bytes) -> None:
    """Nobody holds a connection by never ending what was begun."""
    assert_refused(ask(quick.port, sent), 408)


@pytest.mark.parametrize("sent", [b"", b"\r\n\r\n"])
def test_server__connection_without_a_request__is_closed(quick: Running, sent: bytes) -> None:
    """Nor by never beginning it."""
    with Connection(quick.port) as connection:
        connection.send(sent)
        answer = connection.answer()

    assert answer is None or answer.status == 408


def test_server__line_ends_after_an_answer__do_not_hold_the_connection(quick: Running) -> None:
    """What is no request does not stand for one."""
    with Connection(quick.port) as connection:
        connection.send(get("/healthz"))
        first = connection.answer()
        connection.send(b"\r\n")
        second = connection.answer()

    assert first is not None
    assert first.status == 200
    assert second is None or second.status == 408


def test_server__body_half_sent_and_cut__is_dropped(proxy: Running, ids: Ids) -> None:
    """Nobody acts on half of a write."""
    head = f"POST {ids.room}/stories.json HTTP/1.1\r\nContent-Length: 40\r\n".encode() + HOST + token(ids)

    with Connection(proxy.port) as connection:
        connection.send(head + b'\r\n\r\n{"message": "half of it"}')
        connection.end()
        answer = connection.answer()

    assert answer is None or answer.status == 400
