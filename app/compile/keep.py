"""`keep:` to a filter over the rows of a page, for what the upstream cannot filter by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.compile.paths import Scope, resolve, resolve_one
from app.compile.request import PART, RequestPlan
from app.compile.response import resolve_converters
from app.converters import Converter
from app.emitted import dig
from app.findings import ConverterMismatch, KeysTogether
from app.mapping.model import Comparison, PageRule, ParamRule
from app.plan import Keep

TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": lambda found, wanted: bool(found == wanted),
    "one_of": lambda found, wanted: bool(found == wanted),
    "at_least": lambda found, wanted: bool(found >= wanted),
    "at_most": lambda found, wanted: bool(found <= wanted),
    "contains": lambda found, wanted: str(wanted).lower() in str(found).lower(),
}


def compile_keeps(
    rules: tuple[ParamRule, ...], page: PageRule | None, scope: Scope, request: RequestPlan
) -> tuple[Keep, ...]:
    """The filters of all parameters that have one; they need a `page:` to know the rows, and when those are whole."""
    keeps = []
    for rule in (below for top in rules for below in top.holds or (top,)):
        if rule.keep is None:
            continue
        if page is None:
            problem, advice = "'keep' without a page", "add `page:`, so that the rows and their end are known"
            scope.findings.append(KeysTogether(place=rule.keep.place, rule=rule.name, problem=problem, advice=advice))
            continue
        keep = _keep(rule.name.removeprefix(PART), rule.keep, page, scope, request)
        keeps += [keep] if keep else []
    return tuple(keeps)


def _keep(param: str, comparison: Comparison, page: PageRule, scope: Scope, request: RequestPlan) -> Keep | None:
    rows = resolve(page.list, scope, "page.list")
    if rows is None or rows.selection is None:
        return None
    inner, name = scope.standing_in(rows.selection, rows.path, None), f"request.{param}.keep"
    found = [resolve_one(word, inner, name, leaf=True) for word in comparison.paths]
    paths = [one for one in found if one is not None]
    if len(paths) < len(found):
        return None
    wanted = request.kinds[param]
    for one, word in zip(paths, comparison.paths, strict=True):
        steps, kind = resolve_converters(comparison.via, one.kind, scope.findings, name)
        if comparison.test != "contains" and "any" not in {kind, wanted} and kind != wanted:
            test, takes, given = f"keep: {comparison.test}", f"a {wanted}, as '{param}' is", f"a {kind}"
            scope.findings.append(
                ConverterMismatch(place=word.place, rule=name, converter=test, takes=takes, given=given)
            )
    fields = frozenset(selected.coordinate for one in paths for selected in one.fields)
    return Keep(param, _holds(TESTS[comparison.test], tuple(one.path.steps for one in paths), steps), fields)


def _holds(
    test: Callable[[Any, Any], bool], paths: tuple[tuple[str, ...], ...], steps: tuple[Converter, ...]
) -> Callable[[Any, Any], bool]:
    def holds(row: Any, wanted: Any) -> bool:
        for path in paths:
            value = dig(row, *path)
            if value is None:
                continue
            for step in steps:
                value = step.convert(value)
            if test(value, wanted):
                return True
        return False

    return holds
