"""Mappings and schema to plans, or all findings: the one place where the steps of the compiler meet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app import plan
from app.compile.call import Build, CallTree, compile_call, route_pattern
from app.compile.checks import CHECKS, Whole
from app.compile.contract import load_contract
from app.compile.emit import emit_reshape
from app.compile.errors import check_errors, error_table
from app.compile.interpret import explained
from app.compile.operation import CALLER_ALIAS, Documents
from app.compile.paths import Scope
from app.compile.response import Reading, resolve_object
from app.compile.roots import open_roots
from app.findings import Finding, InvalidMappings, UnknownRoot, near_names
from app.mapping.load import load_mappings
from app.mapping.model import CallerMapping, KnownRoute, MappingSet
from app.plan import CallerPlan, Plans, Unsupported
from app.schema import Schema, load_schema


@dataclass(frozen=True, slots=True)
class Built:
    """Plans, and what they were made from."""

    plans: Plans
    mappings: MappingSet
    schema: Schema
    trees: dict[str, CallTree]


def build_plans(folder: Path, schema_path: Path, templates: Path, unsupported: Unsupported = "mapping") -> Built:
    """Compile everything under `folder`. Raises InvalidMappings with all findings; nothing is served then."""
    schema, problems = load_schema(schema_path)
    if schema is None:
        mappings, findings = load_mappings(folder)
        raise InvalidMappings(findings + problems, mappings.files)
    return compile_folder(folder, schema, templates, unsupported)


def compile_folder(folder: Path, schema: Schema, templates: Path, unsupported: Unsupported = "mapping") -> Built:
    """As `build_plans`, with a schema that is loaded already."""
    mappings, findings = load_mappings(folder)
    documents = Documents(templates, schema)
    built = _compiled(Build(schema, mappings, documents, list(findings), unsupported), folder)
    if not documents.are_right():
        # Rarely: once more, to tell of the first that is wrong as of any other fault.
        documents = Documents(templates, schema, one_by_one=True)
        built = _compiled(Build(schema, mappings, documents, list(findings), unsupported), folder)
    if isinstance(built, Built):
        return built
    raise InvalidMappings(built, mappings.files)


def _compiled(build: Build, folder: Path) -> Built | list[Finding]:
    """Plans, or what is wrong."""
    mappings, schema, findings = build.mappings, build.schema, build.findings
    caller = _caller_plan(build, mappings.caller) if mappings.caller else None
    plans = {endpoint.id: compile_call(build, endpoint) for endpoint in mappings.endpoints}
    directory = compile_call(build, mappings.tenants) if mappings.tenants else None
    known = tuple(_known_route(build, known) for known in mappings.known)
    findings += [*check_errors(mappings, schema), *_whole_findings(build, folder)]
    if findings:
        return findings
    made = {name: one for name, one in plans.items() if one is not None}
    return Built(
        Plans(made, caller, directory, known, error_table(mappings)),
        mappings,
        schema,
        build.trees,
    )


def _known_route(build: Build, known: KnownRoute) -> plan.KnownRoute:
    """A route that is not bridged, with the nearest thing that the upstream can be asked."""
    nearest, kind = known.nearest, known.nearest.kind
    if build.schema.root(kind, nearest.root) is None:
        near = near_names(nearest.root, build.schema.roots(kind))
        finding = UnknownRoot(place=nearest.place, rule=str(known.route), name=nearest.root, kind=kind, near=near)
        build.findings.append(finding)
    reason = f"This legacy route is known and not bridged; the nearest that the upstream has is {kind} '{nearest.root}'"
    return plan.KnownRoute(route_pattern(known.route), reason)


def _whole_findings(build: Build, folder: Path) -> list[Finding]:
    contract = load_contract(folder)
    whole = Whole(build.mappings, contract)
    return [finding for check in CHECKS for finding in check(whole)]


def _caller_plan(build: Build, mapping: CallerMapping) -> CallerPlan | None:
    """Who the credential speaks for, and what `$caller` may be asked for."""
    roots = open_roots(build.schema, ((CALLER_ALIAS, mapping.operation),), build.findings, is_repeated=False)
    if roots is None:
        return None
    selected = roots.selection.fields[CALLER_ALIAS]
    deprecated = frozenset(word.text for word, _ in mapping.deprecated)
    scope = Scope(selected.below(), {}, build.findings, deprecated)
    roots.check_going_away(scope, ((CALLER_ALIAS, mapping.operation),))
    tree = resolve_object(mapping.response, scope, Reading("text", {}), "response")
    if tree is None:
        return None
    build.caller, build.caller_keys = selected, tuple(name for name, _ in tree.fields)
    reshape, _ = emit_reshape(tree, "caller")
    fields = frozenset(one.coordinate for one in roots.selection.all_fields())
    return CallerPlan(CALLER_ALIAS, reshape, explained(tree), fields, build.caller_keys)
