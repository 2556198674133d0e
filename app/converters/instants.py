"""Moments and time zones: ISO 8601 texts of the upstream, epoch numbers and local forms of the legacy API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.converters.registry import ConversionError, converter
from app.converters.rows import read_whole_number

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
DAY = 86_400_000


@converter(
    takes="text",
    gives="number",
    examples=[
        ("2024-05-01T10:00:00Z", 1714557600000),
        ("2024-05-01T12:00:00.250+02:00", 1714557600250),
        ("2026-04-03T12:00:00+0000", 1775217600000),
    ],
    is_narrow=True,
)
@lru_cache(maxsize=8192)
def epoch_ms(instant: str) -> int:
    """An ISO 8601 instant as whole milliseconds since 1970-01-01T00:00:00Z.

    The instant must carry an offset; without one, the zone would be a guess.
    Source: contract messages, get_room, line 873.
    """
    return (_instant(instant) - EPOCH) // MILLISECOND


@converter(
    takes="text",
    gives="number",
    examples=[("2020-05-13T09:15:30Z", 1589328000000), ("2020-05-13T00:30:00+02:00", 1589241600000)],
    is_narrow=True,
)
def midnight_ms(instant: str) -> int:
    """The UTC day of an instant as milliseconds since 1970. Source: contract contracts, line 1148."""
    return epoch_ms(instant) // DAY * DAY  # type: ignore[no-any-return]


@converter(
    takes="text",
    gives="number",
    examples=[("America/Denver", -25200), ("Asia/Kolkata", 19800), ("Australia/Sydney", 36000), ("Europe/Dublin", 0)],
)
@lru_cache(maxsize=1024)
def standard_offset_seconds(zone: str) -> int:
    """The offset of an Olson zone from UTC in seconds, without daylight saving. Source: legacy conventions, section 2.

    It is the lesser one of January and July: what a zone calls saving is no help, Ireland's law saves in winter.
    """
    try:
        found = ZoneInfo(zone)
        offsets = [datetime(2024, month, 1, tzinfo=found).utcoffset() or timedelta() for month in (1, 7)]
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConversionError("not a time zone, such as America/Denver") from error
    return round(min(offsets).total_seconds())


@converter(takes="text", gives="text", examples=[("1589700120000", "1589700120000"), ("1589700120", "1589700120000")])
def epoch_ms_text(text: str) -> str:
    """A moment as milliseconds since 1970, in digits; a number too small for milliseconds counts as seconds.

    Source: legacy messages, `activeSince`: a client sends milliseconds; the boundary is 1973 in ms, 5138 in seconds.
    """
    moment = read_whole_number(text)
    if moment < 0:
        raise ConversionError("must be a moment as milliseconds since 1970, such as 1589700120000")
    return str(moment if moment >= 10**11 else moment * 1000)


@converter(
    takes="text",
    gives="number",
    examples=[
        ("2008-09-09T00:00:01", 1220918401000),
        ("2008-09-09 00:00:01", 1220918401000),
        ("2008-09-09", 1220918400000),
    ],
)
def moment_ms(text: str) -> int:
    """`yyyy-MM-ddTHH:mm:ss`, with a space for the T, or the date alone; UTC where no offset is given.

    Source: legacy contracts, `created_time_from`.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ConversionError("must be a date and time, such as 2008-09-09T00:00:01") from error
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH) // MILLISECOND


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment
    except (TypeError, ValueError) as error:
        raise ConversionError("not an instant with an offset, such as 2024-05-01T10:00:00Z") from error
    raise ConversionError("an instant without an offset, such as 2024-05-01T10:00:00Z")
