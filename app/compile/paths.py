"""A path as written to a path as read: checked against the schema, and selected on the way.

`a.b.c` begins where the rule stands; `$name.b` begins at a source: `$request`, `$caller`, or a question by its name.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from graphql import GraphQLEnumType, GraphQLScalarType

from app.compile.selection import Selected, Selection
from app.converters import Kind
from app.findings import (
    ConverterMismatch,
    DeprecatedUpstream,
    Finding,
    KeysTogether,
    LeafInTheWay,
    ListInTheWay,
    NotALeaf,
    UnknownField,
    UnknownSource,
    near_names,
)
from app.mapping.model import Word
from app.schema import Field, OutputType

HERE, TWIN, REQUEST, CALLER, ANSWER = "here", "twin", "request", "caller", "answer"


@dataclass(frozen=True, slots=True)
class Path:
    """Where a value is read: a start (`here`, `twin`, `request`, `caller`, or a question) and steps below it.

    `is_indexed`: the start is a list that runs beside the list of the element that is being read.
    """

    start: str
    steps: tuple[str, ...]
    is_indexed: bool = False

    def __str__(self) -> str:
        lead = () if self.start in {HERE, TWIN} else (f"${self.start}",)
        return ".".join(lead + self.steps) or "."


@dataclass(slots=True)
class AnswerSource:
    """A question whose answer can be read: where it starts, and the list it has one answer an element of.

    `selection` is None for a question that could not be opened: nothing more is found wrong with what reads it.
    `every`: the paths that a `seek` gathers; nothing else of its elements is kept.
    `is_sure`: where it is not there, the call has no answer.
    """

    selection: Selection | None
    over: tuple[str, ...] | None = None
    every: tuple[str, ...] = ()
    is_sure: bool = True
    is_read: bool = False


@dataclass(slots=True)
class ValueSource:
    """Values that are at hand: the request's parameters, or the caller's fields; members by name where there are some.

    `sure` are those that are there whatever the caller sends; `kinds` are known of some.
    """

    names: dict[str, tuple[str, ...]]
    sure: frozenset[str] = frozenset()
    kinds: dict[str, Kind] = field(default_factory=dict)


@dataclass(slots=True)
class EachSource:
    """The elements of the repeated parameter, read beside the answer that each of them got, in the list `over`."""

    over: tuple[str, ...]


@dataclass(slots=True)
class LaterSource:
    """A question that is asked too late to be read here."""


Source = AnswerSource | ValueSource | EachSource | LaterSource


@dataclass(slots=True)
class Scope:
    """What a rule can see: where it stands, how its list would be asked apart, and the named sources.

    `steps` lead here from the answer's start; `rows` are the lists whose elements it stands in, by the steps to each.
    """

    here: Selection
    sources: dict[str, Source]
    findings: list[Finding]
    deprecated: frozenset[str]
    twin_of: TwinRequest | None = None
    steps: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    def standing_at(self, here: Selection, path: Path) -> Scope:
        """The same scope for a rule that stands at `path`."""
        lead = self.steps if path.start == HERE else (f"${path.start}",)
        return replace(self, here=here, twin_of=None, steps=lead + path.steps)

    def standing_in(self, here: Selection, path: Path, twin_of: TwinRequest | None) -> Scope:
        """The same scope for a rule that stands in each element, or somewhere below each, of the list at `path`."""
        there = self.standing_at(here, path)
        return replace(there, twin_of=twin_of, rows=(*self.rows, there.steps))

    def standing_apart(self, here: Selection) -> Scope:
        """The same scope for a rule in a picked element or in a list asked apart: no row has a number there."""
        return replace(self, here=here, twin_of=None, rows=(*self.rows, ()))


@dataclass(slots=True)
class TwinRequest:
    """How to select the element's list a second time; `asked` turns true when a field of the element wants that."""

    parent: Selection
    step: Field
    after: tuple[str, ...]
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """A path that was found: `lists` are the positions of list steps; `type` is None for values at hand."""

    path: Path
    type: OutputType | None
    selection: Selection | None
    lists: tuple[int, ...] = ()
    fields: tuple[Selected, ...] = ()
    #: of a value at hand, as far as that is known
    kind_at_hand: Kind = "any"

    @property
    def kind(self) -> Kind:
        """What kind of value stands at the end."""
        return "any" if self.type is None else kind_of(self.type)


NUMBERS = {"Int", "Float"}


def kind_of(type_: OutputType) -> Kind:
    """The kind of a leaf type; `record` for an object."""
    if isinstance(type_.definition, GraphQLEnumType):
        return "text"
    if not isinstance(type_.definition, GraphQLScalarType):
        return "record"
    if type_.name in NUMBERS:
        return "number"
    return "boolean" if type_.name == "Boolean" else "text"


def resolve(word: Word, scope: Scope, rule: str) -> Resolved | None:
    """Follow a path; a fault is a finding and gives None."""
    if word.text.startswith("$"):
        return _resolve_source(word, scope, rule)
    steps = () if word.text == "." else tuple(word.text.split("."))
    return walk(Start(HERE, scope.here), steps, word, scope, rule)


def resolve_one(word: Word, scope: Scope, rule: str, *, leaf: bool) -> Resolved | None:
    """A path without a list in it, to a plain value (`leaf`) or to an object."""
    found = resolve(word, scope, rule)
    if found is None:
        return None
    if found.type is None:
        return found if _is_value_wanted(word, scope, rule, leaf=leaf) else None
    if found.lists:
        step = found.fields[found.lists[0]]
        scope.findings.append(ListInTheWay(place=word.place, rule=rule, field=step.name, type_name=step.type.name))
        return None
    return found if _ends_right(found, word, scope, rule, leaf=leaf) else None


def _is_value_wanted(word: Word, scope: Scope, rule: str, *, leaf: bool) -> bool:
    if not leaf:
        scope.findings.append(LeafInTheWay(place=word.place, rule=rule, field=word.text, type_name="plain value"))
    return leaf


def of_answer(found: Resolved | None, word: Word, scope: Scope, rule: str) -> Resolved | None:
    """A path that was found, where only one of the answer in hand can be meant; one that begins elsewhere is a finding.

    What is known of a page, a filter or a search is read from each answer as it comes.
    """
    if found is None or found.path.start == HERE:
        return found
    problem, advice = f"'{word.text}' does not begin in this answer", "write a path of the answer, without a `$`"
    scope.findings.append(KeysTogether(place=word.place, rule=rule, problem=problem, advice=advice))
    return None


def of_request(word: Word, scope: Scope, rule: str, taken: tuple[Kind, ...]) -> Resolved | None:
    """A parameter of one of some kinds, by its `$request` path."""
    found = resolve_one(word, scope, rule, leaf=True)
    if found is not None and found.path.start != REQUEST:
        problem, advice = f"'{word.text}' is no parameter", "write `$request.` and the name of a parameter"
        scope.findings.append(KeysTogether(place=word.place, rule=rule, problem=problem, advice=advice))
        return None
    if found is not None and found.kind_at_hand not in {"any", *taken}:
        takes, given = f"a {' or '.join(taken)}", f"a {found.kind_at_hand}"
        scope.findings.append(
            ConverterMismatch(place=word.place, rule=rule, converter=word.text, takes=takes, given=given)
        )
        return None
    return found


def resolve_all(word: Word, scope: Scope, rule: str) -> Resolved | None:
    """A path to plain values, with any number of lists in it: all values that stand there are meant."""
    found = resolve(word, scope, rule)
    return found if found is not None and _ends_right(found, word, scope, rule, leaf=True) else None


def _ends_right(found: Resolved, word: Word, scope: Scope, rule: str, *, leaf: bool) -> bool:
    if found.type is None or found.type.is_leaf == leaf:
        return True
    if leaf:
        scope.findings.append(
            NotALeaf(place=word.place, rule=rule, path=word.text, type_name=found.type.name, fields=found.type.fields)
        )
    else:
        scope.findings.append(LeafInTheWay(place=word.place, rule=rule, field=word.text, type_name=found.type.name))
    return False


@dataclass(frozen=True, slots=True)
class Start:
    """Where a walk begins: a path's start, and what is selected there."""

    name: str
    selection: Selection
    is_indexed: bool = False


def walk(start: Start, steps: tuple[str, ...], word: Word, scope: Scope, rule: str) -> Resolved | None:
    """Step by step through the schema, selecting each field."""
    here, fields, lists = start.selection, list[Selected](), list[int]()
    type_ = here.type
    for position, name in enumerate(steps):
        if type_.is_leaf:
            scope.findings.append(
                LeafInTheWay(
                    place=word.place, rule=rule, field=fields[-1].name if fields else ".", type_name=type_.name
                )
            )
            return None
        step = type_.field(name)
        if step is None:
            scope.findings.append(
                UnknownField(place=word.place, rule=rule, name=name, type_name=type_.name, near=type_.near(name))
            )
            return None
        check_going_away(step, word, scope, rule)
        selected = here.select(step, None if step.name == name else name)
        fields.append(selected)
        lists += [position] if step.is_list else []
        type_ = step.type
        if not type_.is_leaf:
            here = selected.below()
    ends = here if not type_.is_leaf else None
    return Resolved(Path(start.name, steps, start.is_indexed), type_, ends, tuple(lists), tuple(fields))


def check_going_away(step: Field, word: Word, scope: Scope, rule: str) -> None:
    """Find fault with a deprecated field unless the mapping names it with a reason."""
    reason, coordinate = step.going_away, f"{step.owner}.{step.name}"
    if reason is not None and coordinate not in scope.deprecated:
        scope.findings.append(DeprecatedUpstream(place=word.place, rule=rule, field=coordinate, reason=reason))


def _resolve_source(word: Word, scope: Scope, rule: str) -> Resolved | None:
    name, *steps = word.text[1:].split(".")
    source = scope.sources.get(name)
    if source is None:
        _unknown(word, scope, rule, f"${name}", [f"${one}" for one in near_names(name, scope.sources)])
        return None
    if isinstance(source, LaterSource):
        problem, advice = f"'${name}' is asked later", "ask it `before`, and above what reads it"
        scope.findings.append(KeysTogether(place=word.place, rule=rule, problem=problem, advice=advice))
        return None
    if isinstance(source, ValueSource):
        return _resolve_value(source, word, scope, rule)
    if source.over is not None and scope.rows != (source.over,) and not _is_unopened(source):
        over = ".".join(source.over)
        problem = f"'${name}' has one answer for each of '{over}', and is read elsewhere"
        advice = f"read it among the fields of `each: {over}`"
        scope.findings.append(KeysTogether(place=word.place, rule=rule, problem=problem, advice=advice))
        return None
    if isinstance(source, EachSource):
        if steps:
            scope.findings.append(LeafInTheWay(place=word.place, rule=rule, field=f"${name}", type_name="plain value"))
            return None
        return Resolved(Path(name, (), is_indexed=True), None, None)
    return _resolve_answer(source, word, scope, rule)


def _is_unopened(source: AnswerSource | EachSource) -> bool:
    return isinstance(source, AnswerSource) and source.selection is None


def _resolve_answer(source: AnswerSource, word: Word, scope: Scope, rule: str) -> Resolved | None:
    """A path in another answer; of elements that a `seek` gathered, one that it gathers."""
    name, *steps = word.text[1:].split(".")
    source.is_read = True
    if source.selection is None:
        return None
    if source.every and ".".join(steps) not in source.every:
        problem = f"'{word.text}' is not gathered: `every` of '{name}' has {', '.join(source.every)}"
        advice = "name it under `every`, or read what is there"
        scope.findings.append(KeysTogether(place=word.place, rule=rule, problem=problem, advice=advice))
        return None
    return walk(Start(name, source.selection, source.over is not None), tuple(steps), word, scope, rule)


def _resolve_value(source: ValueSource, word: Word, scope: Scope, rule: str) -> Resolved | None:
    name, *steps = word.text[1:].split(".")
    if not steps or steps[0] not in source.names:
        near = near_names(steps[0], source.names) if steps else ()
        _unknown(word, scope, rule, word.text, [f"${name}.{one}" for one in near])
        return None
    members = source.names[steps[0]]
    if steps[1:] and (len(steps) > 2 or steps[1] not in members):
        _unknown(word, scope, rule, word.text, [f"${name}.{steps[0]}.{one}" for one in near_names(steps[1], members)])
        return None
    kind = source.kinds.get(steps[0], "any") if len(steps) == 1 else "any"
    return Resolved(Path(name, tuple(steps)), None, None, kind_at_hand=kind)


def _unknown(word: Word, scope: Scope, rule: str, name: str, near: list[str]) -> None:
    scope.findings.append(UnknownSource(place=word.place, rule=rule, name=name, near=tuple(near)))
