"""Rows and windows that the upstream cannot cut out itself are exactly those that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.conformance.asked import (
    ABSENT,
    SETTINGS,
    Service,
    World,
    connection,
    field_at,
    path_of,
    value_at,
    written,
)
from tests.conformance.requested import (
    CALLS,
    COMPANY,
    OTHERS,
    PEOPLE,
    SEARCH,
    SERVED,
    SUBMIT,
    TEAM,
    NotAsked,
    asked_rows,
)

#: an example is a hundred rows
FEWER = hypothesis_settings(SETTINGS, max_examples=12)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list call over rows of a world: how a row's values are held upstream, and where the answer has its ids."""

    path: str
    params: Mapping[str, str]
    world: Callable[[list[dict[str, Any]]], World]
    ids: Callable[[dict[str, Any]], list[str]]
    window: str
    most: int


def job_found(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the job search."""
    client = {"totalFeedback": row["rating"], "totalHires": row["hires"]}
    return {"ciphertext": row["id"], "client": client, "amount": {"rawValue": row["amount"]}}


def jobs_found(rows: list[dict[str, Any]]) -> Callable[[dict[str, Any]], Any]:
    """The job search, which applies the two ranges that it takes."""

    def answer(arguments: dict[str, Any]) -> Any:
        asked = arguments["marketPlaceJobFilter"]
        hires, budget = asked.get("clientHiresRange_eq") or {}, asked.get("budgetRange_eq") or {}
        found = [
            job_found(row)
            for row in rows
            if lies_in(row["hires"], hires.get("rangeStart"), hires.get("rangeEnd"))
            and lies_in(float(row["amount"]), budget.get("rangeStart"), budget.get("rangeEnd"))
        ]
        return connection(found, lambda _: asked["pagination_eq"])(arguments)

    return answer


def lies_in(value: float, low: float | None, high: float | None) -> bool:
    """Whether a number lies between two limits, where there are any."""
    return (low is None or low <= value) and (high is None or value <= high)


def job_posted(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the company's jobs."""
    created = f"2020-05-{row.get('day', 1):02d}T09:15:30+0000"
    person = {
        "nid": f"user{row.get('person', 0)}",
        "rid": f"50{row.get('person', 0)}",
        "id": f"90{row.get('person', 0)}",
    }
    info = {"legacyCiphertext": row["id"], "auditTime": {"createdDateTime": created}}
    return {"id": row["id"], "info": info, "ownership": {"user": person}}


def offer(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the company's contracts."""
    created = f"2020-05-{row['day']:02d}T09:15:30+0000"
    return {
        "team": {"rid": f"40{row['person']}", "id": f"80{row['person']}"},
        "freelancer": {"rid": f"50{row['person']}", "id": f"90{row['person']}", "ciphertext": f"~02{row['person']}"},
        "agency": {"rid": f"60{row['person']}", "id": f"70{row['person']}"} if row["person"] else None,
        "contract": {"id": row["id"], "createdDateTime": created, "job": {"id": f"1{row['person']}"}},
    }


def freelancer(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the freelancer search."""
    name, *selected = row["categories"]
    return {
        "profile": {
            "identity": {"ciphertext": row["id"]},
            "jobCategories": [{"name": name, "selectedCategories": [{"name": one} for one in selected]}],
            "personalData": {"chargeRate": {"rawValue": row["amount"]}},
            "profileAggregates": {"adjustedCategoryScores": [{"averageCategoryScore": row["rating"]}]},
        }
    }


def by_offset(rows: list[dict[str, Any]]) -> Callable[[dict[str, Any]], Any]:
    """Activities of a team, which go on by a number of rows."""

    def answer(arguments: dict[str, Any]) -> dict[str, Any]:
        window = arguments["page"]
        start, count = window.get("pageOffset") or 0, window["pageSize"]
        found = [{"node": {"recordId": row["id"]}} for row in rows[start : start + count]]
        return {"edges": found, "totalCount": len(rows)}

    return answer


def profiles(rows: list[dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The freelancer search, which goes on by a number of rows."""

    def answer(arguments: dict[str, Any]) -> dict[str, Any]:
        window, rate = arguments["request"]["paging"], arguments["request"].get("hourlyRate") or {}
        there = [row for row in rows if lies_in(float(row["amount"]), rate.get("min"), rate.get("max"))]
        start, count = window.get("start") or 0, window["rows"]
        assert 1 <= count <= 50, "the upstream gives fifty rows at once"
        found = [freelancer(row) for row in there[start : start + count]]
        return {"profiles": found, "pagingInfo": {"total": len(there)}}

    return answer


def listed(wrapper: str, item: str, id_: str) -> Callable[[dict[str, Any]], list[str]]:
    """The ids of a list that collapses: none, one bare, or a list; where there is nothing the wrapper may be a text."""

    def ids(body: dict[str, Any]) -> list[str]:
        found = body[wrapper].get(item, []) if body[wrapper] else []
        return [one[id_] for one in (found if isinstance(found, list) else [found])]

    return ids


JOBS_FOUND = Listing(
    "/api/profiles/v2/search/jobs",
    {"q": "x"},
    lambda rows: {"Query.marketplaceJobPostingsSearch": jobs_found(rows)},
    lambda body: [one["id"] for one in body["jobs"]],
    window="paging",
    most=100,
)
JOBS_POSTED = Listing(
    "/api/hr/v2/jobs",
    {"buyer_team__reference": "400100"},
    lambda rows: {
        "CurrentOrganization.jobPosting": connection(
            [job_posted(row) for row in rows], lambda asked: asked["jobPostingFilter"]["pagination_eq"]
        )
    },
    listed("jobs", "job", "reference"),
    window="page",
    most=500,
)
FREELANCERS = Listing(
    SEARCH,
    {"q": "x"},
    lambda rows: {"Search.searchFreelancerPublicProfile": profiles(rows)},
    lambda body: [one["id"] for one in body["providers"]],
    window="paging",
    most=50,
)
ENGAGEMENTS = Listing(
    "/api/hr/v2/engagements",
    {},
    lambda rows: {
        "CurrentOrganization.clientOffers": connection([offer(row) for row in rows], lambda asked: asked["pagination"])
    },
    listed("engagements", "engagement", "reference"),
    window="page",
    most=500,
)
ACTIVITIES = Listing(
    f"/api/otask/v1/tasks/companies/{COMPANY}/teams/{TEAM}/tasks",
    {},
    lambda rows: {"Query.teamActivities": by_offset(rows)},
    listed("tasks", "task", "record_id"),
    window="page",
    most=1000,
)
SKILLS = Listing(
    "/api/profiles/v2/metadata/skills",
    {},
    lambda rows: {
        "Query.ontologySkills": lambda asked: [
            {"preferredLabel": row["id"]} for row in rows[asked.get("offset") or 0 :][: asked["limit"]]
        ]
    },
    lambda body: list(body["skills"]),
    window="page",
    most=1000,
)
#: the first forms of a key, as rows have them
ROW_IDS = [f"~01{place:016x}" for place in range(170)]
LIMITS = st.integers(0, 5)


def either(
    numbers: st.SearchStrategy[int], *, has_none: bool
) -> st.SearchStrategy[tuple[str, Callable[[float], bool]]]:
    """Ranges joined by commas, and which numbers they hold."""

    def one(first: int, second: int, form: str) -> tuple[str, Callable[[float], bool]]:
        begin, end = sorted((first, second))
        low = begin if "{a}" in form else 0
        high = begin if form == "{a}" else end if "{b}" in form else 10**9
        if form == "None":
            low = high = 0
        return form.format(a=begin, b=end), lambda value: low <= value <= high

    forms = [
        "{a}",
        "[{a} TO {b}]",
        "[{a} TO *]",
        "[* TO {b}]",
        "{a}-{b}",
        "{a}-",
        "-{b}",
        *(["None"] if has_none else []),
    ]
    several = st.lists(st.builds(one, numbers, numbers, st.sampled_from(forms)), min_size=1, max_size=3)
    return several.map(
        lambda all_: (",".join(text for text, _ in all_), lambda value: any(has(value) for _, has in all_))
    )


def rated(has_none: bool) -> st.SearchStrategy[tuple[str, Callable[[Any], bool]]]:
    """A rating that is asked for, and which rows have it."""
    return either(LIMITS, has_none=has_none).map(lambda said: (said[0], lambda row: said[1](row["rating"])))


def within(name: str, numbers: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[str, Callable[[Any], bool]]]:
    """A number that is asked for, and which rows have it."""
    return either(numbers, has_none=False).map(lambda said: (said[0], lambda row: said[1](float(row[name]))))


def named(*forms: str) -> st.SearchStrategy[tuple[str, Callable[[Any], bool]]]:
    """Somebody by one of their names, and which rows are theirs."""
    said = st.tuples(st.integers(0, 3), st.sampled_from(forms))
    return said.map(lambda one: (one[1].format(one[0]), lambda row: row["person"] == one[0]))


MOMENTS = st.datetimes(datetime(2020, 4, 28), datetime(2020, 6, 2)).flatmap(
    lambda moment: st.sampled_from("T ").map(lambda separator: moment.isoformat(separator, "seconds"))
)


def created(row: Mapping[str, Any]) -> datetime:
    """When the contract of a row was made, UTC."""
    return datetime(2020, 5, row["day"], 9, 15, 30)


SINCE = MOMENTS.map(lambda text: (text, lambda row: created(row) >= datetime.fromisoformat(text)))
UNTIL = MOMENTS.map(lambda text: (text, lambda row: created(row) <= datetime.fromisoformat(text)))
NAMES = ["Writing", "Web, Mobile & Software Dev", "Web Development", "Design"]
KEPT: dict[tuple[str, str], tuple[Listing, st.SearchStrategy[tuple[str, Callable[[Any], bool]]]]] = {
    ("jobs/search_jobs", "client_feedback"): (JOBS_FOUND, rated(has_none=True)),
    ("jobs/search_jobs", "client_hires"): (JOBS_FOUND, within("hires", st.integers(0, 9))),
    ("jobs/search_jobs", "budget"): (JOBS_FOUND, within("amount", st.integers(0, 99))),
    ("jobs/list_jobs", "created_by"): (JOBS_POSTED, named("user{}", "50{}", "90{}")),
    ("contracts/list_engagements", "buyer_team__reference"): (ENGAGEMENTS, named("40{}", "80{}")),
    ("contracts/list_engagements", "provider__reference"): (ENGAGEMENTS, named("50{}", "90{}")),
    ("contracts/list_engagements", "profile_key"): (ENGAGEMENTS, named("~02{}")),
    ("contracts/list_engagements", "job__reference"): (ENGAGEMENTS, named("1{}")),
    ("contracts/list_engagements", "agency_team__reference"): (
        ENGAGEMENTS,
        named("60{}", "70{}").filter(lambda said: said[0] not in {"600", "700"}),
    ),
    ("contracts/list_engagements", "created_time_from"): (ENGAGEMENTS, SINCE),
    ("contracts/list_engagements", "created_time_to"): (ENGAGEMENTS, UNTIL),
    ("profiles/search_freelancers", "feedback"): (FREELANCERS, rated(has_none=False)),
    ("profiles/search_freelancers", "rate"): (FREELANCERS, within("amount", st.integers(0, 99))),
    ("profiles/search_freelancers", "category2"): (
        FREELANCERS,
        st.sampled_from(NAMES).map(lambda name: (name, lambda row: row["categories"][0] == name)),
    ),
    ("profiles/search_freelancers", "subcategory2"): (
        FREELANCERS,
        st.sampled_from(NAMES).map(lambda name: (name, lambda row: name in row["categories"][1:])),
    ),
}


@st.composite
def rows_of(draw: st.DrawFn, most: int = 105) -> list[dict[str, Any]]:
    """Rows with values of their own, more than a page of them now and then."""
    count = draw(st.sampled_from([0, 1, 2, 9, 50, 51, most, most]))
    chance = draw(st.randoms(use_true_random=False))
    return [
        {
            "id": key,
            "rating": chance.choice([0, 1, 2.5, 3, 4.8, 5]),
            "hires": chance.randrange(10),
            "amount": f"{chance.randrange(100)}.{chance.choice(['00', '50'])}",
            "person": chance.randrange(4),
            "day": chance.randrange(1, 29),
            "categories": chance.sample(NAMES, 3),
        }
        for key in ROW_IDS[:count]
    ]


def test_request_rows__said_to_be_kept_here__are_held_here() -> None:
    """Every row that the tables keep from the upstream has its test below, or is the order, a form or a window."""
    apart = {key for key, other in OTHERS.items() if isinstance(other, NotAsked) and key[0] != SUBMIT.id}
    served = {("profiles/search_freelancers", row) for row in SERVED}

    assert apart - set(KEPT) == {("jobs/list_jobs", "order_by")}
    assert {row for _, row in served - set(KEPT)} == {"paging", "include_entities"}


def told_all_the_same(service: Service, call: str, row: str) -> list[Any]:
    """What stands at the printed place of a row that the table says is not asked."""
    other = OTHERS.get((call, row))
    if not isinstance(other, NotAsked) or other.lacks:
        return []
    at = next(one.at for one in CALLS if one.id == call)
    path = path_of(field_at(service.upstream.schema, at), asked_rows()[call, row])
    assert path is not None
    found = [value_at(arguments, path) for arguments in service.upstream.of(at)]
    return [one for one in found if one != ABSENT]


@pytest.mark.parametrize(("call", "row"), KEPT, ids=[row for _, row in KEPT])
def test_request_rows__kept_here__leave_exactly_the_rows_that_fit(call: str, row: str, service: Service) -> None:
    """What the upstream cannot filter by is no less exact for it: all rows that fit, and no other, in their order."""
    listing, asked = KEPT[call, row]

    @FEWER
    @given(asked, rows_of())
    def holds(said: tuple[str, Callable[[Any], bool]], rows: list[dict[str, Any]]) -> None:
        text, fits = said
        params = {**listing.params, row: text, listing.window: f"0;{listing.most}"}

        reply = service.send(written("GET", listing.path, params), {**PEOPLE, **listing.world(rows)})

        assert reply.status == 200, reply.body
        assert listing.ids(reply.json()) == [one["id"] for one in rows if fits(one)][: listing.most]
        assert told_all_the_same(service, call, row) == []

    holds()


#: where each of the ranges is held
BY_RANGES = {
    "client_feedback": (JOBS_FOUND, "rating"),
    "client_hires": (JOBS_FOUND, "hires"),
    "budget": (JOBS_FOUND, "amount"),
    "feedback": (FREELANCERS, "rating"),
    "rate": (FREELANCERS, "amount"),
}


@pytest.mark.parametrize("row", BY_RANGES)
@pytest.mark.parametrize(
    ("text", "values"),
    [("1,4", [1, 4]), ("0,[2 TO 3]", [0, 2, 3]), ("-1,5", [0, 1, 5]), ("1-2,4-", [1, 2, 4, 5]), ("[* TO 0],5", [0, 5])],
)
def test_request_rows__several_ranges__bring_nothing_between_them(
    row: str, text: str, values: list[int], service: Service
) -> None:
    """The upstream takes one pair of limits; what lies between two ranges that were asked for is dropped here."""
    listing, name = BY_RANGES[row]
    plain = {"rating": 0, "hires": 0, "amount": "0", "categories": NAMES}
    rows = [{**plain, "id": ROW_IDS[value], name: str(value) if name == "amount" else value} for value in range(6)]

    reply = service.send(written("GET", listing.path, {**listing.params, row: text}), {**PEOPLE, **listing.world(rows)})

    assert reply.status == 200, reply.body
    assert listing.ids(reply.json()) == [ROW_IDS[value] for value in values]


@pytest.mark.parametrize("order", ["created_time", "created_time;A", "created_time;D"])
def test_request_rows__order_by__puts_all_rows_in_order_before_the_window_is_cut(service: Service, order: str) -> None:
    """The first rows of the order are those of the whole list, not of the first page."""

    @FEWER
    @given(rows_of(), st.integers(0, 60), st.integers(1, 60))
    def holds(rows: list[dict[str, Any]], offset: int, count: int) -> None:
        params = {**JOBS_POSTED.params, "order_by": order, "page": f"{offset};{count}"}

        reply = service.send(written("GET", JOBS_POSTED.path, params), {**PEOPLE, **JOBS_POSTED.world(rows)})

        assert reply.status == 200, reply.body
        days = {one["id"]: one["day"] for one in rows}
        wanted = sorted(days.values(), reverse=order.endswith("D"))[offset : offset + count]
        assert [days[id_] for id_ in JOBS_POSTED.ids(reply.json())] == wanted
        assert told_all_the_same(service, "jobs/list_jobs", "order_by") == []

    holds()


@pytest.mark.parametrize(
    "listing",
    [JOBS_FOUND, JOBS_POSTED, FREELANCERS, ENGAGEMENTS, ACTIVITIES, SKILLS],
    ids=["search_jobs", "list_jobs", "search_freelancers", "list_engagements", "list_team_activities", "list_skills"],
)
def test_request_rows__any_window__is_those_rows(listing: Listing, service: Service) -> None:
    """`offset;count`, with a colon too and by either name, is that part of the list, however the upstream pages."""

    @FEWER
    @given(rows_of(), st.integers(0, 130), st.integers(1, listing.most), st.sampled_from(";:"), st.booleans())
    def holds(rows: list[dict[str, Any]], offset: int, count: int, separator: str, is_paging: bool) -> None:
        params = {**listing.params, "paging" if is_paging else "page": f"{offset}{separator}{count}"}

        reply = service.send(written("GET", listing.path, params), {**PEOPLE, **listing.world(rows)})

        assert reply.status == 200, reply.body
        assert listing.ids(reply.json()) == [one["id"] for one in rows][offset : offset + count]

    holds()
