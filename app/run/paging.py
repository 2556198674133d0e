"""A window of rows out of an upstream connection: across its page cap, and filtered here where the upstream cannot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from app.emitted import dig
from app.errors import RequestError
from app.plan import APART, Here, Keep, Order, Page, Values
from app.run.ask import Told
from app.run.faults import Fault

Ask = Callable[[dict[str, Any]], Awaitable[Told]]


@dataclass(slots=True)
class _Gathered:
    """What the pages so far have brought. `twins` runs beside `rows`; `skipped` rows stand before them."""

    rows: list[Any] = field(default_factory=list)
    twins: list[Any] = field(default_factory=list)
    cursor: str | None = None
    skipped: int = 0
    is_end: bool = False


async def walk(
    page: Page,
    values: Values,
    variables: dict[str, Any],
    here: Here,
    ask: Ask,
    warn: Callable[[str], None],
    until: Callable[[Any], bool] | None = None,
) -> Told:
    """Ask page after page until the window is full, or the rows end; the first answer then holds all of them.

    With filters or an order of our own all rows are fetched, kept or dropped and put in order, and the window cut out of
    what is left; RequestError when they do not end within the page's reach, for such an answer that may lack rows would
    be wrong. An answer that `until` is content with is the last.
    """
    active = tuple(keep for keep in here.keeps if _wanted(keep, values) is not None)
    order = next((order for order in here.orders if values.get(order.param)), None)
    _check_names(order, values)
    is_whole = bool(active) or order is not None
    count: int | None = dig(values, *page.count) if page.count else None
    offset: int = (dig(values, *page.offset) if page.offset else None) or 0
    wanted = None if is_whole else count
    gathered = _Gathered(cursor=_start(page, values, None if is_whole else offset), skipped=0 if is_whole else offset)
    first: Told | None = None
    faults: list[Fault] = []
    for _ in range(page.reach):
        asked = page.most if wanted is None else min(page.most, wanted - len(gathered.rows))
        _ask_for(page, variables, asked, gathered)
        told = await ask(variables)
        first = first or told
        faults += told.faults
        _gather(page, told.start, asked, gathered)
        is_full = wanted is not None and len(gathered.rows) >= wanted
        if gathered.is_end or is_full or (until is not None and until(told.start)):
            break
    else:
        names = [keep.param for keep in active] + ([order.param] if order else [])
        _end_of_reach(page, names, gathered, warn)
    if first is None:
        raise AssertionError("a page reaches at least one question")
    if is_whole:
        _filter(active, values, gathered)
        _put_in_order(order, values, gathered)
        _put(first.start, page.total, len(gathered.rows))
    begin = offset if is_whole else 0
    window = slice(begin, None if count is None else begin + count)
    _put_rows(page, first.start, gathered, window)
    return replace(first, faults=tuple(faults))


def write_first_window(page: Page, values: Values, variables: dict[str, Any]) -> None:
    """Write into the variables what a walk without filters asks for first."""
    count = dig(values, *page.count) if page.count else None
    offset = (dig(values, *page.offset) if page.offset else None) or 0
    gathered = _Gathered(cursor=_start(page, values, offset), skipped=offset)
    _ask_for(page, variables, page.most if count is None else min(page.most, count), gathered)


def _wanted(keep: Keep, values: Values) -> Any:
    """The value that a filter compares rows with; null where the request has none."""
    value = values.get(keep.param)
    return value[keep.member] if keep.member and value is not None else value


def _ask_for(page: Page, variables: dict[str, Any], asked: int, gathered: _Gathered) -> None:
    """Say how many rows shall come, and behind which."""
    _set(variables, page.first, asked)
    if page.skip is not None:
        passed = gathered.skipped + len(gathered.rows)
        _set(variables, page.skip, str(passed) if page.skips_in_text else passed)
    elif page.after is not None and gathered.cursor is not None:
        _set(variables, page.after, gathered.cursor)


def _start(page: Page, values: Values, offset: int | None) -> str | None:
    cursor = dig(values, *page.start_cursor) if page.start_cursor else None
    if cursor is not None:
        return str(cursor)
    return str(offset) if page.offset and offset is not None else page.start


def _gather(page: Page, start: Any, asked: int, gathered: _Gathered) -> None:
    """Take over the rows of one answer, and find out whether more can come."""
    rows = dig(start, *page.list) or []
    twins = dig(start, *page.list[:-1], APART + page.list[-1]) or []
    gathered.rows += rows
    gathered.twins += [*twins[: len(rows)], *([None] * (len(rows) - len(twins)))]
    if page.cursor is None:
        total = dig(start, *page.total) if page.total else None
        passed = gathered.skipped + len(gathered.rows)
        gathered.is_end = not rows or (len(rows) < asked if total is None else passed >= total)
        return
    cursor = dig(start, *page.cursor)
    says_end = page.more is not None and dig(start, *page.more) is False
    gathered.is_end = says_end or not rows or cursor is None or cursor == gathered.cursor
    gathered.cursor = cursor


def _end_of_reach(page: Page, names: list[str], gathered: _Gathered, warn: Callable[[str], None]) -> None:
    if names:
        listed = ", ".join(f"'{name}'" for name in names)
        raise RequestError(
            f"Parameter {listed} cannot be served here: more than {len(gathered.rows)} rows would have to be searched",
            mend="narrow the rows with the other parameters",
        )
    warn(f"only {len(gathered.rows)} rows could be fetched in {page.reach} questions")


def _filter(active: tuple[Keep, ...], values: Values, gathered: _Gathered) -> None:
    kept = [
        position
        for position, row in enumerate(gathered.rows)
        if row is not None and all(keep.holds(row, _wanted(keep, values)) for keep in active)
    ]
    gathered.rows = [gathered.rows[position] for position in kept]
    gathered.twins = [gathered.twins[position] for position in kept]


def _check_names(order: Order | None, values: Values) -> None:
    """Refuse an order by what rows cannot be compared by, before anything is asked."""
    if order is not None and any(name not in order.keys for name, _ in values[order.param]):
        raise RequestError(f"Parameter '{order.param}' can only name {', '.join(order.keys)}")


def _put_in_order(order: Order | None, values: Values, gathered: _Gathered) -> None:
    """The last name first, since sorting keeps the order of what is equal; rows without a value stand last."""
    if order is None:
        return
    positions = list(range(len(gathered.rows)))
    for name, direction in reversed(values[order.param]):
        found = {position: order.keys[name](gathered.rows[position]) for position in positions}
        there = [position for position in positions if found[position] is not None]
        gone = [position for position in positions if found[position] is None]
        positions = sorted(there, key=found.__getitem__, reverse=direction == "desc") + gone
    gathered.rows = [gathered.rows[position] for position in positions]
    gathered.twins = [gathered.twins[position] for position in positions]


def _put_rows(page: Page, start: Any, gathered: _Gathered, window: slice) -> None:
    """The window back into the first answer, with the cursor that leads on from it."""
    parent = dig(start, *page.list[:-1])
    if isinstance(parent, dict):
        parent[page.list[-1]] = gathered.rows[window]
        parent[APART + page.list[-1]] = gathered.twins[window]
    _put(start, page.cursor, None if gathered.is_end else gathered.cursor)


def _put(start: Any, path: tuple[str, ...] | None, value: Any) -> None:
    parent = dig(start, *path[:-1]) if path else None
    if isinstance(parent, dict) and path:
        parent[path[-1]] = value


def _set(variables: dict[str, Any], steps: tuple[str, ...], value: Any) -> None:
    *members, last = steps
    for member in members:
        variables = variables.setdefault(member, {})
    variables[last] = value
