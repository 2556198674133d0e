"""Reading what was said in a room: newest first, paged and bounded in time inside the filter.

A system event has no user. `RoomStory.user` is declared non-null, so selecting it voids the story.
"""

from typing import Any

from app.sandbox.instants import iso_z, read_instant
from app.sandbox.records.messages import Room, Story
from app.sandbox.refusals import NotFound, WrongInput
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.resolvers.paging import connection, read_window
from app.sandbox.resolvers.rooms import visible_room

stories = FieldTable()

STORY_PAGE = 20
STORY_PAGE_MOST = 1000

stories.reads(
    "Room",
    latestStory=lambda room, _: room.stories[-1] if room.stories else None,
    latestStoryPreRendered=lambda room, _: room.stories[-1] if room.stories else None,
)
stories.reads(
    "RoomStory",
    room=lambda story, call: call.world.rooms[story.room_id],
    createdDateTime=lambda story, _: iso_z(story.created),
    updatedDateTime=lambda story, _: iso_z(story.updated),
    user=lambda story, call: call.world.users.get(story.user_id or ""),
    organization=lambda story, call: call.world.organizations.get(story.organization_id or ""),
    roomStoryNote=lambda *_: None,
    attachments=lambda story, _: [(attachment, story) for attachment in story.attachments],
)
stories.reads(
    "MessageAttachments",
    objectReferenceId=lambda pair, _: pair[0].object_reference_id,
    objectType=lambda pair, _: pair[0].object_type,
    metadata=lambda pair, _: [
        {"key": "fileName", "value": pair[0].file_name},
        {"key": "fileSize", "value": str(pair[0].size)},
    ],
    createdDateTime=lambda pair, _: iso_z(pair[1].created),
    author=lambda pair, call: call.world.rooms[pair[1].room_id].members.get(pair[1].user_id or ""),
)


@stories.field("Query", "roomStories")
def room_stories(_: None, call: Call, filter_: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """The stories of the room that the filter names; without a filter there is nothing to tell."""
    if filter_ is None:
        raise WrongInput("filter")
    return _stories(visible_room(call, filter_["room_id_eq"]), filter_.get("story_filter"))


@stories.field("Room", "stories")
def stories_of_room(room: Room, _: Call, filter_: dict[str, Any] | None = None) -> dict[str, Any]:
    """The stories of this room."""
    return _stories(room, filter_)


@stories.field("Query", "roomStory")
def room_story(_: None, call: Call, room_id: str, story_id: str) -> Story:
    """One story of a room."""
    return _story(visible_room(call, room_id), call, story_id)


@stories.field("Room", "story")
def story_of_room(room: Room, call: Call, id_: str) -> Story:
    """One story of this room."""
    return _story(room, call, id_)


def _story(room: Room, call: Call, story_id: str) -> Story:
    found = call.world.stories.get(story_id)
    if found is None or found.room_id != room.id:
        raise NotFound("RoomStory", story_id)
    return found


def _stories(room: Room, wanted: dict[str, Any] | None) -> dict[str, Any]:
    wanted = wanted or {}
    window = read_window(wanted.get("pagination"), first=STORY_PAGE, at_most=STORY_PAGE_MOST)
    newest_first = room.stories[::-1]
    limits = wanted.get("story_created_date_time_bt") or {}
    earliest, latest = _bound(limits.get("range_start")), _bound(limits.get("range_end"))
    if earliest is not None:
        newest_first = [story for story in newest_first if story.created >= earliest]
    if latest is not None:
        newest_first = [story for story in newest_first if story.created <= latest]
    return connection(newest_first, *window)


def _bound(text: str | None) -> int | None:
    try:
        return read_instant(text) if text else None
    except ValueError:
        raise WrongInput("storyCreatedDateTime_bt") from None
