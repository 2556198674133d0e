"""A request's body, as long as it may be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from app.errors import RequestError, TooLargeError


class GoneError(Exception):
    """The client went away before its request was whole; there is nobody to answer."""


async def read_body(
    headers: Mapping[str, str], receive: Callable[[], Awaitable[MutableMapping[str, Any]]], most: int
) -> bytes:
    """The whole body. Raises TooLargeError beyond `most` bytes, GoneError where the client went away.

    A compressed body is refused: how large it is shows only when it is too late.
    """
    if headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise RequestError("A compressed body is not taken", status=415)
    declared = headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > most:
        raise TooLargeError(f"The body is larger than {most} bytes")
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise TooLargeError(f"The body is larger than {most} bytes")
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)
