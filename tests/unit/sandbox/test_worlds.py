"""Worlds repeat: the same seed gives the same ids and answers, another seed other ones."""

import re
from collections.abc import Callable

import pytest

from app.sandbox import sandbox_ids
from app.sandbox.execute import Question
from app.sandbox.sandbox import Asked, Sandbox
from app.sandbox.seeding import seed_world
from app.sandbox.world import World

FORMS = {
    "company_id": r"\d{18,19}",
    "company_user_id": r"\d{18,19}",
    "company_reference": r"\d{18,19}",
    "team_id": r"\d{18,19}",
    "team_reference": r"\d{18,19}",
    "room_id": r"room_[0-9a-f]{32}",
    "user_id": r"\d{18,19}",
    "user_reference": r"\d{18,19}",
    "application_id": r"\d{18,19}",
    "offer_id": r"\d{18,19}",
    "contract_id": r"\d{8}",
    "engagement_reference": r"\d{8}",
    "engagement_ref": r"\d{8}",
    "engagement": r"\d{8}",
    "code": r"[A-Z]+-\d+",
    "date": r"2026\d{4}",
    "timestamp": r"\d{10}",
    "job_key": r"\d{19}",
    "milestone_id": r"\d+",
    "submission_id": r"\d+",
    "profile_key": r"~01[0-9a-f]{16}",
}
STEPS = (
    "{ roomList(pagination: {first: 120}) { edges { node { id roomName numUnread latestStory { id message } } } } }",
    '{ organization { clientOffers(pagination: {first: 50, after: "0"}) { edges { node { id title state } } } } }',
    'mutation ($room: ID!) { createRoomStoryV2(input: {roomId: $room, message: "x"}) { id createdDateTime } }',
    'mutation { createRoomV2(input: {roomType: GROUP, roomName: "y"}) { id createdAtDateTime } }',
    "{ roomList(pagination: {first: 3}) { edges { node { id latestStory { id } } } } }",
)


def played(sandbox: Sandbox) -> list[object]:
    """The answers to a row of questions and changes."""
    bearer, room = sandbox.tokens.named("client").text, sandbox.world.showcase.room_id
    questions = (Question(query, {"room": room} if "$room" in query else {}) for query in STEPS)
    return [sandbox.answer(Asked(question, bearer, None)).body for question in questions]


def test_world__same_seed__gives_the_same_answers(new_sandbox: Callable[[int], Sandbox]) -> None:
    """Two sandboxes of a seed answer reads and changes alike, new ids and times included."""
    assert played(new_sandbox(7)) == played(new_sandbox(7))


def test_world__another_seed__has_other_ids(new_sandbox: Callable[[int], Sandbox]) -> None:
    """Worlds of different seeds share no room."""
    first, second = new_sandbox(1).world, new_sandbox(2).world

    assert not set(first.rooms) & set(second.rooms)
    assert not set(first.users) & set(second.users)


@pytest.mark.parametrize("seed", range(1, 13))
def test_sandbox_ids__any_seed__have_every_parameter_in_its_form(seed: int) -> None:
    """Exactly one credential and one value for each path parameter, in the upstream's forms."""
    ids = sandbox_ids(seed)

    assert list(ids) == ["credentials", "values"]
    assert list(ids["credentials"]) == ["access_token", "client_id", "client_secret"]
    assert sorted(ids["values"]) == sorted(FORMS)
    for name, form in FORMS.items():
        assert re.fullmatch(form, ids["values"][name]), name


@pytest.fixture(scope="module")
def world() -> World:
    return seed_world(1)


def test_world__size__is_enough_to_page_through(world: World) -> None:
    """As many users, rooms, stories, offers and postings as a developer needs to see pages and quirks."""
    cast = world.cast
    rooms = [one for one in world.rooms_by_member[cast.client_user] if one.organization_id == cast.main_company]
    open_postings = [one for one in world.postings.values() if one.status == "REQUESTED"]

    assert len(world.users) >= 60
    assert len(rooms) >= 130
    assert {room.room_type for room in rooms} == {"ONE_ON_ONE", "GROUP", "INTERVIEW"}
    assert sum(len(room.stories) > 100 for room in rooms) >= 3
    assert len(list(world.offers_of_client(cast.main_company))) >= 75
    assert len(open_postings) >= 250
    assert len(world.teams_of(cast.main_company)) >= 3


def test_world__rooms__are_of_every_mood(world: World) -> None:
    """Favourites, hidden, muted, unread and archived rooms; stories with files, without words, without a user."""
    user_id = world.cast.client_user
    own = [(room, room.members[user_id]) for room in world.rooms_by_member[user_id]]

    assert any(member.favorite_since for _, member in own)
    assert any(member.hidden for _, member in own)
    assert any(member.muted for _, member in own)
    assert any(member.unread for _, member in own)
    assert any(room.read_only_at for room, _ in own)
    assert any(not room.stories for room, _ in own)
    assert any(story.user_id is None for story in world.stories.values())
    assert any(room.topic is None for room, _ in own)


def test_world__stories__run_from_old_to_new(world: World) -> None:
    """Within a room, time only moves on, and no story is later than the world's clock."""
    for room in world.rooms.values():
        moments = [story.created for story in room.stories]
        assert moments == sorted(moments)
        assert not moments or moments[-1] <= world.clock.now


def test_world__ids__are_unique(world: World) -> None:
    """No two things share an id, whatever they are."""
    ids = [
        *world.users, *world.organizations, *world.postings, *world.proposals, *world.offers, *world.rooms,
        *world.stories, *world.skills, *world.concepts,
        *{term.id for contract in world.contracts.values() for term in contract.terms},
        *(activity.record_id for activity in world.activities),
    ]  # fmt: skip

    assert len(ids) == len(set(ids))
    assert not set(world.milestones) & set(world.submissions)


def test_world__room_id_of_the_showcase__can_be_used_by_all_calls(world: World) -> None:
    """The room handed out is open, shown, talked in, and not the one of the contract."""
    room = world.rooms[world.showcase.room_id]

    assert room.read_only_at is None
    assert room.stories
    assert not room.members[world.cast.client_user].hidden
    assert world.showcase.room_member_id in room.members
    assert world.rooms_by_object[world.showcase.contract_id] is not room
