"""Which rows of the contract a mapping answers, and which it names with a reason: computed from its rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.compile.contract import Call, Contract
from app.compile.request import PART, all_rules
from app.mapping.model import (
    ChoiceRule,
    Conditional,
    ConstantRule,
    EndpointMapping,
    FieldRule,
    ListRule,
    MappingSet,
    ObjectRule,
    PickRule,
)


@dataclass(frozen=True, slots=True)
class Covered:
    """One call: the rows served, those absent with a reason, and those nothing is said about."""

    id: str
    rows: int
    served: tuple[str, ...]
    absent: tuple[tuple[str, str], ...]
    unexplained: tuple[str, ...]
    routes: int
    unavailable: str = ""


def cover(mappings: MappingSet, contract: Contract) -> tuple[Covered, ...]:
    """Coverage of every call of the contract, in its order; a call without a mapping has all rows unexplained."""
    by_id = {endpoint.id: endpoint for endpoint in mappings.endpoints}
    return tuple(_cover_call(call, by_id.get(call.id), mappings) for call in contract.calls.values())


def _cover_call(call: Call, endpoint: EndpointMapping | None, mappings: MappingSet) -> Covered:
    if endpoint is None:
        return Covered(call.id, len(call.rows), (), (), tuple(row.name for row in call.rows), 0)
    answered, requested = answered_names(endpoint, mappings), requested_names(endpoint)
    excused = {word.text: reason for word, reason in endpoint.unmapped}
    served, absent, unexplained = [], [], []
    for row in call.rows:
        known = requested if row.direction == "request" else answered
        name = row.name if row.direction == "request" else member_name(endpoint, row.name)
        if row.name in excused:
            absent.append((row.name, excused[row.name]))
        elif name not in known:
            unexplained.append(row.name)
        elif known[name] or endpoint.unavailable:
            absent.append((row.name, known[name] or endpoint.unavailable))
        else:
            served.append(row.name)
    return Covered(
        call.id,
        len(call.rows),
        tuple(served),
        tuple(absent),
        tuple(unexplained),
        len([route for route in call.routes if bare(route) in {str(route) for route in endpoint.routes}]),
        endpoint.unavailable,
    )


def bare(route: str) -> str:
    """A contract route without its suffix: every mapping answers to `.json`, `.xml` and none."""
    return route.removesuffix(".{format}")


def member_name(endpoint: EndpointMapping, row: str) -> str:
    """Where the answer holds a row: below `rows.at`, unless `rows` moves it, or what it stands below."""
    moved = {word.text: target for word, target in endpoint.rows.moved}
    for name in sorted(moved, key=len, reverse=True):
        if is_at_or_below(row, name):
            return moved[name] + row.removeprefix(name)
    return f"{endpoint.rows.at}.{row}" if endpoint.rows.at else row


def is_at_or_below(row: str, name: str) -> bool:
    """Whether a row has that name, or is a member of what has it."""
    return row == name or row.startswith(f"{name}.")


def answered_names(endpoint: EndpointMapping, mappings: MappingSet) -> dict[str, str]:
    """Every member of the answer by its dotted name, through lists; the value is why it is constant, or empty."""
    names: dict[str, str] = {}
    shapes = {
        name.partition("/")[2]: rule
        for name, rule in mappings.shapes.items()
        if name.partition("/")[0] == endpoint.area.name
    }
    for choice in endpoint.choices:
        if choice.response is not None:
            names |= dict(_members(choice.response, "", shapes))
    return names


def requested_names(endpoint: EndpointMapping) -> dict[str, str]:
    """Every parameter by name; the value is why it has no effect, or empty."""
    rules = [below for rule in all_rules(endpoint) for below in (rule, *rule.holds)]
    return {
        name: "" if rule.policy in {"used", "jsonp"} else rule.why
        for rule in rules
        for name in (rule.name.removeprefix(PART), *(word.text for word in rule.names))
    }


def _members(rule: FieldRule, name: str, shapes: dict[str, ObjectRule]) -> Iterator[tuple[str, str]]:
    if name:
        yield name, rule.why if isinstance(rule, ConstantRule) else ""
    if isinstance(rule, ObjectRule):
        yield from _object(rule, name, shapes)
    elif isinstance(rule, Conditional):
        yield from _members(rule.rule, name, shapes)
    elif isinstance(rule, PickRule):
        yield from _members(rule.then, name, shapes)
    elif isinstance(rule, ListRule):
        yield from _elements(rule, name, shapes)
    elif isinstance(rule, ChoiceRule):
        cases = [below for _, below in rule.cases]
        for below in [*cases, rule.otherwise] if rule.otherwise else cases:
            yield from _members(below, name, shapes)


def _elements(rule: ListRule, name: str, shapes: dict[str, ObjectRule]) -> Iterator[tuple[str, str]]:
    if isinstance(rule.element, ObjectRule):
        yield from _object(rule.element, name, shapes)
    for position, below in enumerate(rule.element) if isinstance(rule.element, tuple) else ():
        yield from _members(below, f"{name}.{position}", shapes)


def _object(rule: ObjectRule, name: str, shapes: dict[str, ObjectRule]) -> Iterator[tuple[str, str]]:
    found = [shapes[word.text] for word in rule.shapes if word.text in shapes]
    for word, below in [member for shape in (*found, rule) for member in shape.fields]:
        yield from _members(below, f"{name}.{word.text}" if name else word.text, shapes)
