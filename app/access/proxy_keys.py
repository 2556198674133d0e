"""Keys of the broker: what a client presents in the place of an access token, and what each may reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.access.admission import KEY_PREFIX, Presented
from app.access.records import ProxyKey
from app.access.vault import Kept, Vault, digest, new_secret
from app.errors import CredentialError
from app.message import Credential


class Grants(Protocol):
    """What gives a stored grant's credential."""

    async def credential(
        self, name: str, *, key: str, areas: tuple[str, ...] | None = None, tenants: tuple[str, ...] | None = None
    ) -> Credential:
        """The credential of a grant. Raises CredentialError."""
        ...


class ProxyKeys:
    """Makes keys and finds whose they are; the store knows them by their digests only."""

    def __init__(self, vault: Vault, grants: Grants, now: Callable[[], float]) -> None:
        self._vault = vault
        self._grants = grants
        self._now = now

    async def make(
        self, name: str, grant: str, areas: tuple[str, ...] | None = None, tenants: tuple[str, ...] | None = None
    ) -> str:
        """A new key; this is the only time that it is seen."""
        key = KEY_PREFIX + new_secret()
        record = ProxyKey(name=name, grant=grant, created=self._now(), areas=areas, tenants=tenants)
        await self._vault.put(digest(key), record)
        return key

    async def revoke(self, name: str) -> int:
        """Take out every key of that name; how many there were."""
        kept = [one for one in await self._vault.all(ProxyKey) if one.record.name == name]
        return sum([await self._vault.delete(ProxyKey, one.name) for one in kept])

    async def check(self, key: str) -> None:
        """Raise CredentialError where a key is not known."""
        await self._known(key)

    async def find(self, presented: Presented, token: str) -> Credential:
        """The credential that a key stands for. Raises CredentialError, StoreDownError."""
        kept = await self._known(token)
        found, own = kept.record, f"key:{kept.name}"
        # Two keys over one grant remember nothing of each other: they may be bound apart.
        return await self._grants.credential(found.grant, key=own, areas=found.areas, tenants=found.tenants)

    async def _known(self, key: str) -> Kept[ProxyKey]:
        kept = await self._vault.get(ProxyKey, digest(key))
        if kept is None:
            raise CredentialError("The proxy key is not known, or was revoked")
        return kept
