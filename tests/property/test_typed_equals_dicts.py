"""The translation over types gives the bytes that the one over dicts gives, or leaves the answer to that one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from app.compile.emit import emit_reshape
from app.compile.emit_typed import Answer, emit_typed
from app.compile.interpret import Stand, interpret
from app.compile.shapes import Member, Shape, Untyped, answer_type
from app.compile.tree import Members
from app.emitted import UNTOLD, narrow
from app.plan import APART, Typed, Variant

from .calls import CALLS, IDS, compiled, given_to
from .outcomes import exact, outcome
from .trees import LEAVES, LISTS, OBJECTS, OTHERS, VALUES_AT_HAND, WORDS, objects, trees

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
READS = [
    pytest.param(variant, compiled(folder), call, id=f"{name} {variant.name}".strip())
    for (folder, call), name in zip(CALLS, IDS, strict=True)
    for variant in compiled(folder).plans.calls[call].variants
    if variant.typed is not None
]


# --- real calls ------------------------------------------------------------------------------------------------------


def typed_of(variant: Variant) -> Typed:
    """The translation of a choice that has one."""
    assert variant.typed is not None
    return variant.typed


def answered(variant: Variant, start: Any) -> bytes:
    """The bytes of an answer that begins so."""
    question = variant.question
    return orjson.dumps({"data": {question.roots[0][0]: start} if question.is_rooted else start})


def over_dicts(variant: Variant, raw: bytes, values: Any, others: Any) -> Any:
    """What a reply is made of an answer as dicts, in bytes."""
    data = orjson.loads(raw)["data"]
    start = data[variant.question.roots[0][0]] if variant.question.is_rooted else data
    return outcome(lambda: orjson.dumps(variant.reshape(start, values, {**others, "answer": start})))


def over_types(variant: Variant, start: Any, values: Any, others: Any) -> Any:
    """What a reply is made of an answer as types, in bytes."""
    typed = typed_of(variant)
    return outcome(lambda: typed.encode(typed.reshape(start, values, {**others, "answer": start})))


def is_narrow(value: Any) -> bool:
    """Whether all numbers in it are written alike everywhere."""
    try:
        narrow(value)
    except ValueError:
        return False
    return True


def is_there(variant: Variant, start: Any) -> bool:
    """Whether a root has anything in it."""
    return start is not None and (variant.question.is_rooted or any(one is not None for one in start.values()))


@pytest.mark.parametrize(("variant", "built", "call"), READS)
def test_typed__any_answer_to_a_call__gives_the_bytes_of_dicts(variant: Variant, built: Any, call: str) -> None:
    """Whatever the schema allows is decoded, and becomes the same; over types too, the function over dicts does."""
    typed = typed_of(variant)

    @settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
    @given(arguments=given_to(built, call, variant))
    def holds(arguments: tuple[Any, Any, Any]) -> None:
        answer, values, others = arguments
        raw = answered(variant, answer)

        start = typed.decode(raw)

        assert (start is not None) == (is_there(variant, answer) and is_narrow(answer))
        if start is not None:
            wanted = over_dicts(variant, raw, values, others)
            assert over_types(variant, start, values, others) == wanted
            again = typed.decode(raw)
            given_ = {**others, "answer": again}
            assert outcome(lambda: orjson.dumps(variant.reshape(again, values, given_))) == wanted

    holds()


@pytest.mark.parametrize(("variant", "built", "call"), READS)
def test_decode__hostile_bytes__leaves_them_to_dicts(variant: Variant, built: Any, call: str) -> None:
    """Cut, changed, or of other types anywhere: never an exception, and never another reply than over dicts."""
    typed = typed_of(variant)

    @settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
    @given(arguments=given_to(built, call, variant), data=st.data())
    def holds(arguments: tuple[Any, Any, Any], data: st.DataObject) -> None:
        answer, values, others = arguments
        assume(is_there(variant, answer))
        raw = answered(variant, answer)
        cut = data.draw(st.integers(0, len(raw) - 1))
        put = data.draw(st.one_of(st.binary(max_size=2), st.sampled_from(SNIPPETS)))
        changed = raw[:cut] + put + raw[cut + data.draw(st.integers(0, 2)) :]
        node = data.draw(st.sampled_from(list(nodes(answer, ()))))
        wrong = with_other(answer, node, data.draw(st.sampled_from([[], {}, {"a": 1}, [[]], [{}]])))

        assert typed.decode(raw[:cut]) is None
        assert typed.decode(b'{"errors": [{"message": "no"}],' + raw[1:]) is None
        assert typed.decode(answered(variant, wrong)) is None or wrong == answer or _is_list(answer, node)
        start = typed.decode(changed)
        if start is not None:
            assert over_types(variant, start, values, others) == over_dicts(variant, changed, values, others)

    holds()


#: what JSON may hold, and what readers of it differ about
SNIPPETS = [
    *(b"NaN", b"1e400", b"-0", b"1e16", b"18446744073709551616", b"9223372036854775808", b"01", b"1.", b"null", b"{}"),
    *(rb'"\ud800"', rb"\ud800", rb"\udc00", rb"\u0000", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\\", b'"', b","),
    *(b'"errors":[1],', b'"data":null,', b'"caller":1,', b'"extensions":{"a":1e999},', b"[" * 3000, b"/**/", b"\x00"),
]


def nodes(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The paths to all values in an answer, the answer's own among them."""
    yield path
    if isinstance(value, dict | list):
        for name, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from nodes(below, (*path, name))


def with_other(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """The answer with another value at a path."""
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = with_other(value[path[0]], path[1:], other)
    return copy


def _is_list(answer: Any, path: tuple[Any, ...]) -> bool:
    """Whether a list or an object may well be at a path: what is null there does not tell."""
    for step in path:
        answer = answer[step]
    return answer is None or isinstance(answer, list | dict)


# --- plain values ----------------------------------------------------------------------------------------------------

DIGITS = st.text("0123456789", min_size=1, max_size=25)
NUMBERS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "-"]),
    DIGITS.map(lambda digits: digits.lstrip("0") or "0"),
    st.one_of(st.just(""), DIGITS.map(".{}".format)),
    st.one_of(st.just(""), st.builds("{}{}".format, st.sampled_from(["e", "E", "e+", "e-"]), st.integers(0, 330))),
).map(str.encode)
ESCAPES = st.one_of(
    st.integers(0, 0xFFFF).map(r"\u{:04x}".format),
    st.builds(r"\u{:04x}\u{:04X}".format, st.integers(0xD800, 0xDFFF), st.integers(0xDC00, 0xDFFF)),
    st.sampled_from([r"\n", r"\/", r"\"", r"\\", r"\b", "\\x", "\t", "é", "😀", "\x7f", "\u2028", " "]),
).map(lambda text: text.encode())
TEXTS = st.lists(st.one_of(ESCAPES, st.binary(max_size=3)), max_size=5).map(lambda parts: b'"' + b"".join(parts) + b'"')


@lru_cache
def rooms() -> Variant:
    """A call that hands a plain value on as it is."""
    return next(compiled(folder) for folder, _ in CALLS).plans.calls["messages/list_rooms"].variants[0]


@settings(max_examples=1500, deadline=None)
@given(value=st.one_of(NUMBERS, TEXTS, st.floats(-1e17, 1e17).map(orjson.dumps), st.binary(max_size=6)))
@example(b"9007199254740993.0")
@example(b"9999999999999999.0")
@example(b"-0.0")
@example(b"0e999999999999")
@example(b"1" * 5000)
def test_typed__plain_value_of_any_form__is_written_as_dicts_write_it(value: bytes) -> None:
    """A reader of JSON that takes what the other refuses, or a number that they write apart, would show here."""
    variant = rooms()
    raw = b'{"data":{"roomList":{"edges":[{"node":{"topic":' + value + b"}}]}}}"

    start = typed_of(variant).decode(raw)

    if start is not None:
        assert over_types(variant, start, {}, {}) == over_dicts(variant, raw, {}, {})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"data": null}',
        b'{"data": {}}',
        b'{"data": {"roomList": null}}',
        b'{"data": {"roomList": {}}, "errors": [{}]}',
        b'{"data": {"roomList": {}}, "errors": {}}',
        b'{"data": {"roomList": {}}, "errors": ""}',
        b'{"data": {"roomList": {"nobody asked for": 1}}}',
        b'\xef\xbb\xbf{"data": {"roomList": {}}}',
    ],
)
def test_decode__answer_that_is_not_clean__gives_none(raw: bytes) -> None:
    """Errors, no data, no root, or what nobody asked for."""
    assert typed_of(rooms()).decode(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        b'{"data": {"roomList": {}}}',
        b' {"errors": null, "data": {"roomList": {}}} ',
        b'{"data": {"roomList": {}, "caller": {"id": "1"}}, "errors": [], "extensions": {"cost": 1}}',
    ],
)
def test_decode__clean_answer__gives_its_start(raw: bytes) -> None:
    """No errors, however that is said; who the credential speaks for may stand beside."""
    start = typed_of(rooms()).decode(raw)

    assert start is not None
    assert start.get("edges") is None


# --- trees at random -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Endless(Shape):
    """A shape that is again below each of its objects, as paths of random trees go deeper than answers do."""

    def member(self, name: str) -> Member:
        """The member of that name."""
        found = Shape.member(self, name)
        is_object = name in {*OBJECTS, *LISTS, *(APART + one for one in LISTS)}
        return Member(found.attribute, self if is_object else None, found.lists)


def shape(depth: int) -> Endless:
    """What `objects(depth)` gives; at the end objects are null."""
    below = shape(depth - 1) if depth else None
    members = {name: Member(name) for name in LEAVES} | {WORDS: Member(WORDS, None, 1)}
    members |= {name: Member(name, below) for name in OBJECTS}
    members |= {name: Member(name, below, 1) for one in LISTS for name in (one, APART + one)}
    return Endless("Random", tuple(members.items()))


SHAPE = shape(2)


def typed_start(value: Any, shape: Shape) -> Any:
    """An answer as types; what stands for an element that nobody knows stays what it is."""
    if isinstance(value, list):
        return [typed_start(one, shape) for one in value]
    if not isinstance(value, dict) or not value:
        return value if not isinstance(value, dict) or value is UNTOLD else answer_type(shape)()
    found = {name: typed_start(value[name], member.shape or shape) for name, member in shape.members if name in value}
    return answer_type(shape)(**{dict(shape.members)[name].attribute: made for name, made in found.items()})


@settings(max_examples=400, deadline=None, suppress_health_check=SLOW)
@given(tree=trees(), start=objects(2), values=VALUES_AT_HAND, others=OTHERS)
def test_typed__any_tree_and_answer__means_what_the_tree_means(
    tree: Members, start: dict[str, Any], values: dict[str, Any], others: dict[str, Any]
) -> None:
    """Whatever a mapping could be made of, in either family, and whatever it is read from; in the same order too."""
    try:
        typed, source = emit_typed(tree, Answer(SHAPE, None, ()), "random")
    except Untyped:
        assume(False)
    reshape, _ = emit_reshape(tree, "random")

    made = outcome(lambda: typed.encode(typed.reshape(typed_start(start, SHAPE), values, others)))

    assert made == outcome(lambda: orjson.dumps(reshape(start, values, others))), source
    assert made[0] == "raised" or exact(orjson.loads(made[1][1])) == exact(
        interpret(tree, Stand(start, values, others))
    ), source
