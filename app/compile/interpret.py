"""The meaning of a tree of reads, slow and plain. The generated code must give the same; a property test compares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from app.compile.paths import HERE, REQUEST, TWIN, Path
from app.compile.tree import (
    MISSING,
    Choice,
    Count,
    Elements,
    Leaf,
    Literal_,
    Many,
    Members,
    Node,
    NullTest,
    OnlyIf,
    Pick,
    Step,
    Table,
    Text,
)
from app.emitted import NOTHING, UNTOLD, as_text, is_nothing


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a node stands: the values its paths begin at."""

    here: Any
    request: dict[str, Any]
    others: dict[str, Any]
    twin: Any = field(default_factory=lambda: NOTHING)
    index: int = 0
    unreadable: list[tuple[str, str]] | None = None

    def at(self, here: Any, twin: Any = NOTHING, index: int = 0) -> Stand:
        """The same request and sources, standing elsewhere."""
        return Stand(here, self.request, self.others, twin, index, self.unreadable)


def explained(tree: Node) -> Callable[..., tuple[Any, tuple[tuple[str, str], ...]]]:
    """A reshape that goes on where a value cannot be read: its member becomes null, and the place is told."""

    def explain(here: Any, request: Any, others: Any) -> tuple[Any, tuple[tuple[str, str], ...]]:
        unreadable: list[tuple[str, str]] = []
        made = interpret(tree, Stand(here, dict(request), dict(others), unreadable=unreadable))
        return made, tuple(unreadable)

    return explain


def interpret(node: Node, stand: Stand) -> Any:
    """The value of a node; MISSING when the member is to be left out.

    Raises what a converter or a misshapen answer raises, unless the stand gathers what is unreadable.
    """
    if stand.unreadable is None:
        return _meaning(node, stand)
    try:
        return _meaning(node, stand)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
        stand.unreadable.append((str(node.place), f"{type(error).__name__}: a value could not be read"))
        return MISSING if isinstance(node, OnlyIf) or getattr(node, "empty", None) is MISSING else _null(node)


def _null(node: Node) -> Any:
    return getattr(node, "null", None)


def _meaning(node: Node, stand: Stand) -> Any:
    meanings: dict[type, Callable[..., Any]] = {
        Leaf: _leaf,
        NullTest: _null_test,
        Literal_: lambda n, s: n.value,
        Text: _text,
        Choice: _choice,
        Count: _count,
        Pick: _pick,
        Many: _many,
        Members: _members,
        OnlyIf: lambda n, s: interpret(n.node, s) if _read(n.flag, s) else MISSING,
    }
    return meanings[type(node)](node, stand)


def _below(value: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        if value is None:
            return None
        value = value.get(step)
    return value


def _read(path: Path, stand: Stand) -> Any:
    if path.start == HERE:
        return _below(stand.here, path.steps)
    if path.start == TWIN:
        return _below(stand.twin, path.steps)
    if path.start == REQUEST:
        return _below(stand.request, path.steps)
    source = stand.others.get(path.start)
    if path.is_indexed:
        source = source[stand.index] if source and stand.index < len(source) else None
    return _below(source, path.steps)


def _leaf(node: Leaf, stand: Stand) -> Any:
    value = next((found for path in node.paths if (found := _read(path, stand)) is not None), None)
    if value is None:
        return node.null
    value = _stepped(value, node.steps)
    return as_text(value) if node.as_text else value


def _stepped(value: Any, steps: tuple[Step, ...]) -> Any:
    for step in steps:
        value = dict(step.entries).get(as_text(value), value) if isinstance(step, Table) else step.convert(value)
    return value


def _text(node: Text, stand: Stand) -> Any:
    pieces = [
        (piece, ()) if isinstance(piece, str) else (_read(piece.path, stand), piece.steps) for piece in node.pieces
    ]
    if any(value is None for value, _ in pieces):
        return node.null
    return "".join(as_text(_stepped(value, steps)) for value, steps in pieces)


def _choice(node: Choice, stand: Stand) -> Any:
    by = as_text(_read(node.by, stand))
    return interpret(next((below for text, below in node.cases if text == by), node.otherwise), stand)


def _elements(elements: Elements, stand: Stand) -> Iterator[Stand]:
    items = _read(elements.path, stand)
    twins: Any = None
    if elements.twin is not None:
        steps = (*elements.path.steps[:-1], elements.twin)
        twins = _read(Path(elements.path.start, steps, elements.path.is_indexed), stand)
    for index, item in enumerate([items] if elements.is_one else items or []):
        for inner in _inner(item, elements.levels):
            found = _below(inner, elements.after)
            if found is not None:
                yield stand.at(found, _twin(twins, elements, index), index)


def _inner(item: Any, levels: tuple[tuple[str, ...], ...]) -> Iterator[Any]:
    """The elements of the lists in an element, all levels down; the element itself where there are none."""
    if not levels:
        yield item
        return
    for below in _below(item, levels[0]) or []:
        yield from _inner(below, levels[1:])


def _twin(twins: Any, elements: Elements, index: int) -> Any:
    if elements.twin is None:
        return NOTHING
    if twins is None or index >= len(twins) or twins[index] is UNTOLD:
        return UNTOLD
    return _below(twins[index], elements.after) or NOTHING


def _null_test(node: NullTest, stand: Stand) -> Any:
    if node.path.start == TWIN and stand.twin is UNTOLD:
        return node.null
    return node.if_null if _read(node.path, stand) is None else node.if_not


def _count(node: Count, stand: Stand) -> Any:
    number = len(list(_elements(node.elements, stand)))
    return as_text(number) if node.as_text else number


def _pick(node: Pick, stand: Stand) -> Any:
    def fits(item: Stand) -> bool:
        for path, wanted in node.where:
            value = _read(path, item)
            if value is None or value != (_read(wanted, stand) if isinstance(wanted, Path) else wanted):
                return False
        return True

    picked = [item for item in _elements(node.elements, stand) if fits(item)]
    if not picked:
        return node.null
    return interpret(node.then, stand.at(picked[0 if node.position == "first" else -1].here))


def _many(node: Many, stand: Stand) -> Any:
    standing = [(part, item) for part in (node, *node.more) for item in _elements(part.elements, stand)]
    made = [_element(part.element, item) for part, item in standing]
    if node.key is not None:
        found: dict[str, Any] = {}
        for (part, item), value in zip(standing, made, strict=True):
            key = _read(part.key, item) if part.key else None
            if key is not None and as_text(key) not in found:
                found[as_text(key)] = value
        return found or []
    if node.join is not None:
        texts = [as_text(value) for value in made]
        return node.join.join(text for text in texts if text)
    if node.collapse:
        return MISSING if not made else made[0] if len(made) == 1 else made
    return made


def _element(element: Node | tuple[Node, ...], stand: Stand) -> Any:
    if isinstance(element, tuple):
        return [interpret(node, stand) for node in element]
    return interpret(element, stand)


def _members(node: Members, stand: Stand) -> Any:
    if node.at is not None:
        found = _read(node.at, stand)
        if found is None:
            return node.null
        stand = stand.at(found, index=stand.index)
    if node.only_with is not None and is_nothing(_read(node.only_with, stand)):
        return node.null
    made = {name: interpret(below, stand) for name, below in node.fields}
    made = {name: value for name, value in made.items() if value is not MISSING}
    return made if made or node.null is None or not node.fields else node.null
