"""The pages of the browser flow: a ticket leads to the upstream's consent, which leads back here with a code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse

from app.access.connecting import CALLBACK, Connected, Connecting
from app.errors import ProxyError, RequestError

#: nothing of these pages is kept, framed or told to others: their addresses hold a ticket
PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


class Pages:
    """Renders `connect.html` of the templates' folder."""

    def __init__(self, templates: Path) -> None:
        environment = Environment(loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined)
        self._template = environment.get_template("connect.html")

    def page(self, title: str, text: str, *, code: str = "", status: int = 200) -> Response:
        """A page that says one thing; `code` is what people copy from it."""
        html = self._template.render(title=title, text=text, code=code, is_error=status >= 400)
        return HTMLResponse(html, status, PAGE_HEADERS)

    def failure(self, error: ProxyError) -> Response:
        """The page of a failure."""
        return self.page("Not connected", error.message, status=error.status)


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a browser goes on to, or a code that people carry to their program by hand."""

    url: str = ""
    code: str = field(default="", repr=False)


#: what becomes of a request token when its grant is connected
SendBack = Callable[[str, str], Awaitable[Sent]]


def redirect_base(request: Request, public_url: str | None) -> str:
    """The address of the proxy as browsers see it, without a slash at its end."""
    return (public_url or str(request.base_url)).rstrip("/")


def connect_routes(connecting: Connecting, send_back: SendBack, pages: Pages, public_url: str | None) -> APIRouter:
    """`/heirloom/connect?ticket=`, and the place where the upstream sends the browser back to."""
    router = APIRouter(tags=["connect"])

    @router.get("/heirloom/connect", response_model=None)
    async def connect(request: Request, ticket: str = "") -> Response:
        """Send a browser with a ticket to the upstream's consent."""
        if not ticket:
            return pages.page(
                "Connect an account",
                "A link with a ticket leads further. 'heirloom grant add NAME' prints one.",
                status=400,
            )
        try:
            url = await connecting.resume(ticket, redirect_base(request, public_url))
        except ProxyError as error:
            return pages.failure(error)
        return RedirectResponse(url, 302, PAGE_HEADERS)

    @router.get(CALLBACK, response_model=None)
    async def callback(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
        """Keep the grant that a consent gave."""
        try:
            if not code:
                await connecting.refuse(state)
                raise RequestError(f"The upstream gave no consent ({error[:60] or 'it sent no code'})")
            connected = await connecting.finish(state, code, redirect_base(request, public_url))
            return await _answer(connected, send_back, pages)
        except ProxyError as fault:
            return pages.failure(fault)

    return router


async def _answer(connected: Connected, send_back: SendBack, pages: Pages) -> Response:
    """What the browser is told at the end, or where it goes on to."""
    if not connected.temporary:
        return pages.page("Connected", f"The grant '{connected.grant}' is stored. You can close this page.")
    sent = await send_back(connected.temporary, connected.grant)
    if sent.code:
        return pages.page("Connected", "Give this verifier to the program that asked for it.", code=sent.code)
    return RedirectResponse(sent.url, 302, PAGE_HEADERS)
