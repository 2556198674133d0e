"""Offers and contracts: the lists with their filters and limits, and one contract in its two forms."""

from typing import Any

import pytest

from app.sandbox.instants import iso_z

from .conftest import Client

LIST = """query ($filter: OfferByClientFilter, $sort: SortAttribute, $pagination: Pagination!) { organization {
  clientOffers(offerByClientFilter: $filter, sortAttribute: $sort, pagination: $pagination) {
    totalCount pageInfo { endCursor hasNextPage } edges { cursor node {
      id type state title startDateTime offerCreatedDateTime team { id } freelancer { id } agency { id }
      offer { id } contract { id contractId } contractDetails { id status } } } } } }"""


async def page_of(client: Client, first: int = 50, after: str = "0", **variables: Any) -> dict[str, Any]:
    answer = await client.data(LIST, pagination={"first": first, "after": after}, **variables)
    page: dict[str, Any] = answer["organization"]["clientOffers"]
    return page


async def nodes_of(client: Client, **variables: Any) -> list[dict[str, Any]]:
    first = await page_of(client, **variables)
    second = await page_of(client, after="50", **variables)
    return [edge["node"] for edge in first["edges"] + second["edges"]]


async def test_client_offers__two_pages__hold_all_of_them(client: Client) -> None:
    """At most 50 a page, with a true `hasNextPage`, and every offer once."""
    first, second = await page_of(client), await page_of(client, after="50")

    ids = [edge["node"]["id"] for edge in first["edges"] + second["edges"]]
    assert (len(first["edges"]), first["pageInfo"]) == (50, {"endCursor": "50", "hasNextPage": True})
    assert second["pageInfo"] == {"endCursor": str(first["totalCount"]), "hasNextPage": False}
    assert len(set(ids)) == first["totalCount"] >= 75


async def test_client_offers__more_than_50__is_refused(client: Client) -> None:
    """A page of more than 50 is refused and nulls the list."""
    body = await client.ask(LIST, pagination={"first": 51})

    assert body["data"] == {"organization": {"clientOffers": None}}
    assert "VJCA-6" in body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("filter_", "claim"),
    [
        ({"commonFilter": {"states_any": ["Active"]}}, lambda node: node["state"] == "Active"),
        ({"commonFilter": {"states_any": ["Ended", "Paused"]}}, lambda node: node["state"] in {"Ended", "Paused"}),
        ({"offerType_any": ["FixedPrice"]}, lambda node: node["type"] == "FixedPrice"),
        ({"agreementKind_any": ["Offer"]}, lambda node: node["contract"] is None),
        ({"commonFilter": {"text_eq": "REDESIGN"}}, lambda node: "redesign" in node["title"].lower()),
        (
            {"commonFilter": {"startDatePeriod_bt": ["2026-03-01", "2026-07-01"]}},
            lambda node: "2026-03-01" <= node["startDateTime"] < "2026-07-01",
        ),
    ],
    ids=["active", "ended", "fixed", "pending", "text", "period"],
)
async def test_client_offers__filter__keeps_exactly_what_it_means(client: Client, filter_: Any, claim: Any) -> None:
    """A filter keeps all offers it is true of, and no other."""
    everything = await nodes_of(client)

    found = await nodes_of(client, filter=filter_)

    assert found == [node for node in everything if claim(node)]
    assert 0 < len(found) < len(everything)


async def test_client_offers__of_a_team_and_freelancer__are_theirs(client: Client) -> None:
    """Ids in filters are ids of teams and users."""
    world = client.world
    filter_ = {"teamId_any": [world.showcase.team_id], "freelancerId_any": [world.cast.freelancer]}

    found = await nodes_of(client, filter=filter_)

    assert found
    assert {(node["team"]["id"], node["freelancer"]["id"]) for node in found} == {
        (world.showcase.team_id, world.cast.freelancer)
    }


@pytest.mark.parametrize(("order", "reverse"), [("ASC", False), ("DESC", True)])
async def test_client_offers__sorted__come_in_that_order(client: Client, order: str, reverse: bool) -> None:
    """The fields of the node can be sorted by, both ways; unknown ones are refused."""
    found = await nodes_of(client, sort={"field": "startDateTime", "sortOrder": order})

    moments = [node["startDateTime"] for node in found]
    assert moments == sorted(moments, reverse=reverse)
    unknown = await client.ask(LIST, sort={"field": "nope", "sortOrder": order}, pagination={"first": 1})
    assert "sortAttribute.field" in unknown["errors"][0]["message"]


async def test_offers__all_kinds__are_in_the_world(client: Client) -> None:
    """Hourly and fixed price, pending, active, paused and ended, with and without agency."""
    nodes = await nodes_of(client)

    kinds = {(node["type"], node["state"]) for node in nodes}
    assert {type_ for type_, _ in kinds} == {"Hourly", "FixedPrice"}
    assert {state for _, state in kinds} == {"Pending", "Active", "Paused", "Ended"}
    assert {node["agency"] is None for node in nodes} == {True, False}


async def test_contract__by_any_of_its_terms__is_the_same(client: Client) -> None:
    """The old form's id is the latest term; `contractByTerm` takes contract and term ids alike."""
    contract = next(one for one in client.world.contracts.values() if len(one.terms) == 2
                    and client.world.offer_of(one).client_id == client.world.cast.main_company)  # fmt: skip
    query = """query ($id: ID!) { contract(id: $id) { id contractId termId hourlyChargeRate { rawValue } startDateTime }
      contractByTerm(termId: $id) { id startDate terms { hourlyTerms { id hourlyRate { rawValue } startDate } } } }"""

    by_contract = await client.data(query, id=contract.id)
    by_term = await client.data(query, id=contract.terms[1].id)

    assert by_contract == by_term
    assert by_contract["contract"]["id"] == by_contract["contract"]["termId"] == contract.terms[1].id
    assert by_contract["contract"]["contractId"] == by_contract["contractByTerm"]["id"] == contract.id
    assert by_contract["contractByTerm"]["startDate"] == iso_z(contract.started)
    assert len(by_contract["contractByTerm"]["terms"]["hourlyTerms"]) == 2


async def test_contract__ids__have_the_forms_of_the_upstream(client: Client) -> None:
    """Contract ids are 8 digits, users and organizations 18 or 19, slugs 22 characters."""
    query = """query ($id: ID!) { contractByTerm(termId: $id) {
      id freelancer { id rid } clientOrganization { id legacyId rid }
      offer { freelancer { user { nid ciphertext } } } } }"""

    found = (await client.data(query, id=client.world.showcase.contract_id))["contractByTerm"]

    assert (len(found["id"]), found["id"].isdigit()) == (8, True)
    assert len(found["freelancer"]["id"]) in {18, 19}
    assert len(found["clientOrganization"]["legacyId"]) == 22
    assert found["freelancer"]["rid"].isdigit()
    assert found["offer"]["freelancer"]["user"]["nid"].isalpha()
    assert found["offer"]["freelancer"]["user"]["ciphertext"].startswith("~01")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('{ contractByTerm(termId: "4") { id } }', "NOT_FOUND"),
        ('{ offer(id: "4") { id } }', "NOT_FOUND"),
        ('{ contractByTerm(termId: "4", date: "yesterday") { id } }', "DataFetchingException"),
        ('{ userDetails(id: "4") { id } }', "NOT_FOUND"),
        ('{ company(id: "4") { public { id } } }', "NOT_FOUND"),
        ('{ organization { childOrganization(id: "4") { id } } }', "NOT_FOUND"),
        ('{ vendorProposal(id: "4") { id } }', "NOT_FOUND"),
    ],
)
async def test_object__unknown__is_a_classified_error(client: Client, query: str, expected: str) -> None:
    """Unknown ids and unusable values are errors with a class, never a crash."""
    assert (await client.refusal(query))[0] == expected


async def test_freelancer__own_offers__are_those_of_the_client(client: Client) -> None:
    """The freelancer sees the same contract from the other side."""
    query = "{ user { offer(pagination: {first: 50}) { edges { node { contractDetails { id } } } } } }"

    edges = (await client.named("freelancer").data(query))["user"]["offer"]["edges"]

    ids = {edge["node"]["contractDetails"]["id"] for edge in edges if edge["node"]["contractDetails"]}
    assert client.world.showcase.contract_id in ids


async def test_agency_offers__of_the_client_company__are_none(client: Client) -> None:
    """A client company is no vendor; its list as an agency is empty."""
    query = "{ organization { agencyOffers(pagination: {first: 50}) { totalCount } } }"

    assert (await client.data(query))["organization"]["agencyOffers"] == {"totalCount": 0}


async def test_teams__of_the_company__have_staff_paged_by_staff_id(client: Client) -> None:
    """Teams are listed and found; the staff list continues after the last staff id."""
    query = """query ($team: ID!, $pagination: Pagination) { organization { childOrganizations { id name }
      childOrganization(id: $team) { parentOrganization { id } staffs(pagination: $pagination) {
        totalCount pageInfo { endCursor hasNextPage }
        edges { node { id user { id name publicUrl } staffType activationStatus } } } } } }"""
    team = client.world.showcase.team_id

    first = (await client.data(query, team=team, pagination={"first": 1}))["organization"]
    page = first["childOrganization"]["staffs"]
    rest = await client.data(query, team=team, pagination={"first": 9, "after": page["pageInfo"]["endCursor"]})
    others = rest["organization"]["childOrganization"]["staffs"]["edges"]

    assert team in {one["id"] for one in first["childOrganizations"]}
    assert first["childOrganization"]["parentOrganization"]["id"] == client.world.cast.main_company
    assert page["pageInfo"]["endCursor"] == page["edges"][0]["node"]["id"]
    assert len(others) == page["totalCount"] - 1
    assert page["edges"][0]["node"]["id"] not in {edge["node"]["id"] for edge in others}
