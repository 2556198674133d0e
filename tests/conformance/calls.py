"""What a test has to know of a call to hold its direct rows: as data, one table an area in `rows/`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.contracted import direct_rows
from tests.conformance.forms import FAMILIES, Form
from tests.conformance.worlds import World

ORG = "1104567890123456781"
Paths = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """Paths read in place of the printed one, the first that is not null counting, and why.

    Without a path the answer holds a `constant`. `lacks`: the live schema has no value at the printed path; else it
    has, and another is the safer or the only one. `read` computes what no path says. `is_told`: where nothing stands,
    what was asked for is the answer.
    """

    paths: tuple[str, ...]
    why: str
    lacks: bool = True
    constant: Any = ""
    read: Callable[[World], Any] | None = None
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """Where an answer holds a value, where that stands upstream, and how it is written."""

    row: str
    place: str
    paths: tuple[str, ...]
    form: Form
    other: Other | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One way to send a call, where its answer holds the rows, how each is written, and which are read elsewhere.

    `printed`: what the paths of the table begin with, and what they begin with in truth. `window` is the list whose
    length is sent as `{rows}`, so that one page brings it all. `parts` are the members of a row that is an object,
    `keyed` the maps by what they are keyed. `told` are the names that a root which tells of what is asked for is asked
    about; the answer has one row of each, or `is_joined`, all in one list. `is_first`: it has the first of the
    root's list. `settled` and `there` are what is fixed of the world, `prepare` fixes what they cannot say.
    """

    id: str
    send: str
    choice: str = ""
    printed: tuple[str, str] = ("", "")
    at: str = ""
    family: str = "text"
    moved: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    others: Mapping[str, Other] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, tuple[Paths, Form | None]]] = field(default_factory=dict)
    collapsing: frozenset[str] = frozenset()
    keyed: Mapping[str, str] = field(default_factory=dict)
    window: str = ""
    told: tuple[str, ...] = ()
    is_joined: bool = False
    is_first: bool = False
    body: str = ""
    settled: Mapping[str, Any] = field(default_factory=dict)
    there: frozenset[str] = frozenset()
    prepare: Callable[[World, bool], None] | None = None
    examples: int = 30

    def __str__(self) -> str:
        return f"{self.id}-{self.choice}".rstrip("-").replace(" ", "_")

    def rows(self) -> dict[str, str]:
        """The direct rows with the paths printed for them, as they begin in truth."""
        begins, truly = self.printed
        return {
            row: truly + path.removeprefix(begins) if path.startswith(begins) else path
            for row, path in direct_rows(self.id, "response").items()
        }

    def reads(self) -> list[Read]:
        """Everything that the answer must hold."""
        return [read for row, path in self.rows().items() for read in self._reads(row, path)]

    def _reads(self, row: str, path: str) -> list[Read]:
        place = self.place(row)
        other = self.others.get(row)
        if row in self.parts:
            plain = FAMILIES[self.family][0]
            return [
                Read(row, f"{place}.{name}", (at,) if isinstance(at, str) else at, form or plain)
                for name, (at, form) in self.parts[row].items()
            ]
        return [Read(row, place, other.paths if other else (path,), self.form(row), other)]

    def place(self, row: str) -> str:
        """Where the answer holds a row; one that is moved takes along what is below it."""
        for moved, to in self.moved.items():
            if f"{row}.".startswith(f"{moved}."):
                return to + row.removeprefix(moved)
        return f"{self.at}.{row}" if self.at else row

    def form(self, row: str) -> Form:
        """How a row is written: by its own name, by the end of its name, or as the family does it."""
        end = row.rpartition(".")[2]
        return self.forms.get(row) or self.forms.get(end) or FAMILIES[self.family][0]
