"""How profiles showed names, scores and time zones."""

from __future__ import annotations

from app.converters.instants import standard_offset_seconds
from app.converters.registry import ConversionError, converter


@converter(takes="text", gives="text", examples=[("Ivanova", "I."), ("I.", "I."), ("de la Cruz", "D.")])
def initial(name: str) -> str:
    """The first letter of a last name and a dot: all that others saw of it. Source: contract profiles, line 1611."""
    name = name.strip()
    return f"{name[0].upper()}." if name else ""


@converter(
    takes="number",
    gives="text",
    examples=[(4.8125, "4.8125"), (842.3333333333334, "842.33333333333"), (12, "12"), (5.0, "5")],
)
def short_decimal(number: float) -> str:
    """A number with at most 14 digits that matter, as PHP wrote them. Source: legacy profiles, `dev_total_hours`."""
    try:
        return f"{number:.14g}"
    except OverflowError as error:
        raise ConversionError("not a number that was ever a score, such as 4.81") from error


@converter(
    takes="text",
    gives="text",
    examples=[
        ("Asia/Tokyo", "UTC+09:00 Tokyo"),
        ("America/New_York", "UTC-05:00 New York"),
        ("UTC+02:00 Cairo", "UTC+02:00 Cairo"),
    ],
)
def utc_zone(zone: str) -> str:
    """An Olson zone by its offset without daylight saving and its city; a text that is none stays as it is.

    Source: legacy profiles, `dev_timezone`.
    """
    try:
        seconds = standard_offset_seconds(zone)
    except ConversionError:
        return zone
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"UTC{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d} {zone.rpartition('/')[2].replace('_', ' ')}"
