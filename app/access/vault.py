"""Records in the store, encrypted at rest: nobody reads or moves them without the secret key."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from app.access.records import Consumer, Grant, ProxyKey, Record, SignedToken, TemporaryToken, Ticket, Write
from app.store.store import Store, StoreDownError

R = TypeVar("R", bound=Record)

#: where each kind of record lies
FOLDERS: dict[type[Record], str] = {
    Grant: "grant",
    ProxyKey: "key",
    Ticket: "ticket",
    Consumer: "consumer",
    TemporaryToken: "temporary",
    SignedToken: "token",
    Write: "write",
}


@dataclass(frozen=True, slots=True)
class Kept(Generic[R]):
    """A record as it lies in the store; `sealed` is what a swap compares."""

    name: str
    record: R
    sealed: bytes


def new_secret_key() -> str:
    """A key for HEIRLOOM_SECRET_KEY."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def digest(secret: str) -> str:
    """The name under which something with this much chance in it is kept: tells nothing of the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret() -> str:
    """256 bits of chance, as a word that a command line takes as it is."""
    return secrets.token_hex(32)


class Vault:
    """Seals records with the first of `keys` and opens them with any. Methods raise StoreDownError."""

    def __init__(self, store: Store, keys: Sequence[str]) -> None:
        from app.access.seal import Seal  # noqa: PLC0415 - only who keeps something sealed pays for cryptography

        self.store = store
        self._seal = Seal(keys)

    async def get(self, kind: type[R], name: str) -> Kept[R] | None:
        """The record of that name, or None."""
        sealed = await self.store.get(_key(kind, name))
        return None if sealed is None else self._open(kind, name, sealed)

    async def put(self, name: str, record: Record, *, seconds: float | None = None) -> None:
        """Keep a record, whatever was there."""
        await self.store.put(_key(type(record), name), self._closed(name, record), seconds=seconds)

    async def add(self, name: str, record: R, *, seconds: float | None = None) -> Kept[R] | None:
        """Keep a record where there is none of that name; None where there is one."""
        sealed = self._closed(name, record)
        is_kept = await self.store.add(_key(type(record), name), sealed, seconds=seconds)
        return Kept(name, record, sealed) if is_kept else None

    async def replace(self, kept: Kept[R], record: R) -> Kept[R] | None:
        """Keep a record in the place of one that was read; None where somebody was faster."""
        sealed = self._closed(kept.name, record)
        is_kept = await self.store.swap(_key(type(record), kept.name), kept.sealed, sealed)
        return Kept(kept.name, record, sealed) if is_kept else None

    async def take(self, kept: Kept[R]) -> bool:
        """Take out a record that was read; of many who try one does."""
        return await self.store.swap(_key(type(kept.record), kept.name), kept.sealed, None)

    async def delete(self, kind: type[R], name: str) -> bool:
        """Take out the record of that name; whether there was one."""
        return await self.store.delete(_key(kind, name))

    async def all(self, kind: type[R]) -> list[Kept[R]]:
        """Every record of a kind, by name."""
        prefix = _key(kind, "")
        found = await self.store.entries(prefix)
        return [self._open(kind, key.removeprefix(prefix), sealed) for key, sealed in found]

    async def reseal(self) -> int:
        """Seal everything with the first key, so that the others can go; how many records there were."""
        count = 0
        for kind, folder in FOLDERS.items():
            for key, sealed in await self.store.entries(f"{folder}:"):
                self._open(kind, key.removeprefix(f"{folder}:"), sealed)
                await self.store.swap(key, sealed, self._seal.renew(sealed))
                count += 1
        return count

    def _closed(self, name: str, record: Record) -> bytes:
        # The name is sealed too: a record moved to another's place does not open.
        return self._seal.close(msgspec.json.encode([_key(type(record), name), record]))

    def _open(self, kind: type[R], name: str, sealed: bytes) -> Kept[R]:
        try:
            key, record = msgspec.json.decode(self._seal.open(sealed), type=tuple[str, kind])  # type: ignore[valid-type]
        except ValueError as error:
            raise StoreDownError(f"{FOLDERS[kind]} does not open with HEIRLOOM_SECRET_KEY") from error
        if key != _key(kind, name):
            raise StoreDownError(f"{FOLDERS[kind]} lies in the place of another")
        return Kept(name, record, sealed)


def _key(kind: type[Record], name: str) -> str:
    return f"{FOLDERS[kind]}:{name}"
