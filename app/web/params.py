"""Query and body to one flat bag of parameters, whatever form they came in. Source: legacy conventions, section 8."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import orjson
from python_multipart import create_form_parser

from app.errors import RequestError

METHOD = "http_method"
OVERRIDES = {"put": "PUT", "delete": "DELETE", "get": "GET", "post": "POST"}
#: what SDKs send beside a call's own parameters
NOISE = frozenset({METHOD, "perf", "tqx", "access_token"})
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def read_params(query: bytes, content_type: str, body: bytes) -> dict[str, Any]:
    """All parameters by name, those of the body winning; noise and `oauth_*` left out. Raises RequestError."""
    params: dict[str, Any] = _pairs(_unglued(query))
    params |= read_body(content_type, body)
    return params


def without_noise(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters that belong to the call."""
    return {name: value for name, value in params.items() if name not in NOISE and not name.startswith("oauth_")}


def overridden_method(method: str, params: dict[str, Any]) -> str:
    """The method that is meant: `http_method` turns a POST into a PUT or DELETE."""
    asked = params.get(METHOD)
    if method != "POST" or not isinstance(asked, str):
        return method
    return OVERRIDES.get(asked.lower(), method)


def read_body(content_type: str, body: bytes) -> dict[str, Any]:
    """The parameters of a body: JSON, urlencoded or multipart; none of an empty one."""
    if not body.strip():
        return {}
    kind = content_type.partition(";")[0].strip().lower()
    if kind == FORM:
        return _pairs(body)
    if kind == "multipart/form-data":
        return _multipart(content_type, body)
    if kind in {JSON, "text/json", ""} or body.lstrip()[:1] in {b"{", b"["}:
        return _json(body)
    return _pairs(body)


def _unglued(query: bytes) -> bytes:
    """One SDK puts `perf=1` before the first parameter without a separator."""
    return query[len(b"perf=1") :] if query.startswith(b"perf=1") and query[6:7] not in {b"", b"&"} else query


def _pairs(text: bytes) -> dict[str, Any]:
    try:
        decoded = text.decode("ascii")
        return dict(parse_qsl(decoded, keep_blank_values=True, errors="strict", separator="&"))
    except (UnicodeDecodeError, ValueError):
        try:
            return dict(parse_qsl(text.decode("utf-8"), keep_blank_values=True, errors="strict", separator="&"))
        except (UnicodeDecodeError, ValueError) as error:
            raise RequestError("The parameters are not valid UTF-8") from error


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            # One SDK says JSON and sends Latin-1.
            found = orjson.loads(body.decode("latin-1"))
        except orjson.JSONDecodeError as error:
            raise RequestError("The body is not well-formed JSON") from error
    if not isinstance(found, dict):
        raise RequestError("The body must be a JSON object")
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    """Numbers and booleans of JSON stand for their text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _multipart(content_type: str, body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def on_field(field: Any) -> None:
        found[(field.field_name or b"").decode("utf-8", "replace")] = (field.value or b"").decode("utf-8", "replace")

    def on_file(file: Any) -> None:
        raise RequestError("Files are not taken")

    try:
        parser = create_form_parser({"Content-Type": content_type.encode()}, on_field, on_file)
        parser.write(body)
        parser.finalize()
    except RequestError:
        raise
    except Exception as error:
        raise RequestError("The multipart body cannot be read") from error
    return found
