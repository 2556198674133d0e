"""`page:` to a plan of the walk: paths in the answer, targets in the variables, sources in the request."""

from __future__ import annotations

from graphql import get_named_type

from app.compile.paths import Scope, of_answer, of_request, resolve, resolve_one
from app.compile.request import kinds_taken
from app.compile.writes import Variables
from app.converters import Kind
from app.findings import ConverterMismatch, NoList
from app.mapping.model import PageRule, Word
from app.plan import Page


def compile_page(rule: PageRule, scope: Scope, variables: Variables) -> Page | None:
    """The walk over a connection, or None with findings."""
    rows = of_answer(resolve(rule.list, scope, "page.list"), rule.list, scope, "page.list")
    if rows is not None and (len(rows.lists) != 1 or rows.lists[0] != len(rows.path.steps) - 1):
        scope.findings.append(
            NoList(place=rule.list.place, rule="page.list", path=rule.list.text, lists=len(rows.lists))
        )
    cursor = _leaf(rule.cursor, scope, "page.cursor", ("text", "number"))
    total = _leaf(rule.total, scope, "page.total", ("number",))
    more = _leaf(rule.more, scope, "page.more", ("boolean",))
    first, _ = _target(rule.first, variables, "page.first", ("number",))
    after, _ = _target(rule.after, variables, "page.after", ("text",))
    skip, skips_in_text = _target(rule.skip, variables, "page.skip", ("number", "text"))
    count = _source(rule.count, scope, "page.count", ("number",))
    offset = _source(rule.offset, scope, "page.offset", ("number",))
    start_cursor = _source(rule.start_cursor, scope, "page.start_cursor", ("text", "number"))
    if rows is None or first is None or (skip is None and (cursor is None or after is None)):
        return None
    return Page(
        list=rows.path.steps,
        cursor=cursor,
        total=total,
        more=more,
        first=first,
        after=after,
        skip=skip,
        skips_in_text=skips_in_text,
        count=count,
        offset=offset,
        start_cursor=start_cursor,
        start=rule.start,
        most=rule.most,
        reach=rule.reach,
    )


def _leaf(word: Word | None, scope: Scope, rule: str, kinds: tuple[Kind, ...]) -> tuple[str, ...] | None:
    """The steps to a value of the answer, of one of some kinds."""
    found = of_answer(resolve_one(word, scope, rule, leaf=True), word, scope, rule) if word is not None else None
    if found is None or word is None:
        return None
    if found.kind not in kinds:
        _mismatch(word, scope, rule, f"a {' or '.join(kinds)}", f"a {found.kind}")
    return found.path.steps


def _source(word: Word | None, scope: Scope, rule: str, kinds: tuple[Kind, ...]) -> tuple[str, ...] | None:
    """The steps to a parameter, of one of some kinds."""
    found = of_request(word, scope, rule, kinds) if word is not None else None
    return found.path.steps if found else None


def _target(
    word: Word | None, variables: Variables, rule: str, given: tuple[Kind, ...]
) -> tuple[tuple[str, ...] | None, bool]:
    """The steps to a target that takes one of the kinds that can be given, and whether that is text."""
    target = variables.target(word, rule) if word is not None else None
    if target is None or word is None:
        return None, False
    taken = kinds_taken(target.type)
    if not set(given) & set(taken):
        name, takes = f"argument {get_named_type(target.type).name}", " or ".join(f"a {one}" for one in taken)
        variables.findings.append(
            ConverterMismatch(place=word.place, rule=rule, converter=name, takes=takes, given=f"a {given[0]}")
        )
        return None, False
    variables.walk_over(target, word, rule)
    return target.steps, "number" not in taken


def _mismatch(word: Word, scope: Scope, rule: str, takes: str, given: str) -> None:
    finding = ConverterMismatch(place=word.place, rule=rule, converter=rule, takes=takes, given=given)
    scope.findings.append(finding)
