"""Windows of rows: offsets and counts."""

from __future__ import annotations

import re

from app.converters.registry import ConversionError, converter

MOST_ROWS = 1000


@converter(
    takes="text",
    gives="record",
    examples=[("20;10", {"offset": 20, "count": 10}), ("0:10", {"offset": 0, "count": 10})],
    members=("offset", "count"),
)
def offset_count(text: str) -> dict[str, int]:
    """`offset;count`; one live client sends a colon. Source: legacy conventions, paging."""
    match = re.fullmatch(r"\s*(\d{1,9})\s*[;:]\s*(\d{1,9})\s*", text, re.ASCII)
    if match is None:
        raise ConversionError("must be offset;count, such as 20;10")
    offset, count = int(match[1]), int(match[2])
    if not 1 <= count <= MOST_ROWS:
        raise ConversionError(f"must ask for 1 to {MOST_ROWS} rows, such as 0;20")
    return {"offset": offset, "count": count}


@converter(takes="text", gives="number", examples=[("20", 20), ("1000", 1000)])
def row_count(text: str) -> int:
    """How many rows a page shall have. Source: legacy messages, `limit`."""
    count = read_whole_number(text)
    if not 1 <= count <= MOST_ROWS:
        raise ConversionError(f"must be a number of rows from 1 to {MOST_ROWS}")
    return count


def read_whole_number(text: str) -> int:
    """A whole number of at most 18 digits. Raises ConversionError."""
    digits = text.strip()
    if not re.fullmatch(r"[+-]?\d{1,18}", digits, re.ASCII):
        raise ConversionError("must be a whole number, such as 20")
    return int(digits)
