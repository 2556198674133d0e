"""What the same bytes became the last time: an answer of the upstream that is what it was is not made anew.

The upstream is asked each time, so that nothing here is ever stale; what is found is a reply of the same call with the
same parameters for the same credential, out of the same bytes. What is asked once is not kept: most questions of a
service that is asked about everything never come again, and memory that is written for each of them costs more than
it saves.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sized
from typing import Generic, TypeVar

from app.run.marks import Marks

V = TypeVar("V", bound=Sized)

#: of an entry, beside its bytes
OVERHEAD_BYTES = 500
#: what was asked once
MOST_MARKS = 4096


class Memo(Generic[V]):
    """The last value by key and the bytes it was made of, `most_bytes` of both; what was put in first goes first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        #: whether it remembers anything
        self.is_on = most_bytes > 0
        self._bytes = 0
        self._values: OrderedDict[Hashable, tuple[bytes, V]] = OrderedDict()
        self._marks = Marks(MOST_MARKS)

    def find(self, key: Hashable, raw: bytes) -> V | None:
        """What these bytes became under this key, if they were the last ones."""
        found = self._values.get(key)
        # Two lengths, or the first bytes that differ, tell most answers apart: nothing is hashed.
        return found[1] if found is not None and found[0] == raw else None

    def put(self, key: Hashable, raw: bytes, value: V) -> None:
        """Remember it, if the key comes for the second time."""
        if key not in self._values and not self._marks.comes_again(key):
            return
        self.drop(key)
        size = _size(raw, value)
        if size > self._most_bytes:
            return
        self._values[key] = (raw, value)
        self._bytes += size
        while self._bytes > self._most_bytes:
            self.drop(next(iter(self._values)))

    def drop(self, key: Hashable) -> None:
        """Remember nothing under a key."""
        found = self._values.pop(key, None)
        if found is not None:
            self._bytes -= _size(*found)


def _size(raw: bytes, value: Sized) -> int:
    return OVERHEAD_BYTES + len(raw) + len(value)
