"""Companies, teams and users through the real SDKs: five contracted calls, and three beside them."""

from __future__ import annotations

import pytest

from tests.e2e.clients import Ids
from tests.e2e.sdk.conftest import Answers, Driven
from tests.e2e.sdk.shapes import assert_shape, payload_of, texts

COMPANY = texts("reference name payment_verification_status owner_ciphertext")
TEAM = texts(
    """
    id reference name parent_team__id parent_team__reference parent_team__name company__reference company_name status
    is_hidden
    """
)
MEMBER = texts(
    """
    id reference first_name last_name public_url profile_key status timezone timezone_offset is_provider
    """
)
USER = MEMBER | texts("email")
INFO = texts("portrait_32_img portrait_50_img portrait_100_img ref has_agency company_url profile_url") | {
    "capacity": texts("provider buyer affiliate_manager"),
    "location": texts("city state country"),
}


@pytest.fixture(scope="session")
def answers(driven: Driven) -> Answers:
    """What the calls of this area gave."""
    return driven.answers["organizations"]


def test_get_user_info__the_caller__names_its_reference_and_sides(answers: Answers) -> None:
    """The first call of every example: who the caller is, and on which side of the market."""
    payload = payload_of(answers["info"])

    assert_shape(payload, {"info": INFO})
    assert payload["info"]["ref"] == answers["me"]["user"]["reference"]
    assert payload["info"]["capacity"] == {"provider": "no", "buyer": "yes", "affiliate_manager": "no"}
    assert answers["info"]["auth_user"]["first_name"] == answers["me"]["user"]["first_name"]


def test_get_list__companies__are_whole(answers: Answers) -> None:
    """Both companies of the caller, each with its old number."""
    payload = payload_of(answers["companies"])

    assert_shape(payload, {"companies": [COMPANY]})
    assert len({company["reference"] for company in payload["companies"]}) == 2


def test_get_specific__company__is_that_of_the_list(answers: Answers) -> None:
    """One company has the values that it has in the list."""
    payload = payload_of(answers["company"])

    assert_shape(payload, {"company": COMPANY})
    assert payload["company"] == answers["companies"]["companies"][0]


def test_get_list__teams__begin_with_the_company_itself(answers: Answers) -> None:
    """The company stands among its teams as its own parent; every other is below it."""
    payload = payload_of(answers["teams"])

    assert_shape(payload, {"teams": [TEAM]})
    company, *teams = payload["teams"]
    assert (company["id"], company["name"]) == (company["parent_team__id"], "Acme Ltd")
    assert len(teams) >= 3
    assert {team["parent_team__reference"] for team in teams} == {company["reference"]}


def test_get_teams__of_a_company__are_those_of_all_teams(answers: Answers) -> None:
    """The caller's own company has the teams that the caller has."""
    assert payload_of(answers["company_teams"]) == payload_of(answers["teams"])


def test_get_users_in_team__a_team__are_its_active_members(answers: Answers) -> None:
    """Whole rows, each once, of those who work there now, the caller among them."""
    payload = payload_of(answers["team_users"])

    assert_shape(payload, {"users": [MEMBER | {"status": "active"}]})
    team = [user["reference"] for user in payload["users"]]
    assert 1 < len(team) == len(set(team))
    assert answers["me"]["user"]["reference"] in team


def test_get_users__of_a_company__are_its_active_members(answers: Answers) -> None:
    """The rows are those of a team's users."""
    payload = payload_of(answers["company_users"])

    assert_shape(payload, {"users": [MEMBER | {"status": "active"}]})
    assert len(payload["users"]) > len(answers["team_users"]["users"])


def test_get_my_info__the_caller__has_a_place_in_time(answers: Answers) -> None:
    """`me` is whole, with a zone as a name and in seconds."""
    payload = payload_of(answers["me"])

    assert_shape(payload, {"user": USER})
    assert (payload["user"]["timezone"], payload["user"]["timezone_offset"]) == ("UTC-07:00 Denver", "-25200")
    assert payload["user"]["reference"] in {user["reference"] for user in answers["company_users"]["users"]}


def test_get_specific__user__is_another(answers: Answers, ids: Ids) -> None:
    """A user asked for by reference is whole, and not the caller."""
    payload = payload_of(answers["user"])

    assert_shape(payload, {"user": USER})
    assert payload["user"]["reference"] != answers["me"]["user"]["reference"]
    assert payload["user"]["profile_key"].startswith("~01")
    assert payload["user"]["public_url"].endswith(payload["user"]["profile_key"])
