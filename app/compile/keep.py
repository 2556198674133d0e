"""`keep:` and `order:` to filters and orders over the rows of a page, for what the upstream cannot do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.compile.paths import Scope, resolve, resolve_all, resolve_one
from app.compile.request import PART
from app.compile.response import resolve_converters
from app.compile.tree import Step, Table
from app.emitted import dig, values_at
from app.findings import KeysTogether
from app.mapping.model import Comparison, OrderKey, PageRule, ParamRule
from app.plan import Keep, Order

TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": lambda found, wanted: bool(found == wanted),
    "one_of": lambda found, wanted: bool(found == wanted),
    "among": lambda found, wanted: found in wanted,
    "within": lambda found, wanted: any(
        (low is None or found >= low) and (high is None or found <= high) for low, high in wanted
    ),
    "at_least": lambda found, wanted: bool(found >= wanted),
    "at_most": lambda found, wanted: bool(found <= wanted),
    "starts_with": lambda found, wanted: str(found).lower().startswith(str(wanted).lower()),
    "contains": lambda found, wanted: str(wanted).lower() in str(found).lower(),
}


def compile_keeps(
    rules: tuple[ParamRule, ...], page: PageRule | None, scope: Scope, used_converters: set[str]
) -> tuple[Keep, ...]:
    """The filters of all parameters that have one; they need a `page:` to know the rows, and when those are whole."""
    keeps = []
    pairs = [(rule, below) for rule in rules for below in (rule, *rule.members)]
    for rule, below in pairs:
        if below.keep is None:
            continue
        name = rule.name if below is rule else f"{rule.name}.members.{below.name}"
        if page is None:
            problem, advice = "'keep' without a page", "add `page:`, so that the rows and their end are known"
            scope.findings.append(KeysTogether(place=below.keep.place, rule=name, problem=problem, advice=advice))
            continue
        holds = _comparison(below.keep, page, scope, used_converters, name)
        member = "" if below is rule else below.name
        keeps += [Keep(rule.name.removeprefix(PART), holds, member)] if holds else []
    return tuple(keeps)


def compile_orders(
    rules: tuple[ParamRule, ...], page: PageRule | None, scope: Scope, used_converters: set[str]
) -> tuple[Order, ...]:
    """The orders of all parameters that have some; as filters, they need a `page:`."""
    orders = []
    for rule in rules:
        rows = resolve(page.list, scope, "page.list") if page and rule.order else None
        if rule.order and (rows is None or rows.selection is None):
            problem, advice = "'order' without a page", "add `page:`, so that the rows and their end are known"
            scope.findings.append(KeysTogether(place=rule.place, rule=rule.name, problem=problem, advice=advice))
        elif rule.order and rows is not None and rows.selection is not None:
            inner = scope.standing_at(rows.selection)
            keys = {key.name: _key(key, inner, used_converters, f"request.{rule.name}.order") for key in rule.order}
            made = {name: key for name, key in keys.items() if key is not None}
            orders.append(Order(rule.name.removeprefix(PART), made))
    return tuple(orders)


def _key(key: OrderKey, scope: Scope, used_converters: set[str], rule: str) -> Callable[[Any], Any] | None:
    found = resolve_one(key.path, scope, rule, leaf=True)
    if found is None:
        return None
    steps, _ = resolve_converters(key.via, found.kind, scope.findings, used_converters, rule)

    def value_of(row: Any) -> Any:
        value = dig(row, *found.path.steps)
        return None if value is None else _stepped(steps, value)

    return value_of


def _comparison(
    comparison: Comparison, page: PageRule, scope: Scope, used_converters: set[str], rule: str
) -> Callable[[Any, Any], bool] | None:
    rows = resolve(page.list, scope, "page.list")
    if rows is None or rows.selection is None:
        return None
    inner, name = scope.standing_at(rows.selection), f"request.{rule}.keep"
    return compare(comparison, inner, used_converters, name)


def compare(
    comparison: Comparison, scope: Scope, used_converters: set[str], rule: str
) -> Callable[[Any, Any], bool] | None:
    """Whether one of the values at some paths of a row, through converters, compares so with what is wanted."""
    found = [resolve_all(word, scope, rule) for word in comparison.paths]
    paths = [one for one in found if one is not None]
    if not paths or len(paths) < len(found):
        return None
    steps, _ = resolve_converters(comparison.via, paths[0].kind, scope.findings, used_converters, rule)
    return _holds(TESTS[comparison.test], tuple(one.path.steps for one in paths), steps)


def _holds(
    test: Callable[[Any, Any], bool], paths: tuple[tuple[str, ...], ...], steps: tuple[Step, ...]
) -> Callable[[Any, Any], bool]:
    def holds(row: Any, wanted: Any) -> bool:
        for value in (value for path in paths for value in values_at(row, *path)):
            if test(_stepped(steps, value), wanted):
                return True
        return False

    return holds


def _stepped(steps: tuple[Step, ...], value: Any) -> Any:
    for step in steps:
        value = dict(step.entries).get(value, value) if isinstance(step, Table) else step.convert(value)
    return value
