"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from tests.asgi import running, send
from tests.conftest import ServiceOver


async def test_healthz__any_time__answers(service_over: ServiceOver) -> None:
    """The process answers before, while and after it serves."""
    app = service_over([]).app

    before = await send(app, "GET", "/healthz")
    async with running(app):
        while_ = await send(app, "GET", "/healthz")

    assert [(one.status, one.json()) for one in (before, while_)] == [(200, {"status": "ok"})] * 2


async def test_readyz__started_and_stopped__says_so(service_over: ServiceOver) -> None:
    """Requests are taken between start and stop, and only then."""
    app = service_over([]).app

    before = await send(app, "GET", "/readyz")
    async with running(app):
        while_ = await send(app, "GET", "/readyz")
    after = await send(app, "GET", "/readyz")

    assert [one.status for one in (before, while_, after)] == [503, 200, 503]
    assert (before.json()["status"], while_.json()["status"]) == ("not ready", "ready")


async def test_readyz__ready__says_how_many_calls_it_serves(service_over: ServiceOver) -> None:
    """A start with the wrong mappings shows."""
    app = service_over([]).app

    async with running(app):
        reply = await send(app, "GET", "/readyz")

    assert reply.json()["calls"] > 0


async def test_health__needs_no_token__and_asks_nobody(service_over: ServiceOver) -> None:
    """Probes cost the upstream nothing."""
    service = service_over([])

    async with running(service.app):
        await send(service.app, "GET", "/readyz")
        await send(service.app, "GET", "/healthz")

    assert (service.upstream.requests, service.events.all) == ([], [])
