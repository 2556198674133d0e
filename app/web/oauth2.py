"""The upstream's OAuth2 addresses for clients with grants of their own, whose SDKs find them on the same host."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from app.access.admission import KEY_PREFIX
from app.access.forwarding import TokenAnswer, TokenForwarding
from app.access.proxy_keys import ProxyKeys
from app.web.bodies import read_body
from app.web.params import read_params
from app.web.replies import header_text

TOKEN_PATH = "/api/v3/oauth2/token"  # noqa: S105 - a path
AUTHORIZE_PATH = "/ab/account-security/oauth2/authorize"
DAY = 86_400


def oauth2_routes(
    forwarding: TokenForwarding | None, keys: ProxyKeys | None, authorize_url: str, most_bytes: int
) -> APIRouter:
    """Consent and tokens. `forwarding` is None where nobody's own tokens are taken, `keys` where no proxy keys are."""
    router = APIRouter(tags=["oauth2"])

    @router.post(TOKEN_PATH, response_model=None)
    async def token(request: Request) -> Response:
        """Pass a token request on; a proxy key refreshes to itself."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]}
        body = await read_body(headers, request.receive, most_bytes)
        params = read_params(request.scope["query_string"], headers.get("content-type", ""), body)
        refresh = params.get("refresh_token")
        if keys is not None and isinstance(refresh, str) and refresh.startswith(KEY_PREFIX):
            await keys.check(refresh)
            told = {"access_token": refresh, "refresh_token": refresh, "token_type": "Bearer", "expires_in": DAY}
            return _told(TokenAnswer(200, told))
        if forwarding is None:
            refusal = {"error": "unauthorized_client", "error_description": "This proxy takes its own keys only"}
            return _told(TokenAnswer(400, refusal))
        return _told(await forwarding.forward(headers.get("authorization"), params))

    @router.get(AUTHORIZE_PATH, response_model=None)
    async def authorize(request: Request) -> Response:
        """Send the browser on to the real page, its query untouched to the byte."""
        query = request.scope["query_string"].decode("latin-1")
        joined = f"{authorize_url}{'&' if '?' in authorize_url else '?'}{query}" if query else authorize_url
        return Response(status_code=302, headers={"Location": joined, "Cache-Control": "no-store"})

    return router


def _told(answer: TokenAnswer) -> Response:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    if answer.refusal:
        headers |= {
            "X-Upwork-Error-Code": str(answer.status),
            "X-Upwork-Error-Message": header_text(answer.refusal),
        }
    return JSONResponse(answer.body, answer.status, headers)
