"""Job postings: the search with its filters, order and quirks, a company's own list, and one posting."""

from typing import Any

import pytest

from .conftest import Client

SEARCH = """query ($filter: MarketplaceJobPostingsSearchFilter, $sort: [MarketplaceJobPostingSearchSortAttribute]) {
  marketplaceJobPostingsSearch(marketPlaceJobFilter: $filter, searchType: USER_JOBS_SEARCH, sortAttributes: $sort) {
    totalCount pageInfo { endCursor hasNextPage } edges { node {
      id title description createdDateTime duration experienceLevel totalApplicants category
      amount { rawValue } hourlyBudgetMax { rawValue } skills { name prettyName }
      client { totalHires totalFeedback verificationStatus location { country } }
      job { contractTerms { contractType hourlyContractTerms { engagementType } }
            classification { category { id } skills { id } } } } } } }"""
OWN = """query ($filter: JobPostingsFilter!, $sort: SortAttribute) { organization {
  jobPosting(jobPostingFilter: $filter, sortAttribute: $sort) { totalCount pageInfo { endCursor hasNextPage }
    edges { node { id visibility info { status auditTime { createdDateTime } filledDateTime } ownership { team { id } }
      contractTerms { contractType } } } } } }"""


async def hits(client: Client, sort: str | None = None, **filter_: Any) -> list[dict[str, Any]]:
    """All hits of a search, page by page."""
    nodes: list[dict[str, Any]] = []
    while True:
        wanted = filter_ | {"pagination_eq": {"first": 100, "after": str(len(nodes))}}
        sorting = [{"field": sort}] if sort else None
        page = (await client.data(SEARCH, filter=wanted, sort=sorting))["marketplaceJobPostingsSearch"]
        nodes += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            assert len(nodes) == page["totalCount"]
            return nodes


async def test_search__everything__has_at_least_250_hits_newest_first(client: Client) -> None:
    """Enough hits to page through, each once, by default newest first."""
    found = await hits(client)

    moments = [node["createdDateTime"] for node in found]
    assert len({node["id"] for node in found}) == len(found) >= 250
    assert moments == sorted(moments, reverse=True)
    assert moments[0].endswith("+0000")


async def test_search__without_pagination__gives_ten(client: Client) -> None:
    """No `pagination_eq` means ten results."""
    page = (await client.data(SEARCH, filter={}))["marketplaceJobPostingsSearch"]

    assert (len(page["edges"]), page["pageInfo"]) == (10, {"endCursor": "10", "hasNextPage": True})


@pytest.mark.parametrize("root", ["marketplaceJobPostingsSearch", "marketplaceJobPostings"])
async def test_search__pagination_without_after__fails(client: Client, root: str) -> None:
    """The real search breaks there, and so does this one."""
    body = await client.ask(f"{{ {root}(marketPlaceJobFilter: {{pagination_eq: {{first: 5}}}}) {{ totalCount }} }}")

    assert body["data"] == {root: None}
    assert body["errors"][0]["message"] == "Exception occurred"


@pytest.mark.parametrize(
    ("filter_", "claim"),
    [
        ({"jobType_eq": "HOURLY"}, lambda node: _terms(node)["contractType"] == "HOURLY"),
        ({"workload_eq": "FULL_TIME"}, lambda node: _engagement(node) == "FULL_TIME"),
        ({"experienceLevel_eq": "EXPERT"}, lambda node: node["experienceLevel"] == "EXPERT"),
        ({"duration_any": ["WEEK", "MONTH"]}, lambda node: node["duration"] in {"WEEK", "MONTH"}),
        ({"titleExpression_eq": "landing"}, lambda node: "landing" in node["title"].lower()),
        (
            {"searchTerm_eq": {"andTerms_all": ["page"], "excludeTerms_any": ["redesign"]}},
            lambda node: _texts(node, "page", "redesign"),
        ),
        ({"verifiedPaymentOnly_eq": True}, lambda node: node["client"]["verificationStatus"] == "VERIFIED"),
        ({"clientHiresRange_eq": {"rangeStart": 100}}, lambda node: node["client"]["totalHires"] >= 100),
        ({"proposalRange_eq": {"rangeStart": 5, "rangeEnd": 10}}, lambda node: 5 <= node["totalApplicants"] <= 10),
        (
            {"budgetRange_eq": {"rangeStart": 200, "rangeEnd": 1000}},
            lambda node: 200 <= float(node["amount"]["rawValue"]) <= 1000,
        ),
        ({"hourlyRate_eq": {"rangeEnd": 30}}, lambda node: _rate(node) is not None and float(_rate(node)) <= 30),
        ({"locations_any": ["Japan"]}, lambda node: node["client"]["location"]["country"] == "Japan"),
    ],
    ids=["type", "load", "level", "span", "title", "term", "paid", "hires", "bids", "budget", "rate", "country"],
)  # fmt: skip
async def test_search__filter__keeps_exactly_what_it_means(client: Client, filter_: Any, claim: Any) -> None:
    """A filter keeps all hits it is true of, and no other."""
    everything = await hits(client)

    assert await hits(client, **filter_) == [node for node in everything if claim(node)]


def _terms(node: dict[str, Any]) -> dict[str, Any]:
    terms: dict[str, Any] = node["job"]["contractTerms"]
    return terms


def _engagement(node: dict[str, Any]) -> Any:
    return (_terms(node)["hourlyContractTerms"] or {}).get("engagementType")


def _rate(node: dict[str, Any]) -> Any:
    return (node["hourlyBudgetMax"] or {}).get("rawValue")


def _texts(node: dict[str, Any], wanted: str, unwanted: str) -> bool:
    skills = " ".join(skill["prettyName"] for skill in node["skills"])
    text = f"{node['title']} {node['description']} {skills}".lower()
    return wanted in text and unwanted not in text


async def test_search__by_ids__uses_ids_of_the_vocabulary(client: Client) -> None:
    """Categories and skills are named by their ids; a name finds nothing."""
    some = (await hits(client))[0]["job"]["classification"]
    category, skills = some["category"]["id"], [skill["id"] for skill in some["skills"]]

    by_category, by_skills = (
        await hits(client, categoryIds_any=[category]),
        await hits(client, ontologySkillIds_all=skills),
    )

    assert {node["job"]["classification"]["category"]["id"] for node in by_category} == {category}
    assert all(set(skills) <= {skill["id"] for skill in node["job"]["classification"]["skills"]} for node in by_skills)
    assert await hits(client, categoryIds_any=["Writing"]) == []


@pytest.mark.parametrize(("field", "key"), [("CLIENT_TOTAL_CHARGE", "totalHires"), ("CLIENT_RATING", "totalFeedback")])
async def test_search__sorted_by_client__puts_the_highest_first(client: Client, field: str, key: str) -> None:
    """The other sort fields order by the client."""
    values = [node["client"][key] for node in await hits(client, field)]

    assert values == sorted(values, reverse=True)


async def test_own_postings__filters__keep_what_they_mean(client: Client) -> None:
    """By status, team, type and day; the newest first, or the other way round."""
    team = client.world.showcase.team_id

    async def listed(sort: Any = None, **filter_: Any) -> list[dict[str, Any]]:
        wanted = filter_ | {"pagination_eq": {"first": 100, "after": "0"}}
        edges = (await client.data(OWN, filter=wanted, sort=sort))["organization"]["jobPosting"]["edges"]
        return [edge["node"] for edge in edges]

    everything = await listed()
    moments = [node["info"]["auditTime"]["createdDateTime"] for node in everything]
    assert len(everything) == 90
    assert moments == sorted(moments, reverse=True)
    assert await listed({"field": "CREATED_DATE_TIME", "sortOrder": "ASC"}) == everything[::-1]
    assert await listed(statusAndAccess_any=[{"statuses_any": ["FILLED"]}]) == [
        node for node in everything if node["info"]["status"] == "FILLED"
    ]
    assert await listed(postByTeamIds_any=[team]) == [
        node for node in everything if node["ownership"]["team"]["id"] == team
    ]
    assert await listed(contractType_eq="FIXED") == [
        node for node in everything if node["contractTerms"]["contractType"] == "FIXED"
    ]
    assert await listed(createdDateTimeFrom_eq="2026-01-01", createdDateTimeTo_eq="2026-06-30T00:00:00.000+0000") == [
        node
        for node in everything
        if "2026-01-01" <= node["info"]["auditTime"]["createdDateTime"] <= "2026-06-30T00:00:00+0000"
    ]


async def test_posting__own_or_not__is_shown_or_refused(client: Client) -> None:
    """A company reads its own postings; another's is forbidden, an unknown one not found."""
    query = (
        "query ($id: ID!) { jobPosting(jobPostingId: $id) { id info { status legacyCiphertext } content { title } } }"
    )
    foreign = next(
        one.id for one in client.world.postings.values() if one.company_id == client.world.cast.other_company
    )

    found = (await client.data(query, id=client.world.showcase.posting_id))["jobPosting"]

    assert found["info"]["legacyCiphertext"].startswith("~01")
    assert (await client.refusal(query, id=foreign))[0] == "FORBIDDEN"
    assert (await client.refusal(query, id="4"))[0] == "NOT_FOUND"


async def test_marketplace_posting__private__is_hidden_from_others(client: Client) -> None:
    """A private posting is seen by its company only."""
    own = {client.world.cast.main_company, client.world.cast.second_company}
    postings = [one for one in client.world.postings.values() if one.company_id not in own]
    private = next(one for one in postings if one.visibility == "ACCESS_PRIVATE")

    body = await client.ask("query ($id: ID!) { marketplaceJobPosting(id: $id) { id } }", id=private.id)

    assert body["data"] == {"marketplaceJobPosting": None}
    assert body["errors"][0]["extensions"] == {"classification": "NOT_FOUND"}
