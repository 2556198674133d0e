"""The OAuth2 endpoints over HTTP: authorisation without questions, and the token request."""

from urllib.parse import parse_qsl, urlencode

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.sandbox.grants import ACCESS_SECONDS, GrantError
from app.sandbox.sandbox import Sandbox

AUTHORIZE_PATH = "/ab/account-security/oauth2/authorize"
TOKEN_PATH = "/api/v3/oauth2/token"  # noqa: S105 (a path, not a secret)


def oauth_routes(sandbox: Sandbox) -> list[Route]:
    """Give the routes of the authorisation and the token endpoint."""

    async def authorize(request: Request) -> Response:
        asked = request.query_params
        redirect_uri, client_id = asked.get("redirect_uri"), asked.get("client_id")
        if not redirect_uri or not client_id:
            return _refused(GrantError("invalid_request", "client_id and redirect_uri are needed"))
        state = {"state": asked["state"]} if "state" in asked else {}
        if asked.get("response_type") == "token":
            token = sandbox.grants.implicit()
            granted = {"access_token": token.text, "token_type": "Bearer", "expires_in": str(ACCESS_SECONDS)}
            return RedirectResponse(f"{redirect_uri}#{urlencode(granted | state)}", 302)
        granted = {"code": sandbox.grants.authorize(client_id, redirect_uri)}
        sign = "&" if "?" in redirect_uri else "?"
        return RedirectResponse(f"{redirect_uri}{sign}{urlencode(granted | state)}", 302)

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        try:
            answer = sandbox.grants.exchange(form)
        except GrantError as error:
            return _refused(error)
        return Response(orjson.dumps(answer), media_type="application/json", headers={"Cache-Control": "no-store"})

    return [Route(AUTHORIZE_PATH, authorize, methods=["GET"]), Route(TOKEN_PATH, token, methods=["POST"])]


def _refused(error: GrantError) -> Response:
    body = {"error": error.error, "error_description": str(error)}
    return Response(orjson.dumps(body), 401 if error.error == "invalid_client" else 400, media_type="application/json")
