"""The few words that generated code and its plain meaning share: reading parameters, converting, values as text.

Nothing is decided here; what is called, and in which order, stands in the generated source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.converters import ConversionError
from app.errors import RequestError
from app.strict_json import BadJson, read_json

#: what a step below null is read from
NOTHING: Mapping[str, Any] = {}
#: stands for an element of a list asked apart when that list did not come, so that nobody knows what it held
UNTOLD: Mapping[str, Any] = {}
#: a number from which on writers of JSON differ in how they write it
WIDE_FLOAT = 1e16

Warn = Callable[[str], None]


def given(names: Iterable[str], *sources: Mapping[str, Any]) -> Any:
    """The first value under one of the names, in one of the sources; None for null, absent and empty text."""
    found = given_or_empty(names, *sources)
    return None if found == "" else found


def given_or_empty(names: Iterable[str], *sources: Mapping[str, Any]) -> Any:
    """As `given`, an empty text counting as a value."""
    for source in sources:
        for name in names:
            value = source.get(name)
            if value is not None:
                return value
    return None


def held(names: tuple[str, ...], params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The members of a parameter that holds a JSON object, as an object or as its text; none when it is absent."""
    raw, name = given(names, params), names[0]
    if raw is None:
        return NOTHING
    if isinstance(raw, str):
        try:
            raw = read_json(raw)
        except BadJson as problem:
            raise RequestError(f"Parameter '{name}' must be a JSON object: it {problem}") from problem
    if not isinstance(raw, dict):
        raise RequestError(f"Parameter '{name}' must be a JSON object")
    return {member: plain(value) for member, value in raw.items()}


def plain(value: Any) -> Any:
    """Numbers and booleans of JSON stand for their text, as everywhere in the legacy API."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def text(name: str, raw: Any) -> str:
    """A parameter that must be a text; a JSON list of texts counts as its `;` form."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, list) and all(isinstance(item, str | int) for item in raw):
        return ";".join(map(str, raw))
    raise RequestError(f"Parameter '{name}' must be a text")


def convert(name: str, converter: Callable[[Any], Any], value: Any) -> Any:
    """Convert a parameter; what the converter refuses is told with the parameter's name."""
    try:
        return converter(value)
    except ConversionError as error:
        raise RequestError(f"Parameter '{name}' {error}") from error


def look_up(name: str, table: Mapping[str, Any], value: Any) -> Any:
    """A value through a table that lists all that is allowed; a list element by element, and flat."""
    if isinstance(value, list):
        found = [look_up(name, table, item) for item in value]
        return [one for item in found for one in (item if isinstance(item, list) else [item])]
    key = str(value)
    if key not in table:
        key = next((known for known in table if known.lower() == key.lower()), key)
    if key not in table:
        raise RequestError(f"Parameter '{name}' must be one of {', '.join(table)}")
    return table[key]


def accepted(allowed: Iterable[str], raw: Any) -> bool:
    """Whether a value is among those that can be served."""
    return str(raw).lower() in allowed


def accept(name: str, allowed: Iterable[str], raw: Any, why: str) -> None:
    """Refuse a value beyond those that can be served."""
    if not accepted(allowed, raw):
        raise RequestError(f"Parameter '{name}' can only be {' or '.join(sorted(allowed))} here: {why}")


def limited(name: str, least: float | None, most: float | None, value: Any) -> Any:
    """Refuse a number beyond its limits; null passes."""
    if value is not None and least is not None and value < least:
        raise RequestError(f"Parameter '{name}' must be at least {least}")
    if value is not None and most is not None and value > most:
        raise RequestError(f"Parameter '{name}' must be at most {most}")
    return value


def missing(name: str) -> RequestError:
    """The error for a parameter that must be given."""
    return RequestError(f"Parameter '{name}' is required")


def refused(name: str, why: str) -> RequestError:
    """The error for a parameter that cannot be served."""
    return RequestError(f"Parameter '{name}' cannot be served: {why}")


def list_of(value: Any) -> list[Any]:
    """A list as it is, one value as a list of one."""
    return value if isinstance(value, list) else [value]


def tell_unknown(params: Mapping[str, Any], known: frozenset[str], warn: Warn) -> None:
    """Warn about parameters that the call does not have."""
    if known.issuperset(params):
        return
    for name in params:
        if name not in known:
            warn(f"parameter '{name}' is not known to this call and was ignored")


def as_text(value: Any) -> str:
    """A value as the families of texts had it: `""` for null and empty, `1` and `0` for flags, plain decimals."""
    if isinstance(value, str):
        return value
    if value.__class__ is int:
        return str(value)
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return str(value)


def dig(value: Any, *steps: str) -> Any:
    """The value below some steps, null where a step is."""
    for step in steps:
        if value is None:
            return None
        value = value.get(step)
    return value


def values_at(value: Any, *steps: str) -> list[Any]:
    """All values below some steps that are not null; lists on the way and at the end are passed through."""
    found = _flat([value])
    for step in steps:
        found = _flat([one.get(step) for one in found])
    return found


def _flat(items: list[Any]) -> list[Any]:
    """The items, and those of the lists among them; nulls are passed by."""
    return [one for item in items for one in (item if isinstance(item, list) else [item]) if one is not None]


def is_nothing(value: Any) -> bool:
    """Whether a value says that nothing is there: null, false, an empty text, no elements."""
    return value is None or value is False or value in ("", [])


def pick_members(item: Mapping[str, Any], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The members of an input object, taken from a list element by their legacy names; absent ones stay absent."""
    return {target: item[source] for target, source in pairs if source in item}


def element(name: str, item: Any) -> Mapping[str, Any]:
    """An element of a list parameter that must be an object."""
    if not isinstance(item, dict):
        raise RequestError(f"Parameter '{name}' must be a list of objects")
    return {member: plain(value) for member, value in item.items()}


def beside(items: Any, index: int, *steps: str) -> Any:
    """What is at the same position of a list that runs beside; None where that one is shorter or was voided."""
    return dig(items[index], *steps) if items and index < len(items) else None


def apart(items: Any, index: int, *steps: str) -> Mapping[str, Any]:
    """The element at the same position of a list asked apart: NOTHING where it was voided, UNTOLD where none came."""
    if items is None or index >= len(items) or items[index] is UNTOLD:
        return UNTOLD
    return dig(items[index], *steps) or NOTHING


def matches(pattern: str, value: Any) -> bool:
    """Whether a text is wholly such a pattern; `re` remembers what it compiled."""
    return isinstance(value, str) and re.fullmatch(pattern, value, re.DOTALL) is not None


def same(value: Any, wanted: Any) -> bool:
    """Whether two values are there and equal."""
    return value is not None and value == wanted


def table_step(table: Mapping[str, Any], value: Any) -> Any:
    """A value through a table of the response side; what it does not list stays."""
    return table.get(as_text(value), value)


def keyed(pairs: Iterable[tuple[Any, Any]]) -> dict[str, Any] | list[Any]:
    """A map, the first of each key kept; an empty one is `[]`, as PHP wrote it."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key is not None:
            found.setdefault(as_text(key), value)
    return found or []


def joined(separator: str, values: Iterable[Any]) -> str:
    """Texts joined; nulls and empty texts are passed by."""
    return separator.join(filter(None, map(as_text, values)))


def narrow(value: Any) -> Any:
    """A value that every writer of JSON writes alike. Raises ValueError for wide numbers and for broken texts."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, int | float):
        if not (abs(value) < WIDE_FLOAT if isinstance(value, float) else value.bit_length() < 64):
            raise ValueError("a number that is not written alike everywhere")
    elif isinstance(value, list | dict):
        for one in (*value, *value.values()) if isinstance(value, dict) else value:
            narrow(one)
    return value
