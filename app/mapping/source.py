"""YAML with line and column: the only module that knows YAML.

A document becomes nodes that keep the place of every key and value. YAML 1.2's JSON values are read (so `on` and `no`
are words, not booleans), anchors and tags are refused, and a key given twice is a fault rather than the last one
winning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer, ComposerError
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import Resolver
from yaml.scanner import Scanner

try:
    from yaml._yaml import CParser
except ImportError:  # PyYAML was built where libyaml was not

    class CParser:  # type: ignore[no-redef]
        """Reads nothing."""

        def __init__(self, stream: str) -> None:
            raise yaml.YAMLError("there is no libyaml")


from app.findings import BadYaml, Finding, Place


@dataclass(frozen=True, slots=True)
class Scalar:
    """A plain value: text, number, boolean or null."""

    value: str | int | float | bool | None
    place: Place

    @property
    def kind(self) -> str:
        """What it is, in words for a message."""
        return f"the value {self.value!r}" if self.value is not None else "nothing"


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    place: Place

    @property
    def kind(self) -> str:
        """What it is, in words for a message."""
        return "a list" if self.items else "an empty list"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys in the order of the file, each with its place and its node."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place

    @property
    def kind(self) -> str:
        """What it is, in words for a message."""
        return "a mapping" if self.entries else "an empty mapping"

    def __iter__(self) -> Iterator[tuple[Scalar, Node]]:
        return iter(self.entries)

    def get(self, key: str) -> Node | None:
        """The node under `key`, or None."""
        return next((node for name, node in self.entries if name.value == key), None)


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Source:
    """One file read: `root` is None when it could not be read (the finding says why) or is empty."""

    path: Path
    root: Node | None
    findings: tuple[Finding, ...]


#: blanks, breaks and marks, and comments behind the sign of a block, that libyaml takes where the reader in Python
#: refuses them
READ_OTHERWISE = re.compile("[^\n -~\xa0-\ud7ff]|[?]|[|>][-+0-9]*#")


class _Composer(Composer):
    """Events to nodes with the JSON schema of YAML 1.2 in place of 1.1's guesses, and without anchors and tags."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse what would make one place of the file mean another, or a text something else than it shows."""
        event = self.peek_event()  # type: ignore[attr-defined]
        if getattr(event, "anchor", None) is not None:
            raise ComposerError(None, None, "anchors are not taken here", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise ComposerError(None, None, "tags are not taken here", event.start_mark)
        composed: yaml.Node | None = super().compose_node(parent, index)
        return composed


class _Resolver(Resolver):
    """Plain texts to their kinds."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - as PyYAML has it


class CarefulLoader(_Composer, Reader, Scanner, Parser, _Resolver):
    """All in Python: tells what is wrong, and where."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        Resolver.__init__(self)


class QuickLoader(_Composer, CParser, _Resolver):
    """The events from libyaml, several times as fast. Refuses what it reads otherwise than the other one."""

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        Composer.__init__(self)
        Resolver.__init__(self)
        if READ_OTHERWISE.search(text):
            raise ComposerError(None, None, "a character that libyaml takes in more places", None)

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        """Refuse nothing at all: libyaml says that it stands behind the blanks that follow."""
        composed: yaml.ScalarNode = super().compose_scalar_node(anchor)
        if not composed.value and not composed.style:
            raise ComposerError(None, None, "nothing", composed.start_mark)
        return composed


for _tag, _pattern, _first in [
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", "-0123456789"),
]:
    _Resolver.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def read_source(path: Path, name: str | None = None) -> Source:
    """Read one YAML file. `name` is how places call the file; its path by default."""
    file = name or str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return Source(path, None, (BadYaml(place=Place(file, 1, 1), problem=str(error)),))
    findings: list[Finding] = []
    try:
        composed = _composed(text)
    except yaml.YAMLError as error:
        return Source(path, None, (_unreadable(error, text, file),))
    root = _node(composed, file, findings) if composed is not None else None
    return Source(path, root, tuple(findings))


def _composed(text: str) -> yaml.Node | None:
    """The nodes of a text. Raises YAMLError; what it says and where is always by the same reader."""
    try:
        return QuickLoader(text).get_single_node()
    except yaml.YAMLError:
        return CarefulLoader(text).get_single_node()


def _unreadable(error: yaml.YAMLError, text: str, file: str) -> BadYaml:
    line, column, problem = 1, 1, str(error)
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = error.problem or problem
    elif isinstance(error, ReaderError):
        before = text[: error.position].split("\n")
        line, column, problem = len(before), len(before[-1]) + 1, f"the character {text[error.position]!r}"
    return BadYaml(place=Place(file, line, column), problem=problem)


def _node(node: yaml.Node, file: str, findings: list[Finding]) -> Node:
    place = Place(file, node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        return Mapping(tuple(_entries(node, file, findings)), place)
    if isinstance(node, yaml.SequenceNode):
        return Sequence(tuple(_node(item, file, findings) for item in node.value), place)
    return Scalar(_value(node), place)


def _entries(node: yaml.MappingNode, file: str, findings: list[Finding]) -> Iterator[tuple[Scalar, Node]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        place = Place(file, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key_node, yaml.ScalarNode):
            findings.append(BadYaml(place=place, problem="a key must be plain text"))
            continue
        # Keys are names always: `1:` in a table of values is the text "1".
        if key_node.value in seen:
            findings.append(BadYaml(place=place, problem=f"the key '{key_node.value}' is given twice"))
            continue
        seen.add(key_node.value)
        yield Scalar(key_node.value, place), _node(value_node, file, findings)


def _value(node: yaml.Node) -> str | int | float | bool | None:
    kind = node.tag.rpartition(":")[2]
    text = str(node.value)
    if kind == "bool":
        return text == "true"
    if kind == "null":
        return None
    if kind == "int":
        return int(text)
    return float(text) if kind == "float" else text
