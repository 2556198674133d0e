"""A window of rows out of a connection, page after page."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from app.emitted import UNTOLD
from app.errors import PermissionDeniedError, RequestError
from app.plan import Here, Keep, Page
from app.run.ask import Told
from app.run.faults import Fault
from app.run.paging import walk

PAGE = Page(
    list=("edges",),
    cursor=("pageInfo", "endCursor"),
    total=("totalCount",),
    more=("pageInfo", "hasNextPage"),
    first=("filter", "pagination", "first"),
    after=("filter", "pagination", "after"),
    count=("limit",),
    offset=None,
    start_cursor=("cursor",),
    start=None,
    most=3,
    reach=4,
)
OFFSET_PAGE = replace(PAGE, count=("page", "count"), offset=("page", "offset"), start_cursor=None, start="0")


@dataclass
class Pages:
    """Answers page after page, and remembers what it was asked."""

    answers: list[Told]
    asked: list[tuple[int, str | None]] = field(default_factory=list)

    async def __call__(self, variables: dict[str, Any]) -> Told:
        window = variables["filter"]["pagination"]
        self.asked.append((window["first"], window.get("after")))
        return deepcopy(self.answers.pop(0)) if self.answers[0].start else self.answers.pop(0)


def told(
    *rows: Any,
    cursor: str | None = None,
    more: bool | None = True,
    total: int | None = 9,
    twins: list[Any] | None = None,
    faults: int = 0,
    withheld: frozenset[str] = frozenset(),
) -> Told:
    """The answer of one page."""
    start: dict[str, Any] = {
        "edges": list(rows),
        "pageInfo": {"endCursor": cursor, "hasNextPage": more},
        "totalCount": total,
    }
    if twins is not None:
        start["apart_edges"] = twins
    return Told(start, tuple(Fault("m", (), "") for _ in range(faults)), withheld, None)


def keep(param: str, holds: Callable[[Any, Any], bool], *fields: str) -> Keep:
    """A filter of rows."""
    return Keep(param, holds, frozenset(fields))


BY_KIND = keep("kind", lambda row, wanted: bool(row["kind"] == wanted), "Row.kind")


async def walked(
    page: Page, values: dict[str, Any], answers: list[Told], *keeps: Keep
) -> tuple[Told, Pages, list[str]]:
    """Walk, with what was asked and what was warned of."""
    pages, warnings = Pages(answers), list[str]()
    found = await walk(page, values, {"filter": {"roomId_eq": "r"}}, Here(keeps), pages, warnings.append)
    return found, pages, warnings


# --- how far


async def test_walk__window_fits_a_page__asks_once() -> None:
    """A page that brings all that is wanted ends the walk; its cursor leads on."""
    found, pages, _ = await walked(PAGE, {"limit": 2}, [told(1, 2, cursor="c2")])

    assert (found.start["edges"], found.start["pageInfo"]["endCursor"]) == ([1, 2], "c2")
    assert pages.asked == [(2, None)]


async def test_walk__window_beyond_the_cap__asks_page_after_page() -> None:
    """No question asks for more rows than come at once, and none for more than are still wanted."""
    answers = [told(1, 2, 3, cursor="c3"), told(4, 5, 6, cursor="c6"), told(7, cursor="c7")]

    found, pages, _ = await walked(PAGE, {"limit": 7}, answers)

    assert found.start["edges"] == [1, 2, 3, 4, 5, 6, 7]
    assert pages.asked == [(3, None), (3, "c3"), (1, "c6")]


async def test_walk__pages_shorter_than_asked__goes_on() -> None:
    """An upstream with a cap of its own does not shorten the window."""
    answers = [told(1, cursor="c1"), told(2, cursor="c2"), told(3, cursor="c3")]

    found, pages, _ = await walked(PAGE, {"limit": 3}, answers)

    assert found.start["edges"] == [1, 2, 3]
    assert pages.asked == [(3, None), (2, "c1"), (1, "c2")]


async def test_walk__more_rows_than_asked__keeps_the_window() -> None:
    """Rows beyond the window are not answered."""
    found, _, _ = await walked(PAGE, {"limit": 2}, [told(1, 2, 3, cursor="c3")])

    assert found.start["edges"] == [1, 2]


@pytest.mark.parametrize(
    ("last", "rows"),
    [
        (told(4, cursor="c4", more=False), [1, 2, 3, 4]),
        (told(4, cursor=None), [1, 2, 3, 4]),
        (told(3, cursor="c3"), [1, 2, 3]),
        (told(cursor="c9"), [1, 2, 3]),
        (Told({"edges": None, "pageInfo": None, "totalCount": None}, (), frozenset(), None), [1, 2, 3]),
        (Told({"edges": [4]}, (), frozenset(), None), [1, 2, 3, 4]),
    ],
    ids=["says so", "no cursor", "cursor stands still", "no rows", "all null", "no page info"],
)
async def test_walk__rows_end__stops_and_leads_nowhere(last: Told, rows: list[int]) -> None:
    """The end is known by any sign of it; the answer then has no cursor to go on with."""
    found, pages, warnings = await walked(PAGE, {"limit": 9}, [told(1, 2, 3, cursor="c3"), last])

    assert (found.start["edges"], found.start["pageInfo"]["endCursor"]) == (rows, None)
    assert (len(pages.asked), warnings) == (2, [])


async def test_walk__first_page_ends_at_the_callers_cursor__is_answered() -> None:
    """What was asked for is answered, even where it leads no further."""
    found, pages, _ = await walked(PAGE, {"limit": 9, "cursor": "c3"}, [told(1, 2, cursor="c3")])

    assert (found.start["edges"], found.start["pageInfo"]["endCursor"]) == ([1, 2], None)
    assert pages.asked == [(3, "c3")]


async def test_walk__says_no_more_where_it_always_does__goes_on() -> None:
    """Without `more` in the mapping that word of the upstream is not believed."""
    answers = [told(1, 2, 3, cursor="c3", more=False), told(4, cursor="c4", more=False), told(more=False)]

    found, _, _ = await walked(replace(PAGE, more=None), {"limit": 9}, answers)

    assert found.start["edges"] == [1, 2, 3, 4]


async def test_walk__reach_used_up__answers_and_warns() -> None:
    """One call costs at most its reach in questions; what was fetched is answered, and that it is short is said."""
    answers = [told(n, cursor=f"c{n}") for n in range(4)]

    found, pages, warnings = await walked(PAGE, {"limit": 9}, answers)

    assert (found.start["edges"], found.start["pageInfo"]["endCursor"]) == ([0, 1, 2, 3], "c3")
    assert (len(pages.asked), warnings) == (4, ["only 4 rows could be fetched in 4 questions"])


# --- where from


@pytest.mark.parametrize(
    ("page", "values", "after"),
    [
        (PAGE, {"limit": 1}, None),
        (PAGE, {"limit": 1, "cursor": "c7"}, "c7"),
        (replace(PAGE, start="0"), {"limit": 1}, "0"),
        (replace(PAGE, start="0"), {"limit": 1, "cursor": "c7"}, "c7"),
        (OFFSET_PAGE, {"page": {"offset": 0, "count": 1}}, "0"),
        (OFFSET_PAGE, {"page": {"offset": 40, "count": 1}}, "40"),
    ],
)
async def test_walk__start__is_the_cursor_the_offset_or_the_first_row(
    page: Page, values: dict[str, Any], after: str | None
) -> None:
    """A caller's cursor or offset is where the first question begins."""
    _, pages, _ = await walked(page, values, [told(1, cursor="c")])

    assert pages.asked == [(1, after)]


async def test_walk__variables__keep_what_else_is_in_them() -> None:
    """The window is written beside what the parameters wrote."""
    variables: dict[str, Any] = {"filter": {"roomId_eq": "r"}}

    await walk(PAGE, {"limit": 1}, variables, Here(), Pages([told(1, cursor="c")]), lambda text: None)

    assert variables == {"filter": {"roomId_eq": "r", "pagination": {"first": 1}}}


# --- what else comes along


async def test_walk__faults_of_any_page__are_the_answers() -> None:
    """A gap on the second page makes the whole answer partial."""
    answers = [told(1, cursor="c1", faults=1), told(2, cursor="c2", faults=2)]

    found, _, _ = await walked(PAGE, {"limit": 2}, answers)

    assert len(found.faults) == 3


async def test_walk__scope_found_missing_on_a_later_page__is_the_answers() -> None:
    """What a later page had to leave out is told too."""
    answers = [told(1, cursor="c1"), told(2, cursor="c2", withheld=frozenset({"Row.kind"}))]

    found, _, _ = await walked(PAGE, {"limit": 2}, answers)

    assert found.withheld == frozenset({"Row.kind"})


async def test_walk__list_asked_apart__stays_beside_its_rows() -> None:
    """Element by element, across pages."""
    answers = [told(1, 2, cursor="c2", twins=["a", None]), told(3, cursor="c3", twins=["c"])]

    found, _, _ = await walked(PAGE, {"limit": 3}, answers)

    assert (found.start["edges"], found.start["apart_edges"]) == ([1, 2, 3], ["a", None, "c"])


@pytest.mark.parametrize(
    ("twins", "beside"),
    [(None, [UNTOLD, UNTOLD, "c"]), (["a"], ["a", UNTOLD, "c"]), (["a", "b", "x"], ["a", "b", "c"])],
    ids=["absent", "shorter", "longer"],
)
async def test_walk__list_asked_apart_of_another_length__does_not_shift(
    twins: list[Any] | None, beside: list[Any]
) -> None:
    """A page whose list apart is missing or of another length leaves the following pages in place."""
    answers = [told(1, 2, cursor="c2", twins=twins), told(3, cursor="c3", twins=["c"])]

    found, _, _ = await walked(PAGE, {"limit": 3}, answers)

    pairs = zip(found.start["apart_edges"], beside, strict=True)
    assert all(one is other if other is UNTOLD else one == other for one, other in pairs)


async def test_walk__nothing_where_the_list_should_be__answers_as_it_is() -> None:
    """An answer whose connection is null is no fault of ours."""
    page = replace(PAGE, list=("offers", "edges"), cursor=("offers", "pageInfo", "endCursor"), more=None)

    found, _, _ = await walked(page, {"limit": 3}, [Told({"offers": None}, (), frozenset(), None)])

    assert found.start == {"offers": None}


# --- filters


def rows(text: str) -> list[dict[str, str]]:
    """`aab` as rows of these kinds, numbered."""
    return [{"kind": letter, "id": f"{letter}{number}"} for number, letter in enumerate(text)]


async def test_walk__filter__fetches_all_and_cuts_the_window_out_of_what_is_left() -> None:
    """Offset and count speak of the rows that were kept; the total is theirs."""
    answers = [told(*rows("aba"), cursor="c1"), told(*rows("baa"), cursor="c2", more=False)]
    values = {"page": {"offset": 1, "count": 2}, "kind": "a"}

    found, pages, _ = await walked(OFFSET_PAGE, values, answers, BY_KIND)

    assert [row["id"] for row in found.start["edges"]] == ["a2", "a1"]
    assert found.start["totalCount"] == 4
    assert pages.asked == [(3, "0"), (3, "c1")]


async def test_walk__filter_not_asked_for__is_not_there() -> None:
    """A filter whose parameter is absent costs nothing."""
    values = {"page": {"offset": 2, "count": 2}}

    found, pages, _ = await walked(OFFSET_PAGE, values, [told(*rows("ab"), cursor="c")], BY_KIND)

    assert ([row["kind"] for row in found.start["edges"]], pages.asked) == (["a", "b"], [(2, "2")])


async def test_walk__several_filters__keeps_what_passes_all() -> None:
    """Filters are joined by and."""
    by_id = keep("id", lambda row, wanted: bool(row["id"] == wanted))
    values = {"page": {"offset": 0, "count": 9}, "kind": "a", "id": "a2"}

    found, _, _ = await walked(OFFSET_PAGE, values, [told(*rows("aba"), more=False)], BY_KIND, by_id)

    assert [row["id"] for row in found.start["edges"]] == ["a2"]


async def test_walk__filter_with_a_list_apart__drops_both() -> None:
    """An element and its twin go together."""
    answers = [told(*rows("aba"), more=False, twins=["x", "y", "z"])]

    found, _, _ = await walked(OFFSET_PAGE, {"page": {"offset": 0, "count": 9}, "kind": "a"}, answers, BY_KIND)

    assert found.start["apart_edges"] == ["x", "z"]


async def test_walk__filter_and_null_rows__drops_them() -> None:
    """Of a row that was voided nothing can be told."""
    answers = [told(None, *rows("a"), more=False)]

    found, _, _ = await walked(OFFSET_PAGE, {"page": {"offset": 0, "count": 9}, "kind": "a"}, answers, BY_KIND)

    assert len(found.start["edges"]) == 1


async def test_walk__filter_beyond_reach__is_refused() -> None:
    """A filtered answer that may lack rows would be wrong; the caller is told which parameter to do without."""
    answers = [told(*rows("a"), cursor=f"c{n}") for n in range(4)]

    with pytest.raises(RequestError, match="Parameter 'kind' cannot be served here: more than 4 rows"):
        await walked(OFFSET_PAGE, {"page": {"offset": 0, "count": 1}, "kind": "a"}, answers, BY_KIND)


async def test_walk__filter_by_a_withheld_field__is_refused() -> None:
    """Rows are not dropped for what the credential may not see."""
    answers = [told(*rows("a"), withheld=frozenset({"Row.kind"}))]

    with pytest.raises(PermissionDeniedError, match="Parameter 'kind' cannot be served: This APP has no access"):
        await walked(OFFSET_PAGE, {"page": {"offset": 0, "count": 1}, "kind": "a"}, answers, BY_KIND)


async def test_walk__another_field_withheld__filters() -> None:
    """What the filter does not read does not matter to it."""
    answers = [told(*rows("a"), more=False, withheld=frozenset({"Row.id"}))]

    found, _, _ = await walked(OFFSET_PAGE, {"page": {"offset": 0, "count": 1}, "kind": "a"}, answers, BY_KIND)

    assert len(found.start["edges"]) == 1


async def test_walk__row_that_cannot_be_compared__is_left_out_and_told() -> None:
    """An unreadable value does not take the whole answer with it."""
    by_number = keep("least", lambda row, wanted: bool(int(row["kind"]) >= wanted))
    answers = [told(*rows("1x3"), more=False)]

    found, _, warnings = await walked(OFFSET_PAGE, {"page": {"offset": 0, "count": 9}, "least": 2}, answers, by_number)

    assert [row["kind"] for row in found.start["edges"]] == ["3"]
    assert warnings == ["partial: 1 rows could not be compared and were left out"]
