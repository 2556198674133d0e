"""Every recorded request becomes exactly the recorded questions, and their answers exactly the recorded reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import GraphQLResolveInfo, parse, validate
from graphql.execution import execute_sync

from app.compile.build import Built
from tests.asgi import send
from tests.conftest import ServiceOver
from tests.golden.cases import FILES, HERE, Case, golden_cases, recorded_questions, recorded_reply

CASES = golden_cases()


@pytest.fixture
def is_update(request: pytest.FixtureRequest) -> bool:
    """Whether questions and replies are to be written anew."""
    return bool(request.config.getoption("--update-golden"))


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_service__recorded_request__gives_recorded_reply(
    case: Case, service_over: ServiceOver, is_update: bool
) -> None:
    """A legacy request becomes exactly the recorded questions, and their answers exactly the recorded reply."""
    service = service_over(case.answers())

    replies = [await send(service.app, one.method, one.path, one.headers, one.body) for one in case.requests()]

    questions, reply = recorded_questions(service.upstream.requests), recorded_reply(replies[-1])
    assert service.upstream.left == [], "answers that nobody asked for"
    assert reply["status"] != 500, service.events.all
    if is_update:
        case.write(questions, reply)
    assert questions == case.questions()
    assert reply == case.reply()


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_service__recorded_request__asks_with_the_callers_own_token(
    case: Case, service_over: ServiceOver
) -> None:
    """Every question of a request carries the token of that request and no other."""
    service = service_over(case.answers())
    own = []

    for one in case.requests():
        asked = len(service.upstream.requests)
        await send(service.app, one.method, one.path, one.headers, one.body)
        own += [_token(one.headers, one.path)] * (len(service.upstream.requests) - asked)

    assert service.upstream.tokens == own


@pytest.mark.parametrize("case", CASES, ids=str)
def test_answers__recorded__are_what_the_schema_gives_for_the_questions(case: Case, built: Built) -> None:
    """An invented answer has exactly the fields that were asked, with values of their types; so have the variables."""
    for question, answer in zip(case.questions(), case.answers(), strict=True):
        document = parse("\n".join(question["query"]))
        assert validate(built.schema.raw, document) == []
        given = answer.body.get("data") if isinstance(answer.body, dict) else None

        variables = question["variables"]
        found = execute_sync(
            built.schema.raw, document, given or {}, variable_values=variables, field_resolver=_as_given
        )

        problems = [error for error in found.errors or () if given is not None or "Variable" in error.message]
        assert problems == []
        if given is not None:
            assert found.data == given


def test_cases__walked__leave_no_call_without_one(built: Built) -> None:
    """Every call of every area that has cases at all has at least one."""
    areas = {case.call.partition("/")[0] for case in CASES}

    without = {call for call in built.plans.calls if call.partition("/")[0] in areas} - {case.call for case in CASES}

    assert without == set()


def test_cases__walked__are_whole() -> None:
    """A case has its four files and nothing beside them."""
    folders = {path.parent for path in HERE.glob("*/*/*/*")}

    torn = {str(folder): files for folder in folders if (files := {path.name for path in folder.iterdir()}) != FILES}

    assert torn == {}


def _as_given(source: Mapping[str, Any], info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    """The value as the answer has it, under the alias where there is one."""
    return source.get(str(info.path.key))


def _token(headers: Mapping[str, str], path: str) -> str:
    given = {name.lower(): text for name, text in headers.items()}.get("authorization")
    return given or f"Bearer {path.partition('access_token=')[2].partition('&')[0]}"
