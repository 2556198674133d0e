"""An ASGI application called as a server calls it: path and query in raw bytes, bodies in chunks, answers whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson

from app.web.legacy import App

Message = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a client sees; names of headers in lower case, a header sent twice with both values."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body read as JSON."""
        return orjson.loads(self.body)


async def send(
    app: App, method: str, target: str | bytes, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Reply:
    """Send one request and wait for the whole answer. `target` is path and query as they stand on the wire."""
    sent = await exchange(app, scope_of(method, target, headers), [{"type": "http.request", "body": body}])
    start, *chunks = sent
    found: dict[str, str] = {}
    for name, value in start["headers"]:
        key = name.decode("latin-1").lower()
        found[key] = f"{found[key]}, {value.decode('latin-1')}" if key in found else value.decode("latin-1")
    return Reply(start["status"], found, b"".join(chunk.get("body", b"") for chunk in chunks))


async def exchange(app: App, scope: Message, messages: Iterable[Message]) -> list[Message]:
    """Everything that the application sends when it is brought these messages; a disconnect comes after the last."""
    waiting = iter(messages)
    sent: list[Message] = []

    async def receive() -> Message:
        return next(waiting, {"type": "http.disconnect"})

    async def collect(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, collect)
    return sent


def scope_of(method: str, target: str | bytes, headers: Mapping[str, str] | None = None) -> Message:
    """The scope of a request, as uvicorn makes it."""
    raw = target.encode() if isinstance(target, str) else target
    path, _, query = raw.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in (headers or {}).items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


@asynccontextmanager
async def running(app: App) -> AsyncIterator[None]:
    """The application between its start and its end, as a server tells it of them."""
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    outbox: asyncio.Queue[Message] = asyncio.Queue()
    task = asyncio.ensure_future(app({"type": "lifespan", "asgi": {"version": "3.0"}}, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        assert (await outbox.get())["type"] == "lifespan.shutdown.complete"
        await task
