"""YAML nodes to the model: one function a kind of document."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, cast, get_args

from app.findings import Finding, KeysTogether, WrongShape
from app.mapping.model import (
    Area,
    CacheMark,
    CallerMapping,
    Choice,
    Comparison,
    EndpointMapping,
    Envelope,
    KnownRoute,
    NeedsRule,
    ObjectRule,
    Operation,
    QuestionRule,
    RepeatRule,
    Route,
    RowNames,
    SeekRule,
    Word,
)
from app.mapping.read_errors import read_errors
from app.mapping.read_request import TESTS, read_always, read_condition, read_page, read_pair, read_params
from app.mapping.read_response import read_object, read_shape
from app.mapping.reader import Reader, constant_of, reader_of, word_of
from app.mapping.source import Mapping, Node, Scalar, Sequence
from app.plan import MOST_CACHED_SECONDS, CacheRule, Gaps

ROUTE = re.compile(r"(GET|POST|PUT|DELETE) (/(?:api|gds)(?:/(?:[\w.-]+|\{[a-z_]+\}))+)")
OPERATION = re.compile(r"(query|mutation) (\w+)")
#: where paths can begin; a question of that name would hide one
RESERVED = ("here", "twin", "request", "caller", "each", "answer")
CHOICE_NEEDS = {"operation": "operation: query room", "response": "response: {fields: ...}"}
NEEDS_STATUSES = ("400", "403", "404")


def read_area(root: Node | None, name: str, findings: list[Finding]) -> Area | None:
    """`_area.yaml`: title, scopes, leaves and envelope of all calls of the area."""
    reader = reader_of(root, findings, "")
    if reader is None:
        return None
    for key, example in [("title", "title: Messages"), ("leaves", "leaves: json"), ("scopes", "scopes: [...]")]:
        reader.require(key, example)
    area = Area(
        name=name,
        place=reader.place,
        title=reader.text("title"),
        scopes=tuple(word.text for word in reader.words("scopes")),
        leaves=_leaves(reader, "json"),
        envelope=_envelope(reader, Envelope("text", True)),
        errors=read_errors(reader.take("errors"), findings, "errors"),
        gaps=_gaps(reader, "answer"),
    )
    reader.close()
    return area


def read_shapes(root: Node | None, findings: list[Finding]) -> list[tuple[str, ObjectRule]]:
    """`_shapes.yaml`: objects that several calls of the area share, by name."""
    reader = reader_of(root, findings, "")
    shapes = [read_shape(name, node, findings) for name, node in reader.node] if reader else []
    return [shape for shape in shapes if shape is not None]


def read_caller(root: Node | None, file: str, findings: list[Finding]) -> CallerMapping | None:
    """`_caller.yaml`: the operation and fields of `auth_user`, and what `$caller` may be asked for."""
    reader = reader_of(root, findings, "")
    if reader is None:
        return None
    for key, example in [("operation", "operation: query user"), ("response", "response: {fields: ...}")]:
        reader.require(key, example)
    operation = _operation(reader.take("operation"), findings, "operation")
    node = reader.take("response")
    response = read_object(node, findings, "response") if node else None
    deprecated = reader.reasons("deprecated")
    reader.close()
    return CallerMapping(file, reader.place, operation, response, deprecated) if operation and response else None


def read_known(root: Node | None, findings: list[Finding]) -> tuple[KnownRoute, ...]:
    """`_known.yaml`: `route: operation` for each legacy route that is known and not bridged."""
    reader = reader_of(root, findings, "")
    known = []
    for name, node in reader.node if reader else ():
        route = _route(Word(str(name.value), name.place), findings)
        nearest = _operation(node, findings, str(name.value))
        known += [KnownRoute(route, nearest)] if route and nearest else []
    return tuple(known)


def read_endpoint(root: Node | None, area: Area, path: Path, findings: list[Finding]) -> EndpointMapping | None:
    """One call. What it lacks is found; a call that cannot be read at all gives None."""
    reader = reader_of(root, findings, "")
    if reader is None:
        return None
    reader.require("title", "title: Get a room")
    if area.name:
        reader.require("route", "route: GET /api/...")
    choices = _choices(reader, findings)
    repeat = reader.mapping("repeat")
    unavailable = reader.text("unavailable")
    endpoint = EndpointMapping(
        id=f"{area.name}/{path.stem}",
        area=area,
        file=str(path),
        place=reader.place,
        title=reader.text("title"),
        routes=_routes(reader, findings),
        choices=choices,
        request=read_params(reader.take("request"), findings, "request"),
        questions=_questions(reader, findings),
        leaves=_leaves(reader, area.leaves),
        envelope=_envelope(reader, area.envelope),
        rows=_rows(reader),
        unmapped=reader.reasons("unmapped"),
        deprecated=reader.reasons("deprecated"),
        repeat=_repeat(repeat) if repeat else None,
        beyond=reader.text("beyond"),
        unavailable=unavailable,
        otherwise=reader.text("otherwise"),
        partial=reader.text("partial"),
        errors=read_errors(reader.take("errors"), findings, "errors"),
        gaps=_gaps(reader, area.gaps),
        cache=_cache(reader),
    )
    reader.close()
    return endpoint


def _leaves(reader: Reader, default: Literal["text", "json"]) -> Literal["text", "json"]:
    return cast(Literal["text", "json"], reader.one_of("leaves", ("text", "json"), default))


def _gaps(reader: Reader, default: Gaps) -> Gaps:
    return cast(Gaps, reader.one_of("gaps", get_args(Gaps), default))


def _cache(reader: Reader) -> CacheMark | None:
    """`{public: seconds}` or `{private: seconds}`; what may not be kept so long is found."""
    below = reader.mapping("cache")
    if below is None:
        return None
    kinds = [kind for kind in ("public", "private") if kind in below]
    node = below.take("public") or below.take("private")
    below.take("private")
    seconds = constant_of(node) if node is not None else None
    if len(kinds) != 1:
        problem, advice = "`cache` wants exactly one of public, private", "write `cache: {public: 3600}`"
        reader.findings.append(KeysTogether(place=below.place, rule="cache", problem=problem, advice=advice))
    elif node is not None and (type(seconds) is not int or not 0 < seconds <= MOST_CACHED_SECONDS):
        found = str(seconds) if isinstance(seconds, int) else node.kind
        expected = f"a whole number of seconds from 1 to {MOST_CACHED_SECONDS} (24 hours)"
        reader.findings.append(WrongShape(place=node.place, rule=f"cache.{kinds[0]}", expected=expected, found=found))
    below.close()
    return CacheMark(below.place, CacheRule("public" in kinds, seconds)) if type(seconds) is int else None


def _envelope(reader: Reader, default: Envelope) -> Envelope:
    below = reader.mapping("envelope")
    if below is None:
        return default
    server_time = below.one_of("server_time", ("text", "number", "none"), default.server_time)
    auth_user = below.flag("auth_user") if "auth_user" in below else default.auth_user
    below.close()
    return Envelope(cast(Literal["text", "number", "none"], server_time), auth_user)


def _routes(reader: Reader, findings: list[Finding]) -> tuple[Route, ...]:
    routes = [_route(word, findings) for word in reader.words("route")]
    return tuple(route for route in routes if route is not None)


def _route(word: Word, findings: list[Finding]) -> Route | None:
    match = ROUTE.fullmatch(word.text.removesuffix(".{format}"))
    if match is None:
        expected = "a route such as `GET /api/hr/v2/engagements/{reference}`"
        findings.append(WrongShape(place=word.place, rule="route", expected=expected, found=f"'{word.text}'"))
        return None
    return Route(match[1], match[2], word.place)


def _operation(node: Node | None, findings: list[Finding], rule: str) -> Operation | None:
    if node is None:
        return None
    word = word_of(node, findings, rule)
    match = OPERATION.fullmatch(word.text) if word else None
    if word is None or match is None:
        if word:
            expected = "an operation such as `query room`"
            findings.append(WrongShape(place=word.place, rule=rule, expected=expected, found=f"'{word.text}'"))
        return None
    return Operation("query" if match[1] == "query" else "mutation", match[2], word.place)


def _operations(reader: Reader, findings: list[Finding]) -> tuple[tuple[str, Operation], ...]:
    """One operation (named ``), or several under aliases, all asked in one document."""
    node = reader.take("operation")
    if not isinstance(node, Mapping):
        one = _operation(node, findings, reader._name("operation"))
        return (("", one),) if one else ()
    if not node.entries:
        reader.wrong(node, "an operation such as `query room`", "operation")
    several = [(str(key.value), _operation(below, findings, f"operation.{key.value}")) for key, below in node]
    found = tuple((name, operation) for name, operation in several if operation)
    if any(operation.kind == "mutation" for _, operation in found) and len(found) > 1:
        advice = "a write is one operation; use `repeat:` for one a list element, `questions:` for what it needs first"
        findings.append(KeysTogether(place=node.place, problem="several operations, one a mutation", advice=advice))
    return found


def _choices(reader: Reader, findings: list[Finding]) -> tuple[Choice, ...]:
    """The ways of a call: one made of the keys at the top, or those under `choose`, which inherit from there."""
    top = _choice(reader, findings, "")
    node = reader.take("choose")
    if node is None:
        if "unavailable" not in reader:
            for key, example in CHOICE_NEEDS.items():
                reader.require(key, example)
        return (top,) if top.operations else ()
    if not isinstance(node, Sequence) or not node.items:
        reader.wrong(node, "a list of choices", "choose")
        return ()
    entries = [reader_of(item, findings, f"choose[{number}]") for number, item in enumerate(node.items)]
    needs = {key: example for key, example in CHOICE_NEEDS.items() if key not in reader}
    return tuple(_below(top, below, needs, findings) for below in entries if below is not None)


def _below(top: Choice, below: Reader, needs: dict[str, str], findings: list[Finding]) -> Choice:
    """One entry of `choose`, with what it leaves out from the top; `needs` is not there either."""
    for key, example in needs.items():
        below.require(key, example)
    own = _choice(below, findings, below.text("name") or below.rule)
    own_when = below.mapping("when")
    choice = Choice(
        place=below.place,
        name=own.name,
        when=read_condition(own_when) if own_when else None,
        operations=own.operations or top.operations,
        request=own.request,
        always=top.always + own.always,
        page=own.page or top.page,
        response=own.response or top.response,
        needs=own.needs or top.needs,
    )
    below.close()
    return choice


def _choice(reader: Reader, findings: list[Finding], name: str) -> Choice:
    page, needs = reader.mapping("page"), reader.mapping("needs")
    node = reader.take("response")
    request = () if not name else read_params(reader.take("request"), findings, f"{reader.rule}.request")
    return Choice(
        place=reader.place,
        name=name,
        when=None,
        operations=_operations(reader, findings),
        request=request,
        always=read_always(reader, "always"),
        page=read_page(page) if page else None,
        response=read_object(node, findings, "response") if node else None,
        needs=_needs(needs) if needs else None,
    )


def _needs(reader: Reader) -> NeedsRule | None:
    for key, example in [("at", "at: snapshots"), ("message", "message: There is no such snapshot")]:
        reader.require(key, example)
    at, status = reader.word("at"), reader.one_of("status", NEEDS_STATUSES, NEEDS_STATUSES[-1])
    message = reader.text("message")
    reader.close()
    return NeedsRule(reader.place, at, int(status), message) if at else None


def _repeat(reader: Reader) -> RepeatRule | None:
    reader.require("over", "over: rooms")
    over = reader.word("over")
    rule = RepeatRule(over, reader.number("most", 100), reader.place) if over else None
    reader.close()
    return rule


def _questions(reader: Reader, findings: list[Finding]) -> tuple[QuestionRule, ...]:
    found = reader.named("questions", lambda name, node: _question(name, node, findings))
    return tuple(question for question in found if question is not None)


def _question(name: Scalar, node: Node, findings: list[Finding]) -> QuestionRule | None:
    reader = reader_of(node, findings, f"questions.{name.value}")
    if reader is None:
        return None
    reader.require("operation", "operation: query company")
    operation = _operation(reader.take("operation"), findings, f"{reader.rule}.operation")
    below = reader.mapping("when")
    ask = cast(Literal["before", "after"], reader.one_of("ask", ("before", "after"), "before"))
    over = reader.word("over")
    arguments = read_always(reader, "arguments")
    page, seek, needs = reader.mapping("page"), reader.mapping("seek"), reader.mapping("needs")
    optional = reader.text("optional")
    reader.close()
    when = read_condition(below) if below is not None else None
    if name.value in RESERVED:
        problem, advice = f"'{name.value}' is a word of the language", "call the question something else"
        findings.append(KeysTogether(place=name.place, rule=reader.rule, problem=problem, advice=advice))
    if over is not None and ask == "before":
        problem, advice = "'over' reads the main answer, which is not there before it", "add `ask: after`"
        findings.append(KeysTogether(place=over.place, rule=reader.rule, problem=problem, advice=advice))
    if operation is None:
        return None
    return QuestionRule(
        name=str(name.value),
        place=name.place,
        ask=ask,
        operation=operation,
        arguments=arguments,
        over=over,
        when=when,
        optional=optional,
        page=read_page(page) if page else None,
        seek=_seek(seek) if seek else None,
        needs=_needs(needs) if needs else None,
    )


def _seek(reader: Reader) -> SeekRule | None:
    examples = {"each": "each: edges.node", "to": "to: $request.id", "missing": "missing: There is no such room"}
    for key, example in examples.items():
        reader.require(key, example)
    tests = [(test, reader.words(test)) for test in TESTS if test in reader]
    each, to, missing = reader.word("each"), reader.word("to"), reader.text("missing")
    status = reader.one_of("status", NEEDS_STATUSES, NEEDS_STATUSES[-1])
    every = reader.words("every")
    where = reader.named("where", read_pair)
    reader.close()
    if len(tests) != 1:
        problem, advice = f"`seek` wants exactly one of {', '.join(TESTS)}", "write `equals: id`"
        reader.findings.append(KeysTogether(place=reader.place, rule=reader.rule, problem=problem, advice=advice))
        return None
    if each is None or to is None:
        return None
    fits = Comparison(tests[0][0], tests[0][1], (), reader.place)
    return SeekRule(reader.place, each, fits, to, missing, int(status), every, where)


def _rows(reader: Reader) -> RowNames:
    node = reader.take("rows")
    if node is None:
        return RowNames()
    if not isinstance(node, Mapping):
        reader.wrong(node, "a mapping", "rows")
        return RowNames()
    at, moved = "", []
    for key, value in node:
        word = word_of(value, reader.findings, f"rows.{key.value}")
        if word is None:
            continue
        if key.value == "at":
            at = word.text
        else:
            moved.append((Word(str(key.value), key.place), word.text))
    return RowNames(at, tuple(moved))
