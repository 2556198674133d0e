"""The three steps of OAuth 1.0a over HTTP. Answers of the token steps are urlencoded, as `parse_qsl` reads them."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from app.access.admission import Presented
from app.access.three_legged import NewToken, ThreeLegged, with_params
from app.errors import ProxyError
from app.web.bodies import read_body
from app.web.connect import PAGE_HEADERS, Pages, Sent, redirect_base
from app.web.params import read_params

REQUEST_PATH = "/api/auth/v1/oauth/token/request"
ACCESS_PATH = "/api/auth/v1/oauth/token/access"
AUTHORISE_PATH = "/services/api/auth"
#: what of these stands below the legacy API's paths, and is not part of it
TOKEN_PATHS = (REQUEST_PATH, ACCESS_PATH)


def oauth1_routes(three_legged: ThreeLegged, pages: Pages, public_url: str | None, most_bytes: int) -> APIRouter:
    """Request token, consent, access token."""
    router = APIRouter(tags=["oauth1"])

    @router.api_route(REQUEST_PATH, methods=["GET", "POST"], response_model=None)
    async def request_token(request: Request) -> Response:
        """The first step."""
        made = await three_legged.request_token(await presented_of(request, most_bytes))
        # Spelled so: a client that is told `1` forgets the verifier.
        return _token(made, oauth_callback_confirmed="true")

    @router.api_route(ACCESS_PATH, methods=["GET", "POST"], response_model=None)
    async def access_token(request: Request) -> Response:
        """The third step."""
        return _token(await three_legged.access_token(await presented_of(request, most_bytes)))

    @router.get(AUTHORISE_PATH, response_model=None)
    async def authorise(request: Request, oauth_token: str = "", oauth_callback: str = "") -> Response:
        """The second step, in the browser."""
        try:
            base = redirect_base(request, public_url)
            url = await three_legged.authorise(oauth_token, oauth_callback, base)
        except ProxyError as error:
            return pages.failure(error)
        return RedirectResponse(url, 302, PAGE_HEADERS)

    return router


async def sent_back(three_legged: ThreeLegged, temporary: str, grant: str) -> Sent:
    """Where the browser goes after a consent, or the verifier that people copy."""
    done = await three_legged.authorised(temporary, grant)
    if not done.callback:
        return Sent(code=done.verifier)
    return Sent(url=with_params(done.callback, oauth_token=done.token, oauth_verifier=done.verifier))


async def presented_of(request: Request, most_bytes: int) -> Presented:
    """A request as it was really sent."""
    scope = request.scope
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    body = await read_body(headers, request.receive, most_bytes)
    params = read_params(scope["query_string"], headers.get("content-type", ""), body)
    path = scope.get("raw_path") or scope["path"].encode()
    return Presented(request.method, scope["scheme"], path, scope["query_string"], headers, body, params)


def _token(made: NewToken, **first: str) -> Response:
    text = urlencode({**first, "oauth_token": made.token, "oauth_token_secret": made.secret})
    return Response(text, 200, {"Cache-Control": "no-store"}, "application/x-www-form-urlencoded")
