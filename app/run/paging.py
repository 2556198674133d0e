"""A window of rows out of an upstream list: across its page cap, filtered and ordered where the upstream cannot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct

from app.answered import Answered
from app.emitted import UNTOLD, dig
from app.errors import RequestError, ScopeError
from app.plan import APART, Here, Keep, Order, Page, Values
from app.run.ask import Told
from app.run.faults import Fault

Ask = Callable[[dict[str, Any]], Awaitable[Told]]
Warn = Callable[[str], None]
#: what an object of an answer may be
OBJECTS = (dict, Answered)


class _Wish(Struct, frozen=True):
    """What one request wants of the rows. `count` is None for all of them; `keeps` and `order` are done here.

    `is_whole`: every row must be fetched for that, wherever the window lies; `rows` are those to fetch, None for all.
    """

    offset: int
    count: int | None
    keeps: tuple[Keep, ...]
    order: Order | None
    is_whole: bool
    rows: int | None

    @property
    def window(self) -> slice:
        """The window in the rows that were fetched."""
        begin = self.offset if self.is_whole else 0
        return slice(begin, None if self.count is None else begin + self.count)

    def names(self) -> list[str]:
        """The parameters that must be served here."""
        return [keep.param for keep in self.keeps] + ([self.order.param] if self.order else [])


class _Gathered(Struct):
    """What the pages so far have brought. `twins` runs beside `rows`; `skipped` rows stand before them."""

    rows: list[Any] = []
    twins: list[Any] = []
    cursor: str | None = None
    skipped: int = 0
    is_end: bool = False

    def only(self, positions: list[int]) -> None:
        """Keep the rows at these positions, in that order."""
        self.rows = [self.rows[position] for position in positions]
        self.twins = [self.twins[position] for position in positions]


def write_first(page: Page, values: Values, variables: dict[str, Any], here: Here) -> None:
    """Write the window of the first question of a walk into its variables."""
    wish = _wish(page, values, here)
    _write(page, variables, page.most if wish.rows is None else min(page.most, wish.rows), _opening(page, values, wish))


async def walk(
    page: Page,
    values: Values,
    variables: dict[str, Any],
    here: Here,
    ask: Ask,
    warn: Warn,
    *,
    until: Callable[[Any], bool] | None = None,
) -> Told:
    """Ask page after page until the window is full, or the rows end; the first answer then holds all of them.

    With filters or an order of our own all rows are fetched, kept or dropped and put in order, and the window cut out
    of what is left; RequestError when they do not end within the page's reach, for such an answer that may lack rows
    would be wrong. An answer that `until` is content with is the last.
    """
    wish = _wish(page, values, here)
    gathered = _opening(page, values, wish)
    first: Told | None = None
    faults: list[Fault] = []
    withheld: frozenset[str] = frozenset()
    for number in range(page.reach):
        asked = page.most if wish.rows is None else min(page.most, wish.rows - len(gathered.rows))
        _write(page, variables, asked, gathered)
        told = await ask(variables)
        if told.known is not None or (number == 0 and until is None and _is_exact(page, wish, told, gathered)):
            return told
        _check_readable(wish, told)
        first = first or told
        faults += told.faults
        withheld |= told.withheld
        _gather(page, told.start, asked, gathered)
        is_full = wish.rows is not None and len(gathered.rows) >= wish.rows
        if gathered.is_end or is_full or (until is not None and until(told.start)):
            break
    else:
        _end_of_reach(page, wish, gathered, warn)
    if first is None:
        raise AssertionError("a page reaches at least one question")
    if wish.is_whole:
        _filter(wish.keeps, values, gathered, warn)
        _put_in_order(wish.order, values, gathered, warn)
        _put(first.start, page.total, len(gathered.rows))
    _put_rows(page, first.start, gathered, wish.window)
    return Told(first.start, tuple(faults), withheld, first.caller, first.raw, None, first.is_typed)


def _is_exact(page: Page, wish: _Wish, told: Told, gathered: _Gathered) -> bool:
    """Whether the first answer holds the window and nothing else, and more can come: it stays as it is."""
    start = told.start
    if wish.rows is None or page.cursor is None or told.faults:
        return False
    rows = dig(start, *page.list)
    if rows is None or len(rows) != wish.rows or dig(start, *page.list[:-1], APART + page.list[-1]) is not None:
        return False
    cursor = dig(start, *page.cursor)
    says_end = page.more is not None and dig(start, *page.more) is False
    return cursor is not None and cursor != gathered.cursor and not says_end


def _wish(page: Page, values: Values, here: Here) -> _Wish:
    offset = (dig(values, *page.offset) if page.offset else None) or 0
    count = dig(values, *page.count) if page.count else None
    if not here.keeps and not here.orders:
        return _Wish(offset, count, (), None, False, count)
    order = next((order for order in here.orders if values.get(order.param)), None)
    if order is not None and any(name not in order.keys for name, _ in values[order.param]):
        raise RequestError(f"Parameter '{order.param}' can only name {', '.join(order.keys)}")
    keeps = tuple(keep for keep in here.keeps if _wanted(keep, values) is not None)
    is_whole = bool(keeps) or order is not None
    return _Wish(offset, count, keeps, order, is_whole, None if is_whole else count)


def _wanted(keep: Keep, values: Values) -> Any:
    """The value that a filter compares rows with; null where the request has none."""
    value = values.get(keep.param)
    return value[keep.member] if keep.member and value is not None else value


def _opening(page: Page, values: Values, wish: _Wish) -> _Gathered:
    """Nothing gathered yet, standing where the walk begins."""
    offset = 0 if wish.is_whole else wish.offset
    cursor = dig(values, *page.start_cursor) if page.start_cursor else None
    if cursor is None:
        cursor = offset if page.offset and not wish.is_whole else page.start
    return _Gathered(cursor=None if cursor is None else str(cursor), skipped=offset)


def _write(page: Page, variables: dict[str, Any], first: int, gathered: _Gathered) -> None:
    """Say how many rows shall come, and behind which."""
    _set(variables, page.first, first)
    if page.skip is not None:
        passed = gathered.skipped + len(gathered.rows)
        _set(variables, page.skip, str(passed) if page.skips_in_text else passed)
    elif page.after is not None and gathered.cursor is not None:
        _set(variables, page.after, gathered.cursor)


def _gather(page: Page, start: Any, asked: int, gathered: _Gathered) -> None:
    """Take over the rows of one answer, and find out whether more can come."""
    rows = dig(start, *page.list) or []
    twins = dig(start, *page.list[:-1], APART + page.list[-1]) or []
    twins = [*twins[: len(rows)], *([UNTOLD] * (len(rows) - len(twins)))]
    if page.cursor is None:
        gathered.rows += rows
        gathered.twins += twins
        total = dig(start, *page.total) if page.total else None
        passed = gathered.skipped + len(gathered.rows)
        gathered.is_end = not rows or (len(rows) < asked if total is None else passed >= total)
        return
    cursor = dig(start, *page.cursor)
    stands_still = cursor is not None and cursor == gathered.cursor
    says_end = page.more is not None and dig(start, *page.more) is False
    gathered.is_end = says_end or not rows or cursor is None or stands_still
    if stands_still and gathered.rows:
        # A page that ends where the last one ended is the last one again.
        return
    gathered.rows += rows
    gathered.twins += twins
    gathered.cursor = cursor


def _end_of_reach(page: Page, wish: _Wish, gathered: _Gathered, warn: Warn) -> None:
    if wish.is_whole:
        names = ", ".join(f"'{name}'" for name in wish.names())
        raise RequestError(
            f"Parameter {names} cannot be served here: more than {len(gathered.rows)} rows would have to be searched",
            mend="narrow the rows with the other parameters",
        )
    warn(f"only {len(gathered.rows)} rows could be fetched in {page.reach} questions")


def _check_readable(wish: _Wish, told: Told) -> None:
    """What compares rows by what the credential may not read would drop or mix them without a word."""
    rules: list[Keep | Order] = [*wish.keeps, *([wish.order] if wish.order else [])]
    for rule in rules:
        if rule.fields & told.withheld:
            problem = "This APP has no access to the requested resource"
            raise ScopeError(f"Parameter '{rule.param}' cannot be served: {problem}")


def _filter(active: tuple[Keep, ...], values: Values, gathered: _Gathered, warn: Warn) -> None:
    kept, unreadable = [], 0
    for position, row in enumerate(gathered.rows):
        try:
            if row is not None and all(keep.holds(row, _wanted(keep, values)) for keep in active):
                kept.append(position)
        except (ValueError, TypeError, AttributeError):
            unreadable += 1
    if unreadable:
        warn(f"partial: {unreadable} rows could not be compared and were left out")
    gathered.only(kept)


def _put_in_order(order: Order | None, values: Values, gathered: _Gathered, warn: Warn) -> None:
    """The last name first, since sorting keeps the order of what is equal; rows without a value stand last."""
    if order is None:
        return
    positions, unreadable = list(range(len(gathered.rows))), 0
    for name, direction in reversed(values[order.param]):
        found: dict[int, Any] = {}
        for position in positions:
            try:
                found[position] = order.keys[name](gathered.rows[position])
            except (ValueError, TypeError, AttributeError):
                found[position] = None
                unreadable += 1
        there = [position for position in positions if found[position] is not None]
        gone = [position for position in positions if found[position] is None]
        positions = sorted(there, key=found.__getitem__, reverse=direction == "desc") + gone
    if unreadable:
        warn(f"partial: {unreadable} rows could not be compared and stand last")
    gathered.only(positions)


def _put_rows(page: Page, start: Any, gathered: _Gathered, window: slice) -> None:
    """The window back into the first answer, with the cursor that leads on from it."""
    parent = dig(start, *page.list[:-1])
    if isinstance(parent, OBJECTS):
        # A list that was not asked apart is nowhere read: a dict keeps it, a type drops it.
        parent[page.list[-1]] = gathered.rows[window]
        parent[APART + page.list[-1]] = gathered.twins[window]
    _put(start, page.cursor, None if gathered.is_end else gathered.cursor)


def _put(start: Any, path: tuple[str, ...] | None, value: Any) -> None:
    parent = dig(start, *path[:-1]) if path else None
    if isinstance(parent, OBJECTS) and path:
        parent[path[-1]] = value


def _set(variables: dict[str, Any], steps: tuple[str, ...], value: Any) -> None:
    *members, last = steps
    for member in members:
        variables = variables.setdefault(member, {})
    variables[last] = value
