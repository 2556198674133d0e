"""The three calls of jobs."""

from typing import Any

from upwork.routers.hr import jobs  # type: ignore[import-not-found]
from upwork.routers.jobs import search  # type: ignore[import-not-found]


def drive(client: Any, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave; the job of the list is asked for by its reference, a ciphertext with a bare tilde."""
    find, own = search.Api(client).find, jobs.Api(client)
    wish = {"buyer_team__reference": ids["company_reference"], "include_sub_teams": 1, "order_by": "created_time;D"}
    listed = own.get_list(wish | {"page": "10;5"})
    return {
        "search": find({"q": "a", "paging": "20;5"}),
        "search_fixed": find({"q": "a", "job_type": "fixed", "budget": "[100 TO 1000]", "paging": "0;50"}),
        "search_without_words": find({"paging": "0;5"}),
        "jobs": listed,
        "jobs_of_a_team": own.get_list({"buyer_team__reference": ids["team_reference"], "status": "filled"}),
        "one_job": own.get_list(wish | {"page": "0;1"}),
        "job": own.get_specific(ids["job_key"]),
        "job_by_ciphertext": own.get_specific(listed["jobs"]["job"][0]["reference"]),
    }
