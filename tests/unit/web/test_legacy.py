"""The front: what becomes of a request before and after its call."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from app.errors import InternalError
from app.events import RequestServed
from app.run.assembly import Assembly
from app.settings import Settings
from app.web.legacy import LegacyFront, request_id
from app.web.routes import Routes
from tests.asgi import Message, exchange, scope_of, send
from tests.conftest import ServiceOver
from tests.upstream import Answer, data

ROOMS = "/api/messages/v3/1104567890123456781/rooms.json"
STORIES = "/api/messages/v3/1104567890123456781/rooms/r1/stories.json"
TOKEN = {"Authorization": "Bearer oauth2v2_secret-token"}
EMPTY = data(roomList={"edges": [], "pageInfo": None, "totalCount": 0}, caller=None)


async def test_front__api_call__is_answered_with_length_and_id(service_over: ServiceOver) -> None:
    """A reply has its length, the caller's id for the request, and no charset in its type."""
    service = service_over([EMPTY])

    reply = await send(service.app, "GET", ROOMS, TOKEN | {"X-Request-Id": "mine-1"})

    assert (reply.status, reply.json()["rooms"]) == (200, [])
    assert reply.headers == {
        "content-type": "application/json",
        "x-request-id": "mine-1",
        "content-length": str(len(reply.body)),
    }


@pytest.mark.parametrize("given", ["mine-1", "a.b:c_d-e", "0" * 128])
def test_request_id__plain_word__is_kept(given: str) -> None:
    """A caller finds its request again by its own id."""
    assert request_id(given) == given


@pytest.mark.parametrize("given", [None, "", "a b", "a\nb", "é", "0" * 129, '"x"'])
def test_request_id__anything_else__is_made_anew(given: str | None) -> None:
    """What could harm a log or a header does not get there."""
    made, other = request_id(given), request_id(given)

    assert (len(made), made != other, made.isalnum()) == (32, True, True)


# --- methods


async def test_front__head__is_a_get_without_a_body(service_over: ServiceOver) -> None:
    """HEAD has the headers of GET, its length included, and no body."""
    service = service_over([EMPTY])

    reply = await send(service.app, "HEAD", ROOMS, TOKEN)

    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.headers["content-length"]) > 0


async def test_front__head_of_an_error__has_no_body_either(service_over: ServiceOver) -> None:
    """The error's headers say what there is to say."""
    reply = await send(service_over([]).app, "HEAD", ROOMS)

    assert (reply.status, reply.headers["x-upwork-error-code"], reply.body) == (401, "401", b"")


@pytest.mark.parametrize("method", ["PATCH", "TRACE", "CONNECT", "get", "BREW"])
async def test_front__method_that_the_api_had_not__is_405(service_over: ServiceOver, method: str) -> None:
    """Other methods are told in the legacy form, and never taken for one that changes something."""
    reply = await send(service_over([]).app, method, ROOMS, TOKEN)

    assert (reply.status, reply.json()["error"]["message"]) == (405, f"Method {method} is not served")


async def test_front__method_not_served__names_those_that_are(service_over: ServiceOver) -> None:
    """405 has `Allow`, whether the path lacks the method or the API does."""
    replies = [await send(service_over([]).app, method, ROOMS, TOKEN) for method in ("DELETE", "PATCH")]

    assert [reply.headers["allow"] for reply in replies] == ["GET, HEAD, OPTIONS, POST"] * 2


@pytest.mark.parametrize(
    ("path", "allow"), [(ROOMS, "GET, HEAD, OPTIONS, POST"), (STORIES, "GET, HEAD, OPTIONS, POST")]
)
async def test_front__options__tells_the_methods_of_a_path(service_over: ServiceOver, path: str, allow: str) -> None:
    """OPTIONS asks nobody and needs no token; the answer is an object like every other."""
    service = service_over([])

    reply = await send(service.app, "OPTIONS", path)

    assert (reply.status, reply.headers["allow"], reply.json()) == (200, allow, {"methods": allow.split(", ")})
    assert service.upstream.requests == []


@pytest.mark.parametrize("method", ["OPTIONS", "PATCH"])
async def test_front__unknown_path__is_404_whatever_the_method(service_over: ServiceOver, method: str) -> None:
    """What is not there has no methods."""
    reply = await send(service_over([]).app, method, "/api/nothing.json", TOKEN)

    assert (reply.status, reply.json()["error"]["code"]) == (404, 404)


async def test_front__post_with_http_method__is_the_method_it_names(service_over: ServiceOver) -> None:
    """Half of all SDKs send their PUTs so; the log shows the method of the wire."""
    service = service_over([])
    path = "/api/messages/v3/1104567890123456781/rooms/r1.json"
    form = TOKEN | {"Content-Type": "application/x-www-form-urlencoded"}

    reply = await send(service.app, "POST", path, form, b"http_method=put")

    assert "give roomName, topic or isReadOnly" in reply.json()["error"]["message"]
    assert [(one.endpoint, one.method) for one in service.events.of(RequestServed)] == [
        ("messages/archive_or_rename_room", "POST")
    ]


# --- OAuth 1.0a

OAUTH1 = {"oauth_consumer_key": "k", "oauth_token": "oauth2v2_secret-token", "oauth_signature": "x", "oauth_nonce": "1"}
SIGNED_HEADER = "OAuth " + ", ".join(f'{name}="{value}"' for name, value in OAUTH1.items())


@pytest.mark.parametrize("headers", [{}, {"Authorization": SIGNED_HEADER}], ids=["query", "header"])
async def test_front__oauth1_off__is_401_and_asks_nobody(service_over: ServiceOver, headers: dict[str, str]) -> None:
    """Unless it was switched on, a token of OAuth 1.0a opens nothing."""
    service = service_over([])

    reply = await send(service.app, "GET", f"{ROOMS}?{urlencode(OAUTH1)}", headers)

    assert (reply.status, service.upstream.requests) == (401, [])


# --- sizes and ends


def front_limit(settings: Settings) -> int:
    """The largest body that is taken."""
    return settings.max_body_bytes


async def test_front__body_declared_too_large__is_413_unread(service_over: ServiceOver, settings: Settings) -> None:
    """A body that says that it is too large is not waited for."""
    scope = scope_of("POST", STORIES, TOKEN | {"Content-Length": str(front_limit(settings) + 1)})

    start, body = await exchange(service_over([]).app, scope, [])

    assert (start["status"], json.loads(body["body"])["error"]["code"]) == (413, 413)


async def test_front__body_turns_out_too_large__is_413(service_over: ServiceOver, settings: Settings) -> None:
    """A body in chunks is counted; the chunks after the limit are not taken."""
    half = b"x" * (front_limit(settings) // 2 + 1)
    chunks: list[Message] = [{"type": "http.request", "body": half, "more_body": True} for _ in range(3)]

    start, body = await exchange(service_over([]).app, scope_of("POST", STORIES, TOKEN), chunks)

    assert (start["status"], json.loads(body["body"])["error"]["code"]) == (413, 413)


async def test_front__body_of_exactly_the_limit__is_taken(service_over: ServiceOver, settings: Settings) -> None:
    """The limit itself is within it."""
    body = b'{"message": "' + b"x" * (front_limit(settings) - 15) + b'"}'
    story = {"id": "s1", "createdDateTime": None, "updatedDateTime": None, "message": "x"}

    reply = await send(service_over([data(createRoomStoryV2=story)]).app, "POST", STORIES, TOKEN, body)

    assert (len(body), reply.status) == (front_limit(settings), 200)


@pytest.mark.parametrize("declared", ["", "x", "-1", "1e9", "²", "0x10"])
async def test_front__length_that_is_no_number__is_passed_by(service_over: ServiceOver, declared: str) -> None:
    """The server in front checks the header; here it only saves work."""
    reply = await send(service_over([EMPTY]).app, "GET", ROOMS, TOKEN | {"Content-Length": declared})

    assert reply.status == 200


async def test_front__body_in_chunks__is_put_together(service_over: ServiceOver) -> None:
    """A body may come in any number of pieces, empty ones among them."""
    service = service_over([data(createRoomStoryV2={"id": "s1"})])
    pieces = [b'{"mess', b"", b'age": "h', b'i"}']
    chunks: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    chunks.append({"type": "http.request"})

    start, _ = await exchange(service.app, scope_of("POST", STORIES, TOKEN), chunks)

    assert start["status"] == 200
    assert service.upstream.questions[0]["variables"]["input"]["message"] == "hi"


async def test_front__client_gone__asks_and_answers_nobody(service_over: ServiceOver) -> None:
    """A request whose body never came whole is dropped: nothing is sent, upstream or back."""
    service = service_over([])
    chunks: list[Message] = [{"type": "http.request", "body": b'{"message"', "more_body": True}]

    sent = await exchange(service.app, scope_of("POST", STORIES, TOKEN), chunks)

    assert (sent, service.upstream.requests, service.events.all) == ([], [], [])


# --- errors


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/nothing/v1/here.json", 404),
        ("/api/", 404),
        ("/gds/timereports/v1/x", 404),
        ("/api/messages/v3/x/rooms.csv", 404),
        ("/api/messages/v3/a%00b/rooms.json", 400),
        ("/api/messages/v3/a%FFb/rooms.json", 400),
        (ROOMS + "?q=%FF", 400),
    ],
)
async def test_front__unserved__has_the_legacy_form(service_over: ServiceOver, path: str, status: int) -> None:
    """Whatever is refused has the body with `error` and both headers; no token is needed to be told."""
    reply = await send(service_over([]).app, "GET", path)

    body = reply.json()
    assert (reply.status, body["error"]["status"], list(body)) == (status, status, ["server_time", "error"])
    assert reply.headers["x-upwork-error-code"] == str(status)
    assert reply.headers["x-upwork-error-message"] == body["error"]["message"]


@pytest.mark.parametrize("path", ["/", "/nothing", "/api", "/docs", "/openapi.json", "/favicon.ico"])
async def test_app__path_beside_the_api__has_the_legacy_form_too(service_over: ServiceOver, path: str) -> None:
    """What the framework refuses by itself reads the same."""
    reply = await send(service_over([]).app, "GET", path)

    assert (reply.status, reply.json()["error"]["code"], reply.headers["x-upwork-error-code"]) == (404, 404, "404")


async def test_app__another_method_of_health__has_the_legacy_form(service_over: ServiceOver) -> None:
    """405 of the framework as well."""
    reply = await send(service_over([]).app, "POST", "/healthz")

    assert (reply.status, reply.json()["error"]["status"]) == (405, 405)


async def test_front__fault_of_ours__is_500_without_a_word_of_it(service_over: ServiceOver) -> None:
    """A crash is the legacy error; what broke and where is in the log only."""
    service = service_over([LookupError("secret of ours at line 7")])

    reply = await send(service.app, "GET", ROOMS, TOKEN)

    assert (reply.status, reply.json()["error"]) == (500, {"status": 500, "code": 500, "message": "Internal error"})
    assert reply.headers["proxy-status"] == 'heirloom; error="X500"'
    assert [word for word in (b"secret", b"Traceback", b"LookupError", b".py") if word in reply.body] == []
    (told,) = service.events.of(RequestServed)
    assert (told.error_code, told.detail) == (InternalError.code, "LookupError")
    assert told.place.startswith("upstream.py:")
    assert "secret of ours" not in repr(told)


async def test_front__fault_in_the_xml_of_a_call__is_xml(service_over: ServiceOver) -> None:
    """Even a crash keeps the format that was asked for."""
    reply = await send(service_over([LookupError()]).app, "GET", ROOMS.replace(".json", ".xml"), TOKEN)

    assert (reply.status, reply.headers["content-type"]) == (500, "application/xml")
    assert b"<message>Internal error</message>" in reply.body


# --- what is told


async def test_front__request__is_told_once_without_its_values(service_over: ServiceOver) -> None:
    """One record a request: names, status, warnings; nothing that the caller sent."""
    service = service_over([EMPTY])

    await send(service.app, "GET", ROOMS + "?secretname=secretvalue", TOKEN | {"X-Request-Id": "mine-1"})

    (told,) = service.events.of(RequestServed)
    assert (told.request_id, told.endpoint, told.method, told.status, told.warnings, told.error_code) == (
        "mine-1",
        "messages/list_rooms",
        "GET",
        200,
        ("parameter '...' is not known to this call and was ignored",),
        "",
    )
    assert [word for word in ("secretname", "secretvalue", "oauth2v2") if word in repr(service.events.all)] == []


async def test_front__refused_request__is_told_with_its_code(service_over: ServiceOver) -> None:
    """A path that no call answers has no endpoint in its record."""
    service = service_over([])

    await send(service.app, "GET", "/api/nothing.json", TOKEN)

    (told,) = service.events.of(RequestServed)
    assert (told.endpoint, told.status, told.error_code) == ("", 404, "R404")


async def test_front__upstream_error__reaches_the_caller_without_the_upstreams_words(
    service_over: ServiceOver,
) -> None:
    """The upstream's own text may hold ids of others; it goes to the log's detail only."""
    said = {"errors": [{"message": "Exception occurred for user 1234567"}], "data": None}
    service = service_over([Answer(said)])

    reply = await send(service.app, "GET", ROOMS, TOKEN)

    (told,) = service.events.of(RequestServed)
    assert (b"1234567" in reply.body, "1234567" in told.detail) == (False, True)


# --- what else ASGI brings


async def test_front__path_without_raw_bytes__is_served(service_over: ServiceOver) -> None:
    """A server that gives no `raw_path` is served by the decoded path."""
    scope = scope_of("GET", ROOMS, TOKEN)
    del scope["raw_path"]

    start, _ = await exchange(service_over([EMPTY]).app, scope, [{"type": "http.request", "body": b""}])

    assert start["status"] == 200


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
async def test_front__another_kind_of_connection__goes_to_the_application_behind(settings: Settings, kind: str) -> None:
    """Only HTTP is answered here."""
    seen: list[Any] = []

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    assembly = Assembly(settings, None, None, None, None, None, None, None, None, None)  # type: ignore[arg-type]
    front = LegacyFront(behind, Routes([]), assembly, now=lambda: 0, clock=lambda: 0)

    await exchange(front, {"type": kind, "path": "/api/x"}, [])

    assert seen == [kind]
