"""Every field of every type that can be reached answers without a fault."""

from collections import deque
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from app.sandbox.executable import load_live_schema
from app.sandbox.execute import Question, Upstream
from app.sandbox.sandbox import Asked, Sandbox

from .conftest import SCHEMA

KEPT_FROM_OTHERS = {
    "RoomStory.user",
    "FreelancerProfile.fullName",
    "FreelancerProfile.firstName",
    "FreelancerProfile.lastName",
    "FreelancerProfileEmploymentRecord.city",
    "FreelancerProfileEmploymentRecord.country",
}
OF_MEMBERS = {f"GenericOrganization.{name}" for name in ("clientOffers", "agencyOffers", "jobPosting")}
GIVEN = {"Query.roomStories.filter", "Query.contractTimeReport.filter", "Query.contractList.ids"}
LIVE = load_live_schema(SCHEMA)


def shortest_paths(schema: GraphQLSchema) -> dict[str, tuple[tuple[str, GraphQLField], ...]]:
    """For each object type, the fields that lead to it from Query; mutations are tested apart."""
    assert schema.query_type
    paths: dict[str, tuple[tuple[str, GraphQLField], ...]] = {"Query": ()}
    waiting = deque([schema.query_type])
    while waiting:
        here = waiting.popleft()
        for name, field in here.fields.items():
            below = get_named_type(field.type)
            is_open = f"{here.name}.{name}" not in LIVE.documented_only
            if is_open and isinstance(below, GraphQLObjectType) and below.name not in paths:
                paths[below.name] = (*paths[here.name], (f"{here.name}.{name}", field))
                waiting.append(below)
    return paths


PATHS = shortest_paths(LIVE.schema)


def other_in_one_on_one(sandbox: Sandbox) -> str:
    """Somebody the client user has a one-on-one room with."""
    world, cast = sandbox.world, sandbox.world.cast
    for room in world.rooms_by_member[cast.client_user]:
        if room.room_type == "ONE_ON_ONE" and room.organization_id == cast.main_company:
            return next(user_id for user_id in room.members if user_id != cast.client_user)
    raise LookupError


def value_of(coordinate: str, name: str, argument: GraphQLArgument, sandbox: Sandbox) -> str | None:
    """An argument's value in GraphQL, or None to leave it out."""
    world = sandbox.world
    shown = world.showcase
    values = {
        "id": next(iter(world.profiles.values())).projects[0].id if coordinate == "FreelancerProfile.project" else "",
        "Query.company.id": world.cast.main_company,
        "Query.offer.id": shown.offer_id,
        "Query.room.id": shown.room_id,
        "Query.userDetails.id": world.cast.freelancer,
        "Query.marketplaceJobPosting.id": shown.posting_id,
        "CurrentOrganization.childOrganization.id": shown.team_id,
        "Room.story.id": world.rooms_by_object[shown.contract_id].stories[-1].id,
        "Query.vendorProposal.id": shown.proposal_id,
        "Query.clientProposal.id": shown.proposal_id,
        "Query.contract.id": shown.contract_id,
        "Query.contractDetails.id": shown.contract_id,
        "vendorProposalId": shown.proposal_id,
        "offerId": shown.offer_id,
        "contractId": shown.contract_id,
        "termId": shown.contract_id,
        "roomId": shown.room_id,
        "storyId": world.rooms[shown.room_id].stories[-1].id,
        "jobPostingId": shown.posting_id,
        "profileKey": world.users[world.cast.freelancer].ciphertext,
        "orgId": world.cast.main_company,
        "organizationId": world.cast.main_company,
        "userId": other_in_one_on_one(sandbox),
        "personId": world.cast.client_user,
        "date": "20260930",
    }  # fmt: skip
    literals = {
        "pagination": "{first: 5}",
        "reasonType": "JOB_POSTING_CLOSE",
        "limit": "3",
        "ids": f'["{shown.contract_id}", "{shown.posting_id}"]',
        "timeRange": '{rangeStart: "20260901", rangeEnd: "20261001"}',
        "timeReportDate_bt": '{rangeStart: "20260901", rangeEnd: "20261001"}',
        "jobPostingFilter": "{}",
        "request": "{}",
        "workdaysInput": f'{{contractIds: ["{shown.contract_id}"], timeRange: {{rangeStart: "20260901"}}}}',
        "workDiaryCompanyInput": f'{{companyId: "{world.cast.main_company}", date: "20260929"}}',
        "workDiaryContractInput": f'{{contractId: "{shown.contract_id}", date: "20260929"}}',
        "Query.snapshotsByContractId.input": f'{{contractId: "{shown.contract_id}", timestamp: 1790669443}}',
        "Query.contractTimeReport.filter": (
            f'{{organizationId_eq: "{world.cast.main_company}", '
            'timeReportDate_bt: {rangeStart: "20260901", rangeEnd: "2026-10-01"}}'
        ),
        "Query.vendorContracts.filter": f'{{vendorId: "{world.cast.freelancer}"}}',
        "CurrentOrganization.userPermissions.filter": "{resourceType_eq: OFFER}",
        "CurrentUser.userPermissions.filter": "{resourceType_eq: OFFER}",
        "Query.roomStories.filter": f'{{roomId_eq: "{shown.room_id}"}}',
    }
    for key in (f"{coordinate}.{name}", name):
        if key in literals:
            return literals[key]
        if key in values:
            return f'"{values[key]}"'
    return None if not isinstance(argument.type, GraphQLNonNull) else '""'


def call_of(coordinate: str, field: GraphQLField, sandbox: Sandbox) -> str:
    given = {name: value_of(coordinate, name, argument, sandbox) for name, argument in field.args.items()}
    needed = {
        name: value
        for name, value in given.items()
        if value is not None and (isinstance(field.args[name].type, GraphQLNonNull) or f"{coordinate}.{name}" in GIVEN)
    }
    name = coordinate.split(".")[1]
    return name + (f"({', '.join(f'{key}: {value}' for key, value in needed.items())})" if needed else "")


def query_for(type_name: str, sandbox: Sandbox) -> str:
    """A query that leads to the type and selects all its fields, objects by their type name only."""
    named = LIVE.schema.type_map[type_name]
    assert isinstance(named, GraphQLObjectType)
    inside = " ".join(selections(named, sandbox))
    for coordinate, field in reversed(PATHS[type_name]):
        inside = f"{call_of(coordinate, field, sandbox)} {{ {inside} }}"
    return f"{{ {inside} }}"


def selections(named: GraphQLObjectType, sandbox: Sandbox) -> Iterator[str]:
    for name, field in named.fields.items():
        coordinate = f"{named.name}.{name}"
        if coordinate in LIVE.documented_only | KEPT_FROM_OTHERS | OF_MEMBERS:
            continue
        below = "" if is_leaf_type(get_named_type(field.type)) else " { __typename }"
        yield call_of(coordinate, field, sandbox) + below


@pytest.fixture(scope="module")
def sandbox(upstream: Upstream) -> Sandbox:
    """One for all types: nothing is changed here."""
    return Sandbox(upstream, 1, lambda: 0.0)


@pytest.mark.parametrize("type_name", sorted(PATHS))
def test_type__all_fields_selected__answers_without_a_fault(type_name: str, sandbox: Sandbox) -> None:
    """No field of a reachable type breaks or answers null against its type."""
    query = query_for(type_name, sandbox)

    body = sandbox.answer(Asked(Question(query, {}), sandbox.tokens.named("client").text, None)).body

    assert [error["message"] for error in body.get("errors", [])] == [], query
