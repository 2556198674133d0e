"""Rooms with their members and everything that was said in them."""

from random import Random

from app.sandbox.instants import BASE_MS, DAY_MS, HOUR_MS, MINUTE_MS
from app.sandbox.records.messages import Attachment, Membership, Room, RoomType, Story
from app.sandbox.records.work import Offer, Proposal
from app.sandbox.seeding.people import own_organization
from app.sandbox.seeding.words import PHRASES, TOPICS
from app.sandbox.world import Cast, World

GROUP_ROOMS = 48
LONG_ROOMS = {4: 340, 17: 220, 33: 150}


def grow_messages(world: World, random: Random, cast: Cast) -> None:
    """Add a room to each offer and to some proposals, one-on-one rooms, and group rooms of the companies."""
    for number, offer in enumerate(world.offers.values()):
        _room_about_offer(world, random, offer, number)
    proposals = [proposal for proposal in world.proposals.values() if proposal.status == "Pending"]
    for proposal in proposals[:40]:
        _room_about_proposal(world, random, proposal)
    for number in range(GROUP_ROOMS):
        _group_room(world, random, cast.main_company, number)
    for company_id in (cast.second_company, cast.other_company):
        for number in range(6):
            _group_room(world, random, company_id, number + 100)


def _room_about_offer(world: World, random: Random, offer: Offer, number: int) -> None:
    owner_of_company = world.organizations[offer.client_id].staffs[0].user_id
    insiders = dict.fromkeys((owner_of_company, offer.contact_id) if number % 4 == 3 else (owner_of_company,))
    one_on_one = len(insiders) == 1 and world.one_on_one(owner_of_company, offer.freelancer_id, offer.client_id) is None
    members = [(user_id, offer.client_id) for user_id in insiders] + [(offer.freelancer_id, offer.vendor_id)]
    room = _room(world, random, "ONE_ON_ONE" if one_on_one else "GROUP", offer.client_id, members)
    room.room_name = _names(world, room) if one_on_one else offer.title
    room.offer_ids, room.vendor_proposal_id, room.contract_id = [offer.id], offer.proposal_id, offer.contract_id
    _finish(world, random, room, random.randrange(2, 41))


def _room_about_proposal(world: World, random: Random, proposal: Proposal) -> None:
    posting = world.postings[proposal.posting_id]
    company = world.organizations[posting.company_id]
    if not company.staffs:
        return
    members = [(company.staffs[0].user_id, company.id), (proposal.user_id, proposal.organization_id)]
    room = _room(world, random, "INTERVIEW", company.id, members)
    room.room_name, room.topic, room.vendor_proposal_id = f"{posting.title} (interview)", posting.title, proposal.id
    _finish(world, random, room, random.randrange(2, 12))


def _group_room(world: World, random: Random, company_id: str, number: int) -> None:
    company = world.organizations[company_id]
    insiders = [staff.user_id for staff in company.staffs]
    freelancers = random.sample(list(world.profiles), random.randrange(1, 4))
    chosen = insiders[1:4] if number % 12 == 11 else [insiders[0], *random.sample(insiders[1:], 1)]
    members = [(user_id, company_id) for user_id in chosen]
    members += [(user_id, own_organization(world, user_id).id) for user_id in freelancers]
    room = _room(world, random, "GROUP", company_id, members)
    room.public = number % 12 == 11
    room.room_name = f"{TOPICS[number % 7]} {number}"
    count = LONG_ROOMS.get(number, 0 if number % 16 == 15 else random.randrange(2, 41))
    _finish(world, random, room, count)
    if number % 10 == 9:
        room.read_only_at = room.latest_activity + HOUR_MS


def _room(world: World, random: Random, room_type: RoomType, company_id: str, members: list[tuple[str, str]]) -> Room:
    created = BASE_MS - random.randrange(20, 400) * DAY_MS - random.randrange(0, 86_400) * 1000
    one_on_one = room_type == "ONE_ON_ONE"
    roles = {
        user_id: "ADMIN" if one_on_one else "OWNER" if place == 0 else "MEMBER"
        for place, (user_id, _) in enumerate(members)
    }
    memberships = {
        user_id: Membership(user_id, organization_id, roles[user_id], created, created, created)
        for user_id, organization_id in members
    }
    creator = next(iter(memberships))
    return Room(
        id=world.mint.room(),
        organization_id=company_id,
        room_name=None,
        room_type=room_type,
        topic=random.choice(TOPICS),
        public=False,
        created=created,
        creator_id=creator,
        owner_id=None if one_on_one else creator,
        members=memberships,
    )


def _finish(world: World, random: Random, room: Room, count: int) -> None:
    world.add_room(room)
    span = max(BASE_MS - room.created - HOUR_MS, HOUR_MS)
    moments = sorted(random.sample(range(MINUTE_MS, span), count))
    for number, moment in enumerate(moments):
        world.add_story(room, _story(world, random, room, room.created + moment, number))
    if random.random() < 0.12:
        world.add_story(room, _system_story(world, room, room.latest_activity + MINUTE_MS))
    for membership in room.members.values():
        _settle(random, room, membership)


def _story(world: World, random: Random, room: Room, created: int, number: int) -> Story:
    if number == 0:
        return _system_story(world, room, created)
    membership = random.choice(list(room.members.values()))
    attachments = (_attachment(random),) if random.random() < 0.08 else ()
    wordless = bool(attachments) and random.random() < 0.5
    edited = created + 5 * MINUTE_MS if random.random() < 0.05 else created
    return Story(
        world.mint.story(), room.id, created, edited, membership.user_id, membership.organization_id,
        None if wordless else random.choice(PHRASES), attachments,
    )  # fmt: skip


def _system_story(world: World, room: Room, created: int) -> Story:
    return Story(world.mint.story(), room.id, created, created, None, None, "The room was updated.")


def _attachment(random: Random) -> Attachment:
    number = random.randrange(10**9)
    return Attachment(f"{number:032x}", "FILE", f"draft-{number % 100}.pdf", number % 900_000)


def _settle(random: Random, room: Room, membership: Membership) -> None:
    """Let the member have read up to some story, and sometimes favour, hide or mute the room."""
    unread = min(len(room.stories), random.choice((0, 0, 0, 0, 1, 3, 7)))
    seen = room.stories[-unread - 1].created if unread < len(room.stories) else room.created
    membership.unread = unread
    membership.unread_mentions = 1 if unread > 3 else 0
    membership.last_read = membership.last_visited = seen
    membership.favorite_since = room.created + DAY_MS if random.random() < 0.1 else None
    membership.hidden = random.random() < 0.07
    membership.muted = random.random() < 0.05


def _names(world: World, room: Room) -> str:
    return ", ".join(world.users[user_id].name for user_id in room.members)
