"""The sandbox over HTTP: `/graphql` as the upstream has it, `/_sandbox/…` to steer it, `/healthz`.

| route | does |
|---|---|
| `POST /graphql` | answers a GraphQL request; bearer token, optional `X-Upwork-API-TenantId` |
| `POST /_sandbox/tokens` | `{user?, scopes?, ttl_seconds?}` to `{access_token, name, user_id}` |
| `POST /_sandbox/clients` | `{client_id, client_secret?, redirect_uris?, scopes?, user?, …_seconds?}`, see `register` |
| `POST /_sandbox/faults` | `{kind, times?, match?, seconds?, status?, fields?, executed?}`; `DELETE` takes all away |
| `GET /_sandbox/log` | the requests so far and the mutations carried out; `DELETE` forgets them |
| `POST /_sandbox/reset` | world, tokens, faults and log as at the start |
| `GET /_sandbox/ids` | the credential and a value for every path parameter |
| `/ab/account-security/oauth2/authorize`, `POST /api/v3/oauth2/token` | consent and OAuth2 grants, see `grants` |
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.sandbox.execute import Question, load_upstream
from app.sandbox.faults import KINDS, TOKEN_KINDS, Fault
from app.sandbox.ids import credentials, world_values
from app.sandbox.oauth import oauth_routes
from app.sandbox.responses import CutResponse
from app.sandbox.sandbox import Asked, Sandbox, Told

HTML_PAGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>Checking</h1></body></html>"
Sleep = Callable[[float], Awaitable[Any]]


def create_sandbox(
    schema_path: Path,
    seed: int = 1,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Sleep = asyncio.sleep,
) -> Starlette:
    """Give an ASGI application that behaves as the upstream, over the world of a seed.

    `clock` and `sleep` serve expiring tokens and the fault `slow`.
    """
    return sandbox_app(Sandbox(load_upstream(schema_path), seed, clock), sleep=sleep)


def sandbox_app(sandbox: Sandbox, *, sleep: Sleep = asyncio.sleep) -> Starlette:
    """Put a sandbox behind its routes."""
    routes = _Routes(sandbox, sleep)
    return Starlette(
        routes=[
            Route("/graphql", routes.graphql, methods=["POST"]),
            Route("/_sandbox/tokens", routes.issue_token, methods=["POST"]),
            Route("/_sandbox/clients", routes.add_client, methods=["POST"]),
            Route("/_sandbox/faults", routes.add_fault, methods=["POST"]),
            Route("/_sandbox/faults", routes.clear_faults, methods=["DELETE"]),
            Route("/_sandbox/log", routes.read_log, methods=["GET"]),
            Route("/_sandbox/log", routes.clear_log, methods=["DELETE"]),
            Route("/_sandbox/reset", routes.reset, methods=["POST"]),
            Route("/_sandbox/ids", routes.read_ids, methods=["GET"]),
            Route("/healthz", routes.health, methods=["GET"]),
            *oauth_routes(sandbox, sleep),
        ]
    )


class _Routes:
    def __init__(self, sandbox: Sandbox, sleep: Sleep) -> None:
        self._sandbox = sandbox
        self._sleep = sleep

    async def graphql(self, request: Request) -> Response:
        try:
            question = _read_question(await request.body())
        except ValueError as error:
            return _json({"message": f"Bad Request: {error}"}, 400)
        asked = Asked(question, _bearer(request), request.headers.get("x-upwork-api-tenantid"))
        told = self._sandbox.answer(asked)
        if told.fault and told.fault.kind == "slow":
            await self._sleep(told.fault.seconds)
        return _sent(told)

    async def issue_token(self, request: Request) -> Response:
        wish = await _read_object(request)
        try:
            token = self._sandbox.issue(wish.get("user"), wish.get("scopes"), wish.get("ttl_seconds"))
        except LookupError as error:
            return _json({"message": str(error)}, 400)
        return _json({"access_token": token.text, "name": token.name, "user_id": token.user_id})

    async def add_client(self, request: Request) -> Response:
        wish = await _read_object(request)
        try:
            self._sandbox.register(**wish)
        except (LookupError, TypeError) as error:
            return _json({"message": str(error)}, 400)
        return _json({"client_id": wish["client_id"]})

    async def add_fault(self, request: Request) -> Response:
        wish = await _read_object(request)
        if wish.get("kind") not in KINDS | TOKEN_KINDS:
            return _json({"message": f"kind must be one of {', '.join(sorted(KINDS | TOKEN_KINDS))}"}, 400)
        try:
            fault = Fault(**wish | {"fields": tuple(wish.get("fields", ()))})
        except TypeError as error:
            return _json({"message": str(error)}, 400)
        self._sandbox.faults.add(fault)
        return _json({"waiting": len(self._sandbox.faults)})

    async def clear_faults(self, _: Request) -> Response:
        self._sandbox.faults.clear()
        return _json({"waiting": 0})

    async def read_log(self, _: Request) -> Response:
        return _json(self._sandbox.journal.told())

    async def clear_log(self, _: Request) -> Response:
        self._sandbox.journal.clear()
        return _json({"total": 0})

    async def reset(self, _: Request) -> Response:
        self._sandbox.reset()
        return _json({"seed": self._sandbox.seed})

    async def read_ids(self, _: Request) -> Response:
        token = self._sandbox.tokens.named("client").text
        return _json({"credentials": credentials(token), "values": world_values(self._sandbox.world)})

    async def health(self, _: Request) -> Response:
        return _json({"status": "ok"})


def _sent(told: Told) -> Response:
    kind = told.fault.kind if told.fault else None
    content = orjson.dumps(told.body)
    if kind == "html":
        return Response(HTML_PAGE, told.status, media_type="text/html")
    if kind == "garbage":
        return Response(content[: max(1, len(content) * 2 // 3)], told.status, media_type="application/json")
    if kind == "cut":
        return CutResponse(content, told.status, media_type="application/json")
    return Response(content, told.status, media_type="application/json")


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def _bearer(request: Request) -> str | None:
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" and text.strip() else None


def _read_question(body: bytes) -> Question:
    asked = orjson.loads(body)
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
        raise ValueError("the body must be a JSON object with a query")  # noqa: TRY004 (one way out, as for broken JSON)
    variables = asked.get("variables") or {}
    if not isinstance(variables, dict):
        raise ValueError("variables must be an object")  # noqa: TRY004
    return Question(asked["query"], variables, asked.get("operationName"))


async def _read_object(request: Request) -> dict[str, Any]:
    body = await request.body()
    wish = orjson.loads(body) if body else {}
    return wish if isinstance(wish, dict) else {}
