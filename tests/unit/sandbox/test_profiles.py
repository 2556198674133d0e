"""Profiles by key, in both forms, and the search for freelancers."""

from typing import Any

import pytest

from app.sandbox.records.profiles import Profile

from .conftest import Client

SEARCH = """query ($request: SemSearchV2Request!) { search { searchFreelancerPublicProfile(request: $request) {
  pagingInfo { total offset count } profiles { profile { personId identity { id ciphertext }
    personalData { title firstName chargeRate { rawValue } location { country city } }
    profileAggregates { topRatedStatus totalJobs } skills { skill prettyName } } } } } }"""


def other_freelancer(client: Client) -> Profile:
    """A public profile that is not the caller's, with a past job and a portfolio."""
    others = [one for one in client.world.profiles.values() if one.user_id != client.world.cast.freelancer]
    return next(one for one in others if one.employments and one.projects and one.visibility == "PUBLIC")


def key_of(client: Client, profile: Profile) -> str:
    return client.world.users[profile.user_id].ciphertext


@pytest.mark.parametrize(
    "field", ["fullName", "firstName", "lastName", "employmentRecords { city }", "employmentRecords { country }"]
)
async def test_profile__of_somebody_else__is_voided_by_private_fields(client: Client, field: str) -> None:
    """Names and the places of past jobs are null for others, and take the whole answer with them."""
    query = f"query ($key: String!) {{ freelancerProfileByProfileKey(profileKey: $key) {{ {field} }} }}"

    body = await client.ask(query, key=key_of(client, other_freelancer(client)))

    assert body["data"] is None
    assert body["errors"][0]["extensions"] == {"classification": "NullValueInNonNullableField"}


async def test_profile__of_oneself__has_the_names(client: Client) -> None:
    """The freelancer reads their own names."""
    query = "{ user { name freelancerProfile { fullName firstName user { id } } } }"

    user = (await client.named("freelancer").data(query))["user"]

    assert user["freelancerProfile"]["fullName"] == user["name"]


async def test_profile__safe_fields__tell_the_rest(client: Client) -> None:
    """Everything else can be read of anybody with a public profile."""
    query = """query ($key: String!) { freelancerProfileByProfileKey(profileKey: $key) {
      userDetails { id nid } countryDetails { name } portrait { portrait50 }
      personalData { title firstName profileUrl chargeRate { rawValue currency } }
      aggregates { totalFeedback adjustedFeedbackScore jobSuccessScore billedContracts lastWorkedDateTime }
      skills { edges { node { preferredLabel } } } languages { edges { node { language { englishName } } } }
      jobCategories { edges { node { category { preferredLabel } selectedSubCategories { id } } } }
      profileCompletenessSummary { portfolioCount } userPreferences { visibilityLevel } } }"""
    profile = other_freelancer(client)

    found = (await client.data(query, key=key_of(client, profile)))["freelancerProfileByProfileKey"]

    assert found["userDetails"]["id"] == profile.user_id
    assert found["personalData"]["title"] == profile.title
    assert found["profileCompletenessSummary"] == {"portfolioCount": len(profile.projects)}
    assert len(found["skills"]["edges"]) == len(profile.skill_ids)


async def test_talent_profile__of_a_key__has_place_and_portfolio(client: Client) -> None:
    """The newer form has city, time zone and projects."""
    query = """query ($key: String!) { talentProfileByProfileKey(profileKey: $key) { personId identity { id ciphertext }
      personalData { firstName location { country city timezone } } profileCompleteness { portfolioCount }
      projectList { totalProjects projects { id title projectUrl completionDateTime } } } }"""
    profile = other_freelancer(client)
    user = client.world.users[profile.user_id]

    found = (await client.data(query, key=user.ciphertext))["talentProfileByProfileKey"]

    assert found["identity"] == {"id": user.id, "ciphertext": user.ciphertext}
    assert found["personalData"]["location"]["city"] == user.place.city
    assert len(found["projectList"]["projects"]) == found["projectList"]["totalProjects"] == len(profile.projects)


@pytest.mark.parametrize("kind", ["unknown", "private", "client"])
async def test_profile__not_to_be_seen__is_not_found(client: Client, kind: str) -> None:
    """An unknown key, a private profile and a user who is no freelancer have no profile to show."""
    world = client.world
    private = next(one for one in world.profiles.values() if one.visibility == "PRIVATE")
    keys = {
        "unknown": "~01abc",
        "private": key_of(client, private),
        "client": world.users[world.cast.client_user].ciphertext,
    }
    query = "query ($key: String!) { talentProfileByProfileKey(profileKey: $key) { personId } }"

    body = await client.ask(query, key=keys[kind])

    assert body["data"] == {"talentProfileByProfileKey": None}
    assert body["errors"][0]["extensions"] == {"classification": "NOT_FOUND"}


async def found_by(client: Client, **request: Any) -> list[dict[str, Any]]:
    """All hits of a search, page by page."""
    nodes: list[dict[str, Any]] = []
    while True:
        wanted = request | {"paging": {"start": len(nodes), "rows": 20}}
        page = (await client.data(SEARCH, request=wanted))["search"]["searchFreelancerPublicProfile"]
        nodes += [item["profile"] for item in page["profiles"]]
        assert page["pagingInfo"]["count"] == len(page["profiles"])
        if len(nodes) == page["pagingInfo"]["total"]:
            return nodes


@pytest.mark.parametrize(
    ("request_", "claim"),
    [
        ({"title": "developer"}, lambda node: "developer" in node["personalData"]["title"].lower()),
        ({"countries": ["Japan"]}, lambda node: node["personalData"]["location"]["country"] == "Japan"),
        ({"hourlyRate": {"min": 20, "max": 50}}, lambda node: 20 <= _rate(node) <= 50),
        ({"totalJobs": {"min": 20}}, lambda node: node["profileAggregates"]["totalJobs"] >= 20),
        ({"topRated": True}, lambda node: node["profileAggregates"]["topRatedStatus"].startswith("top_rated")),
        ({"skillsNames": ["python"]}, lambda node: "python" in {skill["skill"] for skill in node["skills"]}),
    ],
    ids=["title", "countries", "rate", "jobs", "rank", "skills"],
)  # fmt: skip
async def test_search__filter__keeps_exactly_what_it_means(client: Client, request_: Any, claim: Any) -> None:
    """A filter keeps all public profiles it is true of, and no other."""
    everything = await found_by(client)

    assert await found_by(client, **request_) == [node for node in everything if claim(node)]
    assert len(everything) > 35


def _rate(node: dict[str, Any]) -> float:
    return float(node["personalData"]["chargeRate"]["rawValue"])


async def test_search__too_many_rows__is_refused(client: Client) -> None:
    """A page has at most 50 rows."""
    assert "paging" in (await client.refusal(SEARCH, request={"paging": {"start": 0, "rows": 51}}))[1]
