"""Orders of rows: `create_time desc` in the searches, `field;field;AD` in hr/v2, and how lists told theirs."""

from __future__ import annotations

import re
from typing import Any

from app.converters.registry import ConversionError, converter

NAME = re.compile(r"[a-z_]{1,64}", re.ASCII | re.IGNORECASE)


@converter(
    takes="text",
    gives="text",
    examples=[("create_time  DESC", "create_time desc"), ("create_time desc", "create_time desc")],
)
def sort_words(text: str) -> str:
    """A key and a direction with one space between them, in lower case. Source: contract jobs, `sort`, line 3197."""
    return " ".join(text.lower().split())


@converter(
    takes="text",
    gives="list",
    examples=[
        ("created_time", [["created_time", "asc"]]),
        ("created_time;D", [["created_time", "desc"]]),
        ("status;created_time;AD", [["status", "asc"], ["created_time", "desc"]]),
    ],
)
def order_fields(text: str) -> list[list[str]]:
    """Names joined by `;`, the last part one letter a name: A upward, D downward. A name alone goes upward.

    Source: legacy conventions, section 5.
    """
    names = [part.strip() for part in text.split(";") if part.strip()]
    letters = "A" * len(names)
    if len(names) > 1 and re.fullmatch("[AD]+", names[-1]):
        *names, letters = names
    if not names or len(letters) != len(names) or not all(NAME.fullmatch(name) for name in names):
        raise ConversionError("must be names and a letter for each, such as created_time;D")
    return [[name.lower(), "asc" if letter == "A" else "desc"] for name, letter in zip(names, letters, strict=True)]


@converter(
    takes="list",
    gives="record",
    examples=[([["created_time", "asc"]], {"sort": {"sort": ["created_time", "asc"]}})],
    members=("sort",),
)
def lister_sort(order: list[list[str]]) -> dict[str, Any]:
    """An order as lists told it beside their rows, one key collapsed. Source: legacy conventions, section 5."""
    keys = [{"sort": key} for key in order]
    return {"sort": keys[0] if len(keys) == 1 else keys}
