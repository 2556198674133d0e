"""What came once: most things never come again, and what does not is not worth remembering."""

from __future__ import annotations

from collections.abc import Hashable


class Marks:
    """The hashes of what came last: `most` of them at most, half as many at least.

    They go by generations. In a dict whose first entry makes room for the next, the way to the first one grows with
    every entry that went before it.
    """

    def __init__(self, most: int) -> None:
        self._most_young = most // 2
        self._young: set[int] = set()
        self._old: set[int] = set()

    def comes_again(self, thing: Hashable) -> bool:
        """Whether it came before, as far as anybody remembers; it is marked where it did not."""
        mark = hash(thing)
        if mark in self._young or mark in self._old:
            return True
        self._young.add(mark)
        if len(self._young) >= self._most_young:
            self._young, self._old = set(), self._young
        return False
