"""Rooms, who is in them, and what was said."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

RoomType: TypeAlias = Literal["ONE_ON_ONE", "GROUP", "INTERVIEW"]


@dataclass(slots=True)
class Membership:
    """One user's side of a room: role, unread counts and what only this user has set."""

    user_id: str
    organization_id: str
    role: str
    joined: int
    last_visited: int
    last_read: int
    unread: int = 0
    unread_mentions: int = 0
    favorite_since: int | None = None
    hidden: bool = False
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file or object sent with a story."""

    object_reference_id: str
    object_type: str
    file_name: str
    size: int


@dataclass(slots=True)
class Story:
    """One message. System events have no user; a story that only carries attachments has no message."""

    id: str
    room_id: str
    created: int
    updated: int
    user_id: str | None
    organization_id: str | None
    message: str | None
    attachments: tuple[Attachment, ...] = ()


@dataclass(slots=True)
class Room:
    """A conversation. `stories` runs from oldest to newest; a room with `read_only_at` set takes no more of them."""

    id: str
    organization_id: str
    room_name: str | None
    room_type: RoomType
    topic: str | None
    public: bool
    created: int
    creator_id: str
    owner_id: str | None
    contract_id: str | None = None
    offer_ids: list[str] = field(default_factory=list)
    vendor_proposal_id: str | None = None
    read_only_at: int | None = None
    note: str | None = None
    members: dict[str, Membership] = field(default_factory=dict)
    stories: list[Story] = field(default_factory=list)

    @property
    def latest_activity(self) -> int:
        """The instant of the newest story, or of the room's making while it is empty."""
        return self.stories[-1].created if self.stories else self.created
