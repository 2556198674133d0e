"""A fault found at start-up, with its place: what is wrong, where, and how to mend it.

Run-time faults are in `errors.py`. Codes are never reused; each has its row in `docs/errors.md`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file: line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def near_names(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known names that `name` may have meant, best first, three at most."""
    known = sorted(known)
    lowered = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.6)
    return tuple(lowered[match] for match in close)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault: `rule` names the part of the mapping that holds it, such as `response.roomId`."""

    code: ClassVar[str] = "M000"
    place: Place
    rule: str = ""

    def what(self) -> str:
        """The fault in one clause, quoting names from the mapping."""
        raise NotImplementedError

    def mend(self) -> str:
        """A thing to type or to look at."""
        raise NotImplementedError

    def render(self, source: str | None = None) -> str:
        """`file:line:column: code what`, the line itself with a caret when `source` is given, and the mend."""
        lines = [f"{self.place}: {self.code} {self.what()}"]
        text = (source or "").splitlines()
        if 0 < self.place.line <= len(text):
            gutter = f"{self.place.line:>5} | "
            lines.append(gutter + text[self.place.line - 1])
            lines.append(" " * (len(gutter) - 2) + "| " + " " * (self.place.column - 1) + "^")
        subject = f"{self.rule}: " if self.rule else ""
        lines.append(f"      = {subject}{self.mend()}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Near(Finding):
    """A finding about a name that is not known; `near` are the names it may have meant."""

    name: str
    near: tuple[str, ...] = ()

    def suggestion(self, otherwise: str) -> str:
        """The near names as a question, or `otherwise` when there are none."""
        return f"did you mean {' or '.join(map(repr, self.near))}?" if self.near else otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class BadYaml(Finding):
    """M101: the file is no YAML, or holds one key twice."""

    code: ClassVar[str] = "M101"
    problem: str

    def what(self) -> str:
        return f"not readable as YAML: {self.problem}"

    def mend(self) -> str:
        return "mend the YAML at the caret; quote texts that hold ': ', '#' or start with a sign"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownKey(_Near):
    """M102: a key that the mapping language does not have here."""

    code: ClassVar[str] = "M102"
    allowed: tuple[str, ...]

    def what(self) -> str:
        return f"unknown key '{self.name}'"

    def mend(self) -> str:
        return self.suggestion(f"keys known here: {', '.join(self.allowed)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingKey(Finding):
    """M103: a key that must be there is not."""

    code: ClassVar[str] = "M103"
    key: str
    example: str

    def what(self) -> str:
        return f"'{self.key}' is missing"

    def mend(self) -> str:
        return f"add it, such as `{self.example}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongShape(Finding):
    """M104: a value of another kind than the language expects here."""

    code: ClassVar[str] = "M104"
    expected: str
    found: str

    def what(self) -> str:
        return f"{self.expected} is expected here, not {self.found}"

    def mend(self) -> str:
        return f"write {self.expected}; 'docs/mapping.md' shows each word with an example"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysTogether(Finding):
    """M105: keys that exclude each other stand together, or a key lacks the one it needs."""

    code: ClassVar[str] = "M105"
    problem: str
    advice: str

    def what(self) -> str:
        return self.problem

    def mend(self) -> str:
        return self.advice


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownShape(_Near):
    """M106: a rule names a shape that `_shapes.yaml` of its area does not hold."""

    code: ClassVar[str] = "M106"

    def what(self) -> str:
        return f"no shape '{self.name}' in this area"

    def mend(self) -> str:
        return self.suggestion("add it to _shapes.yaml of the area")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownRoot(_Near):
    """M201: the schema has no such query or mutation."""

    code: ClassVar[str] = "M201"
    kind: str

    def what(self) -> str:
        return f"the schema has no {self.kind} '{self.name}'"

    def mend(self) -> str:
        return self.suggestion(f"'heirloom schema {self.kind.capitalize()}' lists them")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownArgument(_Near):
    """M202: a request rule writes to an argument or input field that is not there."""

    code: ClassVar[str] = "M202"
    owner: str

    def what(self) -> str:
        return f"{self.owner} takes no '{self.name}'"

    def mend(self) -> str:
        return self.suggestion("look the arguments up in mappings/schema.graphql")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownField(_Near):
    """M203: a path steps onto a field that the type there does not have."""

    code: ClassVar[str] = "M203"
    type_name: str

    def what(self) -> str:
        return f"type {self.type_name} has no field '{self.name}'"

    def mend(self) -> str:
        return self.suggestion(f"'heirloom schema {self.type_name}' lists its fields")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInTheWay(Finding):
    """M204: a path goes through a list where one value is wanted."""

    code: ClassVar[str] = "M204"
    field: str
    type_name: str

    def what(self) -> str:
        return f"'{self.field}' is a list of {self.type_name}, and one value is wanted"

    def mend(self) -> str:
        return f"read it with `each: {self.field}`, or one element of it with `pick:` or `last:`"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoList(Finding):
    """M205: a list is wanted, and the path holds none, or more than one, or (for a page or `over`) goes on below it."""

    code: ClassVar[str] = "M205"
    path: str
    lists: int

    def what(self) -> str:
        if self.lists == 1:
            return f"the path '{self.path}' goes on below its list"
        return f"the path '{self.path}' goes through {self.lists} lists, and exactly one is wanted"

    def mend(self) -> str:
        if self.lists == 1:
            return "end the path at the list"
        return "give a path with one list in it, such as `edges.node`"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConverterMismatch(Finding):
    """M206: a converter that does not take what it would be given."""

    code: ClassVar[str] = "M206"
    converter: str
    takes: str
    given: str

    def what(self) -> str:
        return f"converter '{self.converter}' takes {self.takes}, and is given {self.given}"

    def mend(self) -> str:
        return f"read another field, or take a converter for {self.given} ('heirloom converters' lists them)"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownConverter(_Near):
    """M207: `via` names no converter."""

    code: ClassVar[str] = "M207"

    def what(self) -> str:
        return f"no converter '{self.name}'"

    def mend(self) -> str:
        return self.suggestion("'heirloom converters' lists them")


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingArgument(Finding):
    """M208: the schema insists on an argument or input field that no rule is sure to write."""

    code: ClassVar[str] = "M208"
    owner: str
    argument: str
    type_name: str

    def what(self) -> str:
        return f"{self.owner} requires '{self.argument}' ({self.type_name}), and no rule is sure to write it"

    def mend(self) -> str:
        return "write it with a rule that is `required`, has a `default`, or stands under `always`"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotALeaf(Finding):
    """M209: a path ends on an object, which has no value of its own."""

    code: ClassVar[str] = "M209"
    path: str
    type_name: str
    fields: tuple[str, ...]

    def what(self) -> str:
        return f"'{self.path}' ends on {self.type_name}, an object"

    def mend(self) -> str:
        return f"step on to one of its fields: {', '.join(self.fields[:8])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafInTheWay(Finding):
    """M210: a path steps into a plain value."""

    code: ClassVar[str] = "M210"
    field: str
    type_name: str

    def what(self) -> str:
        return f"'{self.field}' is a {self.type_name}: nothing is below it"

    def mend(self) -> str:
        return f"end the path at '{self.field}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeprecatedUpstream(Finding):
    """M211: the schema calls the field or root deprecated, or knows it from documents only."""

    code: ClassVar[str] = "M211"
    field: str
    reason: str

    def what(self) -> str:
        return f"'{self.field}' is going away upstream: {self.reason}"

    def mend(self) -> str:
        return f"read its successor, or name it under `deprecated:` with the reason (`{self.field}: why`)"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadConstant(_Near):
    """M212: a constant or table value that the argument's type does not take."""

    code: ClassVar[str] = "M212"
    type_name: str

    def what(self) -> str:
        return f"{self.name} is no {self.type_name}"

    def mend(self) -> str:
        return self.suggestion(f"write a value of type {self.type_name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownSource(_Near):
    """M213: a rule refers to a parameter, question or path part that is not declared."""

    code: ClassVar[str] = "M213"

    def what(self) -> str:
        return f"nothing is called '{self.name}' here"

    def mend(self) -> str:
        return self.suggestion("declare it under `request:` or `questions:`")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnboundPathPart(Finding):
    """M214: a route has a part in braces that no rule speaks about."""

    code: ClassVar[str] = "M214"
    part: str

    def what(self) -> str:
        return f"the route has {{{self.part}}}, and no rule says what it is for"

    def mend(self) -> str:
        return f"add `path.{self.part}: {{to: ...}}`, or `{{ignored: why}}`, under `request:`"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidDocument(Finding):
    """M215: the derived GraphQL document does not validate: a fault of the compiler, or of the schema file."""

    code: ClassVar[str] = "M215"
    problem: str

    def what(self) -> str:
        return f"the derived document does not validate: {self.problem}"

    def mend(self) -> str:
        return "'heirloom explain' shows the document; report it with the mapping"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadText(Finding):
    """M216: a `text` that is more than words and names in `{{ }}`."""

    code: ClassVar[str] = "M216"
    problem: str

    def what(self) -> str:
        return f"this text cannot be compiled: {self.problem}"

    def mend(self) -> str:
        return "use plain words and `{{ name }}`, each name given under `with:`"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteCollision(Finding):
    """M301: two mappings answer the same request."""

    code: ClassVar[str] = "M301"
    route: str
    other: Place

    def what(self) -> str:
        return f"{self.route} is taken already, by {self.other}"

    def mend(self) -> str:
        return "give one of them another path, or join them with `choose:`"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedShape(Finding):
    """M302: a shape that no rule uses."""

    code: ClassVar[str] = "M302"
    shape: str

    def what(self) -> str:
        return f"shape '{self.shape}' is used by no mapping of the area"

    def mend(self) -> str:
        return "delete it, or use it with `shape:`"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedConverter(Finding):
    """M303: a converter that no mapping uses."""

    code: ClassVar[str] = "M303"
    converter: str

    def what(self) -> str:
        return f"converter '{self.converter}' is used by no mapping"

    def mend(self) -> str:
        return "delete it from app/converters.py, or use it with `via:`"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRow(Finding):
    """M304: a row of the contract that the mapping neither answers nor names with a reason."""

    code: ClassVar[str] = "M304"
    row: str
    line: int

    def what(self) -> str:
        return f"contract row '{self.row}' (line {self.line}) is neither served nor named"

    def mend(self) -> str:
        return f"serve it, or name it under `unmapped:` with the reason (`{self.row}: why`)"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownRow(_Near):
    """M305: `unmapped` or `rows` names a row that the contract does not have, or that is served anyway."""

    code: ClassVar[str] = "M305"
    served: bool = False

    def what(self) -> str:
        if self.served:
            return f"row '{self.name}' is served, and named as unmapped"
        return f"the contract has no row '{self.name}' for this call"

    def mend(self) -> str:
        return "take it out of `unmapped:`" if self.served else self.suggestion("'heirloom coverage' lists the rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownCall(_Near):
    """M306: a mapping that is in no contract and does not say why it is there."""

    code: ClassVar[str] = "M306"

    def what(self) -> str:
        return f"the contract has no call '{self.name}'"

    def mend(self) -> str:
        return self.suggestion("name the file after its call, or add `beyond: why this call is served`")


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingCall(Finding):
    """M307: a call of the contract whose area is mapped, and that has no mapping."""

    code: ClassVar[str] = "M307"
    call: str

    def what(self) -> str:
        return f"contract call '{self.call}' has no mapping"

    def mend(self) -> str:
        return f"add mappings/{self.call}.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRoute(Finding):
    """M308: a route of the contract that the mapping does not take, or one that it has beyond it without a word."""

    code: ClassVar[str] = "M308"
    route: str

    def what(self) -> str:
        return f"contract route '{self.route}' is not among the routes"

    def mend(self) -> str:
        return f"add `{self.route}` to `route:` (all of .json, .xml and no suffix are served)"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreachedErrorRow(Finding):
    """M309: a row of an error table that never decides, or not about its own example."""

    code: ClassVar[str] = "M309"
    row: str
    taker: str

    def what(self) -> str:
        if self.taker == self.row:
            return f"error row '{self.row}' does not fit its own example"
        return f"error row '{self.row}' is never reached: row '{self.taker}' before it takes what it is for"

    def mend(self) -> str:
        if self.taker == self.row:
            return "mend `when` or `example`"
        return f"put it before '{self.taker}', or say in `when` what sets it apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadSchema(Finding):
    """S101: the schema file does not build."""

    code: ClassVar[str] = "S101"
    problem: str

    def what(self) -> str:
        return f"the schema does not build: {self.problem}"

    def mend(self) -> str:
        return "renew mappings/schema.graphql as its first lines say"


class InvalidMappings(Exception):
    """All findings of one run, each once; `report` is the text for people."""

    def __init__(self, findings: Iterable[Finding], mappings: int = 0) -> None:
        # A shape is checked for every call that uses it, and would be told of as often.
        once = {(finding.place, finding.code, finding.what()): finding for finding in findings}
        self.findings = tuple(once[key] for key in sorted(once))
        self.mappings = mappings
        super().__init__(self.report())

    def report(self) -> str:
        """Every finding with its line, sorted by place, then one sum."""
        texts: dict[str, str] = {}
        for finding in self.findings:
            if finding.place.file not in texts:
                path = Path(finding.place.file)
                texts[finding.place.file] = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        files = len(texts)
        plural = "" if len(self.findings) == 1 else "s"
        body = "\n".join(finding.render(texts[finding.place.file]) for finding in self.findings)
        return (
            f"{body}\n\n{len(self.findings)} finding{plural} in {files} of {self.mappings} files;"
            " nothing is served until mended."
        )
