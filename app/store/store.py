"""The interface that every store has. Keys are texts without secrets, values bytes, lifetimes seconds."""

from __future__ import annotations

from typing import Protocol

from app.errors import ProxyError


class StoreDownError(ProxyError):
    """X503: the store cannot be reached, so nobody's right to come in can be looked up; nobody does."""

    code = "X503"
    status = 503

    def __init__(self, detail: str) -> None:
        super().__init__(
            "The service cannot look up credentials at the moment; try again shortly",
            mend="see that the store of HEIRLOOM_STORE is up, and can be written",
            detail=detail,
            retry_after_seconds=1,
        )


class Store(Protocol):
    """A map shared by all workers. Each method is atomic over all of them, and raises StoreDownError.

    An entry without a lifetime stays; one whose lifetime is over is not there.
    """

    async def get(self, key: str) -> bytes | None:
        """The value under a key, or None."""
        ...

    async def put(self, key: str, value: bytes, *, seconds: float | None = None) -> None:
        """Set a value, whatever was there."""
        ...

    async def add(self, key: str, value: bytes, *, seconds: float | None = None) -> bool:
        """Set a value where there is none; False, and nothing done, where there is one."""
        ...

    async def swap(self, key: str, old: bytes, new: bytes | None) -> bool:
        """Put `new` in the place of `old`, its lifetime kept; None takes it out. False where `old` is not there."""
        ...

    async def delete(self, key: str) -> bool:
        """Take an entry out; whether there was one."""
        ...

    async def entries(self, prefix: str) -> list[tuple[str, bytes]]:
        """All entries whose keys begin so, by key. For administration: it looks at everything."""
        ...

    async def moment(self) -> float:
        """The time that all who share it go by, in seconds since 1970."""
        ...

    async def check(self) -> None:
        """Raise where the store cannot be read."""
        ...

    async def close(self) -> None:
        """Give back what it holds."""
        ...
