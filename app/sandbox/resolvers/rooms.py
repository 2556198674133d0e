"""Reading rooms: one of them, or the list with its filters.

A user sees the rooms they are a member of with an organization of the tenant, and the tenant's public rooms.
`roomList` gives at most 120 rooms a page whatever is asked, and its `hasNextPage` is always false.
"""

from typing import Any

from app.sandbox.instants import iso_z, read_instant
from app.sandbox.records.messages import Membership, Room
from app.sandbox.refusals import NotFound, WrongInput
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.resolvers.paging import Pagination, connection, read_window

rooms = FieldTable()

ROOM_PAGE_MOST = 120
ROOM_PAGE = 20
CATEGORY_TYPES = {"PEOPLE": "ONE_ON_ONE", "INTERVIEW": "INTERVIEW", "GROUP": "GROUP"}
_STRANGER = Membership("", "", "GUEST", 0, 0, 0)

rooms.reads(
    "Room",
    organization=lambda room, call: call.world.organizations[room.organization_id],
    creator=lambda room, _: room.members.get(room.creator_id),
    owner=lambda room, _: room.members.get(room.owner_id or ""),
    createdAtDateTime=lambda room, _: iso_z(room.created),
    numUnread=lambda room, call: _own(room, call).unread,
    numUnreadMentions=lambda room, call: _own(room, call).unread_mentions,
    numUsers=lambda room, _: len(room.members),
    roomUsers=lambda room, _: list(room.members.values()),
    roomFavoriteDateTime=lambda room, call: iso_z(_own(room, call).favorite_since),
    favorite=lambda room, call: _own(room, call).favorite_since is not None,
    joinDateTime=lambda room, call: iso_z(_own(room, call).joined or None),
    lastVisitedDateTime=lambda room, call: iso_z(_own(room, call).last_visited or None),
    lastReadDateTime=lambda room, call: iso_z(_own(room, call).last_read or None),
    readOnlyDateTime=lambda room, _: iso_z(room.read_only_at),
    readOnly=lambda room, _: room.read_only_at is not None,
    hidden=lambda room, call: _own(room, call).hidden,
    muted=lambda room, call: _own(room, call).muted,
    contract=lambda room, call: call.world.contracts.get(room.contract_id or ""),
    contractDetails=lambda room, call: call.world.contracts.get(room.contract_id or ""),
    vendorProposal=lambda room, call: call.world.proposals.get(room.vendor_proposal_id or ""),
    roomNote=lambda room, _: room.note,
    roomNotePresent=lambda room, _: room.note is not None,
    recruiters=lambda *_: [],
)
rooms.reads(
    "RoomUser",
    user=lambda member, call: call.world.users[member.user_id],
    organization=lambda member, call: call.world.organizations[member.organization_id],
)


def is_visible(room: Room, call: Call) -> bool:
    """Say whether the caller may see the room in the organization they act for."""
    member = room.members.get(call.user.id)
    if member and call.world.is_within(member.organization_id, call.company_id):
        return True
    return room.public and room.organization_id == call.company_id


def visible_room(call: Call, room_id: str | None) -> Room:
    """Give a room the caller may see; raises NotFound for all others."""
    room = call.world.rooms.get(room_id or "")
    if room is None or not is_visible(room, call):
        raise NotFound("Room", room_id or "")
    return room


@rooms.field("Query", "room")
def room(_: None, call: Call, id_: str) -> Room:
    """One room by its id."""
    return visible_room(call, id_)


@rooms.field("Query", "contractRoom")
def contract_room(_: None, call: Call, contract_id: str) -> Room:
    """The room of a contract, which any of its terms names."""
    contract = call.world.contracts_by_term.get(contract_id)
    return _room_about(call, "Contract", contract_id, contract.id if contract else None)


@rooms.field("Query", "offerRoom")
def offer_room(_: None, call: Call, offer_id: str) -> Room:
    """The room of an offer."""
    return _room_about(call, "Offer", offer_id, offer_id)


@rooms.field("Query", "proposalRoom")
def proposal_room(_: None, call: Call, vendor_proposal_id: str) -> Room:
    """The room of a freelancer's proposal."""
    return _room_about(call, "VendorProposal", vendor_proposal_id, vendor_proposal_id)


@rooms.field("Query", "oneOnOneRoom")
def one_on_one_room(_: None, call: Call, user_id: str, organization_id: str) -> Room:
    """The caller's one-on-one room with another user."""
    found = call.world.one_on_one(call.user.id, user_id, call.company_id)
    if found is None or user_id == call.user.id:
        raise NotFound("Room of user", user_id)
    return found


@rooms.field("Query", "publicRooms")
def public_rooms(_: None, call: Call, pagination: Pagination = None) -> dict[str, Any]:
    """The public rooms of the caller's organization."""
    found = [item for item in call.world.rooms.values() if item.public and item.organization_id == call.company_id]
    return connection(found, *read_window(pagination, first=ROOM_PAGE, at_most=ROOM_PAGE_MOST), tells_next=False)


@rooms.field("Query", "roomList")
def room_list(
    _: None,
    call: Call,
    filter_: dict[str, Any] | None = None,
    pagination: Pagination = None,
    sort_order: str | None = None,
) -> dict[str, Any]:
    """The caller's rooms by latest activity, newest first unless asked otherwise."""
    wanted = {"subscribed_eq": True, "include_hidden_eq": True} | {
        name: value for name, value in (filter_ or {}).items() if value is not None
    }
    window = read_window(pagination, first=ROOM_PAGE, at_most=ROOM_PAGE_MOST)
    since = _read_since(wanted.get("active_since_eq"))
    found = [
        item
        for item in _reachable(call, wanted)
        if _suits(item, call, wanted) and _is_active(item, call, wanted, since)
    ]
    found.sort(key=lambda item: (item.latest_activity, item.id), reverse=sort_order != "ASC")
    return connection(found, *window, tells_next=False)


def _own(room: Room, call: Call) -> Membership:
    return room.members.get(call.user.id, _STRANGER)


def _room_about(call: Call, kind: str, sought: str, reference: str | None) -> Room:
    found = call.world.rooms_by_object.get(reference or "")
    if found is None or not is_visible(found, call):
        raise NotFound(f"Room of {kind}", sought)
    return found


def _read_since(text: str | None) -> int | None:
    try:
        return read_instant(text) if text else None
    except ValueError:
        raise WrongInput("activeSince_eq") from None


def _reachable(call: Call, wanted: dict[str, Any]) -> list[Room]:
    """Give the rooms the caller is in, or, when those are not wanted, the public ones they are not in."""
    if wanted["subscribed_eq"]:
        within = call.world.is_within
        return [
            item
            for item in call.world.rooms_by_member[call.user.id]
            if within(item.members[call.user.id].organization_id, call.company_id)
        ]
    return [
        item
        for item in call.world.rooms.values()
        if item.public and item.organization_id == call.company_id and call.user.id not in item.members
    ]


def _suits(item: Room, call: Call, wanted: dict[str, Any]) -> bool:
    own = _own(item, call)
    room_type = wanted.get("room_type_eq", "ALL")
    privacy = wanted.get("room_privacy_eq", "ALL")
    reference = wanted.get("object_reference_id_eq")
    return (
        room_type in ("ALL", item.room_type)
        and privacy in ("ALL", "PUBLIC" if item.public else "PRIVATE")
        and (wanted["include_hidden_eq"] or not own.hidden)
        and (not wanted.get("unread_rooms_only_eq") or own.unread > 0)
        and (reference is None or reference in (item.contract_id, item.vendor_proposal_id, *item.offer_ids))
        and _is_in_category(item, own, wanted.get("room_category_eq"))
    )


def _is_in_category(item: Room, own: Membership, category: str | None) -> bool:
    if category == "FAVORITES":
        return own.favorite_since is not None
    return category is None or CATEGORY_TYPES[category] == item.room_type


def _is_active(item: Room, call: Call, wanted: dict[str, Any], since: int | None) -> bool:
    """Favourite and unread rooms can be kept although nothing happened in them since then."""
    if since is None or item.latest_activity >= since:
        return True
    own = _own(item, call)
    favorite = bool(wanted.get("include_favorites_eq")) and own.favorite_since is not None
    return favorite or (bool(wanted.get("include_unread_if_active_eq")) and own.unread > 0)
