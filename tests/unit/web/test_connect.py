"""The browser flow: a ticket to the upstream's consent, the code to a stored grant; every page says what happened."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.access.records import Grant, Ticket
from app.assemble import assemble
from app.compile.build import Built
from app.settings import Settings
from app.web.app import create_app
from tests.asgi import send
from tests.unit.web.keeping import HOST, Keeping


@pytest.fixture
async def service(built: Built, tmp_path: Path) -> AsyncIterator[Keeping]:
    """The service over a store of its own."""
    made = Keeping(built, tmp_path)
    yield made
    await made.assembly.close()


async def test_connect__ticket__leads_to_the_consent_and_back_to_a_grant(service: Keeping) -> None:
    """The whole way of a browser."""
    ticket = await service.access.connecting.ticket(Ticket(grant="main"))

    sent = await service.get(f"/heirloom/connect?ticket={ticket}")
    asked = parse_qs(urlsplit(sent.headers["location"]).query)
    back = await service.get(f"/heirloom/connect/callback?code=c1&state={asked['state'][0]}")

    assert sent.status == 302
    assert sent.headers["location"].startswith("https://upstream.test/authorize?")
    assert asked["redirect_uri"] == ["http://proxy.test:8000/heirloom/connect/callback"]
    assert (back.status, back.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"The grant &#39;main&#39; is stored" in back.body
    assert b"oauth2v2_new" not in back.body
    kept = await service.access.vault.get(Grant, "main")
    assert kept is not None
    assert kept.record.access_token == "oauth2v2_new"
    assert kept.record.access_ends == pytest.approx(time.time() + 86400, abs=60)


async def test_callback__twice__takes_the_first(service: Keeping) -> None:
    """A link that was used is over."""
    ticket = await service.access.connecting.ticket(Ticket(grant="main"))
    await service.get(f"/heirloom/connect/callback?code=c1&state={ticket}")

    again = await service.get(f"/heirloom/connect/callback?code=c2&state={ticket}")

    assert again.status == 400
    assert b"not known, or its ten minutes are over" in again.body


@pytest.mark.parametrize(
    "target",
    [
        "/heirloom/connect",
        "/heirloom/connect?ticket=",
        "/heirloom/connect?ticket=unknown",
        "/heirloom/connect/callback",
        "/heirloom/connect/callback?code=c1&state=unknown",
        "/heirloom/connect/callback?error=access_denied&state=unknown",
    ],
)
async def test_connect__no_ticket__connects_nothing(service: Keeping, target: str) -> None:
    """Nobody becomes anybody without a ticket."""
    reply = await service.get(target)

    assert reply.status == 400
    assert await service.access.vault.all(Grant) == []


async def test_callback__consent_refused__says_so_and_ends_the_ticket(service: Keeping) -> None:
    """A refusal is a refusal; what the address says is shown as text."""
    ticket = await service.access.connecting.ticket(Ticket(grant="main"))

    refused = await service.get(f"/heirloom/connect/callback?error=%3Cscript%3E&state={ticket}")
    later = await service.get(f"/heirloom/connect/callback?code=c1&state={ticket}")

    assert (refused.status, later.status) == (400, 400)
    assert b"&lt;script&gt;" in refused.body
    assert b"<script>" not in refused.body


async def test_callback__upstream_gives_no_token__says_so(service: Keeping) -> None:
    """What failed at the upstream is its failure."""
    service.answer = httpx.Response(400, json={"error": "invalid_grant"})
    ticket = await service.access.connecting.ticket(Ticket(grant="main"))

    reply = await service.get(f"/heirloom/connect/callback?code=c1&state={ticket}")

    assert reply.status == 401
    assert await service.access.vault.all(Grant) == []


async def test_pages__any__are_neither_kept_nor_framed_nor_told_on(service: Keeping) -> None:
    """Their addresses hold a ticket."""
    ticket = await service.access.connecting.ticket(Ticket(grant="main"))

    for target in ("/heirloom/connect", f"/heirloom/connect?ticket={ticket}"):
        headers = (await service.get(target)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_connect__broker_off__is_not_there(built: Built, settings: Settings) -> None:
    """A service that keeps no grants has no such page."""
    app = create_app(assemble(settings, built.plans, transport=httpx.MockTransport(lambda _: httpx.Response(500))))

    assert (await send(app, "GET", "/heirloom/connect?ticket=x", {"Host": HOST})).status == 404
