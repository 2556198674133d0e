"""The response side of a mapping: which word makes which rule.

A text alone is a path. A mapping is told by its leading word (`each`, `text`, `by`, …); an object says `fields` or
`shape`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from app.findings import Finding, KeysTogether
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
    TextPart,
    TextRule,
    Value,
    Word,
)
from app.mapping.reader import Reader, constant_of, path_and_via, reader_of, word_of, words_of
from app.mapping.source import Mapping, Node, Scalar, Sequence


def read_rule(node: Node, findings: list[Finding], rule: str) -> FieldRule | None:
    """One field rule, or None with a finding."""
    if isinstance(node, Scalar):
        word = word_of(node, findings, rule)
        return ReadRule(node.place, (word,)) if word else None
    if isinstance(node, Sequence):
        words = words_of(node, findings, rule)
        return ReadRule(node.place, words) if words else None
    reader = reader_of(node, findings, rule)
    if reader is None:
        return None
    flag = reader.word("only_if")
    made = _by_leading_word(reader)
    reader.close()
    return Conditional(reader.place, flag, made) if flag and made else made


def read_object(node: Node, findings: list[Finding], rule: str) -> ObjectRule | None:
    """An object: `fields`, a `shape`, or both, read from `at`."""
    reader = reader_of(node, findings, rule)
    if reader is None:
        return None
    if "shape" not in reader:
        reader.require("fields", "fields: {id: id}")
    made = _object(reader)
    reader.close()
    return made


def read_shape(name: Scalar, node: Node, findings: list[Finding]) -> tuple[str, ObjectRule] | None:
    """A shape: `fields` alone; where they are read is said by the rule that uses it."""
    reader = reader_of(node, findings, str(name.value))
    if reader is None:
        return None
    reader.require("fields", "fields: {id: id}")
    fields = _members(reader)
    reader.close()
    return str(name.value), ObjectRule(name.place, fields)


def _by_leading_word(reader: Reader) -> FieldRule | None:
    for word, make in MAKERS:
        if word in reader:
            return make(reader)
    leading = ", ".join(word for word, _ in MAKERS)
    advice = f"begin it with one of {leading}; members of an object stand under `fields:`"
    _clash(reader, "a rule without a leading word", advice)
    for key, _ in reader.node:
        reader.take(str(key.value))
    return None


def read_whole(node: Node, findings: list[Finding], name: str) -> FieldRule | None:
    """A rule that always gives a value: a row, a list of values and a choice have nothing to leave out."""
    rule = read_rule(node, findings, name)
    if isinstance(rule, Conditional) or (isinstance(rule, ListRule) and rule.collapse):
        problem, advice = "only a member of an object can be left out", "take `only_if` or `collapse` out of here"
        findings.append(KeysTogether(place=rule.place, rule=name, problem=problem, advice=advice))
        return None
    return rule


def is_rule_of_source(node: Node) -> bool:
    """Whether a mapping is a rule whose leading word names a `$source`, and not the members of an input object."""
    if not isinstance(node, Mapping):
        return False
    below = next((found for word, _ in MAKERS if (found := node.get(word)) is not None), None)
    items = below.items if isinstance(below, Sequence) else (below,)
    return any(isinstance(item, Scalar) and str(item.value).startswith("$") for item in items)


def _clash(reader: Reader, problem: str, advice: str) -> None:
    reader.findings.append(KeysTogether(place=reader.place, rule=reader.rule, problem=problem, advice=advice))


def _read(reader: Reader) -> ReadRule | None:
    if "first_of" not in reader:
        reader.require("from", "from: id")
    elif "from" in reader:
        _clash(reader, "'from' and 'first_of' exclude each other", "keep one")
    rule = ReadRule(
        place=reader.place,
        paths=reader.words("from") + reader.words("first_of"),
        via=reader.words("via"),
        values=reader.table("values"),
        null=reader.value("null"),
        if_null=reader.value("if_null"),
        if_not=reader.value("if_not"),
        apart=reader.text("apart"),
    )
    return rule if rule.paths else None


def _constant(reader: Reader) -> ConstantRule:
    reader.require("why", "why: what the upstream lacks")
    node = reader.take("constant")
    return ConstantRule(reader.place, constant_of(node) if node else None, reader.text("why"))


def _text(reader: Reader) -> TextRule | None:
    text = reader.word("text")

    def part(name: Scalar, node: Node) -> tuple[str, TextPart]:
        path, via = path_and_via(node, reader, f"with.{name.value}")
        return str(name.value), TextPart(path or Word("", node.place), via)

    parts = reader.named("with", part)
    null = reader.value("null")
    whole = [(name, one) for name, one in parts if one.path.text]
    return TextRule(reader.place, text, parts, null) if text and len(whole) == len(parts) else None


def _choice(reader: Reader) -> ChoiceRule | None:
    reader.require("cases", "cases: {HOURLY: path}")
    by = reader.word("by")
    cases = reader.named(
        "cases",
        lambda name, node: (str(name.value), read_whole(node, reader.findings, f"{reader.rule}.cases.{name.value}")),
    )
    node = reader.take("otherwise")
    otherwise = read_whole(node, reader.findings, f"{reader.rule}.otherwise") if node else None
    made = tuple((name, rule) for name, rule in cases if rule)
    return ChoiceRule(reader.place, by, made, otherwise) if by else None


def _count(reader: Reader) -> CountRule | None:
    path = reader.word("count")
    return CountRule(reader.place, path) if path else None


def _pick(reader: Reader) -> PickRule | None:
    position: Literal["first", "last"] = "last" if "last" in reader else "first"
    path = reader.word(next(word for word in ("pick", "first", "last") if word in reader))

    def pair(name: Scalar, node: Node) -> tuple[Word, Value]:
        return Word(str(name.value), name.place), Value(constant_of(node), node.place)

    if "pick" in reader:
        reader.require("where", "where: {id: $request.id}")
    where = reader.named("where", pair)
    then: FieldRule | None
    if "each" in reader:
        then = _list(reader)
    else:
        then = _object(reader) if "fields" in reader or "shape" in reader else _read(reader)
    if isinstance(then, ListRule) and then.collapse:
        _clash(reader, "only a member of an object can be left out", "take `collapse` out of here")
    if path is None or then is None:
        return None
    return PickRule(reader.place, path, where, position, then)


def _list(reader: Reader) -> ListRule | None:
    each = reader.words("each")
    element = _element(reader)
    rule_key, join = reader.word("key"), reader.take("join")
    collapse = reader.flag("collapse")
    separator = join.value if isinstance(join, Scalar) and isinstance(join.value, str) else None
    if join is not None and separator is None:
        reader.wrong(join, "a text", "join")
    together = [word for word in ("collapse", "key", "join") if word in reader]
    if len(together) > 1:
        _clash(reader, f"'{together[0]}' and '{together[1]}' exclude each other", "keep one")
    if join is not None and element is not None and not _is_plain(element):
        _clash(reader, "'join' makes a text of plain values", "say `value:` with a path, or take `join` out")
    if not each or element is None:
        return None
    return ListRule(reader.place, each, element, collapse, rule_key, separator)


def _element(reader: Reader) -> ObjectRule | FieldRule | tuple[FieldRule, ...] | None:
    row, value = reader.take("row"), reader.take("value")
    if row is not None:
        return _row(row, reader)
    if value is not None:
        return read_whole(value, reader.findings, f"{reader.rule}.value")
    if "fields" in reader or "shape" in reader:
        return _object(reader)
    _clash(reader, "a list without an element", "say what an element is: `fields`, `shape`, `value` or `row`")
    return None


def _is_plain(rule: FieldRule | tuple[FieldRule, ...]) -> bool:
    """Whether a rule gives a value without members or elements."""
    if isinstance(rule, ChoiceRule):
        return all(_is_plain(below) for _, below in rule.cases) and (not rule.otherwise or _is_plain(rule.otherwise))
    if isinstance(rule, PickRule):
        return _is_plain(rule.then)
    return isinstance(rule, ReadRule | ConstantRule | TextRule | CountRule)


def _row(node: Node, reader: Reader) -> tuple[FieldRule, ...] | None:
    if not isinstance(node, Sequence) or not node.items:
        reader.wrong(node, "a list of rules", "row")
        return None
    rules = [read_whole(item, reader.findings, f"{reader.rule}.row") for item in node.items]
    return tuple(rule for rule in rules if rule is not None)


def _object(reader: Reader) -> ObjectRule:
    at, shapes, only_with = reader.word("at"), reader.words("shape"), reader.word("only_with")
    return ObjectRule(reader.place, _members(reader), at, shapes, only_with)


def _members(reader: Reader) -> tuple[tuple[Word, FieldRule], ...]:
    def member(name: Scalar, node: Node) -> tuple[Word, FieldRule | None]:
        rule = read_rule(node, reader.findings, f"{reader.rule}.{name.value}")
        return Word(str(name.value), name.place), rule

    members = reader.named("fields", member)
    return tuple((name, rule) for name, rule in members if rule is not None)


#: the words that a rule can begin with, in the order in which they are looked for
MAKERS: tuple[tuple[str, Callable[[Reader], FieldRule | None]], ...] = (
    ("pick", _pick),
    ("first", _pick),
    ("last", _pick),
    ("each", _list),
    ("count", _count),
    ("constant", _constant),
    ("text", _text),
    ("by", _choice),
    ("fields", _object),
    ("shape", _object),
    ("from", _read),
    ("first_of", _read),
)
