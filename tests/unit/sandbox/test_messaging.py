"""Changing rooms: every mutation is seen by a later read, and what the upstream would refuse is refused."""

from typing import Any

import pytest

from .conftest import Client

READ = """query ($id: ID!) { room(id: $id) {
  id roomName topic roomType readOnly numUsers numUnread owner { user { id } }
  roomUsers { user { id } role } latestStory { id message } } }"""
SAY = """mutation ($room: ID!, $text: String) {
  createRoomStoryV2(input: {roomId: $room, message: $text}) { id message createdDateTime } }"""
CREATE = "mutation ($input: RoomCreateInputV2!) { createRoomV2(input: $input) { id roomName roomType topic } }"
UPDATE = "mutation ($input: RoomUpdateInputV2) { updateRoomV2(input: $input) { id roomName topic readOnly } }"
ARCHIVE = "mutation ($room: ID!) { archiveRoom(roomId: $room) { id readOnly } }"


@pytest.fixture
def room_id(client: Client) -> str:
    return client.world.showcase.room_id


async def read(client: Client, room_id: str) -> dict[str, Any]:
    room: dict[str, Any] = (await client.data(READ, id=room_id))["room"]
    return room


def stranger_to_the_client(client: Client) -> str:
    """A freelancer the client user has no one-on-one room with."""
    world, me = client.world, client.world.cast.client_user
    return next(one for one in world.profiles if world.one_on_one(me, one, world.cast.main_company) is None)


async def test_create_story__later_reads__see_it_everywhere(client: Client, room_id: str) -> None:
    """A new story is the room's latest, moves the room to the top, and is unread for the others only."""
    said = (await client.data(SAY, room=room_id, text="Hello"))["createRoomStoryV2"]

    room = await read(client, room_id)
    top = (await client.data("{ roomList(pagination: {first: 1}) { edges { node { id } } } }"))["roomList"]["edges"]
    other = client.world.rooms[room_id].members[client.world.showcase.room_member_id]
    assert room["latestStory"] == {"id": said["id"], "message": "Hello"}
    assert room["numUnread"] == 0
    assert top == [{"node": {"id": room_id}}]
    assert other.unread > 0


async def test_create_story__twice__makes_two_with_rising_times(client: Client, room_id: str) -> None:
    """Each story has its own id and a later time; the log counts both."""
    first = (await client.data(SAY, room=room_id, text="one"))["createRoomStoryV2"]
    second = (await client.data(SAY, room=room_id, text="two"))["createRoomStoryV2"]

    assert first["id"] != second["id"]
    assert first["createdDateTime"] < second["createdDateTime"]
    assert (await client.steer("GET", "log"))["mutations"] == {"createRoomStoryV2": 2}


async def test_create_story__second_of_a_batch_fails__nulls_all_data_but_keeps_the_first(
    client: Client, room_id: str
) -> None:
    """The root is non-null: one bad room nulls the whole data, although the other story was made."""
    query = """mutation ($a: ID!, $b: ID!) {
      one: createRoomStoryV2(input: {roomId: $a, message: "batch"}) { id }
      two: createRoomStoryV2(input: {roomId: $b, message: "batch"}) { id } }"""

    body = await client.ask(query, a=room_id, b="room_unknown")

    assert body["data"] is None
    assert [error["path"] for error in body["errors"]] == [["two"]]
    assert (await read(client, room_id))["latestStory"]["message"] == "batch"


async def test_create_room__group__has_its_members(client: Client) -> None:
    """A group room belongs to its maker and holds the users given."""
    user, org = client.world.showcase.room_member_id, client.world.cast.main_company
    wish = {"roomName": "New", "topic": "t", "roomType": "GROUP", "users": [{"userId": user, "organizationId": org}]}

    made = (await client.data(CREATE, input=wish))["createRoomV2"]

    room = await read(client, made["id"])
    me = client.world.cast.client_user
    assert (room["roomName"], room["topic"], room["numUsers"]) == ("New", "t", 2)
    assert room["owner"] == {"user": {"id": me}}
    assert room["roomUsers"] == [{"user": {"id": me}, "role": "OWNER"}, {"user": {"id": user}, "role": "MEMBER"}]


async def test_create_room__one_on_one__makes_both_admins_and_nobody_owner(client: Client) -> None:
    """In a one-on-one room both are admins whatever role is asked for; asking again gives the same room."""
    other = stranger_to_the_client(client)
    wish = {
        "roomType": "ONE_ON_ONE",
        "users": [{"userId": other, "organizationId": client.world.cast.main_company, "role": "GUEST"}],
    }

    first = (await client.data(CREATE, input=wish))["createRoomV2"]
    second = (await client.data(CREATE, input=wish))["createRoomV2"]

    room = await read(client, first["id"])
    assert second == first
    assert room["owner"] is None
    assert [member["role"] for member in room["roomUsers"]] == ["ADMIN", "ADMIN"]


@pytest.mark.parametrize("count", [0, 2])
async def test_create_room__one_on_one_without_exactly_one_other__is_refused(client: Client, count: int) -> None:
    """A one-on-one room takes exactly one other user."""
    org = client.world.cast.main_company
    users = [{"userId": user_id, "organizationId": org} for user_id in list(client.world.profiles)[:count]]

    classification, message = await client.refusal(CREATE, input={"roomType": "ONE_ON_ONE", "users": users})

    assert classification == "DataFetchingException"
    assert "exactly one other user" in message


async def test_one_on_one_if_not_exists__twice__is_one_room(client: Client) -> None:
    """`roomCreate1on1IfNotExists` makes the room once; `oneOnOneRoom` then finds it."""
    other, org = stranger_to_the_client(client), client.world.cast.main_company
    make = "mutation ($user: ID!, $org: ID!) { roomCreate1on1IfNotExists(userId: $user, orgId: $org) { id } }"
    find = "query ($user: ID!, $org: ID!) { oneOnOneRoom(userId: $user, organizationId: $org) { id } }"

    first = (await client.data(make, user=other, org=org))["roomCreate1on1IfNotExists"]
    second = (await client.data(make, user=other, org=org))["roomCreate1on1IfNotExists"]

    assert first == second == (await client.data(find, user=other, org=org))["oneOnOneRoom"]


async def test_update_room__name_and_topic__are_read_back(client: Client, room_id: str) -> None:
    """What is given changes, what is not stays."""
    before = await read(client, room_id)

    await client.data(UPDATE, input={"roomId": room_id, "roomName": "Renamed"})
    renamed = await read(client, room_id)
    await client.data(UPDATE, input={"roomId": room_id, "topic": "Another"})

    assert (renamed["roomName"], renamed["topic"]) == ("Renamed", before["topic"])
    assert (await read(client, room_id))["topic"] == "Another"


async def test_archive__room__is_read_only_until_reopened(client: Client, room_id: str) -> None:
    """An archived room takes no stories and no names; opening it again is allowed."""
    assert (await client.data(ARCHIVE, room=room_id))["archiveRoom"]["readOnly"] is True
    assert (await read(client, room_id))["readOnly"] is True
    assert await client.refusal(SAY, room=room_id, text="Hello") == ("BAD_REQUEST", "Room is read only")
    assert (await client.refusal(UPDATE, input={"roomId": room_id, "roomName": "x"}))[0] == "BAD_REQUEST"

    await client.data(UPDATE, input={"roomId": room_id, "readOnly": False})

    assert (await client.data(SAY, room=room_id, text="Hello"))["createRoomStoryV2"]["message"] == "Hello"


async def test_update_story__own__changes_its_words(client: Client, room_id: str) -> None:
    """The author can reword a story; nobody else can."""
    story = (await client.data(SAY, room=room_id, text="Helo"))["createRoomStoryV2"]["id"]
    change = """mutation ($room: ID!, $story: ID!) {
      updateRoomStoryV2(input: {roomId: $room, storyId: $story, message: "Hello"}) { status } }"""
    foreign = next(
        one for one in client.world.rooms[room_id].stories if one.user_id == client.world.showcase.room_member_id
    )

    assert (await client.data(change, room=room_id, story=story))["updateRoomStoryV2"] == {"status": "OK"}
    assert (await client.refusal(change, room=room_id, story=foreign.id))[0] == "FORBIDDEN"

    assert (await read(client, room_id))["latestStory"]["message"] == "Hello"


async def test_members__added_and_removed__come_and_go(client: Client, room_id: str) -> None:
    """A user added is a member until removed, and sees the room meanwhile."""
    org = client.world.cast.main_company
    user = next(one for one in client.world.users if one not in client.world.rooms[room_id].members)
    add = "mutation ($room: ID!, $users: [RoomUserInput!]!) { addUserToRoom(roomId: $room, roomUsers: $users) }"
    remove = (
        "mutation ($room: ID!, $user: ID!, $org: ID!) { removeUserFromRoom(roomId: $room, userId: $user, orgId: $org) }"
    )
    before = (await read(client, room_id))["numUsers"]

    await client.data(add, room=room_id, users=[{"userId": user, "organizationId": org}])
    assert (await read(client, room_id))["numUsers"] == before + 1
    assert client.world.rooms[room_id] in client.world.rooms_by_member[user]

    await client.data(remove, room=room_id, user=user, org=org)
    assert (await read(client, room_id))["numUsers"] == before
    assert client.world.rooms[room_id] not in client.world.rooms_by_member[user]


@pytest.mark.parametrize(
    "query",
    [
        'mutation { createRoomStoryV2(input: {roomId: "4", message: "x"}) { id } }',
        'mutation { updateRoomV2(input: {roomId: "4", topic: "x"}) { id } }',
        'mutation { archiveRoom(roomId: "4") { id } }',
        'mutation { updateRoomStoryV2(input: {roomId: "4", storyId: "5", message: "x"}) { status } }',
        'mutation { addUserToRoom(roomId: "4", roomUsers: []) }',
        'mutation { removeUserFromRoom(roomId: "4", userId: "5", orgId: "6") }',
        'mutation { createRoomV2(input: {roomType: GROUP, users: [{userId: "4", organizationId: "5"}]}) { id } }',
    ],
)
async def test_mutation__unknown_id__is_not_found_and_not_counted(client: Client, query: str) -> None:
    """A mutation on nothing is an error, and the log has no mutation carried out."""
    assert (await client.refusal(query))[0] == "NOT_FOUND"
    assert (await client.steer("GET", "log"))["mutations"] == {}
