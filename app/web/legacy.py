"""The legacy front: a thin ASGI callable before the application that answers API calls itself.

No framework stands between a call and its plan. Everything that is not an API path goes on to the application behind.
"""

from __future__ import annotations

import asyncio
import re
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from app.access.admission import Presented
from app.errors import InternalError, MethodError, ProxyError, RequestError, StoppingError, UpstreamTimeoutError
from app.events import RequestServed
from app.message import Credential, LegacyRequest
from app.plan import Plan
from app.run.assembly import Assembly
from app.run.faults import unknown_outcome
from app.web.bodies import GoneError, read_body
from app.web.params import overridden_method, read_params, without_noise
from app.web.replies import (
    Rendered,
    has_already,
    is_safe_name,
    render_allowed,
    render_error,
    render_reply,
    render_script,
    render_unchanged,
    wants_problem,
)
from app.web.routes import Format, Routes, split_path

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LEGACY_PATHS = ("/api/", "/gds/")
REQUEST_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
#: names of parameters are the caller's words, which no log holds
QUOTED = re.compile(r"'.*'", re.DOTALL)
#: headers that mean one thing; two of them would leave open which
SINGLE = frozenset(
    {b"authorization", b"content-type", b"content-length", b"content-encoding", b"host", b"idempotency-key"}
)

#: how many requests the upstream allows today still
BUDGET = b"X-Heirloom-Budget-Remaining"


@dataclass(slots=True)
class _Call:
    """What is known of a request so far, for its answer and its log line."""

    request_id: str
    method: str
    came: float
    form: Format = "json"
    wants_problem: bool = False
    plan: Plan | None = None
    endpoint: str = ""
    warnings: tuple[str, ...] = ()
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
        self._max_params = assembly.settings.max_params
        self._deadline_seconds = assembly.settings.deadline_seconds
        self._admit = assembly.admit
        self._budget = assembly.budget

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or not is_legacy(scope["path"]) or scope["path"] in self._beside:
            await self._app(scope, receive, send)
            return
        started = self._clock()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        call = _Call(request_id(headers.get("x-request-id")), scope["method"], started)
        call.wants_problem = wants_problem(headers.get("accept"))
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
        except asyncio.CancelledError:
            # The server stops and waits no longer. How far a write came cannot be told here: it may have arrived.
            is_write = call.plan is not None and call.plan.writes
            call.error = unknown_outcome("stopped") if is_write else StoppingError("The service is being restarted")
        except Exception as fault:
            # The last net: whatever broke, the caller gets the legacy form, and the log the place.
            call.error = InternalError("Internal error", detail=type(fault).__name__)
            call.place = _place(fault)
        return render_error(call.error, call.form, call.request_id, self._now, problem=call.wants_problem)

    async def _serve(self, call: _Call, scope: Scope, headers: dict[str, str], receive: Receive) -> Rendered:
        raw_path = scope.get("raw_path") or scope["path"].encode()
        segments, call.form = split_path(raw_path)
        if call.method not in METHODS:
            raise MethodError(f"Method {call.method} is not served", allowed=self._routes.allowed(segments))
        if call.method == "OPTIONS":
            return render_allowed(self._routes.allowed(segments), call.form, call.request_id)
        check_single(scope["headers"])
        body = await read_body(headers, receive, self._max_body_bytes)
        params = read_params(scope["query_string"], headers.get("content-type", ""), body, self._max_params)
        method = overridden_method("GET" if call.method == "HEAD" else call.method, params)
        found = self._routes.find(method, segments)
        plan = call.plan = found.plan
        call.endpoint = plan.id
        callback = _callback(found.plan, params, call.form)
        presented = Presented(call.method, scope["scheme"], raw_path, scope["query_string"], headers, body, params)
        credential = self._admit.at_once(presented) or await self._admitted(presented)
        key = headers.get("idempotency-key")
        fresh = bool(plan.cache) and wants_fresh(headers)
        request = LegacyRequest(found.parts, without_noise(params), credential, call.request_id, call.came, key, fresh)
        reply = await self._proxy.serve(found.plan, request)
        call.warnings = tuple(QUOTED.sub("'...'", warning) for warning in reply.warnings)
        if callback:
            return render_script(reply, callback, call.request_id)
        if has_already(reply, call.form, headers.get("if-none-match")):
            return render_unchanged(reply, call.form, call.request_id)
        return render_reply(reply, call.form, call.request_id)

    async def _admitted(self, presented: Presented) -> Credential:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._admit(presented)
        except TimeoutError as error:
            raise UpstreamTimeoutError("The credential could not be made ready in time") from error

    async def _send(self, call: _Call, rendered: Rendered, send: Send) -> None:
        headers = list(rendered.headers)
        if rendered.status != 304:
            headers.append((b"Content-Length", str(len(rendered.body)).encode()))
        if self._budget is not None and self._budget.limits.day:
            headers.append((BUDGET, str(self._budget.remaining).encode()))
        await send({"type": "http.response.start", "status": rendered.status, "headers": headers})
        body = b"" if call.method == "HEAD" else rendered.body
        await send({"type": "http.response.body", "body": body})


def is_legacy(path: str) -> bool:
    """Whether a path is the API's; a client may glue a base address to it with two slashes."""
    return f"/{path.lstrip('/')}".startswith(LEGACY_PATHS)


def check_single(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Raises RequestError where a header that means one thing stands twice: the first may be what others went by."""
    names = [name for name, _ in headers if name in SINGLE]
    if len(names) != len(set(names)):
        raise RequestError("A header that can stand once is given twice")


def wants_fresh(headers: Mapping[str, str]) -> bool:
    """Whether a client will not have an answer that is kept."""
    words = {word.strip() for word in headers.get("cache-control", "").lower().split(",")}
    return not words.isdisjoint({"no-cache", "no-store", "max-age=0"}) or headers.get("pragma", "") == "no-cache"


def _callback(plan: Plan, params: Mapping[str, Any], form: Format) -> str:
    """The function that the answer is to be given to; none where the call has no such parameter, or it is empty."""
    name = params.get(plan.jsonp) if plan.jsonp else None
    if name is None or name == "":
        return ""
    if form != "json" or not isinstance(name, str) or not is_safe_name(name):
        raise RequestError(f"Parameter '{plan.jsonp}' must be the name of a JavaScript function, and the answer JSON")
    return name


def request_id(given: str | None) -> str:
    """The caller's id for its request where it is a plain word, or a new one."""
    return given if given and REQUEST_ID.fullmatch(given) else token_hex(16)


def _place(fault: BaseException) -> str:
    """Where a fault of ours was raised; in generated code the line names the mapping."""
    frames = traceback.extract_tb(fault.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f"{last.filename.rpartition('/')[2]}:{last.lineno} {(last.line or '')[:200]}"
