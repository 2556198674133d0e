"""Jobs through the real SDKs: three calls."""

from __future__ import annotations

import pytest

from tests.e2e.clients import Ids
from tests.e2e.sdk.conftest import Answers, Driven
from tests.e2e.sdk.shapes import Exactly, OneOf, assert_error, assert_shape, payload_of, texts

MAYBE = OneOf(str, None)
FOUND = texts("id title snippet category2 subcategory2 job_type duration job_status date_created url") | {
    "skills": [str],
    "budget": OneOf(int, float),
    "workload": MAYBE,
    "client": {
        "country": MAYBE,
        "feedback": OneOf(int, float, None),
        "reviews_count": OneOf(int, None),
        "jobs_posted": OneOf(int, None),
        "past_hires": OneOf(int, None),
        "payment_verification_status": MAYBE,
    },
}
JOB = texts(
    """
    reference job_ref_ciphertext title description status visibility job_type budget duration category2 subcategory2
    skills buyer_company__name buyer_company__reference buyer_team__name buyer_team__reference created_time start_date
    end_date filled_date cancelled_date attachment_file_url keep_open_on_hire preference_candidate_type public_url
    num_candidates num_active_candidates num_new_candidates
    """
)
NEWEST_FIRST = Exactly({"sort": {"sort": ["created_time", "desc"]}})


def lister(paging: str, sort: object) -> dict[str, object]:
    """The lister of a page, `offset;count`; its two totals are texts."""
    offset, count = paging.split(";")
    page = {"offset": offset, "count": count}
    return {"paging": page, "query": "", "sort": sort, "total_count": str, "total_items": str}


@pytest.fixture(scope="session")
def answers(driven: Driven) -> Answers:
    """What the calls of this area gave."""
    return driven.answers["jobs"]


def test_find__jobs__are_a_page_of_whole_rows(answers: Answers) -> None:
    """A page of the size that was asked for, with its place and the number of all; real JSON types."""
    payload = payload_of(answers["search"], int)

    paging = {"offset": 20, "count": 5, "total": int}
    assert_shape(payload, {"profile_access": "public", "paging": paging, "jobs": [FOUND]})
    assert len({job["id"] for job in payload["jobs"]}) == 5
    assert payload["paging"]["total"] >= 250


def test_find__fixed_within_a_budget__are_such_jobs(answers: Answers) -> None:
    """Every row is of the type, and within both ends of the range."""
    payload = payload_of(answers["search_fixed"], int)

    assert_shape(payload["jobs"], [FOUND | {"job_type": "Fixed"}])
    budgets = [job["budget"] for job in payload["jobs"]]
    assert 10 < len(budgets) <= 50
    assert 100 <= min(budgets) < max(budgets) <= 1000


def test_find__no_words__is_refused(answers: Answers) -> None:
    """One of three parameters has to say what is sought."""
    message = "The request does not say what to do: give at least one of 'q', 'title' and 'skills'"
    assert_error(answers["search_without_words"], 400, message)


def test_get_list__company_with_its_teams__is_a_page_newest_first(answers: Answers) -> None:
    """Five rows of texts in the order asked for; the lister counts them, and all there are."""
    payload = payload_of(answers["jobs"])

    assert_shape(payload, {"jobs": {"lister": lister("10;5", NEWEST_FIRST), "job": [JOB]}})
    told, rows = payload["jobs"]["lister"], payload["jobs"]["job"]
    assert (told["total_items"], int(told["total_count"]) > 75) == ("5", True)
    created = [int(row["created_time"]) for row in rows]
    assert len(rows) == 5
    assert created == sorted(created, reverse=True)
    # Row 0 is newer than rows 10 to 14.
    assert int(answers["one_job"]["jobs"]["job"]["created_time"]) > created[0]


def test_get_list__one_on_the_page__is_the_bare_object(answers: Answers) -> None:
    """A list of one collapses, as it did."""
    payload = payload_of(answers["one_job"])

    assert_shape(payload, {"jobs": {"lister": lister("0;1", NEWEST_FIRST), "job": JOB}})
    assert payload["jobs"]["lister"]["total_count"] == answers["jobs"]["jobs"]["lister"]["total_count"]


def test_get_list__of_a_team_and_a_status__are_such_jobs(answers: Answers) -> None:
    """Without the teams below, of one team and one status only."""
    payload = payload_of(answers["jobs_of_a_team"])

    rows = payload["jobs"]["job"]
    assert_shape(payload, {"jobs": {"lister": lister("0;20", ""), "job": [JOB | {"status": "filled"}]}})
    assert payload["jobs"]["lister"]["total_items"] == str(len(rows))
    assert {row["buyer_team__reference"] for row in rows} == {answers["job"]["job"]["buyer_team__reference"]}


def test_get_specific__a_job__is_whole(answers: Answers, ids: Ids) -> None:
    """The job of a number, all of its members texts."""
    payload = payload_of(answers["job"])

    assert_shape(payload, {"job": JOB})
    assert payload["job"]["reference"].startswith("~01")
    assert payload["job"]["public_url"].endswith(payload["job"]["reference"])


def test_get_specific__ciphertext__is_the_job_of_the_list(answers: Answers) -> None:
    """A reference from the list, with a bare tilde in the path, leads to the same job."""
    payload = payload_of(answers["job_by_ciphertext"])

    assert payload == {"job": answers["jobs"]["jobs"]["job"][0]}
