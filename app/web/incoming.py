"""A request as it came, whoever brought it: the server's own connections, or any server that speaks ASGI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from msgspec import Struct

from app.message import Credential

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
RawHeaders = list[tuple[bytes, bytes]]


class Head(Struct):
    """The headers of a request; names in lower case.

    `block` are their bytes as they came, where they are known: equal bytes mean the same, and what was found out of
    them once holds for all requests that have them.
    """

    raw: RawHeaders
    named: Mapping[str, str]
    block: bytes | None = None
    #: whether those that may stand once do
    is_checked: bool = False
    #: whose requests with these headers are, where nothing else is asked for it
    credential: Credential | None = None


def head_of(raw: RawHeaders, block: bytes | None = None) -> Head:
    """Headers by name."""
    return Head(raw, {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}, block)


class Incoming(Struct):
    """Method, path and query as they were sent; `receive` gives the body, and is None where there is none."""

    method: str
    scheme: str
    path: bytes
    query: bytes
    head: Head
    receive: Receive | None
