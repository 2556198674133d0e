"""Tokens, scopes and tenants: who is let in, and what they may read."""

import pytest

from app.sandbox.scopes import (
    ALL_SCOPES,
    COMMON,
    EXTENDED,
    JOBS,
    MESSAGES_READ,
    MESSAGES_WRITE,
    OFFER_READ,
    WITHDRAWN,
)

from .conftest import Client, Clock

REFUSAL = "The client or authentication token doesn't have enough oauth2 permissions/scopes to access: "


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer unknown", "Basic abc"])
async def test_request__without_a_known_bearer__is_unauthorized(client: Client, header: str | None) -> None:
    """No bearer, another scheme or an unknown token: 401 with a JSON object that has a message."""
    headers = {} if header is None else {"Authorization": header}

    response = await client.http.post("/graphql", json={"query": "{ user { id } }"}, headers=headers)

    assert response.status_code == 401
    assert response.json() == {"message": "Authentication failed"}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_request__scheme_in_either_case__is_let_in(client: Client, scheme: str) -> None:
    """The scheme may be written in lower case, as the documentation does."""
    headers = {"Authorization": f"{scheme} {client.token}"}

    response = await client.http.post("/graphql", json={"query": "{ user { id } }"}, headers=headers)

    assert response.json() == {"data": {"user": {"id": client.world.cast.client_user}}}


async def test_token__after_its_time__is_unauthorized(client: Client, clock: Clock) -> None:
    """A token with a time to live stops working at its end."""
    text = (await client.steer("POST", "tokens", {"ttl_seconds": 60}))["access_token"]
    mine = client.as_(text)

    clock.now += 59
    assert (await mine.send("{ user { id } }")).status_code == 200
    clock.now += 1
    assert (await mine.send("{ user { id } }")).status_code == 401


@pytest.mark.parametrize("name", ["client", "freelancer", "stranger"])
async def test_token__for_a_part__belongs_to_its_user(client: Client, name: str) -> None:
    """A token can be made for each of the main parts, by name."""
    made = await client.steer("POST", "tokens", {"user": name})

    user = (await client.as_(made["access_token"]).data("{ user { id } }"))["user"]
    assert user == {"id": made["user_id"]} == {"id": client.sandbox.tokens.named(name).user_id}


async def test_token__for_an_unknown_user__is_refused(client: Client) -> None:
    """The control endpoint says what is wrong."""
    response = await client.http.post("/_sandbox/tokens", json={"user": "nobody"})

    assert (response.status_code, response.json()) == (400, {"message": "there is no user 'nobody'"})


async def test_scopes__missing__names_every_field_and_gives_no_data(client: Client) -> None:
    """One error names all fields the token lacks, in order, and nothing else is answered."""
    body = await client.scoped(COMMON).ask("{ roomList { edges { node { id topic organization { id } } } } }")

    fields = "Query.roomList, Room.id, Room.organization, Room.topic, RoomConnection.edges, RoomEdge.node"
    assert body == {
        "errors": [{"message": f"{REFUSAL}[{fields}].", "extensions": {"classification": "ExecutionAborted"}}]
    }


async def test_scopes__sample_of_the_documentation__is_refused_word_for_word(client: Client) -> None:
    """The documented refusal comes out exactly as documented."""
    query = "{ user { id nid rid name email } organization { id rid } }"

    _, message = await client.scoped(MESSAGES_READ).refusal(query)

    assert message == (
        f"{REFUSAL}[CurrentOrganization.id, CurrentOrganization.rid, CurrentUser.email, CurrentUser.id, "
        "CurrentUser.name, CurrentUser.nid, CurrentUser.rid, Query.organization, Query.user]."
    )


async def test_scopes__in_a_fragment__count_as_well(client: Client) -> None:
    """Fields of fragments are refused like any others."""
    query = """query { room(id: 4) { ...Names } }
    fragment Names on Room { id contractDetails { ... on ContractDetails { id } } }"""

    _, message = await client.scoped(COMMON, MESSAGES_READ).refusal(query)

    assert message == f"{REFUSAL}[ContractDetails.id]."


async def test_scopes__read_only__refuses_a_mutation(client: Client) -> None:
    """A mutation needs the scope for writing; the one for reading is not enough, and nothing happens."""
    room_id = client.world.showcase.room_id
    query = 'mutation ($room: ID!) { createRoomStoryV2(input: {roomId: $room, message: "x"}) { id } }'
    before = len(client.world.rooms[room_id].stories)

    reader, writer = client.scoped(COMMON, MESSAGES_READ), client.scoped(COMMON, MESSAGES_WRITE)

    assert await reader.refusal(query, room=room_id) == (
        "ExecutionAborted",
        f"{REFUSAL}[Mutation.createRoomStoryV2].",
    )
    assert len(client.world.rooms[room_id].stories) == before
    assert (await writer.data(query, room=room_id))["createRoomStoryV2"]["id"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("{ user { freelancerProfile { countryDetails { id } } } }", "FreelancerProfile.countryDetails"),
        ("{ organization { jobPosting(jobPostingFilter: {}) { edges { node { ownership { team { legacyId } } } } } } }",
         "GenericOrganization.legacyId"),
    ],
    ids=["country", "legacy id"],
)  # fmt: skip
async def test_scopes__all_but_extended__refuses_the_fields_live_keys_were_refused(
    client: Client, query: str, field: str
) -> None:
    """A few fields want more than the scope of their area."""
    ordinary = client.scoped(*(ALL_SCOPES - {EXTENDED}))

    assert (await ordinary.refusal(query))[1] == f"{REFUSAL}[{field}]."
    await client.data(query)


async def test_scopes__documented_only_field__is_refused_to_every_ordinary_token(client: Client) -> None:
    """Fields that only the documentation knows are refused even to the token with all scopes."""
    query = "query ($id: ID!) { offerRoom(offerId: $id) { roomUsers { user { email } } } }"
    offer_id = client.world.showcase.offer_id

    assert (await client.refusal(query, id=offer_id))[1] == f"{REFUSAL}[GenericUser.email]."
    await client.scoped(*ALL_SCOPES, WITHDRAWN).data(query, id=offer_id)


async def test_scopes__of_an_area__are_enough_for_its_calls(client: Client) -> None:
    """With its area's scope and the common one, an ordinary call passes; without the area's it does not."""
    query = """query ($id: ID!) { contractByTerm(termId: $id) {
      id title freelancer { id name } clientTeam { id rid }
      job { id content { title } classification { category { id } } }
      terms { hourlyTerms { hourlyRate { rawValue } } } } }"""
    contract_id = client.world.showcase.contract_id

    await client.scoped(COMMON, OFFER_READ).data(query, id=contract_id)

    assert (await client.scoped(COMMON, JOBS).refusal(query, id=contract_id))[0] == "ExecutionAborted"


async def test_tenant__missing__is_the_default_organization(client: Client) -> None:
    """Without the header, the first organization of the user is meant."""
    assert await client.data("{ organization { id } }") == {"organization": {"id": client.world.cast.main_company}}


async def test_tenant__another_own_one__shows_another_company(client: Client) -> None:
    """With the header, rooms and offers are those of that organization."""
    second = client.world.cast.second_company
    query = "{ organization { id clientOffers(pagination: {first: 50}) { totalCount } } roomList { totalCount } }"

    here = await client.data(query)
    there = await client.named("client", second).data(query)

    assert there["organization"]["id"] == second
    assert there["organization"]["clientOffers"]["totalCount"] == 14
    assert here["organization"]["clientOffers"]["totalCount"] == 90
    assert here["roomList"]["totalCount"] > there["roomList"]["totalCount"] > 0


@pytest.mark.parametrize("tenant", ["other", "unknown"])
async def test_tenant__foreign__is_refused_without_data(client: Client, tenant: str) -> None:
    """An organization the user is no member of is refused whole, whether it exists or not."""
    organization_id = client.world.cast.other_company if tenant == "other" else "4"

    body = await client.named("client", organization_id).ask("{ organization { id } }")

    assert body == {
        "errors": [{"message": "Authorization failed", "extensions": {"classification": "ExecutionAborted"}}]
    }


async def test_tenant__of_a_stranger__sees_nothing_of_the_company(client: Client) -> None:
    """A user of another company finds neither the contract nor the company's inside."""
    shown, stranger = client.world.showcase, client.named("stranger")

    contract = await stranger.refusal("query ($id: ID!) { contractByTerm(termId: $id) { id } }", id=shown.contract_id)
    inside = await stranger.ask(
        "query ($id: ID!) { company(id: $id) { private { id } public { name } } }", id=client.world.cast.main_company
    )

    assert contract == ("FORBIDDEN", "Authorization failed")
    assert inside["data"] == {"company": {"private": None, "public": {"name": "Acme Ltd"}}}


async def test_company_selector__of_the_client__lists_both_companies(client: Client) -> None:
    """The selector names what the tenant header may hold, the default first."""
    query = "{ companySelector { items { title organizationId organizationRid organizationLegacyType } } }"

    items = (await client.data(query))["companySelector"]["items"]

    assert [item["title"] for item in items] == ["Acme Ltd", "Birchwood Labs"]
    assert items[0]["organizationId"] == client.world.cast.main_company
    assert items[0]["organizationLegacyType"] == "Client"
