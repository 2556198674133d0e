"""The order in which a world grows, and the choice of objects to show."""

from app.sandbox.chance import dice
from app.sandbox.mint import IdMint
from app.sandbox.records.messages import Room
from app.sandbox.seeding.activities import grow_activities
from app.sandbox.seeding.contracts import grow_contracts
from app.sandbox.seeding.jobs import grow_jobs
from app.sandbox.seeding.messages import grow_messages
from app.sandbox.seeding.people import grow_people
from app.sandbox.seeding.profiles import grow_profiles
from app.sandbox.seeding.vocabulary import grow_vocabulary
from app.sandbox.world import Cast, Showcase, World

STEPS = (grow_people, grow_vocabulary, grow_profiles, grow_jobs, grow_contracts, grow_activities)


def seed_world(seed: int = 1) -> World:
    """Grow the world of a seed; the same seed always grows the same one."""
    world = World(seed=seed, mint=IdMint(seed))
    for step in STEPS:
        step(world, dice(seed, step.__name__))
    grow_messages(world, dice(seed, grow_messages.__name__), world.cast)
    world.showcase = _showcase(world, world.cast)
    return world


def _showcase(world: World, cast: Cast) -> Showcase:
    """Pick, from the main company, one object of each kind that every call can use."""
    contract = next(iter(world.contracts.values()))
    offer = world.offer_of(contract)
    room = _group_room(world, cast)
    codes = [
        item.code for item in world.activities if item.team_id == offer.team_id and contract.id in item.contract_ids
    ]
    milestones = [
        milestone
        for milestone in world.milestones.values()
        if world.offer_of(world.contracts[milestone.contract_id]).client_id == cast.main_company
        and world.contracts[milestone.contract_id].status == "ACTIVE"
    ]
    return Showcase(
        team_id=offer.team_id,
        room_id=room.id,
        room_member_id=next(user_id for user_id in room.members if user_id != cast.client_user),
        proposal_id=offer.proposal_id or "",
        offer_id=offer.id,
        contract_id=contract.id,
        posting_id=offer.posting_id,
        milestone_id=next(milestone.id for milestone in milestones if milestone.state == "NotFunded"),
        submission_id=next(item.submissions[-1].id for item in milestones if item.state == "Submitted"),
        activity_code=codes[0],
    )


def _group_room(world: World, cast: Cast) -> Room:
    return next(
        room
        for room in world.rooms_by_member[cast.client_user]
        if room.room_type == "GROUP"
        and room.organization_id == cast.main_company
        and room.read_only_at is None
        and room.contract_id is None
        and not room.members[cast.client_user].hidden
        and len(room.stories) > 5
    )
