"""Query and body to one flat bag of parameters, whatever form they came in. Source: legacy conventions, section 8."""

from __future__ import annotations

import re
from collections.abc import Iterable
from operator import methodcaller
from typing import Any, Final
from urllib.parse import parse_qsl

from python_multipart import create_form_parser
from python_multipart.multipart import MultipartState

from app.errors import RequestError
from app.strict_json import BadJson, check, read_json

METHOD = "http_method"
OVERRIDES = {"put": "PUT", "delete": "DELETE", "get": "GET", "post": "POST"}
#: what SDKs send beside a call's own parameters
NOISE = frozenset({METHOD, "perf", "tqx", "access_token"})
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


#: what signatures and SDKs may repeat without a word that is lost
REPEATABLE = frozenset({"perf", "tqx"})
#: how many parameters a request may have where nobody says
MOST: Final = 500
#: what parse_qsl would leave as it is
PLAIN = re.compile(rb"[A-Za-z0-9_.~=&;:,@/*-]*")
BOM = b"\xef\xbb\xbf"


def read_params(query: bytes, content_type: str, body: bytes, most: int = MOST) -> dict[str, Any]:
    """All parameters by name, those of the body winning. Raises RequestError.

    A parameter that stands twice in one place is refused: either value may be the one that is meant. More than `most`
    are refused too.
    """
    params: dict[str, Any] = _pairs(_unglued(query), most) if query else {}
    if body:
        params |= read_body(content_type, body, most)
    return params


def without_noise(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters that belong to the call."""
    if NOISE.isdisjoint(params) and not any(map(_is_oauth, params)):
        return params
    return {name: value for name, value in params.items() if name not in NOISE and not name.startswith("oauth_")}


_is_oauth = methodcaller("startswith", "oauth_")


def overridden_method(method: str, params: dict[str, Any]) -> str:
    """The method that is meant: `http_method` turns a POST into a PUT or DELETE.

    Raises RequestError for another word: a POST that was meant as something else must not create anything.
    """
    asked = params.get(METHOD)
    if method != "POST" or asked is None or asked == "":
        return method
    meant = OVERRIDES.get(asked.lower()) if isinstance(asked, str) else None
    if meant is None:
        raise RequestError(f"Parameter '{METHOD}' must be put or delete")
    return meant


def read_body(content_type: str, body: bytes, most: int = MOST) -> dict[str, Any]:
    """The parameters of a body: JSON, urlencoded or multipart; none of an empty one."""
    if not body.strip():
        return {}
    kind = content_type.partition(";")[0].strip().lower()
    if kind == FORM:
        return _pairs(body, most)
    if kind == "multipart/form-data":
        return _multipart(content_type, body, most)
    if kind in {JSON, "text/json", ""} or body.lstrip()[:1] in {b"{", b"["}:
        return _json(content_type, body, most)
    return _pairs(body, most)


def _unglued(query: bytes) -> bytes:
    """One SDK puts `perf=1` before the first parameter without a separator."""
    return query[len(b"perf=1") :] if query.startswith(b"perf=1") and query[6:7] not in {b"", b"&"} else query


def _pairs(text: bytes, most: int) -> dict[str, Any]:
    if text.count(b"&") >= most:
        raise _too_many(most)
    if PLAIN.fullmatch(text) is not None:
        # Nothing in it is encoded, as in most queries.
        pieces = [piece.partition("=") for piece in text.decode("ascii").split("&") if piece]
        plain = {name: value for name, _, value in pieces}
        return plain if len(plain) == len(pieces) else _once([(name, value) for name, _, value in pieces], most)
    try:
        found = parse_qsl(text.decode("utf-8"), keep_blank_values=True, errors="strict", separator="&")
    except (UnicodeDecodeError, ValueError) as error:
        raise RequestError("The parameters are not valid UTF-8") from error
    return _once(found, most)


def _once(pairs: Iterable[tuple[str, str]], most: int) -> dict[str, Any]:
    """Parameters by name; one that is given twice is refused, and so is what no text may hold."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found and name not in REPEATABLE and not name.startswith("oauth_"):
            raise RequestError(f"Parameter '{name[:60]}' is given twice")
        found[name] = value
    if len(found) > most:
        raise _too_many(most)
    try:
        check(found)
    except BadJson as problem:
        raise RequestError(f"A parameter {problem}") from problem
    return found


def _too_many(most: int) -> RequestError:
    return RequestError(f"A request may have {most} parameters at most")


def _json(content_type: str, body: bytes, most: int) -> dict[str, Any]:
    try:
        text = body.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        if "utf-8" in content_type.lower():
            # Who names the charset means it.
            raise RequestError("The body is not valid UTF-8") from error
        # One SDK says JSON and sends Latin-1.
        text = body.decode("latin-1")
    try:
        found = read_json(text)
    except BadJson as problem:
        raise RequestError(f"The body {problem}") from problem
    if not isinstance(found, dict):
        raise RequestError("The body must be a JSON object")
    if len(found) > most:
        raise _too_many(most)
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    """Numbers and booleans of JSON stand for their text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _multipart(content_type: str, body: bytes, most: int) -> dict[str, Any]:
    found: list[tuple[str, str]] = []

    def on_field(field: Any) -> None:
        if len(found) >= most:
            raise _too_many(most)
        try:
            found.append(((field.field_name or b"").decode(), (field.value or b"").decode()))
        except UnicodeDecodeError as error:
            raise RequestError("The parameters are not valid UTF-8") from error

    def on_file(file: Any) -> None:
        raise RequestError("Files are not taken")

    try:
        parser = create_form_parser({"Content-Type": content_type.encode()}, on_field, on_file)
        parser.write(body)
        parser.finalize()
        # A body that was cut off is read without a word: what came would be taken for all there is.
        is_whole = getattr(parser.parser, "state", None) == MultipartState.END
    except RequestError:
        raise
    except Exception as error:
        raise RequestError("The multipart body cannot be read") from error
    if not is_whole:
        raise RequestError("The multipart body cannot be read")
    return _once(found, most)
