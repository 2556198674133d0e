"""Each direct row of the eleven areas beside messages and contracts holds what stands at its path upstream.

As test_rows.py: against random upstream data, what is expected computed from the contract's own paths.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from graphql import DocumentNode, parse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from app.assemble import assemble
from app.compile.build import Built
from app.settings import Settings
from app.web.app import create_app
from tests.asgi import send
from tests.conformance.areas import CASES, Case, Other, Read
from tests.conformance.contracted import contract, direct_rows, first_values, is_read_at, members_at, values_at
from tests.conformance.forms import FAMILIES
from tests.conformance.test_rows import CALLS
from tests.conformance.worlds import WorldUpstream, worlds
from tests.doubles import Events

EXAMPLES = hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def in_truth(case: Case, printed: str) -> str:
    """A printed path as the upstream has it."""
    path = printed.removeprefix("query.")
    for old, new in case.prefix:
        if path.startswith(old):
            return new + path.removeprefix(old)
    return path


def reads_of(case: Case, row: str, printed: str) -> tuple[Read, ...]:
    """Where a row stands in the answer, and what it is read from."""
    if row in case.others:
        return case.others[row].reads
    at = case.moved.get(row) or (f"{case.at}.{row}" if case.at else row)
    return (Read(at, (in_truth(case, printed),), case.forms.get(row)),)


# --- the table is right


def test_rows__direct_ones__are_all_held() -> None:
    """Every direct row that an answer of the contract has is one of these, or of messages and contracts."""
    held = {case.call for case in CASES} | {call.id for call in CALLS}

    assert {call for call in contract() if direct_rows(call, "response")} == held
    assert sum(len(direct_rows(call, "response")) for call in held) == 398


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rows__printed_path__is_read_unless_named_here(case: Case, built: Built) -> None:
    """A row is read at its printed path, or the table says where and why; what it says of the schema is so."""
    schema, rows = built.schema.raw, direct_rows(case.call, "response")

    lacking = {row for row, printed in rows.items() if not is_read_at(schema, in_truth(case, printed))}

    assert set(case.others) | set(case.forms) | set(case.moved) <= set(rows)
    assert set(case.others) & (set(case.forms) | set(case.moved)) == set()
    assert {row for row, other in case.others.items() if other.lacks} == lacking
    reads = [read for other in case.others.values() for read in other.reads]
    assert [path for read in reads for path in read.paths if not is_read_at(schema, path)] == []
    assert [row for row, other in case.others.items() if not (other.reads or other.made)] == []


# --- what is expected


def expected(case: Case, read: Read, world: dict[str, Any], built: Built) -> Any:
    """What the answer must hold for a member."""
    family, null = FAMILIES[case.family]
    found = first_values([values_at(built.schema.raw, world, path) for path in read.paths])
    if case.is_one:
        found = found[0]
    if case.is_flat:
        found = flat(found)
    return written(read.form or family, found, null)


def flat(found: list[Any]) -> list[Any]:
    """Lists in a list as one."""
    return [one for each in found for one in (each if isinstance(each, list) else [each])]


def written(form: Any, found: Any, null: Any) -> Any:
    """A value, or every value of lists in lists, as the legacy API wrote it."""
    return [written(form, one, null) for one in found] if isinstance(found, list) else form(found, null)


def expectations(case: Case, world: dict[str, Any], built: Built) -> dict[str, Any]:
    """What the answer must hold, by place."""
    rows = direct_rows(case.call, "response")
    reads = [read for row, printed in rows.items() for read in reads_of(case, row, printed)]
    made = {at: make(world) for row in rows for at, make in case.others.get(row, Other("")).made.items()}
    return {read.at: expected(case, read, world, built) for read in reads} | made


# --- the test


def documents(case: Case, built: Built) -> list[DocumentNode]:
    """Everything that a call may ask, and who a credential sees."""
    plan = built.plans.calls[case.call]
    variant = next(one for one in plan.variants if one.name == case.choice)
    directory = built.plans.directory
    questions = [variant.question, *(one.question for one in plan.questions)]
    questions += [directory.variants[0].question] if directory else []
    return [
        parse(one.render(1, frozenset(), with_caller=one.kind == "query" and one is variant.question))
        for one in questions
    ]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rows__any_upstream_data__are_answered_as_the_contract_maps_them(
    case: Case, built: Built, settings: Settings
) -> None:
    """Every direct row of a call holds what stands at its path, in the form of its family."""
    _, null = FAMILIES[case.family]

    @EXAMPLES
    @given(worlds(built.schema.raw, *documents(case, built)))
    def holds(world: dict[str, Any]) -> None:
        end_pages(world)
        if case.arrange is not None:
            case.arrange(world)

        body = served(case, built, settings, world)

        wanted = expectations(case, world, built)
        assert {at: members_at(body, at.split("."), case.boxes, null) for at in wanted} == wanted

    holds()


def end_pages(here: Any) -> None:
    """No page leads to another: each question brings all there is."""
    if isinstance(here, list):
        for one in here:
            end_pages(one)
    elif isinstance(here, dict):
        if "hasNextPage" in here:
            here["hasNextPage"] = False
        for one in here.values():
            end_pages(one)


def served(case: Case, built: Built, chosen: Settings, world: dict[str, Any]) -> dict[str, Any]:
    """The answer of the whole service over an upstream that holds the world."""
    app = create_app(assemble(chosen, built.plans, transport=WorldUpstream(built.schema.raw, world), observer=Events()))
    headers = {"Authorization": "Bearer oauth2v2_x", "Content-Type": "application/json"}
    body = json.dumps(case.body).encode() if case.body else b""
    reply = asyncio.run(send(app, case.method, case.target.replace("{rows}", str(rows_of(case, world))), headers, body))
    assert reply.status == 200, reply.body
    answer: dict[str, Any] = reply.json()
    return answer


def rows_of(case: Case, world: dict[str, Any]) -> int:
    """How many rows to ask for, so that the first page is the whole window."""
    here: Any = world
    for step in case.window:
        here = (here or {}).get(step)
    return max(len(here or ()), 1)
