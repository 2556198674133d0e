"""What a legacy call becomes, without asking anybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from graphql import parse, validate

from app.compile.build import Built
from app.errors import MethodError, RequestError, UnknownRouteError
from app.explain import Explanation, explain
from tests.asgi import send
from tests.conftest import ServiceOver
from tests.golden.cases import Case, Sent, golden_cases
from tests.upstream import Answer

ORG = "1104567890123456781"
ROOM = f"/api/messages/v3/{ORG}/rooms/r1.json"
Explain = Callable[..., Explanation]


@pytest.fixture
def explained(built: Built) -> Explain:
    """Explain a request over the product's mappings."""

    def run(method: str, target: str, body: bytes = b"", content_type: str = "") -> Explanation:
        return explain(built, method, target, body, content_type)

    return run


def test_explain__read__shows_mapping_document_variables_and_headers(explained: Explain) -> None:
    """Everything that would be asked, and where it comes from."""
    found = explained("GET", f"/api/messages/v3/{ORG}/rooms.xml?limit=2&returnUserRoles=1&colour=blue")

    assert (found.endpoint, found.title, found.choice) == ("messages/list_rooms", "Retrieve rooms information", "")
    assert found.file.endswith("mappings/messages/list_rooms.yaml")
    assert (found.format, found.variables) == ("xml", {"pagination": {"first": 2, "after": "0"}})
    assert found.values == {"company_id": ORG, "limit": 2, "returnUserRoles": True}
    assert found.warnings == ("parameter 'colour' is not known to this call and was ignored",)
    assert found.headers == {
        "Authorization": "Bearer <the caller's token>",
        "Content-Type": "application/json",
        "X-Upwork-API-TenantId": f"<organisation of '{ORG}'>",
    }
    assert found.paging == "up to 120 rows a question, up to 10 questions a call"
    assert [name for name, _ in found.sources] == ["bind", "write", "reshape", "typed"]


@pytest.mark.parametrize(
    ("body", "choice", "root"),
    [(b'{"isReadOnly": true}', "archive", "archiveRoom"), (b'{"roomName": "Bath"}', "update", "updateRoomV2")],
)
def test_explain__call_with_choices__shows_the_one_that_is_meant(
    explained: Explain, body: bytes, choice: str, root: str
) -> None:
    """Which operation a body means, and only its code."""
    found = explained("PUT", ROOM, body, "application/json")

    assert (found.choice, root in found.document) == (choice, True)
    assert [name for name, _ in found.sources] == ["bind", f"write {choice}", f"reshape {choice}"]


def test_explain__method_override__is_followed(explained: Explain) -> None:
    """A form that says `http_method=put` is explained as what it means."""
    found = explained("post", ROOM, b"roomName=Bath&http_method=put", "application/x-www-form-urlencoded")

    assert found.choice == "update"


def test_explain__repeated_call__shows_a_copy_an_element(explained: Explain) -> None:
    """The document is the one for this list."""
    body = b'{"rooms": ["a", "b"], "message": "hi"}'

    found = explained("POST", f"/api/messages/v3/{ORG}/stories/batch.json", body)

    assert found.variables == {
        "input_0": {"roomId": "a", "message": "hi"},
        "input_1": {"roomId": "b", "message": "hi"},
    }
    assert ("r0: createRoomStoryV2" in found.document, "r2:" in found.document) == (True, False)


@pytest.mark.parametrize(
    ("method", "target", "body", "error", "text"),
    [
        ("GET", "/api/nothing.json", b"", UnknownRouteError, "not an API call"),
        ("DELETE", ROOM, b"", MethodError, "use GET, PUT"),
        ("GET", f"/api/messages/v3/{ORG}/rooms.json?limit=0", b"", RequestError, "Parameter 'limit'"),
        ("PUT", ROOM, b"{}", RequestError, "give roomName, topic or isReadOnly"),
        ("PUT", ROOM, b"{", RequestError, "not well-formed JSON"),
        ("GET", "/api/a%00b.json", b"", RequestError, "control characters"),
    ],
)
def test_explain__request_that_is_refused__is_refused_alike(
    explained: Explain, method: str, target: str, body: bytes, error: type[RequestError], text: str
) -> None:
    """What the call itself would refuse is refused with the same words."""
    with pytest.raises(RequestError, match=text) as caught:
        explained(method, target, body, "application/json")

    assert type(caught.value) is error


def test_as_json__explanation__is_plain_json(explained: Explain) -> None:
    """The command line and the console print it."""
    found = explained("GET", "/api/hr/v2/engagements.json?page=20;10").as_json()

    assert json.loads(json.dumps(found)) == found
    assert set(found) == set(Explanation.__dataclass_fields__)


def first_questions() -> list[tuple[Case, Sent, dict[str, Any]]]:
    """The golden cases of one request that is asked about at once, without a look-up of its organisation."""
    found = []
    for case in golden_cases():
        requests, questions = case.requests(), case.questions()
        if len(requests) == 1 and questions and not questions[0]["query"][0].startswith("query _tenants"):
            found.append((case, requests[0], questions[0]))
    return found


def operation_name(line: str) -> str:
    """The name in the first line of a document."""
    return line.split()[1].partition("(")[0]


EXPLAINED = first_questions()


@pytest.mark.parametrize(("case", "sent", "question"), EXPLAINED, ids=[str(case) for case, _, _ in EXPLAINED])
async def test_explain__golden_case__says_what_is_really_asked(
    explained: Explain, built: Built, case: Case, sent: Sent, question: dict[str, Any]
) -> None:
    """The document and variables told are the first ones asked; what is asked before them is told beside them."""
    kind = next((text for name, text in sent.headers.items() if name.lower() == "content-type"), "")
    path = "&".join(part for part in sent.path.split("&") if not part.startswith("access_token"))

    found = explained(sent.method, path, sent.body, kind)

    assert validate(built.schema.raw, parse(found.document)) == []
    before = {one.question.name for one in built.plans.calls[found.endpoint].questions if one.ask == "before"}
    if operation_name(question["query"][0]) in before:
        # What the main question is asked with stands in the answer to this one.
        assert question["query"] in [document.splitlines() for _, document in found.further]
        return
    assert (found.document.splitlines(), found.variables) == (question["query"], question["variables"])


async def test_explain__never__asks_anybody(explained: Explain, service_over: ServiceOver) -> None:
    """What a reader tries out has no effect; the call itself then asks exactly that."""
    service = service_over([Answer({"data": {"updateRoomV2": {"id": "r1"}}})])
    body = b'{"roomName": "Bath"}'
    found = explained("PUT", ROOM, body, "application/json")
    asked_before = len(service.upstream.requests)

    await send(service.app, "PUT", ROOM, {"Authorization": "Bearer t"}, body)

    assert asked_before == 0
    assert service.upstream.questions == [{"query": found.document, "variables": found.variables}]
