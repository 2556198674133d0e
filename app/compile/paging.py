"""`page:` to a plan of the walk: paths in the answer, targets in the variables, sources in the request."""

from __future__ import annotations

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
    cursor = _leaf(rule.cursor, scope, "page.cursor")
    total, more = _leaf(rule.total, scope, "page.total"), _leaf(rule.more, scope, "page.more")
    first, after = _target(rule.first, variables, "page.first"), _target(rule.after, variables, "page.after")
    count = _leaf(rule.count, scope, "page.count")
    offset, start_cursor = (
        _leaf(rule.offset, scope, "page.offset"),
        _leaf(rule.start_cursor, scope, "page.start_cursor"),
    )
    if rows is None or cursor is None or first is None or after is None or count is None:
        return None
    return Page(
        list=rows.path.steps,
        cursor=cursor,
        total=total,
        more=more,
        first=first,
        after=after,
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


def _target(word: Word, variables: Variables, rule: str) -> tuple[str, ...] | None:
    target = variables.target(word, rule)
    if target is None:
        return None
    variables.slot(target).is_walked = True
    return target.steps
