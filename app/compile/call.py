"""One mapping to one plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.compile.emit import emit_reshape
from app.compile.emit_request import emit_bind, emit_holds, emit_write
from app.compile.interpret import explained
from app.compile.keep import compare, compile_keeps, compile_orders
from app.compile.operation import Documents, Draft
from app.compile.paging import compile_page
from app.compile.paths import (
    CALLER,
    REQUEST,
    AnswerSource,
    EachSource,
    Scope,
    ValueSource,
    resolve,
    resolve_all,
    resolve_one,
)
from app.compile.request import (
    RequestPlan,
    compile_condition,
    compile_params,
    kind_of_organization,
    write_always,
    write_params,
)
from app.compile.response import Reading, resolve_object, resolve_value
from app.compile.roots import Roots, open_roots
from app.compile.selection import Selected, Selection
from app.compile.tree import Members
from app.compile.writes import Variables
from app.findings import Finding, NoList
from app.mapping.model import (
    Choice,
    Comparison,
    Condition,
    EndpointMapping,
    MappingSet,
    NeedsRule,
    QuestionRule,
    SeekRule,
)
from app.plan import APART, About, FurtherQuestion, Here, Needs, Plan, Question, RoutePattern, Seek, Variant
from app.schema import OutputType, Schema

EACH, ANSWER = "each", "answer"


@dataclass(slots=True)
class CallTree:
    """What one call's code was generated from, by choice: kept for `explain` and for the tests of the generator."""

    request: RequestPlan
    responses: dict[str, Members] = field(default_factory=dict)
    variables: dict[str, Variables] = field(default_factory=dict)


@dataclass(slots=True)
class Build:
    """The state of one run of the compiler: what is given, and what was found and used so far."""

    schema: Schema
    mappings: MappingSet
    documents: Documents
    findings: list[Finding]
    caller: Selected | None = None
    caller_keys: tuple[str, ...] = ()
    used_shapes: set[str] = field(default_factory=set)
    used_converters: set[str] = field(default_factory=set)
    trees: dict[str, CallTree] = field(default_factory=dict)


def compile_call(build: Build, endpoint: EndpointMapping) -> Plan | None:
    """The plan of one call, or None with findings."""
    return _Call(build, endpoint).plan()


class _Call:
    """The steps of one call, in the order in which they grow the selections: questions read from answers too."""

    def __init__(self, build: Build, endpoint: EndpointMapping) -> None:
        self.build = build
        self.endpoint = endpoint
        self.findings = build.findings
        self.request = compile_params(endpoint, build.findings, build.used_converters)
        self.tree = build.trees[endpoint.id] = CallTree(self.request)
        self.questions: dict[str, AnswerSource] = {}
        self.starts: dict[str, Roots] = {}
        self.arguments: dict[str, Variables] = {}
        self.sources: list[tuple[str, str]] = []
        self.drawn: list[tuple[str, str]] = []
        prefix = f"{endpoint.area.name}/"
        shapes = {name.removeprefix(prefix): rule for name, rule in build.mappings.shapes.items() if prefix in name}
        self.reading = Reading(endpoint.leaves, shapes, set(), build.used_converters)

    def plan(self) -> Plan | None:
        """Roots first, then everything that reads or writes, then the documents."""
        found_before = len(self.findings)
        is_repeated = self.endpoint.repeat is not None
        opened = [
            (choice, roots)
            for choice in self.endpoint.choices
            if (roots := open_roots(self.build.schema, choice.operations, self.findings, is_repeated=is_repeated))
        ]
        for rule in self.endpoint.questions:
            self._open_question(rule)
        for rule in self.endpoint.questions:
            self._write_question(rule, opened[0][1] if opened else None)
        variants = [self._variant(choice, roots) for choice, roots in opened]
        further = [self._question(rule) for rule in self.endpoint.questions]
        self.build.used_shapes |= {f"{self.endpoint.area.name}/{name}" for name in self.reading.used_shapes}
        if len(self.findings) > found_before:
            return None
        return self._made([variant for variant in variants if variant], [one for one in further if one])

    def _made(self, variants: list[Variant], questions: list[FurtherQuestion]) -> Plan:
        endpoint = self.endpoint
        asked = {word.text for when in self._conditions() for word, _ in when.equals}
        kinds = {name for name in self.request.organizations if kind_of_organization(name) in asked}
        bind, bind_source = emit_bind(self.request, endpoint.id)
        sources = (("bind", bind_source), *self.sources)
        return Plan(
            id=endpoint.id,
            routes=tuple(
                RoutePattern(route.method, tuple(route.path.strip("/").split("/"))) for route in endpoint.routes
            ),
            bind=bind,
            variants=tuple(variants),
            questions=tuple(questions),
            tenant=self.request.tenant,
            organizations=tuple((name, name in kinds) for name in self.request.organizations),
            people=tuple(self.request.people),
            server_time=endpoint.envelope.server_time,
            asks_caller=endpoint.envelope.auth_user and self.build.caller is not None,
            reads_caller=any(f"others.get({CALLER!r})" in source for _, source in sources),
            leaves=endpoint.leaves,
            otherwise=endpoint.otherwise,
            partial=endpoint.partial,
            unavailable=endpoint.unavailable,
            about=About(endpoint.title, endpoint.file, endpoint.area.scopes, sources, tuple(self.drawn)),
        )

    def _conditions(self) -> list[Condition]:
        choices = [choice.when for choice in self.endpoint.choices]
        return [when for when in (*choices, *(rule.when for rule in self.endpoint.questions)) if when]

    def _scope(self, start: Selection, main: Selection | None, extra: dict[str, AnswerSource] | None = None) -> Scope:
        """What rules can see from `start`; `main` is the start of the main answer, where that is there already."""
        sources: dict[str, AnswerSource | ValueSource | EachSource] = {REQUEST: ValueSource(dict(self.request.names))}
        sources |= self.questions
        sources |= {EACH: EachSource()} if self.endpoint.repeat else {}
        sources |= extra or {}
        if main is not None:
            sources[ANSWER] = AnswerSource(main)
        if self.build.caller_keys:
            sources[CALLER] = ValueSource(dict.fromkeys(self.build.caller_keys, ()))
        deprecated = frozenset(word.text for word, _ in self.endpoint.deprecated)
        return Scope(start, sources, self.findings, deprecated)

    # --- the main question

    def _variant(self, choice: Choice, roots: Roots) -> Variant | None:
        endpoint, title = self.endpoint, f"{self.endpoint.id} {choice.name}".strip()
        scope = self._scope(roots.start, roots.start)
        roots.check_going_away(scope, choice.operations)
        response = resolve_object(choice.response, scope, self.reading, "response") if choice.response else None
        given = frozenset(word.text for word in choice.when.given) if choice.when else frozenset[str]()
        variables = Variables(roots.selection, self.findings, scope.deprecated, roots.bare, given)
        page = compile_page(choice.page, scope, variables) if choice.page else None
        needs = _needs(choice.needs, scope) if choice.needs else None
        each = endpoint.repeat.over.text if endpoint.repeat else None
        rules = endpoint.request + choice.request
        write_params(rules, self.request, variables, self.findings, each)
        write_always(choice.always, scope, variables, self.build.used_converters)
        here = Here(
            compile_keeps(rules, choice.page, scope, self.build.used_converters),
            compile_orders(rules, choice.page, scope, self.build.used_converters),
        )
        variables.check_complete(choice.operations[0][1].place)
        question = self._main(choice, roots, variables, title)
        if response is None or question is None:
            return None
        self.tree.responses[choice.name], self.tree.variables[choice.name] = response, variables
        reshape, source = emit_reshape(response, title)
        self.sources.append((f"reshape {choice.name}".strip(), source))
        holds = emit_holds(compile_condition(choice.when, self.request, self.findings), title)
        return Variant(choice.name, holds, question, reshape, explained(response), page, here, needs)

    def _main(self, choice: Choice, roots: Roots, variables: Variables, title: str) -> Question | None:
        repeat = self.endpoint.repeat
        kind = choice.operations[0][1].kind
        draft = Draft(
            kind=kind,
            name=self.endpoint.id.rpartition("/")[2],
            roots=roots.selection,
            slots=variables.slots,
            repeated=_varying(variables),
            is_repeated=repeat is not None,
            # A mutation's document cannot hold a query's root: a write answers with a caller known already, or without.
            caller=self.build.caller if kind == "query" else None,
        )
        if self.findings:
            return None
        self.build.documents.check(draft, choice.operations[0][1].place, self.findings)
        write, source = emit_write(variables.slots, repeat.over.text if repeat else None, title)
        self.sources.append((f"write {choice.name}".strip(), source))
        most = repeat.most if repeat else 1
        return self._asked(draft, roots, write, choice.name or "main", repeat.over.text if repeat else None, most)

    def _asked(
        self, draft: Draft, roots: Roots, write: object, shown: str, repeated: str | None, most: int
    ) -> Question:
        self.drawn.append((shown, self.build.documents.render(draft, 1, frozenset(), with_caller=False)))
        return Question(
            name=draft.name,
            kind="query" if draft.kind == "query" else "mutation",
            write=write,  # type: ignore[arg-type]
            render=self.build.documents.renderer(draft),
            roots=tuple((selected.key, selected.coordinate) for selected in draft.root_fields()),
            is_rooted=roots.is_rooted,
            repeated=repeated,
            most=most,
            apart=frozenset(one.key for one in draft.roots.all_fields() if one.key.startswith(APART)),
            is_several=draft.has_several_repeated,
        )

    # --- further questions

    def _open_question(self, rule: QuestionRule) -> None:
        over = tuple(rule.over.text.split(".")) if rule.over else None
        roots = open_roots(self.build.schema, (("", rule.operation),), self.findings, is_repeated=False)
        if roots is None:
            nothing = Selection(OutputType("nothing", None))
            self.questions[rule.name] = AnswerSource(nothing, over)
            return
        self.starts[rule.name], start = roots, roots.start
        if rule.seek is not None:
            found = resolve(rule.seek.each, self._scope(start, None), f"questions.{rule.name}.seek.each")
            if found is None or found.selection is None:
                return
            start = found.selection
        self.questions[rule.name] = AnswerSource(start, over, roots.selection)

    def _write_question(self, rule: QuestionRule, main: Roots | None) -> None:
        source = self.questions.get(rule.name)
        if source is None or source.roots is None or main is None:
            return
        told = main.start if rule.ask == "after" else None
        scope = self._scope(main.start, told)
        if rule.over is not None:
            found = resolve(rule.over, scope, f"questions.{rule.name}.over")
            if found is None or found.selection is None or len(found.lists) != 1:
                if found is not None:
                    self.findings.append(NoList(place=rule.over.place, path=rule.over.text, lists=len(found.lists)))
                return
            scope = self._scope(main.start, told, {EACH: AnswerSource(found.selection)})
        bare = next(iter(source.roots.fields))
        variables = Variables(source.roots, self.findings, scope.deprecated, bare)
        owner = f"questions.{rule.name}.arguments"
        write_always(rule.arguments, scope, variables, self.build.used_converters, owner)
        self.arguments[rule.name] = variables

    def _question(self, rule: QuestionRule) -> FurtherQuestion | None:
        source, variables = self.questions.get(rule.name), self.arguments.get(rule.name)
        if source is None or source.roots is None or variables is None:
            return None
        roots = self.starts[rule.name]
        page = compile_page(rule.page, self._scope(roots.start, None), variables) if rule.page else None
        seek = self._seek(rule.seek, roots, source) if rule.seek else None
        needs = _needs(rule.needs, self._scope(roots.start, None)) if rule.needs else None
        variables.check_complete(rule.operation.place)
        is_over = rule.over is not None
        name = f"{self.endpoint.id.rpartition('/')[2]}_{rule.name}"
        varying = frozenset(variables.slots) if is_over else frozenset[str]()
        draft = Draft(rule.operation.kind, name, source.roots, variables.slots, varying, is_over, None)
        if self.findings:
            return None
        self.build.documents.check(draft, rule.operation.place, self.findings)
        title = f"{self.endpoint.id} {rule.name}"
        write, text = emit_write(variables.slots, None, title)
        self.sources.append((f"write {rule.name}", text))
        question = self._asked(draft, roots, write, rule.name, None, 100 if is_over else 1)
        holds = emit_holds(compile_condition(rule.when, self.request, self.findings), title)
        return FurtherQuestion(
            rule.name, rule.ask, question, holds, source.over, bool(rule.optional), page, seek, needs
        )

    def _seek(self, rule: SeekRule, roots: Roots, source: AnswerSource) -> Seek | None:
        each = resolve(rule.each, self._scope(roots.start, None), "seek.each")
        scope = self._scope(source.selection, None)
        holds = compare(rule.fits, scope, self.build.used_converters, "seek")
        wanted = resolve_one(rule.to, scope, "seek.to", leaf=True)
        every = [resolve_all(word, scope, "seek.every") for word in rule.every]
        where = [
            (compare(Comparison("equals", (word,), (), value.place), scope, set(), "seek.where"), value.value)
            for word, value in rule.where
        ]
        if each is None or holds is None or wanted is None or None in every:
            return None
        gathered = tuple(one.path.steps for one in every if one is not None)
        return Seek(each.path.steps, _all_hold(holds, where), wanted.path.steps, rule.status, rule.missing, gathered)


def _needs(rule: NeedsRule, scope: Scope) -> Needs | None:
    found = resolve_value(rule.at, scope, "needs.at")
    return Needs(found.path.steps, rule.status, rule.message) if found else None


def _varying(variables: Variables) -> frozenset[str]:
    """The variables that the repeated parameter writes into."""
    return frozenset(name for name, slot in variables.slots.items() if any(put.is_each for put in slot.puts()))


def _all_hold(
    holds: Callable[[Any, Any], bool], where: list[tuple[Callable[[Any, Any], bool] | None, Any]]
) -> Callable[[Any, Any], bool]:
    """Whether an element fits what is wanted, and all that it must be besides."""
    tests = [(test, value) for test, value in where if test is not None]

    def all_hold(element: Any, wanted: Any) -> bool:
        return holds(element, wanted) and all(test(element, value) for test, value in tests)

    return all_hold
