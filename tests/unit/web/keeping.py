"""A service that keeps grants, over a token endpoint that answers as told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from app.access.parts import Access
from app.access.vault import new_secret_key
from app.assemble import assemble
from app.compile.build import Built
from app.run.assembly import Assembly
from app.settings import load_settings
from app.web.app import create_app
from tests.asgi import Reply, send
from tests.doubles import Events

TOLD = {"access_token": "oauth2v2_new", "refresh_token": "refresh-new", "token_type": "Bearer", "expires_in": 86400}
HOST = "proxy.test:8000"


class Keeping:
    """All ways open, a store of its own; `answer` is what the token endpoint says, `asked` who came to GraphQL."""

    def __init__(self, built: Built, folder: Path) -> None:
        self.answer = httpx.Response(200, json=TOLD)
        self.asked: list[str] = []
        settings = load_settings(
            {
                "HEIRLOOM_AUTH": "passthrough,broker,oauth1",
                "HEIRLOOM_SECRET_KEY": new_secret_key(),
                "HEIRLOOM_STORE": f"sqlite:{folder / 'heirloom.db'}",
                "HEIRLOOM_CLIENT_ID": "client-1",
                "HEIRLOOM_CLIENT_SECRET": "secret-1",
                "HEIRLOOM_AUTHORIZE_URL": "https://upstream.test/authorize",
            }
        )
        self.assembly: Assembly = assemble(
            settings, built.plans, transport=httpx.MockTransport(self._upstream), observer=Events()
        )
        assert self.assembly.access is not None
        self.access: Access = self.assembly.access
        self.app = create_app(self.assembly)

    def _upstream(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/graphql":
            self.asked.append(request.headers["authorization"])
            return httpx.Response(200, json={"data": {}})
        return self.answer

    async def get(self, target: str) -> Reply:
        """Open a page."""
        return await send(self.app, "GET", target, {"Host": HOST})

    async def send(self, method: str, target: str, headers: dict[str, Any], body: bytes = b"") -> Reply:
        """Any request."""
        return await send(self.app, method, target, {"host": HOST, **headers}, body)
