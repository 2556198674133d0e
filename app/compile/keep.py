"""`keep:` and `order:` to filters and orders over the rows of a page, for what the upstream cannot do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.compile.paths import Scope, of_answer, resolve, resolve_all, resolve_one
from app.compile.request import PART, RequestPlan
from app.compile.response import resolve_converters
from app.converters import CONVERTERS, Converter, Kind
from app.emitted import dig, values_at
from app.findings import ConverterMismatch, KeysTogether, Place
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
#: the kind of value that a test wants, other than one like the row's
WANTED: dict[str, Kind] = {"among": "list", "within": "list", "starts_with": "text", "contains": "text"}
#: tests of a value with one like it
SAME_KIND = frozenset({"equals", "one_of", "at_least", "at_most"})


def compile_keeps(
    rules: tuple[ParamRule, ...], page: PageRule | None, scope: Scope, request: RequestPlan
) -> tuple[Keep, ...]:
    """The filters of all parameters that have one; they need a `page:` to know the rows, and when those are whole."""
    keeps = []
    pairs = [(rule, below) for top in rules for rule in top.holds or (top,) for below in (rule, *rule.members)]
    for rule, below in pairs:
        if below.keep is None:
            continue
        param, member = rule.name.removeprefix(PART), "" if below is rule else below.name
        name = f"{param}.{member}" if member else param
        inner = _row(page, scope, below.keep.place, name, "keep")
        wanted = "any" if member else request.kinds[param]
        compared = compare(below.keep, inner, f"request.{name}.keep", wanted, name) if inner else None
        if compared is not None:
            keeps.append(Keep(param, *compared, member))
    return tuple(keeps)


def compile_orders(rules: tuple[ParamRule, ...], page: PageRule | None, scope: Scope) -> tuple[Order, ...]:
    """The orders of all parameters that have some; as filters, they need a `page:`."""
    orders = []
    for rule in (rule for rule in rules if rule.order):
        inner = _row(page, scope, rule.place, rule.name, "order")
        if not any(_gives_order(word.text) for word in rule.via[-1:]):
            problem = f"'{rule.name}' is no order"
            advice = "give it a converter that makes one, such as `via: order_fields`"
            scope.findings.append(KeysTogether(place=rule.place, rule=rule.name, problem=problem, advice=advice))
        if inner is None:
            continue
        keys = {key.name: _key(key, inner, f"request.{rule.name}.order") for key in rule.order}
        made = {name: key for name, key in keys.items() if key is not None}
        fields = frozenset(field for _, below in made.values() for field in below)
        orders.append(Order(rule.name.removeprefix(PART), {name: key for name, (key, _) in made.items()}, fields))
    return tuple(orders)


def _gives_order(converter: str) -> bool:
    """Whether a converter makes names with directions, as its examples show."""
    if converter not in CONVERTERS:
        return True  # That it is not there is a finding already.
    return all(
        isinstance(made, list) and all(isinstance(pair, list) and pair[1:] in (["asc"], ["desc"]) for pair in made)
        for _, made in CONVERTERS[converter].examples
    )


def _row(page: PageRule | None, scope: Scope, place: Place, param: str, word: str) -> Scope | None:
    """Where the rows of the page stand."""
    if page is None:
        problem, advice = f"'{word}' without a page", "add `page:`, so that the rows and their end are known"
        scope.findings.append(KeysTogether(place=place, rule=param, problem=problem, advice=advice))
        return None
    rows = resolve(page.list, scope, "page.list")
    return scope.standing_in(rows.selection, rows.path, None) if rows is not None and rows.selection else None


def _key(key: OrderKey, scope: Scope, rule: str) -> tuple[Callable[[Any], Any], frozenset[str]] | None:
    found = of_answer(resolve_one(key.path, scope, rule, leaf=True), key.path, scope, rule)
    if found is None:
        return None
    steps, _ = resolve_converters(key.via, found.kind, scope.findings, rule)
    # Not `found` itself: it holds on to the schema.
    path = found.path.steps

    def value_of(row: Any) -> Any:
        value = dig(row, *path)
        return None if value is None else _stepped(steps, value)

    return value_of, frozenset(selected.coordinate for selected in found.fields)


def compare(
    comparison: Comparison, scope: Scope, rule: str, wanted: Kind = "any", param: str = ""
) -> tuple[Callable[[Any, Any], bool], frozenset[str]] | None:
    """Whether one of the values at some paths of a row, through converters, compares so with what is wanted.

    Gives the test and the fields it reads. A value of `param` is wanted, of that kind.
    """
    found = [of_answer(resolve_all(word, scope, rule), word, scope, rule) for word in comparison.paths]
    paths = [one for one in found if one is not None]
    if not paths or len(paths) < len(found):
        return None
    only = WANTED.get(comparison.test)
    if only is not None and wanted not in {only, "any"}:
        name, given = f"keep: {comparison.test}", f"a {wanted}, as '{param}' is"
        place = comparison.place
        scope.findings.append(ConverterMismatch(place=place, rule=rule, converter=name, takes=f"a {only}", given=given))
    for one, word in zip(paths, comparison.paths, strict=True):
        steps, kind = resolve_converters(comparison.via, one.kind, scope.findings, rule)
        if comparison.test in SAME_KIND and "any" not in {kind, wanted} and kind != wanted:
            test, takes, given = f"keep: {comparison.test}", f"a {wanted}, as '{param}' is", f"a {kind}"
            scope.findings.append(
                ConverterMismatch(place=word.place, rule=rule, converter=test, takes=takes, given=given)
            )
    fields = frozenset(selected.coordinate for one in paths for selected in one.fields)
    return _holds(TESTS[comparison.test], tuple(one.path.steps for one in paths), steps), fields


def _holds(
    test: Callable[[Any, Any], bool], paths: tuple[tuple[str, ...], ...], steps: tuple[Converter, ...]
) -> Callable[[Any, Any], bool]:
    def holds(row: Any, wanted: Any) -> bool:
        found = (value for path in paths for value in values_at(row, *path))
        return any(test(_stepped(steps, value), wanted) for value in found)

    return holds


def _stepped(steps: tuple[Converter, ...], value: Any) -> Any:
    for step in steps:
        value = step.convert(value)
    return value
