"""The server's own connections: what is left of one that has gone."""

from __future__ import annotations

import asyncio
import weakref

import httpx
import pytest
import uvicorn

from app.settings import Settings
from app.web.protocol import LegacyHttp, StoppingState, limits_of
from tests.chaos.test_stopping import until
from tests.conftest import ServiceOver
from tests.unit.web.test_direct import PATH, rooms


@pytest.mark.usefixtures("without_collection")
async def test_connection__has_gone__frees_what_it_held(service_over: ServiceOver, settings: Settings) -> None:
    """Connections come and go by the thousand; what is only found by a look for cycles stays for long."""
    config = uvicorn.Config(service_over([rooms(1)] * 20).app, log_config=None, ws="none", lifespan="off")
    config.load()
    made: weakref.WeakSet[LegacyHttp] = weakref.WeakSet()

    state = StoppingState()

    def connection() -> LegacyHttp:
        one = LegacyHttp(config=config, server_state=state, app_state={}, limits=limits_of(settings), now=lambda: 0.0)
        made.add(one)
        return one

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    headers = {"authorization": "Bearer oauth2v2_one"}
    async with server, httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as client:
        told = [await client.get(path) for path in (PATH.decode(), f"{PATH.decode()}?limit=1", "/api/none.json")]
        assert [one.status_code for one in told] == [200, 200, 404]
        assert len(made) == 1
        await client.aclose()
        await until(lambda: not made, "nothing holds it", 5)
