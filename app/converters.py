"""Named value conversions, registered with the examples that are their tests and their docs.

A converter says what it takes and gives (`text`, `number`, `boolean`, `list`, `record`, `any`), so that the compiler can
refuse one that does not fit. null never arrives: plans pass it by. A converter gives its value or raises ConversionError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Kind = Literal["text", "number", "boolean", "list", "record", "any"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
DAY = 86_400_000
MOST_ROWS = 1000


class ConversionError(ValueError):
    """The value is not what the converter takes; the text says what it takes, with an example."""


@dataclass(frozen=True, slots=True)
class Converter:
    """A registered conversion. `members` are the names of a record it gives."""

    name: str
    convert: Callable[[Any], Any]
    takes: Kind
    gives: Kind
    examples: tuple[tuple[Any, Any], ...]
    members: tuple[str, ...]
    doc: str


CONVERTERS: dict[str, Converter] = {}


def converter(
    *, takes: Kind, gives: Kind, examples: list[tuple[Any, Any]], members: tuple[str, ...] = ()
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Register a conversion under its function's name, with its examples."""

    def register(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        name = function.__name__
        doc = (function.__doc__ or "").strip()
        CONVERTERS[name] = Converter(name, function, takes, gives, tuple(examples), members, doc)
        return function

    return register


# --- upstream to legacy ----------------------------------------------------------------------------------------------


@converter(
    takes="text",
    gives="number",
    examples=[
        ("2024-05-01T10:00:00Z", 1714557600000),
        ("2024-05-01T12:00:00.250+02:00", 1714557600250),
        ("2026-04-03T12:00:00+0000", 1775217600000),
    ],
)
def epoch_ms(instant: str) -> int:
    """An ISO 8601 instant as whole milliseconds since 1970-01-01T00:00:00Z.

    The instant must carry an offset; without one, the zone would be a guess. Source: contract messages, get_room, line 873.
    """
    return (_instant(instant) - EPOCH) // MILLISECOND


@converter(
    takes="text",
    gives="number",
    examples=[("2020-05-13T09:15:30Z", 1589328000000), ("2020-05-13T00:30:00+02:00", 1589241600000)],
)
def midnight_ms(instant: str) -> int:
    """The UTC day of an instant as milliseconds since 1970. Source: contract contracts, engagement_start_date, line 1148."""
    return epoch_ms(instant) // DAY * DAY  # type: ignore[no-any-return]


@converter(takes="boolean", gives="number", examples=[(True, 1), (False, 0)])
def one_or_zero(flag: bool) -> int:
    """A flag as the number 1 or 0, as messages v3 had them. Source: contract messages, isFavorite, line 802."""
    return 1 if flag else 0


@converter(takes="boolean", gives="text", examples=[(True, "1"), (False, "")])
def one_or_empty(flag: bool) -> str:
    """A flag as `1` or an empty text: older hr/v2 flags. Source: contract contracts, provider__has_agency, line 1172."""
    return "1" if flag else ""


@converter(takes="text", gives="text", examples=[("Dana Rivera", "Dana"), ("Prince", "Prince")])
def first_word(name: str) -> str:
    """What stands before the first space: the first name of a full name."""
    return name.strip().partition(" ")[0]


@converter(takes="text", gives="text", examples=[("Dana de la Rivera", "de la Rivera"), ("Prince", "")])
def after_first_word(name: str) -> str:
    """What stands after the first space: the last name of a full name."""
    return name.strip().partition(" ")[2].strip()


@converter(takes="text", gives="number", examples=[("America/Denver", -25200), ("Asia/Kolkata", 19800)])
@lru_cache(maxsize=1024)
def standard_offset_seconds(zone: str) -> int:
    """The offset of an Olson zone from UTC in seconds, without daylight saving, as `auth_user.timezone_offset` had it."""
    try:
        winter = datetime(2024, 1, 1, tzinfo=ZoneInfo(zone))
        offset, saving = winter.utcoffset() or timedelta(), winter.dst() or timedelta()
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConversionError("not a time zone, such as America/Denver") from error
    return round((offset - saving).total_seconds())


# --- legacy to upstream ----------------------------------------------------------------------------------------------


@converter(
    takes="text",
    gives="record",
    examples=[("20;10", {"offset": 20, "count": 10}), ("0:10", {"offset": 0, "count": 10})],
    members=("offset", "count"),
)
def offset_count(text: str) -> dict[str, int]:
    """`offset;count`; one live client sends a colon. Source: legacy conventions, paging."""
    match = re.fullmatch(r"\s*(\d{1,9})\s*[;:]\s*(\d{1,9})\s*", text)
    if match is None:
        raise ConversionError("must be offset;count, such as 20;10")
    offset, count = int(match[1]), int(match[2])
    if not 1 <= count <= MOST_ROWS:
        raise ConversionError(f"must ask for 1 to {MOST_ROWS} rows, such as 0;20")
    return {"offset": offset, "count": count}


@converter(takes="text", gives="number", examples=[("20", 20), ("1000", 1000)])
def row_count(text: str) -> int:
    """How many rows a page shall have. Source: legacy messages, `limit`."""
    count = _whole_number(text)
    if not 1 <= count <= MOST_ROWS:
        raise ConversionError(f"must be a number of rows from 1 to {MOST_ROWS}")
    return count


@converter(takes="text", gives="text", examples=[("1589700120000", "1589700120000"), ("1589700120", "1589700120000")])
def epoch_ms_text(text: str) -> str:
    """A moment as milliseconds since 1970, in digits; a number too small for milliseconds counts as seconds.

    Source: legacy messages, `activeSince`: a client sends milliseconds; the boundary is 1973 in ms, 5138 in seconds.
    """
    moment = _whole_number(text)
    if moment < 0:
        raise ConversionError("must be a moment as milliseconds since 1970, such as 1589700120000")
    return str(moment if moment >= 10**11 else moment * 1000)


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


@converter(takes="text", gives="list", examples=[("active;closed", ["active", "closed"]), ("a", ["a"])])
def semicolon_list(text: str) -> list[str]:
    """Texts joined by `;`. Source: legacy conventions, URL forms."""
    items = [item.strip() for item in text.split(";") if item.strip()]
    if not items:
        raise ConversionError("must be one or more values joined by ';'")
    return items


@converter(
    takes="any",
    gives="list",
    examples=[('["a", "b"]', ["a", "b"]), (["a"], ["a"]), ("a;b", ["a", "b"]), ("a", ["a"])],
)
def text_list(value: Any) -> list[str]:
    """A list of texts: a JSON list, JSON text of one, or texts joined by `;` or `,`."""
    items = _json_or(value, lambda text: [item.strip() for item in re.split(r"[;,]", text) if item.strip()])
    if not isinstance(items, list) or not items or not all(isinstance(item, str | int) for item in items):
        raise ConversionError('must be a list of ids, such as ["a", "b"] or a;b')
    return [str(item) for item in items]


@converter(
    takes="any",
    gives="list",
    examples=[('[{"userId": "4"}]', [{"userId": "4"}]), ({"userId": "4"}, [{"userId": "4"}])],
)
def object_list(value: Any) -> list[dict[str, Any]]:
    """A list of objects: JSON, or JSON text; one object alone counts as a list of one."""
    items = _json_or(value, lambda text: None)
    items = [items] if isinstance(items, dict) else items
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise ConversionError('must be a list of objects, such as [{"userId": "4"}]')
    return items


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


def _whole_number(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,18}", text.strip(), re.ASCII):
        raise ConversionError("must be a whole number, such as 20")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment
    except (TypeError, ValueError) as error:
        raise ConversionError("not an instant with an offset, such as 2024-05-01T10:00:00Z") from error
    raise ConversionError("an instant without an offset, such as 2024-05-01T10:00:00Z")


def _json_or(value: Any, otherwise: Callable[[str], Any]) -> Any:
    """A list or object as it is; JSON text decoded; any other text through `otherwise`."""
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except ValueError as error:
            raise ConversionError("must be well-formed JSON") from error
    return otherwise(value)
