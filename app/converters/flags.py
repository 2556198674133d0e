"""Flags: booleans of the upstream, and the many ways clients write them."""

from __future__ import annotations

from typing import Any

from app.converters.registry import ConversionError, converter


@converter(takes="boolean", gives="number", examples=[(True, 1), (False, 0)], inline="1 if {0} else 0", is_narrow=True)
def one_or_zero(flag: bool) -> int:
    """A flag as the number 1 or 0, as messages v3 had them. Source: contract messages, isFavorite, line 802."""
    return 1 if flag else 0


@converter(takes="boolean", gives="text", examples=[(True, "1"), (False, "")], inline="'1' if {0} else ''")
def one_or_empty(flag: bool) -> str:
    """A flag as `1` or an empty text, as older hr/v2 flags were. Source: contract contracts, line 1172."""
    return "1" if flag else ""


@converter(
    takes="any",
    gives="boolean",
    examples=[("1", True), ("0", False), ("true", True), ("False", False), (True, True)],
)
def flag(value: Any) -> bool:
    """`1`, `true`, `True`, `yes`, `on` and their opposites. Source: legacy conventions, wire forms."""
    text = str(value).strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise ConversionError("must be 1, 0, true or false")
