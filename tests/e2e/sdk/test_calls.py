"""That each SDK made every call it has, and that its users get what their programs expect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.drive.calls import CALLS
from tests.e2e.drive.sdks import SDKS
from tests.e2e.install_sdks import TOP, sdk_names
from tests.e2e.sdk.conftest import Driven


def contracted() -> set[str]:
    """The 49 calls of the contract."""
    ids = {call["id"] for call in json.loads((TOP / "mappings" / "_contract.json").read_text(encoding="utf-8"))}
    assert len(ids) == 49
    return ids


def test_sdks__that_have_a_lock__are_all_driven() -> None:
    """Nothing is installed for no test, and nothing is driven without a lock."""
    assert sorted(sdk.name for sdk in SDKS) == sdk_names()


def test_driven__any_sdk__has_made_every_call_that_it_has(driven: Driven) -> None:
    """All 49; 48 where the SDK knows no batch of messages."""
    assert contracted() - driven.called == {CALLS[name].id for name in driven.sdk.lacks}


#: The routers of python-upwork 1.3 take these out of an answer, and some fail where they are not there.
UNWRAPPED = {
    "organization.companies.get_list": "companies",
    "organization.companies.get_specific": "company",
    "organization.companies.get_teams": "teams",
    "organization.companies.get_users": "users",
    "organization.teams.get_list": "teams",
    "organization.teams.get_users_in_team": "users",
    "organization.users.get_my_info": "user",
    "organization.users.get_specific": "user",
    "metadata.get_categories_v2": "categories",
    "metadata.get_skills": "skills",
    "metadata.get_specialties": "specialties",
    "metadata.get_regions": "regions",
    "metadata.get_reasons": "reasons",
    "freelancers.search.find": "providers",
    "freelancers.profile.get_specific_brief": "profile",
    "jobs.search.find": "jobs",
    "hr.jobs.get_list": "jobs",
    "hr.jobs.get_specific": "job",
    "hr.engagements.get_list": "engagements",
    "hr.engagements.get_specific": "engagement",
    "snapshots.get_by_contract": "snapshot",
    "activities.team.get_specific_list": "tasks",
    "payments.submit_bonus": "adjustment",
}


@pytest.mark.parametrize("name", UNWRAPPED)
def test_unwrapping__the_first_answer__hands_over_what_stands_under_the_key(unwrapping: Driven, name: str) -> None:
    """The caller of python-upwork 1.3 never sees the envelope."""
    handed, answer = first(unwrapping, name)

    key = UNWRAPPED[name]
    assert handed == answer[key] not in (None, [], {})


def test_unwrapping__a_company_diary__is_a_list_of_one(unwrapping: Driven) -> None:
    """It puts what it does not take for a list into one."""
    handed, answer = first(unwrapping, "workdiary.get_workdiary")

    assert handed == [answer["data"]]


def test_unwrapping__messages_milestones_and_activities__are_whole(unwrapping: Driven) -> None:
    """What has no key is handed over as it came."""
    for name in ("messages.get_rooms", "messages.create_room", "hr.milestones.create", "activities.team.get_list"):
        handed, answer = first(unwrapping, name)
        assert handed == answer
        assert {"server_time", "auth_user"} < set(answer)


def first(driven: Driven, name: str) -> tuple[Any, Any]:
    """What was handed over for the first such call, and the answer."""
    return next((handed, answer) for called, handed, answer in driven.handed if called == name)
