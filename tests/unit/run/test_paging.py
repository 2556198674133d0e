"""A window of rows out of a connection, page after page."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from app.compile.shapes import Member, Shape, answer_type
from app.emitted import UNTOLD
from app.errors import PermissionDeniedError, RequestError
from app.plan import Here, Keep, Order, Page
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


async def test_walk__answers_of_types__hold_the_window_as_dicts_do() -> None:
    """Rows and cursor are put back; a list asked apart that nobody selected is nowhere."""
    infos = answer_type(Shape("Info", (("endCursor", Member("endCursor")),)))
    rows = answer_type(Shape("Rows", (("edges", Member("edges", None, 1)), ("pageInfo", Member("pageInfo")))))

    def page(cursor: str, *found: int) -> Told:
        return Told(rows(edges=list(found), pageInfo=infos(endCursor=cursor)), (), frozenset(), None)

    found, pages, _ = await walked(PAGE, {"limit": 4}, [page("c3", 1, 2, 3), page("c4", 4)])

    assert found.start == rows(edges=[1, 2, 3, 4], pageInfo=infos(endCursor="c4"))
    assert pages.asked == [(3, None), (1, "c3")]


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


# --- an order that the upstream lacks

ORDER = Order(
    "sort",
    {"kind": lambda row: row["kind"].upper(), "name": lambda row: row.get("name")},
    frozenset({"Row.kind", "Row.name"}),
)


async def ordered(values: dict[str, Any], answers: list[Told], *keeps: Keep) -> tuple[Told, Pages, list[str]]:
    """Walk with an order of our own."""
    pages, warnings = Pages(answers), list[str]()
    variables: dict[str, Any] = {"filter": {}}
    found = await walk(OFFSET_PAGE, values, variables, Here(keeps, (ORDER,)), pages, warnings.append)
    return found, pages, warnings


def named(text: str) -> list[dict[str, Any]]:
    """A row a pair of letters: its kind and its name."""
    return [{"kind": pair[0], "name": None if pair[1] == "-" else pair[1]} for pair in text.split()]


def spelled(found: Told) -> str:
    """The rows of an answer, as `named` takes them."""
    return " ".join(f"{row['kind']}{row['name'] or '-'}" for row in found.start["edges"])


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ([["kind", "asc"]], "ab aa bz ba cx"),
        ([["kind", "desc"]], "cx bz ba ab aa"),
        ([["kind", "desc"], ["name", "asc"]], "cx ba bz aa ab"),
        ([["name", "asc"], ["kind", "desc"]], "ba aa ab cx bz"),
    ],
)
async def test_walk__order__puts_rows_in_it_and_leaves_equal_ones_as_they_came(
    sort: list[list[str]], expected: str
) -> None:
    """The first name counts most; rows that are equal by all names stay as the upstream had them."""
    found, _, _ = await ordered({"sort": sort}, [told(*named("bz ab cx ba aa"), more=False)])

    assert spelled(found) == expected


@pytest.mark.parametrize(("direction", "expected"), [("asc", "ca aa b- c-"), ("desc", "ca aa b- c-")])
async def test_walk__order_by_what_a_row_lacks__stands_last_either_way(direction: str, expected: str) -> None:
    """A row without the value is neither the first nor dropped."""
    found, _, warnings = await ordered({"sort": [["name", direction]]}, [told(*named("b- ca c- aa"), more=False)])

    assert (spelled(found), warnings) == (expected, [])


async def test_walk__order__fetches_all_and_cuts_the_window_out_of_the_order() -> None:
    """The window of ordered rows may lie anywhere in the upstream's: every row is fetched, from the first one on."""
    answers = [told(*named("c1 a1 b1"), cursor="3"), told(*named("d1 e1"), cursor="5", more=False)]

    found, pages, _ = await ordered({"sort": [["kind", "desc"]], "page": {"offset": 1, "count": 2}}, answers)

    assert pages.asked == [(3, "0"), (3, "3")]
    assert (spelled(found), found.start["totalCount"]) == ("d1 c1", 5)


async def test_walk__order_beside_a_filter__orders_what_stays() -> None:
    """Both are done here, and the total counts what stays."""
    by_name = keep("name", lambda row, wanted: bool(row["name"] == wanted))

    found, _, _ = await ordered(
        {"sort": [["kind", "asc"]], "name": "1"}, [told(*named("c1 a2 b1 a1"), more=False)], by_name
    )

    assert (spelled(found), found.start["totalCount"]) == ("a1 b1 c1", 3)


async def test_walk__order_with_a_list_apart__moves_both() -> None:
    """A row keeps what was asked apart for it."""
    answer = told(*named("c1 a1"), twins=["of c", "of a"], more=False)

    found, _, _ = await ordered({"sort": [["kind", "asc"]]}, [answer])

    assert (spelled(found), found.start["apart_edges"]) == ("a1 c1", ["of a", "of c"])


@pytest.mark.parametrize("values", [{}, {"sort": []}, {"sort": None}])
async def test_walk__order_not_asked_for__leaves_the_walk_alone(values: dict[str, Any]) -> None:
    """Without the parameter nothing is fetched beyond the window."""
    page = {"page": {"offset": 0, "count": 2}}

    found, pages, _ = await ordered(values | page, [told(*named("c1 a1"), cursor="2")])

    assert (spelled(found), pages.asked) == ("c1 a1", [(2, "0")])


async def test_walk__order_by_an_unknown_name__is_refused_unasked() -> None:
    """An order that cannot be made is never ignored."""
    pages = Pages([])

    with pytest.raises(RequestError, match="Parameter 'sort' can only name kind, name"):
        await walk(OFFSET_PAGE, {"sort": [["size", "asc"]]}, {"filter": {}}, Here((), (ORDER,)), pages, print)

    assert pages.asked == []


async def test_walk__order_beyond_reach__is_refused() -> None:
    """The first rows of an order may be among those not fetched."""
    answers = [told(*named("a1 b1 c1"), cursor=f"c{n}") for n in range(4)]

    with pytest.raises(RequestError, match="Parameter 'sort' cannot be served here: more than 12 rows"):
        await ordered({"sort": [["kind", "asc"]]}, answers)


async def test_walk__order_by_a_withheld_field__is_refused() -> None:
    """Rows without the value that they are ordered by would stand as they came, as if they were in order."""
    answer = told(*named("a1"), more=False, withheld=frozenset({"Row.kind"}))

    with pytest.raises(PermissionDeniedError, match="Parameter 'sort' cannot be served"):
        await ordered({"sort": [["kind", "asc"]]}, [answer])


async def test_walk__row_that_cannot_be_ordered__stands_last_and_is_told() -> None:
    """A row that a converter refuses is kept, and the reply says that it may stand wrong."""
    found, _, warnings = await ordered(
        {"sort": [["kind", "asc"]]}, [told({"kind": 5, "name": "1"}, *named("c1 a1"), more=False)]
    )

    assert [row["kind"] for row in found.start["edges"]] == ["a", "c", 5]
    assert warnings == ["partial: 1 rows could not be compared and stand last"]


async def test_walk__filter_by_a_member_of_a_value__compares_the_member() -> None:
    """A parameter may be several filters; a member that is null is none."""
    by_member = replace(keep("rate", lambda row, wanted: row["kind"] in wanted), member="kinds")
    answers = [told(*named("a1 b1"), more=False)]

    found, _, _ = await walked(OFFSET_PAGE, {"rate": {"kinds": ["b"], "more": None}}, answers, by_member)
    whole, _, _ = await walked(OFFSET_PAGE, {"rate": {"kinds": None}}, [told(*named("a1 b1"), more=False)], by_member)

    assert (spelled(found), spelled(whole)) == ("b1", "a1 b1")


# --- behind as many rows as were passed

SKIP_PAGE = Page(
    list=("rows",),
    cursor=None,
    total=("total",),
    more=None,
    first=("window", "first"),
    after=None,
    count=("page", "count"),
    offset=("page", "offset"),
    start_cursor=None,
    start=None,
    most=3,
    reach=4,
    skip=("window", "skip"),
)


@dataclass
class Numbered:
    """An upstream of numbered rows that takes an offset, and gives at most `cap` at once."""

    size: int
    cap: int = 3
    tells_total: bool = True
    asked: list[tuple[int, Any]] = field(default_factory=list)

    async def __call__(self, variables: dict[str, Any]) -> Told:
        first, skip = variables["window"]["first"], variables["window"]["skip"]
        self.asked.append((first, skip))
        found = list(range(self.size))[int(skip) :][: min(first, self.cap)]
        start = {"rows": found} | ({"total": self.size} if self.tells_total else {})
        return Told(start, (), frozenset(), None)


async def skipped(
    page: Page, upstream: Numbered, values: dict[str, Any], *keeps: Keep
) -> tuple[list[Any], dict[str, Any], list[str]]:
    """The rows of a walk, its whole answer, and the warnings."""
    warnings: list[str] = []
    found = await walk(page, values, {}, Here(keeps), upstream, warnings.append)
    return found.start["rows"], found.start, warnings


@pytest.mark.parametrize(
    ("offset", "count", "expected", "asked"),
    [
        (0, 2, [0, 1], [(2, 0)]),
        (4, 5, [4, 5, 6, 7, 8], [(3, 4), (2, 7)]),
        (8, 5, [8, 9], [(3, 8)]),
        (9, 1, [9], [(1, 9)]),
        (10, 5, [], [(3, 10)]),
        (99, 5, [], [(3, 99)]),
    ],
)
async def test_walk__skip__passes_the_rows_before_the_window(
    offset: int, count: int, expected: list[int], asked: list[tuple[int, int]]
) -> None:
    """The window begins where it is asked to, and each further page behind all that came."""
    upstream = Numbered(10)

    found, start, _ = await skipped(SKIP_PAGE, upstream, {"page": {"offset": offset, "count": count}})

    assert (found, upstream.asked, start["total"]) == (expected, asked, 10)


async def test_walk__skip_in_text__is_written_as_text() -> None:
    """A cursor that counts rows is a text of digits."""
    upstream = Numbered(10)

    await skipped(replace(SKIP_PAGE, skips_in_text=True), upstream, {"page": {"offset": 2, "count": 4}})

    assert upstream.asked == [(3, "2"), (1, "5")]


async def test_walk__no_count__fetches_every_row() -> None:
    """A list that had no pages is answered whole."""
    upstream = Numbered(7)

    found, _, warnings = await skipped(replace(SKIP_PAGE, count=None, offset=None), upstream, {})

    assert (found, warnings) == (list(range(7)), [])
    assert upstream.asked == [(3, 0), (3, 3), (3, 6)]


async def test_walk__no_count_and_more_rows_than_reach__answers_and_warns() -> None:
    """A list that ends early says so."""
    found, _, warnings = await skipped(replace(SKIP_PAGE, count=None, offset=None), Numbered(99), {})

    assert (found, warnings) == (list(range(12)), ["only 12 rows could be fetched in 4 questions"])


@pytest.mark.parametrize(("size", "asked"), [(5, [(3, 0), (3, 3)]), (6, [(3, 0), (3, 3), (3, 6)])])
async def test_walk__skip_without_a_total__ends_with_a_short_page(size: int, asked: list[tuple[int, int]]) -> None:
    """Where nobody tells how many there are, a page with fewer rows than asked is the last."""
    upstream = Numbered(size, tells_total=False)

    found, _, _ = await skipped(replace(SKIP_PAGE, total=None, count=None, offset=None), upstream, {})

    assert (found, upstream.asked) == (list(range(size)), asked)


async def test_walk__skip_and_pages_shorter_than_asked__goes_on_to_the_total() -> None:
    """An upstream with a cap of its own does not end the list."""
    upstream = Numbered(5, cap=2)

    found, _, _ = await skipped(replace(SKIP_PAGE, count=None, offset=None), upstream, {})

    assert (found, upstream.asked) == ([0, 1, 2, 3, 4], [(3, 0), (3, 2), (3, 4)])


async def test_walk__skip_with_a_filter__begins_at_the_first_row() -> None:
    """The window is one of what stays, so no row before it can be passed by."""
    upstream = Numbered(8)
    even = keep("even", lambda row, wanted: row % 2 == 0)

    found, start, _ = await skipped(SKIP_PAGE, upstream, {"even": True, "page": {"offset": 1, "count": 2}}, even)

    assert (found, start["total"], upstream.asked[0]) == ([2, 4], 4, (3, 0))


async def test_walk__content_with_a_page__asks_no_further() -> None:
    """Who looks for one row stops where it is."""
    upstream = Numbered(9)
    page = replace(SKIP_PAGE, count=None, offset=None)

    await walk(page, {}, {}, Here(), upstream, print, until=lambda start: 4 in start["rows"])

    assert upstream.asked == [(3, 0), (3, 3)]
