"""The generated code and its plain meaning are the same: for the product's own calls, for the hard cases, at random."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.compile.build import Built
from app.compile.emit import emit_reshape
from app.compile.interpret import Stand, explained, interpret
from app.compile.interpret_request import interpret_bind, interpret_write
from app.compile.request import ParamPlan, RequestPlan
from app.compile.tree import Members, Table
from app.converters import Converter
from app.emitted import NOTHING
from app.errors import RequestError
from app.plan import Variant

from .answers import INSTANTS
from .calls import CALLS, IDS, Values, compiled, given_to, others
from .outcomes import exact, outcome
from .trees import OTHERS, VALUES_AT_HAND, objects, trees

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
REAL = settings(max_examples=50, deadline=None, suppress_health_check=SLOW)

# --- answers of real calls -------------------------------------------------------------------------------------------


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
        # What was read of a request counts for equal ones that come later.
        assert binding(plan.bind, parts, params)[0] == made
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
