"""Documents that the upstream would refuse are refused in its words, and nothing is executed."""

from typing import Any

import pytest

from .conftest import Client


def told(kind: str, text: str, path: str, line: int, column: int) -> dict[str, Any]:
    """A validation error as graphql-java writes it."""
    where = f" @ '{path}'" if path else ""
    return {
        "message": f"Validation error of type {kind}: {text}{where}",
        "locations": [{"line": line, "column": column}],
        "extensions": {"classification": "ValidationError"},
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ nothing }", told("FieldUndefined", "Field 'nothing' in type 'Query' is undefined", "nothing", 1, 3)),
        (
            "{ room(id: 4) { stories { edges { node { systemStory } } } } }",
            told(
                "FieldUndefined",
                "Field 'systemStory' in type 'RoomStory' is undefined",
                "room/stories/edges/node/systemStory", 1, 42,
            ),
        ),
        ("{ one: room { id } }", told("MissingFieldArgument", "Missing field argument id", "one", 1, 3)),
        (
            "{ room(id: 4) }",
            told("SubSelectionRequired", "Sub selection required for type Room of field room", "room", 1, 3),
        ),
        (
            "{ user { id { x } } }",
            told("SubSelectionNotAllowed", "Sub selection not allowed on leaf type ID of field id", "user/id", 1, 13),
        ),
        ("{ user(id: 4) { id } }", told("UnknownArgument", "Unknown field argument id", "user", 1, 8)),
        ("query ($a: ID) { user { id } }", told("UnusedVariable", "Unused variable a", "", 1, 8)),
        ("{ room(id: $a) { id } }", told("UndefinedVariable", "Undefined variable a", "room", 1, 12)),
        ("{ user { ...F } }", told("UndefinedFragment", "Undefined fragment F", "user", 1, 13)),
        ("{ user { id } } fragment F on Room { id }", told("UnusedFragment", "Unused fragment F", "F", 1, 17)),
        ("query ($a: Nope) { room(id: $a) { id } }", told("UnknownType", "Unknown type Nope", "", 1, 12)),
        (
            "query ($a: String) { room(id: $a) { id } }",
            told("VariableTypeMismatch", "Variable type 'String' doesn't match expected type 'ID!'", "room", 1, 31),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
async def test_document__with_a_fault__is_refused_in_the_words_of_graphql_java(
    client: Client, query: str, expected: dict[str, Any]
) -> None:
    """Kind, words, path and place of a fault are graphql-java's; there is no data."""
    body = await client.ask(query)

    assert body["errors"][0] == expected
    assert "data" not in body


async def test_document__null_for_a_required_argument__is_told_twice(client: Client) -> None:
    """The documented pair of errors for a null literal, at field and argument."""
    body = await client.ask("{\n  room(id: null) {\n    id\n  }\n}")

    assert body == {
        "errors": [
            told("NullValueForNonNullArgument", "null value for non-null field argument id", "room", 2, 3),
            told("WrongType", "argument 'id' with value 'NullValue{}' must not be null", "room", 2, 8),
        ]
    }


@pytest.mark.parametrize(
    "query",
    [
        "mutation { createRoom(input: {}) { id } }",
        "mutation { createMilestone(input: {}) { id } }",
        "{ companies(userId: 4) { company { public { id } } } }",
        "{ ontologyBrowserSkills(limit: 1) { id } }",
        "{ userDetails(id: 4) { ciphertext } }",
        "{ user { permissions { offset } } }",
    ],
)
async def test_document__using_what_only_the_seed_has__is_refused(client: Client, query: str) -> None:
    """What is marked as of the seed does not exist live."""
    body = await client.ask(query)

    assert "FieldUndefined" in body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"input": {"code": "a", "description": "b", "url": "c"}},
         "The variables input contains a field name 'url' that is not defined for input object type "
         "'AddTeamActivityRequest'"),
        ({"input": {"code": "a"}}, "Variable 'input' has coerced Null value for NonNull type or field 'description'"),
        ({}, "Variable 'input' has coerced Null value for NonNull type or field 'AddTeamActivityRequest!'"),
        ({"input": {"code": "a", "description": "b", "batchAssignment": "nope"}},
         "Variable 'input' has an invalid value at "),
    ],
    ids=["unknown", "absent", "none", "enum"],
)  # fmt: skip
async def test_variables__not_fitting__are_refused_without_data(
    client: Client, variables: dict[str, Any], message: str
) -> None:
    """A value that does not fit its type is a validation error, and nothing is executed."""
    query = "mutation ($input: AddTeamActivityRequest!) { addTeamActivity(orgId: 4, request: $input) { success } }"

    body = await client.ask(query, **variables)

    assert "data" not in body
    assert body["errors"][0]["message"].startswith(message)
    assert body["errors"][0]["extensions"] == {"classification": "ValidationError"}


async def test_text__that_is_no_document__is_a_syntax_error(client: Client) -> None:
    """Broken text is refused as graphql-java does."""
    (error,) = (await client.ask("{ user { id }"))["errors"]

    assert error["message"].startswith("Invalid Syntax : ")
    assert error["extensions"] == {"classification": "InvalidSyntax"}


async def test_operation__unknown_name__is_refused(client: Client) -> None:
    """The operation asked for has to be in the document."""
    headers = {"Authorization": f"Bearer {client.token}"}
    asked = {"query": "query a { user { id } } query b { user { nid } }"}

    unknown = await client.http.post("/graphql", json=asked | {"operationName": "c"}, headers=headers)
    known = await client.http.post("/graphql", json=asked | {"operationName": "b"}, headers=headers)

    assert unknown.json()["errors"][0]["message"] == "Unknown operation named 'c'."
    assert list(known.json()["data"]["user"]) == ["nid"]


async def test_introspection__usual__shows_the_live_schema(client: Client) -> None:
    """An ordinary introspection is answered, without the parts of the seed and without our mark."""
    query = '{ __type(name: "RoomStory") { fields { name } } __schema { directives { name } } }'

    data = await client.data(query)

    assert "systemStory" not in {field["name"] for field in data["__type"]["fields"]}
    assert "origin" not in {directive["name"] for directive in data["__schema"]["directives"]}


async def test_introspection__asking_twice__is_not_in_good_faith(client: Client) -> None:
    """The same list of a type asked for twice is refused, as the live server does."""
    query = '{ __type(name: "RoomFilter") { a: inputFields { name } b: inputFields { name } } }'

    assert await client.refusal(query) == (
        "BadFaithIntrospection",
        "This request is not asking for introspection in good faith - __Type.inputFields is present too often!",
    )


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"query": 4}', b'{"query": "{ user { id } }", "variables": []}x'])
async def test_body__that_is_no_question__is_a_bad_request(client: Client, body: bytes) -> None:
    """What is not a JSON object with a query does not reach GraphQL."""
    response = await client.http.post("/graphql", content=body)

    assert response.status_code == 400
    assert response.json()["message"].startswith("Bad Request")
