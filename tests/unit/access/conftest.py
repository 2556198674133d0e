"""Parts of the broker over a store, with a clock and an authorization server of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from app.access.grants import Grants
from app.access.records import Grant
from app.access.vault import Vault, new_secret_key
from app.errors import ProxyError
from app.store.opening import open_store
from tests.doubles import Events

SECRET_KEY = new_secret_key()
NewVault = Callable[[], Vault]


@pytest.fixture
async def new_vault(address: str) -> AsyncIterator[NewVault]:
    """Open the vault of this test once more, as another worker does."""
    opened: list[Vault] = []

    def make() -> Vault:
        opened.append(Vault(open_store(address, time.time), [SECRET_KEY]))
        return opened[-1]

    yield make
    store = make().store
    for key, _ in await store.entries(""):
        await store.delete(key)
    for vault in opened:
        await vault.store.close()


@pytest.fixture
def vault(new_vault: NewVault) -> Vault:
    """One vault."""
    return new_vault()


def a_grant(*, ends_in: float = 3600, token: str = "oauth2v2_a0", refresh: str = "refresh-0", idle: float = 0) -> Grant:
    """A grant whose access token lives so long, last refreshed so many seconds ago."""
    now = time.time()
    return Grant(
        kind="authorization_code",
        access_token=token,
        access_ends=now + ends_in,
        refresh_token=refresh,
        refreshed=now - idle,
        created=now - idle,
    )


@dataclass(slots=True)
class Server:
    """An authorization server that rotates refresh tokens, slowly, and counts; `refusal` is what it does instead."""

    seconds: float = 0.05
    refusal: ProxyError | None = None
    asked: list[str] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def refreshed(self, grant: Grant) -> Grant:
        """New tokens, each unlike any before."""
        self.asked.append(grant.refresh_token)
        self.begun.set()
        await asyncio.sleep(self.seconds)
        if self.refusal is not None:
            raise self.refusal
        count = len(self.asked)
        return a_grant(token=f"oauth2v2_a{count}", refresh=f"refresh-{count}")


@pytest.fixture
def server() -> Server:
    """An authorization server."""
    return Server()


@pytest.fixture
def events() -> Events:
    """What was observed."""
    return Events()


@pytest.fixture
def new_grants(new_vault: NewVault, server: Server, events: Events) -> Callable[[], Grants]:
    """The grants as one more worker sees them."""
    return lambda: Grants(new_vault(), server, time.time, events)
