"""A sandbox for each test, over one schema read once, and a client that speaks to it without a network."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette

from app.sandbox.execute import Upstream, load_upstream
from app.sandbox.sandbox import Sandbox
from app.sandbox.server import sandbox_app
from app.sandbox.world import World

SCHEMA = Path(__file__).parents[3] / "mappings" / "schema.graphql"


@dataclass
class Clock:
    """A clock that tests move by hand, and a sleep that only notes how long it was asked for."""

    now: float = 1_000_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@dataclass
class Client:
    """Asks a sandbox as one user; `ask` gives the whole body, `data` the data of an answer without errors."""

    sandbox: Sandbox
    app: Starlette
    http: httpx.AsyncClient
    token: str
    tenant: str | None = None

    @property
    def world(self) -> World:
        return self.sandbox.world

    def as_(self, token: str, tenant: str | None = None) -> "Client":
        return Client(self.sandbox, self.app, self.http, token, tenant)

    def named(self, name: str, tenant: str | None = None) -> "Client":
        return self.as_(self.sandbox.tokens.named(name).text, tenant)

    def scoped(self, *scopes: str) -> "Client":
        return self.as_(self.sandbox.issue(None, list(scopes), None).text)

    async def send(self, query: str, variables: dict[str, Any] | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        if self.tenant:
            headers["X-Upwork-API-TenantId"] = self.tenant
        return await self.http.post("/graphql", json={"query": query, "variables": variables or {}}, headers=headers)

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        response = await self.send(query, variables)
        assert response.status_code == 200
        body: dict[str, Any] = orjson.loads(response.content)
        return body

    async def data(self, query: str, **variables: Any) -> dict[str, Any]:
        body = await self.ask(query, **variables)
        assert "errors" not in body, body["errors"]
        data: dict[str, Any] = body["data"]
        return data

    async def refusal(self, query: str, **variables: Any) -> tuple[str, str]:
        """The one error of an answer, as classification and message."""
        (error,) = (await self.ask(query, **variables))["errors"]
        return error["extensions"]["classification"], error["message"]

    async def steer(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        response = await self.http.request(method, f"/_sandbox/{path}", json=body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


@pytest.fixture(scope="session")
def upstream() -> Upstream:
    return load_upstream(SCHEMA)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(upstream: Upstream, clock: Clock) -> Client:
    sandbox = Sandbox(upstream, 1, clock)
    app = sandbox_app(sandbox, sleep=clock.sleep)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://sandbox.test")
    return Client(sandbox, app, http, sandbox.tokens.named("client").text)


@pytest.fixture
def new_sandbox(upstream: Upstream) -> Callable[[int], Sandbox]:
    return lambda seed: Sandbox(upstream, seed, Clock())
