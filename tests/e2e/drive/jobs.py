"""The three calls of jobs."""

from typing import Any

from tests.e2e.drive.speaker import Speaker


def drive(call: Speaker, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave; the job of the list is asked for by its reference, a ciphertext with a bare tilde."""
    wish = {"buyer_team__reference": ids["company_reference"], "include_sub_teams": 1, "order_by": "created_time;D"}
    filled = {"buyer_team__reference": ids["team_reference"], "status": "filled"}
    listed = call("hr.jobs.get_list", wish | {"page": "10;5"})
    budget = {"q": "a", "job_type": "fixed", "budget": "[100 TO 1000]", "paging": "0;50"}
    return {
        "search": call("jobs.search.find", {"q": "a", "paging": "20;5"}),
        "search_fixed": call("jobs.search.find", budget),
        "search_without_words": call("jobs.search.find", {"paging": "0;5"}),
        "jobs": listed,
        "jobs_of_a_team": call("hr.jobs.get_list", filled),
        "one_job": call("hr.jobs.get_list", wish | {"page": "0;1"}),
        "job": call("hr.jobs.get_specific", ids["job_key"]),
        "job_by_ciphertext": call("hr.jobs.get_specific", listed["jobs"]["job"][0]["reference"]),
    }
