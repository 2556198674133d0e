"""Taking a YAML mapping apart key by key, so that what nobody took is known to be unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from app.findings import Finding, MissingKey, Place, UnknownKey, WrongShape, near_names
from app.mapping.model import Constant, Value, Word
from app.mapping.source import Mapping, Node, Scalar, Sequence

T = TypeVar("T")


class Reader:
    """One mapping node being read: each `take` consumes a key; `close` finds the ones left over."""

    def __init__(self, node: Mapping, findings: list[Finding], rule: str = "") -> None:
        self.node = node
        self.place = node.place
        self.findings = findings
        self.rule = rule
        self._entries = {str(key.value): (key, value) for key, value in node}
        self._taken: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def take(self, key: str) -> Node | None:
        """The node under `key`, or None."""
        self._taken.add(key)
        entry = self._entries.get(key)
        return entry[1] if entry else None

    def text(self, key: str, default: str = "") -> str:
        """A text, or `default` when the key is absent."""
        word = self.word(key)
        return word.text if word else default

    def word(self, key: str) -> Word | None:
        """A text with its place, or None when the key is absent."""
        node = self.take(key)
        return None if node is None else word_of(node, self.findings, self._name(key))

    def words(self, key: str) -> tuple[Word, ...]:
        """One text or a list of texts."""
        return words_of(self.take(key), self.findings, self._name(key))

    def value(self, key: str) -> Value | None:
        """A literal with its place, or None when the key is absent."""
        node = self.take(key)
        return None if node is None else Value(constant_of(node), node.place)

    def table(self, key: str) -> tuple[tuple[str, Value], ...] | None:
        """A table from text to literal, or None when the key is absent."""
        if key not in self:
            return None
        return self.named(key, lambda name, node: (str(name.value), Value(constant_of(node), node.place)))

    def flag(self, key: str) -> bool:
        """`true` or `false`; absent is false."""
        node = self.take(key)
        if node is None:
            return False
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        self.wrong(node, "true or false", key)
        return False

    def number(self, key: str, default: int) -> int:
        """A whole number above 0, or `default` when the key is absent."""
        node = self.take(key)
        if node is None:
            return default
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self.wrong(node, "a whole number above 0", key)
        return default

    def one_of(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        """One of a few words; another one is a finding with the near ones."""
        word = self.word(key)
        if word is None:
            return default
        if word.text not in allowed:
            self.findings.append(
                UnknownKey(
                    place=word.place,
                    rule=self._name(key),
                    name=word.text,
                    allowed=allowed,
                    near=near_names(word.text, allowed),
                )
            )
            return default
        return word.text

    def mapping(self, key: str) -> Reader | None:
        """A mapping below this one, or None when the key is absent."""
        node = self.take(key)
        return None if node is None else reader_of(node, self.findings, self._name(key))

    def named(self, key: str, read: Callable[[Scalar, Node], T]) -> tuple[T, ...]:
        """Each entry of a mapping whose keys are names of the author's choosing."""
        node = self.take(key)
        if node is None:
            return ()
        if not isinstance(node, Mapping):
            self.wrong(node, "a mapping", key)
            return ()
        return tuple(read(name, value) for name, value in node)

    def reasons(self, key: str) -> tuple[tuple[Word, str], ...]:
        """`name: why` entries; a reason left out is a finding."""

        def reason(name: Scalar, node: Node) -> tuple[Word, str]:
            word = word_of(node, self.findings, f"{self._name(key)}.{name.value}")
            return Word(str(name.value), name.place), word.text if word else ""

        return self.named(key, reason)

    def require(self, key: str, example: str) -> None:
        """Find fault when `key` is not there."""
        if key not in self._entries:
            self.findings.append(MissingKey(place=self.place, rule=self.rule, key=key, example=example))

    def wrong(self, node: Node, expected: str, key: str = "") -> None:
        """A value of another kind than wanted."""
        self.findings.append(
            WrongShape(place=node.place, rule=self._name(key), expected=expected, found=node.kind),
        )

    def close(self) -> None:
        """Every key that nobody took is unknown."""
        allowed = tuple(sorted(self._taken))
        for name, (key, _) in self._entries.items():
            if name not in self._taken:
                near = near_names(name, allowed)
                self.findings.append(UnknownKey(place=key.place, rule=self.rule, name=name, allowed=allowed, near=near))

    def _name(self, key: str) -> str:
        return f"{self.rule}.{key}" if self.rule and key else self.rule or key


def reader_of(node: Node | None, findings: list[Finding], rule: str, place: Place | None = None) -> Reader | None:
    """A reader for a node that must be a mapping; otherwise a finding and None."""
    if isinstance(node, Mapping):
        return Reader(node, findings, rule)
    where = node.place if node is not None else place
    if where is not None:
        found = node.kind if node is not None else "nothing"
        findings.append(WrongShape(place=where, rule=rule, expected="a mapping", found=found))
    return None


def word_of(node: Node, findings: list[Finding], rule: str) -> Word | None:
    """A text with its place; numbers count as their text."""
    if isinstance(node, Scalar) and isinstance(node.value, str) and node.value.strip():
        return Word(node.value.strip(), node.place)
    if isinstance(node, Scalar) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return Word(str(node.value), node.place)
    findings.append(WrongShape(place=node.place, rule=rule, expected="a text", found=node.kind))
    return None


def words_of(node: Node | None, findings: list[Finding], rule: str) -> tuple[Word, ...]:
    """One text or a list of texts; none when the node is absent, and an empty list is a finding."""
    if node is None:
        return ()
    if isinstance(node, Sequence) and not node.items:
        findings.append(WrongShape(place=node.place, rule=rule, expected="one text or more", found=node.kind))
    nodes = node.items if isinstance(node, Sequence) else (node,)
    return tuple(word for item in nodes if (word := word_of(item, findings, rule)))


def constant_of(node: Node) -> Constant:
    """The plain value a node stands for."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [constant_of(item) for item in node.items]
    return {str(key.value): constant_of(value) for key, value in node}


def path_and_via(node: Node, reader: Reader, rule: str) -> tuple[Word | None, tuple[Word, ...]]:
    """A path alone, or `{from: path, via: converter}`."""
    if not isinstance(node, Mapping):
        return word_of(node, reader.findings, f"{reader.rule}.{rule}"), ()
    below = Reader(node, reader.findings, f"{reader.rule}.{rule}")
    below.require("from", "from: node.id")
    path, via = below.word("from"), below.words("via")
    below.close()
    return path, via
