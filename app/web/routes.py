"""Which call a path is: one walk over its segments, the literal one winning over the part in braces.

`.json`, `.xml` or no suffix; another suffix is no route. Segments are split before they are decoded, so that an encoded
slash stays data (codes of activities have some); what would climb in whatever path it is put into is refused.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from app.errors import MethodError, RequestError, UnavailableError, UnknownRouteError
from app.plan import KnownRoute, Plan

SLASHES = re.compile(r"[/\\]")
#: steps of a path within a segment that no id or code has
CLIMBING = frozenset({"", ".", ".."})
UNKNOWN = "This path is not an API call that is served here"
#: a segment that is what it looks like, as nearly all are
PLAIN = re.compile(rb"[A-Za-z0-9_~-]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
#: bytes of a path
MOST_REMEMBERED = 200
#: clients ask for the same paths again and again
MOST_SEEN = 4096
SUFFIX = re.compile(rb"\.([A-Za-z]{1,5})$")
Format = Literal["json", "xml"]


@dataclass(slots=True)
class _Step:
    """Where a walk stands: steps that lead on; by method the plans that end here, and why others are `known` only."""

    literal: dict[str, _Step] = field(default_factory=dict)
    part: _Step | None = None
    plans: dict[str, tuple[Plan, tuple[str, ...]]] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)


class Found(Struct, frozen=True):
    """A recognised request path."""

    plan: Plan
    parts: dict[str, str]


class Routes:
    """All routes of all plans, and those that are known and not bridged."""

    def __init__(self, plans: Iterable[Plan], known: Iterable[KnownRoute] = ()) -> None:
        self._top = _Step()
        self._seen: OrderedDict[tuple[str, tuple[str, ...]], Found] = OrderedDict()
        for plan in plans:
            for pattern in plan.routes:
                step, names = self._end(pattern.segments)
                step.plans[pattern.method] = (plan, names)
        for one in known:
            self._end(one.route.segments)[0].known[one.route.method] = one.reason

    def _end(self, segments: tuple[str, ...]) -> tuple[_Step, tuple[str, ...]]:
        """Where a pattern ends, and the names of its parts."""
        step, names = self._top, []
        for segment in segments:
            if segment.startswith("{"):
                names.append(segment[1:-1])
                step.part = step.part or _Step()
                step = step.part
            else:
                step = step.literal.setdefault(segment, _Step())
        return step, tuple(names)

    def find(self, method: str, segments: tuple[str, ...]) -> Found:
        """The plan and the parts of a path. Raises UnknownRouteError, MethodError, UnavailableError."""
        found = self._seen.get((method, segments))
        if found is None:
            found = self._find(method, segments)
            if sum(map(len, segments)) <= MOST_REMEMBERED:
                self._seen[method, segments] = found
                if len(self._seen) > MOST_SEEN:
                    self._seen.popitem(last=False)
        return found

    def _find(self, method: str, segments: tuple[str, ...]) -> Found:
        ends: list[tuple[_Step, list[str]]] = []
        _walk(self._top, segments, 0, [], ends)
        for step, values in ends:
            if method in step.plans:
                plan, names = step.plans[method]
                return Found(plan, dict(zip(names, values, strict=True)))
        reason = next((step.known[method] for step, _ in ends if method in step.known), None)
        if reason is not None:
            raise UnavailableError(reason)
        allowed = _methods(ends, known=False)
        if allowed:
            raise MethodError(f"Method {method} is not served here; use {', '.join(allowed)}", allowed=allowed)
        raise UnknownRouteError(UNKNOWN)

    def allowed(self, segments: tuple[str, ...]) -> tuple[str, ...]:
        """The methods that a path is known with. Raises UnknownRouteError."""
        ends: list[tuple[_Step, list[str]]] = []
        _walk(self._top, segments, 0, [], ends)
        methods = _methods(ends, known=True)
        if not methods:
            raise UnknownRouteError(UNKNOWN)
        return methods


def _methods(ends: list[tuple[_Step, list[str]]], *, known: bool) -> tuple[str, ...]:
    names = {name for step, _ in ends for name in (*step.plans, *(step.known if known else ()))}
    return tuple(sorted(names))


def _walk(
    step: _Step, segments: tuple[str, ...], at: int, values: list[str], ends: list[tuple[_Step, list[str]]]
) -> None:
    """Every end that the segments lead to, the most literal first."""
    if at == len(segments):
        if step.plans or step.known:
            ends.append((step, values))
        return
    literal = step.literal.get(segments[at])
    if literal is not None:
        _walk(literal, segments, at + 1, values, ends)
    if step.part is not None and segments[at]:
        _walk(step.part, segments, at + 1, [*values, segments[at]], ends)


def split_path(raw: bytes) -> tuple[tuple[str, ...], Format]:
    """Decoded segments and the format asked for. Raises UnknownRouteError, RequestError."""
    return _seen(raw) if len(raw) <= MOST_REMEMBERED else _split(raw)


def _split(raw: bytes) -> tuple[tuple[str, ...], Format]:
    path = raw.partition(b"?")[0].strip(b"/")
    suffix = SUFFIX.search(path)
    form: Format = "json"
    if suffix is not None:
        asked = suffix[1].lower()
        if asked not in {b"json", b"xml"}:
            raise UnknownRouteError("This format is not served: use .json, .xml or none")
        form = "xml" if asked == b"xml" else "json"
        path = path[: suffix.start()]
    return tuple(_decoded(segment) for segment in path.split(b"/")), form


_seen = lru_cache(maxsize=MOST_SEEN)(_split)


def _decoded(segment: bytes) -> str:
    if PLAIN.fullmatch(segment) is not None:
        return segment.decode("ascii")
    try:
        text = unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError("The path is not valid UTF-8") from error
    if CONTROL.search(text) is not None:
        raise RequestError("The path holds control characters")
    if any(step in CLIMBING for step in SLASHES.split(text)) and text:
        raise RequestError("A part of the path leads elsewhere")
    return text
