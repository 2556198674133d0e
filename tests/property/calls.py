"""The calls of the product and of the hard cases, compiled, and all that their answers are made from, at random."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from app.compile.build import Built, compile_folder
from app.compile.request import ParamPlan, RequestPlan
from app.compile.tree import Table
from app.converters import Converter
from app.emitted import values_at
from app.plan import Plan, Question, Seek, Variant, copy_key
from app.run.seek import gathered
from app.schema import Schema, load_schema

from .answers import answers

TOP = Path(__file__).resolve().parents[2]
#: the product's mappings, and those that say everything the language can say
FOLDERS = [TOP / "mappings", *sorted((TOP / "tests" / "unit" / "compile" / "hard").glob("*/mappings"))]
CALLS = [
    (folder, f"{path.parent.name}/{path.stem}") for folder in FOLDERS for path in sorted(folder.glob("*/[!_]*.yaml"))
]
IDS = [call if folder == FOLDERS[0] else folder.parent.name for folder, call in CALLS]

Values = st.SearchStrategy[dict[str, Any]]


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
