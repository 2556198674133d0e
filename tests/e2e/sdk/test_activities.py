"""Activities through the real SDKs: eight calls; what is written is read back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.clients import Ids
from tests.e2e.sdk.conftest import Answers, Driven
from tests.e2e.sdk.shapes import Collapsed, assert_error, assert_shape, payload_of, texts

TASK = texts("record_id company_id team_id user_id code description url")
DONE = {"message": "OK"}


@pytest.fixture(scope="session")
def answers(driven: Driven) -> Answers:
    """What the calls of this area gave."""
    return driven.answers["activities"]


def tasks_of(answer: dict[str, Any]) -> list[dict[str, str]]:
    """The activities of an answer without a lister, whose shape must be whole."""
    payload = payload_of(answer)
    if payload == {"tasks": ""}:
        return []
    assert_shape(payload, {"tasks": {"task": Collapsed(TASK)}})
    found = payload["tasks"]["task"]
    return found if isinstance(found, list) else [found]


def codes_of(answer: dict[str, Any]) -> list[str]:
    """Which activities an answer has."""
    return [task["code"] for task in tasks_of(answer)]


def test_get_list__a_team__has_the_lister_and_whole_rows(answers: Answers, ids: Ids) -> None:
    """All activities of the team; the lister counts them. The SDK leaves the page out, so it is a thousand."""
    payload = payload_of(answers["tasks"])

    count = str(len(payload["tasks"]["task"]))
    paging = {"offset": "0", "count": "1000"}
    lister = {"paging": paging, "query": "", "sort": "", "total_count": count, "total_items": count}
    own = TASK | {"company_id": ids.values["company_id"], "team_id": ids.values["team_id"]}
    assert_shape(payload, {"tasks": {"lister": lister, "task": [own]}})
    assert ids.values["code"] in {task["code"] for task in payload["tasks"]["task"]}


def test_get_specific_list__one_code__is_the_bare_activity(answers: Answers, ids: Ids) -> None:
    """A list of one collapses; it is the activity of the list."""
    payload = payload_of(answers["task"])

    assert_shape(payload, {"tasks": {"task": TASK | {"code": ids.values["code"]}}})
    assert payload["tasks"]["task"] in answers["tasks"]["tasks"]["task"]


def test_get_specific__an_engagement__are_its_activities(answers: Answers, ids: Ids) -> None:
    """Those that the engagement may book time on, the showcase's among them."""
    assert ids.values["code"] in codes_of(answers["of_engagement"])


@pytest.mark.parametrize("code", ["SDK-1", "SDK-2"])
def test_add_activity__then_read__is_there_with_its_url(answers: Answers, code: str) -> None:
    """The new activity is listed and found, with words and address."""
    assert payload_of(answers[f"create {code}"]) == DONE
    (found,) = [task for task in tasks_of(answers["both_created"]) if task["code"] == code]
    assert (found["description"], found["url"]) == (f"Made as {code}", f"https://example.invalid/{code}")
    assert found in answers["after_create"]["tasks"]["task"]
    assert found not in answers["tasks"]["tasks"]["task"]


def test_add_activity__code_taken__is_refused_and_changes_nothing(answers: Answers) -> None:
    """A second activity of a code is not made."""
    assert_error(answers["create_again"], 400, "The upstream refused a parameter's value")
    codes = [task["code"] for task in answers["after_create"]["tasks"]["task"]]
    assert codes.count("SDK-1") == 1


def test_update_activities__then_read__is_changed(answers: Answers) -> None:
    """Words and address are the new ones, letter by letter; it is the same record."""
    assert payload_of(answers["update"]) == DONE
    (changed,) = tasks_of(answers["after_update"])
    (before,) = [task for task in tasks_of(answers["both_created"]) if task["code"] == "SDK-1"]
    assert changed == before | {"description": "Changed, with “quotes”", "url": "https://example.invalid/changed"}


def test_assign__codes_then_read__are_exactly_the_engagements(answers: Answers) -> None:
    """What is assigned replaces what was; no code at all takes all away."""
    assert (payload_of(answers["assign"]), payload_of(answers["unassign"])) == (DONE, DONE)
    assert codes_of(answers["after_assign"]) == ["SDK-1", "SDK-2"]
    assert codes_of(answers["after_unassign"]) == []


def test_archive_and_unarchive__then_read__are_carried_out_once_and_still_listed(
    answers: Answers, driven: Driven, ids: Ids
) -> None:
    """A PUT without a body, for two codes in one path. Archived ones are read as before, and never told as such."""
    assert (payload_of(answers["archive"]), payload_of(answers["unarchive"])) == (DONE, DONE)
    assert codes_of(answers["after_archive"]) == codes_of(answers["after_unarchive"]) == ["SDK-1", "SDK-2"]
    assert (driven.mutations["archiveTeamActivity"], driven.mutations["unarchiveTeamActivity"]) == (1, 1)


def test_archive_activities__code_unknown__is_not_found(answers: Answers) -> None:
    """Nothing is put away in silence."""
    assert_error(answers["archive_unknown"], 404, "The requested object was not found")
