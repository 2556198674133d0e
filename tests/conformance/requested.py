"""What clients send for each request row of the contract, and what the upstream must be told of it.

Nothing of the compiler, of a mapping or of a converter is used here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.conformance.asked import (
    ABSENT,
    World,
    connection,
)

CONTRACT = Path(__file__).resolve().parents[2] / "mappings" / "_contract.json"
#: a value as a client writes it, and what the upstream must be told
Said = tuple[str, Any]


# --- the contract's own rows -----------------------------------------------------------------------------------------


def contracted() -> dict[tuple[str, str], dict[str, Any]]:
    """Every request row of the contract by call and name."""
    return {
        (call["id"], row["name"]): row
        for call in json.loads(CONTRACT.read_text(encoding="utf-8"))
        for row in call["rows"]
        if row["direction"] == "request"
    }


def asked_rows() -> dict[tuple[str, str], Any]:
    """Those that the upstream shall be told, with the places printed for them."""
    return {key: row.get("path") for key, row in contracted().items() if row["status"] in {"direct", "alternative"}}


# --- what clients write ----------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)
TEXTS = TEXT.map(lambda text: (text, text))
#: where an empty text says something
TEXTS_OR_NOTHING = TEXTS | st.just(("", ""))
DIGITS = st.integers(10**5, 10**18 - 1).map(str)
IDS = DIGITS.map(lambda digits: (digits, digits))
WORD = st.from_regex(r"[a-z][a-z0-9.+#]{0,8}", fullmatch=True)
CODE = st.from_regex(r"[A-Z]{2}-[0-9]{1,3}", fullmatch=True)
REASONS = st.sampled_from(["329", "330", "331", "332"]).map(lambda reason: (reason, reason))


def lists(one: st.SearchStrategy[str], separators: str, join: str | None = None) -> st.SearchStrategy[Said]:
    """Texts joined by one of the separators, as a list, or as one text joined by `join`."""

    def said(items: list[str], separator: str) -> Said:
        return separator.join(items), items if join is None else join.join(items)

    return st.builds(said, st.lists(one, min_size=1, max_size=4, unique=True), st.sampled_from(separators))


def one_of(table: Mapping[str, Any]) -> st.SearchStrategy[Said]:
    """A word of a table."""
    return st.sampled_from(sorted(table.items(), key=lambda item: item[0]))


FLAGS = one_of({"1": True, "0": False, "true": True, "false": False, "True": True, "False": False})


def ways_to_write(cents: int) -> list[str]:
    """An amount as clients write it."""
    whole, part = divmod(cents, 100)
    return sorted({f"{whole}.{part:02d}", f"{whole}.{part:02d}".rstrip("0").rstrip(".")})


#: decimal dollars here, whole cents as a text upstream
AMOUNTS = st.integers(1, 99_999_999_999).flatmap(
    lambda cents: st.sampled_from(ways_to_write(cents)).map(lambda text: (text, str(cents)))
)
DAYS = st.dates().map(lambda day: (f"{day.month:02d}-{day.day:02d}-{day.year:04d}", day.isoformat()))
MOMENTS = st.builds(
    lambda moment, separator: (
        moment.isoformat(separator, "seconds"),
        f"{moment.isoformat('T', 'seconds')}.000+0000",
    ),
    st.datetimes(),
    st.sampled_from("T "),
)


def ranges(numbers: st.SearchStrategy[str], read: Callable[[str], Any], low: str, high: str) -> st.SearchStrategy[Said]:
    """One range in each of the forms, as a pair of limits; an open end is not told."""

    def said(first: str, second: str, form: str) -> Said:
        begin, end = sorted((first, second), key=Decimal)
        text = form.format(a=begin, b=end)
        is_alone = form == "{a}"
        told = {low: read(begin)} if "{a}" in form else {}
        return text, told | ({high: read(begin if is_alone else end)} if is_alone or "{b}" in form else {})

    forms = ["{a}", "[{a} TO {b}]", "[{a} TO *]", "[* TO {b}]", "{a}-{b}", "{a}-", "-{b}"]
    return st.builds(said, numbers, numbers, st.sampled_from(forms))


WHOLE = st.integers(0, 2**31 - 1).map(str)
PRICE = st.decimals(0, 999, places=2).map(str)
FRACTION = st.decimals(0, 1, places=2).map(str)


# --- who is there ----------------------------------------------------------------------------------------------------

COMPANY, OTHER_COMPANY, TEAM, SUB_TEAM = (f"110456789012345678{place}" for place in range(4))
#: every name of an organisation and its id
COMPANIES = {
    COMPANY: COMPANY,
    "400100": COMPANY,
    "acme": COMPANY,
    OTHER_COMPANY: OTHER_COMPANY,
    "400101": OTHER_COMPANY,
}
TEAMS = {TEAM: TEAM, "400222": TEAM, "acme:design": TEAM}
ORGANIZATION = {
    "id": COMPANY,
    "rid": "400100",
    "legacyId": "acme",
    "parentOrganization": None,
    "childOrganizations": [
        {"id": TEAM, "rid": "400222", "legacyId": "acme:design", "parentOrganization": {"id": COMPANY}},
        {"id": SUB_TEAM, "rid": "400223", "legacyId": "acme:icons", "parentOrganization": {"id": TEAM}},
    ],
}
PEOPLE: World = {
    "Query.organization": ORGANIZATION,
    "Query.companySelector": {
        "items": [
            {"organizationId": COMPANY, "organizationRid": "400100"},
            {"organizationId": OTHER_COMPANY, "organizationRid": "400101"},
        ]
    },
    "Query.user": {"id": "7", "nid": "dana", "rid": "70", "name": "Dana Rivera"},
}


# --- calls and their rows --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """What is sent for a row. `names` are those on the wire; `is_numeric`: JSON may have it as a bare number."""

    said: st.SearchStrategy[Said]
    is_required: bool = False
    is_numeric: bool = False
    names: tuple[str, ...] = ()


def required(said: st.SearchStrategy[Said], *names: str) -> Row:
    """A row that every request has."""
    return Row(said, is_required=True, names=names)


def number(said: st.SearchStrategy[Said], *, is_required: bool = False) -> Row:
    """A row that JSON may have as a bare number."""
    return Row(said, is_required=is_required, is_numeric=True)


@dataclass(frozen=True, slots=True)
class Sent:
    """What one example sends: texts by row, and what each means."""

    texts: dict[str, str]
    meant: dict[str, Any]


def as_said(sent: Sent) -> dict[str, Any]:
    """The upstream is told what the rows mean, and nothing else."""
    return sent.meant


def nothing_more(sent: Sent) -> World:
    """No more in the upstream's world."""
    return {}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its route, the upstream field that takes its rows, and what is sent for each.

    `beside` is sent too and is no row. `told` says what the upstream is told for each row where they bear on each
    other; `world` what it holds.
    """

    id: str
    route: str
    at: str
    rows: dict[str, Row]
    beside: dict[str, Row] = field(default_factory=dict)
    told: Callable[[Sent], dict[str, Any]] = as_said
    world: Callable[[Sent], World] = nothing_more


TASKS = "/api/otask/v1/tasks/companies/{company_id}/teams/{team_id}"
ORGANIZATIONS = {"company_id": required(one_of(COMPANIES)), "team_id": required(one_of(TEAMS | COMPANIES))}
CODES = required(lists(CODE, ";"))
PATH_ID = required(IDS)
#: what both approvals say of a payment, but for the amount
PAYMENT = {
    "bonus": number(AMOUNTS),
    "pay_comments": Row(TEXTS),
    "underpayment_reason": number(REASONS),
    "note2contractor": Row(TEXTS),
}
MILESTONE = "/api/hr/v3/fp/milestones/{milestone_id}"
SUBMISSION = "/api/hr/v3/fp/submissions/{submission_id}"


def assignment(sent: Sent) -> dict[str, Any]:
    """Named engagements win over the whole company; 0 assigns nothing."""
    told = dict(sent.meant)
    everywhere = told.pop("all_in_company", None)
    if "engagements" in told:
        told["all_in_company"] = "selectedContracts"
    elif everywhere:
        told["all_in_company"] = "allInOrg"
    return told


def open_offers(*milestones: dict[str, Any]) -> World:
    """Milestones of a client's contracts, each behind sixty others, so that they stand on the second page."""
    others: list[dict[str, Any]] = [
        {"contract": {"milestones": [{"id": f"0{place}", "state": "Active"}]}} for place in range(60)
    ]
    rows = [*others, {"contract": None}, {"contract": {"milestones": list(milestones)}}]
    return {"CurrentOrganization.clientOffers": connection(rows, lambda arguments: arguments["pagination"])}


def deposit(sent: Sent) -> dict[str, Any]:
    """Without an amount the whole deposit is paid."""
    told = {"amount": sent.meant["$deposit"]} | sent.meant
    del told["$deposit"]
    return told


def milestone_of_the_deposit(sent: Sent) -> World:
    """The milestone that is paid, beside another one of the same contract."""
    paid = {"id": sent.texts["milestone_id"], "depositAmount": {"rawValue": sent.texts["$deposit"]}}
    return open_offers({"id": "02", "depositAmount": {"rawValue": "7.77"}}, paid)


def milestone_of_the_submission(sent: Sent) -> World:
    """The milestone whose work is approved, beside an older one that had another submission."""
    return open_offers(
        {"id": "03", "state": "Submitted", "submissionEvents": [{"submission": {"id": "04"}}]},
        {
            "id": f"9{sent.texts['submission_id']}",
            "state": "Submitted",
            "submissionEvents": [{"submission": {"id": "05"}}, {"submission": {"id": sent.texts["submission_id"]}}],
        },
    )


CATEGORIES = {
    "Query.ontologyCategories": [
        {
            "id": "531770282580668418",
            "preferredLabel": "Web, Mobile & Software Dev",
            "subcategories": [
                {"id": "531770282584862733", "preferredLabel": "Web Development"},
                {"id": "531770282584862734", "preferredLabel": "Web & Mobile Design"},
            ],
        },
        {"id": "531770282580668419", "preferredLabel": "Writing", "subcategories": []},
    ]
}
CATEGORY = one_of({"Web, Mobile & Software Dev": ["531770282580668418"], "Writing": ["531770282580668419"]})
SUBCATEGORY = one_of({"Web Development": ["531770282584862733"], "Web & Mobile Design": ["531770282584862734"]})
WINDOWS = st.builds(
    lambda count, separator: (f"0{separator}{count}", {"first": count, "after": "0"}),
    st.integers(1, 50),
    st.sampled_from(";:"),
)
SORTS = {
    "create_time desc": "RECENCY",
    "client_rating desc": "CLIENT_RATING",
    "client_total_charge desc": "CLIENT_TOTAL_CHARGE",
}
DURATIONS = {"week": "WEEK", "month": "MONTH", "quarter": "QUARTER", "semester": "SEMESTER", "ongoing": "ONGOING"}
WORKLOADS = {"as_needed": "AS_NEEDED", "part_time": "PART_TIME", "full_time": "FULL_TIME"}


def table_lists(table: Mapping[str, Any]) -> st.SearchStrategy[Said]:
    """Words of a table joined by `;`."""
    chosen = st.lists(st.sampled_from(sorted(table)), min_size=1, max_size=3, unique=True)
    return chosen.map(lambda words: (";".join(words), [table[word] for word in words]))


def search_defaults(sent: Sent) -> dict[str, Any]:
    """Ten rows, newest first."""
    return {"paging": {"first": 10, "after": "0"}, "sort": [{"field": "RECENCY"}]} | sent.meant


STATUSES = {"open": "REQUESTED", "filled": "FILLED", "cancelled": "CANCELLED"}


def teams_of_jobs(sent: Sent) -> dict[str, Any]:
    """One team is named; a team with those below it is several, a company with its teams is the tenant's all.

    The two rows are told at one place.
    """
    told = {"status": [["REQUESTED", "FILLED", "CANCELLED"]], "page": {"first": 20, "after": "0"}} | sent.meant
    team = sent.meant["buyer_team__reference"]
    teams = [team] if not sent.meant.get("include_sub_teams") else [TEAM, SUB_TEAM] if team == TEAM else ABSENT
    return told | {"buyer_team__reference": teams, "include_sub_teams": teams}


POSTINGS = {"~01aabbccddeeff0011": "1968000001485893211", "~01aabbccddeeff0022": "1968000001485893222"}
POSTED: World = {
    "CurrentOrganization.jobPosting": connection(
        [{"id": f"{place}", "info": {"legacyCiphertext": f"~02{place:016x}"}} for place in range(60)]
        + [{"id": id_, "info": {"legacyCiphertext": key}} for key, id_ in POSTINGS.items()],
        lambda arguments: arguments["jobPostingFilter"]["pagination_eq"],
    )
}
#: regions, the regions in them and their countries
COUNTRIES = [
    ("Americas", "Latin America", "Brazil"),
    ("Americas", "Latin America", "Peru"),
    ("Americas", "Northern America", "Canada"),
    ("Asia", "Eastern Asia", "Japan"),
    (None, None, "Antarctica"),
]
WORLD_OF_COUNTRIES: World = {
    "Query.countries": [
        {
            "name": country,
            "relatedRegion": region and {"name": region},
            "relatedSubRegion": sub_region and {"name": sub_region},
        }
        for region, sub_region, country in COUNTRIES
    ]
}
REGION = one_of(
    {
        name: [one[2] for one in COUNTRIES if name in one]
        for name in ("Americas", "Latin America", "Northern America", "Asia", "Eastern Asia", "Japan", "Antarctica")
    }
)

CALLS = [
    Call(
        "activities/create_team_activity",
        f"POST {TASKS}/tasks",
        "Mutation.addTeamActivity",
        {
            "code": required(TEXTS),
            "description": required(TEXTS),
            "URL": Row(TEXTS, names=("url", "URL")),
            "engagements": Row(lists(DIGITS, ";")),
            "all_in_company": number(one_of({"1": True, "0": False})),
        },
        beside=ORGANIZATIONS,
        told=assignment,
    ),
    Call(
        "activities/update_team_activity",
        f"PUT {TASKS}/tasks/{{code}}",
        "Mutation.updateTeamActivity",
        {
            "code": required(CODE.map(lambda code: (code, code))),
            "description": Row(TEXTS_OR_NOTHING),
            "URL": Row(TEXTS_OR_NOTHING, names=("url", "URL")),
            "engagements": Row(lists(DIGITS, ";")),
            "all_in_company": number(one_of({"1": True, "0": False})),
        },
        beside=ORGANIZATIONS,
        told=assignment,
    ),
    Call(
        "activities/assign_engagement_activities",
        f"PUT {TASKS}/engagements/{{engagement}}/tasks",
        "Mutation.assignTeamActivityToTheContract",
        ORGANIZATIONS | {"engagement": PATH_ID},
        beside={"tasks": Row(lists(CODE, ";"))},
    ),
    Call(
        "activities/archive_activities",
        f"PUT {TASKS}/archive/{{code}}",
        "Mutation.archiveTeamActivity",
        ORGANIZATIONS | {"code": CODES},
    ),
    Call(
        "activities/unarchive_activities",
        f"PUT {TASKS}/unarchive/{{code}}",
        "Mutation.unarchiveTeamActivity",
        ORGANIZATIONS | {"code": CODES},
    ),
    Call(
        "milestones/create_milestone",
        "POST /api/hr/v3/fp/milestones",
        "Mutation.createMilestoneV2",
        {
            "contract_reference": number(IDS, is_required=True),
            "milestone_description": required(TEXTS),
            "deposit_amount": number(AMOUNTS, is_required=True),
            "due_date": Row(DAYS),
        },
    ),
    Call(
        "milestones/edit_milestone",
        f"PUT {MILESTONE}",
        "Mutation.editMilestone",
        {
            "milestone_id": PATH_ID,
            "milestone_description": Row(TEXTS),
            "deposit_amount": number(AMOUNTS),
            "message": Row(TEXTS),
            "due_date": Row(DAYS),
        },
    ),
    Call(
        "milestones/activate_milestone",
        f"PUT {MILESTONE}/activate",
        "Mutation.activateMilestone",
        {"milestone_id": PATH_ID, "message": Row(TEXTS)},
    ),
    Call(
        "milestones/approve_milestone",
        f"PUT {MILESTONE}/approve",
        "Mutation.approveMilestone",
        {"milestone_id": PATH_ID, "amount": number(AMOUNTS)} | PAYMENT,
        beside={"$deposit": required(AMOUNTS)},
        told=deposit,
        world=milestone_of_the_deposit,
    ),
    Call("milestones/delete_milestone", f"DELETE {MILESTONE}", "Mutation.deleteMilestone", {"milestone_id": PATH_ID}),
    Call(
        "submissions/submit_milestone",
        "POST /api/hr/v3/fp/submissions",
        "Mutation.submitMilestoneByFreelancer",
        {
            "milestone_id": number(IDS, is_required=True),
            "noteToClient": required(TEXTS, "note2client", "noteToClient"),
            "amount": number(AMOUNTS, is_required=True),
        },
    ),
    Call(
        "submissions/approve_submission",
        f"PUT {SUBMISSION}/approve",
        "Mutation.approveMilestone",
        {
            "submission_id": required(DIGITS.map(lambda digits: (digits, f"9{digits}"))),
            "amount": number(AMOUNTS, is_required=True),
        }
        | PAYMENT,
        world=milestone_of_the_submission,
    ),
    Call(
        "submissions/reject_submission",
        f"PUT {SUBMISSION}/reject",
        "Mutation.rejectSubmittedMilestone",
        {"submission_id": PATH_ID, "note2contractor": required(TEXTS)},
    ),
    Call(
        "jobs/search_jobs",
        "GET /api/profiles/v2/search/jobs",
        "Query.marketplaceJobPostingsSearch",
        {
            "q": required(TEXTS),
            "title": Row(TEXTS),
            "skills": Row(lists(WORD, ";,", join=" ")),
            "category2": Row(CATEGORY),
            "subcategory2": Row(SUBCATEGORY),
            "duration": Row(table_lists(DURATIONS)),
            "workload": Row(one_of(WORKLOADS)),
            "client_hires": Row(ranges(WHOLE, int, "rangeStart", "rangeEnd")),
            "budget": Row(ranges(WHOLE, int, "rangeStart", "rangeEnd")),
            "days_posted": Row(st.integers(0, 3650).map(lambda days: (str(days), days))),
            "paging": Row(WINDOWS, names=("paging", "page")),
            "sort": Row(one_of({words: [{"field": name}] for words, name in SORTS.items()})),
        },
        told=search_defaults,
        world=lambda _: CATEGORIES,
    ),
    Call(
        "jobs/list_jobs",
        "GET /api/hr/v2/jobs",
        "CurrentOrganization.jobPosting",
        {
            "buyer_team__reference": required(one_of(COMPANIES | TEAMS)),
            "include_sub_teams": Row(FLAGS),
            "status": Row(table_lists(STATUSES).map(lambda said: (said[0], [said[1]]))),
            "created_time_from": Row(MOMENTS),
            "created_time_to": Row(MOMENTS),
            "page": Row(WINDOWS, names=("page", "paging")),
        },
        told=teams_of_jobs,
    ),
    Call(
        "jobs/get_job",
        "GET /api/hr/v2/jobs/{job_key}",
        "Query.jobPosting",
        {"job_key": required(IDS | one_of(POSTINGS))},
        world=lambda _: POSTED,
    ),
    Call(
        "profiles/search_freelancers",
        "GET /api/profiles/v2/search/providers",
        "Search.searchFreelancerPublicProfile",
        {
            "q": required(TEXTS),
            "title": Row(TEXTS),
            "skills": Row(lists(WORD, ";,")),
            "region": Row(REGION),
            "rate": Row(ranges(PRICE, float, "min", "max")),
            "topRated": Row(FLAGS),
            "profile_type": Row(one_of({"Agency": "Agency", "Independent": "Independent"})),
            "profile_access": Row(one_of({"public": True, "auth": False})),
            "nss100": Row(ranges(FRACTION, lambda text: float(Decimal(text) * 100), "min", "max")),
        },
        world=lambda _: WORLD_OF_COUNTRIES,
    ),
]  # fmt: skip

#: answered with 501
SUBMIT = next(call for call in CALLS if call.id == "submissions/submit_milestone")
SEARCH = "/api/profiles/v2/search/providers"


# --- what differs from the contract, and why -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Other:
    """Where a row goes in place of the printed one, and why. `lacks`: the live schema does not have the printed place.

    `at`: another upstream field than the call's.
    """

    place: str
    why: str
    lacks: bool = True
    at: str = ""


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A row that the upstream is not told, and why. `lacks` as above."""

    why: str
    lacks: bool = True


ASSIGNMENT = "the live schema has one word for what is assigned"
#: what only the old documents know carries these words
SEED_ONLY = "Seed only"
GONE = "the upstream has no mutation for submitting work any more: 501, and nothing is asked"
BY_NAME = "clients name people by names and numbers; rows are kept here"
UNKNOWN = "nobody knows the names of `sortAttribute`; rows are put in order here"
UNPRINTED = "no cell is printed, and the filter is there"
OTHERS: dict[tuple[str, str], Other | NotAsked] = {
    ("activities/create_team_activity", "URL"): Other(
        "request.url", "a new activity takes no address, an update after it does", at="Mutation.updateTeamActivity"
    ),
    ("activities/create_team_activity", "all_in_company"): Other("request.batchAssignment", ASSIGNMENT),
    ("activities/update_team_activity", "all_in_company"): Other("request.batchAssignment", ASSIGNMENT),
    ("submissions/submit_milestone", "milestone_id"): NotAsked(GONE),
    ("submissions/submit_milestone", "noteToClient"): NotAsked(GONE),
    ("submissions/submit_milestone", "amount"): NotAsked(GONE),
    ("jobs/search_jobs", "duration"): Other("marketPlaceJobFilter.duration_any", "the live filter takes several"),
    ("jobs/search_jobs", "client_feedback"): NotAsked("the live search has no rating to filter by; rows are kept here"),
    ("jobs/list_jobs", "buyer_team__reference"): Other(
        "jobPostingFilter.postByTeamIds_any", "no place is printed; the tenant alone would bring the other teams' jobs"
    ),
    ("jobs/list_jobs", "created_by"): NotAsked(BY_NAME, lacks=False),
    ("jobs/list_jobs", "order_by"): NotAsked(UNKNOWN, lacks=False),
    ("profiles/search_freelancers", "rate"): Other("hourlyRate", UNPRINTED, lacks=False),
}

#: rows that the contract has as `none`: why each is refused
REFUSED = {
    "groups": "groups of freelancers",
    "tests": "tests",
    "tests_top_10": "tests",
    "tests_top_30": "tests",
    "hours": "hours",
    "recent_hours": "hours",
    "last_activity": "last worked",
    "english_skill": "language",
    "is_odesk_ready": "no such flag",
}
#: rows that the contract has as `none`, and that are served all the same
SERVED = {
    "rate": "asked: see above",
    "paging": "asked as `paging`: see the windows below",
    "category2": "rows are kept here",
    "subcategory2": "rows are kept here",
    "feedback": "rows are kept here",
    "include_entities": "the answer's form",
}
