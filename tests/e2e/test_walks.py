"""Long lists read page by page, as legacy clients read them: no row twice, none missing, totals that stand still."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.clients import Caller, Ids, Walk, listed, room_pages

ENGAGEMENTS = "/api/hr/v2/engagements.json"
SEARCH_JOBS = "/api/profiles/v2/search/jobs.json"
MOST_PAGES = 40


def walk_engagements(caller: Caller, count: int) -> Walk:
    """All engagements by `page=offset;count`."""
    walk = Walk()
    for offset in range(0, MOST_PAGES * count, count):
        wrapper = caller.read(ENGAGEMENTS, page=f"{offset};{count}")["engagements"]
        rows, lister = listed(wrapper, "engagement"), wrapper["lister"]
        assert (lister["paging"]["offset"], lister["total_items"]) == (str(offset), str(len(rows)))
        walk.add([row["reference"] for row in rows], lister["total_count"])
        if len(rows) < count:
            return walk
    raise AssertionError("the list does not end")


def walk_jobs(caller: Caller, count: int, wanted: int, **params: str) -> Walk:
    """At least so many jobs of a search by `paging=offset;count`."""
    walk = Walk()
    for offset in range(0, MOST_PAGES * count, count):
        answer = caller.read(SEARCH_JOBS, paging=f"{offset};{count}", **params)
        jobs: list[Any] = answer["jobs"]
        assert int(answer["paging"]["offset"]) == offset
        walk.add([job["id"] for job in jobs], answer["paging"]["total"])
        if len(jobs) < count or len(walk.rows) >= wanted:
            return walk
    raise AssertionError("the list does not end")


def assert_whole(walk: Walk, least: int) -> None:
    """So many rows at least, each once, and one total on all pages."""
    assert len(walk.rows) >= least
    assert len(set(walk.rows)) == len(walk.rows)
    assert len(set(map(str, walk.totals))) == 1


@pytest.mark.parametrize("count", [7, 20, 50])
def test_engagements__page_by_page__are_all_there_once(caller: Caller, count: int) -> None:
    """75 and more, whatever the size of the pages; the total is their number."""
    walk = walk_engagements(caller, count)

    assert_whole(walk, 75)
    assert len(walk.rows) == int(walk.totals[0])


@pytest.mark.parametrize("limit", [13, 50])
def test_rooms__page_by_page__are_all_there_once(caller: Caller, ids: Ids, limit: int) -> None:
    """130 and more by the cursor."""
    walk = Walk()
    for page in room_pages(caller, f"{ids.rooms}.json", limit):
        walk.add([room["roomId"] for room in page["rooms"]], page["total"])

    assert_whole(walk, 130)
    assert len(walk.rows) == walk.totals[0]


@pytest.mark.parametrize("count", [25, 50])
def test_search_jobs__page_by_page__gives_each_job_once(caller: Caller, count: int) -> None:
    """250 and more by `paging`, and the same ones in the same order whatever the size of the pages."""
    walk = walk_jobs(caller, count, 250, q="a")

    assert_whole(walk, 250)
    assert walk.rows[:50] == walk_jobs(caller, 10, 50, q="a").rows[:50]
