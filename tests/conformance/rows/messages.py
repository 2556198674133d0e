"""The rows of messages: five ways to ask for rooms, and the stories of one. The writes have no table."""

from __future__ import annotations

from typing import Any

from tests.conformance.calls import ORG, Call, Other
from tests.conformance.contracted import values_at
from tests.conformance.forms import COUNT, FLAG, MS, Form, constant_but_for_null
from tests.conformance.worlds import World


def story_rows(root: str, printed: str = "stories.stories") -> dict[str, Other]:
    """The rows of the stories of a room, which the tables print below `edge`."""
    edges = f"{root}.edges.node"
    names = {"storyId": "id", "created": "createdDateTime", "updated": "updatedDateTime", "userId": "user.id"}
    rows = {
        f"{printed}.{row}": Other((f"{edges}.{path}",), "`edge` is printed for `edges`")
        for row, path in (names | {"message": "message"}).items()
    }
    gone = "`systemStory` is gone; a story without a user is one that the system wrote"
    return rows | {f"{printed}.isSystemStory": Other((f"{edges}.user.id",), gone)}


def last_cursor(page: str, world: World, *, tells_the_end: bool) -> Any:
    """The cursor behind the page: none where no rows were, or where one who tells the truth says that they ended."""
    rows = world.root(page, {}).value("edges")
    has_ended = tells_the_end and values_at(world, f"{page}.pageInfo.hasNextPage") is False
    return (values_at(world, f"{page}.pageInfo.endCursor") or "") if rows and not has_ended else ""


def own_role(root: str, world: World) -> Any:
    """The role of the caller among the members of a room."""
    own = values_at(world, "user.id")
    ids, roles = (values_at(world, f"{root}.roomUsers.{name}") for name in ("user.id", "role"))
    return next((role for id_, role in zip(ids, roles, strict=True) if own and id_ == own), None)


def let_the_caller_be_a_member(root: str, world: World, is_member: bool) -> None:
    """Random ids never meet by themselves."""
    users = [user for user in values_at(world, f"{root}.roomUsers.user") if user is not None]
    if is_member and users:
        users[-1].settle("id", values_at(world, "user.id"))


FORMS = {
    **dict.fromkeys(("isFavorite", "isReadOnly", "isHidden"), FLAG),
    **dict.fromkeys(("numUnread", "numUnreadMentions", "numUsers", "total"), COUNT),
    **dict.fromkeys(("created", "updated", "lastReadTimestamp", "recentTimestamp"), MS),
    "isSystemStory": constant_but_for_null(0, 1),
    "cursor": Form(str, ""),
}
AT_THE_END = "the cursor behind the last row is the page's `endCursor`; `edge` is printed for `edges`"


def room_call(name: str, path: str, root: str) -> Call:
    """One of the four calls that answer one room; they have one table, under four roots."""
    return Call(
        f"messages/{name}",
        f"GET /api/messages/v3/{ORG}/rooms/{path}.json?returnUserRoles=1",
        at="room",
        family="json",
        forms=FORMS,
        others=story_rows(f"{root}.stories")
        | {
            "stories.cursor": Other((f"{root}.stories.pageInfo.endCursor",), AT_THE_END),
            "roleI": Other(
                (f"{root}.roomUsers.role",),
                "roles are told a member; the caller's own is picked",
                lacks=False,
                read=lambda world: own_role(root, world),
            ),
        },
        prepare=lambda world, is_member: let_the_caller_be_a_member(root, world, is_member),
    )


CALLS = [
    Call(
        "messages/list_rooms",
        f"GET /api/messages/v3/{ORG}/rooms.json?returnUserRoles=1&limit={{rows}}",
        family="json",
        moved={"rooms.cursor": "cursor", "rooms.total": "total"},
        forms=FORMS,
        others={
            "rooms.roomName": Other(("roomList.edges.node.roomName",), "a room has a `roomName`, and no `name`"),
            "rooms.users.role": Other(("roomList.edges.node.roomUsers.role",), "the role is the member's"),
            "rooms.cursor": Other(
                ("roomList.pageInfo.endCursor",),
                "a `RoomEdge` has a node only",
                read=lambda world: last_cursor("roomList", world, tells_the_end=False),
            ),
        },
        window="roomList.edges",
        # The upstream always says so, and gives no more than about 120 at once.
        settled={"PageInfo.hasNextPage": False},
    ),
    room_call("get_room", "r1", "room"),
    room_call("get_room_by_offer", "offers/1", "offerRoom"),
    room_call("get_room_by_application", "applications/1", "proposalRoom"),
    room_call("get_room_by_contract", "contracts/1", "contractRoom"),
    Call(
        "messages/list_room_stories",
        f"GET /api/messages/v3/{ORG}/rooms/r1/stories.json?limit={{rows}}",
        at="stories_list",
        family="json",
        moved={"stories.cursor": "stories_list.cursor", "stories.total": "stories_list.total"},
        forms=FORMS,
        others=story_rows("roomStories", "stories")
        | {
            "stories.cursor": Other(
                ("roomStories.pageInfo.endCursor",),
                AT_THE_END,
                read=lambda world: last_cursor("roomStories", world, tells_the_end=True),
            )
        },
        window="roomStories.edges",
    ),
]
