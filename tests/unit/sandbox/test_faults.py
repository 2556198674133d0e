"""Faults on demand: each kind spoils exactly the requests it was asked to."""

from typing import Any

import orjson
import pytest
from starlette.types import Message

from .conftest import Client, Clock

QUERY = "{ user { id name photoUrl } }"
SAY = 'mutation ($room: ID!) { createRoomStoryV2(input: {roomId: $room, message: "spoilt"}) { id message } }'


async def add(client: Client, kind: str, **fault: Any) -> None:
    await client.steer("POST", "faults", {"kind": kind, **fault})


@pytest.mark.parametrize(
    ("kind", "status", "message"),
    [
        ("429", 429, "Too Many Requests"),
        ("500", 500, "Internal Server Error"),
        ("502", 502, "Bad Gateway"),
        ("503", 503, "Service Unavailable"),
        ("expired_token", 401, "Authentication failed"),
    ],
)
async def test_fault__of_a_status__strikes_once(client: Client, kind: str, status: int, message: str) -> None:
    """The next request gets the status with a JSON message, the one after it is answered."""
    await add(client, kind)

    first, second = await client.send(QUERY), await client.send(QUERY)

    assert (first.status_code, first.json()) == (status, {"message": message})
    assert second.status_code == 200


@pytest.mark.parametrize("status", [200, 403])
async def test_fault__html__answers_a_page(client: Client, status: int) -> None:
    """A page instead of JSON, with 200 or 403."""
    await add(client, "html", status=status)

    response = await client.send(QUERY)

    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert response.text.startswith("<!DOCTYPE html>")


async def test_fault__garbage__breaks_off_the_json(client: Client) -> None:
    """The body arrives whole as far as HTTP knows, and is no JSON."""
    await add(client, "garbage")

    response = await client.send(QUERY)

    assert response.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        response.json()


async def test_fault__cut__sends_half_of_the_promised_body(client: Client) -> None:
    """The head promises the whole length, half of it is sent, and the application returns without an end."""
    await add(client, "cut")
    content = orjson.dumps({"query": QUERY})
    headers = [(b"authorization", f"Bearer {client.token}".encode())]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await client.app(scope, receive, send)

    promised = int(dict(sent[0]["headers"])[b"content-length"])
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[1]["more_body"] is True
    assert len(sent[1]["body"]) == promised // 2


async def test_fault__slow__waits_before_it_answers(client: Client, clock: Clock) -> None:
    """The answer is right and late."""
    await add(client, "slow", seconds=7.5)

    await client.data(QUERY)

    assert clock.slept == [7.5]


async def test_fault__scope_error__refuses_the_fields_named(client: Client) -> None:
    """Of the fields named, those that the query selects are refused; asked again, all is answered."""
    await add(client, "scope_error", fields=["CurrentUser.name", "Room.topic"])

    classification, message = await client.refusal(QUERY)

    assert classification == "ExecutionAborted"
    assert message.endswith("access: [CurrentUser.name].")
    await client.data(QUERY)


async def test_fault__scope_error_without_fields__refuses_one_that_is_selected(client: Client) -> None:
    """Without names, some field of the query is refused."""
    await add(client, "scope_error")

    _, message = await client.refusal(QUERY)

    assert message.partition("[")[2] in {"CurrentUser.name].", "CurrentUser.photoUrl].", "Query.user]."}


async def test_fault__partial__nulls_a_field_beside_the_rest(client: Client) -> None:
    """One nullable field fails; the rest of the data is there."""
    await add(client, "partial")

    body = await client.ask(QUERY)

    (error,) = body["errors"]
    assert body["data"]["user"]["id"] == client.world.cast.client_user
    assert body["data"]["user"]["name"] is None
    assert (error["message"], error["path"]) == ("Exception occurred", ["user", "name"])
    assert error["extensions"] == {"classification": "DataFetchingException"}


async def test_fault__partial_of_a_field__nulls_it_wherever_it_is(client: Client) -> None:
    """A named field fails in every place of the answer."""
    await add(client, "partial", fields=["Room.topic"])

    body = await client.ask("{ roomList(pagination: {first: 3}) { edges { node { id topic } } } }")

    assert [edge["node"]["topic"] for edge in body["data"]["roomList"]["edges"]] == [None] * 3
    assert len(body["errors"]) == 3


@pytest.mark.parametrize(("query", "data"), [(QUERY, {"user": None}), ("{ roomList { totalCount } }", None)])
async def test_fault__null_root__nulls_the_root_or_all(client: Client, query: str, data: Any) -> None:
    """A nullable root is null; a non-null one takes the whole data with it."""
    await add(client, "null_root")

    body = await client.ask(query)

    assert body["data"] == data
    assert body["errors"][0]["message"] == "Exception occurred"


async def test_fault__with_a_match__waits_for_its_query(client: Client) -> None:
    """A fault with a match lets other queries pass, as often as it takes."""
    await add(client, "500", match="roomList", times=2)

    statuses = [
        (await client.send(query)).status_code
        for query in (
            QUERY,
            "{ roomList { totalCount } }",
            QUERY,
            "{ roomList { totalCount } }",
            "{ roomList { totalCount } }",
        )
    ]

    assert statuses == [200, 500, 200, 500, 200]


async def test_faults__deleted__strike_no_more(client: Client) -> None:
    """Faults can be taken away."""
    await add(client, "500", times=100)

    await client.steer("DELETE", "faults")

    await client.data(QUERY)


@pytest.mark.parametrize("fault", [{}, {"kind": "fire"}, {"kind": "500", "often": 2}])
async def test_fault__unknown_wish__is_refused(client: Client, fault: dict[str, Any]) -> None:
    """A kind or key that does not exist is refused, so that no test believes in a fault that is not there."""
    response = await client.http.post("/_sandbox/faults", json=fault)

    assert response.status_code == 400


@pytest.mark.parametrize(
    ("fault", "count"),
    [
        ({"kind": "garbage"}, 1),
        ({"kind": "slow"}, 1),
        ({"kind": "502", "executed": True}, 1),
        ({"kind": "502"}, 0),
        ({"kind": "429"}, 0),
        ({"kind": "html"}, 0),
        ({"kind": "null_root"}, 0),
        ({"kind": "partial"}, 1),
    ],
    ids=str,
)
async def test_fault__on_a_mutation__either_happens_or_not_and_is_counted(
    client: Client, fault: dict[str, Any], count: int
) -> None:
    """Whether a spoilt mutation was carried out is certain, and the log knows it."""
    room = client.world.rooms[client.world.showcase.room_id]
    before = len(room.stories)
    await client.steer("POST", "faults", fault)

    await client.send(SAY, {"room": room.id})

    log = await client.steer("GET", "log")
    assert len(room.stories) - before == count
    assert log["mutations"].get("createRoomStoryV2", 0) == count
    assert log["requests"][-1]["fault"] == fault["kind"]
