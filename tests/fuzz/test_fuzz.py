"""A bounded part of what `make fuzz` sends, and calls made from our own description."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from app.compile.build import Built
from app.openapi import openapi
from tests.asgi import send
from tests.conftest import ServiceOver
from tests.e2e.clients import Ids
from tests.e2e.processes import Running
from tests.fuzz.requests import requests, targets
from tests.fuzz.run import fuzz
from tests.raw import Answer, complaint

RAW = 1000
#: calls of each operation, by the description and against it
CASES = 8


def test_fuzz__raw_requests__are_each_answered_in_the_legacy_form(proxy: Running, built: Built, ids: Ids) -> None:
    """No fault of ours, no error of another form, no connection that hangs, whatever the bytes."""
    made = requests(targets(built.plans, ids.values), ids.token)

    tally = fuzz(proxy.port, made, RAW)

    assert (tally.findings, tally.sent) == ([], RAW)
    # It reaches calls, and not the door alone.
    assert min(tally.statuses["200"], tally.statuses["400"], tally.statuses["404"]) > RAW // 50


def test_fuzz__what_is_wrong__is_found() -> None:
    """The judge itself: each thing that must not be is named."""
    fine = {"content-type": "application/json", "x-upwork-error-code": "404", "x-upwork-error-message": "m"}
    body = b'{"error": {"status": 404, "code": 404}}'
    ours = fine | {"x-upwork-error-code": "500"}

    assert complaint(Answer(404, fine, body)) == ""
    assert complaint(Answer(404, {"content-type": "application/json"}, body)) == "the error headers are missing"
    assert complaint(Answer(404, fine, b"{}")) == "no legacy error"
    assert complaint(Answer(404, fine | {"content-type": "text/html"}, body)) == "content type 'text/html'"
    assert complaint(Answer(500, ours, body)) == "a fault of ours"
    assert complaint(Answer(204, fine, b"")) == "status 204"
    assert complaint(Answer(307, fine, b"")) == "status 307"
    assert complaint(Answer(200, fine, b"")) == "an empty body"


# --- by the description


@pytest.fixture(scope="module")
def description(proxy: Running, built: Built, ids: Ids) -> Any:
    """Our own OpenAPI, of the proxy that runs, with the parts of paths that the sandbox knows as examples."""
    found = openapi(built.plans)
    for path in found["paths"].values():
        for operation in path.values():
            for parameter in operation["parameters"]:
                if parameter["in"] == "path" and parameter["name"] in ids.values:
                    parameter["schema"]["enum"] = [ids.values[parameter["name"]]]
    schema = schemathesis.openapi.from_dict(found)
    schema.config.update(base_url=proxy.url)
    return schema


def test_description__every_operation__is_answered_as_it_says(description: Any, ids: Ids) -> None:
    """Statuses, types and bodies are those that the description lists, for parameters by it and against it."""
    told: list[str] = []
    count = 0
    for found in description.get_all_operations():
        operation = found.ok()
        valid = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        for cases in (valid, wrong):
            count += _try(cases, ids.token, told)

    assert told == []
    assert count > 300


def _try(cases: st.SearchStrategy[Any], token: str, told: list[str]) -> int:
    count = 0

    @seed(1)
    @settings(
        max_examples=CASES,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def call(case: Any) -> None:
        nonlocal count
        count += 1
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        headers = {name.lower(): values[0] for name, values in response.headers.items()}
        answer = Answer(response.status_code, headers, response.content)
        try:
            case.validate_response(
                response,
                checks=[
                    schemathesis.checks.CHECKS.get_one(name)
                    for name in ("status_code_conformance", "content_type_conformance", "response_schema_conformance",
                                 "response_headers_conformance")
                ],
            )  # fmt: skip
        except Exception as failure:
            told.append(f"{case.method} {case.path}: {failure}"[:500])
        if complaint(answer):
            told.append(f"{case.method} {case.path}: {complaint(answer)}")

    call()
    return count


# --- the description itself


def test_openapi__of_the_product__has_every_route(built: Built) -> None:
    """Each route of each call is there, with its parts and a body where it writes."""
    paths = openapi(built.plans)["paths"]

    for plan in built.plans.calls.values():
        for route in plan.routes:
            operation = paths["/" + "/".join(route.segments) + ".json"][route.method.lower()]
            parts = {segment[1:-1] for segment in route.segments if segment.startswith("{")}
            required = {one["name"] for one in operation["parameters"] if one["in"] == "path" and one["required"]}
            assert (operation["summary"], required) == (plan.about.title, parts)
            if route.method == "GET":
                named = {one.name for one in plan.about.params if not one.is_part and not one.holder}
                assert {one["name"] for one in operation["parameters"] if one["in"] == "query"} == named


async def test_openapi__served__is_that_of_the_command(service_over: ServiceOver, built: Built) -> None:
    """What is described is what is served."""
    reply = await send(service_over([]).app, "GET", "/heirloom/openapi.json")

    assert (reply.status, reply.json()) == (200, openapi(built.plans))
