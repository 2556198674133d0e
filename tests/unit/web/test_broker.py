"""Calls with a proxy key: whose token goes upstream, what is renewed, and what a key cannot reach."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from app.access.vault import Vault, new_secret_key
from app.assemble import assemble
from app.compile.build import Built
from app.settings import load_settings
from app.store.store import StoreDownError
from app.web.app import create_app
from tests.asgi import Reply, running, send
from tests.doubles import Events
from tests.unit.access.conftest import a_grant

ORG, OTHER = "1104567890123456781", "1104567890123456799"
ROOMS = f"/api/messages/v3/{ORG}/rooms.json"
TOKEN_PATH = "/api/v3/oauth2/token"


class Upstream:
    """GraphQL and the token endpoint: takes one access token at a time, and gives a new one for each refresh."""

    def __init__(self) -> None:
        self.takes = "oauth2v2_a0"
        self.takes_nothing = False
        self.questions: list[tuple[str, str | None, bool]] = []
        self.refreshes = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.url.path == TOKEN_PATH:
            self.refreshes += 1
            self.takes = f"oauth2v2_a{self.refreshes}"
            told = {"access_token": self.takes, "refresh_token": f"refresh-{self.refreshes}", "expires_in": 86400}
            return httpx.Response(200, json=told)
        token = request.headers["authorization"].removeprefix("Bearer ")
        is_write = orjson.loads(request.content)["query"].lstrip().startswith("mutation")
        self.questions.append((token, request.headers.get("x-upwork-api-tenantid"), is_write))
        if token != self.takes or self.takes_nothing:
            return httpx.Response(401, json={"message": "Authentication failed"})
        return httpx.Response(200, json={"data": {}})


class Service:
    """A service that takes proxy keys only, with one grant."""

    def __init__(self, built: Built, store: str, ways: str = "broker") -> None:
        self.upstream = Upstream()
        settings = load_settings(
            {"HEIRLOOM_AUTH": ways, "HEIRLOOM_SECRET_KEY": new_secret_key(), "HEIRLOOM_STORE": store}
        )
        self.assembly = assemble(settings, built.plans, transport=httpx.MockTransport(self.upstream), observer=Events())
        self.app = create_app(self.assembly)
        assert self.assembly.access is not None
        self.access = self.assembly.access

    async def key(self, **bounds: Any) -> str:
        """A new key to the grant."""
        return await self.access.keys.make("shop", "main", **bounds)

    async def send(self, key: str, target: str = ROOMS, method: str = "GET", body: bytes = b"") -> Reply:
        """A call with a key."""
        headers = {"Authorization": f"Bearer {key}"} | ({"Content-Type": "application/json"} if body else {})
        return await send(self.app, method, target, headers, body)


@pytest.fixture
async def service(built: Built, tmp_path: Path) -> AsyncIterator[Service]:
    """The service over a store of its own."""
    made = Service(built, f"sqlite:{tmp_path / 'heirloom.db'}")
    await made.access.vault.put("main", a_grant())
    yield made
    await made.assembly.close()


async def test_call__proxy_key__asks_with_the_grants_token(service: Service) -> None:
    """The key itself never goes upstream."""
    reply = await service.send(await service.key())

    assert reply.status in {200, 404}
    assert service.upstream.questions == [("oauth2v2_a0", ORG, False)]


async def test_call__token_refused_upstream__is_renewed_once_and_asked_again(service: Service) -> None:
    """A read goes on with the new token, and so does every call after it."""
    key = await service.key()
    service.upstream.takes = "oauth2v2_other"

    await service.send(key)
    await service.send(key)

    assert [token for token, _, _ in service.upstream.questions] == ["oauth2v2_a0", "oauth2v2_a1", "oauth2v2_a1"]
    assert service.upstream.refreshes == 1


async def test_call__new_token_refused_too__is_a_401(service: Service) -> None:
    """Once, not again and again."""
    key = await service.key()
    service.upstream.takes_nothing = True

    reply = await service.send(key)

    assert (reply.status, reply.headers["x-upwork-error-code"]) == (401, "401")
    assert len(service.upstream.questions) == 2


async def test_write__token_refused_at_the_door__goes_out_once_more(service: Service) -> None:
    """A 401 of the upstream's door did nothing: the write is carried out once."""
    key = await service.key()
    service.upstream.takes = "oauth2v2_other"

    await service.send(key, f"/api/messages/v3/{ORG}/rooms/r1/stories.json", "POST", b'{"message": "hello"}')

    tokens = [token for token, _, is_write in service.upstream.questions if is_write]
    assert tokens == ["oauth2v2_a0", "oauth2v2_a1"]


async def test_call__hundred_at_once_on_an_ended_token__refresh_once(service: Service) -> None:
    """However many clients wake up at nine."""
    key = await service.key()
    await service.access.vault.put("main", a_grant(ends_in=-10))

    replies = await asyncio.gather(*(service.send(key) for _ in range(100)))

    assert service.upstream.refreshes == 1
    assert {reply.status for reply in replies} <= {200, 404}
    assert {token for token, _, _ in service.upstream.questions} == {"oauth2v2_a1"}


async def test_key__bound_to_areas__reaches_no_other(service: Service) -> None:
    """What a key is not for is refused before anything is asked."""
    key = await service.key(areas=("contracts",))

    reply = await service.send(key)

    assert (reply.status, reply.json()["error"]["message"]) == (
        403,
        "Forbidden: this key is not for this part of the API",
    )
    assert service.upstream.questions == []


async def test_key__bound_to_a_tenant__asks_for_no_other(service: Service) -> None:
    """Another organisation is refused here; without one the first that it is bound to is meant."""
    key = await service.key(tenants=(OTHER,))

    other = await service.send(key)
    await service.send(key, "/api/auth/v1/info.json")

    assert other.status == 403
    assert {tenant for _, tenant, _ in service.upstream.questions} == {OTHER}


@pytest.mark.parametrize("key", ["hk_unknown", "oauth2v2_token"])
async def test_call__no_key__is_a_401(service: Service, key: str) -> None:
    """An unknown key, and an access token where only keys are taken."""
    reply = await service.send(key)

    assert reply.status == 401
    assert service.upstream.questions == []


async def test_call__store_down__is_a_503_and_no_open_door(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who cannot be looked up does not come in, and may try again."""
    key = await service.key()

    async def down(*_: object) -> None:
        raise StoreDownError("cut")

    monkeypatch.setattr(Vault, "get", down)
    monkeypatch.setattr(type(service.access.vault.store), "check", down)

    reply = await service.send(key)
    ready = await send(service.app, "GET", "/readyz")

    assert (reply.status, reply.headers["x-upwork-error-code"], reply.headers["retry-after"]) == (503, "503", "1")
    assert service.upstream.questions == []
    assert (ready.status, ready.json()["store"]) == (503, "down")


async def test_readyz__store_down_and_tokens_of_callers_taken__is_ready(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who bring their own token are served without the store: no front may turn them away for it."""
    service = Service(built, f"sqlite:{tmp_path}/store.db", "passthrough,broker")

    async def down(*_: object) -> None:
        raise StoreDownError("cut")

    monkeypatch.setattr(type(service.access.vault.store), "check", down)
    async with running(service.app):
        ready = await send(service.app, "GET", "/readyz")

    assert (ready.status, ready.json()["store"]) == (200, "down")


async def test_readyz__grants__are_counted_by_their_standing(service: Service) -> None:
    """An operator's monitor sees what will lapse; no name, no token."""
    await service.access.keeper.look()

    ready = await send(service.app, "GET", "/readyz")

    assert ready.json()["grants"] == {"grants": 1, "lapsing": 0, "lapsed": 0}
