"""Several reads of one credential in one document: each root under an alias of its rider, each variable renamed.

A rider's part of the answer is what it would have got alone. What cannot be told apart (no data, an error of no path)
is nobody's: each asks alone then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from app.run.faults import Fault

MOST_RIDERS = 12
#: a document with all its riders is no longer than this
MOST_CHARACTERS = 60_000
WHOLE = re.compile(r"query \w+(?:\((?P<variables>[^)]*)\))? \{\n(?P<fields>.*)\n\}\s*", re.DOTALL)
#: a root stands two blanks in; a key of its own stands before its name
ROOT = re.compile(r"^  (?=\w)(?:(?P<key>\w+): )?(?P<name>\w+)", re.MULTILINE)
VARIABLE = re.compile(r"\$(\w+)")
ALIAS = re.compile(r"m(\d+)_(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rider:
    """A read that may ride: its document as the template writes it, and its variables."""

    document: str
    variables: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Share:
    """A rider's part of an answer."""

    data: dict[str, Any]
    faults: tuple[Fault, ...]


@lru_cache(maxsize=4096)
def _parts(document: str, number: int) -> tuple[str, str] | None:
    """Variables and fields of a document as rider of this number; None where it is not of the template's form."""
    whole = WHOLE.fullmatch(document)
    if whole is None or '"' in document:
        return None
    variables = VARIABLE.sub(rf"$m{number}_\1", whole["variables"] or "")
    fields = VARIABLE.sub(rf"$m{number}_\1", whole["fields"])

    def aliased(root: re.Match[str]) -> str:
        return f"  m{number}_{root['key'] or root['name']}: {root['name']}"

    return variables, ROOT.sub(aliased, fields)


def may_ride(document: str) -> bool:
    """Whether a document can be merged with others."""
    return _parts(document, 0) is not None


def merge(riders: Sequence[Rider]) -> tuple[str, dict[str, Any]]:
    """One document for all, and its variables."""
    parts = [_parts(rider.document, number) for number, rider in enumerate(riders)]
    declared = ", ".join(part[0] for part in parts if part and part[0])
    fields = "\n".join(part[1] for part in parts if part)
    variables = {
        f"m{number}_{name}": value for number, rider in enumerate(riders) for name, value in rider.variables.items()
    }
    return f"query merged{f'({declared})' if declared else ''} {{\n{fields}\n}}", variables


def split(count: int, data: dict[str, Any] | None, faults: Sequence[Fault]) -> list[Share] | None:
    """Each rider's part; None where the answer cannot be told apart."""
    if data is None:
        return None
    own: list[dict[str, Any]] = [{} for _ in range(count)]
    errors: list[list[Fault]] = [[] for _ in range(count)]
    for alias, value in data.items():
        place = _place(alias, count)
        if place is None:
            return None
        own[place[0]][place[1]] = value
    for fault in faults:
        place = _place(fault.path[0], count) if fault.path else None
        if place is None:
            return None
        number, key = place
        message = fault.message.replace(f"m{number}_", "")
        errors[number].append(replace(fault, message=message, path=(key, *fault.path[1:])))
    if not all(own):
        return None
    return [Share(one, tuple(several)) for one, several in zip(own, errors, strict=True)]


def _place(alias: str | int, count: int) -> tuple[int, str] | None:
    """The rider that a root's alias names, and the root's own key."""
    found = ALIAS.fullmatch(alias) if isinstance(alias, str) else None
    return (int(found[1]), found[2]) if found and int(found[1]) < count else None
