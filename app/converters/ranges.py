"""Ranges as the searches took them: `3`, `3,4`, `[3 TO 4]`, `[0.8 TO *]`, `1-5`, `1-`, `-5` and `None`.

The upstream takes one pair of limits. What is asked for is the hull of all that a client lists; `apart` holds the
ranges one by one where the hull holds more than they do, so that the rows between them can be dropped. An open end is
null.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from app.converters.registry import ConversionError, converter
from app.converters.rows import read_whole_number

NUMBER = r"\d{1,10}(?:\.\d{1,6})?"
BETWEEN = re.compile(rf"\[\s*({NUMBER}|\*)\s+TO\s+({NUMBER}|\*)\s*\]", re.ASCII | re.IGNORECASE)
DASHED = re.compile(rf"({NUMBER})?\s*-\s*({NUMBER})?", re.ASCII)
ALONE = re.compile(NUMBER, re.ASCII)
#: the largest Int of GraphQL
MOST = 2**31 - 1
MEMBERS = ("low", "high", "ranges", "apart")

Limit = int | float | None


@converter(
    takes="text",
    gives="record",
    examples=[
        ("[10 TO 20]", {"low": 10, "high": 20, "ranges": [[10, 20]], "apart": None}),
        ("500-", {"low": 500, "high": None, "ranges": [[500, None]], "apart": None}),
        ("-200", {"low": None, "high": 200, "ranges": [[None, 200]], "apart": None}),
        ("2,5", {"low": 2, "high": 5, "ranges": [[2, 2], [5, 5]], "apart": [[2, 2], [5, 5]]}),
    ],
    members=MEMBERS,
)
def whole_ranges(text: str) -> dict[str, Any]:
    """Ranges of whole numbers. Source: contract jobs, `client_hires`, line 3193, and `budget`, line 3194."""
    return _ranges(text, _whole)


@converter(
    takes="text",
    gives="record",
    examples=[
        ("[20 TO 40]", {"low": 20.0, "high": 40.0, "ranges": [[20.0, 40.0]], "apart": None}),
        ("4.5-5.0", {"low": 4.5, "high": 5.0, "ranges": [[4.5, 5.0]], "apart": None}),
    ],
    members=MEMBERS,
)
def decimal_ranges(text: str) -> dict[str, Any]:
    """Ranges of numbers with a fraction. Source: contract profiles, `rate`, line 1555."""
    return _ranges(text, float)


@converter(
    takes="text",
    gives="record",
    examples=[
        ("None", {"low": 0.0, "high": 0.0, "ranges": [[0.0, 0.0]], "apart": None}),
        ("5", {"low": 5.0, "high": 5.0, "ranges": [[5.0, 5.0]], "apart": None}),
        (
            "None,4-",
            {"low": 0.0, "high": None, "ranges": [[0.0, 0.0], [4.0, None]], "apart": [[0.0, 0.0], [4.0, None]]},
        ),
    ],
    members=MEMBERS,
)
def rating_ranges(text: str) -> dict[str, Any]:
    """Ranges of a rating; `None` are those nobody rated, whose rating is 0. Source: contract jobs, line 3192."""
    return _ranges(re.sub(r"\bNone\b", "0", text, flags=re.IGNORECASE), float)


@converter(
    takes="text",
    gives="record",
    examples=[("[0.8 TO *]", {"low": 80.0, "high": None}), ("0.9-0.95", {"low": 90.0, "high": 95.0})],
    members=("low", "high"),
)
def percent_range(text: str) -> dict[str, Any]:
    """One range of a fraction as percent. Several cannot be told apart later: no row shows the score.

    Source: contract profiles, `nss100`, line 1565.
    """
    found = _ranges(text, lambda number: float(Decimal(number).scaleb(2)))
    if found["apart"] is not None:
        raise ConversionError("must be one range here, such as [0.8 TO *]")
    if any(limit is not None and limit > 100 for limit in (found["low"], found["high"])):
        raise ConversionError("must lie between 0 and 1, such as [0.8 TO *]")
    return {"low": found["low"], "high": found["high"]}


def _whole(number: str) -> int:
    if not number.isdigit() or int(number) > MOST:
        raise ConversionError(f"must be whole numbers up to {MOST}, such as [10 TO 20]")
    return int(number)


def _ranges(text: str, read: Callable[[str], int | float]) -> dict[str, Any]:
    ranges = [_range(part.strip(), read) for part in text.split(",")]
    lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
    return {
        "low": None if None in lows else min(low for low in lows if low is not None),
        "high": None if None in highs else max(high for high in highs if high is not None),
        "ranges": ranges,
        "apart": ranges if len(ranges) > 1 else None,
    }


def _range(part: str, read: Callable[[str], int | float]) -> list[Limit]:
    match = BETWEEN.fullmatch(part) or DASHED.fullmatch(part)
    limits = match.groups() if match else (part, part) if ALONE.fullmatch(part) else (None, None)
    low, high = (None if limit in {None, "*"} else read(limit) for limit in limits)
    if low is None and high is None and (match is None or match.re is DASHED):
        raise ConversionError("must be a number, a list such as 3,4 or a range such as [3 TO 4], 3-4, 3- or -4")
    if low is not None and high is not None and low > high:
        raise ConversionError("must be a range that begins below its end, such as [3 TO 4]")
    return [low, high]


@converter(takes="text", gives="number", examples=[("7", 7), ("0", 0)])
def whole_number(text: str) -> int:
    """A whole number. Source: contract jobs, `days_posted`, line 3195."""
    number = read_whole_number(text)
    if abs(number) > MOST:
        raise ConversionError(f"must be a whole number up to {MOST}, such as 7")
    return number
