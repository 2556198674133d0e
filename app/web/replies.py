"""A reply or an error to bytes, in the format asked for. Source: legacy conventions, sections 1, 2 and 6."""

from __future__ import annotations

import http
import re
from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape

import orjson
from msgspec import Struct

from app.errors import MethodError, ProxyError
from app.message import LegacyReply
from app.web.routes import Format

#: the one word in `Accept` that changes anything: old clients send whatever their library does
PROBLEM = "application/problem+json"
WARNING = "X-Heirloom-Warning"
Headers = list[tuple[bytes, bytes]]
CONTENT_TYPES: dict[str, bytes] = {"json": b"application/json", "xml": b"application/xml"}
CALLBACK = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*", re.ASCII)
XML_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
XML_FORBIDDEN = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Rendered(Struct, frozen=True):
    """Status, headers and body as they go out; a large body in two parts, so that nobody has to put it together."""

    status: int
    headers: Headers
    start: bytes
    rest: bytes = b""

    @property
    def body(self) -> bytes:
        """All of it."""
        return self.start + self.rest

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.start) + len(self.rest)


def render_reply(reply: LegacyReply, form: Format, request_id: str) -> Rendered:
    """A success: always as the legacy API had it, with warnings in a header."""
    headers = _headers(form, request_id)
    if reply.warnings:
        headers.append((WARNING.encode(), header_text("; ".join(reply.warnings)).encode()))
    if reply.headers:
        headers += [(name.encode(), header_text(value).encode()) for name, value in reply.headers.items()]
    if reply.tag:
        headers += _freshness(reply, form)
        return Rendered(reply.status, headers, *_body(reply, form))
    body = reply.rendered.get(form)
    if body is None:
        body = reply.rendered[form] = _body(reply, form)
    return Rendered(reply.status, headers, *body)


def _body(reply: LegacyReply, form: Format) -> tuple[bytes, bytes]:
    """The body in two parts; ready members, which are most of it, are put behind their envelope as they are."""
    if reply.ready is None:
        return encode(reply.body, form), b""
    members = reply.ready.members
    if form != "json":
        return encode({**reply.envelope, **orjson.loads(b"{" + members)}, form), b""
    if not reply.envelope:
        return b"{", members
    begin = orjson.dumps(reply.envelope)
    return (begin, b"") if members == b"}" else (begin[:-1] + b",", members)


def render_unchanged(reply: LegacyReply, form: Format, request_id: str) -> Rendered:
    """What a client is told that has this answer already."""
    return Rendered(304, [*_headers(form, request_id)[1:], *_freshness(reply, form)], b"")


def has_already(reply: LegacyReply, form: Format, known: str | None) -> bool:
    """Whether `If-None-Match` names a kept answer."""
    if not reply.tag or known is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return known.strip() == "*" or _tag(reply, form).removeprefix("W/") in tags


def _tag(reply: LegacyReply, form: Format) -> str:
    # Weak: the time of the server stands in the body.
    return f'W/"{reply.tag}-{form}"'


def _freshness(reply: LegacyReply, form: Format) -> Headers:
    """Only the caller's own cache may keep it: it was answered to a credential."""
    return [
        (b"ETag", _tag(reply, form).encode()),
        (b"Cache-Control", b"private, max-age=%d" % reply.seconds),
        (b"Vary", b"Authorization"),
    ]


def render_script(reply: LegacyReply, callback: str, request_id: str) -> Rendered:
    """A success as a script that calls a function of the page (JSONP); `is_safe_name` has taken its name."""
    rendered = render_reply(reply, "json", request_id)
    # The two line ends of Unicode end a line in old JavaScript; the comment keeps the name from being the first bytes.
    text = rendered.body.replace("\u2028".encode(), b"\\u2028").replace("\u2029".encode(), b"\\u2029")
    headers = [
        (b"Content-Type", b"application/javascript"),
        *rendered.headers[1:],
        (b"X-Content-Type-Options", b"nosniff"),
    ]
    return Rendered(rendered.status, headers, b"/**/" + callback.encode() + b"(" + text + b");")


def is_safe_name(callback: str) -> bool:
    """Whether a text is a name that JavaScript can call, and nothing beside it."""
    return len(callback) <= 128 and CALLBACK.fullmatch(callback) is not None


def wants_problem(accept: str | None) -> bool:
    """Whether a caller asks for errors as RFC 9457 has them, by exactly that word."""
    return accept is not None and accept.strip().lower() == PROBLEM


def render_allowed(methods: Iterable[str], form: Format, request_id: str) -> Rendered:
    """What OPTIONS is told: the methods of a path."""
    names = allow(methods)
    headers = [*_headers(form, request_id), (b"Allow", ", ".join(names).encode())]
    return Rendered(200, headers, encode({"methods": names}, form))


def allow(methods: Iterable[str]) -> list[str]:
    """All methods of a path: HEAD is there where GET is, OPTIONS everywhere."""
    found = set(methods)
    return sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set()))


def render_error(
    error: ProxyError, form: Format, request_id: str, now: Callable[[], float], *, problem: bool = False
) -> Rendered:
    """A failure: the legacy body, and the two headers that some SDKs cannot do without.

    With `problem` the body is that of RFC 9457; the headers stay.
    """
    body: dict[str, Any] = {
        "server_time": int(now()),
        "error": {"status": error.status, "code": error.legacy_code, "message": error.message},
    }
    if problem:
        form, body = "json", _problem(error, request_id)
    headers = _headers(form, request_id)
    if problem:
        headers[0] = (b"Content-Type", PROBLEM.encode())
    text = header_text(error.message).encode()
    headers += [
        (b"X-Upwork-Error-Code", str(error.legacy_code).encode()),
        (b"X-Upwork-Error-Message", text),
        (b"Proxy-Status", f'heirloom; error="{error.code}"'.encode()),
        (b"Cache-Control", b"no-store"),
    ]
    if isinstance(error, MethodError):
        headers.append((b"Allow", ", ".join(allow(error.allowed)).encode()))
    if error.is_replayed:
        headers.append((b"Idempotency-Replayed", b"true"))
    if error.retry_after_seconds is not None:
        headers.append((b"Retry-After", str(error.retry_after_seconds).encode()))
    return Rendered(error.status, headers, encode(body, form))


def _problem(error: ProxyError, request_id: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": http.HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.message,
        "code": error.code,
        "request_id": request_id,
    }


def _headers(form: Format, request_id: str) -> Headers:
    # No charset: one SDK compares the whole value.
    return [(b"Content-Type", CONTENT_TYPES[form]), (b"X-Request-Id", request_id.encode())]


def header_text(text: str) -> str:
    """A text that can stand in a header: one line of ASCII, without the two characters that an SDK pastes into JSON."""
    plain = text.replace('"', "'").replace("\\", "/")
    return "".join(letter if " " <= letter <= "~" else "?" for letter in plain)[:1000]


def encode(body: dict[str, Any], form: Format) -> bytes:
    """The body as JSON, or as XML with the same members below `<response>`."""
    if form == "json":
        return orjson.dumps(body)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + _element("response", body).encode()


def _member(name: str, value: Any) -> str:
    """One member; a list is the member repeated, as it was where JSON was made from XML."""
    return "".join(_element(name, item) for item in value) if isinstance(value, list) else _element(name, value)


def _element(name: str, value: Any) -> str:
    tag, attribute = (name, "") if XML_NAME.fullmatch(name) else ("item", f' key="{_text(name, quote=True)}"')
    if isinstance(value, dict):
        inner = "".join(_member(member, below) for member, below in value.items())
    elif isinstance(value, list):
        inner = "".join(_element("item", item) for item in value)
    else:
        inner = _text(_scalar(value))
    return f"<{tag}{attribute}>{inner}</{tag}>"


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _text(text: str, *, quote: bool = False) -> str:
    clean = XML_FORBIDDEN.sub("\ufffd", text)
    return escape(clean, {'"': "&quot;"}) if quote else escape(clean)
