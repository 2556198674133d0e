"""The top of a document: one root under its name, several under aliases, or one that is repeated."""

from __future__ import annotations

from dataclasses import dataclass

from app.compile.operation import REPEATED
from app.compile.paths import Scope, check_going_away
from app.compile.selection import Selection
from app.findings import Finding, UnknownRoot, near_names
from app.mapping.model import Operation, Word
from app.schema import Field, OutputType, Schema, virtual_field


@dataclass(frozen=True, slots=True)
class Roots:
    """A document's top. `start` is where the paths of its answer begin, `bare` the root that bare targets mean.

    `is_rooted`: the answer is read from below its one root, an object, and not from the data with the roots' names. A
    root that is a plain value or a list is not entered: its name is the first step of a path.
    """

    selection: Selection
    start: Selection
    bare: str
    is_rooted: bool

    def check_going_away(self, scope: Scope, operations: tuple[tuple[str, Operation], ...]) -> None:
        """A root that is going away must be named with a reason, as any field."""
        for selected, (_, operation) in zip(self.selection.fields.values(), operations, strict=False):
            check_going_away(selected.definition, Word(selected.name, operation.place), scope, "operation")


def open_roots(
    schema: Schema, operations: tuple[tuple[str, Operation], ...], findings: list[Finding], *, is_repeated: bool
) -> Roots | None:
    """The selected roots of some operations; one that the schema lacks is a finding and gives None."""
    found: list[tuple[str, Field]] = []
    for alias, operation in operations:
        root = schema.root(operation.kind, operation.root)
        if root is None:
            near = near_names(operation.root, schema.roots(operation.kind))
            findings.append(
                UnknownRoot(
                    place=operation.place, rule="operation", name=operation.root, kind=operation.kind, near=near
                )
            )
            return None
        found.append((alias or root.name, root))
    if not found:
        return None
    if is_repeated and len(found) > 1:
        return _several_repeated(found)
    if is_repeated:
        root = found[0][1]
        found = [(REPEATED, Field(root.name, root.owner, root.type, True, root.definition))]
    selection = Selection(OutputType(found[0][1].owner, None, tuple(found)))
    for alias, root in found:
        selection.select(root, alias)
    first = next(iter(selection.fields.values()))
    is_object = not first.type.is_leaf and not first.definition.is_list
    is_rooted = not is_repeated and operations[0][0] == "" and is_object
    start = first.below() if is_rooted else selection
    return Roots(selection, start, first.key if len(found) == 1 else "", is_rooted)


def _several_repeated(found: list[tuple[str, Field]]) -> Roots:
    """Several roots, all of them once an element: an element of the answer has one member a root, under its alias."""
    owner = found[0][1].owner
    element = virtual_field(REPEATED, owner, tuple(found), is_list=True)
    selection = Selection(OutputType(owner, None, ((REPEATED, element),)))
    below = selection.select(element).below()
    for alias, root in found:
        below.select(root, alias)
    return Roots(selection, selection, REPEATED, is_rooted=False)
