"""The rows of jobs: the postings of a company, one of them, and the search of all."""

from __future__ import annotations

from tests.conformance.calls import ORG, Call, Other
from tests.conformance.contracted import values_at
from tests.conformance.forms import COMPACT, DAY_TEXT, MS_TEXT, ONE_OR_EMPTY, Form, only, words
from tests.conformance.worlds import Thing, World

KEY = "~0123456789abcdef01"
TEAM = "1104567890123456799"
NUMBER = "24680135"
FORMS = {
    "jobs.created_time": MS_TEXT,
    "jobs.filled_date": MS_TEXT,
    "jobs.start_date": DAY_TEXT,
    "jobs.end_date": DAY_TEXT,
    "jobs.job_type": words({"HOURLY": "hourly", "FIXED": "fixed-price"}),
    "jobs.keep_open_on_hire": ONE_OR_EMPTY,
    "jobs.preference_candidate_type": words({"ALL": "all", "INDIVIDUALS": "individuals", "AGENCIES": "agencies"}),
    "jobs.status": words({"REQUESTED": "open", "FILLED": "filled", "CANCELLED": "cancelled"}),
    "jobs.visibility": words({"PUBLIC_INDEX": "public", "ACCESS_PUBLIC": "upwork", "ACCESS_PRIVATE": "invite-only"}),
    "jobs.skills": Form(lambda names: ";".join(name for name in names if name), takes_list=True),
    "jobs.attachment_file_url": Form(lambda links: links[0] if links else None, takes_list=True),
}


def job_rows(node: str) -> dict[str, Other]:
    """The rows of one posting that are read elsewhere."""
    names = tuple(f"{node}.classification.skills.{name}" for name in ("legacySkillNid", "prettyName"))
    kind = f"{node}.classification"
    return {
        "jobs.category2": Other((f"{kind}.category.name",), "a category is an object; the answer had its title"),
        "jobs.subcategory2": Other((f"{kind}.subCategory.name",), "a category is an object; the answer had its title"),
        "jobs.skills": Other(names, "a skill is an object; the answer had the names of its time"),
    }


NODE = "organization.jobPosting.edges.node"
REFERENCE = "what is no ciphertext had a number, and clients ask by either"


def let_the_company_have_a_team(world: World, _: bool) -> None:
    """What a credential sees are companies and teams that are asked for by name."""
    organization = world.root("organization", {})
    team = Thing(world, organization.type)
    organization.settle("id", ORG)
    organization.settle("parentOrganization", None)
    organization.settle("childOrganizations", [team])
    team.settle("id", TEAM)
    team.settle("parentOrganization", organization)
    world.root("companySelector", {}).settle("items", [])


def let_the_job_be_found(world: World, _: bool) -> None:
    """A job is sought by its ciphertext among those of the company; the first has it, and its number is asked for."""
    found = values_at(world, NODE)[0]
    found.settle("id", NUMBER)
    found.value("info").settle("legacyCiphertext", KEY)


def list_call(choice: str, query: str) -> Call:
    """One of the three ways to list jobs, which differ in what is asked for only."""
    return Call(
        "jobs/list_jobs",
        f"GET /api/hr/v2/jobs.json?page=0;{{rows}}&{query}",
        choice=choice,
        printed=("response.edges.node", NODE),
        moved={"jobs": "jobs.job"},
        forms=FORMS,
        others=job_rows(NODE)
        | {"jobs.reference": Other((f"{NODE}.info.legacyCiphertext", f"{NODE}.id"), REFERENCE, lacks=False)},
        collapsing=frozenset({"job"}),
        window="organization.jobPosting.edges",
        prepare=let_the_company_have_a_team,
    )


ONE = "jobPosting"


def one_call(choice: str, key: str) -> Call:
    """One of the two ways to ask for one job."""
    return Call(
        "jobs/get_job",
        f"GET /api/hr/v2/jobs/{key}.json",
        choice=choice,
        printed=("response.edges.node", ONE),
        moved={"jobs": "job"},
        forms=FORMS,
        others=job_rows(ONE),
        told=(NUMBER,),
        settled={"PageInfo.hasNextPage": False},
        there=frozenset(
            {
                "CurrentOrganization.jobPosting",
                "JobPostingConnection.edges",
                "JobPostingEdge.node",
                "JobPosting.info",
            }
        ),
        prepare=let_the_job_be_found,
    )


SEARCH = "marketplaceJobPostingsSearch"
LASTS = {
    "WEEK": "Less than 1 week",
    "MONTH": "Less than 1 month",
    "QUARTER": "1 to 3 months",
    "SEMESTER": "3 to 6 months",
    "ONGOING": "More than 6 months",
}
LOADS = {"FULL_TIME": "30+ hrs/week", "PART_TIME": "10-30 hrs/week", "AS_NEEDED": "Less than 10 hrs/week"}
CALLS = [
    list_call("one team", f"buyer_team__reference={TEAM}"),
    list_call("a team and those below", f"buyer_team__reference={TEAM}&include_sub_teams=1"),
    list_call("a company", f"buyer_team__reference={ORG}&include_sub_teams=1"),
    one_call("id", NUMBER),
    one_call("ciphertext", KEY),
    Call(
        "jobs/search_jobs",
        "GET /api/profiles/v2/search/jobs.json?q=python&paging=0;{rows}",
        choice="search",
        printed=("response", SEARCH),
        at="jobs",
        family="json",
        forms={
            "client.payment_verification_status": only({"VERIFIED": "VERIFIED"}),
            "date_created": COMPACT,
            "duration": only(LASTS),
            "job_type": only({"HOURLY": "Hourly", "FIXED": "Fixed"}),
            "workload": only(LOADS),
        },
        others={
            "skills": Other((f"{SEARCH}.edges.node.skills.name",), "a skill is an object; the answer had its name")
        },
        window=f"{SEARCH}.edges",
    ),
]
