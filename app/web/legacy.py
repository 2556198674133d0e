"""The legacy front: answers API calls itself, before the application behind it.

No framework stands between a call and its plan. The server's own connections bring requests as they come (`begin`,
`respond`); any other server brings them by ASGI, with everything that is not an API path, which goes on.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, MutableMapping
from secrets import token_hex
from typing import Any, Protocol

from msgspec import Struct, structs

from app.access.admission import Presented
from app.errors import InternalError, MethodError, ProxyError, RequestError, StoppingError, UpstreamTimeoutError
from app.events import RequestServed
from app.message import Credential, LegacyReply, LegacyRequest, Made
from app.plan import Plan
from app.run.assembly import Assembly
from app.run.cache import Named
from app.run.faults import unknown_outcome
from app.run.flights import LeftError
from app.web.bodies import GoneError, read_body
from app.web.incoming import Head, Incoming, head_of
from app.web.params import overridden_method, read_params, without_noise
from app.web.recognised import Remembered
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
RAW_LEGACY_PATHS = tuple(path.encode() for path in LEGACY_PATHS)
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


class _Call(Struct):
    """What is known of a request so far, for its answer and its log line."""

    request_id: str
    method: str
    came: float
    wants_problem: bool
    form: Format = "json"
    plan: Plan | None = None
    endpoint: str = ""
    warnings: tuple[str, ...] = ()
    error: ProxyError | None = None
    place: str = ""


class _Recognised(Struct, frozen=True):
    """What a read asks for, and of whom, by what it says: the same whenever the same bytes come."""

    plan: Plan
    form: Format
    parts: Mapping[str, str]
    params: Mapping[str, Any]
    credential: Credential
    callback: str
    wants_fresh: bool
    #: where its answer is kept, where it is
    named: Named | None = None
    #: what is made of its words, once it came again
    made: Made | None = None


class Exchange(Protocol):
    """A request on one of the server's own connections, and the way of its answer."""

    incoming: Incoming
    #: whether nobody waits for an answer any more
    disconnected: bool

    @property
    def is_stopping(self) -> bool:
        """Whether the server begins nothing new."""
        ...

    def can_answer(self) -> bool:
        """Whether an answer can be sent now: the client takes what it is sent."""
        ...

    async def until_it_can(self) -> None:
        """Until then."""
        ...

    def answer(self, rendered: Rendered, remaining: int | None) -> None:
        """Send the whole answer; `remaining` requests are left of the day."""
        ...

    def start(self, responding: Awaitable[None]) -> None:
        """Go on in a task of its own."""
        ...


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
        self._beside_raw = frozenset(path.encode() for path in self._beside)
        self._proxy = assembly.proxy
        self._observer = assembly.observer
        self._now = now
        self._clock = clock
        self._max_body_bytes = assembly.settings.max_body_bytes
        self._max_params = assembly.settings.max_params
        self._deadline_seconds = assembly.settings.deadline_seconds
        self._admit = assembly.admit
        budget = assembly.budget
        #: what tells how many requests are left of the day, where it has a limit
        self._budget = budget if budget is not None and budget.limits.day else None
        self._remembered: Remembered[_Recognised] = Remembered()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or not is_legacy(scope["path"]) or scope["path"] in self._beside:
            await self._app(scope, receive, send)
            return
        path = scope.get("raw_path") or scope["path"].encode()
        head = head_of(list(scope["headers"]))
        incoming = Incoming(scope["method"], scope["scheme"], path, scope["query_string"], head, receive)
        call = self._call(incoming)
        try:
            rendered = await self._answer(call, incoming)
        except GoneError:
            return
        headers, remaining = list(rendered.headers), self._remaining()
        if rendered.status != 304:
            headers.append((b"Content-Length", b"%d" % rendered.size))
        if remaining is not None:
            headers.append((BUDGET, b"%d" % remaining))
        await send({"type": "http.response.start", "status": rendered.status, "headers": headers})
        body = b"" if call.method == "HEAD" else rendered.body
        await send({"type": "http.response.body", "body": body})
        self._tell(call, rendered.status)

    # --- the server's own connections

    def takes(self, path: bytes) -> bool:
        """Whether a path, as it was sent, is surely that of an API call: `begin` and `respond` may serve it."""
        return path.startswith(RAW_LEGACY_PATHS) and b"%" not in path and path not in self._beside_raw

    def begin(self, exchange: Exchange) -> bool:
        """Answer at once, or with an equal request that is on its way; False where `respond` has to do it.

        Only requests that came before, byte for byte, and that are answered from what is kept or shared, are.
        """
        incoming = exchange.incoming
        block = incoming.head.block
        found = None if block is None else self._remembered.find((incoming.path, incoming.query, block))
        if found is None or not exchange.can_answer():
            return False
        call = self._call(incoming)
        call.plan, call.form, call.endpoint = found.plan, found.form, found.plan.id
        request = self._request(call, found)
        try:
            if found.named is None:
                is_answered = self._proxy.join(found.plan, request, _Joined(self, exchange, call, found))
            else:
                reply = self._proxy.kept(found.plan, request, found.named)
                is_answered = reply is not None
                if reply is not None:
                    self.end(exchange, call, self._rendered(call, reply, found.callback, incoming.head))
        except ProxyError:
            # Refused: told where every refusal is.
            return False
        if not is_answered:
            exchange.start(self.respond(exchange, call, found, request))
        return True

    def respond(
        self,
        exchange: Exchange,
        call: _Call | None = None,
        found: _Recognised | None = None,
        request: LegacyRequest | None = None,
    ) -> Coroutine[Any, Any, None]:
        """Answer a request that came now, or of which something is known already."""
        return self._respond(exchange, call or self._call(exchange.incoming), found, request)

    async def _respond(
        self, exchange: Exchange, call: _Call, found: _Recognised | None, request: LegacyRequest | None
    ) -> None:
        try:
            rendered = await self._answer(call, exchange.incoming, found, request)
        except GoneError:
            return
        if not exchange.can_answer():
            await exchange.until_it_can()
        self.end(exchange, call, rendered)

    def end(self, exchange: Exchange, call: _Call, rendered: Rendered) -> None:
        """Send an answer and tell of it."""
        if not exchange.disconnected:
            exchange.answer(rendered, self._remaining())
        self._tell(call, rendered.status)

    def joined(self, exchange: Exchange, call: _Call, found: _Recognised, reply: LegacyReply | Exception) -> None:
        """Answer as the equal request was that this one waited for; anew where that was given up or had less time."""
        if isinstance(reply, LeftError) and exchange.is_stopping:
            reply = StoppingError("The service is being restarted")
        is_in_time = self._clock() < call.came + self._deadline_seconds
        if isinstance(reply, LeftError) or (isinstance(reply, UpstreamTimeoutError) and is_in_time):
            exchange.start(self.respond(exchange, call, found))
            return
        rendered = self._outcome(exchange, call, found, reply)
        if exchange.can_answer():
            self.end(exchange, call, rendered)
        else:
            exchange.start(self._end_later(exchange, call, rendered))

    def _outcome(self, exchange: Exchange, call: _Call, found: _Recognised, reply: LegacyReply | Exception) -> Rendered:
        if isinstance(reply, Exception):
            return self._failed(call, reply)
        try:
            return self._rendered(call, reply, found.callback, exchange.incoming.head)
        except Exception as error:
            return self._failed(call, error)

    async def _end_later(self, exchange: Exchange, call: _Call, rendered: Rendered) -> None:
        await exchange.until_it_can()
        self.end(exchange, call, rendered)

    # --- a request

    def _call(self, incoming: Incoming) -> _Call:
        named = incoming.head.named
        accept = named.get("accept")
        made = request_id(named.get("x-request-id"))
        return _Call(made, incoming.method, self._clock(), accept is not None and wants_problem(accept))

    async def _answer(
        self,
        call: _Call,
        incoming: Incoming,
        found: _Recognised | None = None,
        request: LegacyRequest | None = None,
    ) -> Rendered:
        """The reply, or the error, rendered; a fault of ours never shows more than that it was one."""
        try:
            if found is None:
                found, request = await self._recognise(call, incoming)
            if found is None:
                return render_allowed(self._allowed(incoming), call.form, call.request_id)
            reply = await self._proxy.serve(found.plan, request or self._request(call, found))
            return self._rendered(call, reply, found.callback, incoming.head)
        except GoneError:
            raise
        except asyncio.CancelledError:
            # The server stops and waits no longer. How far a write came cannot be told here: it may have arrived.
            is_write = call.plan is not None and call.plan.writes
            return self._failed(
                call, unknown_outcome("stopped") if is_write else StoppingError("The service is being restarted")
            )
        except Exception as error:
            return self._failed(call, error)

    def _failed(self, call: _Call, error: Exception) -> Rendered:
        """An error, rendered."""
        if not isinstance(error, ProxyError):
            # The last net: whatever broke, the caller gets the legacy form, and the log the place.
            call.place = _place(error)
            error = InternalError("Internal error", detail=type(error).__name__)
        call.error = error
        return render_error(error, call.form, call.request_id, self._now, problem=call.wants_problem)

    def _allowed(self, incoming: Incoming) -> tuple[str, ...]:
        return self._routes.allowed(split_path(incoming.path)[0])

    async def _recognise(
        self, call: _Call, incoming: Incoming
    ) -> tuple[_Recognised, LegacyRequest] | tuple[None, None]:
        """What a request asks for, and of whom; nothing where it asks what it may."""
        head, path = incoming.head, incoming.path
        segments, call.form = split_path(path)
        if call.method not in METHODS:
            raise MethodError(f"Method {call.method} is not served", allowed=self._routes.allowed(segments))
        if call.method == "OPTIONS":
            return None, None
        named = head.named
        if not head.is_checked:
            check_single(head.raw)
            head.is_checked = True
        body = b"" if incoming.receive is None else await read_body(named, incoming.receive, self._max_body_bytes)
        params = read_params(incoming.query, named.get("content-type", ""), body, self._max_params)
        method = overridden_method("GET" if call.method == "HEAD" else call.method, params)
        at = self._routes.find(method, segments)
        plan = call.plan = at.plan
        call.endpoint = plan.id
        callback = _callback(plan, params, call.form) if plan.jsonp else ""
        credential = head.credential
        is_at_once = credential is not None
        if credential is None:
            presented = Presented(call.method, incoming.scheme, path, incoming.query, named, body, params)
            found = self._admit.at_once(presented)
            is_at_once = found is not None
            if found is not None and head.block is not None and "authorization" in named:
                # Nothing but that header says whose the requests are that have the same headers.
                head.credential = found
            credential = found or await self._admitted(presented)
        fresh = plan.cache is not None and wants_fresh(named)
        own = without_noise(params)
        request = LegacyRequest(
            at.parts, own, credential, call.request_id, call.came, named.get("idempotency-key"), fresh
        )
        recognised = _Recognised(plan, call.form, at.parts, own, credential, callback, fresh)
        if head.block is not None and is_at_once and not plan.writes:
            return self._remembering(incoming, recognised, request), request
        return recognised, request

    def _request(self, call: _Call, found: _Recognised) -> LegacyRequest:
        """A read that was recognised, as one of its own."""
        parts, params, credential = found.parts, found.params, found.credential
        return LegacyRequest(
            parts, params, credential, call.request_id, call.came, wants_fresh=found.wants_fresh, made=found.made
        )

    def _remembering(self, incoming: Incoming, found: _Recognised, request: LegacyRequest) -> _Recognised:
        """What a read asks for, remembered for when the same bytes come again."""
        said = (incoming.path, incoming.query, incoming.head.block or b"")
        if self._remembered.comes_again(said):
            named = None if found.wants_fresh else self._proxy.named(found.plan, request)
            if named is not None or found.plan.cache is None:
                found = structs.replace(found, named=named, made=Made())
                self._remembered.put(said, found)
        return found

    def _rendered(self, call: _Call, reply: LegacyReply, callback: str, head: Head) -> Rendered:
        """A reply as this request wants it."""
        if reply.warnings:
            call.warnings = tuple(QUOTED.sub("'...'", warning) for warning in reply.warnings)
        if callback:
            return render_script(reply, callback, call.request_id)
        if reply.tag and has_already(reply, call.form, head.named.get("if-none-match")):
            return render_unchanged(reply, call.form, call.request_id)
        return render_reply(reply, call.form, call.request_id)

    def _remaining(self) -> int | None:
        return None if self._budget is None else self._budget.remaining

    def _tell(self, call: _Call, status: int) -> None:
        error = call.error
        self._observer(
            RequestServed(
                call.request_id,
                call.endpoint,
                call.method,
                status,
                round(self._clock() - call.came, 6),
                call.warnings,
                error.code if error else "",
                error.detail if error else "",
                call.place,
            )
        )

    async def _admitted(self, presented: Presented) -> Credential:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._admit(presented)
        except TimeoutError as error:
            raise UpstreamTimeoutError("The credential could not be made ready in time") from error


class _Joined:
    """A request that waits for the reply to an equal one, and needs no task for it."""

    __slots__ = ("_call", "_exchange", "_found", "_front")

    def __init__(self, front: LegacyFront, exchange: Exchange, call: _Call, found: _Recognised) -> None:
        self._front = front
        self._exchange = exchange
        self._call = call
        self._found = found

    def done(self) -> bool:
        """Whether nobody waits any more."""
        return self._exchange.disconnected

    def set_result(self, reply: LegacyReply, /) -> None:
        """The reply came."""
        self._front.joined(self._exchange, self._call, self._found, reply)

    def set_exception(self, error: Exception, /) -> None:
        """It failed, or was given up."""
        self._front.joined(self._exchange, self._call, self._found, error)


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


#: ids of this process, and of no other
_PREFIX, _numbers = token_hex(10), itertools.count(1)


def request_id(given: str | None) -> str:
    """The caller's id for its request where it is a plain word, or a new one."""
    return given if given and REQUEST_ID.fullmatch(given) else f"{_PREFIX}{next(_numbers):012x}"


def _place(fault: BaseException) -> str:
    """Where a fault of ours was raised; in generated code the line names the mapping."""
    frames = traceback.extract_tb(fault.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f"{last.filename.rpartition('/')[2]}:{last.lineno} {(last.line or '')[:200]}"
