"""Reading rooms and stories: who sees what, filters, order, pages and the upstream's quirks."""

import timeit
from typing import Any

import pytest

from app.sandbox.instants import iso_z
from app.sandbox.records.messages import Room
from app.sandbox.resolvers.fields import Call
from app.sandbox.resolvers.rooms import room_list

from .conftest import Client

LIST = """query ($filter: RoomFilter, $pagination: Pagination, $sortOrder: SortOrder) {
  roomList(filter: $filter, pagination: $pagination, sortOrder: $sortOrder) {
    totalCount pageInfo { endCursor hasNextPage }
    edges { node { id roomType numUnread favorite hidden public readOnly latestStory { createdDateTime } } }
  }
}"""
STORIES = """query ($room: ID!, $filter: StoryFilter) {
  room(id: $room) { stories(filter: $filter) {
    totalCount pageInfo { endCursor hasNextPage } edges { cursor node { id createdDateTime message } } } }
}"""


def own_rooms(client: Client) -> list[Room]:
    cast = client.world.cast
    mine = client.world.rooms_by_member[cast.client_user]
    return [room for room in mine if room.members[cast.client_user].organization_id == cast.main_company]


async def listed(client: Client, **filter_: Any) -> list[dict[str, Any]]:
    """All rooms that a filter lets through, page by page until nothing new comes."""
    nodes: list[dict[str, Any]] = []
    after = "0"
    while True:
        page = (await client.data(LIST, filter=filter_, pagination={"first": 500, "after": after}))["roomList"]
        nodes += [edge["node"] for edge in page["edges"]]
        if not page["edges"] or page["pageInfo"]["endCursor"] == after:
            return nodes
        after = page["pageInfo"]["endCursor"]


async def test_room_list__more_rooms_than_fit__gives_120_and_never_a_next_page(client: Client) -> None:
    """Whatever `first` says, a page has 120 rooms at most, and `hasNextPage` is false although more follow."""
    page = (await client.data(LIST, pagination={"first": 987}))["roomList"]

    assert len(page["edges"]) == 120
    assert page["pageInfo"] == {"endCursor": "120", "hasNextPage": False}
    assert page["totalCount"] == len(own_rooms(client)) >= 130


async def test_room_list__paged_to_the_end__gives_every_room_once(client: Client) -> None:
    """Following `endCursor` until it no longer moves finds all rooms of the user in the tenant."""
    ids = [node["id"] for node in await listed(client)]

    assert sorted(ids) == sorted(room.id for room in own_rooms(client))


async def test_room_list__no_order__puts_latest_activity_first(client: Client) -> None:
    """Rooms come by their latest activity, newest first; ASC turns that round."""
    newest_first = (await client.data(LIST, pagination={"first": 30}))["roomList"]["edges"]
    oldest_first = (await client.data(LIST, pagination={"first": 30}, sortOrder="ASC"))["roomList"]["edges"]

    def moments(edges: list[dict[str, Any]]) -> list[str]:
        return [edge["node"]["latestStory"]["createdDateTime"] for edge in edges if edge["node"]["latestStory"]]

    assert moments(newest_first) == sorted(moments(newest_first), reverse=True)
    assert moments(oldest_first) == sorted(moments(oldest_first))


@pytest.mark.parametrize(
    ("filter_", "claim"),
    [
        ({"roomType_eq": "GROUP"}, lambda node: node["roomType"] == "GROUP"),
        ({"roomType_eq": "INTERVIEW"}, lambda node: node["roomType"] == "INTERVIEW"),
        ({"roomCategory_eq": "PEOPLE"}, lambda node: node["roomType"] == "ONE_ON_ONE"),
        ({"roomCategory_eq": "FAVORITES"}, lambda node: node["favorite"]),
        ({"unreadRoomsOnly_eq": True}, lambda node: node["numUnread"] > 0),
        ({"includeHidden_eq": False}, lambda node: not node["hidden"]),
        ({"roomPrivacy_eq": "PRIVATE"}, lambda node: not node["public"]),
    ],
    ids=["group", "interview", "people", "favorites", "unread", "shown", "private"],
)
async def test_room_list__filter__gives_exactly_the_rooms_it_means(
    client: Client, filter_: dict[str, Any], claim: Any
) -> None:
    """A filter keeps all rooms it is true of, and no other."""
    everything = await listed(client)

    found = await listed(client, **filter_)

    assert found == [node for node in everything if claim(node)]
    assert 0 < len(found) < len(everything) or "roomPrivacy_eq" in filter_


async def test_room_list__not_subscribed__gives_public_rooms_of_others(client: Client) -> None:
    """Without subscription, the rooms are the public ones of the organization that the user is not in."""
    found = await listed(client, subscribed_eq=False)

    assert found
    assert all(node["public"] for node in found)
    assert not {node["id"] for node in found} & {room.id for room in own_rooms(client)}


@pytest.mark.parametrize("form", ["iso", "epoch"])
async def test_room_list__active_since__leaves_quiet_rooms_out(client: Client, form: str) -> None:
    """`activeSince_eq` takes ISO or epoch milliseconds; favourites and unread rooms can be kept all the same."""
    rooms = sorted(own_rooms(client), key=lambda room: room.latest_activity)
    since = rooms[len(rooms) // 2].latest_activity
    text = str(since) if form == "epoch" else iso_z(since)
    user_id = client.world.cast.client_user

    plain = {node["id"] for node in await listed(client, activeSince_eq=text)}
    favored = {node["id"] for node in await listed(client, activeSince_eq=text, includeFavorites_eq=True)}
    unread = {node["id"] for node in await listed(client, activeSince_eq=text, includeUnreadIfActive_eq=True)}

    active = {room.id for room in rooms if room.latest_activity >= since}
    assert plain == active
    assert favored == active | {room.id for room in rooms if room.members[user_id].favorite_since}
    assert unread == active | {room.id for room in rooms if room.members[user_id].unread}


async def test_room_list__object_reference__finds_the_room_of_a_contract(client: Client) -> None:
    """A contract, offer or proposal leads to its room."""
    shown = client.world.showcase

    found = {(await listed(client, objectReferenceId_eq=one))[0]["id"] for one in (shown.contract_id, shown.offer_id)}

    assert found == {client.world.rooms_by_object[shown.proposal_id].id}


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"pagination": {"first": 3, "after": "abc123"}}, "Exception occurred"),
        (
            {"filter": {"activeSince_eq": "xyz789"}},
            "VJCA-6: Input parameter provided has incorrect value: activeSince_eq",
        ),
    ],
    ids=["after", "since"],
)
async def test_room_list__unusable_value__fails_with_a_path(client: Client, variables: Any, message: str) -> None:
    """A value that fits its type and means nothing fails the root, which is non-null, so data is null."""
    body = await client.ask(LIST, **variables)

    assert body["data"] is None
    assert [(error["message"], error["path"]) for error in body["errors"]] == [(message, ["roomList"])]


async def test_room__of_another_tenant__is_not_found(client: Client) -> None:
    """A room is seen in the tenant of the user's membership, and in no other."""
    room_id = client.world.showcase.room_id
    elsewhere = client.named("client", client.world.cast.second_company)

    assert (await client.data("query ($id: ID!) { room(id: $id) { id } }", id=room_id))["room"]["id"] == room_id
    assert (await elsewhere.refusal("query ($id: ID!) { room(id: $id) { id } }", id=room_id))[0] == "NOT_FOUND"


@pytest.mark.parametrize(
    "query",
    [
        'query { room(id: "4") { id } }',
        'query { offerRoom(offerId: "4") { id } }',
        'query { contractRoom(contractId: "4") { id } }',
        'query { proposalRoom(vendorProposalId: "4") { id } }',
        'query { roomStories(filter: {roomId_eq: "4"}) { totalCount } }',
    ],
)
async def test_room__unknown_id__is_an_error_and_no_crash(client: Client, query: str) -> None:
    """Every way to an unknown room ends in NOT_FOUND."""
    assert (await client.refusal(query))[0] == "NOT_FOUND"


async def test_stories__default__come_newest_first(client: Client) -> None:
    """The first page holds the newest stories, and paging through gives each of them once."""
    room = max(client.world.rooms.values(), key=lambda one: len(one.stories))
    ids: list[str] = []
    after = None
    while True:
        wanted = {"pagination": {"first": 50, **({"after": after} if after else {})}}
        page = (await client.data(STORIES, room=room.id, filter=wanted))["room"]["stories"]
        ids += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert len(ids) > 300
    assert ids == [story.id for story in reversed(room.stories)]


@pytest.mark.parametrize("after", [None, "0"])
async def test_stories__first_page__may_name_its_start_or_not(client: Client, after: str | None) -> None:
    """Both no `after` and "0" give the first page."""
    room = client.world.rooms[client.world.showcase.room_id]
    pagination = {"first": 2} | ({"after": after} if after else {})

    page = (await client.data(STORIES, room=room.id, filter={"pagination": pagination}))["room"]["stories"]

    assert [edge["node"]["id"] for edge in page["edges"]] == [story.id for story in room.stories[:-3:-1]]


async def test_stories__bounds_in_time__keep_what_lies_between(client: Client) -> None:
    """`storyCreatedDateTime_bt` bounds both sides, inclusive."""
    room = client.world.rooms[client.world.showcase.room_id]
    inner = room.stories[1:-1]
    bounds = {"rangeStart": iso_z(inner[0].created), "rangeEnd": iso_z(inner[-1].created)}

    found = (await client.data(STORIES, room=room.id, filter={"storyCreatedDateTime_bt": bounds}))["room"]["stories"]

    assert found["totalCount"] == len(inner)


async def test_system_story__user_selected__voids_the_story(client: Client) -> None:
    """A system story has no user; selecting it nulls the node and says so in graphql-java's words."""
    room = client.world.rooms[client.world.showcase.room_id]
    story = next(story for story in room.stories if story.user_id is None)
    query = "query ($room: ID!, $story: ID!) { room(id: $room) { topic story(id: $story) { id user { id } } } }"

    body = await client.ask(query, room=room.id, story=story.id)

    (error,) = body["errors"]
    assert body["data"] == {"room": {"topic": room.topic, "story": None}}
    assert error["path"] == ["room", "story", "user"]
    assert error["extensions"] == {"classification": "NullValueInNonNullableField"}
    assert error["message"].startswith("The field at path '/room/story/user' was declared as a non null type")
    assert error["message"].endswith("The non-nullable type is 'GenericUser' within parent type 'RoomStory'")


async def test_system_story__in_a_page__names_its_place(client: Client) -> None:
    """In a list, the other stories stay, and the path has an index."""
    room = client.world.rooms[client.world.showcase.room_id]
    query = """query ($room: ID!) {
      room(id: $room) { stories(filter: {pagination: {first: 999}}) { edges { node { user { id } } } } } }"""

    body = await client.ask(query, room=room.id)

    nodes = [edge["node"] for edge in body["data"]["room"]["stories"]["edges"]]
    places = [place for place, node in enumerate(nodes) if node is None]
    assert 0 < len(places) < len(nodes)
    assert [error["path"] for error in body["errors"]] == [
        ["room", "stories", "edges", place, "node", "user"] for place in places
    ]
    assert f"/room/stories/edges[{places[0]}]/node/user" in body["errors"][0]["message"]


async def test_story__of_attachments_only__has_no_message(client: Client) -> None:
    """A story may carry files and no words."""
    story = next(one for one in client.world.stories.values() if one.attachments and one.message is None
                 and client.world.cast.client_user in client.world.rooms[one.room_id].members
                 and client.world.rooms[one.room_id].organization_id == client.world.cast.main_company)  # fmt: skip
    query = """query ($room: ID!, $story: ID!) { roomStory(roomId: $room, storyId: $story) {
        message attachments { objectReferenceId objectType metadata { key value } author { user { id } } } } }"""

    found = (await client.data(query, room=story.room_id, story=story.id))["roomStory"]

    assert found["message"] is None
    assert found["attachments"][0]["objectType"] == "FILE"
    assert found["attachments"][0]["author"] == {"user": {"id": story.user_id}}


def test_room_list__120_rooms__takes_a_few_milliseconds(client: Client) -> None:
    """The resolver of a full page does not search a list for each item: the best of five runs is quick."""
    world = client.world
    call = Call(world, world.users[world.cast.client_user], world.organizations[world.cast.main_company])

    best = min(timeit.repeat(lambda: room_list(None, call, None, {"first": 120}), number=1, repeat=5))

    assert best < 0.02
