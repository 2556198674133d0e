"""Days and months as forms and profiles had them, and instants in the texts that job postings have."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache

from app.converters.instants import EPOCH, MILLISECOND, moment_ms
from app.converters.registry import ConversionError, converter

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@converter(takes="text", gives="text", examples=[("12-31-2026", "2026-12-31"), ("2026-12-31", "2026-12-31")])
def iso_day(text: str) -> str:
    """`MM-dd-yyyy`, or the day in ISO 8601, as ISO 8601. Source: legacy conventions, date inputs."""
    return read_day(text).isoformat()


@converter(
    takes="text", gives="number", examples=[("05-13-2020", 1589328000000), ("2020-05-13T09:15:30", 1589361330000)]
)
def day_or_moment_ms(text: str) -> int:
    """A day or a date and time as milliseconds since 1970, UTC. Source: legacy clients, `posted_since`."""
    if re.fullmatch(r"\d\d-\d\d-\d{4}", text.strip(), re.ASCII):
        text = iso_day(text)
    return moment_ms(text)  # type: ignore[no-any-return]


@converter(takes="text", gives="text", examples=[("2008-09-09T00:00:01", "2008-09-09T00:00:01.000+0000")])
def moment_text(text: str) -> str:
    """`yyyy-MM-ddTHH:mm:ss`, or with a space for the T, as the upstream's filters want it; UTC without an offset.

    Source: upstream notes, values, `createdDateTimeFrom_eq`.
    """
    try:
        moment = EPOCH + moment_ms(text) * MILLISECOND
    except OverflowError as error:
        raise ConversionError("must be a date and time, such as 2008-09-09T00:00:01") from error
    return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}+0000"


@converter(
    takes="text",
    gives="number",
    examples=[("2020-05-13", 1589328000000), ("2020-05-13T09:15:30.000Z", 1589328000000)],
)
@lru_cache(maxsize=1024)
def day_ms(text: str) -> int:
    """A day, or the UTC day of an instant, as milliseconds since 1970. Source: legacy jobs, `start_date`."""
    day = read_upstream_day(text)
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) - EPOCH) // MILLISECOND


@converter(
    takes="text",
    gives="text",
    examples=[
        ("2020-05-13T09:15:30.123Z", "2020-05-13T09:15:30+0000"),
        ("2020-05-13T09:15:30+0000", "2020-05-13T09:15:30+0000"),
    ],
)
def compact_instant(text: str) -> str:
    """An instant in UTC, to the second, without a colon in the offset. Source: legacy jobs, `date_created`."""
    return f"{_moment(text).replace(tzinfo=None).isoformat(timespec='seconds')}+0000"


@converter(
    takes="text", gives="text", examples=[("2019-05-20T10:00:00.000Z", "May 20, 2019"), ("2019-05-01", "May 1, 2019")]
)
def long_day(text: str) -> str:
    """A day as people read it. Source: legacy profiles, `dev_last_activity`."""
    day = read_upstream_day(text)
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


@converter(
    takes="text",
    gives="text",
    examples=[("2004-04-01", "04/2004"), ("2011-07-15T00:00:00.000Z", "07/2011"), ("2012", "01/2012")],
)
def month_year(text: str) -> str:
    """A month as `MM/YYYY`; a year alone is told by its first month, since clients cut the text at the slash.

    Source: legacy profiles, `exp_from`.
    """
    if re.fullmatch(r"\d{4}", text.strip(), re.ASCII):
        return f"01/{text.strip()}"
    if re.fullmatch(r"\d{4}-\d\d", text.strip(), re.ASCII):
        text = f"{text.strip()}-01"
    day = read_upstream_day(text)
    return f"{day.month:02d}/{day.year}"


@converter(takes="number", gives="number", examples=[(52, 364), (1, 7)])
def weeks_in_days(weeks: int) -> int:
    """Weeks as days. Source: legacy jobs, `duration` of an hourly job."""
    return weeks * 7


def read_day(text: str) -> date:
    """A day as a client writes it: `MM-dd-yyyy` or `yyyy-MM-dd`. Raises ConversionError."""
    match = re.fullmatch(r"(\d\d)-(\d\d)-(\d{4})", text.strip(), re.ASCII)
    try:
        if match:
            return date(int(match[3]), int(match[1]), int(match[2]))
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise ConversionError("must be a date as MM-dd-yyyy, such as 12-31-2026") from error


def read_upstream_day(text: str) -> date:
    """The day that the upstream names: `yyyy-MM-dd`, or the UTC day of an instant. Raises ConversionError."""
    try:
        return date.fromisoformat(text) if len(text) == len("2020-05-13") else _moment(text).date()
    except ValueError as error:
        raise ConversionError("not a day, such as 2020-05-13") from error


def _moment(text: str) -> datetime:
    """An instant in UTC; without an offset it is taken as UTC. Raises ConversionError."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise ConversionError("not an instant, such as 2020-05-13T09:15:30Z") from error
