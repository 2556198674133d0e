"""Codes of activities: one, or several joined by semicolons."""

from __future__ import annotations

from typing import Any

from app.converters.lists import semicolon_list
from app.converters.registry import converter


@converter(
    takes="text",
    gives="record",
    examples=[
        ("LP-12", {"all": ["LP-12"], "only": "LP-12"}),
        ("LP-12;LP-13", {"all": ["LP-12", "LP-13"], "only": None}),
    ],
    members=("all", "only"),
)
def codes(text: str) -> dict[str, Any]:
    """Codes joined by `;` as a list, and the code itself when it is the only one. Source: legacy activities, `code`."""
    found = semicolon_list(text)
    return {"all": found, "only": found[0] if len(found) == 1 else None}


@converter(takes="text", gives="list", examples=[("LP-12;LP-13", ["LP-12", "LP-13"]), ("", [])])
def codes_or_none(text: str) -> list[str]:
    """Codes joined by `;`; an empty text is no code at all. Source: contract activities, line 2806: empty unassigns."""
    return [code.strip() for code in text.split(";") if code.strip()]
