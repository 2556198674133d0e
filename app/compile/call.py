"""One mapping to one plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from app.compile.coverage import is_at_or_below
from app.compile.emit import emit_reshape
from app.compile.emit_request import emit_bind, emit_holds, emit_write
from app.compile.emit_typed import Answer, emit_typed
from app.compile.errors import error_table
from app.compile.interpret import explained
from app.compile.interpret_request import take
from app.compile.keep import compare, compile_keeps, compile_orders
from app.compile.operation import CALLER_ALIAS, REPEATED, Documents, Draft
from app.compile.paging import compile_page
from app.compile.paths import (
    ANSWER,
    CALLER,
    REQUEST,
    AnswerSource,
    EachSource,
    LaterSource,
    Scope,
    Source,
    ValueSource,
    of_answer,
    of_request,
    resolve,
    resolve_all,
)
from app.compile.request import (
    ParamPlan,
    RequestPlan,
    compile_condition,
    compile_params,
    kind_of_organization,
    named_source,
    request_source,
    write_always,
    write_params,
)
from app.compile.response import Reading, check_compared, resolve_object, resolve_value
from app.compile.roots import Roots, open_roots
from app.compile.selection import Selected, Selection
from app.compile.shapes import Untyped, shape_of
from app.compile.tree import Members, Table
from app.compile.writes import Variables
from app.converters import Kind
from app.errors import RequestError
from app.findings import Finding, KeysTogether, NoList, Place, UnknownSource, near_names
from app.mapping.model import (
    Choice,
    Comparison,
    Condition,
    EndpointMapping,
    MappingSet,
    NeedsRule,
    QuestionRule,
    Route,
    SeekRule,
)
from app.plan import (
    APART,
    About,
    AboutParam,
    FurtherQuestion,
    Here,
    Needs,
    Page,
    Plan,
    Question,
    Render,
    RoutePattern,
    Seek,
    Typed,
    Unsupported,
    Variant,
)
from app.schema import Schema

EACH = "each"
ANY_KIND: tuple[Kind, ...] = ("text", "number", "boolean", "list", "record")
#: the most elements that a question is asked for in one document
MOST_ASKED = 100


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
    unsupported: Unsupported = "mapping"
    caller: Selected | None = None
    caller_keys: tuple[str, ...] = ()
    trees: dict[str, CallTree] = field(default_factory=dict)


def compile_call(build: Build, endpoint: EndpointMapping) -> Plan | None:
    """The plan of one call, or None with findings."""
    return _Call(build, endpoint).plan()


def route_pattern(route: Route) -> RoutePattern:
    """A route taken apart at its slashes."""
    return RoutePattern(route.method, tuple(route.path.strip("/").split("/")))


@dataclass(frozen=True, slots=True)
class _Written:
    """A choice whose reads and writes are known, before its document is made."""

    choice: Choice
    roots: Roots
    response: Members | None
    variables: Variables
    page: Page | None
    needs: Needs | None
    here: Here


class _Call:
    """The steps of one call, in the order in which they grow the selections: questions read from answers too."""

    def __init__(self, build: Build, endpoint: EndpointMapping) -> None:
        self.build = build
        self.endpoint = endpoint
        self.findings = build.findings
        self.request = compile_params(endpoint, build.findings, build.unsupported)
        self.tree = build.trees[endpoint.id] = CallTree(self.request)
        self.questions: dict[str, AnswerSource] = {}
        self.question_roots: dict[str, Roots] = {}
        self.arguments: dict[str, Variables] = {}
        self.sources: list[tuple[str, str]] = []
        self.drawn: list[tuple[str, str]] = []
        prefix = f"{endpoint.area.name}/"
        shapes = {
            name.removeprefix(prefix): rule for name, rule in build.mappings.shapes.items() if name.startswith(prefix)
        }
        self.reading = Reading(endpoint.leaves, shapes)

    def plan(self) -> Plan | None:
        """Roots first, then everything that reads or writes, then the documents."""
        is_repeated = self.endpoint.repeat is not None
        opened = [
            (choice, roots)
            for choice in self.endpoint.choices
            if (roots := open_roots(self.build.schema, choice.operations, self.findings, is_repeated=is_repeated))
        ]
        self._check_repeat()
        self._check_defaults()
        self._check_jsonp()
        for rule in self.endpoint.questions:
            self._open_question(rule)
        mains = [roots for _, roots in opened]
        for rule in self.endpoint.questions:
            for roots in mains:
                self._read_for_question(rule, roots)
        written = [self._written(choice, roots) for choice, roots in opened]
        # What takes an argument must be read by then, in the response or by a question.
        for rule in self.endpoint.questions:
            for roots in mains:
                self._write_question(rule, roots)
        variants = [self._variant(one) for one in written]
        further = [self._question(rule) for rule in self.endpoint.questions]
        self._check_read()
        self._check_cache()
        if self.findings:
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
            routes=tuple(map(route_pattern, endpoint.routes)),
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
            errors=error_table(self.build.mappings, endpoint),
            gaps=endpoint.gaps,
            cache=endpoint.cache.rule if endpoint.cache else None,
            jsonp=next((param.name for param in self.request.params if param.policy == "jsonp"), ""),
            unavailable=endpoint.unavailable,
            about=About(
                endpoint.title,
                endpoint.file,
                endpoint.area.scopes,
                sources,
                tuple(self.drawn),
                tuple(map(_about, self.request.params)),
            ),
        )

    def _conditions(self) -> list[Condition]:
        choices = [choice.when for choice in self.endpoint.choices]
        return [when for when in (*choices, *(rule.when for rule in self.endpoint.questions)) if when]

    def _scope(
        self,
        start: Selection,
        request: RequestPlan,
        main: Selection | None,
        asked: tuple[QuestionRule, ...] | None = None,
    ) -> Scope:
        """What rules can see from `start`; `main` is the start of the main answer, where that is there already.

        `asked` are the questions that were asked by then; all of them where nothing is said.
        """
        sources: dict[str, Source] = {REQUEST: request_source(request)}
        names = self.questions if asked is None else {rule.name for rule in asked}
        sources |= {name: found if name in names else LaterSource() for name, found in self.questions.items()}
        sources |= {EACH: EachSource((REPEATED,))} if self.endpoint.repeat else {}
        if main is not None:
            sources[ANSWER] = AnswerSource(main)
        if self.build.caller_keys:
            sources[CALLER] = ValueSource(dict.fromkeys(self.build.caller_keys, ()))
        deprecated = frozenset(word.text for word, _ in self.endpoint.deprecated)
        return Scope(start, sources, self.findings, deprecated)

    def _asked_before(self, rule: QuestionRule | None) -> tuple[QuestionRule, ...]:
        """The questions whose answers are there when this one is written, or the main one for None."""
        questions = self.endpoint.questions
        first = tuple(one for one in questions if one.ask == "before")
        if rule is None:
            return first
        above = tuple(one for one in questions[: questions.index(rule)] if one.ask == rule.ask)
        return above if rule.ask == "before" else (*first, *above)

    def _clash(self, place: Place, rule: str, problem: str, advice: str) -> None:
        self.findings.append(KeysTogether(place=place, rule=rule, problem=problem, advice=advice))

    # --- the main question

    def _check_repeat(self) -> None:
        """The repeated parameter must be there, and be a list."""
        if self.endpoint.repeat is None:
            return
        over = self.endpoint.repeat.over
        param = next((param for param in self.request.params if param.name == over.text), None)
        if param is None:
            near = near_names(over.text, self.request.names)
            self.findings.append(UnknownSource(place=over.place, rule="repeat.over", name=over.text, near=near))
        elif not param.is_sure or self.request.kinds[param.name] not in {"list", "any"}:
            problem = f"'{over.text}' is repeated, and may be absent or no list"
            advice = "give it `required: true` and a converter that makes a list, such as `via: text_list`"
            self._clash(over.place, "repeat.over", problem, advice)
        elif param.items:
            problem, advice = f"'{over.text}' is repeated, and its elements have `items`", "repeat plain values"
            self._clash(over.place, "repeat.over", problem, advice)

    def _check_repeated(self, choice: Choice, variables: Variables) -> None:
        """A repeated root must be asked something else each time, and not page by page."""
        repeat = self.endpoint.repeat
        if repeat is None:
            return
        if repeat.over.text in self.request.kinds and not _varying(variables):
            problem = f"'{repeat.over.text}' is repeated, and no argument takes its elements"
            self._clash(repeat.over.place, "repeat.over", problem, "write them with `to:`")
        if choice.page is not None:
            self._clash(choice.page.place, "page", "'page' and 'repeat' exclude each other", "keep one")

    def _check_jsonp(self) -> None:
        """A page of somebody else can make a browser read so: it must never write."""
        for rule in self.endpoint.request:
            if rule.policy == "jsonp" and any(route.method != "GET" for route in self.endpoint.routes):
                problem = f"'{rule.name}' lets any page of the web ask, and a route is no GET"
                self._clash(rule.place, f"request.{rule.name}.jsonp", problem, "take `jsonp` out")

    def _check_defaults(self) -> None:
        """A default that the parameter's own rule refuses would refuse every request without the parameter."""
        for param in (below for top in self.request.params for below in (top, *top.items)):
            if param.default is None:
                continue
            try:
                take(param, param.default, {}, lambda warning: None)
            except RequestError as error:
                problem, advice = f"the default is refused: {error.message}", "give a value that a caller could send"
                finding = KeysTogether(place=param.place, rule="default", problem=problem, advice=advice)
                self.findings.append(finding)

    def _written(self, choice: Choice, roots: Roots) -> _Written:
        """All that a choice reads and writes."""
        endpoint = self.endpoint
        request = self.request.when(choice.when)
        scope = self._scope(roots.start, request, roots.start)
        roots.check_going_away(scope, choice.operations)
        response = resolve_object(choice.response, scope, self.reading, "response") if choice.response else None
        variables = Variables(roots.selection, self.findings, scope.deprecated, roots.bare)
        page = compile_page(choice.page, scope, variables) if choice.page else None
        if choice.page is not None and choice.operations[0][1].kind == "mutation":
            self._clash(choice.page.place, "page", "a mutation is not asked page by page", "take `page` out")
        is_several = endpoint.repeat is not None and len(choice.operations) > 1
        needs = _needs(choice.needs, scope, is_several=is_several) if choice.needs else None
        each = endpoint.repeat.over.text if endpoint.repeat else None
        rules = endpoint.request + choice.request
        write_params(rules, request, variables, self.findings, each)
        written = self._scope(roots.start, request, None, self._asked_before(None))
        write_always(choice.always, written, variables, self.findings)
        self._check_repeated(choice, variables)
        here = Here(compile_keeps(rules, choice.page, scope, request), compile_orders(rules, choice.page, scope))
        return _Written(choice, roots, response, variables, page, needs, here)

    def _variant(self, written: _Written) -> Variant | None:
        choice, response, variables = written.choice, written.response, written.variables
        title = f"{self.endpoint.id} {choice.name}".strip()
        variables.check_complete(choice.operations[0][1].place)
        holds = compile_condition(choice.when, self.request, self.findings)
        question = self._main(choice, written.roots, variables, title)
        if response is None or question is None:
            return None
        self.tree.responses[choice.name], self.tree.variables[choice.name] = response, variables
        reshape, source = emit_reshape(response, title)
        self.sources.append((f"reshape {choice.name}".strip(), source))
        typed = self._typed(response, written.roots, question, title, choice.name)
        return Variant(
            name=choice.name,
            holds=emit_holds(holds, title),
            question=question,
            reshape=reshape,
            explain=explained(response),
            page=written.page,
            here=written.here,
            needs=written.needs,
            typed=typed,
        )

    def _typed(self, response: Members, roots: Roots, question: Question, title: str, shown: str) -> Typed | None:
        """The translation over types; None for writes, for what is repeated, and where types cannot express it."""
        if question.kind == "mutation" or question.repeated is not None or question.most > 1:
            return None
        beside = (CALLER_ALIAS,) if self.build.caller is not None else ()
        try:
            answer = Answer(shape_of(roots.selection), question.roots[0][0] if question.is_rooted else None, beside)
            typed, source = emit_typed(response, answer, title)
        except Untyped:
            return None
        self.sources.append((f"typed {shown}".strip(), source))
        return typed

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
        render = self.build.documents.renderer(draft)
        self.build.documents.check(draft, render, choice.operations[0][1].place, self.findings)
        write, source = emit_write(variables.slots, repeat.over.text if repeat else None, title)
        self.sources.append((f"write {choice.name}".strip(), source))
        question = self._asked(draft, roots, write, render, choice.name or "main")
        return replace(question, repeated=repeat.over.text, most=repeat.most) if repeat else question

    def _asked(self, draft: Draft, roots: Roots, write: object, render: Render, shown: str) -> Question:
        self.drawn.append((shown, render(1, frozenset(), with_caller=False)))
        return Question(
            name=draft.name,
            kind="query" if draft.kind == "query" else "mutation",
            write=write,  # type: ignore[arg-type]
            render=render,
            fields=frozenset(one.coordinate for one in draft.roots.all_fields()),
            roots=tuple((selected.key, selected.coordinate) for selected in draft.root_fields()),
            is_rooted=roots.is_rooted,
            most=MOST_ASKED if draft.is_repeated else 1,
            apart=frozenset(one.key for one in draft.roots.all_fields() if one.key.startswith(APART)),
            is_several=draft.has_several_repeated,
        )

    # --- further questions

    def _open_question(self, rule: QuestionRule) -> None:
        over = tuple(rule.over.text.split(".")) if rule.over else None
        operations = (("", rule.operation),)
        roots = open_roots(self.build.schema, operations, self.findings, is_repeated=False)
        self.questions[rule.name] = AnswerSource(roots.start if roots else None, over)
        self._check_question(rule)
        if roots is None:
            return
        self.question_roots[rule.name], start = roots, roots.start
        roots.check_going_away(self._scope(start, self.request, None), operations)
        if rule.over is not None and not roots.is_rooted:
            problem = f"'{rule.operation.root}' gives no object, and is asked for each element of a list"
            advice = "ask it without `over`, or ask an operation that gives an object"
            self._clash(rule.over.place, rule.name, problem, advice)
        selection: Selection | None = start
        every: tuple[str, ...] = ()
        if rule.seek is not None:
            each, name = rule.seek.each, f"questions.{rule.name}.seek.each"
            scope = self._scope(start, self.request, None)
            found = of_answer(resolve(each, scope, name), each, scope, name)
            if found is not None and found.selection is None:
                self.findings.append(NoList(place=each.place, rule=name, path=each.text, lists=len(found.lists)))
            selection, every = found.selection if found else None, tuple(word.text for word in rule.seek.every)
        self.questions[rule.name] = AnswerSource(selection, over, every, is_sure=not rule.optional)

    def _check_question(self, rule: QuestionRule) -> None:
        """Words of a question that exclude each other."""
        name, is_write = f"questions.{rule.name}", rule.operation.kind == "mutation"
        words = {"page": rule.page, "seek": rule.seek, "needs": rule.needs}
        for word, said in words.items():
            if said is not None and rule.over is not None:
                problem, advice = f"'{word}' and 'over' exclude each other", f"take `{word}` out"
                self._clash(said.place, f"{name}.{word}", problem, advice)
            elif said is not None and is_write and word != "needs":
                self._clash(said.place, f"{name}.{word}", f"a mutation has no '{word}'", f"take `{word}` out")
        if is_write and rule.ask == "before":
            problem = "a mutation before the main question would be carried out though that one fails"
            self._clash(rule.operation.place, name, problem, "add `ask: after`")
        page, seek = rule.page, rule.seek
        if page and seek and not is_at_or_below(seek.each.text, page.list.text):
            problem = f"'{seek.each.text}' is not among the rows of the page, '{page.list.text}'"
            self._clash(seek.each.place, f"{name}.seek.each", problem, "seek among the rows that the page walks")

    def _check_cache(self) -> None:
        """What changes something is asked each time; what depends on who asks is nobody else's."""
        mark = self.endpoint.cache
        if mark is None:
            return
        operations = [operation for choice in self.endpoint.choices for _, operation in choice.operations]
        operations += [rule.operation for rule in self.endpoint.questions]
        if any(operation.kind == "mutation" for operation in operations):
            self._clash(mark.place, "cache", "an answer is kept, and something is written", "take `cache` out")
        depends = self.request.tenant or self.request.organizations or self.request.people
        if mark.rule.is_public and (depends or any(f"others.get({CALLER!r})" in source for _, source in self.sources)):
            problem = "`public`, and the answer depends on who asks: on the caller, or on an organisation"
            self._clash(mark.place, "cache.public", problem, f"write `cache: {{private: {mark.rule.seconds}}}`")

    def _check_read(self) -> None:
        """A question that only reads must be read, or be one that the call cannot go on without.

        Where something else is wrong in the file, what would read it may be missing for that reason.
        """
        if any(finding.place.file == self.endpoint.file for finding in self.findings):
            return
        for rule in self.endpoint.questions:
            is_guard = rule.seek is not None or rule.needs is not None
            if rule.operation.kind == "query" and not is_guard and not self.questions[rule.name].is_read:
                problem, advice = f"nothing reads '${rule.name}'", "read something of its answer, or take it out"
                self._clash(rule.place, f"questions.{rule.name}", problem, advice)

    def _read_for_question(self, rule: QuestionRule, main: Roots) -> None:
        """What a question is made of: what that is of the main answer is selected there, in every choice."""
        scope = self._scope_of(rule, main)
        if scope is None:
            return
        for below in rule.arguments:
            named_source(below, scope, f"questions.{rule.name}.arguments.{below.target.text}")

    def _write_question(self, rule: QuestionRule, main: Roots) -> None:
        roots, scope = self.question_roots.get(rule.name), self._scope_of(rule, main)
        if roots is None or scope is None:
            return
        if rule.name not in self.arguments:
            self.arguments[rule.name] = Variables(roots.selection, self.findings, scope.deprecated, roots.bare)
        write_always(
            rule.arguments, scope, self.arguments[rule.name], self.findings, f"questions.{rule.name}.arguments"
        )

    def _scope_of(self, rule: QuestionRule, main: Roots) -> Scope | None:
        """What the arguments of a question can see, its element among that."""
        told = main.start if rule.ask == "after" else None
        scope = self._scope(main.start, self.request.when(rule.when), told, self._asked_before(rule))
        if rule.over is None:
            return scope
        over, name = rule.over, f"questions.{rule.name}.over"
        found = of_answer(resolve(over, scope, name), over, scope, name)
        if found is None:
            return None
        if found.type is None or found.lists != (len(found.path.steps) - 1,):
            self.findings.append(NoList(place=over.place, rule=name, path=over.text, lists=len(found.lists)))
            return None
        scope.sources[EACH] = AnswerSource(found.selection or Selection(found.type))
        return scope

    def _question(self, rule: QuestionRule) -> FurtherQuestion | None:
        roots, variables = self.question_roots.get(rule.name), self.arguments.get(rule.name)
        if roots is None or variables is None:
            return None
        element, scope = self.questions[rule.name].selection, self._scope(roots.start, self.request, None)
        page = compile_page(rule.page, scope, variables) if rule.page else None
        seek = self._seek(rule.seek, roots.start, element) if rule.seek and element else None
        # What is sought is where the answer is read from, and what it cannot do without stands below it.
        told = self._scope(element, self.request, None) if rule.seek and element else scope
        needs = _needs(rule.needs, told) if rule.needs else None
        variables.check_complete(rule.operation.place)
        is_over = rule.over is not None
        name = f"{self.endpoint.id.rpartition('/')[2]}_{rule.name}"
        varying = frozenset(variables.slots) if is_over else frozenset[str]()
        draft = Draft(rule.operation.kind, name, roots.selection, variables.slots, varying, is_over, None)
        holds = compile_condition(rule.when, self.request, self.findings)
        if self.findings:
            return None
        render = self.build.documents.renderer(draft)
        self.build.documents.check(draft, render, rule.operation.place, self.findings)
        title = f"{self.endpoint.id} {rule.name}"
        write, text = emit_write(variables.slots, None, title)
        self.sources.append((f"write {rule.name}", text))
        question = self._asked(draft, roots, write, render, rule.name)
        return FurtherQuestion(
            name=rule.name,
            ask=rule.ask,
            question=question,
            holds=emit_holds(holds, title),
            over=self.questions[rule.name].over,
            is_optional=bool(rule.optional),
            page=page,
            seek=seek,
            needs=needs,
        )

    def _seek(self, rule: SeekRule, start: Selection, element: Selection) -> Seek | None:
        each = resolve(rule.each, self._scope(start, self.request, None), "seek.each")
        scope = self._scope(element, self.request, None)
        wanted = of_request(rule.to, scope, "seek.to", ANY_KIND)
        fits = compare(rule.fits, scope, "seek", wanted.kind_at_hand if wanted else "any", rule.to.text)
        every = [of_answer(resolve_all(word, scope, "seek.every"), word, scope, "seek.every") for word in rule.every]
        where = []
        for word, value in rule.where:
            named = resolve_all(word, scope, "seek.where")
            if str(value.value).startswith("$"):
                problem, advice = f"'{value.value}' is no literal", "`where` of a search compares with literals"
                self._clash(value.place, "seek.where", problem, advice)
            elif named is not None:
                check_compared(value, named, self.findings, "seek.where")
            test = compare(Comparison("equals", (word,), (), value.place), scope, "seek.where")
            where.append((test, value.value))
        if each is None or fits is None or wanted is None or None in every:
            return None
        gathered = tuple(one.path.steps for one in every if one is not None)
        tests = [(test[0], value) for test, value in where if test is not None]
        return Seek(each.path.steps, _all_hold(fits[0], tests), wanted.path.steps, rule.status, rule.missing, gathered)


def _needs(rule: NeedsRule, scope: Scope, *, is_several: bool = False) -> Needs | None:
    """Where several roots are repeated, the path leads from the list of answers to one of their roots."""
    read = resolve if is_several else resolve_value
    found = of_answer(read(rule.at, scope, "needs.at"), rule.at, scope, "needs.at")
    if found is None:
        return None
    problem, advice = "", "name a member of the answer"
    if not found.path.steps:
        problem = f"'{rule.at.text}' is always there"
    elif is_several and (found.lists != (0,) or len(found.path.steps) == 1):
        problem, advice = f"'{rule.at.text}' leads to no value of one root", f"write `at: {REPEATED}.`, a root, a path"
    if problem:
        scope.findings.append(KeysTogether(place=rule.at.place, rule="needs.at", problem=problem, advice=advice))
    fields = frozenset(selected.coordinate for selected in found.fields)
    return Needs(found.path.steps, rule.status, rule.message, fields)


def _varying(variables: Variables) -> frozenset[str]:
    """The variables that the repeated parameter writes into."""
    return frozenset(name for name, slot in variables.slots.items() if any(put.is_each for put in slot.puts()))


def _all_hold(
    holds: Callable[[Any, Any], bool], tests: list[tuple[Callable[[Any, Any], bool], Any]]
) -> Callable[[Any, Any], bool]:
    """Whether an element fits what is wanted, and all that it must be besides."""

    def all_hold(element: Any, wanted: Any) -> bool:
        return holds(element, wanted) and all(test(element, value) for test, value in tests)

    return all_hold


def _about(param: ParamPlan) -> AboutParam:
    """A parameter as people see it."""
    first = param.steps[0] if param.steps else None
    return AboutParam(
        name=param.name,
        names=param.names,
        is_part=param.source == "part",
        is_required=param.required and param.default is None and param.policy == "used",
        policy=param.policy,
        why=param.why,
        values=tuple(str(text) for text, _ in first.entries) if isinstance(first, Table) else (),
        default=param.default,
        holder=param.holder or "",
    )
