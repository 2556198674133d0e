"""Which call a path is, and what stands in its parts."""

from __future__ import annotations

import pytest

from app.compile.build import Built
from app.errors import MethodError, RequestError, UnavailableError, UnknownRouteError
from app.plan import KnownRoute, RoutePattern
from app.web.routes import Routes, split_path
from tests.unit.web.conftest import plan_at

ROUTES = Routes(
    [
        plan_at("rooms", "GET /api/m/{org}/rooms", "POST /api/m/{org}/rooms"),
        plan_at("room", "GET /api/m/{org}/rooms/{room}", "PUT /api/m/{org}/rooms/{room}"),
        plan_at("special", "GET /api/m/{org}/rooms/special"),
        plan_at("offer", "GET /api/m/{org}/rooms/offers/{offer}"),
        plan_at("stories", "GET /api/m/{org}/rooms/{room}/stories"),
        plan_at("mine", "GET /api/m/me/rooms"),
    ]
)


def found(method: str, path: bytes) -> tuple[str, dict[str, str]]:
    """The call and the parts of a path."""
    match = ROUTES.find(method, split_path(path)[0])
    return match.plan.id, match.parts


@pytest.mark.parametrize(
    ("method", "path", "call", "parts"),
    [
        ("GET", b"/api/m/o/rooms", "rooms", {"org": "o"}),
        ("POST", b"/api/m/o/rooms", "rooms", {"org": "o"}),
        ("GET", b"/api/m/o/rooms/r1", "room", {"org": "o", "room": "r1"}),
        ("PUT", b"/api/m/o/rooms/r1", "room", {"org": "o", "room": "r1"}),
        ("GET", b"/api/m/o/rooms/special", "special", {"org": "o"}),
        ("GET", b"/api/m/o/rooms/offers/5", "offer", {"org": "o", "offer": "5"}),
        ("GET", b"/api/m/o/rooms/r1/stories", "stories", {"org": "o", "room": "r1"}),
        ("GET", b"/api/m/o/rooms/offers/stories", "offer", {"org": "o", "offer": "stories"}),
        ("GET", b"/api/m/me/rooms", "mine", {}),
        ("GET", b"/api/m/me/rooms/r1", "room", {"org": "me", "room": "r1"}),
    ],
)
def test_find__path__is_its_call(method: str, path: bytes, call: str, parts: dict[str, str]) -> None:
    """A literal segment beats a part at the earliest place where they differ; where it leads nowhere, the part does."""
    assert found(method, path) == (call, parts)


@pytest.mark.parametrize(
    ("method", "path", "call"),
    [("PUT", b"/api/m/o/rooms/special", "room"), ("POST", b"/api/m/me/rooms", "rooms")],
)
def test_find__literal_without_the_method__falls_back_to_the_part(method: str, path: bytes, call: str) -> None:
    """A literal route that takes another method does not hide the one that takes this."""
    assert found(method, path)[0] == call


@pytest.mark.parametrize(
    "path", [b"/", b"/api", b"/api/m/o", b"/api/m//rooms", b"/api/m/o/rooms/r1/x", b"/API/m/o/rooms"]
)
def test_find__no_route__is_unknown(path: bytes) -> None:
    """An empty part is no part, and letter case matters."""
    with pytest.raises(UnknownRouteError):
        found("GET", path)


@pytest.mark.parametrize("path", [b"/api/m/o/rooms/r1/", b"//api/m/o/rooms/r1", b"/api/m/o/rooms/r1.json/"])
def test_find__slashes_around__do_not_matter(path: bytes) -> None:
    """Clients that end a path with a slash, or glue a base address to it with two, are served."""
    assert found("GET", path) == ("room", {"org": "o", "room": "r1"})


def test_find__another_method__names_those_served() -> None:
    """405 says which methods the path takes."""
    with pytest.raises(MethodError, match="Method DELETE is not served here; use GET, PUT"):
        found("DELETE", b"/api/m/o/rooms/r1")


@pytest.mark.parametrize(
    ("path", "segments", "form"),
    [
        (b"/a/b.json", ["a", "b"], "json"),
        (b"/a/b.xml", ["a", "b"], "xml"),
        (b"/a/b.JSON", ["a", "b"], "json"),
        (b"/a/b.Xml", ["a", "b"], "xml"),
        (b"/a/b", ["a", "b"], "json"),
        (b"/a/b?x=1.xml", ["a", "b"], "json"),
        (b"/a/b.json?x=1", ["a", "b"], "json"),
        (b"/a/b.json/", ["a", "b"], "json"),
        (b"/a/b.c.json", ["a", "b.c"], "json"),
        (b"/a/b.1", ["a", "b.1"], "json"),
        (b"/a/john.longname", ["a", "john.longname"], "json"),
        (b"/a.json/b", ["a.json", "b"], "json"),
        (b"/a/b%2Ejson", ["a", "b.json"], "json"),
    ],
)
def test_split_path__suffix__is_the_format(path: bytes, segments: list[str], form: str) -> None:
    """`.json`, `.xml` or none; only the last dot of the last segment counts, and only when it was not encoded."""
    assert split_path(path) == (tuple(segments), form)


@pytest.mark.parametrize("path", [b"/a/b.csv", b"/a/b.html", b"/a/b.js"])
def test_split_path__another_suffix__is_no_route(path: bytes) -> None:
    """A format that the legacy API had not is told, and not taken for a part of a name."""
    with pytest.raises(UnknownRouteError, match=r"use \.json, \.xml or none"):
        split_path(path)


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        (b"/LP%2F12/c", ["LP/12", "c"]),
        (b"/%7E01ab/c", ["~01ab", "c"]),
        (b"/~01ab/c", ["~01ab", "c"]),
        (b"/a%3Bb;c/d", ["a;b;c", "d"]),
        (b"/caf%C3%A9/d", ["café", "d"]),
        ("/café/d".encode(), ["café", "d"]),
        (b"/a%252Fb", ["a%2Fb"]),
        (b"/a+b", ["a+b"]),
        (b"/%/d", ["%", "d"]),
    ],
)
def test_split_path__encoded__is_decoded_after_the_cut(path: bytes, segments: list[str]) -> None:
    """An encoded slash stays data; nothing is decoded twice."""
    assert split_path(path)[0] == tuple(segments)


@pytest.mark.parametrize(
    "path",
    [
        b"/api/../etc",
        b"/api/./x",
        b"/api/%2e%2e/x",
        b"/api/%2E./x",
        b"/api/x/...json",
        b"/a%2F..%2Fb/c",
        b"/a%2f%2e%2e/c",
        b"/a%5C..%5Cb/c",
        b"/a\\..\\b",
        b"/%2Fetc%2Fpasswd/c",
        b"/a%2F%2Fb/c",
        b"/..%2F..%2Fetc/d",
        b"/x/y%2F",
    ],
)
def test_split_path__that_leads_elsewhere__is_refused(path: bytes) -> None:
    """No value of a path climbs out of its place, wherever it is put in later."""
    with pytest.raises(RequestError, match="leads elsewhere"):
        split_path(path)


@pytest.mark.parametrize("path", [b"/a%00b", b"/a%0D%0Ab", b"/a%7F", b"/a%1Fb/c", b"/a\x01"])
def test_split_path__control_characters__are_refused(path: bytes) -> None:
    """No path brings a line break into a header or a log."""
    with pytest.raises(RequestError, match="control characters"):
        split_path(path)


@pytest.mark.parametrize("path", [b"/a%FF", b"/\xff", b"/caf%E9/x", b"/%ED%A0%80"])
def test_split_path__invalid_utf8__is_refused(path: bytes) -> None:
    """What is no text is told."""
    with pytest.raises(RequestError, match="not valid UTF-8"):
        split_path(path)


KNOWN = [
    KnownRoute(RoutePattern("PUT", ("api", "contracts", "{id}", "suspend")), "known, not bridged"),
    KnownRoute(RoutePattern("PUT", ("api", "rooms", "{id}")), "known as a write"),
]


def test_routes__known_and_not_bridged__says_why(built: Built) -> None:
    """A path that clients know gets its reason; another method of it, and what is not known, are no routes."""
    routes = Routes(built.plans.calls.values(), KNOWN)

    with pytest.raises(UnavailableError, match="known, not bridged"):
        routes.find("PUT", ("api", "contracts", "7", "suspend"))
    with pytest.raises(UnknownRouteError):
        routes.find("GET", ("api", "contracts", "7", "suspend"))
    with pytest.raises(UnknownRouteError):
        routes.find("PUT", ("api", "contracts", "7"))


def test_routes__of_the_product__each_lead_to_their_call(built: Built) -> None:
    """Every route of every mapping is found, with whatever its parts hold."""
    routes = Routes(built.plans.calls.values())

    for plan in built.plans.calls.values():
        for pattern in plan.routes:
            segments = [f"{{{n}}}" if text.startswith("{") else text for n, text in enumerate(pattern.segments)]
            match = routes.find(pattern.method, tuple(segments))
            assert (match.plan.id, len(match.parts)) == (plan.id, sum(text.startswith("{") for text in segments))
