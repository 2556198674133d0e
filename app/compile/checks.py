"""Rules over all mappings at once. Each is one function; `CHECKS` is only the list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.compile.contract import Contract
from app.compile.coverage import answered_names, bare, cover, is_at_or_below, member_name, requested_names
from app.converters import CONVERTERS
from app.findings import (
    Finding,
    MissingCall,
    MissingRoute,
    MissingRow,
    Place,
    RouteCollision,
    UnknownCall,
    UnknownRow,
    UnusedConverter,
    UnusedShape,
    near_names,
)
from app.mapping.model import EndpointMapping, MappingSet, ObjectRule, Route, parts


@dataclass(frozen=True, slots=True)
class Whole:
    """What a check over all mappings may look at."""

    mappings: MappingSet
    contract: Contract | None


def routes_collide(whole: Whole) -> Iterable[Finding]:
    """Two routes that the same request would match, neither being the more literal one."""
    taken: dict[tuple[str, str], Route] = {}
    served = [route for endpoint in whole.mappings.endpoints for route in endpoint.routes]
    for route in (*served, *(known.route for known in whole.mappings.known)):
        shape = "/".join("{}" if part.startswith("{") else part for part in route.path.split("/"))
        other = taken.setdefault((route.method, shape), route)
        if other is not route:
            yield RouteCollision(place=route.place, rule="route", route=str(route), other=other.place)


def shapes_unused(whole: Whole) -> Iterable[Finding]:
    """A shape that no rule uses: a leftover, or a rule that forgot it."""
    if whole.mappings.unread:
        return
    written: list[tuple[str, object]] = [(endpoint.area.name, endpoint) for endpoint in whole.mappings.endpoints]
    written += [(name.partition("/")[0], shape) for name, shape in whole.mappings.shapes.items()]
    rules = [(area, part) for area, one in written for part in parts(one) if isinstance(part, ObjectRule)]
    used = {f"{area}/{shape.text}" for area, rule in rules for shape in rule.shapes}
    for name, shape in whole.mappings.shapes.items():
        if name not in used:
            yield UnusedShape(place=shape.place, shape=name.partition("/")[2])


def converters_unused(whole: Whole) -> Iterable[Finding]:
    """A converter that no mapping uses; only asked of the whole product, which has a contract."""
    if whole.contract is None or whole.mappings.unread:
        return
    mappings = whole.mappings
    written = (mappings.endpoints, mappings.caller, mappings.tenants, tuple(mappings.shapes.values()))
    used = {word.text for part in parts(written) for word in getattr(part, "via", ())}
    for name, found in CONVERTERS.items():
        if name not in used:
            code = found.convert.__wrapped__ if hasattr(found.convert, "__wrapped__") else found.convert
            line = code.__code__.co_firstlineno
            yield UnusedConverter(place=Place(code.__code__.co_filename, line, 1), converter=name)


def rows_missing(whole: Whole) -> Iterable[Finding]:
    """A contract row that a mapping neither serves nor names."""
    if whole.contract is None:
        return
    by_id = {endpoint.id: endpoint for endpoint in whole.mappings.endpoints}
    for covered in cover(whole.mappings, whole.contract):
        endpoint = by_id.get(covered.id)
        lines = {row.name: row.line for row in whole.contract.calls[covered.id].rows}
        for row in covered.unexplained if endpoint else ():
            yield MissingRow(place=endpoint.place, rule="response", row=row, line=lines[row])  # type: ignore[union-attr]


def rows_unknown(whole: Whole) -> Iterable[Finding]:
    """A reason for a row that the contract does not have, or that is served after all."""
    for endpoint in whole.mappings.endpoints if whole.contract else ():
        call = whole.contract.calls.get(endpoint.id) if whole.contract else None
        known = {row.name for row in call.rows} if call else set[str]()
        served = answered_names(endpoint, whole.mappings) | requested_names(endpoint)
        moved = {word.text for word, _ in endpoint.rows.moved}
        for word, _ in (*endpoint.unmapped, *endpoint.rows.moved):
            is_lead = word.text in moved and any(is_at_or_below(row, word.text) for row in known)
            if word.text not in known and not is_lead:
                near = near_names(word.text, known)
                yield UnknownRow(place=word.place, rule="unmapped", name=word.text, near=near)
        for word, _ in endpoint.unmapped:
            if word.text in known and member_name(endpoint, word.text) in served:
                yield UnknownRow(place=word.place, rule="unmapped", name=word.text, served=True)


def calls_unknown(whole: Whole) -> Iterable[Finding]:
    """A mapping beyond the contract that does not say why, and a contract call without a mapping in a mapped area."""
    if whole.contract is None:
        return
    for endpoint in whole.mappings.endpoints:
        if endpoint.id not in whole.contract.calls and not endpoint.beyond:
            near = near_names(endpoint.id, whole.contract.calls)
            yield UnknownCall(place=endpoint.place, name=endpoint.id, near=near)
    mapped = {endpoint.id for endpoint in whole.mappings.endpoints} | set(whole.mappings.unread)
    for endpoint in _first_of_areas(whole.mappings.endpoints):
        for call in whole.contract.of_area(endpoint.area.name):
            if call.id not in mapped:
                yield MissingCall(place=endpoint.area.place, call=call.id)


def routes_missing(whole: Whole) -> Iterable[Finding]:
    """A route of the contract that its mapping does not take."""
    for endpoint in whole.mappings.endpoints if whole.contract else ():
        call = whole.contract.calls.get(endpoint.id) if whole.contract else None
        routes = {str(route) for route in endpoint.routes}
        for route in sorted({bare(route) for route in call.routes} - routes) if call else ():
            yield MissingRoute(place=endpoint.place, rule="route", route=route)


def _first_of_areas(endpoints: tuple[EndpointMapping, ...]) -> Iterable[EndpointMapping]:
    return {endpoint.area.name: endpoint for endpoint in reversed(endpoints)}.values()


CHECKS: tuple[Callable[[Whole], Iterable[Finding]], ...] = (
    routes_collide,
    shapes_unused,
    converters_unused,
    rows_missing,
    rows_unknown,
    calls_unknown,
    routes_missing,
)
