"""JSON as callers may send it: nothing in it is lost, and nothing in it breaks what reads it later.

The fast reader checks the form: no NaN, no half of a surrogate pair. What it lets pass is refused here: a name that
stands twice in one object (either may be the one that is meant), null characters, and depth.
"""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

#: how many lists and objects may stand within one another; the deepest call has three
DEEPEST: Final = 16


class BadJson(ValueError):
    """Not JSON, or none that is taken; its text ends a sentence that names what was read."""


def read_json(text: bytes | str) -> Any:
    """The value of a JSON text. Raises BadJson."""
    try:
        check(orjson.loads(text))
        # The fast reader keeps the last of two without a word, and makes a fraction of too long a number.
        return json.loads(text, object_pairs_hook=_refuse_twice)
    except BadJson:
        raise
    except ValueError as error:
        raise BadJson("is not well-formed JSON") from error
    except RecursionError as error:
        raise _too_deep() from error


def check(value: Any, deepest: int = DEEPEST) -> None:
    """Raises BadJson for what lies too deep, and for a null character anywhere."""
    if isinstance(value, str):
        if "\0" in value:
            # No text of the legacy API had one, and what stores texts may end one there.
            raise BadJson("holds a null character")
    elif isinstance(value, dict | list):
        if deepest == 0:
            raise _too_deep()
        if isinstance(value, dict):
            check("".join(value))
        for below in value.values() if isinstance(value, dict) else value:
            check(below, deepest - 1)


def _too_deep() -> BadJson:
    return BadJson(f"is nested deeper than {DEEPEST} levels")


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadJson(f"has '{twice[:60]}' twice")
    return found
