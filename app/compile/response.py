"""Field rules to a tree of reads: each path checked against the schema, each converter against what it is given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from graphql import GraphQLEnumType

from app.compile.paths import (
    HERE,
    TWIN,
    Path,
    Resolved,
    Scope,
    Start,
    TwinRequest,
    resolve,
    resolve_one,
    walk,
)
from app.compile.selection import Selection
from app.compile.text import text_pieces
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
    Piece,
    Step,
    Table,
    Text,
)
from app.converters import CONVERTERS, Converter, Kind
from app.findings import (
    BadConstant,
    BadText,
    ConverterMismatch,
    Finding,
    KeysTogether,
    ListInTheWay,
    NoList,
    UnknownConverter,
    UnknownShape,
    near_names,
)
from app.mapping.model import (
    ChoiceRule,
    Conditional,
    ConstantRule,
    CountRule,
    FieldRule,
    ListRule,
    ObjectRule,
    PickRule,
    ReadRule,
    TextRule,
    Value,
    Word,
)
from app.plan import APART

#: kinds of values that are no text, and are none in a family of texts either
WHOLE: frozenset[Kind] = frozenset({"text", "record", "list"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What all rules of one answer share: its leaf typing, the shapes of its area by name, and those being put in."""

    leaves: Literal["text", "json"]
    shapes: dict[str, ObjectRule]
    open_shapes: tuple[str, ...] = ()

    @property
    def null(self) -> Any:
        """What null becomes in this family."""
        return "" if self.leaves == "text" else None

    def literal(self, value: Value | None) -> Any:
        """A literal of the mapping, or what null becomes."""
        return self.null if value is None else value.value


def resolve_rule(rule: FieldRule, scope: Scope, reading: Reading, name: str) -> Node | None:
    """One rule to one node; faults are findings and give None, so that one run names them all."""
    resolvers = {
        ReadRule: _read,
        ConstantRule: _constant,
        TextRule: _text,
        ChoiceRule: _choice,
        CountRule: _count,
        PickRule: _pick,
        ListRule: _many,
        ObjectRule: resolve_object,
        Conditional: _only_if,
    }
    return resolvers[type(rule)](rule, scope, reading, name)  # type: ignore[operator,no-any-return]


def resolve_object(rule: ObjectRule, scope: Scope, reading: Reading, name: str) -> Members | None:
    """An object with its shape put in place; members that do not resolve are left out, their findings told."""
    at, inner = None, scope
    if rule.at is not None:
        found = resolve_one(rule.at, scope, name, leaf=False)
        if found is None or found.selection is None:
            return None
        at, inner = found.path, scope.standing_at(found.selection, found.path)
    for shape in rule.shapes:
        if shape.text in reading.open_shapes:
            problem, advice = f"shape '{shape.text}' holds itself", "end the circle with plain fields"
            scope.findings.append(KeysTogether(place=shape.place, rule=name, problem=problem, advice=advice))
            return None
    members = _fields(rule, reading, scope.findings, name)
    reading = replace(reading, open_shapes=(*reading.open_shapes, *(shape.text for shape in rule.shapes)))
    fields = []
    for word, below in members:
        node = resolve_rule(below, inner, reading, f"{name}.{word.text}")
        fields += [(word.text, node)] if node is not None else []
    only_with = resolve_value(rule.only_with, inner, f"{name}.only_with") if rule.only_with else None
    return Members(rule.place, tuple(fields), at, reading.null, only_with.path if only_with else None)


def resolve_value(word: Word, scope: Scope, name: str) -> Resolved | None:
    """A path to anything that may be there or not: a value, an object, or a whole list."""
    found = resolve(word, scope, name)
    if found is not None and any(position < len(found.path.steps) - 1 for position in found.lists):
        step = found.fields[found.lists[0]]
        scope.findings.append(ListInTheWay(place=word.place, rule=name, field=step.name, type_name=step.type.name))
        return None
    return found


def _fields(
    rule: ObjectRule, reading: Reading, findings: list[Finding], name: str
) -> tuple[tuple[Word, FieldRule], ...]:
    """The members of the shapes, then the rule's own; the later ones win."""
    members = rule.fields
    for word in reversed(rule.shapes):
        shape = reading.shapes.get(word.text)
        if shape is None:
            near = near_names(word.text, reading.shapes)
            findings.append(UnknownShape(place=word.place, rule=name, name=word.text, near=near))
            continue
        own = {member.text for member, _ in members}
        members = tuple(entry for entry in shape.fields if entry[0].text not in own) + members
    return members


def _read(rule: ReadRule, scope: Scope, reading: Reading, name: str) -> Node | None:
    if rule.apart:
        apart = _apart(rule, scope, name)
        if apart is None:
            return None
        found = [apart]
    else:
        resolved = [resolve_one(word, scope, name, leaf=True) for word in rule.paths]
        if None in resolved:
            return None
        found = [one for one in resolved if one is not None]
    if rule.if_null is not None or rule.if_not is not None:
        literals = reading.literal(rule.if_null), reading.literal(rule.if_not)
        return NullTest(rule.place, found[0].path, *literals, reading.null)
    kinds = dict.fromkeys(one.kind for one in found)
    ways = [_steps(rule, kind, scope.findings, reading, name) for kind in kinds]
    steps = ways[0][0]
    as_text = reading.leaves == "text" and any(kind not in WHOLE for _, kind in ways)
    return Leaf(rule.place, tuple(one.path for one in found), steps, reading.literal(rule.null), as_text)


def _apart(rule: ReadRule, scope: Scope, name: str) -> Resolved | None:
    """A path read from the list asked apart; it makes that list be asked when it is the first."""
    twin = scope.twin_of
    if twin is None or len(rule.paths) != 1:
        problem, advice = "'apart' outside a list", "only a field of a list's elements can be asked apart"
        scope.findings.append(KeysTogether(place=rule.place, rule=name, problem=problem, advice=advice))
        return None
    twin.asked = True
    selection = twin.parent.apart(twin.step).below()
    scope_apart = scope.standing_apart(selection)
    if twin.after:
        after = walk(Start(HERE, selection), twin.after, rule.paths[0], scope_apart, name)
        if after is None or after.selection is None:
            return None
        scope_apart = scope.standing_apart(after.selection)
    found = resolve_one(rule.paths[0], scope_apart, name, leaf=True)
    return replace(found, path=Path(TWIN, found.path.steps)) if found else None


def _steps(
    rule: ReadRule, kind: Kind, findings: list[Finding], reading: Reading, name: str
) -> tuple[tuple[Step, ...], Kind]:
    converters, kind = resolve_converters(rule.via, kind, findings, name)
    steps: tuple[Step, ...] = converters
    if rule.values is not None:
        steps += (Table(tuple((text, value.value) for text, value in rule.values)),)
        literals = [value.value for _, value in rule.values]
        kind = "text" if kind == "text" and all(isinstance(literal, str) for literal in literals) else "any"
    return steps, kind


def resolve_converters(
    via: tuple[Word, ...], kind: Kind, findings: list[Finding], name: str
) -> tuple[tuple[Converter, ...], Kind]:
    """The named converters in order, each checked against what the one before it gives."""
    steps: list[Converter] = []
    for word in via:
        found = CONVERTERS.get(word.text)
        if found is None:
            near = near_names(word.text, CONVERTERS)
            findings.append(UnknownConverter(place=word.place, rule=name, name=word.text, near=near))
            return tuple(steps), "any"
        if found.takes not in {kind, "any"} and kind != "any":
            findings.append(
                ConverterMismatch(
                    place=word.place, rule=name, converter=word.text, takes=_kind(found.takes), given=_kind(kind)
                )
            )
            return tuple(steps), "any"
        steps.append(found)
        kind = found.gives
    return tuple(steps), kind


def _kind(kind: Kind) -> str:
    return {"any": "anything", "record": "an object"}.get(kind, f"a {kind}")


def _constant(rule: ConstantRule, scope: Scope, reading: Reading, name: str) -> Node:
    return Literal_(rule.place, reading.null if rule.value is None else rule.value)


def _text(rule: TextRule, scope: Scope, reading: Reading, name: str) -> Node | None:
    pieces = text_pieces(rule.text, dict(rule.parts), scope.findings, name)
    if pieces is None:
        return None
    for part, value in rule.parts:
        if value not in pieces:
            problem = f"'{part}' is given under `with:`, and no {{{{ {part} }}}} is there"
            scope.findings.append(BadText(place=value.path.place, rule=name, problem=problem))
    resolved: list[str | Piece] = []
    for piece in pieces:
        if isinstance(piece, str):
            resolved.append(piece)
            continue
        found = resolve_one(piece.path, scope, name, leaf=True)
        if found is None:
            return None
        kind = found.kind if piece.via or found.type else found.kind_at_hand
        steps, kind = resolve_converters(piece.via, kind, scope.findings, name)
        if kind in {"list", "record"}:
            mismatch = ConverterMismatch(
                place=piece.path.place, rule=name, converter="text", takes="plain values", given=_kind(kind)
            )
            scope.findings.append(mismatch)
        resolved.append(Piece(found.path, steps))
    return Text(rule.place, tuple(resolved), reading.literal(rule.null))


def _choice(rule: ChoiceRule, scope: Scope, reading: Reading, name: str) -> Node | None:
    by = resolve_one(rule.by, scope, name, leaf=True)
    cases = [(text, resolve_rule(below, scope, reading, f"{name}.cases.{text}")) for text, below in rule.cases]
    otherwise: Node | None = Literal_(rule.place, reading.null)
    if rule.otherwise is not None:
        otherwise = resolve_rule(rule.otherwise, scope, reading, f"{name}.otherwise")
    if by is None or otherwise is None:
        return None
    made = tuple((text, node) for text, node in cases if node is not None)
    return Choice(rule.place, by.path, made, otherwise) if len(made) == len(cases) else None


def _count(rule: CountRule, scope: Scope, reading: Reading, name: str) -> Node | None:
    elements, _ = _elements(rule.path, scope, name)
    return Count(rule.place, elements, reading.leaves == "text") if elements else None


def _elements(word: Word, scope: Scope, name: str) -> tuple[Elements | None, Resolved | None]:
    """A path with a list in it, split there; a list in that list is one more level."""
    found = resolve(word, scope, name)
    if found is None:
        return None, None
    if found.type is None or not found.lists:
        scope.findings.append(NoList(place=word.place, rule=name, path=word.text, lists=0))
        return None, None
    steps, cuts = found.path.steps, [position + 1 for position in found.lists]
    path = Path(found.path.start, steps[: cuts[0]], found.path.is_indexed)
    levels = tuple(steps[begin:end] for begin, end in pairwise(cuts))
    return Elements(path, steps[cuts[-1] :], levels), found


def _pick(rule: PickRule, scope: Scope, reading: Reading, name: str) -> Node | None:
    elements, found = _elements(rule.path, scope, name)
    if elements is None or found is None or found.type is None:
        return None
    inner = scope.standing_apart(found.selection or Selection(found.type))
    where: list[tuple[Path, Any]] = []
    for word, value in rule.where:
        one = resolve_one(word, inner, name, leaf=True)
        wanted: Any = value.value
        if isinstance(wanted, str) and wanted.startswith("$"):
            source = resolve_one(Word(wanted, value.place), scope, name, leaf=True)
            wanted = source.path if source else None
        elif one is not None:
            check_compared(value, one, scope.findings, name)
        where += [(one.path, wanted)] if one is not None else []
    then = resolve_rule(rule.then, inner, reading, name)
    null = reading.literal(rule.then.null) if isinstance(rule.then, ReadRule) else reading.null
    null = then.empty if isinstance(then, Many) else null
    return Pick(rule.place, elements, tuple(where), rule.position, then, null) if then is not None else None


def check_compared(value: Value, found: Resolved, findings: list[Finding], rule: str) -> None:
    """A literal that the values at a path can be equal to: of their kind, and of an enum one of its values."""
    if found.type is None:
        return
    definition, literal = found.type.definition, value.value
    enum = tuple(definition.values) if isinstance(definition, GraphQLEnumType) else ()
    if is_of_kind(literal, found.kind) and (not enum or literal in enum):
        return
    near = near_names(str(literal), enum)
    findings.append(BadConstant(place=value.place, rule=rule, name=repr(literal), type_name=found.type.name, near=near))


def is_of_kind(literal: Any, kind: Kind) -> bool:
    """Whether a literal is of a kind of value; true and false are no numbers."""
    kinds: dict[Kind, tuple[type, ...]] = {
        "text": (str,), "number": (int, float), "boolean": (bool,), "list": (list,), "record": (dict,)
    }  # fmt: skip
    return kind == "any" or (isinstance(literal, kinds[kind]) and (kind == "boolean" or not isinstance(literal, bool)))


def kind_of_rule(rule: FieldRule) -> Kind:
    """What kind of value a rule gives, as far as its words tell."""
    if isinstance(rule, ListRule):
        return "any" if rule.join is not None or rule.key is not None else "list"
    then = rule.then if isinstance(rule, PickRule) else rule
    if not isinstance(then, ReadRule) or then.values is not None or not then.via:
        return "any"
    return CONVERTERS[then.via[-1].text].gives if then.via[-1].text in CONVERTERS else "any"


def _many(rule: ListRule, scope: Scope, reading: Reading, name: str) -> Node | None:
    """The elements of every path, each read by the same rule where it stands."""
    is_only = len(rule.each) == 1
    parts = [_part(replace(rule, each=(word,)), scope, reading, name, is_only=is_only) for word in rule.each]
    made = [part for part in parts if part is not None]
    return replace(made[0], more=tuple(made[1:])) if made and len(made) == len(parts) else None


def _part(rule: ListRule, scope: Scope, reading: Reading, name: str, *, is_only: bool) -> Many | None:
    """The elements of the one path that is left in the rule."""
    elements, found = (_elements if is_only else _elements_or_one)(rule.each[0], scope, name)
    if elements is None or found is None or found.type is None:
        return None
    twin = _twin_request(elements, found, scope)
    inner = scope.standing_in(found.selection or Selection(found.type), elements.path, twin)
    element = _element(rule, inner, reading, name)
    key = resolve_one(rule.key, inner, name, leaf=True) if rule.key else None
    if element is None or (rule.key and key is None):
        return None
    if twin and twin.asked:
        elements = replace(elements, twin=APART + twin.step.name)
    path = key.path if key else None
    empty = _empty(rule, reading)
    return Many(rule.place, elements, element, rule.collapse, path, rule.join, empty)


def _elements_or_one(word: Word, scope: Scope, name: str) -> tuple[Elements | None, Resolved | None]:
    """As `_elements`; a path without a list leads to the only element."""
    found = resolve(word, scope, name)
    if found is None or found.type is None or found.lists:
        return _elements(word, scope, name)
    return Elements(found.path, (), is_one=True), found


def _empty(rule: ListRule, reading: Reading) -> Any:
    """What no elements become: a missing member, an empty text, or an empty list (also for a map, as PHP had it)."""
    if rule.collapse:
        return MISSING
    return "" if rule.join is not None else []


def _twin_request(elements: Elements, found: Resolved, scope: Scope) -> TwinRequest | None:
    """Where the list of these elements would be asked a second time."""
    if elements.path.start != HERE or not elements.path.steps or elements.levels or elements.is_one:
        return None
    position = found.lists[0]
    parent = scope.here if position == 0 else found.fields[position - 1].below()
    return TwinRequest(parent, found.fields[position].definition, elements.after)


def _element(rule: ListRule, inner: Scope, reading: Reading, name: str) -> Node | tuple[Node, ...] | None:
    if isinstance(rule.element, tuple):
        row = tuple(resolve_rule(below, inner, reading, f"{name}.row") for below in rule.element)
        return None if None in row else tuple(node for node in row if node is not None)
    return resolve_rule(rule.element, inner, reading, name)


def _only_if(rule: Conditional, scope: Scope, reading: Reading, name: str) -> Node | None:
    flag = resolve_one(rule.flag, scope, name, leaf=True)
    node = resolve_rule(rule.rule, scope, reading, name)
    return OnlyIf(rule.place, flag.path, node) if flag and node is not None else None
