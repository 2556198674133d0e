"""The ways in which legacy parameters are written: each is understood by every call that has one, bad values are told.

One table: for each parameter the texts that clients send and what the upstream is told for them, and texts that are
refused with a 400 that names the parameter. What rows are kept here for is held beside, in the rows and windows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.conformance.asked import Form, Service, field_at, path_of, value_at, written
from tests.conformance.requested import COMPANY, PEOPLE, TEAM

#: understood, and nothing that one place upstream shows: rows are kept or counted here
HERE = "(here)"
FLAGS = {"1": True, "0": False, "true": True, "false": False, "True": True, "False": False}
NO_FLAGS = ["2", "-1", "maybe", "tru"]
#: `offset;count`, with a colon too
WINDOWS = {"0;10": HERE, "20;10": HERE, "20:10": HERE, "0;1": HERE, "0:50": HERE}
NO_WINDOWS = ["10", "a;b", ";", "0;", ";10", "0;0", "-1;10", "0;-5", "0;10;5", "0,10", "1.5;10", "0;1001"]
RANGES = ["3", "3,4", "[3 TO 4]", "[3 TO *]", "[* TO 4]", "3-4", "3-", "-4", "3,[4 TO 5]", "1-2,4-"]
NO_RANGES = ["x", "-", "[3 TO", "[4 TO 3]", "4-3", "3;4", "[3 4]", "3,,4", "3,", "--3", "None4"]
#: a pair of limits, by the form in which it is asked for
LIMITS = {"3": (3, 3), "3,4": (3, 4), "[3 TO 4]": (3, 4), "[3 TO *]": (3, None), "[* TO 4]": (None, 4), "3-4": (3, 4),
          "3-": (3, None), "-4": (None, 4), "3,[4 TO 5]": (3, 5), "1-2,4-": (1, None)}  # fmt: skip
MOMENTS = {
    "2008-09-09T00:00:01": "2008-09-09T00:00:01.000+0000",
    "2008-09-09 00:00:01": "2008-09-09T00:00:01.000+0000",
    "2009-01-20": "2009-01-20T00:00:00.000+0000",
}
NO_MOMENTS = ["09/09/2008", "2008-13-09T00:00:01", "2008-09-31", "yesterday", "1220918401"]
DAYS = {"12-31-2026": "2026-12-31", "02-29-2028": "2028-02-29", "2026-12-31": "2026-12-31"}
NO_DAYS = ["31-12-2026", "02-30-2026", "12/31/2026", "12-31-26", "tomorrow"]
DIARY_DAYS = {"20200517": "20200517", "2020-05-17": "20200517"}
NO_DIARY_DAYS = ["20201317", "05-17-2020", "today", "2020051"]


def here(texts: Sequence[str]) -> dict[str, Any]:
    """Texts that are understood and applied here."""
    return dict.fromkeys(texts, HERE)


def told(low: str, high: str) -> dict[str, Any]:
    """Ranges as one pair of limits under these names; an open end is not told."""
    pairs = {text: ((low, begin), (high, end)) for text, (begin, end) in LIMITS.items()}
    return {text: {name: limit for name, limit in pair if limit is not None} for text, pair in pairs.items()}


@dataclass(frozen=True, slots=True)
class Grammar:
    """A parameter of a call: what is understood and as what, what is not, and where the upstream is told it."""

    route: str
    name: str
    good: Mapping[str, Any]
    bad: Sequence[str]
    at: str = ""
    place: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """The call and the parameter."""
        return f"{self.route.removeprefix('GET ')} {self.name}"

    def sent(self, service: Service, text: str) -> Any:
        """The answer to a request with this text."""
        method, path = self.route.split()
        return service.send(written(method, path, {**self.beside, self.name: text}, Form("form")), PEOPLE)


ROOMS = f"GET /api/messages/v3/{COMPANY}/rooms.json"
ENGAGEMENTS = "GET /api/hr/v2/engagements.json"
LIST_JOBS = "GET /api/hr/v2/jobs.json"
TEAM_OF = {"buyer_team__reference": "400222"}
SEARCH_JOBS = "GET /api/profiles/v2/search/jobs.json"
FREELANCERS = "GET /api/profiles/v2/search/providers.json"
X = {"q": "x"}
TASKS = f"/api/otask/v1/tasks/companies/{COMPANY}/teams/{TEAM}"
DIARY = f"GET /api/team/v3/workdiaries/companies/{COMPANY}"
CELLS = "GET /api/team/v3/workdiaries/contracts/24680135"
MILESTONES = "/api/hr/v3/fp/milestones"
MILESTONE = {"contract_reference": "24680135", "milestone_description": "x", "deposit_amount": "1"}
TASK = {"code": "x", "description": "x"}
FOUND = "Query.marketplaceJobPostingsSearch"
POSTED = "CurrentOrganization.jobPosting"
PROFILES = "Search.searchFreelancerPublicProfile"
ROOM_FLAGS = {
    "includeFavoritesIfActiveSinceSet": "filter.includeFavorites_eq",
    "includeUnreadIfActiveSinceSet": "filter.includeUnreadIfActive_eq",
    "unreadRoomsOnly": "filter.unreadRoomsOnly_eq",
    "includeHidden": "filter.includeHidden_eq",
    "subscribed": "filter.subscribed_eq",
}
MOMENT_MS = {"1589700120000": "1589700120000", "1589700120": "1589700120000"}
LISTS = {"24680135": ["24680135"], "24680135;24680136": ["24680135", "24680136"], "1; 2": ["1", "2"]}
CODES = {"LP-12": ["LP-12"], "LP-12;LP-13": ["LP-12", "LP-13"], "": []}
ORDERS = here(["created_time", "created_time;A", "created_time;D"])
SORTS = {
    "create_time desc": [{"field": "RECENCY"}],
    "CREATE_TIME  DESC": [{"field": "RECENCY"}],
    "client_rating desc": [{"field": "CLIENT_RATING"}],
    "client_total_charge desc": [{"field": "CLIENT_TOTAL_CHARGE"}],
}
#: known to the legacy API, and orders that the upstream does not have
NO_SORTS = ["create_time asc", "client_total_hours desc", "workload desc", "duration desc", "create_time", "x", "desc"]
STATES = {"active": ["Active", "Paused"], "closed": ["Ended"], "active;closed": ["Active", "Paused", "Ended"]}

GRAMMARS = [
    # windows
    *(Grammar(ENGAGEMENTS, name, WINDOWS | {"0;1000": HERE}, NO_WINDOWS) for name in ("page", "paging")),
    *(Grammar(LIST_JOBS, name, WINDOWS | {"0;500": HERE}, NO_WINDOWS, beside=TEAM_OF) for name in ("page", "paging")),
    *(
        Grammar(SEARCH_JOBS, name, WINDOWS | {"0;100": HERE}, [*NO_WINDOWS, "0;101"], beside=X)
        for name in ("page", "paging")
    ),
    *(Grammar(FREELANCERS, name, WINDOWS, [*NO_WINDOWS, "0;51"], beside=X) for name in ("page", "paging")),
    *(Grammar(f"GET {TASKS}/tasks.json", name, WINDOWS | {"0;1000": HERE}, NO_WINDOWS) for name in ("page", "paging")),
    *(
        Grammar("GET /api/profiles/v2/metadata/skills.json", name, WINDOWS, NO_WINDOWS) for name in ("page", "paging")
    ),
    *(
        Grammar(
            f"{DIARY}/20200517.json",
            name,
            {"0;10": "0;10", "20:10": "20;10"},
            NO_WINDOWS,
            "Query.workDiaryCompany",
            "workDiaryCompanyInput.paging",
        )
        for name in ("page", "paging")
    ),
    Grammar(ROOMS, "limit", here(["1", "20", "1000"]), ["0", "-1", "ten", "1001", "1.5", "20;10"]),
    Grammar(ROOMS.replace(".json", "/r1/stories.json"), "limit", here(["1", "20"]), ["0", "-1", "ten", "1001", "1.5"]),
    # ranges
    Grammar(SEARCH_JOBS, "client_feedback", here([*RANGES, "None", "None,4-", "5-10"]), NO_RANGES, beside=X),
    Grammar(
        SEARCH_JOBS,
        "client_hires",
        told("rangeStart", "rangeEnd"),
        [*NO_RANGES, "None", "3.5", "99999999999"],
        FOUND,
        "marketPlaceJobFilter.clientHiresRange_eq",
        X,
    ),
    Grammar(
        SEARCH_JOBS,
        "budget",
        told("rangeStart", "rangeEnd"),
        [*NO_RANGES, "None", "3.5"],
        FOUND,
        "marketPlaceJobFilter.budgetRange_eq",
        X,
    ),
    Grammar(FREELANCERS, "feedback", here([*RANGES, "4.5-5.0"]), [*NO_RANGES, "None"], beside=X),
    Grammar(FREELANCERS, "rate", told("min", "max"), [*NO_RANGES, "None"], PROFILES, "hourlyRate", X),
    Grammar(
        FREELANCERS,
        "nss100",
        {"[0.8 TO *]": {"min": 80.0}, "0.9-0.95": {"min": 90.0, "max": 95.0}, "1": {"min": 100.0, "max": 100.0}},
        [*NO_RANGES, "None", "0.8,0.9", "80", "[0.8 TO 1.1]"],
        PROFILES,
        "jobSuccessScore",
        X,
    ),
    Grammar(SEARCH_JOBS, "days_posted", {"0": 0, "7": 7}, ["-1", "x", "1.5", "[1 TO 2]"], FOUND,
            "marketPlaceJobFilter.daysPosted_eq", X),
    # lists
    Grammar(ENGAGEMENTS, "status", STATES, ["open", "active;open", "active,closed", ";"],
            "CurrentOrganization.clientOffers", "offerByClientFilter.commonFilter.states_any"),
    Grammar(LIST_JOBS, "status", {"open": [["REQUESTED"]], "open;filled": [["REQUESTED", "FILLED"]],
                                  "cancelled": [["CANCELLED"]]},
            ["x", "open;x", "open,filled", ";"], POSTED, "jobPostingFilter.statusAndAccess_any.statuses_any", TEAM_OF),
    Grammar(FREELANCERS, "skills", {"css3;html5": ["css3", "html5"], "css3,html5": ["css3", "html5"], "c++": ["c++"]},
            [";", ","], PROFILES, "skillsNames"),
    Grammar(SEARCH_JOBS, "skills", {"css3;html5": "css3 html5", "css3,html5": "css3 html5", "c++": "c++"}, [";", ","],
            FOUND, "marketPlaceJobFilter.skillExpression_eq"),
    Grammar(f"POST {TASKS}/tasks.json", "engagements", LISTS, [";", " ; "],
            "Mutation.addTeamActivity", "request.contractIds", TASK),
    Grammar(f"PUT {TASKS}/engagements/24680135/tasks.json", "tasks", CODES, [],
            "Mutation.assignTeamActivityToTheContract", "codes"),
    # flags
    *(Grammar(ROOMS, name, FLAGS, NO_FLAGS, "Query.roomList", place) for name, place in ROOM_FLAGS.items()),
    Grammar(ROOMS, "returnUserRoles", here(list(FLAGS)), NO_FLAGS),
    Grammar(LIST_JOBS, "include_sub_teams", here(list(FLAGS)), NO_FLAGS, beside=TEAM_OF),
    Grammar(ENGAGEMENTS, "include_sub_teams", here(["0", "false", "False"]), [*NO_FLAGS, "1", "true"]),
    Grammar(FREELANCERS, "topRated", FLAGS, NO_FLAGS, PROFILES, "topRated", X),
    Grammar(FREELANCERS, "include_entities", here(list(FLAGS)), NO_FLAGS, beside=X),
    *(
        Grammar(f"{method} {TASKS}/tasks{path}.json", "all_in_company",
                dict.fromkeys(("1", "true", "True"), "allInOrg"), NO_FLAGS, at, "request.batchAssignment", TASK)
        for method, path, at in (("POST", "", "Mutation.addTeamActivity"), ("PUT", "/x", "Mutation.updateTeamActivity"))
    ),
    # orders
    Grammar(LIST_JOBS, "order_by", ORDERS, ["created_time;X", "title", "created_time;AD", ";", "created_time desc"],
            beside=TEAM_OF),
    Grammar(SEARCH_JOBS, "sort", SORTS, NO_SORTS, FOUND, "sortAttributes", X),
    Grammar(ROOMS, "sortOrder", {"ASC": "ASC", "DESC": "DESC"}, ["up", "x"], "Query.roomList", "sortOrder"),
    # moments and days
    *(
        Grammar(LIST_JOBS, f"created_time_{name.lower()}", MOMENTS, NO_MOMENTS, POSTED,
                f"jobPostingFilter.createdDateTime{name}_eq", TEAM_OF)
        for name in ("From", "To")
    ),
    *(Grammar(ENGAGEMENTS, f"created_time_{name}", here(list(MOMENTS)), NO_MOMENTS) for name in ("from", "to")),
    Grammar(ROOMS, "activeSince", MOMENT_MS, ["yesterday", "-1", "2020-05-17", "1.5"], "Query.roomList",
            "filter.activeSince_eq"),
    Grammar(f"POST {MILESTONES}.json", "due_date", DAYS, NO_DAYS, "Mutation.createMilestoneV2", "input.dueDate",
            MILESTONE),
    Grammar(f"PUT {MILESTONES}/500123.json", "due_date", DAYS, NO_DAYS, "Mutation.editMilestone", "input.dueDate"),
    Grammar(f"{DIARY}/{{date}}.json", "date", DIARY_DAYS, NO_DIARY_DAYS, "Query.workDiaryCompany",
            "workDiaryCompanyInput.date"),
    Grammar(f"{CELLS}/{{date}}.json", "date", DIARY_DAYS, NO_DIARY_DAYS, "Query.workDiaryContract",
            "workDiaryContractInput.date"),
    Grammar(f"{CELLS}/20200517.json", "offset", {"-25200": -25200, "0": 0}, ["x", "99999", "1.5"],
            "Query.workDiaryContract", "workDiaryContractInput.offsetInSeconds"),
    Grammar("GET /api/team/v3/snapshots/contracts/24680135/{timestamp}.json", "timestamp",
            {"1589710020": 1589710020}, ["x", "-1", "20200517T120000", "1589710020000"],
            "Query.snapshotsByContractId", "input.timestamp"),
    # words
    Grammar(SEARCH_JOBS, "job_type", {"hourly": "HOURLY", "fixed": "FIXED"}, ["x", "HOURLY;x"], FOUND,
            "marketPlaceJobFilter.jobType_eq", X),
    Grammar(SEARCH_JOBS, "workload", {"as_needed": "AS_NEEDED", "part_time": "PART_TIME", "full_time": "FULL_TIME"},
            ["x", "30"], FOUND, "marketPlaceJobFilter.workload_eq", X),
    Grammar(SEARCH_JOBS, "duration", {"week": ["WEEK"], "week;month": ["WEEK", "MONTH"], "ongoing": ["ONGOING"]},
            ["x", "week;x", "week,month"], FOUND, "marketPlaceJobFilter.duration_any", X),
    Grammar(SEARCH_JOBS, "job_status", here(["open"]), ["completed", "cancelled", "x"], beside=X),
    Grammar(FREELANCERS, "profile_type", {"Agency": "Agency", "Independent": "Independent"}, ["x"], PROFILES, "type",
            X),
    Grammar(FREELANCERS, "profile_access", {"public": True, "auth": False}, ["private"], PROFILES,
            "publicVisibilityOnly", X),
]  # fmt: skip
GOOD = [(one, text) for one in GRAMMARS for text in one.good]
BAD = [(one, text) for one in GRAMMARS for text in one.bad]


@pytest.mark.parametrize(("one", "text"), GOOD, ids=[f"{one} {text}" for one, text in GOOD])
def test_grammar__form_that_clients_send__is_understood(one: Grammar, text: str, service: Service) -> None:
    """The call is answered, without a warning, and the upstream is told what the text means."""
    reply = one.sent(service, text)

    assert reply.status == 200, reply.body
    assert one.name not in reply.headers.get("x-heirloom-warning", "")
    if one.good[text] != HERE:
        path = path_of(field_at(service.upstream.schema, one.at), one.place)
        assert path is not None
        assert value_at(service.upstream.of(one.at)[-1], path) == one.good[text]


@pytest.mark.parametrize(("one", "text"), BAD, ids=[f"{one} {text}" for one, text in BAD])
def test_grammar__anything_else__is_a_400_that_names_the_parameter(one: Grammar, text: str, service: Service) -> None:
    """The caller learns which parameter is wrong, in the legacy form; nothing is read or written for it."""
    reply = one.sent(service, text)

    assert reply.status == 400, reply.body
    error = reply.json()["error"]
    assert (error["status"], error["code"]) == (400, 400)
    # A window is one parameter of two names, and its count is told as a part of it.
    named = {"page", "paging", "paging.count"} if one.name in {"page", "paging"} else {one.name}
    assert any(f"'{name}'" in error["message"] for name in named)
    assert reply.headers["x-upwork-error-code"] == "400"
    # Double quotes do not stand in headers.
    assert reply.headers["x-upwork-error-message"] == error["message"].replace('"', "'")
    assert one.at not in {asked.coordinate for asked in service.upstream.asked}
    assert service.upstream.writes == []
