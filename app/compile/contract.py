"""The contract as data: every call that the legacy API had, its routes, and every row that its table promises."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

FILE = "_contract.json"


class Row(msgspec.Struct, frozen=True):
    """One promised member or parameter. `path` is the upstream path printed for it, `line` the document's line."""

    name: str
    direction: str
    status: str
    line: int
    path: str | None = None
    kind: str | None = None
    index: int | None = None


class Call(msgspec.Struct, frozen=True):
    """One legacy call with its routes, written without a suffix, and its rows."""

    id: str
    line: int
    routes: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """All calls by id (`area/name`)."""

    calls: dict[str, Call]

    def of_area(self, area: str) -> tuple[Call, ...]:
        """The calls of one area."""
        return tuple(call for name, call in self.calls.items() if name.startswith(f"{area}/"))


def load_contract(folder: Path) -> Contract | None:
    """The contract beside the mappings; None where a folder has none (a set of mappings of one's own)."""
    path = folder / FILE
    if not path.is_file():
        return None
    calls = msgspec.json.decode(path.read_bytes(), type=list[Call])
    return Contract({call.id: call for call in calls})
