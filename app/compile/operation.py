"""The selection that the reads need and the variables that the writes fill, rendered to a validated document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from app.compile.selection import Selected, Selection
from app.compile.writes import Slot
from app.findings import Finding, InvalidDocument, Place
from app.plan import Render, copy_key
from app.schema import Schema

CALLER_ALIAS = "caller"
REPEATED = "all"


@dataclass(frozen=True, slots=True)
class _Field:
    """What the template sees of a selected field."""

    key: str
    name: str
    arguments: tuple[tuple[str, str], ...]
    children: tuple[_Field, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a document is made of. `repeated` are the variables that come once a copy."""

    kind: str
    name: str
    roots: Selection
    slots: dict[str, Slot]
    repeated: frozenset[str]
    is_repeated: bool
    caller: Selected | None

    def root_fields(self) -> tuple[Selected, ...]:
        """The roots; several that are repeated stand below the name of what is repeated."""
        first = next(iter(self.roots.fields.values()))
        return tuple((first.below() if self.has_several_repeated else self.roots).fields.values())

    @property
    def has_several_repeated(self) -> bool:
        """Whether several roots are repeated, so that a copy's answer is made of several."""
        return self.is_repeated and bool(next(iter(self.roots.fields.values())).type.virtual)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A selected field in plain words: what stays of the schema when start-up is over."""

    key: str
    name: str
    coordinate: str
    is_leaf: bool
    arguments: tuple[tuple[str, str], ...]
    children: tuple[_Drawn, ...]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A draft in plain words. `variables` have a name, a type, and whether they come once a copy."""

    kind: str
    name: str
    roots: tuple[_Drawn, ...]
    variables: tuple[tuple[str, str, bool], ...]
    repeated: frozenset[str]
    is_repeated: bool
    has_several_repeated: bool
    caller: _Drawn | None

    def declared(self, copies: int) -> Iterable[tuple[str, str]]:
        """The variables of so many copies, each with its type."""
        for name, type_, is_repeated in self.variables:
            if is_repeated:
                yield from ((f"{name}_{copy}", type_) for copy in range(copies))
            else:
                yield name, type_


class Documents:
    """Renders drafts through `operation.graphql` and validates them."""

    def __init__(self, templates: FilePath, schema: Schema, *, one_by_one: bool = False) -> None:
        environment = Environment(
            loader=FileSystemLoader(templates),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - GraphQL, made of names that the schema knows
            keep_trailing_newline=False,
        )
        self.template = environment.get_template("operation.graphql")
        self.schema = schema
        self._one_by_one = one_by_one
        self._unchecked: list[str] = []

    def renderer(self, draft: Draft) -> Render:
        """A function that renders the draft as it is now, remembering what it rendered; it holds nothing of the schema.

        A field in `withheld` is left out, and with it what has nothing left below.
        """
        template, drawing = self.template, _drawing(draft)

        @lru_cache(maxsize=256)
        def remembered(copies: int, withheld: frozenset[str], with_caller: bool) -> str:
            return _render(template, drawing, copies, withheld, with_caller=with_caller)

        def render(copies: int, withheld: frozenset[str], *, with_caller: bool) -> str:
            return remembered(copies, withheld, with_caller)

        return render

    def check(self, draft: Draft, render: Render, place: Place, findings: list[Finding]) -> None:
        """A document that graphql-core refuses is a finding; `are_right` tells instead where all are checked at once.

        With faults already found it is not rendered.
        """
        text = render(2 if draft.is_repeated else 1, frozenset(), with_caller=draft.caller is not None)
        if self._one_by_one:
            findings += [InvalidDocument(place=place, problem=problem) for problem in self.schema.problems(text)]
        else:
            self._unchecked.append(text)

    def are_right(self) -> bool:
        """Whether graphql-core takes all that were to be checked."""
        return self.schema.are_right(self._unchecked)


def _drawing(draft: Draft) -> _Drawing:
    return _Drawing(
        draft.kind,
        draft.name,
        tuple(map(_drawn, draft.root_fields())),
        tuple((name, str(slot.type), name in draft.repeated) for name, slot in draft.slots.items()),
        draft.repeated,
        draft.is_repeated,
        draft.has_several_repeated,
        _drawn(draft.caller) if draft.caller is not None else None,
    )


def _drawn(selected: Selected) -> _Drawn:
    below = selected.children.fields.values() if selected.children and not selected.type.is_leaf else ()
    return _Drawn(
        selected.key,
        selected.name,
        selected.coordinate,
        selected.type.is_leaf,
        tuple(selected.arguments.items()),
        tuple(map(_drawn, below)),
    )


def _render(template: Template, drawing: _Drawing, copies: int, withheld: frozenset[str], *, with_caller: bool) -> str:
    nodes: list[_Field] = []
    for drawn in drawing.roots:
        for copy in range(copies) if drawing.is_repeated else [None]:
            nodes += _field(drawn, withheld, drawing, copy, is_root=True)
    if drawing.caller is not None and with_caller:
        nodes += _field(drawing.caller, withheld, drawing, None)
    used = {variable for node in nodes for variable in _variables(node)}
    variables = [(name, type_) for name, type_ in drawing.declared(copies) if name in used]
    return template.render(kind=drawing.kind, name=drawing.name, nodes=nodes, variables=variables)


def _field(
    drawn: _Drawn, withheld: frozenset[str], drawing: _Drawing, copy: int | None, *, is_root: bool = False
) -> list[_Field]:
    if drawn.coordinate in withheld:
        return []
    arguments = tuple(
        (argument, f"{variable}_{copy}" if copy is not None and variable in drawing.repeated else variable)
        for argument, variable in drawn.arguments
    )
    key = drawn.key
    if is_root and copy is not None:
        key = copy_key(copy, key if drawing.has_several_repeated else "")
    if drawn.is_leaf:
        return [_Field(key, drawn.name, arguments, ())]
    children = tuple(node for child in drawn.children for node in _field(child, withheld, drawing, copy))
    if not children and drawn.children:
        return []
    return [_Field(key, drawn.name, arguments, children or (_Field("__typename", "__typename", (), ()),))]


def _variables(node: _Field) -> Iterable[str]:
    yield from (variable for _, variable in node.arguments)
    for child in node.children:
        yield from _variables(child)
