"""Work diaries and snapshots: days, moments in seconds, windows as text, minutes."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache

from app.converters.instants import EPOCH, epoch_ms
from app.converters.registry import ConversionError, converter
from app.converters.rows import offset_count, read_whole_number

#: the furthest that clocks on earth stand from UTC, in seconds
FURTHEST = 14 * 3600
LAST_SECOND = 2**31 - 1


@converter(takes="text", gives="text", examples=[("20200517", "20200517"), ("2020-05-17", "20200517")])
def diary_day(text: str) -> str:
    """A day as `yyyymmdd`; one client writes hyphens. The upstream answers any other form with an empty diary.

    Source: legacy workdiaries, `date`.
    """
    digits = re.sub(r"(\d{4})-(\d{2})-(\d{2})", r"\1\2\3", text.strip())
    try:
        if len(digits) == 8 and digits.isascii() and digits.isdigit():
            datetime.strptime(digits, "%Y%m%d")
            return digits
    except ValueError:
        pass
    raise ConversionError("must be a day as yyyymmdd, such as 20200517")


@converter(takes="text", gives="number", examples=[("1589710020", 1589710020)])
def epoch_second(text: str) -> int:
    """A moment as whole seconds since 1970. Source: legacy snapshots, `timestamp`."""
    moment = read_whole_number(text)
    if not 0 <= moment <= LAST_SECOND:
        raise ConversionError("must be a moment as seconds since 1970, such as 1589710020")
    return moment


@converter(takes="number", gives="text", examples=[(1589710020, "20200517"), (0, "19700101")])
def day_of_second(moment: int) -> str:
    """The UTC day of a moment in seconds since 1970, as diaries name it. Source: legacy snapshots, `workdiary_api`."""
    try:
        day = EPOCH + timedelta(seconds=moment)
    except (ValueError, OverflowError) as error:
        raise ConversionError("not a moment in seconds since 1970, such as 1589710020") from error
    return f"{day.year:04d}{day:%m%d}"


@converter(takes="text", gives="number", examples=[("-25200", -25200), ("0", 0)])
def zone_seconds(text: str) -> int:
    """The offset of a time zone from UTC in seconds. Source: legacy workdiaries, `offset`."""
    seconds = read_whole_number(text)
    if abs(seconds) > FURTHEST:
        raise ConversionError(f"must be an offset from UTC in seconds, from -{FURTHEST} to {FURTHEST}, such as -25200")
    return seconds


@converter(takes="text", gives="text", examples=[("0;10", "0;10"), ("20:10", "20;10")])
def offset_count_text(text: str) -> str:
    """`offset;count`, checked, and in the form that the upstream takes too. Source: legacy workdiaries, `paging`."""
    window = offset_count(text)
    return f"{window['offset']};{window['count']}"


@converter(takes="text", gives="number", examples=[("2020-05-12T00:00:00Z", 1589241600), ("1589241600", 1589241600)])
def epoch_s(instant: str) -> int:
    """An ISO 8601 instant as whole seconds since 1970; digits are seconds already.

    Source: legacy workdiaries, `archiving_time`.
    """
    if instant.isascii() and instant.isdigit():
        return read_whole_number(instant)
    return epoch_ms(instant) // 1000  # type: ignore[no-any-return]


@converter(takes="text", gives="any", examples=[("150", 150), ("2.5", 2.5), ("2:30", "2:30")], is_narrow=True)
@lru_cache(maxsize=1024)
def number_of_text(text: str) -> int | float | str:
    """A number that the upstream writes as text; a text that is none stays. Source: legacy workdiaries, `time`."""
    if re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d{1,12}\.\d{1,6}", text, re.ASCII) else text


@converter(takes="boolean", gives="text", examples=[(True, "1"), (False, "0")], inline="'1' if {0} else '0'")
def one_or_zero_text(value: bool) -> str:
    """A flag as the text `1` or `0`. Source: legacy workdiaries, `has_screenshot`."""
    return "1" if value else "0"
