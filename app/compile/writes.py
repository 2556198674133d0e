"""Targets: where a request rule writes, checked against the arguments that the schema has there.

`id` is an argument of the root, `filter.roomType_eq` a member of one, `clientOffers(pagination.first)` an argument of a
field below. Every argument becomes one variable; its value is an object made of all that is written into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputType,
    Undefined,
    get_named_type,
)
from graphql.utilities import coerce_input_value

from app.compile.paths import Path
from app.compile.selection import Selected, Selection
from app.compile.tree import Node
from app.findings import (
    BadConstant,
    DeprecatedUpstream,
    Finding,
    KeysTogether,
    MissingArgument,
    Place,
    UnknownArgument,
    near_names,
)
from app.mapping.model import Constant, Word
from app.plan import APART
from app.schema import going_away, input_members, is_required

TARGET = re.compile(r"(?:(?P<field>[\w.]+)\()?(?P<argument>[\w.]+)\)?")


@dataclass(frozen=True, slots=True)
class Put:
    """One value into one place: from a path, made by a rule, or a literal.

    `owner` is the parameter that brings it; `is_sure`: there whatever the caller sends.
    """

    source: Path | Node | Constant
    owner: str
    is_sure: bool
    is_each: bool = False
    items: tuple[tuple[str, Path, bool], ...] = ()


@dataclass(slots=True)
class Slot:
    """A place in a variable: a value is put into it, or it holds members."""

    type: GraphQLInputType
    place: Place
    put: Put | None = None
    members: dict[str, Slot] = field(default_factory=dict)
    is_walked: bool = False

    def puts(self) -> Iterable[Put]:
        """Everything put here or below."""
        if self.put is not None:
            yield self.put
        for member in self.members.values():
            yield from member.puts()

    def all(self) -> Iterable[Slot]:
        """The place itself, and every one below it."""
        yield self
        for member in self.members.values():
            yield from member.all()

    @property
    def is_sure(self) -> bool:
        """Whether something is written here whatever the caller sends."""
        return (
            self.is_walked or any(put.is_sure for put in self.puts()) or any(m.is_sure for m in self.members.values())
        )


@dataclass(frozen=True, slots=True)
class Target:
    """A resolved target: the variable, the members below it, and the type of value it takes."""

    variable: str
    members: tuple[str, ...]
    type: GraphQLInputType

    @property
    def steps(self) -> tuple[str, ...]:
        """Variable and members, as a path in the variables."""
        return (self.variable, *self.members)


class Variables:
    """The variables of one operation, grown target by target."""

    def __init__(self, selection: Selection, findings: list[Finding], deprecated: frozenset[str], root: str) -> None:
        self.selection = selection
        self.findings = findings
        self.deprecated = deprecated
        self.root = root
        self.slots: dict[str, Slot] = {}

    def target(self, word: Word, rule: str) -> Target | None:
        """Resolve a target and open its slots; a fault is a finding and gives None."""
        match = TARGET.fullmatch(word.text)
        if match is None:
            self._unknown(word, rule, "the target", word.text, ())
            return None
        owners = self._owners(word, match["field"], rule)
        if not owners:
            return None
        argument, *members = match["argument"].split(".")
        owner = owners[0]
        definition = owner.definition.definition.args.get(argument)
        if definition is None:
            self._unknown(word, rule, f"'{owner.name}'", argument, tuple(owner.definition.definition.args))
            return None
        self._check_going_away(definition, f"{owner.name}({argument})", word, rule)
        prefix = match["field"].replace(".", "_") + "_" if match["field"] else ""
        variable = prefix + argument
        for selected in owners:
            selected.arguments[argument] = variable
        slot = self.slots.setdefault(variable, Slot(definition.type, word.place))
        type_ = self._below(slot, members, word, rule, owner.name)
        return Target(variable, tuple(members), type_) if type_ is not None else None

    def put(self, target: Target, put: Put, word: Word, rule: str) -> None:
        """Put a value into a target; a place written by two parameters, or whole and in part, is a finding."""
        *above, slot = self._way(target)
        parts = [part for member in slot.members.values() for part in member.puts()]
        others = [other.put.owner for other in above if other.put is not None] + [part.owner for part in parts]
        if slot.put is not None and slot.put.owner != put.owner:
            others.append(slot.put.owner)
        if any(one.is_walked for one in (*above, *slot.all())):
            others.append("page")
        if others:
            problem = f"'{word.text}' is written by '{others[0]}' and by '{put.owner}'"
            advice = "let one rule take both names with `names:`"
            self.findings.append(KeysTogether(place=word.place, rule=rule, problem=problem, advice=advice))
        slot.put = put

    def walk_over(self, target: Target, word: Word, rule: str) -> None:
        """Leave a target to the walk over a page, which must be alone to write there."""
        slot = self.slot(target)
        others = [put.owner for put in slot.puts()] + (["page"] if slot.is_walked else [])
        if others:
            problem = f"'{word.text}' is written already, by '{others[0]}'"
            advice = "leave it to one of them"
            self.findings.append(KeysTogether(place=word.place, rule=rule, problem=problem, advice=advice))
        slot.is_walked = True

    def slot(self, target: Target) -> Slot:
        """The slot of a target."""
        return self._way(target)[-1]

    def _way(self, target: Target) -> list[Slot]:
        """The slots from the variable down to the target."""
        way = [self.slots[target.variable]]
        for member in target.members:
            way.append(way[-1].members[member])
        return way

    def check_complete(self, operation_place: Place) -> None:
        """Every argument and member that the schema requires must be sure to be written."""
        for selected in self._with_root():
            for name, argument in selected.definition.definition.args.items():
                if is_required(argument) and not self._is_written(selected, name):
                    self._missing(operation_place, f"'{selected.name}'", name, argument)
        for slot in self.slots.values():
            self._check_members(slot)

    def _with_root(self) -> list[Selected]:
        return self.selection.all_fields()

    def _is_written(self, selected: Selected, argument: str) -> bool:
        variable = selected.arguments.get(argument)
        slot = self.slots.get(variable) if variable else None
        return slot is not None and slot.is_sure

    def _check_members(self, slot: Slot) -> None:
        for name, member in input_members(slot.type).items():
            if is_required(member) and not self._is_member_written(slot, name):
                self._missing(slot.place, str(get_named_type(slot.type)), name, member)
        for below in slot.members.values():
            self._check_members(below)

    @staticmethod
    def _is_member_written(slot: Slot, name: str) -> bool:
        """Sure to be written, or brought by the one parameter that brings everything in this object."""
        if slot.put is not None:
            return not slot.put.items or any(item == name and is_sure for item, _, is_sure in slot.put.items)
        member = slot.members.get(name)
        if member is None:
            return False
        return member.is_sure or len({put.owner for put in slot.puts()}) == 1

    def _missing(self, place: Place, owner: str, name: str, definition: GraphQLArgument | GraphQLInputField) -> None:
        type_name = str(definition.type)
        self.findings.append(MissingArgument(place=place, owner=owner, argument=name, type_name=type_name))

    def _owners(self, word: Word, path: str | None, rule: str) -> list[Selected]:
        """The selected field that takes the argument, and its twin asked apart."""
        fields = [self.root] if self.root else []
        fields += path.split(".") if path else []
        here, found = self.selection, list[Selected]()
        for name in fields:
            selected = here.fields.get(name)
            if selected is None:
                step = here.type.field(name)
                if step is None:
                    near = here.type.near(name)
                    self.findings.append(
                        UnknownArgument(place=word.place, rule=rule, name=name, owner=here.type.name, near=near)
                    )
                else:
                    problem = f"'{name}' takes an argument, and no rule of the response reads it"
                    advice = "read something below it, or take the rule out"
                    self.findings.append(KeysTogether(place=word.place, rule=rule, problem=problem, advice=advice))
                return []
            twin = here.fields.get(APART + name)
            found = [selected, twin] if twin else [selected]
            here = selected.below() if not selected.type.is_leaf else here
        if not found:
            self._unknown(word, rule, "several operations", word.text, tuple(f"{key}(…)" for key in here.fields))
        return found

    def _below(self, slot: Slot, members: list[str], word: Word, rule: str, owner: str) -> GraphQLInputType | None:
        for name in members:
            known = input_members(slot.type)
            member = known.get(name)
            if member is None:
                self._unknown(word, rule, str(get_named_type(slot.type)), name, tuple(known))
                return None
            self._check_going_away(member, f"{get_named_type(slot.type)}.{name}", word, rule)
            slot = slot.members.setdefault(name, Slot(member.type, word.place))
        return slot.type

    def _check_going_away(
        self, definition: GraphQLArgument | GraphQLInputField, name: str, word: Word, rule: str
    ) -> None:
        reason = going_away(definition)
        if reason and name not in self.deprecated:
            self.findings.append(DeprecatedUpstream(place=word.place, rule=rule, field=name, reason=reason))

    def _unknown(self, word: Word, rule: str, owner: str, name: str, known: tuple[str, ...]) -> None:
        near = near_names(name, known)
        self.findings.append(UnknownArgument(place=word.place, rule=rule, name=name, owner=owner, near=near))


def check_constant(value: Constant, type_: GraphQLInputType, place: Place, rule: str, findings: list[Finding]) -> None:
    """A literal must be of the type it is written to."""
    if coerce_input_value(value, type_) is Undefined:
        named = get_named_type(type_)
        known = tuple(named.values) if isinstance(named, GraphQLEnumType) else ()
        near = near_names(str(value), known)
        findings.append(BadConstant(place=place, rule=rule, name=repr(value), type_name=str(type_), near=near))


def enum_values(type_: GraphQLInputType) -> tuple[str, ...]:
    """The values of an enum behind all wrappers; none for another type."""
    named = get_named_type(type_)
    return tuple(named.values) if isinstance(named, GraphQLEnumType) else ()
