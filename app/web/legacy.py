"""The legacy front: a thin ASGI callable before the application that answers API calls itself.

No framework stands between a call and its plan. Everything that is not an API path goes on to the application behind.
"""

from __future__ import annotations

import asyncio
import re
import traceback
import uuid
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from app.access.admission import Presented
from app.errors import InternalError, MethodError, ProxyError, UpstreamTimeoutError
from app.events import RequestServed
from app.message import LegacyRequest
from app.run.assembly import Assembly
from app.web.bodies import GoneError, read_body
from app.web.params import overridden_method, read_params, without_noise
from app.web.replies import Rendered, render_error, render_reply
from app.web.routes import Format, Routes, split_path

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LEGACY_PATHS = ("/api/", "/gds/")
REQUEST_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE"})


@dataclass(slots=True)
class _Call:
    """What is known of a request so far, for its answer and its log line."""

    request_id: str
    method: str
    came: float
    form: Format = "json"
    endpoint: str = ""
    warnings: int = 0
    error: ProxyError | None = None
    place: str = ""


class LegacyFront:
    """Answers legacy calls; `now` is epoch seconds, `clock` monotonic ones.

    `beside` are paths that lie among those of the calls, and are the application's.
    """

    def __init__(
        self,
        app: App,
        routes: Routes,
        assembly: Assembly,
        *,
        beside: Iterable[str] = (),
        now: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._app = app
        self._routes = routes
        self._beside = frozenset(beside)
        self._proxy = assembly.proxy
        self._observer = assembly.observer
        self._now = now
        self._clock = clock
        self._max_body_bytes = assembly.settings.max_body_bytes
        self._deadline_seconds = assembly.settings.deadline_seconds
        self._admit = assembly.admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or not scope["path"].startswith(LEGACY_PATHS) or scope["path"] in self._beside:
            await self._app(scope, receive, send)
            return
        started = self._clock()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        call = _Call(request_id(headers.get("x-request-id")), scope["method"], started)
        try:
            rendered = await self._answer(call, scope, headers, receive)
        except GoneError:
            return
        await self._send(call, rendered, send)
        self._observer(
            RequestServed(
                request_id=call.request_id,
                endpoint=call.endpoint,
                method=call.method,
                status=rendered.status,
                seconds=self._clock() - started,
                warnings=call.warnings,
                error_code=call.error.code if call.error else "",
                detail=call.error.detail if call.error else "",
                place=call.place,
            )
        )

    async def _answer(self, call: _Call, scope: Scope, headers: dict[str, str], receive: Receive) -> Rendered:
        """The reply, or the error, rendered; a fault of ours never shows more than that it was one."""
        try:
            return await self._serve(call, scope, headers, receive)
        except ProxyError as error:
            call.error = error
        except GoneError:
            raise
        except Exception as fault:
            # The last net: whatever broke, the caller gets the legacy form, and the log the place.
            call.error = InternalError("Internal error", detail=type(fault).__name__)
            call.place = _place(fault)
        return render_error(call.error, call.form, call.request_id, self._now)

    async def _serve(self, call: _Call, scope: Scope, headers: dict[str, str], receive: Receive) -> Rendered:
        raw_path = scope.get("raw_path") or scope["path"].encode()
        segments, call.form = split_path(raw_path)
        if call.method not in METHODS:
            raise MethodError(f"Method {call.method} is not served")
        body = await read_body(headers, receive, self._max_body_bytes)
        params = read_params(scope["query_string"], headers.get("content-type", ""), body)
        method = overridden_method("GET" if call.method == "HEAD" else call.method, params)
        found = self._routes.find(method, segments)
        call.endpoint = found.plan.id
        presented = Presented(call.method, scope["scheme"], raw_path, scope["query_string"], headers, body, params)
        try:
            async with asyncio.timeout(self._deadline_seconds):
                credential = await self._admit(presented)
        except TimeoutError as error:
            raise UpstreamTimeoutError("The credential could not be made ready in time") from error
        request = LegacyRequest(found.parts, without_noise(params), credential, call.request_id, call.came)
        reply = await self._proxy.serve(found.plan, request)
        call.warnings = len(reply.warnings)
        return render_reply(reply, call.form, call.request_id)

    @staticmethod
    async def _send(call: _Call, rendered: Rendered, send: Send) -> None:
        length = (b"Content-Length", str(len(rendered.body)).encode())
        headers = [*rendered.headers, length]
        await send({"type": "http.response.start", "status": rendered.status, "headers": headers})
        body = b"" if call.method == "HEAD" else rendered.body
        await send({"type": "http.response.body", "body": body})


def request_id(given: str | None) -> str:
    """The caller's id for its request where it is a plain word, or a new one."""
    return given if given and REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _place(fault: BaseException) -> str:
    """Where a fault of ours was raised; in generated code the line names the mapping."""
    frames = traceback.extract_tb(fault.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f"{last.filename.rpartition('/')[2]}:{last.lineno} {(last.line or '')[:200]}"
