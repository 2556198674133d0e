"""The OAuth2 endpoints over HTTP: the page that asks for consent, and the token request."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.sandbox.faults import Fault
from app.sandbox.grants import GrantError
from app.sandbox.responses import CutResponse
from app.sandbox.sandbox import Sandbox
from app.settings import shipped

AUTHORIZE_PATH = "/ab/account-security/oauth2/authorize"
TOKEN_PATH = "/api/v3/oauth2/token"  # noqa: S105 (a path, not a secret)
#: statuses of the faults that answer instead of the endpoint
STATUSES = {"token_500": 500, "token_503": 503, "token_429": 429}


def oauth_routes(sandbox: Sandbox, sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep) -> list[Route]:
    """Give the routes of the authorisation and the token endpoint."""
    templates = Environment(loader=FileSystemLoader(shipped("templates")), autoescape=True, undefined=StrictUndefined)
    page = templates.get_template("consent.html")

    async def ask(request: Request) -> Response:
        try:
            consent, wish = sandbox.grants.ask(dict(request.query_params))
        except GrantError as error:
            return _refused(error)
        user, scopes = sandbox.world.users[wish.user_id].name, sorted(wish.client.scopes)
        shown = page.render(client=wish.client.name, user=user, scopes=scopes, consent=consent)
        return HTMLResponse(shown, headers={"Cache-Control": "no-store", "X-Frame-Options": "DENY"})

    async def decide(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        try:
            wish, told = sandbox.grants.decide(form.get("consent", ""), is_allowed=form.get("decision") == "allow")
        except GrantError as error:
            return _refused(error)
        sign = "#" if wish.is_implicit else "&" if "?" in wish.redirect_uri else "?"
        return RedirectResponse(f"{wish.redirect_uri}{sign}{urlencode(told)}", 302)

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        fault = sandbox.faults.strike_token(form.get("grant_type", ""))
        response = _answer(sandbox, form, fault)
        sandbox.note_token(form, response.status_code, fault)
        if fault is not None and fault.kind == "token_slow":
            await sleep(fault.seconds)
        return response

    return [
        Route(AUTHORIZE_PATH, ask, methods=["GET"]),
        Route(AUTHORIZE_PATH, decide, methods=["POST"]),
        Route(TOKEN_PATH, token, methods=["POST"]),
    ]


def _answer(sandbox: Sandbox, form: dict[str, str], fault: Fault | None) -> Response:
    if fault is not None and fault.kind in STATUSES:
        return Response(b'{"message":"Not now"}', STATUSES[fault.kind], media_type="application/json")
    if fault is not None and fault.kind == "token_invalid_grant":
        return _refused(GrantError("invalid_grant", "the refresh token was taken back"))
    try:
        content = orjson.dumps(sandbox.grants.exchange(form))
    except GrantError as error:
        return _refused(error)
    kind = CutResponse if fault is not None and fault.kind == "token_cut" else Response
    return kind(content, media_type="application/json", headers={"Cache-Control": "no-store"})


def _refused(error: GrantError) -> Response:
    body = {"error": error.error, "error_description": str(error)}
    return Response(orjson.dumps(body), 401 if error.error == "invalid_client" else 400, media_type="application/json")
