"""Parameter rules to a plan of reads (legacy parameter to value) and writes (value to variable)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from graphql import GraphQLInputType, get_named_type

from app.compile.paths import REQUEST, AnswerSource, Path, Scope, ValueSource, resolve_one
from app.compile.response import Reading, is_of_kind, kind_of_rule, resolve_converters, resolve_rule
from app.compile.selection import Selection
from app.compile.tree import Node, Step, Table
from app.compile.writes import Put, Target, Variables, check_constant, enum_values
from app.converters import Converter, Kind
from app.emitted import plain
from app.findings import (
    BadConstant,
    ConverterMismatch,
    Finding,
    KeysTogether,
    Place,
    UnboundPathPart,
    UnknownArgument,
    UnknownSource,
    near_names,
)
from app.mapping.model import AlwaysRule, Condition, EndpointMapping, ParamRule, Policy, Value, Word
from app.plan import Unsupported
from app.schema import OutputType, has_list, input_members

PART = "path."
SCALAR_KINDS: dict[str, tuple[Kind, ...]] = {
    "Int": ("number",),
    "Float": ("number",),
    "Boolean": ("boolean",),
    "ID": ("text", "number"),
}


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
    policy: Policy
    why: str
    members: tuple[tuple[str, tuple[ParamStep, ...]], ...] = ()
    items: tuple[ParamPlan, ...] = ()
    holder: str | None = None
    #: whether a value beyond `accepts` is dropped with a warning, and not refused
    drops: bool = False

    @property
    def is_sure(self) -> bool:
        """Whether it has a value whatever the caller sends."""
        return self.policy == "used" and (self.required or self.default is not None)

    @property
    def takes_any(self) -> bool:
        """Whether lists and objects reach the first step as they are."""
        return bool(self.steps) and isinstance(self.steps[0], Converter) and self.steps[0].takes == "any"


@dataclass(slots=True)
class RequestPlan:
    """All parameters of a call, the holders among them, and which one names the tenant.

    `given` are those without which the choice or question in hand is not asked.
    """

    params: list[ParamPlan] = field(default_factory=list)
    holders: list[tuple[str, ...]] = field(default_factory=list)
    tenant: str | None = None
    organizations: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    given: frozenset[str] = frozenset()

    def when(self, condition: Condition | None) -> RequestPlan:
        """The same parameters as a choice or question sees them that is asked on a condition."""
        if condition is None:
            return self
        pairs = (*condition.equals, *condition.matches)
        given = (*condition.given, *condition.several, *(word for word, value in pairs if value.value is not None))
        return replace(self, given=frozenset(word.text for word in given))

    def is_sure(self, param: ParamPlan) -> bool:
        """Whether a parameter has a value whatever the caller sends."""
        return param.is_sure or param.name in self.given


def compile_params(
    mapping: EndpointMapping, findings: list[Finding], unsupported: Unsupported = "mapping"
) -> RequestPlan:
    """The reads of all parameters, those of every choice included; every part of the path must have a rule.

    `unsupported` overrides what becomes of those that the upstream cannot serve; a write never goes out without one.
    """
    plan = RequestPlan()
    for rule in all_rules(mapping):
        if rule.holds:
            plan.holders.append((rule.name, *(word.text for word in rule.names)))
            for below in rule.holds:
                _add(plan, _param(below, findings, rule.name), below, findings)
            continue
        _add(plan, _param(rule, findings, None), rule, findings)
    _check_parts(mapping, plan, findings)
    _check_repeated_rules(mapping, findings)
    is_write = any(one.kind == "mutation" for choice in mapping.choices for _, one in choice.operations)
    if unsupported == "refuse" or (unsupported == "warn" and not is_write):
        plan.params = [_overridden(param, unsupported) for param in plan.params]
    return plan


def _overridden(param: ParamPlan, unsupported: Unsupported) -> ParamPlan:
    """The parameter with the operator's word about what cannot be served in place of the mapping's."""
    if unsupported == "refuse":
        return replace(param, policy="refused") if param.policy == "warned" else param
    policy = "warned" if param.policy == "refused" else param.policy
    return replace(param, policy=policy, drops=param.accepts is not None)


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


def _check_repeated_rules(mapping: EndpointMapping, findings: list[Finding]) -> None:
    """A rule of a choice about a parameter that is read already can only say where else it goes."""
    first = {id(rule) for rule in all_rules(mapping)}
    for rule in (rule for choice in mapping.choices for rule in choice.request if id(rule) not in first):
        if replace(rule, to=()) != ParamRule(rule.name, rule.place):
            problem = f"'{rule.name}' is read as it stands first, and only `to` counts here"
            advice = "say the rest where the parameter stands first"
            findings.append(KeysTogether(place=rule.place, rule="choose.request", problem=problem, advice=advice))


def _add(plan: RequestPlan, param: ParamPlan, rule: ParamRule, findings: list[Finding]) -> None:
    if any(other.name == param.name and other.policy == param.policy == "used" for other in plan.params):
        problem, advice = (
            f"two parameters are called '{param.name}'",
            "let one rule take both, or ignore one with a why",
        )
        findings.append(KeysTogether(place=param.place, rule=f"request.{rule.name}", problem=problem, advice=advice))
    plan.params.append(param)
    plan.names[param.name] = _members_of(param.steps)
    plan.kinds[param.name] = "any" if param.members or param.items else kind_after(param.steps)
    _check_named(plan, param, rule, findings)
    if rule.is_tenant:
        plan.tenant = param.name
    if rule.is_person:
        plan.people.append(param.name)
    if rule.is_organization:
        plan.organizations.append(param.name)
        plan.names[kind_of_organization(param.name)] = ()


def _check_named(plan: RequestPlan, param: ParamPlan, rule: ParamRule, findings: list[Finding]) -> None:
    """Who is named is named by a text; one parameter names the tenant, and none names both sorts."""
    said = {"tenant": rule.is_tenant, "organization": rule.is_organization, "person": rule.is_person}
    words = [word for word, is_said in said.items() if is_said]
    if not words:
        return
    name, kind = f"request.{rule.name}", plan.kinds[param.name]
    if kind not in {"text", "any"} or param.items or param.members:
        given = "list of objects" if param.items else "record" if param.members else kind
        problem, advice = f"'{words[0]}' of a {given}", "name it by a text: take the converter out"
        findings.append(KeysTogether(place=param.place, rule=name, problem=problem, advice=advice))
    if rule.is_person and len(words) > 1:
        problem, advice = f"'{words[0]}' and 'person' exclude each other", "keep the one that is meant"
        findings.append(KeysTogether(place=param.place, rule=name, problem=problem, advice=advice))
    if rule.is_tenant and plan.tenant is not None:
        problem, advice = f"'{plan.tenant}' names the tenant already", "keep the one that is meant"
        findings.append(KeysTogether(place=param.place, rule=name, problem=problem, advice=advice))


def kind_of_organization(name: str) -> str:
    """The value that says whether a parameter names a company or a team."""
    return f"{name}.kind"


def kind_after(steps: tuple[ParamStep, ...]) -> Kind:
    """What kind of value the steps leave; a text without steps."""
    kind: Kind = "text"
    for step in steps:
        kind = step.gives if isinstance(step, Converter) else "number" if isinstance(step, Limits) else "any"
    return kind


def _param(rule: ParamRule, findings: list[Finding], holder: str | None) -> ParamPlan:
    name = f"request.{rule.name}"
    is_part = rule.name.startswith(PART)
    called = rule.name.removeprefix(PART)
    steps = _steps(rule, "text", findings, name)
    members = tuple(
        (member.name, _steps(member, "any", findings, f"{name}.members.{member.name}")) for member in rule.members
    )
    known = _members_of(steps)
    members = tuple((member, below) for member, below in members if member in known)
    for member in rule.members:
        if member.name not in known:
            near = near_names(member.name, known)
            findings.append(UnknownSource(place=member.place, rule=f"{name}.members", name=member.name, near=near))
    items = tuple(_param(item, findings, None) for item in rule.items)
    return ParamPlan(
        name=called,
        place=rule.place,
        source="part" if is_part else "param",
        names=(called, *(word.text for word in rule.names)),
        steps=steps,
        default=plain(rule.default.value) if rule.default else None,
        required=rule.required or is_part,
        keeps_empty=rule.keeps_empty,
        accepts=tuple(str(value.value).lower() for value in rule.accepts) if rule.accepts is not None else None,
        policy=rule.policy,
        why=rule.why,
        members=members,
        items=items,
        holder=holder,
    )


def _members_of(steps: tuple[ParamStep, ...]) -> tuple[str, ...]:
    """The members of the record that the last step gives."""
    return steps[-1].members if steps and isinstance(steps[-1], Converter) else ()


def _steps(rule: ParamRule, kind: Kind, findings: list[Finding], name: str) -> tuple[ParamStep, ...]:
    converters, kind = resolve_converters(rule.via, kind, findings, name)
    steps: tuple[ParamStep, ...] = converters
    if rule.values is not None:
        steps += (Table(tuple((text, value.value) for text, value in rule.values)),)
    if rule.least is None and rule.most is None:
        return steps
    if kind not in {"number", "any"}:
        problem, advice = f"'least' and 'most' of a {kind}", "give it a converter to a number with `via:`"
        findings.append(KeysTogether(place=rule.place, rule=name, problem=problem, advice=advice))
    if not _are_limits(rule, findings, name):
        return steps
    return (*steps, Limits(rule.least and rule.least.value, rule.most and rule.most.value))


def _are_limits(rule: ParamRule, findings: list[Finding], name: str) -> bool:
    """Whether `least` and `most` are numbers that something can lie between."""
    said = [value for value in (rule.least, rule.most) if value is not None]
    wrong = [value for value in said if not is_of_kind(value.value, "number")]
    findings += [
        BadConstant(place=value.place, rule=name, name=repr(value.value), type_name="number") for value in wrong
    ]
    problem, advice = "", "keep one"
    if rule.values is not None:
        problem = f"'values' and '{'least' if rule.least else 'most'}' exclude each other"
    elif len(said) > 1 and not wrong and said[0].value > said[1].value:  # type: ignore[operator]
        problem, advice = f"nothing is at least {said[0].value} and at most {said[1].value}", "turn them round"
    if problem:
        findings.append(KeysTogether(place=rule.place, rule=name, problem=problem, advice=advice))
    return not wrong and not problem


def _check_parts(mapping: EndpointMapping, plan: RequestPlan, findings: list[Finding]) -> None:
    bound = {param.name for param in plan.params if param.source == "part"}
    in_routes = {
        part[1:-1]: route
        for route in reversed(mapping.routes)
        for part in route.path.split("/")
        if part.startswith("{")
    }
    unbound = sorted(in_routes.keys() - bound)
    findings += [UnboundPathPart(place=in_routes[part].place, rule="route", part=part) for part in unbound]
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
    name, source = rule.name.removeprefix(PART), "part" if rule.name.startswith(PART) else "param"
    param = next((param for param in plan.params if (param.name, param.source) == (name, source)), None)
    if param is None:
        return
    sure = plan.is_sure(param)
    for word in rule.to:
        target = variables.target(word, f"request.{rule.name}")
        if target is None:
            continue
        is_each = name == each
        has_members = bool(rule.items and input_members(target.type))
        if not is_each and not has_members:
            _check_kind(param, rule, target.type, findings)
        _check_table(rule, target.type, findings)
        put = Put(Path(REQUEST, (name,)), name, sure, is_each, _items(rule, param, target, findings))
        variables.put(target, put, word, f"request.{rule.name}")
    for member in rule.members:
        for word in member.to:
            target = variables.target(word, f"request.{rule.name}.members.{member.name}")
            if target is not None:
                variables.put(target, Put(Path(REQUEST, (name, member.name)), name, sure), word, f"request.{rule.name}")


def _items(
    rule: ParamRule, param: ParamPlan, target: Target, findings: list[Finding]
) -> tuple[tuple[str, Path, bool], ...]:
    """The members of the input object that each element of a list becomes."""
    known = input_members(target.type)
    name, owner = f"request.{rule.name}.items", str(get_named_type(target.type))
    items = []
    for item, plan in zip(rule.items, param.items, strict=True):
        for word in item.to:
            if word.text not in known:
                near = near_names(word.text, known)
                findings.append(UnknownArgument(place=word.place, rule=name, name=word.text, owner=owner, near=near))
                continue
            _check_kind(plan, item, known[word.text].type, findings)
            _check_table(item, known[word.text].type, findings)
            items.append((word.text, Path(REQUEST, (item.name,)), plan.is_sure))
    return tuple(items)


def _check_kind(param: ParamPlan, rule: ParamRule, type_: GraphQLInputType, findings: list[Finding]) -> None:
    """An argument is given the kind of value that its type takes; an enum takes its own values, from a table."""
    named = get_named_type(type_)
    kind, wanted = kind_after(param.steps), kinds_taken(type_)
    if kind not in {"any", *wanted}:
        findings.append(
            ConverterMismatch(
                place=rule.place,
                rule=f"request.{rule.name}",
                converter=f"argument {named.name}",
                takes=" or ".join(f"a {one}" for one in wanted),
                given=f"a {kind}",
            )
        )
    values = enum_values(type_)
    if values and not any(isinstance(step, Table) for step in param.steps):
        problem = f"'{rule.name}' writes to the enum {named.name} without a table"
        advice = "add `values:`, such as {" + ", ".join(f"{value}: {value}" for value in values[:3]) + ", ...}"
        findings.append(KeysTogether(place=rule.place, rule=f"request.{rule.name}", problem=problem, advice=advice))


def kinds_taken(type_: GraphQLInputType) -> tuple[Kind, ...]:
    """The kinds of value an argument takes; a list takes one element as well, as GraphQL has it."""
    named = get_named_type(type_)
    taken = ("record",) if input_members(type_) else SCALAR_KINDS.get(named.name, ("text",))
    return (*taken, "list") if has_list(type_) else taken


def _check_table(rule: ParamRule, type_: GraphQLInputType, findings: list[Finding]) -> None:
    for _, value in rule.values or ():
        for one in value.value if isinstance(value.value, list) else [value.value]:
            check_constant(one, type_, value.place, f"request.{rule.name}.values", findings)


def write_always(
    rules: tuple[AlwaysRule, ...], scope: Scope, variables: Variables, findings: list[Finding], owner: str = "always"
) -> None:
    """Put literals and sources where `always` (or a question's `arguments`) says."""
    for rule in rules:
        name = f"{owner}.{rule.target.text}"
        target = variables.target(rule.target, name)
        if target is None:
            continue
        source, kind = named_source(rule, scope, name)
        if source is None:
            check_constant(rule.value.value, target.type, rule.value.place, name, findings)
        else:
            _check_source(rule, source, kind, target.type, name, findings)
        is_sure = not isinstance(source, Path) or _is_sure(source, scope)
        variables.put(target, Put(rule.value.value if source is None else source, name, is_sure), rule.target, name)


def named_source(rule: AlwaysRule, scope: Scope, name: str) -> tuple[Path | Node | None, Kind]:
    """The path of a `$source`, or the rule that reads one, checked, and the kind it gives; None for a literal."""
    value = rule.value
    unresolved = Path(str(value.value), ())
    if rule.rule is not None:
        nowhere = scope.standing_apart(Selection(OutputType("the request", None)))
        return resolve_rule(rule.rule, nowhere, Reading("json", {}), name) or unresolved, kind_of_rule(rule.rule)
    if not isinstance(value.value, str) or not value.value.startswith("$"):
        return None, "any"
    found = resolve_one(Word(value.value, value.place), scope, name, leaf=True)
    if found is None:
        return unresolved, "any"
    return found.path, found.kind_at_hand if found.type is None else found.kind


def _check_source(
    rule: AlwaysRule, source: Path | Node, kind: Kind, type_: GraphQLInputType, name: str, findings: list[Finding]
) -> None:
    """A source is of the kind that its target takes; a parameter's own text is no value of an enum."""
    named, wanted, place = get_named_type(type_), kinds_taken(type_), rule.value.place
    if kind not in {"any", *wanted}:
        takes = " or ".join(f"a {one}" for one in wanted)
        findings.append(
            ConverterMismatch(
                place=place, rule=name, converter=f"argument {named.name}", takes=takes, given=f"a {kind}"
            )
        )
    elif kind == "text" and isinstance(source, Path) and source.start == REQUEST and enum_values(type_):
        problem = f"'{rule.value.value}' is written to the enum {named.name} without a table"
        advice = "give the parameter `values:`"
        findings.append(KeysTogether(place=place, rule=name, problem=problem, advice=advice))


def _is_sure(path: Path, scope: Scope) -> bool:
    """Whether a source is there whatever the caller sends; what an answer holds counts as there."""
    values = scope.sources.get(path.start)
    if isinstance(values, AnswerSource):
        return values.is_sure
    return path.start != REQUEST or (isinstance(values, ValueSource) and path.steps[0] in values.sure)


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
    _check_kinds(condition, plan, findings)
    return Holds(
        tuple(word.text for word in condition.given),
        tuple(word.text for word in condition.any),
        tuple(word.text for word in condition.absent),
        tuple((word.text, value.value) for word, value in condition.equals),
        tuple((word.text, _pattern(value, findings)) for word, value in condition.matches),
        tuple(word.text for word in condition.several),
    )


def _check_kinds(condition: Condition, plan: RequestPlan, findings: list[Finding]) -> None:
    """What a condition asks must be possible of the parameter's kind of value; otherwise it would never hold."""
    wanted: list[tuple[str, Word, Kind]] = [("matches", word, "text") for word, _ in condition.matches]
    wanted += [("several", word, "list") for word in condition.several]
    for test, word, takes in wanted:
        kind = plan.kinds.get(word.text, "any")
        if kind not in {takes, "any"}:
            name, given = f"when: {test}", f"a {kind}, as '{word.text}' is"
            findings.append(
                ConverterMismatch(place=word.place, rule="when", converter=name, takes=f"a {takes}", given=given)
            )
    kinds_of_organization = {kind_of_organization(name) for name in plan.organizations}
    for word, value in condition.equals:
        kind = plan.kinds.get(word.text, "any")
        type_name = ""
        if word.text in kinds_of_organization and value.value not in ("company", "team"):
            type_name = "company or team"
        elif value.value is not None and not is_of_kind(value.value, kind):
            type_name = kind
        if type_name:
            findings.append(
                BadConstant(place=value.place, rule="when.equals", name=repr(value.value), type_name=type_name)
            )


def _pattern(value: Value, findings: list[Finding]) -> str:
    """A regular expression that can be compiled."""
    if not isinstance(value.value, str):
        findings.append(
            BadConstant(place=value.place, rule="when.matches", name=repr(value.value), type_name="pattern in quotes")
        )
        return ""
    try:
        re.compile(str(value.value))
    except re.error as error:
        advice = "write a regular expression for the whole text, such as '~.*'"
        findings.append(KeysTogether(place=value.place, rule="when.matches", problem=str(error), advice=advice))
        return ""
    return str(value.value)


def request_source(plan: RequestPlan) -> ValueSource:
    """`$request`: every parameter by name, with the members of those that have some."""
    sure = frozenset(param.name for param in plan.params if plan.is_sure(param))
    return ValueSource(dict(plan.names), sure, dict(plan.kinds))
