"""The selection set that the reads of a mapping need, grown while they are resolved.

A tree of mutable nodes during the build; `compile/operation.py` renders it. Each node knows the type it is selected on,
so that a field can be left out later by its `Type.field` name.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.plan import APART
from app.schema import Field, OutputType


@dataclass(slots=True)
class Selected:
    """One field in a selection: `key` is its name in the answer, `arguments` names the variable of each argument."""

    key: str
    name: str
    owner: str
    type: OutputType
    definition: Field
    arguments: dict[str, str] = field(default_factory=dict)
    children: Selection | None = None

    @property
    def coordinate(self) -> str:
        """`Type.field`, as the upstream's scope errors name it."""
        return f"{self.owner}.{self.name}"

    def below(self) -> Selection:
        """The selection under this field, made when first asked for."""
        if self.children is None:
            self.children = Selection(self.type)
        return self.children


@dataclass(slots=True)
class Selection:
    """What is selected on one type."""

    type: OutputType
    fields: dict[str, Selected] = field(default_factory=dict)

    def select(self, step: Field, alias: str | None = None) -> Selected:
        """Select a field once, under its own name or an alias."""
        key = alias or step.name
        if key not in self.fields:
            self.fields[key] = Selected(key, step.name, step.owner, step.type, step)
        return self.fields[key]

    def apart(self, step: Field) -> Selected:
        """Select the same list a second time, under an alias, for fields whose null would void an element."""
        return self.select(step, APART + step.name)

    def all_fields(self) -> list[Selected]:
        """Every field of the tree."""
        found = []
        for selected in self.fields.values():
            found.append(selected)
            found += selected.children.all_fields() if selected.children else []
        return found
