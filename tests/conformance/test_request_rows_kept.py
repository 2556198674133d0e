"""Rows and windows that the upstream cannot cut out itself are exactly those that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
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
from tests.conformance.requested import CALLS, OTHERS, PEOPLE, SEARCH, SERVED, SUBMIT, NotAsked, asked_rows


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


def posted_ids(body: dict[str, Any]) -> list[str]:
    """The jobs of a company: none, one bare, or a list."""
    found = body["jobs"].get("job", [])
    return [one["reference"] for one in (found if isinstance(found, list) else [found])]


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
    posted_ids,
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


PEOPLE_NAMED = st.tuples(st.integers(0, 3), st.sampled_from(["user{}", "50{}", "90{}"])).map(
    lambda named: (named[1].format(named[0]), lambda row: row["person"] == named[0])
)
NAMES = ["Writing", "Web, Mobile & Software Dev", "Web Development", "Design"]
KEPT: dict[tuple[str, str], tuple[Listing, st.SearchStrategy[tuple[str, Callable[[Any], bool]]]]] = {
    ("jobs/search_jobs", "client_feedback"): (JOBS_FOUND, rated(has_none=True)),
    ("jobs/search_jobs", "client_hires"): (JOBS_FOUND, within("hires", st.integers(0, 9))),
    ("jobs/search_jobs", "budget"): (JOBS_FOUND, within("amount", st.integers(0, 99))),
    ("jobs/list_jobs", "created_by"): (JOBS_POSTED, PEOPLE_NAMED),
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
    count = draw(st.sampled_from([0, 1, 2, 3, 5, 9, 50, 51, most]))
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
    other, at = OTHERS.get((call, row)), next(one.at for one in CALLS if one.id == call)
    if not isinstance(other, NotAsked) or other.lacks:
        return []
    path = path_of(field_at(service.upstream.schema, at), asked_rows()[call, row])
    assert path is not None
    found = [value_at(arguments, path) for arguments in service.upstream.of(at)]
    return [one for one in found if one != ABSENT]


@pytest.mark.parametrize(("call", "row"), KEPT, ids=[row for _, row in KEPT])
def test_request_rows__kept_here__leave_exactly_the_rows_that_fit(call: str, row: str, service: Service) -> None:
    """What the upstream cannot filter by is no less exact for it: all rows that fit, and no other, in their order."""
    listing, asked = KEPT[call, row]

    @SETTINGS
    @given(asked, rows_of())
    def holds(said: tuple[str, Callable[[Any], bool]], rows: list[dict[str, Any]]) -> None:
        text, fits = said
        params = {**listing.params, row: text, listing.window: f"0;{listing.most}"}

        reply = service.send(written("GET", listing.path, params), {**PEOPLE, **listing.world(rows)})

        assert reply.status == 200, reply.body
        assert listing.ids(reply.json()) == [one["id"] for one in rows if fits(one)][: listing.most]
        assert told_all_the_same(service, call, row) == []

    holds()


@pytest.mark.parametrize("order", ["created_time", "created_time;A", "created_time;D"])
def test_request_rows__order_by__puts_all_rows_in_order_before_the_window_is_cut(service: Service, order: str) -> None:
    """The first rows of the order are those of the whole list, not of the first page."""

    @SETTINGS
    @given(rows_of(), st.integers(0, 60), st.integers(1, 60))
    def holds(rows: list[dict[str, Any]], offset: int, count: int) -> None:
        params = {**JOBS_POSTED.params, "order_by": order, "page": f"{offset};{count}"}

        reply = service.send(written("GET", JOBS_POSTED.path, params), JOBS_POSTED.world(rows))

        assert reply.status == 200, reply.body
        days = {one["id"]: one["day"] for one in rows}
        wanted = sorted(days.values(), reverse=order.endswith("D"))[offset : offset + count]
        assert [days[id_] for id_ in JOBS_POSTED.ids(reply.json())] == wanted
        assert told_all_the_same(service, "jobs/list_jobs", "order_by") == []

    holds()


@pytest.mark.parametrize(
    "listing", [JOBS_FOUND, JOBS_POSTED, FREELANCERS], ids=["search_jobs", "list_jobs", "search_freelancers"]
)
def test_request_rows__any_window__is_those_rows(listing: Listing, service: Service) -> None:
    """`offset;count`, with a colon too and by either name, is that part of the list, however the upstream pages."""

    @SETTINGS
    @given(rows_of(), st.integers(0, 130), st.integers(1, listing.most), st.sampled_from(";:"), st.booleans())
    def holds(rows: list[dict[str, Any]], offset: int, count: int, separator: str, is_paging: bool) -> None:
        params = {**listing.params, "paging" if is_paging else "page": f"{offset}{separator}{count}"}

        reply = service.send(written("GET", listing.path, params), {**PEOPLE, **listing.world(rows)})

        assert reply.status == 200, reply.body
        assert listing.ids(reply.json()) == [one["id"] for one in rows][offset : offset + count]

    holds()
