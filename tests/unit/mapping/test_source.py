"""YAML with places: what a text becomes, where it stands, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.findings import BadYaml, Place
from app.mapping.source import CarefulLoader, Mapping, Node, QuickLoader, Scalar, Sequence, Source, read_source


def read(folder: Path, text: str | bytes) -> Source:
    """The text as a file, read."""
    path = folder / "mapping.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return read_source(path, "mapping.yaml")


def plain(node: Node | None) -> Any:
    """What a node holds, without places."""
    if isinstance(node, Mapping):
        return {key.value: plain(value) for key, value in node}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else None


def places(node: Node | None) -> dict[str, tuple[int, int]]:
    """The line and column of every text of a document, keys included."""
    if isinstance(node, Mapping):
        below = [places(one) for entry in node for one in entry]
    elif isinstance(node, Sequence):
        below = [places(item) for item in node.items]
    else:
        below = [{str(node.value): (node.place.line, node.place.column)}] if node else []
    return {text: place for one in below for text, place in one.items()}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("null", None),
        ("~", None),
        ("", None),
        ("Null", "Null"),
        ("0", 0),
        ("-0", 0),
        ("20", 20),
        ("-5", -5),
        ("+5", "+5"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("20:30", "20:30"),
        ("1.5", 1.5),
        ("-0.25", -0.25),
        (".5", ".5"),
        ("1.", "1."),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("2024-05-01", "2024-05-01"),
        ("=", "="),
        ("<<", "<<"),
        ('"20"', "20"),
        ("'true'", "true"),
        ('""', ""),
        ("0;20", "0;20"),
        ("$request.page", "$request.page"),
    ],
)
def test_read_source__one_value__is_what_yaml_1_2_says(written: str, meant: Any, tmp_path: Path) -> None:
    """JSON's words and numbers are values, everything else is text: no guesses of YAML 1.1."""
    source = read(tmp_path, f"value: {written}\n")

    assert source.findings == ()
    value = plain(source.root)["value"]
    assert (type(value), value) == (type(meant), meant)


def test_read_source__keys__are_texts_always(tmp_path: Path) -> None:
    """A table's key is a name, whatever it looks like."""
    source = read(tmp_path, "{1: a, true: b, null: c, 1.5: d, <<: e}\n")

    assert plain(source.root) == {"1": "a", "true": "b", "null": "c", "1.5": "d", "<<": "e"}


def test_read_source__every_text__has_line_and_column(tmp_path: Path) -> None:
    """Lines and columns count from 1, and columns in characters, not bytes."""
    text = (
        'title: Räume\nroute:\n  - GET /a   # a comment\n  - "PUT /b"\nrequest: {limit: {to: ü.first, via: [a, b]}}\n'
    )

    source = read(tmp_path, text)

    assert places(source.root) == {
        "title": (1, 1),
        "Räume": (1, 8),
        "route": (2, 1),
        "GET /a": (3, 5),
        "PUT /b": (4, 5),
        "request": (5, 1),
        "limit": (5, 11),
        "to": (5, 19),
        "ü.first": (5, 23),
        "via": (5, 32),
        "a": (5, 38),
        "b": (5, 41),
    }


def test_read_source__blocks__have_the_place_of_their_first_word(tmp_path: Path) -> None:
    """A mapping or list stands where its first entry does."""
    source = read(tmp_path, "a:\n  b: 1\nc:\n  - x\n")

    root = source.root
    assert isinstance(root, Mapping)
    a, c = root.get("a"), root.get("c")
    assert a is not None
    assert c is not None
    assert (root.place, a.place, c.place) == (
        Place("mapping.yaml", 1, 1),
        Place("mapping.yaml", 2, 3),
        Place("mapping.yaml", 4, 3),
    )


def test_read_source__windows_lines_and_byte_order_mark__count_the_same(tmp_path: Path) -> None:
    """What an editor put at the start or the ends of lines moves nothing."""
    source = read(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")

    assert source.findings == ()
    assert places(source.root) == {"a": (1, 1), "1": (1, 4), "b": (2, 1), "2": (2, 4)}


@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("a: &x 1\nb: *x\n", 1, 4, "anchors are not taken here"),
        ("b: *x\n", 1, 4, "anchors are not taken here"),
        ("&x a: 1\n", 1, 1, "anchors are not taken here"),
        ("a: !!str 1\n", 1, 4, "tags are not taken here"),
        ("a: !!python/object:os.system {}\n", 1, 4, "tags are not taken here"),
        ("a: !shape [1]\n", 1, 4, "tags are not taken here"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' is given twice"),
        ("a: {b: 1, b: 2}\n", 1, 11, "the key 'b' is given twice"),
        ('1: a\n"1": b\n', 2, 1, "the key '1' is given twice"),
        ("{a: 1}: b\n", 1, 1, "a key must be plain text"),
        ("? [a]\n: b\n", 1, 3, "a key must be plain text"),
        ("a: 1\n---\nb: 2\n", 2, 1, "but found another document"),
        ("a: b: c\n", 1, 5, "mapping values are not allowed here"),
        ("a: {b: 1\n", 2, 1, "expected ',' or '}', but got '<stream end>'"),
        ("a: 'b\n", 2, 1, "found unexpected end of stream"),
        ("a:\n\t- b\n", 2, 1, "found character '\\t' that cannot start any token"),
        ("a: 1\nb: \x07\n", 2, 4, "the character '\\x07'"),
        (b"a: Caf\xe9\n", 1, 1, "'utf-8' codec can't decode byte 0xe9 in position 6: invalid continuation byte"),
    ],
)
def test_read_source__faulty_text__is_a_finding_at_its_place(
    text: str | bytes, line: int, column: int, problem: str, tmp_path: Path
) -> None:
    """What cannot be meant is told, and never guessed."""
    source = read(tmp_path, text)

    assert source.findings == (BadYaml(place=Place("mapping.yaml", line, column), problem=problem),)


def test_read_source__key_given_twice__keeps_the_first(tmp_path: Path) -> None:
    """A double key does not hide what else is wrong in the file: reading goes on with the first."""
    source = read(tmp_path, "a: 1\na: 2\nb: 3\n")

    assert plain(source.root) == {"a": 1, "b": 3}


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_read_source__empty_file__has_no_root(text: str, tmp_path: Path) -> None:
    """An empty file holds nothing; whether that is a fault is for the reader to say."""
    source = read(tmp_path, text)

    assert (plain(source.root), source.findings) == (None, ())


def test_read_source__missing_file__is_a_finding(tmp_path: Path) -> None:
    """A file that cannot be opened is told like one that cannot be read."""
    path = tmp_path / "missing.yaml"

    source = read_source(path)

    assert source.root is None
    assert [(one.code, one.place) for one in source.findings] == [("M101", Place(str(path), 1, 1))]


WORDS = st.text(alphabet=st.sampled_from(list("ab1:- {}[],'\"&*!#|>%@`~?\n\t\\é\x00\x85\ufeff")), max_size=30)


@settings(max_examples=100, deadline=None)
@given(text=st.one_of(WORDS, st.text(max_size=30)))
def test_read_source__any_text__gives_nodes_or_findings(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing that can be in a file makes reading fail."""
    source = read(tmp_path_factory.getbasetemp(), text)

    assert source.root is None or isinstance(source.root, Scalar | Sequence | Mapping)
    assert all(one.place.line >= 1 and one.place.column >= 1 for one in source.findings)


LIKE_OURS = st.lists(
    st.sampled_from(
        ["a", "b: ", "- ", "\n", "\n  ", "{", "}", "[", "]", ", ", ": ", "'", '"', "#", " ", "1", "|", "~", "?"]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(WORDS, LIKE_OURS))
def test_quick_loader__text_that_it_takes__is_read_as_by_the_careful_one(text: str) -> None:
    """libyaml is asked only where both say the same, places too; else it refuses, and the other one is asked."""
    try:
        quick = QuickLoader(text).get_single_node()
    except yaml.YAMLError:
        return

    assert told(quick) == told(CarefulLoader(text).get_single_node())


def told(node: yaml.Node | None) -> Any:
    """A node with its kind and place, and all below it."""
    if node is None:
        return None
    value = node.value
    if isinstance(node, yaml.MappingNode):
        value = [(told(key), told(below)) for key, below in node.value]
    elif isinstance(node, yaml.SequenceNode):
        value = [told(below) for below in node.value]
    return node.tag, node.start_mark.line, node.start_mark.column, value


def test_quick_loader__shipped_mappings__takes_them_all() -> None:
    """No file of ours needs the slow reader."""
    for path in sorted((Path(__file__).resolve().parents[3] / "mappings").rglob("*.yaml")):
        assert QuickLoader(path.read_text(encoding="utf-8")).get_single_node() is not None
