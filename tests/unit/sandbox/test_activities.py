"""Team activities: listing with page and filter, and every change seen by a later list."""

from itertools import chain
from typing import Any

import pytest

from .conftest import Client

LIST = """query ($org: ID!, $team: ID, $page: PageFilterInput, $filter: ActivityFilterInput) {
  teamActivities(orgId: $org, teamId: $team, page: $page, filter: $filter) { totalCount page { pageOffset pageSize }
    edges { node { code description url status companyId teamId recordId contracts { contractId } } } } }"""
ADD = """mutation ($org: ID!, $team: ID, $request: AddTeamActivityRequest!) {
  addTeamActivity(orgId: $org, teamId: $team, request: $request) { id success } }"""
UPDATE = """mutation ($org: ID!, $team: ID, $request: UpdateTeamActivityRequest!) {
  updateTeamActivity(orgId: $org, teamId: $team, request: $request) { success } }"""
ARCHIVE = """mutation ($org: ID!, $team: ID, $codes: [String!]!) {
  archiveTeamActivity(orgId: $org, teamId: $team, codes: $codes) { success } }"""
UNARCHIVE = ARCHIVE.replace("archiveTeamActivity", "unarchiveTeamActivity")
ASSIGN = """mutation ($org: ID!, $team: ID, $contract: ID!, $codes: [String]!) {
  assignTeamActivityToTheContract(orgId: $org, teamId: $team, contractId: $contract, codes: $codes) { success } }"""


def place(client: Client) -> dict[str, str]:
    return {"org": client.world.cast.main_company, "team": client.world.showcase.team_id}


async def listed(client: Client, **variables: Any) -> list[dict[str, Any]]:
    answer = (await client.data(LIST, **(place(client) | variables)))["teamActivities"]
    return [edge["node"] for edge in answer["edges"]]


async def one(client: Client, code: str) -> dict[str, Any]:
    return next(node for node in await listed(client) if node["code"] == code)


async def test_list__paged__gives_each_once(client: Client) -> None:
    """Pages go by offset and size, and say so; the total counts all."""
    whole = await listed(client)

    parts = [await listed(client, page={"pageOffset": offset, "pageSize": 5}) for offset in (0, 5, 10)]

    assert list(chain(*parts)) == whole
    assert {node["status"] for node in whole} == {"active", "archived"}


async def test_list__of_the_company__has_all_its_teams(client: Client) -> None:
    """Without a team, the activities of the company and its teams are listed; with the company as team, its own."""
    company = client.world.cast.main_company

    everything, own = await listed(client, team=None), await listed(client, team=company)

    assert len({node["teamId"] for node in everything}) == 5
    assert {node["teamId"] for node in own} == {company}


@pytest.mark.parametrize("status", ["active", "archived"])
async def test_list__filter__keeps_what_it_means(client: Client, status: str) -> None:
    """By status, by words in code or description, by contract."""
    code, contract_id = client.world.showcase.activity_code, client.world.showcase.contract_id

    assert {node["status"] for node in await listed(client, filter={"status": status})} == {status}
    assert code in {node["code"] for node in await listed(client, filter={"search": code.lower()})}
    for node in await listed(client, team=None, filter={"contractId": contract_id}):
        assert {"contractId": contract_id} in node["contracts"]


async def test_add__activity__is_listed(client: Client) -> None:
    """A new activity has the contracts given; its code can not be used twice in the team."""
    contract_id = client.world.showcase.contract_id
    request = {"code": "NEW-1", "description": "New", "contractIds": [contract_id]}

    made = (await client.data(ADD, **place(client), request=request))["addTeamActivity"]

    node = await one(client, "NEW-1")
    assert made == {"id": node["recordId"], "success": True}
    assert (node["description"], node["contracts"]) == ("New", [{"contractId": contract_id}])
    assert (await client.ask(ADD, **place(client), request=request))["data"] == {"addTeamActivity": None}


async def test_add__for_all_contracts__assigns_the_open_ones(client: Client) -> None:
    """`batchAssignment: allInOrg` stands for every open contract of the company."""
    await client.data(ADD, **place(client), request={"code": "ALL", "description": "d", "batchAssignment": "allInOrg"})

    assert len((await one(client, "ALL"))["contracts"]) > 30


async def test_update__activity__changes_what_is_given(client: Client) -> None:
    """Description, address and status change, the rest stays."""
    code = client.world.showcase.activity_code
    before = await one(client, code)

    await client.data(
        UPDATE, **place(client), request={"code": code, "url": "https://t.invalid/1", "status": "archived"}
    )

    assert await one(client, code) == before | {"url": "https://t.invalid/1", "status": "archived"}


async def test_archive_and_unarchive__codes__put_away_and_take_out(client: Client) -> None:
    """Both take several codes."""
    codes = [node["code"] for node in await listed(client) if node["status"] == "active"][:2]

    await client.data(ARCHIVE, **place(client), codes=codes)
    assert [(await one(client, code))["status"] for code in codes] == ["archived"] * 2

    await client.data(UNARCHIVE, **place(client), codes=codes)
    assert [(await one(client, code))["status"] for code in codes] == ["active"] * 2


async def test_archive__one_code_unknown__changes_none(client: Client) -> None:
    """With an unknown code the whole call is refused."""
    code = client.world.showcase.activity_code

    body = await client.ask(ARCHIVE, **place(client), codes=[code, "NOPE"])

    assert body["errors"][0]["extensions"] == {"classification": "NOT_FOUND"}
    assert (await one(client, code))["status"] == "active"


async def test_assign__codes__replace_the_assignment(client: Client) -> None:
    """The contract ends up on exactly the activities given; none given takes it off all."""
    contract_id = client.world.showcase.contract_id
    chosen = [node["code"] for node in await listed(client)][3:5]

    async def assigned() -> list[str]:
        return [node["code"] for node in await listed(client, filter={"contractId": contract_id})]

    await client.data(ASSIGN, **place(client), contract=contract_id, codes=chosen)
    assert await assigned() == chosen

    await client.data(ASSIGN, **place(client), contract=contract_id, codes=[])
    assert await assigned() == []


@pytest.mark.parametrize(
    ("org", "team", "expected"), [("4", None, "FORBIDDEN"), (None, "4", "NOT_FOUND")], ids=["company", "team"]
)
async def test_list__of_others__is_refused(client: Client, org: str | None, team: str | None, expected: str) -> None:
    """The company has to be the tenant's, the team one of its own."""
    where = {"org": org or client.world.cast.main_company, "team": team}

    assert (await client.refusal(LIST, **where))[0] == expected
