"""Pages of lists: `after` is an offset written as a string, "0" the start, and `endCursor` is the next one."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from app.sandbox.refusals import Failed, WrongInput

Pagination: TypeAlias = dict[str, Any] | None


def read_window(pagination: Pagination, *, first: int, at_most: int) -> tuple[int, int]:
    """Give start and length of the page asked for; a missing pagination is the first `first` items.

    More than `at_most` is quietly cut. Raises Failed if `after` is not an offset.
    """
    wanted = pagination or {}
    after = wanted.get("after")
    if after and not after.isdecimal():
        raise Failed
    count = wanted.get("first", first)
    if count < 0:
        raise WrongInput("first")
    return int(after or 0), min(count, at_most)


def connection(items: Sequence[Any], start: int, count: int, *, tells_next: bool = True) -> dict[str, Any]:
    """Give the window of a list as a connection; `tells_next` false keeps `hasNextPage` false, as roomList does."""
    page = items[start : start + count]
    end = start + len(page)
    return {
        "totalCount": len(items),
        "edges": [{"cursor": str(start + place), "node": item} for place, item in enumerate(page, start=1)],
        "pageInfo": {"endCursor": str(end), "hasNextPage": tells_next and end < len(items)},
    }
