"""Parameter rules to a plan of reads (legacy parameter to value) and writes (value to variable)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from graphql import GraphQLInputType, get_named_type

from app.compile.paths import REQUEST, Path, Scope, ValueSource, resolve_one
from app.compile.response import resolve_converters
from app.compile.tree import Step, Table
from app.compile.writes import Put, Target, Variables, check_constant, enum_values
from app.converters import Converter, Kind
from app.findings import ConverterMismatch, Finding, KeysTogether, Place, UnboundPathPart, UnknownSource, near_names
from app.mapping.model import AlwaysRule, Condition, EndpointMapping, ParamRule, Value, Word
from app.schema import input_members

PART = "path."
SCALAR_KINDS: dict[str, Kind] = {"Int": "number", "Float": "number", "Boolean": "boolean"}


@dataclass(frozen=True, slots=True)
class Limits:
    """A step that lets numbers pass that are not below `least` and not above `most`."""

    least: Any
    most: Any


ParamStep = Step | Limits


@dataclass(frozen=True, slots=True)
class ParamPlan:
    """How one parameter becomes a value. `names` are all it may be called; `holder` the parameter that may hold it."""

    name: str
    place: Place
    source: Literal["part", "param"]
    names: tuple[str, ...]
    steps: tuple[ParamStep, ...]
    default: Any
    required: bool
    keeps_empty: bool
    accepts: tuple[str, ...] | None
    policy: Literal["used", "ignored", "warned", "refused"]
    why: str
    members: tuple[tuple[str, tuple[ParamStep, ...]], ...] = ()
    items: tuple[ParamPlan, ...] = ()
    holder: str | None = None

    @property
    def takes_any(self) -> bool:
        """Whether lists and objects reach the first step as they are."""
        return bool(self.steps) and isinstance(self.steps[0], Converter) and self.steps[0].takes == "any"


@dataclass(slots=True)
class RequestPlan:
    """All parameters of a call, the holders among them, and which one names the tenant."""

    params: list[ParamPlan] = field(default_factory=list)
    holders: list[tuple[str, ...]] = field(default_factory=list)
    tenant: str | None = None
    organizations: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)


def compile_params(mapping: EndpointMapping, findings: list[Finding], used_converters: set[str]) -> RequestPlan:
    """The reads of all parameters, those of every choice included; every part of the path must have a rule."""
    plan = RequestPlan()
    for rule in all_rules(mapping):
        if rule.holds:
            plan.holders.append((rule.name, *(word.text for word in rule.names)))
            for below in rule.holds:
                _add(plan, _param(below, findings, used_converters, rule.name), below)
            continue
        _add(plan, _param(rule, findings, used_converters, None), rule)
    _check_parts(mapping, plan, findings)
    return plan


def all_rules(mapping: EndpointMapping) -> tuple[ParamRule, ...]:
    """The parameters at the top and those of the choices; one named at both places is read as it stands first."""
    rules = list(mapping.request)
    seen = {below.name for rule in rules for below in (rule, *rule.holds)}
    for choice in mapping.choices:
        for rule in choice.request:
            if rule.name not in seen:
                seen.add(rule.name)
                rules.append(rule)
    return tuple(rules)


def _add(plan: RequestPlan, param: ParamPlan, rule: ParamRule) -> None:
    plan.params.append(param)
    members = tuple(name for name, _ in param.members)
    if param.steps and isinstance(param.steps[-1], Converter):
        members = param.steps[-1].members or members
    plan.names[param.name] = members
    plan.kinds[param.name] = "any" if param.members or param.items else kind_after(param.steps)
    if rule.is_tenant:
        plan.tenant = param.name
    if rule.is_person:
        plan.people.append(param.name)
    if rule.is_organization:
        plan.organizations.append(param.name)
        plan.names[kind_of_organization(param.name)] = ()


def kind_of_organization(name: str) -> str:
    """The value that says whether a parameter names a company or a team."""
    return f"{name}.kind"


def kind_after(steps: tuple[ParamStep, ...]) -> Kind:
    """What kind of value the steps leave; a text without steps."""
    kind: Kind = "text"
    for step in steps:
        kind = step.gives if isinstance(step, Converter) else "number" if isinstance(step, Limits) else "any"
    return kind


def _param(rule: ParamRule, findings: list[Finding], used: set[str], holder: str | None) -> ParamPlan:
    name = f"request.{rule.name}"
    is_part = rule.name.startswith(PART)
    called = rule.name.removeprefix(PART)
    steps = _steps(rule, "text", findings, used, name)
    members = tuple(
        (member.name, _steps(member, "any", findings, used, f"{name}.members.{member.name}")) for member in rule.members
    )
    items = tuple(_param(item, findings, used, None) for item in rule.items)
    return ParamPlan(
        name=called,
        place=rule.place,
        source="part" if is_part else "param",
        names=(called, *(word.text for word in rule.names)),
        steps=steps,
        default=rule.default.value if rule.default else None,
        required=rule.required or is_part,
        keeps_empty=rule.keeps_empty,
        accepts=tuple(str(value.value).lower() for value in rule.accepts) if rule.accepts is not None else None,
        policy=rule.policy,
        why=rule.why,
        members=members,
        items=items,
        holder=holder,
    )


def _steps(rule: ParamRule, kind: Kind, findings: list[Finding], used: set[str], name: str) -> tuple[ParamStep, ...]:
    converters, kind = resolve_converters(rule.via, kind, findings, used, name)
    steps: tuple[ParamStep, ...] = converters
    if rule.values is not None:
        steps += (Table(tuple((text, value.value) for text, value in rule.values)),)
    if rule.least is None and rule.most is None:
        return steps
    if kind not in {"number", "any"}:
        problem, advice = f"'least' and 'most' of a {kind}", "give it a converter to a number with `via:`"
        findings.append(KeysTogether(place=rule.place, rule=name, problem=problem, advice=advice))
    return (*steps, Limits(rule.least and rule.least.value, rule.most and rule.most.value))


def _check_parts(mapping: EndpointMapping, plan: RequestPlan, findings: list[Finding]) -> None:
    bound = {param.name for param in plan.params if param.source == "part"}
    in_routes = {part[1:-1] for route in mapping.routes for part in route.path.split("/") if part.startswith("{")}
    for route in mapping.routes[:1]:
        for part in sorted(in_routes - bound):
            findings.append(UnboundPathPart(place=route.place, rule="route", part=part))
    for param in plan.params:
        if param.source == "part" and param.name not in in_routes and mapping.routes:
            near = near_names(param.name, in_routes)
            findings.append(UnknownSource(place=param.place, rule="request", name=f"path.{param.name}", near=near))


# --- writes ----------------------------------------------------------------------------------------------------------


def write_params(
    rules: tuple[ParamRule, ...], plan: RequestPlan, variables: Variables, findings: list[Finding], each: str | None
) -> None:
    """Put every parameter where its rules say."""
    for rule in rules:
        for below in rule.holds or (rule,):
            _write(below, plan, variables, findings, each)


def _write(rule: ParamRule, plan: RequestPlan, variables: Variables, findings: list[Finding], each: str | None) -> None:
    name = rule.name.removeprefix(PART)
    param = next((param for param in plan.params if param.name == name), None)
    if param is None:
        return
    sure = param.required or param.default is not None or name in variables.given
    for word in rule.to:
        target = variables.target(word, f"request.{rule.name}")
        if target is None:
            continue
        _check_kind(param, rule, target.type, findings)
        put = Put(Path(REQUEST, (name,)), name, sure, is_each=name == each, items=_items(rule, target, findings))
        variables.put(target, put, word, f"request.{rule.name}")
    for member in rule.members:
        for word in member.to:
            target = variables.target(word, f"request.{rule.name}.members.{member.name}")
            if target is not None:
                variables.put(target, Put(Path(REQUEST, (name, member.name)), name, sure), word, f"request.{rule.name}")


def _items(rule: ParamRule, target: Target, findings: list[Finding]) -> tuple[tuple[str, Path, bool], ...]:
    """The members of the input object that each element of a list becomes."""
    known = input_members(target.type)
    items = []
    for item in rule.items:
        for word in item.to:
            if word.text not in known:
                near = near_names(word.text, known)
                findings.append(
                    UnknownSource(place=word.place, rule=f"request.{rule.name}.items", name=word.text, near=near)
                )
                continue
            items.append((word.text, Path(REQUEST, (item.name,)), item.required or item.default is not None))
    return tuple(items)


def _check_kind(param: ParamPlan, rule: ParamRule, type_: GraphQLInputType, findings: list[Finding]) -> None:
    """A number argument is not given text; an enum takes its own values or a table's."""
    named = get_named_type(type_)
    kind = kind_after(param.steps)
    wanted = SCALAR_KINDS.get(named.name, "text")
    if kind != "any" and wanted != "text" and kind != wanted and not param.items:
        findings.append(
            ConverterMismatch(
                place=rule.place,
                rule=f"request.{rule.name}",
                converter=f"argument {named.name}",
                takes=f"a {wanted}",
                given=f"a {kind}",
            )
        )
    values = enum_values(type_)
    if not values:
        return
    if not any(isinstance(step, Table) for step in param.steps):
        problem = f"'{rule.name}' writes to the enum {named.name} without a table"
        advice = "add `values:`, such as {" + ", ".join(f"{value}: {value}" for value in values[:3]) + ", ...}"
        findings.append(KeysTogether(place=rule.place, rule=f"request.{rule.name}", problem=problem, advice=advice))
    for _, value in rule.values or ():
        for one in value.value if isinstance(value.value, list) else [value.value]:
            check_constant(one, type_, value.place, f"request.{rule.name}.values", findings)


def write_always(
    rules: tuple[AlwaysRule, ...], scope: Scope, variables: Variables, used: set[str], owner: str = "always"
) -> None:
    """Put literals and sources where `always` (or a question's `arguments`) says; `used` gathers the converters."""
    for rule in rules:
        name = f"{owner}.{rule.target.text}"
        target = variables.target(rule.target, name)
        if target is None:
            continue
        source = constant_or_path(rule.value, scope, name)
        if not isinstance(source, Path):
            check_constant(source, target.type, rule.value.place, name, scope.findings)
        steps, _ = resolve_converters(rule.via, "any", scope.findings, used, name)
        converters = tuple(step for step in steps if isinstance(step, Converter))
        variables.put(target, Put(source, name, True, steps=converters), rule.target, name)


def constant_or_path(value: Value, scope: Scope, rule: str) -> Any:
    """A literal, or the path of a `$source`."""
    if isinstance(value.value, str) and value.value.startswith("$"):
        found = resolve_one(Word(value.value, value.place), scope, rule, leaf=True)
        return found.path if found else None
    return value.value


# --- conditions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Holds:
    """`when:` over the values that were read."""

    given: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    equals: tuple[tuple[str, Any], ...] = ()
    matches: tuple[tuple[str, str], ...] = ()
    several: tuple[str, ...] = ()


def compile_condition(condition: Condition | None, plan: RequestPlan, findings: list[Finding]) -> Holds:
    """A condition whose names are all declared."""
    if condition is None:
        return Holds()
    pairs = (*condition.equals, *condition.matches)
    names = (*condition.given, *condition.any, *condition.absent, *condition.several, *(word for word, _ in pairs))
    for word in names:
        if word.text not in plan.names:
            near = near_names(word.text, plan.names)
            findings.append(UnknownSource(place=word.place, rule="when", name=word.text, near=near))
    return Holds(
        tuple(word.text for word in condition.given),
        tuple(word.text for word in condition.any),
        tuple(word.text for word in condition.absent),
        tuple((word.text, value.value) for word, value in condition.equals),
        tuple((word.text, _pattern(value, findings)) for word, value in condition.matches),
        tuple(word.text for word in condition.several),
    )


def _pattern(value: Value, findings: list[Finding]) -> str:
    """A regular expression that can be compiled."""
    try:
        re.compile(str(value.value))
    except re.error as error:
        advice = "write a regular expression for the whole text, such as '~.*'"
        findings.append(KeysTogether(place=value.place, rule="when.matches", problem=str(error), advice=advice))
        return ""
    return str(value.value)


def request_source(plan: RequestPlan) -> ValueSource:
    """`$request`: every parameter by name, with the members of those that have some."""
    return ValueSource(dict(plan.names))
