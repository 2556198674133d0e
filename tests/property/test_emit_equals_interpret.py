"""The generated code and its plain meaning are the same: for the product's own calls, for the hard cases, at random."""

from __future__ import annotations

import json
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.compile.build import Built, compile_folder
from app.compile.emit import emit_reshape
from app.compile.interpret import Stand, explained, interpret
from app.compile.interpret_request import interpret_bind, interpret_write
from app.compile.request import ParamPlan, RequestPlan
from app.compile.tree import Members, Table
from app.converters import Converter
from app.emitted import NOTHING, values_at
from app.errors import RequestError
from app.plan import Plan, Question, Seek, Variant, copy_key
from app.run.seek import gathered
from app.schema import Schema, load_schema

from .answers import INSTANTS, answers
from .outcomes import exact, outcome
from .trees import OTHERS, VALUES_AT_HAND, objects, trees

TOP = Path(__file__).resolve().parents[2]
#: the product's mappings, and those that say everything the language can say
FOLDERS = [TOP / "mappings", *sorted((TOP / "tests" / "unit" / "compile" / "hard").glob("*/mappings"))]
CALLS = [
    (folder, f"{path.parent.name}/{path.stem}") for folder in FOLDERS for path in sorted(folder.glob("*/[!_]*.yaml"))
]
IDS = [call if folder == FOLDERS[0] else folder.parent.name for folder, call in CALLS]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
REAL = settings(max_examples=50, deadline=None, suppress_health_check=SLOW)

Values = st.SearchStrategy[dict[str, Any]]


# --- answers of real calls -------------------------------------------------------------------------------------------


def starts(built: Built, question: Question, *, is_readable: bool) -> st.SearchStrategy[Any]:
    """What the paths of a question's answer may begin at."""
    document = question.render(1, frozenset(), with_caller=False)
    found = answers(built.schema.raw, document, is_readable=is_readable)
    if question.most > 1:
        roots = {key: found[copy_key(0, key)] for key, _ in question.roots} if question.is_several else {}
        one = st.fixed_dictionaries({key: st.one_of(st.none(), made) for key, made in roots.items()})
        if not question.is_several:
            (one,) = found.values()
        return st.fixed_dictionaries({"all": st.lists(st.one_of(st.none(), one), max_size=3)})
    if question.is_rooted:
        return found[question.roots[0][0]]
    return st.fixed_dictionaries({key: st.one_of(st.none(), made) for key, made in found.items()})


def others(built: Built, plan: Plan, *, is_readable: bool) -> Values:
    """The caller, where known, and the answers of further questions."""
    found: dict[str, st.SearchStrategy[Any]] = {}
    if built.plans.caller is not None:
        members = dict.fromkeys(built.plans.caller.keys, st.one_of(st.none(), st.text(max_size=3)))
        found["caller"] = st.one_of(st.just({}), st.fixed_dictionaries(members))
    for further in plan.questions:
        start = starts(built, further.question, is_readable=is_readable)
        start = start if further.over is None else start.map(_all)
        found[further.name] = start if further.seek is None else start.map(partial(_sought, further.seek))
    return st.fixed_dictionaries({}, optional=found)


def _sought(seek: Seek, start: Any) -> Any:
    """What a question stands at that seeks an element, or gathers of all of them."""
    found = values_at(start, *seek.each)
    return gathered(seek, found) if seek.every else found[0] if found else None


def _all(answer: dict[str, Any]) -> Any:
    return answer["all"]


def bound(request: RequestPlan) -> Values:
    """Values of the parameters, as binding could leave them: what the last step of each gives."""
    kinds = st.sampled_from(["company", "team"])
    found: dict[str, st.SearchStrategy[Any]] = {name: kinds for name in request.names if name.endswith(".kind")}
    found |= {param.name: _left_by(param) for param in request.params}
    return st.fixed_dictionaries({}, optional=found)


def _left_by(param: ParamPlan) -> st.SearchStrategy[Any]:
    last = param.steps[-1] if param.steps else None
    if isinstance(last, Converter):
        return st.sampled_from([made for _, made in last.examples])
    if isinstance(last, Table):
        return st.sampled_from([made for _, made in last.entries])
    return st.text(max_size=3) if last is None else st.integers(0, 50)


def given_to(built: Built, call: str, variant: Variant) -> st.SearchStrategy[tuple[Any, Any, Any]]:
    """All that a choice's answer is made from: the upstream's answer, the values bound, the other answers."""
    plan, request = built.plans.calls[call], built.trees[call].request

    def of(is_readable: bool) -> st.SearchStrategy[tuple[Any, Any, Any]]:
        start = starts(built, variant.question, is_readable=is_readable)
        each = st.lists(st.text(max_size=3), max_size=3) if variant.question.repeated else st.just(None)
        further = others(built, plan, is_readable=is_readable)
        return st.tuples(start, bound(request), further, each).map(_at_hand)

    return st.one_of(of(True), of(False))


def _at_hand(drawn: tuple[Any, Any, dict[str, Any], list[str] | None]) -> tuple[Any, Any, Any]:
    """The main answer and the repeated elements can be read as the answers of questions can."""
    start, values, further, each = drawn
    return start, values, {**further, "answer": start} | ({"each": each} if each is not None else {})


@lru_cache
def schema() -> Schema:
    """The upstream's schema."""
    loaded, findings = load_schema(TOP / "mappings" / "schema.graphql")
    assert loaded is not None, findings
    return loaded


@lru_cache
def compiled(folder: Path) -> Built:
    """A folder of mappings, compiled once."""
    return compile_folder(folder, schema(), TOP / "templates")


@pytest.mark.parametrize(("folder", "call"), CALLS, ids=IDS)
def test_reshape__any_answer_to_a_call__means_what_the_tree_means(folder: Path, call: str) -> None:
    """The generated function gives what the tree means, and so does the one that explains, which never fails."""
    built = compiled(folder)

    for variant in built.plans.calls[call].variants:
        compare(variant, built.trees[call].responses[variant.name], given_to(built, call, variant))


def compare(variant: Variant, tree: Members, given_: st.SearchStrategy[tuple[Any, Any, Any]]) -> None:
    """Hold the two functions of a choice to what its tree means."""

    @REAL
    @given(arguments=given_)
    def holds(arguments: tuple[Any, Any, Any]) -> None:
        made = outcome(variant.reshape, *arguments)
        explained_, unreadable = variant.explain(*arguments)

        assert made == outcome(meaning, tree, *arguments)
        assert bool(unreadable) == (made[0] == "raised")
        assert unreadable or exact(explained_) == made[1]

    holds()


def meaning(tree: Members, start: Any, values: dict[str, Any], others: dict[str, Any]) -> Any:
    """What a tree means."""
    return interpret(tree, Stand(start, values, others))


# --- trees at random -------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(tree=trees(), start=objects(2), values=VALUES_AT_HAND, others=OTHERS)
def test_reshape__any_tree_and_answer__means_what_the_tree_means(
    tree: Members, start: dict[str, Any], values: dict[str, Any], others: dict[str, Any]
) -> None:
    """Whatever a mapping could be made of, in either family, and whatever it is read from."""
    reshape, source = emit_reshape(tree, "random")

    made = outcome(reshape, start, values, others)

    assert made == outcome(meaning, tree, start, values, others), source


@settings(max_examples=50, deadline=None, suppress_health_check=SLOW)
@given(tree=trees(), start=objects(2))
def test_emit__same_tree__gives_the_same_source(tree: Members, start: dict[str, Any]) -> None:
    """Generated source is a function of the mapping alone."""
    assert emit_reshape(tree, "random")[1] == emit_reshape(tree, "random")[1]


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(tree=trees(), start=objects(2), values=VALUES_AT_HAND, others=OTHERS)
def test_explained__any_tree_and_answer__never_fails(
    tree: Members, start: dict[str, Any], values: dict[str, Any], others: dict[str, Any]
) -> None:
    """Where a value cannot be read the explaining function goes on; where all can, it gives what the tree means."""
    made, unreadable = explained(tree)(start, values, others)

    meant = outcome(meaning, tree, start, values, others)
    assert ("gave", exact(made)) == meant if not unreadable else meant[0] == "raised"


# --- requests --------------------------------------------------------------------------------------------------------

TEXTS = st.one_of(
    st.sampled_from(
        ["", "0", "1", "true", "False", "20", "0;20", "a;b", "ALL", "2008-09-09", "1589700120", "[", "null"]
    ),
    st.text(max_size=4),
)
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS, INSTANTS),
    lambda below: st.one_of(st.lists(below, max_size=2), st.dictionaries(TEXTS, below, max_size=2)),
    max_leaves=4,
)


def _or_json(made: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value, or its JSON text."""
    return st.one_of(made, made.map(json.dumps))


def taken(param: ParamPlan) -> st.SearchStrategy[Any]:
    """What a parameter takes."""
    if param.items:
        required = {below.name: taken(below) for below in param.items if below.required}
        optional = {below.name: taken(below) for below in param.items if not below.required}
        item = st.fixed_dictionaries(required, optional=optional)
        return _or_json(st.lists(item, min_size=1, max_size=2))
    if param.accepts:
        return st.sampled_from(param.accepts)
    first = param.steps[0] if param.steps else None
    if isinstance(first, Table):
        return st.sampled_from([text for text, _ in first.entries])
    if first is not None and isinstance(param.steps[-1], Table):
        return st.sampled_from([text for text, _ in param.steps[-1].entries])
    if isinstance(first, Converter):
        return st.sampled_from([example for example, _ in first.examples])
    return st.text(min_size=0 if param.keeps_empty else 1, max_size=4)


def sent(built: Built, call: str) -> st.SearchStrategy[tuple[dict[str, str], dict[str, Any]]]:
    """The parts of a path, and a bag of parameters: such as the call takes, or anything under any name."""
    request = built.trees[call].request
    parts = {param.name: taken(param) for param in request.params if param.source == "part"}
    return st.tuples(st.fixed_dictionaries(parts), st.one_of(welcome(request), anything(request)))


def welcome(request: RequestPlan) -> Values:
    """Parameters that the call takes, bare or in their holders, as objects or as JSON."""
    inside = [_held_or_bare(names, among(request, names[0])) for names in request.holders]
    return st.tuples(among(request, None), *inside).map(_joined)


def among(request: RequestPlan, holder: str | None) -> Values:
    """The parameters of one holder, or those of none: the required ones, and some of the others under some name."""
    params = [one for one in request.params if one.source == "param" and one.holder == holder]
    required = {one.names[0]: taken(one) for one in params if one.required}
    return st.fixed_dictionaries(required, optional={one.names[-1]: taken(one) for one in params if not one.required})


def _held_or_bare(names: tuple[str, ...], found: Values) -> Values:
    held = found.map(lambda members: {names[-1]: members})
    return st.one_of(held, held.map(lambda one: {name: json.dumps(below) for name, below in one.items()}), found)


def _joined(found: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {name: value for one in found for name, value in one.items()}


def anything(request: RequestPlan) -> Values:
    """Known and unknown parameters, with anything in them."""
    known = {name: st.one_of(taken(param), ANYTHING) for param in request.params for name in param.names}
    names = [name for names in request.holders for name in names]
    inside = _or_json(st.fixed_dictionaries({}, optional=known | {"unknown": ANYTHING}))
    known |= dict.fromkeys(names, st.one_of(inside, ANYTHING))
    unknown = dict.fromkeys(["unknown", "callback", ""], ANYTHING)
    return st.fixed_dictionaries({}, optional=known | unknown)


def binding(bind: Any, *arguments: Any) -> Any:
    """The values and warnings of a bind, or the refusal; no other failure."""
    warnings: list[str] = []
    try:
        values = bind(*arguments, warnings.append)
    except RequestError as error:
        return ("refused", error.message), None
    return ("gave", exact(values), warnings), values


@pytest.mark.parametrize(("folder", "call"), CALLS, ids=IDS)
def test_bind_and_write__any_request__mean_what_the_plan_means(folder: Path, call: str) -> None:
    """The same values and warnings or the same refusal, and the same variables; nothing else can come of a request."""
    built = compiled(folder)
    plan, tree = built.plans.calls[call], built.trees[call]
    answered = others(built, plan, is_readable=True)

    @settings(REAL, max_examples=80)
    @given(request=sent(built, call), others=answered)
    def holds(request: Any, others: dict[str, Any]) -> None:
        parts, params = request

        made, values = binding(plan.bind, parts, params)
        meant, _ = binding(lambda *arguments: interpret_bind(tree.request, *arguments), parts, params)

        assert made == meant
        for variant in plan.variants if values is not None else ():
            slots, repeated = tree.variables[variant.name].slots, variant.question.repeated
            meant = outcome(interpret_write, slots, repeated, values, others)
            assert outcome(variant.question.write, values, others) == meant

    holds()


def test_nothing__after_all_that_was_read__is_still_empty() -> None:
    """The empty object that generated code reads from is shared; nobody wrote into it."""
    assert dict(NOTHING) == {}
