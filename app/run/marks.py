"""What came once: most things never come again, and what does not is not worth remembering."""

from __future__ import annotations

from collections.abc import Hashable


class Marks:
    """The hashes of what came last, at most `most` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._came: dict[int, None] = {}

    def comes_again(self, thing: Hashable) -> bool:
        """Whether it came before, as far as anybody remembers; it is marked where it did not."""
        mark = hash(thing)
        if mark in self._came:
            return True
        self._came[mark] = None
        if len(self._came) > self._most:
            del self._came[next(iter(self._came))]
        return False
