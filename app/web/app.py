"""The stack in order: the legacy front, and behind it the application for what people operate."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache, partial
from random import Random

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from app.errors import InternalError, MethodError, ProxyError, RequestError, UnknownRouteError
from app.openapi import openapi
from app.run.assembly import Assembly
from app.web.connect import Pages, connect_routes
from app.web.health import health_routes, metrics_routes
from app.web.legacy import App, LegacyFront, request_id
from app.web.oauth1 import TOKEN_PATHS, oauth1_routes, sent_back
from app.web.oauth2 import TOKEN_PATH, oauth2_routes
from app.web.replies import render_error, wants_problem
from app.web.routes import Routes


def create_app(assembly: Assembly) -> App:
    """The whole service as one ASGI application."""
    ready: list[bool] = []
    access = assembly.access

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        ready.append(True)
        keeping = asyncio.create_task(access.keeper.run(Random())) if access else None  # noqa: S311 - no secret
        yield
        ready.clear()
        if keeping is not None:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        await assembly.close()

    app = FastAPI(title="Heirloom", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    # A redirect turns a POST into a GET in half of the clients.
    app.router.redirect_slashes = False
    needs_store = "passthrough" not in assembly.settings.auth
    calls = len(assembly.plans.calls)
    app.include_router(health_routes(lambda: bool(ready), calls, access, assembly.budget, needs_store=needs_store))
    if assembly.settings.metrics:
        app.include_router(metrics_routes(assembly.exposition, access))
    _include_oauth2(app, assembly)
    described = cache(lambda: JSONResponse(openapi(assembly.plans)).body)

    @app.get("/heirloom/openapi.json")
    async def description() -> Response:
        """The legacy API as it is served, as OpenAPI 3.1; made for the first who asks."""
        return Response(described(), media_type="application/json")

    if access is not None:
        public_url = str(assembly.settings.public_url) if assembly.settings.public_url else None
        pages = Pages(assembly.settings.templates)
        three_legged, most = access.three_legged, assembly.settings.max_body_bytes
        app.include_router(connect_routes(access.connecting, partial(sent_back, three_legged), pages, public_url))
        if "oauth1" in assembly.settings.auth:
            app.include_router(oauth1_routes(three_legged, pages, public_url, most))
    _answer_errors_as_legacy(app)
    return LegacyFront(
        app,
        Routes(assembly.plans.calls.values(), assembly.plans.known),
        assembly,
        beside=(TOKEN_PATH, *(TOKEN_PATHS if "oauth1" in assembly.settings.auth else ())),
        now=time.time,
        clock=time.monotonic,
    )


def _include_oauth2(app: FastAPI, assembly: Assembly) -> None:
    settings, access = assembly.settings, assembly.access
    keys = access.keys if access and "broker" in settings.auth else None
    app.include_router(oauth2_routes(assembly.forwarding, keys, str(settings.authorize_url), settings.max_body_bytes))


def _answer_errors_as_legacy(app: FastAPI) -> None:
    """What the framework answers by itself has the legacy form too."""

    def respond(request: Request, error: ProxyError) -> Response:
        made = request_id(request.headers.get("x-request-id"))
        problem = wants_problem(request.headers.get("accept"))
        rendered = render_error(error, "json", made, time.time, problem=problem)
        headers = {name.decode(): value.decode() for name, value in rendered.headers}
        return Response(rendered.body, rendered.status, headers)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return respond(request, UnknownRouteError("There is nothing here; API calls begin with /api/"))
        if error.status_code == 405:
            return respond(request, MethodError("This method is not served here", allowed=_allowed(error)))
        return respond(request, RequestError(str(error.detail), status=error.status_code))

    @app.exception_handler(ProxyError)
    async def on_failure(request: Request, error: ProxyError) -> Response:
        return respond(request, error)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        return respond(request, RequestError("The request is not valid"))

    @app.exception_handler(Exception)
    async def on_fault(request: Request, error: Exception) -> Response:
        return respond(request, InternalError("Internal error"))


def _allowed(error: HTTPException) -> tuple[str, ...]:
    """The methods that the framework's 405 names."""
    named = (error.headers or {}).get("Allow", "")
    return tuple(part.strip() for part in named.split(",") if part.strip())
