"""How the legacy API wrote values: as its families did it, and the forms that single members had.

Written here once more, by the recorded answers and nothing of the product.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 24 * 3600 * 1000
#: a null as the family of the call has it
AS_THE_FAMILY = object()


@dataclass(frozen=True, slots=True)
class Form:
    """How a value is written, and a null. `takes_list`: the list at the end of the path is one value."""

    write: Callable[[Any], Any]
    null: Any = AS_THE_FAMILY
    takes_list: bool = False

    def __call__(self, value: Any, family_null: Any) -> Any:
        """The value as the answer has it."""
        found = None if value is None else self.write(value)
        if found is not None:
            return found
        return family_null if self.null is AS_THE_FAMILY else self.null


def text_of(value: Any) -> Any:
    """A plain value in the families that have only texts."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:.14g}"
    return value if isinstance(value, str) else str(value)


def same(value: Any) -> Any:
    """A plain value in the families that have real JSON types."""
    return value


#: what a family makes of a plain value, and of a null
FAMILIES: dict[str, tuple[Form, Any]] = {"text": (Form(text_of), ""), "json": (Form(same), None)}


def milliseconds(text: str) -> int:
    """An instant as the legacy API counted it."""
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


def day_of(text: str) -> date:
    """The day that is named, or the UTC day of an instant."""
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).astimezone(UTC).date()


def words(table: dict[Any, Any], null: Any = AS_THE_FAMILY) -> Form:
    """Words of the upstream and the legacy ones for them; what has none stays."""
    return Form(lambda value: table.get(value, text_of(value)), null)


def only(table: dict[Any, Any], null: Any = AS_THE_FAMILY) -> Form:
    """Words of the upstream and the legacy ones for them; what has none is a null."""
    return Form(table.get, null)


def constant_but_for_null(value: Any, null: Any) -> Form:
    """One value where something stands upstream, another where nothing does."""
    return Form(lambda _: value, null)


def or_null(null: Any) -> Form:
    """The plain value, and this for a null."""
    return Form(same, null)


def number_of(text: str) -> Any:
    """A number where the text is one."""
    if re.fullmatch(r"\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"\d+\.\d+", text) else text


def long_day(text: str) -> str:
    """A day as people write it."""
    day = day_of(text)
    return f"{day:%B} {day.day}, {day.year}"


def month_of(text: str | None) -> str:
    """A month of a career."""
    return f"{text[5:7]}/{text[:4]}" if text else ""


ZONES = {"America/Denver": "UTC-07:00 Denver", "Asia/Tokyo": "UTC+09:00 Tokyo", "UTC": "UTC+00:00 UTC"}

MS = Form(milliseconds)
MS_TEXT = Form(lambda text: str(milliseconds(text)))
MIDNIGHT_TEXT = Form(lambda text: str(milliseconds(text) // DAY * DAY))
DAY_TEXT = Form(lambda text: str((day_of(text) - EPOCH.date()).days * DAY))
SECONDS_TEXT = Form(lambda text: str(milliseconds(text) // 1000))
COMPACT = Form(lambda text: f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%dT%H:%M:%S}+0000")
LONG_DAY = Form(long_day)
FLAG = Form(int, 0)
COUNT = Form(same, 0)
ONE_OR_EMPTY = Form(lambda flag: "1" if flag else "")
ONE_OR_ZERO = Form(text_of, "0")
NUMBER = Form(number_of)
ZONE = words(ZONES)
#: minutes, but for what is too much for them; seconds in the answer
ZONE_SECONDS = Form(lambda offset: str(offset * 60 if abs(offset) < 1000 else offset))
