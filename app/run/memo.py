"""What the same bytes became the last time: an answer of the upstream that is what it was is not made anew.

The upstream is asked each time, so that nothing here is ever stale; what is found is a reply of the same call with the
same parameters for the same credential, out of the same bytes. What comes once is not kept: most answers of a service
that is asked about everything never come again, and memory that is written for each of them costs more than it saves.
"""

from __future__ import annotations

from collections.abc import Hashable, Sized
from typing import Generic, TypeVar

V = TypeVar("V", bound=Sized)

#: of an entry, beside its bytes
OVERHEAD_BYTES = 500
#: hashes of what came once
MOST_MARKS = 4096


class Memo(Generic[V]):
    """Values by key and bytes, `most_bytes` of both; those that were put in first are dropped first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._values: dict[tuple[Hashable, bytes], V] = {}
        self._came_once: dict[int, None] = {}

    @property
    def is_on(self) -> bool:
        """Whether it remembers anything."""
        return self._most_bytes > 0

    def find(self, key: Hashable, raw: bytes) -> V | None:
        """What these bytes became under this key."""
        return self._values.get((key, raw))

    def put(self, key: Hashable, raw: bytes, value: V) -> None:
        """Remember it, if it comes for the second time."""
        mark = hash((key, raw))
        if mark not in self._came_once:
            self._came_once[mark] = None
            if len(self._came_once) > MOST_MARKS:
                del self._came_once[next(iter(self._came_once))]
            return
        size = OVERHEAD_BYTES + len(raw) + len(value)
        if size > self._most_bytes or (key, raw) in self._values:
            return
        self._values[key, raw] = value
        self._bytes += size
        while self._bytes > self._most_bytes:
            first = next(iter(self._values))
            self._bytes -= OVERHEAD_BYTES + len(first[1]) + len(self._values.pop(first))
