"""Everything the mapping language must be able to say, compiled against the real schema and followed to the end.

A case is a folder under `hard/`: a small tree of mappings of one call, and `case.yaml` with its documents, its pages,
its other words, and for some requests what each gives: the values' way into variables, further questions, the answer's
way into a reply. A request has the rows that are kept and ordered, and the answers that something is sought in.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.emitted import dig
from app.errors import ProxyError, RequestError
from app.plan import FurtherQuestion, Plan, Variant
from app.run.ask import Told
from app.run.seek import stand_at
from tests.doubles import ERRORS

from .conftest import Compile

CASES = sorted(path.parent for path in (Path(__file__).parent / "hard").glob("*/case.yaml"))
REQUESTS = [
    (case, request)
    for case in CASES
    for request in yaml.safe_load((case / "case.yaml").read_text(encoding="utf-8"))["requests"]
]


def plan_of(case: Path, compiled: Compile) -> Plan:
    """The plan of a case's one call."""
    (plan,) = compiled(case / "mappings").plans.calls.values()
    return plan


def documents(plan: Plan) -> dict[str, str]:
    """The documents of a call by choice or question; a repeated one as it is for two elements."""
    asked = [(variant.name or "main", variant.question) for variant in plan.variants]
    asked += [(further.name, further.question) for further in plan.questions]
    return {
        name: question.render(2 if question.most > 1 else 1, frozenset(), with_caller=plan.asks_caller)
        for name, question in asked
    }


def pages(plan: Plan) -> dict[str, Any]:
    """How each choice or question walks its rows: paths and targets dotted, what is not there left out."""
    walked = [(variant.name or "main", asdict(variant.page)) for variant in plan.variants if variant.page]
    walked += [(further.name, asdict(further.page)) for further in plan.questions if further.page]
    return {
        name: {
            word: ".".join(value) if isinstance(value, tuple) else value
            for word, value in page.items()
            if value is not None and value is not False
        }
        for name, page in walked
    }


def words(plan: Plan) -> dict[str, Any]:
    """What else start-up hands to run time, without what is empty."""
    needs = [(variant.name or "main", variant.needs) for variant in plan.variants]
    needs += [(further.name, further.needs) for further in plan.questions]
    found = {
        "partial": plan.partial,
        "organizations": dict(plan.organizations),
        "people": list(plan.people),
        "optional": [further.name for further in plan.questions if further.is_optional],
        "after": [further.name for further in plan.questions if further.ask == "after"],
        "needs": {name: f"{'.'.join(one.at)} {one.status} {one.message}" for name, one in needs if one},
        "most": {variant.name or "main": one.most for variant in plan.variants if (one := variant.question).repeated},
    }
    return _without_empty(found)


def gives(plan: Plan, request: dict[str, Any]) -> dict[str, Any]:
    """All that a request gives, without what is empty."""
    warnings: list[str] = []
    try:
        values = plan.bind(request.get("parts", {}), request["params"], warnings.append)
    except RequestError as error:
        return {"refused": error.message}
    variant = next((variant for variant in plan.variants if variant.holds(values)), None)
    found: dict[str, Any] = {"warnings": warnings, "tenant": values.get(plan.tenant) if plan.tenant else None}
    if variant is None:
        return _without_empty(found | {"refused": plan.otherwise or plan.unavailable})
    others = {"answer": request.get("answer")} | request.get("others", {})
    sought = {name: _sought(plan, name, values, answer) for name, answer in request.get("sought_in", {}).items()}
    others |= {name: found for name, found in sought.items() if isinstance(found, dict)}
    found |= {"choice": variant.name, "variables": variant.question.write(values, others)}
    found["questions"] = {
        further.name: _asked(further, values, others, request.get("answer"))
        for further in plan.questions
        if further.holds(values)
    }
    found["sought"] = sought
    if "rows" in request:
        found["kept"] = [position for position, row in enumerate(request["rows"]) if _is_kept(variant, values, row)]
        found["ordered_by"] = _ordered_by(variant, values, request["rows"])
    if "answer" in request:
        found["reply"] = variant.reshape(request["answer"], values, others)
    return _without_empty(found)


def _asked(further: FurtherQuestion, values: dict[str, Any], others: dict[str, Any], answer: Any) -> Any:
    if further.over is None:
        return further.question.write(values, others)
    return [further.question.write(values, {**others, "each": one}) for one in dig(answer, *further.over)]


def _is_kept(variant: Variant, values: dict[str, Any], row: Any) -> bool:
    compared = [
        (keep, values[keep.param][keep.member] if keep.member else values[keep.param])
        for keep in variant.here.keeps
        if keep.param in values
    ]
    return all(keep.holds(row, wanted) for keep, wanted in compared if wanted is not None)


def _ordered_by(variant: Variant, values: dict[str, Any], rows: list[Any]) -> list[Any]:
    """What each row is ordered by, for the names that the request has, and their directions."""
    return [
        {f"{name} {direction}": [order.keys[name](row) for row in rows]}
        for order in variant.here.orders
        for name, direction in values.get(order.param, ())
    ]


def _sought(plan: Plan, name: str, values: dict[str, Any], answer: Any) -> Any:
    """Where a question stands in an answer, or the text of the error."""
    seek = next(further.seek for further in plan.questions if further.name == name)
    assert seek is not None
    try:
        return stand_at(seek, values, Told(answer, (), frozenset(), None), [], ERRORS).start
    except ProxyError as error:
        return f"{error.status} {error.message}"


def _without_empty(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name == "reply" or value not in (None, "", {}, [])}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_compile__hard_case__derives_exactly_its_documents(case: Path, compiled: Compile) -> None:
    """The documents of a call are what its rules read and write, and nothing else; its pages are walked as written."""
    expected = yaml.safe_load((case / "case.yaml").read_text(encoding="utf-8"))

    plan = plan_of(case, compiled)

    assert documents(plan) == expected.get("documents", {})
    assert pages(plan) == expected.get("pages", {})
    assert words(plan) == expected.get("words", {})


@pytest.mark.parametrize(
    ("case", "request_"), REQUESTS, ids=[f"{case.name}: {request['request']}" for case, request in REQUESTS]
)
def test_plan__request_of_a_hard_case__gives_exactly_what_is_expected(
    case: Path, request_: dict[str, Any], compiled: Compile
) -> None:
    """Variables, further questions, warnings and the reply, or the refusal, are what the case says, and no more."""
    plan = plan_of(case, compiled)

    found = gives(plan, request_)

    assert found == request_["gives"]


def test_hard_cases__folders__all_have_a_case() -> None:
    """No tree of mappings lies there without being compiled."""
    folders = {path for path in (Path(__file__).parent / "hard").iterdir() if path.is_dir()}

    assert set(CASES) == folders
