"""Changing rooms: making them, saying something, renaming, closing, and who is in."""

from typing import Any

from app.sandbox.records.messages import Membership, Room, RoomType, Story
from app.sandbox.refusals import Forbidden, NotFound, Refused, WrongInput
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.resolvers.rooms import visible_room

messaging = FieldTable()


@messaging.field("Mutation", "createRoomV2")
def create_room(_: None, call: Call, input_: dict[str, Any]) -> Room:
    """A new room of the caller; a one-on-one room with somebody who has one already is that one."""
    users = [user for user in input_.get("users") or [] if user]
    if input_["room_type"] == "ONE_ON_ONE":
        others = [user for user in users if user["user_id"] != call.user.id]
        if len(others) != 1:
            raise WrongInput("a ONE_ON_ONE room takes exactly one other user")
        return _one_on_one(call, others[0], input_)
    return _new_room(call, "GROUP", users, input_)


@messaging.field("Mutation", "roomCreate1on1IfNotExists")
def create_one_on_one(_: None, call: Call, user_id: str, org_id: str) -> Room:
    """The one-on-one room with a user, made if there is none."""
    if user_id == call.user.id:
        raise WrongInput("userId")
    return _one_on_one(call, {"user_id": user_id, "organization_id": org_id}, {})


@messaging.field("Mutation", "createRoomStoryV2")
def create_story(_: None, call: Call, input_: dict[str, Any]) -> Story:
    """Something said: it becomes the latest story, unread for all others; the speaker has read everything."""
    room = _open_room(call, input_.get("room_id"))
    message = input_.get("message")
    if not message:
        raise WrongInput("message")
    now = call.world.clock.tick()
    own = room.members[call.user.id]
    story = Story(call.world.mint.story(), room.id, now, now, call.user.id, own.organization_id, message)
    call.world.add_story(room, story)
    for member in room.members.values():
        member.unread += 1
    own.unread, own.unread_mentions = 0, 0
    own.last_read = own.last_visited = now
    return story


@messaging.field("Mutation", "updateRoomStoryV2")
def update_story(_: None, call: Call, input_: dict[str, Any]) -> dict[str, str]:
    """Other words for one of the caller's own stories."""
    room = _open_room(call, input_["room_id"])
    story = call.world.stories.get(input_["story_id"])
    if story is None or story.room_id != room.id:
        raise NotFound("RoomStory", input_["story_id"])
    if story.user_id != call.user.id:
        raise Forbidden
    story.message, story.updated = input_.get("message"), call.world.clock.tick()
    return {"status": "OK"}


@messaging.field("Mutation", "updateRoomV2")
def update_room(_: None, call: Call, input_: dict[str, Any] | None = None) -> Room:
    """Another name or topic, or whether the room is read only; an open door is the one change a closed room allows."""
    if input_ is None:
        raise WrongInput("input")
    room = _own_room(call, input_["room_id"])
    wish = input_.get("read_only")
    if room.read_only_at is not None and wish is not False:
        raise Refused("Room is read only")
    now = call.world.clock.tick()
    room.room_name = input_.get("room_name") or room.room_name
    room.topic = input_.get("topic", room.topic)
    if wish is not None:
        room.read_only_at = now if wish else None
    return room


@messaging.field("Mutation", "archiveRoom")
def archive_room(_: None, call: Call, room_id: str) -> Room:
    """The room, read only from now on; archiving it again changes nothing."""
    room = _own_room(call, room_id)
    room.read_only_at = room.read_only_at or call.world.clock.tick()
    return room


@messaging.field("Mutation", "addUserToRoom")
def add_users(_: None, call: Call, room_id: str, room_users: list[dict[str, Any]]) -> bool:
    """More members; a one-on-one room takes none."""
    room = _open_room(call, room_id)
    if room.room_type == "ONE_ON_ONE":
        raise Refused("A one-on-one room takes no more users")
    newcomers = [_membership(call, user, "MEMBER") for user in room_users]
    for member in newcomers:
        if member.user_id not in room.members:
            room.members[member.user_id] = member
            call.world.rooms_by_member[member.user_id].append(room)
    return True


@messaging.field("Mutation", "removeUserFromRoom")
def remove_user(_: None, call: Call, room_id: str, user_id: str, org_id: str) -> bool:
    """One member less; a one-on-one room loses nobody."""
    room = _open_room(call, room_id)
    if room.room_type == "ONE_ON_ONE":
        raise Refused("Nobody leaves a one-on-one room")
    if user_id not in room.members:
        raise NotFound("RoomUser", user_id)
    del room.members[user_id]
    call.world.rooms_by_member[user_id].remove(room)
    return True


def _own_room(call: Call, room_id: str | None) -> Room:
    room = visible_room(call, room_id)
    if call.user.id not in room.members:
        raise Forbidden
    return room


def _open_room(call: Call, room_id: str | None) -> Room:
    room = _own_room(call, room_id)
    if room.read_only_at is not None:
        raise Refused("Room is read only")
    return room


def _one_on_one(call: Call, other: dict[str, Any], wishes: dict[str, Any]) -> Room:
    existing = call.world.one_on_one(call.user.id, other["user_id"], call.company_id)
    return existing or _new_room(call, "ONE_ON_ONE", [other], wishes)


def _new_room(call: Call, room_type: RoomType, users: list[dict[str, Any]], wishes: dict[str, Any]) -> Room:
    """Both sides of a one-on-one room are admins and nobody owns it, whatever roles are asked for."""
    one_on_one = room_type == "ONE_ON_ONE"
    caller = {"user_id": call.user.id, "organization_id": call.organization.id}
    members = {call.user.id: _membership(call, caller, "ADMIN" if one_on_one else "OWNER")}
    for user in users:
        role = "ADMIN" if one_on_one else user.get("role") or "MEMBER"
        members.setdefault(user["user_id"], _membership(call, user, role))
    room = Room(
        id=call.world.mint.room(),
        organization_id=call.company_id,
        room_name=wishes.get("room_name") or ", ".join(call.world.users[user_id].name for user_id in members),
        room_type=room_type,
        topic=wishes.get("topic"),
        public=False,
        created=call.world.clock.tick(),
        creator_id=call.user.id,
        owner_id=None if one_on_one else call.user.id,
        members=members,
    )
    return call.world.add_room(room)


def _membership(call: Call, user: dict[str, Any], role: str) -> Membership:
    """A newcomer's side of a room; raises NotFound for a user or organization that does not exist."""
    if user["user_id"] not in call.world.users:
        raise NotFound("User", user["user_id"])
    if user["organization_id"] not in call.world.organizations:
        raise NotFound("Organization", user["organization_id"])
    now = call.world.clock.now
    return Membership(user["user_id"], user["organization_id"], role, now, now, now)
