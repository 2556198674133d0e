"""A response as a tree of reads: what `emit` turns into Python and `interpret` walks.

Frozen and free of the schema. `null` is what a null becomes; MISSING leaves the member out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from app.compile.paths import Path
from app.converters import Converter
from app.findings import Place


class _Missing:
    """The value of a member that is left out."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


@dataclass(frozen=True, slots=True)
class Table:
    """A step from text to literal; a text that is not listed stays as it is."""

    entries: tuple[tuple[str, Any], ...]


Step = Converter | Table


@dataclass(frozen=True, slots=True)
class Leaf:
    """The first of `paths` that is not null, through `steps`; as text where the family has only texts."""

    place: Place
    paths: tuple[Path, ...]
    steps: tuple[Step, ...]
    null: Any
    as_text: bool


@dataclass(frozen=True, slots=True)
class NullTest:
    """One of two literals, by whether the value at `path` is null; `null` when its list, asked apart, did not come."""

    place: Place
    path: Path
    if_null: Any
    if_not: Any
    null: Any = None


@dataclass(frozen=True, slots=True)
class Literal_:  # noqa: N801 - `Literal` is a word of the type language
    """The same value always."""

    place: Place
    value: Any


@dataclass(frozen=True, slots=True)
class Piece:
    """A value in a text, through `steps`."""

    path: Path
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """Words and values joined; null when one of the values is."""

    place: Place
    pieces: tuple[str | Piece, ...]
    null: Any


@dataclass(frozen=True, slots=True)
class Choice:
    """The node of the case that equals the text at `by`."""

    place: Place
    by: Path
    cases: tuple[tuple[str, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Elements:
    """The elements of a list: `path` leads to the list, `after` into each element; null elements are passed by.

    `levels` lead from an element to the list in it, and so on, for the elements of lists in lists. `is_one`: no list is
    at `path`, what is there is the only element. `twin` is the member beside the list with the same list asked apart.
    """

    path: Path
    after: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...] = ()
    is_one: bool = False
    twin: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many elements a list has."""

    place: Place
    elements: Elements
    as_text: bool


@dataclass(frozen=True, slots=True)
class Pick:
    """The first or last element whose values equal those of `where`, read through `then`; `null` when there is none."""

    place: Place
    elements: Elements
    where: tuple[tuple[Path, Any], ...]
    position: Literal["first", "last"]
    then: Node
    null: Any


@dataclass(frozen=True, slots=True)
class Many:
    """A list. See `mapping.model.ListRule`; `empty` is what an empty list becomes, `more` what follows its elements."""

    place: Place
    elements: Elements
    element: Node | tuple[Node, ...]
    collapse: bool
    key: Path | None
    join: str | None
    empty: Any
    more: tuple[Many, ...] = ()


@dataclass(frozen=True, slots=True)
class Members:
    """An object. `at` is where its members stand, `null` what it becomes when nothing is there, or at `only_with`."""

    place: Place
    fields: tuple[tuple[str, Node], ...]
    at: Path | None
    null: Any
    only_with: Path | None = None


@dataclass(frozen=True, slots=True)
class OnlyIf:
    """A node that is there only when the flag is set."""

    place: Place
    flag: Path
    node: Node


Node = Leaf | NullTest | Literal_ | Text | Choice | Count | Pick | Many | Members | OnlyIf
