"""The selection that the reads need and the variables that the writes fill, rendered to a validated document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath

from jinja2 import Environment, FileSystemLoader, StrictUndefined

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


class Documents:
    """Renders drafts through `operation.graphql` and validates them."""

    def __init__(self, templates: FilePath, schema: Schema) -> None:
        environment = Environment(
            loader=FileSystemLoader(templates),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - GraphQL, made of names that the schema knows
            keep_trailing_newline=False,
        )
        self.template = environment.get_template("operation.graphql")
        self.schema = schema

    def renderer(self, draft: Draft) -> Render:
        """A function that renders the draft, remembering what it rendered."""

        @lru_cache(maxsize=256)
        def remembered(copies: int, withheld: frozenset[str], with_caller: bool) -> str:
            return self.render(draft, copies, withheld, with_caller=with_caller)

        def render(copies: int, withheld: frozenset[str], *, with_caller: bool) -> str:
            return remembered(copies, withheld, with_caller)

        return render

    def render(self, draft: Draft, copies: int, withheld: frozenset[str], *, with_caller: bool) -> str:
        """The document's text. A field in `withheld` is left out, and with it what has nothing left below."""
        nodes: list[_Field] = []
        for selected in draft.root_fields():
            for copy in range(copies) if draft.is_repeated else [None]:
                nodes += _field(selected, withheld, draft, copy, is_root=True)
        if draft.caller is not None and with_caller:
            nodes += _field(draft.caller, withheld, draft, None)
        used = {variable for node in nodes for variable in _variables(node)}
        variables = [(name, type_) for name, type_ in self._declared(draft, copies) if name in used]
        return self.template.render(kind=draft.kind, name=draft.name, nodes=nodes, variables=variables)

    @staticmethod
    def _declared(draft: Draft, copies: int) -> Iterable[tuple[str, str]]:
        for name, slot in draft.slots.items():
            if name in draft.repeated:
                yield from ((f"{name}_{copy}", str(slot.type)) for copy in range(copies))
            else:
                yield name, str(slot.type)

    def check(self, draft: Draft, place: Place, findings: list[Finding]) -> None:
        """A document that graphql-core refuses is a finding; with faults already found it is not rendered."""
        with_caller = draft.caller is not None
        text = self.render(draft, 2 if draft.is_repeated else 1, frozenset(), with_caller=with_caller)
        findings += [InvalidDocument(place=place, problem=problem) for problem in self.schema.problems(text)]


def _field(
    selected: Selected, withheld: frozenset[str], draft: Draft, copy: int | None, *, is_root: bool = False
) -> list[_Field]:
    if selected.coordinate in withheld:
        return []
    arguments = tuple(
        (argument, f"{variable}_{copy}" if copy is not None and variable in draft.repeated else variable)
        for argument, variable in selected.arguments.items()
    )
    key = selected.key
    if is_root and copy is not None:
        key = copy_key(copy, key if draft.has_several_repeated else "")
    if selected.type.is_leaf:
        return [_Field(key, selected.name, arguments, ())]
    below = selected.children.fields.values() if selected.children else ()
    children = tuple(node for child in below for node in _field(child, withheld, draft, copy))
    if not children and below:
        return []
    return [_Field(key, selected.name, arguments, children or (_Field("__typename", "__typename", (), ()),))]


def _variables(node: _Field) -> Iterable[str]:
    yield from (variable for _, variable in node.arguments)
    for child in node.children:
        yield from _variables(child)
