"""The error table of a call, and the rows of it that could never speak."""

from __future__ import annotations

from collections.abc import Iterable

from app.findings import Finding, KeysTogether, UnknownRoot, UnreachedErrorRow, near_names
from app.mapping.model import Area, EndpointMapping, ErrorRule, MappingSet, Operation
from app.plan import ErrorRow
from app.schema import Schema

#: statuses that an answer can fail with
STATUSES = range(300, 600)


def error_table(mappings: MappingSet, endpoint: EndpointMapping | None = None) -> tuple[ErrorRow, ...]:
    """The rows of a call in the order in which they are asked: its own, its area's, those for all."""
    own = (*endpoint.errors, *endpoint.area.errors) if endpoint else ()
    return tuple(rule.row for rule in (*own, *mappings.errors, *mappings.shipped_errors))


def all_errors(mappings: MappingSet) -> list[tuple[str, ErrorRow]]:
    """Every row with the call or area that it is for, empty for all; in the order in which they are asked."""
    areas = {endpoint.area.name: endpoint.area for endpoint in mappings.endpoints}
    found = [(endpoint.id, rule.row) for endpoint in mappings.endpoints for rule in endpoint.errors]
    found += [(area.name, rule.row) for area in areas.values() for rule in area.errors]
    return found + [("", row) for row in error_table(mappings)]


def check_errors(mappings: MappingSet, schema: Schema) -> Iterable[Finding]:
    """Rows that are never reached, that name no query or mutation, and refusals of gaps where there can be none."""
    areas: dict[str, Area] = {endpoint.area.name: endpoint.area for endpoint in mappings.endpoints}
    yield from _unreached(mappings.errors, ())
    for area in areas.values():
        yield from _unreached(area.errors, mappings.errors)
    for endpoint in mappings.endpoints:
        yield from _unreached(endpoint.errors, (*endpoint.area.errors, *mappings.errors))
        if endpoint.gaps != "answer" and any(one.kind == "mutation" for one in _operations(endpoint)):
            problem = f"`gaps: {endpoint.gaps}` where something is written: its answer cannot undo it"
            advice = "say `gaps: answer` in this call's file"
            yield KeysTogether(place=endpoint.place, rule="gaps", problem=problem, advice=advice)
    holders: tuple[Area | EndpointMapping, ...] = (*areas.values(), *mappings.endpoints)
    roots = (*schema.roots("query"), *schema.roots("mutation"))
    for rule in (*mappings.errors, *(rule for holder in holders for rule in holder.errors)):
        if rule.row.root and rule.row.root not in roots:
            near = near_names(rule.row.root, roots)
            where, kind = f"errors.{rule.row.name}", "query or mutation"
            yield UnknownRoot(place=rule.place, rule=where, name=rule.row.root, kind=kind, near=near)


def _operations(endpoint: EndpointMapping) -> Iterable[Operation]:
    return (operation for choice in endpoint.choices for _, operation in choice.operations)


def _unreached(rules: tuple[ErrorRule, ...], after: tuple[ErrorRule, ...]) -> Iterable[Finding]:
    for position, rule in enumerate(rules):
        others = [one.row for one in rules[:position]]
        taker = _taker(rule.row, others)
        if taker is not None:
            yield UnreachedErrorRow(place=rule.place, row=rule.row.name, taker=taker.name)
        names = [one.row.name for one in (*rules[:position], *after)]
        if rule.row.name in names:
            problem, advice = f"there is another error row '{rule.row.name}'", "give each its own name"
            yield KeysTogether(place=rule.place, rule="errors", problem=problem, advice=advice)


def _taker(row: ErrorRow, before: list[ErrorRow]) -> ErrorRow | None:
    """Which row takes all that this one is for; itself where it does not take its own example."""
    example = row.example
    if example is not None:
        return next((one for one in before if one.fits(example)), None if row.fits(example) else row)
    if row.statuses:
        left = [status for status in STATUSES if row.covers(status)]
        return next((one for one in before if all(one.covers(status) for status in left)), None)
    return next((one for one in before if one.ends(row.outcome, row.root)), None)
