"""The grants that are held for clients: always a token that works, refreshed once for all workers.

Who refreshes holds the grant's lease in the store; everybody else waits for what comes of it. New tokens are stored
before anybody uses them, in the place of those they replace, so that no worker ever overwrites newer ones.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Protocol

import msgspec

from app.access.authorization import GrantRefusedError
from app.access.records import Grant
from app.access.vault import Kept, Vault, new_secret
from app.errors import CredentialError, ProxyError, UpstreamTimeoutError
from app.events import GrantRefreshed, Observer
from app.message import Credential

#: a token is renewed this long before it ends; a refresh takes a second
EARLY_SECONDS = 120.0
#: how long one worker may take to refresh, before another may try
LEASE_SECONDS = 20.0
#: how long a request waits for a refresh
WAIT_SECONDS = 6.0
POLL_SECONDS = 0.03
#: after a refresh that failed, nobody tries again for so long
PAUSE_SECONDS = 3.0
#: how often storing new tokens is tried before it is given up for the time being
STORE_TRIES = 3
GONE = "There is no such grant any more; it was revoked"


class Refreshing(Protocol):
    """What gives new tokens for a grant."""

    async def refreshed(self, grant: Grant) -> Grant:
        """The grant with new tokens. Raises GrantRefusedError, UpstreamError."""
        ...


class Grants:
    """Gives out tokens of stored grants. `now` is seconds since 1970."""

    def __init__(self, vault: Vault, authorization: Refreshing, now: Callable[[], float], observer: Observer) -> None:
        self._vault = vault
        self._authorization = authorization
        self._now = now
        self._observer = observer
        self._running: dict[str, asyncio.Task[str]] = {}
        #: new tokens that the store did not take yet; without them a rotated grant would be lost
        self._unstored: dict[str, tuple[Kept[Grant], Grant]] = {}

    async def credential(
        self, name: str, *, key: str, areas: tuple[str, ...] | None = None, tenants: tuple[str, ...] | None = None
    ) -> Credential:
        """A credential with the grant's token, renewed where it is about to end. `key` stands for it in memories.

        Raises CredentialError where the grant is gone or has lapsed, StoreDownError, UpstreamError.
        """

        async def renew(refused: str) -> str:
            return await self._fresh(name, refused)

        kept = await self._kept(name)
        token = kept.record.access_token
        if kept.record.access_ends - EARLY_SECONDS <= self._now():
            try:
                token = await self._fresh(name, token)
            except ProxyError:
                # It still works for a while; what is wrong shows when it no longer does.
                if kept.record.access_ends <= self._now() or (await self._kept(name)).record.lapsed:
                    raise
        return Credential(token, key, renew, areas, tenants)

    async def refresh(self, kept: Kept[Grant]) -> None:
        """New tokens in the place of those that were read, whether or not they still work. Raises as `credential`."""
        await self._fresh(kept.name, kept.record.access_token)

    async def _kept(self, name: str) -> Kept[Grant]:
        kept = await self._vault.get(Grant, name)
        if kept is None:
            raise CredentialError(GONE)
        if kept.record.lapsed:
            raise CredentialError("The stored grant has lapsed; connect it again", detail=kept.record.lapsed)
        return kept

    async def _fresh(self, name: str, refused: str) -> str:
        """A token other than the refused one; all who ask at once in this process wait for the same."""
        token = refused
        for _ in range(2):
            # What runs already may be giving the very token that was refused.
            if token == refused:
                # Whoever goes away takes nobody's refresh along.
                token = await asyncio.shield(self._run(name, refused))
        return token

    def _run(self, name: str, refused: str) -> asyncio.Task[str]:
        """The refresh that runs in this process, or a new one."""
        task = self._running.get(name)
        if task is None:
            task = asyncio.create_task(self._refreshed(name, refused))
            self._running[name] = task
            task.add_done_callback(partial(self._done, name))
        return task

    def _done(self, name: str, task: asyncio.Task[str]) -> None:
        self._running.pop(name, None)
        if not task.cancelled():
            # Looked at, so that nothing complains where all who waited have gone.
            task.exception()

    async def _refreshed(self, name: str, refused: str) -> str:
        """Refresh, or wait for who does."""
        end = self._now() + WAIT_SECONDS
        while True:
            kept = await self._stored(name)
            if kept.record.access_token != refused and kept.record.access_ends > self._now():
                return kept.record.access_token
            await self._check_pause(name)
            async with self._lease(name) as is_ours:
                if is_ours:
                    return await self._refresh(name, refused)
            if self._now() > end:
                raise UpstreamTimeoutError("No fresh token could be obtained in time", detail="the lease is held")
            await asyncio.sleep(POLL_SECONDS)

    async def _refresh(self, name: str, refused: str) -> str:
        """Ask for new tokens and store them; the lease is ours."""
        # Somebody may have been done, or have failed, between our look and our lease.
        kept = await self._stored(name)
        if kept.record.access_token != refused and kept.record.access_ends > self._now():
            return kept.record.access_token
        await self._check_pause(name)
        try:
            fresh = await self._authorization.refreshed(kept.record)
        except GrantRefusedError as error:
            self._observer(GrantRefreshed(name, error.code, error.detail))
            lapsed = msgspec.structs.replace(kept.record, lapsed=(error.detail or error.message)[:200])
            if not await self._vault.replace(kept, lapsed):
                # Our lease was over and somebody was faster: the refused token was an old one.
                return (await self._kept(name)).record.access_token
            raise CredentialError(error.message, detail=error.detail) from error
        except ProxyError as error:
            self._observer(GrantRefreshed(name, error.code, error.detail))
            await self._vault.store.put(f"pause:{name}", error.code.encode(), seconds=PAUSE_SECONDS)
            raise
        self._unstored[name] = (kept, fresh)
        await self._persistently(lambda: self._store(name))
        self._observer(GrantRefreshed(name, "refreshed"))
        return fresh.access_token

    async def _check_pause(self, name: str) -> None:
        """Raise where somebody failed a moment ago."""
        if (failure := await self._vault.store.get(f"pause:{name}")) is not None:
            raise UpstreamTimeoutError("The upstream gave no token a moment ago", detail=failure.decode())

    async def _stored(self, name: str) -> Kept[Grant]:
        """The grant, after new tokens that the store did not take before were brought home."""
        if name in self._unstored:
            await self._store(name)
        return await self._kept(name)

    async def _store(self, name: str) -> None:
        """Put new tokens in the place of the old ones; where those are gone, it was revoked or connected anew."""
        kept, fresh = self._unstored[name]
        await self._vault.replace(kept, fresh)
        self._unstored.pop(name, None)

    @staticmethod
    async def _persistently(step: Callable[[], Awaitable[None]]) -> None:
        for attempt in range(STORE_TRIES):
            try:
                await step()
            except ProxyError:
                if attempt == STORE_TRIES - 1:
                    raise
                await asyncio.sleep(POLL_SECONDS * 2**attempt)
            else:
                return

    @contextlib.asynccontextmanager
    async def _lease(self, name: str) -> AsyncIterator[bool]:
        """The right to refresh, for one at a time over all workers; it ends by itself where its holder dies."""
        key, owner = f"lease:{name}", new_secret().encode()
        store = self._vault.store
        # A store may have done what it did not get to say.
        is_ours = await store.add(key, owner, seconds=LEASE_SECONDS) or await store.get(key) == owner
        try:
            yield is_ours
        finally:
            if is_ours:
                with contextlib.suppress(ProxyError):
                    await store.swap(key, owner, None)
