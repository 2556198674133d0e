"""`page:` to a plan of the walk: paths in the answer, targets in the variables, sources in the request."""

from __future__ import annotations

from graphql import get_named_type

from app.compile.paths import Scope, resolve, resolve_one
from app.compile.writes import Variables
from app.findings import NoList
from app.mapping.model import PageRule, Word
from app.plan import Page


def compile_page(rule: PageRule, scope: Scope, variables: Variables) -> Page | None:
    """The walk over a connection, or None with findings."""
    rows = resolve(rule.list, scope, "page.list")
    if rows is not None and (len(rows.lists) != 1 or rows.lists[0] != len(rows.path.steps) - 1):
        scope.findings.append(
            NoList(place=rule.list.place, rule="page.list", path=rule.list.text, lists=len(rows.lists))
        )
    cursor, count = _leaf(rule.cursor, scope, "page.cursor"), _leaf(rule.count, scope, "page.count")
    total, more = _leaf(rule.total, scope, "page.total"), _leaf(rule.more, scope, "page.more")
    first, _ = _target(rule.first, variables, "page.first")
    after, _ = _target(rule.after, variables, "page.after")
    skip, skips_in_text = _target(rule.skip, variables, "page.skip")
    offset, start_cursor = (
        _leaf(rule.offset, scope, "page.offset"),
        _leaf(rule.start_cursor, scope, "page.start_cursor"),
    )
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


def _leaf(word: Word | None, scope: Scope, rule: str) -> tuple[str, ...] | None:
    found = resolve_one(word, scope, rule, leaf=True) if word is not None else None
    return found.path.steps if found else None


def _target(word: Word | None, variables: Variables, rule: str) -> tuple[tuple[str, ...] | None, bool]:
    """The steps to a target, and whether it takes text."""
    target = variables.target(word, rule) if word is not None else None
    if target is None:
        return None, False
    variables.slot(target).is_walked = True
    return target.steps, get_named_type(target.type).name != "Int"
