"""New identifiers in the forms the upstream uses, the same ones for the same seed and order of asking."""

import hashlib
from collections import Counter

SHORT_START = {
    "user": 1_900_000,
    "organization": 400_000,
    "record": 7_000,
    "staff": 51_000,
    "milestone": 5_100_000,
    "submission": 8_300_000,
    "invoice": 61_000_000,
}
CONTRACT_START = 24_000_000


class IdMint:
    """Makes identifiers from a counter for each kind, mixed with the seed so that two worlds do not share them."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made: Counter[str] = Counter()

    def uid(self, kind: str) -> str:
        """Give an 18 to 19 digit identifier, as users, organizations and jobs have; too long for a double."""
        count, digest = self._next(kind)
        return str(424_000_000_000_000_000 + count * 1_000_003_000_019 + digest % 1_000_000_000_000)

    def job_uid(self) -> str:
        """Give a 19 digit job identifier."""
        count, digest = self._next("job")
        return str(1_968_000_000_000_000_000 + count * 1_000_000_007 + digest % 1_000_000_000)

    def short(self, kind: str) -> str:
        """Give a short digit identifier, as `rid` and record ids are."""
        count, digest = self._next(f"short {kind}")
        return str(SHORT_START.get(kind, 100_000) + count * 7 + digest % 7)

    def contract(self) -> str:
        """Give an 8 digit contract or term identifier."""
        count, digest = self._next("contract")
        return str(CONTRACT_START + count * 137 + digest % 137)

    def slug(self, kind: str) -> str:
        """Give a 22 character name-like identifier, as organizations carry in `legacyId`."""
        _, digest = self._next(f"slug {kind}")
        return _base36(digest)[:22]

    def room(self) -> str:
        """Give `room_` and 32 hex digits."""
        return f"room_{self._hex('room', 32)}"

    def story(self) -> str:
        """Give `story_` and 32 hex digits."""
        return f"story_{self._hex('story', 32)}"

    def ciphertext(self, kind: str) -> str:
        """Give a profile or job key: `~01` and 16 hex digits."""
        return f"~01{self._hex(f'ciphertext {kind}', 16)}"

    def token(self) -> str:
        """Give an access token that says where it comes from."""
        return f"oauth2v2_sandbox_{self._hex('token', 32)}"

    def secret(self, kind: str) -> str:
        """Give a text for a code or refresh token."""
        return self._hex(f"secret {kind}", 40)

    def _hex(self, kind: str, length: int) -> str:
        _, digest = self._next(kind)
        return f"{digest:064x}"[:length]

    def _next(self, kind: str) -> tuple[int, int]:
        self._made[kind] += 1
        count = self._made[kind]
        digest = hashlib.blake2b(f"{self._seed}:{kind}:{count}".encode(), digest_size=32).digest()
        return count, int.from_bytes(digest)


def _base36(number: int) -> str:
    digits = "abcdefghijklmnopqrstuvwxyz0123456789"
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text += digits[rest]
    return text
