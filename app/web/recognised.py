"""What requests were found to ask for, by their bytes: clients that poll send the same ones again and again."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

from app.run.marks import Marks

T = TypeVar("T")

#: path, query, and the headers as they came
Said = tuple[bytes, bytes, bytes]

MOST = 1024
#: what came once, of which it is not known yet that it comes again
MOST_MARKS = 4096
#: what is longer is read anew each time
MOST_BYTES = 2048


class Remembered(Generic[T]):
    """A bounded memory of what came more than once; the last used stay."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._found: OrderedDict[Said, T] = OrderedDict()
        self._marks = Marks(MOST_MARKS)

    def find(self, said: Said) -> T | None:
        """What these bytes ask for, where it is known."""
        found = self._found.get(said)
        if found is not None:
            self._found.move_to_end(said)
        return found

    def comes_again(self, said: Said) -> bool:
        """Whether these bytes came before, as far as anybody remembers, and are short enough to be kept."""
        return self._marks.comes_again(said) and sum(map(len, said)) <= MOST_BYTES

    def put(self, said: Said, found: T) -> None:
        """Remember it."""
        self._found[said] = found
        if len(self._found) > self._most:
            self._found.popitem(last=False)

    def __len__(self) -> int:
        return len(self._found)
