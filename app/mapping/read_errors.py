"""Rows of the error table: what the upstream says or does, and what a legacy caller is told of it."""

from __future__ import annotations

import re
from pathlib import Path

from app.findings import Finding, KeysTogether, WrongShape
from app.mapping.model import ErrorRule, Word
from app.mapping.reader import Reader, reader_of, word_of
from app.mapping.source import Mapping, Node, Sequence, read_source
from app.plan import OUTCOMES, ErrorRow, Saying
from app.settings import shipped

FILE = "_errors.yaml"
#: what a legacy caller may be told
STATUSES = (400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504)
STATUS = re.compile(r"[1-5]\d\d|[1-5]xx|any")
#: after these nothing can have been carried out; after the others it can
NEVER_SENT = ("unreachable", "no_connection")
KEYS = [
    ("name", "name: not_found"),
    ("when", "when: {says: 'not found'}"),
    ("status", "status: 404"),
    ("message", "message: The requested object was not found"),
]


def shipped_errors() -> tuple[ErrorRule, ...]:
    """The rows that come with the project; they stand after all others."""
    return read_errors(read_source(shipped("mappings") / FILE).root, [], "")


def is_shipped(path: Path) -> bool:
    """Whether a file is the one that comes with the project."""
    return path.resolve() == (shipped("mappings") / FILE).resolve()


def read_errors(node: Node | None, findings: list[Finding], rule: str) -> tuple[ErrorRule, ...]:
    """A list of rows, each `{name, when, status, message}` and what else it may say."""
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        findings.append(WrongShape(place=node.place, rule=rule, expected="a list of rows", found=node.kind))
        return ()
    rows = [_row(item, findings, f"{rule}[{number}]" if rule else "") for number, item in enumerate(node.items)]
    return tuple(row for row in rows if row is not None)


def _row(node: Node, findings: list[Finding], rule: str) -> ErrorRule | None:
    reader = reader_of(node, findings, rule)
    if reader is None:
        return None
    before = len(findings)
    for key, wanted in KEYS:
        reader.require(key, wanted)
    name, when, status = reader.text("name"), reader.mapping("when"), reader.number("status", 502)
    if status not in STATUSES:
        expected = f"one of {', '.join(map(str, STATUSES))}"
        findings.append(WrongShape(place=reader.place, rule=f"{rule}.status", expected=expected, found=str(status)))
    message, code, why = reader.text("message"), reader.number("code", status), reader.text("why")
    says_refused = reader.flag("refused") if "refused" in reader else None
    example = _example(reader.take("example"), findings, f"{rule}.example")
    reader.close()
    row = _when(when, findings) if when else None
    if row is None:
        return None
    _check(row, example, says_refused, findings, reader)
    if len(findings) > before:
        return None
    refused = _is_refused(row, status) if says_refused is None else says_refused
    return ErrorRule(
        reader.place,
        ErrorRow(
            name=name,
            status=status,
            code=code,
            message=message,
            refused=refused,
            place=str(reader.place),
            why=why,
            says=row.says,
            classification=row.classification,
            root=row.root,
            outcome=row.outcome,
            statuses=row.statuses,
            example=example,
        ),
    )


def _check(
    row: ErrorRow, example: Saying | None, says_refused: bool | None, findings: list[Finding], reader: Reader
) -> None:
    """What a row says must go together."""
    if row.is_about_sayings and example is None:
        problem, advice = "a row about what errors say has no example", "add `example:` with a text that it is for"
        findings.append(KeysTogether(place=reader.place, rule=reader.rule, problem=problem, advice=advice))
    if not row.is_about_sayings and example is not None:
        problem, advice = "an example of an outcome that says nothing", "leave `example` out"
        findings.append(KeysTogether(place=reader.place, rule=reader.rule, problem=problem, advice=advice))
    if says_refused and row.outcome and row.outcome not in NEVER_SENT:
        problem = f"`refused: true`, and after '{row.outcome}' a write may have been carried out"
        advice = "leave `refused` out"
        findings.append(KeysTogether(place=reader.place, rule=reader.rule, problem=problem, advice=advice))


def _is_refused(row: ErrorRow, status: int) -> bool:
    """Whether nothing was done, where the row does not say: what is below 500 is a refusal."""
    if row.outcome:
        return row.outcome in NEVER_SENT
    if row.statuses:
        return all(word[0] in "1234" for word in row.statuses)
    return status < 500


def _when(reader: Reader, findings: list[Finding]) -> ErrorRow | None:
    """A row that holds only what it speaks of; None where that cannot be told."""
    families = [key for key in ("status", "outcome") if key in reader]
    families += ["says"] if any(key in reader for key in ("says", "class")) or not families else []
    says, classification, root = reader.word("says"), reader.text("class"), reader.text("root")
    statuses, outcome = reader.words("status"), reader.one_of("outcome", OUTCOMES, "")
    reader.close()
    if len(families) != 1:
        problem = "a row is about what an error says (`says`, `class`), about a `status`, or about an `outcome`"
        findings.append(KeysTogether(place=reader.place, rule=reader.rule, problem=problem, advice="keep one of them"))
        return None
    for word in statuses:
        if not STATUS.fullmatch(word.text):
            expected = "a status such as 429, 4xx or any"
            findings.append(WrongShape(place=word.place, rule=reader.rule, expected=expected, found=repr(word.text)))
    pattern = _pattern(says, findings, reader.rule) if says else None
    if not (outcome or statuses or pattern or classification or root):
        return None
    return ErrorRow(
        says=pattern,
        classification=classification,
        root=root,
        outcome=outcome,
        statuses=tuple(word.text for word in statuses),
    )


def _pattern(word: Word, findings: list[Finding], rule: str) -> re.Pattern[str] | None:
    try:
        return re.compile(word.text, re.IGNORECASE)
    except re.error as error:
        expected = f"a regular expression ({error})"
        findings.append(WrongShape(place=word.place, rule=rule, expected=expected, found=repr(word.text)))
        return None


def _example(node: Node | None, findings: list[Finding], rule: str) -> Saying | None:
    """An error of the upstream that the row is for: its text, or `{says, class, root}`."""
    if node is None:
        return None
    if not isinstance(node, Mapping):
        word = word_of(node, findings, rule)
        return Saying(word.text) if word else None
    reader = Reader(node, findings, rule)
    reader.require("says", "says: Room not found")
    saying = Saying(reader.text("says"), reader.text("class"), reader.text("root"))
    reader.close()
    return saying
