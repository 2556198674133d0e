"""A mapping document as written: words with their places, unknown words refused.

Nothing here knows the schema; what a path or a target means is decided in `compile/`. The words themselves are
described for people in `docs/mapping.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, Literal

from app.findings import Place
from app.plan import CacheRule, ErrorRow, Gaps

#: what becomes of a parameter
Policy = Literal["used", "ignored", "warned", "refused", "jsonp"]
Constant = str | int | float | bool | None | list["Constant"] | dict[str, "Constant"]


@dataclass(frozen=True, slots=True)
class Word:
    """A text of the document with its place: a path, a name, a reason."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Value:
    """A literal of the document with its place."""

    value: Constant
    place: Place


@dataclass(frozen=True, slots=True)
class Route:
    """`GET /api/…/{part}` as written, without a suffix: every route answers to `.json`, `.xml` and none."""

    method: str
    path: str
    place: Place

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Operation:
    """The root field a question starts at: `query room`."""

    kind: Literal["query", "mutation"]
    root: str
    place: Place


# --- request ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comparison:
    """`keep: {equals: team.rid}`: rows stay whose value compares so with the parameter's value."""

    test: str
    paths: tuple[Word, ...]
    via: tuple[Word, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class OrderKey:
    """`order: {created_time: path}`: what rows are compared by where a parameter orders them by that name."""

    name: str
    path: Word
    via: tuple[Word, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class ParamRule:
    """What becomes of one legacy parameter, or of one member of a value that a converter takes apart.

    `policy` is `used`, `ignored` (no effect in the legacy API either), `warned` (presentation only), `refused`, or
    `jsonp`: it names the function of a page that the answer is given to, and is nothing to the upstream.
    `holds` are the members of a parameter that carries JSON; they may come flat too. `items` build one input object
    for each element of a list. `is_organization`: the value names an organisation by any of its names, and becomes
    its id; `name.kind` is `company` or `team` then. `is_person`: an old short number becomes the id of the user, where
    it is known whose it is. A number below `least` or above `most` is refused.
    """

    name: str
    place: Place
    to: tuple[Word, ...] = ()
    via: tuple[Word, ...] = ()
    values: tuple[tuple[str, Value], ...] | None = None
    default: Value | None = None
    required: bool = False
    names: tuple[Word, ...] = ()
    policy: Policy = "used"
    why: str = ""
    accepts: tuple[Value, ...] | None = None
    least: Value | None = None
    most: Value | None = None
    is_tenant: bool = False
    is_organization: bool = False
    is_person: bool = False
    keeps_empty: bool = False
    keep: Comparison | None = None
    order: tuple[OrderKey, ...] = ()
    members: tuple[ParamRule, ...] = ()
    holds: tuple[ParamRule, ...] = ()
    items: tuple[ParamRule, ...] = ()


@dataclass(frozen=True, slots=True)
class AlwaysRule:
    """`target: literal`, `target: $source`, or `target: rule` that reads one: written whatever the caller sends."""

    target: Word
    value: Value
    rule: FieldRule | None = None


@dataclass(frozen=True, slots=True)
class PageRule:
    """How a window of rows is taken out of an upstream connection, across its page cap.

    `list`, `total`, `cursor`, `more` are paths of the answer; `first`, `after`, `skip` are targets; `offset`, `count`,
    `start_cursor` are sources. The upstream goes on either `after` a `cursor`, or behind as many rows as `skip` says.
    Without a `count` all rows are asked for. `most` rows come at once, and one call costs at most `reach` questions.
    """

    place: Place
    list: Word
    first: Word
    most: int
    reach: int
    cursor: Word | None = None
    after: Word | None = None
    skip: Word | None = None
    count: Word | None = None
    total: Word | None = None
    more: Word | None = None
    offset: Word | None = None
    start_cursor: Word | None = None
    start: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """`when:` of a choice or a question: all of `given`, one of `any`, none of `absent`, and the values of `equals`.

    `matches`: the text of a parameter is wholly such a pattern; `several`: a list has two elements or more.
    """

    place: Place
    given: tuple[Word, ...] = ()
    any: tuple[Word, ...] = ()
    absent: tuple[Word, ...] = ()
    equals: tuple[tuple[Word, Value], ...] = ()
    matches: tuple[tuple[Word, Value], ...] = ()
    several: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class RepeatRule:
    """One aliased root field for each element of a list parameter, in one document."""

    over: Word
    most: int
    place: Place


@dataclass(frozen=True, slots=True)
class SeekRule:
    """What of a question's answer is meant: the first element of `each` that compares so with the value of `to`.

    `where` says what else must be so of it. With `every`, all such elements are meant, and those paths of theirs are
    lists. None at all is the error `missing`.
    """

    place: Place
    each: Word
    fits: Comparison
    to: Word
    missing: str
    status: int
    every: tuple[Word, ...] = ()
    where: tuple[tuple[Word, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class NeedsRule:
    """What a question is no answer without: nothing at `at` (null, false, no elements) is that error."""

    place: Place
    at: Word
    status: int
    message: str


@dataclass(frozen=True, slots=True)
class QuestionRule:
    """A further question: `before` the main one, or `after` it, `over` a list of its answer (one alias an element).

    `optional` says why the call goes on without an answer; what is read from it is null then, and the reply says so.
    `page` walks a connection of its answer, and `seek` stands at the element that is meant. `needs` as for a call.
    """

    name: str
    place: Place
    ask: Literal["before", "after"]
    operation: Operation
    arguments: tuple[AlwaysRule, ...]
    over: Word | None = None
    when: Condition | None = None
    optional: str = ""
    page: PageRule | None = None
    seek: SeekRule | None = None
    needs: NeedsRule | None = None


# --- response --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadRule:
    """One value: the first of `paths` that is not null, through `via` and `values`."""

    place: Place
    paths: tuple[Word, ...]
    via: tuple[Word, ...] = ()
    values: tuple[tuple[str, Value], ...] | None = None
    null: Value | None = None
    if_null: Value | None = None
    if_not: Value | None = None
    apart: str = ""


@dataclass(frozen=True, slots=True)
class ConstantRule:
    """The same value in every answer, with the reason; coverage counts it as absent with a reason."""

    place: Place
    value: Constant
    why: str


@dataclass(frozen=True, slots=True)
class TextPart:
    """A value in a text."""

    path: Word
    via: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class TextRule:
    """A text made of values: `https://…/{{ key }}` with `key` a path, or a path and converters.

    Null when one of its values is.
    """

    place: Place
    text: Word
    parts: tuple[tuple[str, TextPart], ...]
    null: Value | None = None


@dataclass(frozen=True, slots=True)
class ChoiceRule:
    """A rule chosen by the value of another field; `otherwise` for the values not listed, and for null."""

    place: Place
    by: Word
    cases: tuple[tuple[str, FieldRule], ...]
    otherwise: FieldRule | None


@dataclass(frozen=True, slots=True)
class CountRule:
    """How many elements a list has."""

    place: Place
    path: Word


@dataclass(frozen=True, slots=True)
class PickRule:
    """One element of a list, by the value of its fields or by position (`first`, `last`), and a rule read from it."""

    place: Place
    path: Word
    where: tuple[tuple[Word, Value], ...]
    position: Literal["first", "last"]
    then: FieldRule


@dataclass(frozen=True, slots=True)
class ListRule:
    """A list: each element an object (`fields`, `shape`), a plain `value`, or a positional `row`.

    `each` are paths whose elements follow one another, those of lists in lists too; among several, one without a list
    brings itself.
    `collapse`: none is a missing member, one is bare, more are a list. `key`: a map by that value, the first of each
    kept, an empty one `[]`. `join`: one text with that separator.
    """

    place: Place
    each: tuple[Word, ...]
    element: ObjectRule | FieldRule | tuple[FieldRule, ...]
    collapse: bool = False
    key: Word | None = None
    join: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectRule:
    """An object whose members are read from where it stands, or from `at`. Null at `at` is a null.

    `shapes` bring members by name, the later ones and the rule's own `fields` winning.
    `only_with`: where nothing is at that path (null, an empty text or list), the whole object is a null.
    """

    place: Place
    fields: tuple[tuple[Word, FieldRule], ...]
    at: Word | None = None
    shapes: tuple[Word, ...] = ()
    only_with: Word | None = None


@dataclass(frozen=True, slots=True)
class Conditional:
    """A member that is there only when a request flag is set."""

    place: Place
    flag: Word
    rule: FieldRule


FieldRule = ReadRule | ConstantRule | TextRule | ChoiceRule | CountRule | PickRule | ListRule | ObjectRule | Conditional


# --- documents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands beside the payload: the form of `server_time`, and whether `auth_user` is asked for."""

    server_time: Literal["text", "number", "none"]
    auth_user: bool


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """A row of an error table, and where it stands."""

    place: Place
    row: ErrorRow


@dataclass(frozen=True, slots=True)
class Area:
    """`_area.yaml`: what all calls of an area share."""

    name: str
    place: Place
    title: str
    scopes: tuple[str, ...]
    leaves: Literal["text", "json"]
    envelope: Envelope
    errors: tuple[ErrorRule, ...] = ()
    gaps: Gaps = "answer"


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to serve a call: chosen by `when`, the first that holds; without `when` it is the last resort."""

    place: Place
    name: str
    when: Condition | None
    operations: tuple[tuple[str, Operation], ...]
    request: tuple[ParamRule, ...] = ()
    always: tuple[AlwaysRule, ...] = ()
    page: PageRule | None = None
    response: ObjectRule | None = None
    needs: NeedsRule | None = None


@dataclass(frozen=True, slots=True)
class CacheMark:
    """That answers of a call may be kept, and how long."""

    place: Place
    rule: CacheRule


@dataclass(frozen=True, slots=True)
class RowNames:
    """How contract rows are found in the answer: `at` is put before each name, `moved` names the exceptions.

    An exception speaks of a row, or of all rows below a name.
    """

    at: str = ""
    moved: tuple[tuple[Word, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointMapping:
    """One mapping file. `id` is `area/name`, from where the file lies.

    `partial` says what every answer lacks, and goes with it as a warning; `unavailable` why there is none at all.
    `gaps`: what becomes of an answer from which errors took something.
    """

    id: str
    area: Area
    file: str
    place: Place
    title: str
    routes: tuple[Route, ...]
    choices: tuple[Choice, ...]
    request: tuple[ParamRule, ...]
    questions: tuple[QuestionRule, ...]
    leaves: Literal["text", "json"]
    envelope: Envelope
    rows: RowNames
    unmapped: tuple[tuple[Word, str], ...] = ()
    deprecated: tuple[tuple[Word, str], ...] = ()
    repeat: RepeatRule | None = None
    beyond: str = ""
    unavailable: str = ""
    otherwise: str = ""
    partial: str = ""
    errors: tuple[ErrorRule, ...] = ()
    gaps: Gaps = "answer"
    cache: CacheMark | None = None


@dataclass(frozen=True, slots=True)
class CallerMapping:
    """`_caller.yaml`: who the credential speaks for; asked beside other questions, never on its own."""

    file: str
    place: Place
    operation: Operation
    response: ObjectRule
    deprecated: tuple[tuple[Word, str], ...] = ()


@dataclass(frozen=True, slots=True)
class KnownRoute:
    """A legacy route that is known and not bridged, and the nearest that the upstream itself can be asked."""

    route: Route
    nearest: Operation


@dataclass(frozen=True, slots=True)
class MappingSet:
    """Everything under the mappings folder. `shapes` are keyed by `area/name`; `unread` are calls not readable."""

    endpoints: tuple[EndpointMapping, ...]
    caller: CallerMapping | None
    tenants: EndpointMapping | None = None
    shapes: dict[str, ObjectRule] = field(default_factory=dict)
    files: int = 0
    unread: tuple[str, ...] = ()
    known: tuple[KnownRoute, ...] = ()
    #: error rows for all calls; where the folder is not the project's own, its rows come after, and may be hidden
    errors: tuple[ErrorRule, ...] = ()
    shipped_errors: tuple[ErrorRule, ...] = ()


def parts(value: object) -> Iterator[object]:
    """A piece of the model, and every piece within it."""
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting += reversed(one)
        elif (names := _member_names(one.__class__)) is not None:
            yield one
            waiting += [getattr(one, name) for name in reversed(names)]


@cache
def _member_names(kind: type) -> tuple[str, ...] | None:
    """What a piece of that kind has; None where it is no piece."""
    return tuple(member.name for member in fields(kind)) if is_dataclass(kind) else None
