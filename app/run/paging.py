"""A window of rows out of an upstream connection: across its page cap, and filtered here where the upstream cannot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from app.emitted import UNTOLD, dig
from app.errors import PermissionDeniedError, RequestError
from app.plan import APART, Keep, Page, Values
from app.run.ask import Told
from app.run.faults import NO_ACCESS, Fault

Ask = Callable[[dict[str, Any]], Awaitable[Told]]


@dataclass(slots=True)
class _Gathered:
    """What the pages so far have brought. `twins` runs beside `rows`."""

    rows: list[Any] = field(default_factory=list)
    twins: list[Any] = field(default_factory=list)
    cursor: str | None = None
    is_end: bool = False


def write_first(page: Page, values: Values, variables: dict[str, Any], keeps: tuple[Keep, ...]) -> None:
    """Write the window of the first question of a walk into its variables."""
    wanted, cursor = _opening(page, values, _active(keeps, values))
    _write(page, variables, page.most if wanted is None else min(page.most, wanted), cursor)


async def walk(
    page: Page,
    values: Values,
    variables: dict[str, Any],
    keeps: tuple[Keep, ...],
    ask: Ask,
    warn: Callable[[str], None],
) -> Told:
    """Ask page after page until the window is full, or the rows end; the first answer then holds all of them.

    With filters all rows are fetched, kept or dropped, and the window cut out of what is left; RequestError when they
    do not end within the page's reach, for a filtered answer that may lack rows would be wrong.
    """
    active = _active(keeps, values)
    wanted, cursor = _opening(page, values, active)
    gathered = _Gathered(cursor=cursor)
    first: Told | None = None
    faults: list[Fault] = []
    withheld: frozenset[str] = frozenset()
    for _ in range(page.reach):
        asked = page.most if wanted is None else min(page.most, wanted - len(gathered.rows))
        _write(page, variables, asked, gathered.cursor)
        told = await ask(variables)
        _check_filters(active, told)
        first = first or told
        faults += told.faults
        withheld |= told.withheld
        _gather(page, told.start, gathered)
        if gathered.is_end or (wanted is not None and len(gathered.rows) >= wanted):
            break
    else:
        _end_of_reach(page, active, gathered, warn)
    if first is None:
        raise AssertionError("a page reaches at least one question")
    begin = 0
    if active:
        _filter(active, values, gathered, warn)
        _put(first.start, page.total, len(gathered.rows))
        begin = dig(values, *page.offset) if page.offset else 0
    _put_rows(page, first.start, gathered, slice(begin, begin + dig(values, *page.count)))
    return replace(first, faults=tuple(faults), withheld=withheld)


def _active(keeps: tuple[Keep, ...], values: Values) -> tuple[Keep, ...]:
    return tuple(keep for keep in keeps if keep.param in values)


def _opening(page: Page, values: Values, active: tuple[Keep, ...]) -> tuple[int | None, str | None]:
    """How many rows are wanted in all, None for every one there is, and the cursor to begin at."""
    wanted = None if active else dig(values, *page.count)
    cursor = dig(values, *page.start_cursor) if page.start_cursor else None
    if cursor is None and page.offset and not active:
        cursor = dig(values, *page.offset)
    return wanted, page.start if cursor is None else str(cursor)


def _write(page: Page, variables: dict[str, Any], first: int, after: str | None) -> None:
    _set(variables, page.first, first)
    if after is not None:
        _set(variables, page.after, after)


def _gather(page: Page, start: Any, gathered: _Gathered) -> None:
    """Take over the rows of one answer, and find out whether more can come."""
    rows = dig(start, *page.list) or []
    twins = dig(start, *page.list[:-1], APART + page.list[-1]) or []
    cursor = dig(start, *page.cursor)
    stands_still = cursor is not None and cursor == gathered.cursor
    says_end = page.more is not None and dig(start, *page.more) is False
    gathered.is_end = says_end or not rows or cursor is None or stands_still
    if stands_still and gathered.rows:
        # A page that ends where the last one ended is the last one again.
        return
    gathered.rows += rows
    gathered.twins += [*twins[: len(rows)], *([UNTOLD] * (len(rows) - len(twins)))]
    gathered.cursor = cursor


def _end_of_reach(page: Page, active: tuple[Keep, ...], gathered: _Gathered, warn: Callable[[str], None]) -> None:
    if active:
        names = ", ".join(f"'{keep.param}'" for keep in active)
        raise RequestError(
            f"Parameter {names} cannot be served here: more than {len(gathered.rows)} rows would have to be searched",
            mend="narrow the rows with the other parameters",
        )
    warn(f"only {len(gathered.rows)} rows could be fetched in {page.reach} questions")


def _check_filters(active: tuple[Keep, ...], told: Told) -> None:
    """A filter that reads what the credential may not read would drop every row without a word."""
    for keep in active:
        if keep.fields & told.withheld:
            raise PermissionDeniedError(f"Parameter '{keep.param}' cannot be served: {NO_ACCESS}")


def _filter(active: tuple[Keep, ...], values: Values, gathered: _Gathered, warn: Callable[[str], None]) -> None:
    kept, unreadable = [], 0
    for position, row in enumerate(gathered.rows):
        try:
            if row is not None and all(keep.holds(row, values[keep.param]) for keep in active):
                kept.append(position)
        except (ValueError, TypeError, AttributeError):
            unreadable += 1
    if unreadable:
        warn(f"partial: {unreadable} rows could not be compared and were left out")
    gathered.rows = [gathered.rows[position] for position in kept]
    gathered.twins = [gathered.twins[position] for position in kept]


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
