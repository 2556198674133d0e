"""The response side of a mapping: which word makes which rule.

A text alone is a path. A mapping is told by its leading word (`each`, `text`, `by`, …); an object says `fields` or `shape`.
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
from app.mapping.read_request import path_and_via, read_values
from app.mapping.reader import Reader, constant_of, reader_of, word_of, words_of
from app.mapping.source import Node, Scalar, Sequence


def read_rule(node: Node, findings: list[Finding], rule: str) -> FieldRule | None:
    """One field rule, or None with a finding."""
    if isinstance(node, Scalar):
        word = word_of(node, findings, rule)
        return ReadRule(node.place, (word,)) if word else None
    if isinstance(node, Sequence):
        return ReadRule(node.place, words_of(node, findings, rule))
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
    made = _object(reader)
    reader.close()
    return made


def _by_leading_word(reader: Reader) -> FieldRule | None:
    makers: list[tuple[str, Callable[[Reader], FieldRule | None]]] = [
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
    ]
    for word, make in makers:
        if word in reader:
            return make(reader)
    leading = ", ".join(word for word, _ in makers)
    reader.findings.append(
        KeysTogether(
            place=reader.place,
            rule=reader.rule,
            problem="a rule without a leading word",
            advice=f"begin it with one of {leading}; members of an object stand under `fields:`",
        )
    )
    for key, _ in reader.node:
        reader.take(str(key.value))
    return None


def _read(reader: Reader) -> ReadRule:
    if "from" in reader and "first_of" in reader:
        problem, advice = "'from' and 'first_of' exclude each other", "keep one"
        reader.findings.append(KeysTogether(place=reader.place, rule=reader.rule, problem=problem, advice=advice))
    return ReadRule(
        place=reader.place,
        paths=reader.words("from") + reader.words("first_of"),
        via=reader.words("via"),
        values=read_values(reader),
        null=reader.value("null"),
        if_null=reader.value("if_null"),
        if_not=reader.value("if_not"),
        apart=reader.text("apart"),
    )


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
    return TextRule(reader.place, text, parts, null) if text else None


def _choice(reader: Reader) -> ChoiceRule | None:
    reader.require("cases", "cases: {HOURLY: path}")
    by = reader.word("by")
    cases = reader.named(
        "cases",
        lambda name, node: (str(name.value), read_rule(node, reader.findings, f"{reader.rule}.cases.{name.value}")),
    )
    node = reader.take("otherwise")
    otherwise = read_rule(node, reader.findings, f"{reader.rule}.otherwise") if node else None
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

    where = reader.named("where", pair)
    then = _list(reader) if "each" in reader else _object(reader) if "fields" in reader else _read(reader)
    if path is None or then is None:
        return None
    return PickRule(reader.place, path, where, position, then)


def _list(reader: Reader) -> ListRule | None:
    each = reader.words("each")
    element = _element(reader)
    rule_key, join = reader.word("key"), reader.take("join")
    collapse = reader.flag("collapse")
    if not each or element is None:
        return None
    separator = str(join.value) if isinstance(join, Scalar) else None
    return ListRule(reader.place, each, element, collapse, rule_key, separator)


def _element(reader: Reader) -> ObjectRule | FieldRule | tuple[FieldRule, ...] | None:
    if "row" in reader:
        node = reader.take("row")
        items = node.items if isinstance(node, Sequence) else ()
        return tuple(
            rule for item in items if (rule := read_rule(item, reader.findings, f"{reader.rule}.row")) is not None
        )
    if "value" in reader:
        node = reader.take("value")
        return read_rule(node, reader.findings, f"{reader.rule}.value") if node else None
    if "fields" in reader or "shape" in reader:
        return _object(reader)
    problem, advice = "a list without an element", "say what an element is: `fields`, `shape`, `value` or `row`"
    reader.findings.append(KeysTogether(place=reader.place, rule=reader.rule, problem=problem, advice=advice))
    return None


def _object(reader: Reader) -> ObjectRule:
    def member(name: Scalar, node: Node) -> tuple[Word, FieldRule | None]:
        rule = read_rule(node, reader.findings, f"{reader.rule}.{name.value}")
        return Word(str(name.value), name.place), rule

    members = reader.named("fields", member)
    fields = tuple((name, rule) for name, rule in members if rule is not None)
    return ObjectRule(reader.place, fields, reader.word("at"), reader.words("shape"), reader.word("only_with"))
