"""The element of a further question's answer that is meant, looked for page by page until it is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from app.emitted import dig, values_at
from app.errors import RequestError
from app.plan import Seek, Values
from app.run.ask import Told
from app.run.faults import Errors, missing_scope, translate
from app.run.needs import ERRORS


def is_there(seek: Seek, values: Values, start: Any) -> bool:
    """Whether an answer holds what is sought, so that no further page is needed."""
    return not seek.every and bool(_fitting(seek, values, start))


def stand_at(seek: Seek, values: Values, told: Told, problems: Sequence[str], errors: Errors) -> Told:
    """The answer, read from the element that is meant; or from lists gathered of all of them.

    Raises ProxyError where nothing fits: what the upstream told, a scope that lacks, what kept the search from being
    whole (`problems`), or what the mapping says.
    """
    found = _fitting(seek, values, told.start)
    if found and not seek.every:
        return structs.replace(told, start=found[0])
    if told.faults:
        raise translate(errors, told.faults, is_write=False)
    if told.withheld and not found:
        raise missing_scope(errors, told.withheld)
    if problems:
        raise RequestError(f"{seek.message}: {problems[0]}")
    if not found:
        raise ERRORS[seek.status](seek.message)
    return structs.replace(told, start=gathered(seek, found))


def _fitting(seek: Seek, values: Values, start: Any) -> list[Any]:
    wanted = dig(values, *seek.to)
    return [element for element in values_at(start, *seek.each) if seek.holds(element, wanted)]


def gathered(seek: Seek, found: list[Any]) -> dict[str, Any]:
    """One object shaped as an element, with a list at the end of each gathered path."""
    made: dict[str, Any] = {}
    for steps in seek.every:
        here = made
        for step in steps[:-1]:
            here = here.setdefault(step, {})
        here[steps[-1]] = list(dict.fromkeys(values_at(found, *steps)))
    return made
