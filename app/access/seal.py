"""What seals records: encryption with keys of which the first is used, and all can open."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class DoesNotOpenError(ValueError):
    """Something was sealed with another key, or changed since."""


class Seal:
    """Seals with the first of `keys` and opens with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def close(self, plain: bytes) -> bytes:
        """The bytes, sealed."""
        return self._fernet.encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        """The bytes that were sealed. Raises DoesNotOpenError."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise DoesNotOpenError from error

    def renew(self, sealed: bytes) -> bytes:
        """What opens, sealed with the first key."""
        return self._fernet.rotate(sealed)
