"""Moments of the sandbox: whole milliseconds since 1970 inside, the upstream's several text forms outside.

Time stands still between changes. The world's clock starts at a fixed instant and moves one second at each change,
so that a run repeats exactly.
"""

from datetime import UTC, date, datetime, timedelta

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BASE_MS = int(datetime(2026, 10, 1, 14, 30, tzinfo=UTC).timestamp() * 1000)


class Clock:
    """The world's time: `now` to read it, `tick` to move it on by a second and read it."""

    def __init__(self, now: int = BASE_MS) -> None:
        self.now = now

    def tick(self) -> int:
        """Move on by one second and give the new instant in epoch milliseconds."""
        self.now += 1000
        return self.now


def iso_z(instant: int | None) -> str | None:
    """Write an instant as `2026-09-16T22:52:15.448Z`, the form of rooms, stories and contracts; None stays None."""
    if instant is None:
        return None
    seconds, millis = divmod(instant, 1000)
    return f"{_utc(seconds):%Y-%m-%dT%H:%M:%S}.{millis:03d}Z"


def iso_compact(instant: int | None) -> str | None:
    """Write an instant as `2026-04-03T12:00:00+0000`, the form of job postings; None stays None."""
    return None if instant is None else f"{_utc(instant // 1000):%Y-%m-%dT%H:%M:%S}+0000"


def day_text(instant: int | None) -> str | None:
    """Write the day of an instant as `2026-09-16`; None stays None."""
    return None if instant is None else f"{_utc(instant // 1000):%Y-%m-%d}"


def spaced(instant: int | None) -> str | None:
    """Write an instant as `2023-01-16 09:12:57`, the form of team activities; None stays None."""
    return None if instant is None else f"{_utc(instant // 1000):%Y-%m-%d %H:%M:%S}"


def read_instant(text: str) -> int:
    """Read epoch milliseconds or an ISO 8601 day or instant; without an offset it is taken as UTC.

    Raises ValueError for anything else.
    """
    if text.lstrip("-").isdigit() and len(text) > 8:
        return int(text)
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(milliseconds=1)


def read_day(text: str) -> date:
    """Read a day written `yyyymmdd`; raises ValueError for every other form."""
    if len(text) != 8:
        raise ValueError(f"{text!r} is not a day written yyyymmdd")
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()


def day_start(day: date) -> int:
    """Give the UTC midnight that starts the day, in epoch milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def day_of(instant: int) -> date:
    """Give the UTC day of an instant."""
    return _utc(instant // 1000).date()


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
