"""Keys taken one by one: what was taken, what was left, and what has another shape than wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.findings import Finding, MissingKey, Place, UnknownKey, WrongShape
from app.mapping.model import Value, Word
from app.mapping.reader import Reader, reader_of
from app.mapping.source import read_source

Make = Callable[[str], Reader]


def place(line: int, column: int) -> Place:
    """A place of the file that `reading` writes."""
    return Place("mapping.yaml", line, column)


@pytest.fixture
def findings() -> list[Finding]:
    """What a reader finds."""
    return []


@pytest.fixture
def reading(tmp_path: Path, findings: list[Finding]) -> Make:
    """A reader of a YAML text."""

    def make(text: str) -> Reader:
        path = tmp_path / "mapping.yaml"
        path.write_text(text, encoding="utf-8")
        reader = reader_of(read_source(path, "mapping.yaml").root, findings, "rule")
        assert reader is not None
        return reader

    return make


def test_close__keys_left_over__are_unknown_with_near_ones(reading: Make, findings: list[Finding]) -> None:
    """What nobody took is unknown, told with the keys that were asked for."""
    reader = reading("to: id\nvai: flag\nxyz: 1\n")
    reader.word("to")
    reader.words("via")

    reader.close()

    allowed = ("to", "via")
    assert findings == [
        UnknownKey(place=place(2, 1), rule="rule", name="vai", allowed=allowed, near=("via",)),
        UnknownKey(place=place(3, 1), rule="rule", name="xyz", allowed=allowed),
    ]


def test_close__all_keys_taken__finds_nothing(reading: Make, findings: list[Finding]) -> None:
    """A key that was asked for is known, whether it was there or not."""
    reader = reading("to: id\n")
    reader.word("to")
    reader.word("via")

    reader.close()

    assert findings == []


def test_require__key_missing__is_a_finding_at_the_mapping(reading: Make, findings: list[Finding]) -> None:
    """A missing key is told where it would stand, with an example."""
    reader = reading("a: 1\n")

    reader.require("a", "a: 2")
    reader.require("to", "to: id")

    assert findings == [MissingKey(place=place(1, 1), rule="rule", key="to", example="to: id")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("id", Word("id", place(1, 6))),
        ("' id '", Word("id", place(1, 6))),
        ("20", Word("20", place(1, 6))),
        ("1.5", Word("1.5", place(1, 6))),
        ("no", Word("no", place(1, 6))),
    ],
)
def test_word__text_or_number__is_a_text(written: str, meant: Word, reading: Make, findings: list[Finding]) -> None:
    """A number stands for its text; space around does not count."""
    word = reading(f"key: {written}\n").word("key")

    assert (word, findings) == (Word(meant.text, place(1, 6)), [])


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("true", "the value True"),
        ("", "nothing"),
        ("''", "the value ''"),
        ("[a]", "a list"),
        ("[]", "an empty list"),
        ("{a: b}", "a mapping"),
        ("{}", "an empty mapping"),
    ],
)
def test_word__no_text__is_a_finding(written: str, found: str, reading: Make, findings: list[Finding]) -> None:
    """A text is a text: no boolean, no null, no blank, no list."""
    word = reading(f"key: {written}\n").word("key")

    assert word is None
    assert [(one.code, one.rule, one.what()) for one in findings] == [
        ("M104", "rule.key", f"a text is expected here, not {found}")
    ]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("a", (Word("a", place(1, 6)),)),
        ("[a, b]", (Word("a", place(1, 7)), Word("b", place(1, 10)))),
        ("[a, [b], c]", (Word("a", place(1, 7)), Word("c", place(1, 15)))),
        ("[]", ()),
    ],
)
def test_words__one_or_a_list__are_the_texts(written: str, words: tuple[Word, ...], reading: Make) -> None:
    """One text counts as a list of one; what is no text is left out, with a finding."""
    assert reading(f"key: {written}\n").words("key") == words


@pytest.mark.parametrize(
    ("written", "meant", "expected"),
    [("true", True, None), ("false", False, None), ("yes", False, "the value 'yes'"), ("1", False, "the value 1")],
)
def test_flag__only_true_and_false__count(
    written: str, meant: bool, expected: str | None, reading: Make, findings: list[Finding]
) -> None:
    """`yes`, `on` and 1 are no flags in YAML 1.2."""
    flag = reading(f"key: {written}\n").flag("key")

    wrong = WrongShape(place=place(1, 6), rule="rule.key", expected="true or false", found=expected or "")
    assert (flag, findings) == (meant, [wrong] if expected else [])


@pytest.mark.parametrize(
    ("written", "meant", "is_found"),
    [("5", 5, False), ("-1", 50, True), ("0", 50, True), ("5.0", 50, True), ("five", 50, True), ("true", 50, True)],
)
def test_number__only_whole_ones__count(
    written: str, meant: int, is_found: bool, reading: Make, findings: list[Finding]
) -> None:
    """What is no whole number is a finding, and the default goes on."""
    number = reading(f"key: {written}\n").number("key", 50)

    assert (number, [one.code for one in findings]) == (meant, ["M104"] if is_found else [])


def test_one_of__other_word__is_a_finding_with_near_ones(reading: Make, findings: list[Finding]) -> None:
    """A word from a closed set is told with what it may have meant."""
    word = reading("key: jsn\n").one_of("key", ("text", "json"), "text")

    assert word == "text"
    assert findings == [
        UnknownKey(place=place(1, 6), rule="rule.key", name="jsn", allowed=("text", "json"), near=("json",))
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("5", 5), ("[a, 1, null]", ["a", 1, None]), ("{a: {b: true}, 1: x}", {"a": {"b": True}, "1": "x"})],
)
def test_value__anything__is_a_literal(written: str, meant: Any, reading: Make) -> None:
    """A literal is the plain value, with the place it stands at."""
    assert reading(f"key: {written}\n").value("key") == Value(meant, place(1, 6))


def test_reasons__name_without_a_reason__is_a_finding(reading: Make, findings: list[Finding]) -> None:
    """`name: why` needs the why."""
    reasons = reading("key:\n  a: the upstream has none\n  b:\n").reasons("key")

    assert reasons == ((Word("a", place(2, 3)), "the upstream has none"), (Word("b", place(3, 3)), ""))
    assert [(one.code, one.place, one.rule) for one in findings] == [("M104", place(3, 5), "rule.key.b")]


def test_absent_key__every_reading__gives_its_default(reading: Make, findings: list[Finding]) -> None:
    """What is not there is no fault of its own."""
    reader = reading("other: 1\n")

    read = (
        reader.take("key"),
        reader.word("key"),
        reader.words("key"),
        reader.text("key", "default"),
        reader.flag("key"),
        reader.number("key", 5),
        reader.one_of("key", ("a",), "a"),
        reader.value("key"),
        reader.mapping("key"),
        reader.named("key", lambda name, node: name),
        reader.reasons("key"),
    )

    assert read == (None, None, (), "default", False, 5, "a", None, None, (), ())
    assert findings == []
