"""Upstream outcomes to legacy errors: the rows of the error table applied, and the one rule that no row can change.

That rule is about writes: unless a row says that nothing was done, a write that did not succeed has an unknown outcome.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import httpx

from app.errors import (
    CredentialError,
    NotFoundError,
    PermissionDeniedError,
    ProxyError,
    RequestError,
    ScopeError,
    TokenRefusedError,
    UnknownOutcomeError,
    UpstreamBusyError,
    UpstreamDownError,
    UpstreamError,
    UpstreamTimeoutError,
)
from app.plan import ErrorRow, Saying

Errors = tuple[ErrorRow, ...]
Roots = tuple[tuple[str, str], ...]

SCOPES = re.compile(r"enough oauth2 permissions/scopes to access:? *\[([^\]]*)\]")
NEVER_LEFT = (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.InvalidURL)
NO_CONNECTION = (httpx.ConnectTimeout, httpx.PoolTimeout)
#: the upstream's class for a null where its schema has none: what was asked for was done, its answer fell away
VOIDED = "NullValueInNonNullableField"
#: what the upstream's own refusals are called inside; other statuses are a fault of the request, or of the upstream
KINDS: dict[int, type[ProxyError]] = {
    401: CredentialError,
    403: PermissionDeniedError,
    404: NotFoundError,
    429: UpstreamBusyError,
    503: UpstreamDownError,
    504: UpstreamTimeoutError,
}
#: where a table has no row that speaks of something
SILENT = ErrorRow(message="The upstream failed")
#: statuses of an upstream that may answer the next time
AGAIN = frozenset({429, 502, 503, 504})
AGAIN_AFTER: dict[str, Literal["", "read", "any"]] = {
    "unreachable": "any",
    "no_connection": "any",
    "cut": "read",
    "late": "",
}
COPY = re.compile(r"r\d+(?:_(.+))?")


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of `errors`: its text, where in the answer it belongs, and the upstream's own class for it."""

    message: str
    path: tuple[str | int, ...]
    classification: str

    @property
    def missing_scopes(self) -> frozenset[str]:
        """The `Type.field`s that the credential may not read, when that is what the error says."""
        match = SCOPES.search(self.message)
        return frozenset(name.strip() for name in match[1].split(",") if name.strip()) if match else frozenset()


def read_faults(errors: Any) -> tuple[Fault, ...]:
    """The `errors` of an answer; what is not shaped like an error is told by its text."""
    if not isinstance(errors, list):
        return ()
    return tuple(_read_fault(error) for error in errors)


def _read_fault(error: Any) -> Fault:
    if not isinstance(error, dict):
        return Fault(str(error)[:200], (), "")
    extensions = error.get("extensions")
    classification = extensions.get("classification", "") if isinstance(extensions, dict) else ""
    path = error.get("path")
    steps = tuple(step for step in path if isinstance(step, str | int)) if isinstance(path, list) else ()
    return Fault(str(error.get("message") or ""), steps, str(classification))


def translate(errors: Errors, faults: Iterable[Fault], roots: Roots = (), *, is_write: bool) -> ProxyError:
    """The legacy error for an answer that has nothing to answer with.

    `roots` are the keys of the answer and what was asked for there, as `Query.room`.
    """
    faults = tuple(faults)
    for fault in faults:
        saying = Saying(fault.message, fault.classification, _root(fault.path, roots))
        # A null where none may be says nothing about the object.
        row = None if fault.classification == VOIDED else next((row for row in errors if row.fits(saying)), None)
        if row is not None:
            return _told(row, fault.message[:300], is_write=is_write, has_scopes=bool(fault.missing_scopes))
    root = _name(roots[0][1]) if roots else ""
    detail = faults[0].message[:300] if faults else ""
    return of_outcome(errors, "failed" if faults else "nothing", detail, root, is_write=is_write)


def of_outcome(errors: Errors, outcome: str, detail: str, root: str = "", *, is_write: bool) -> ProxyError:
    """The legacy error for an end without words, one of `plan.OUTCOMES`."""
    row = next((row for row in errors if row.ends(outcome, root)), SILENT)
    return _told(row, detail, is_write=is_write)


def missing_scope(errors: Errors, fields: Iterable[str]) -> ProxyError:
    """The legacy error for fields that the credential is known not to be allowed to read."""
    text = f"The token does not have enough oauth2 permissions/scopes to access: [{', '.join(sorted(fields))}]"
    return translate(errors, (Fault(text, (), ""),), is_write=False)


def of_status(errors: Errors, status: int, headers: Mapping[str, str], *, is_write: bool) -> ProxyError | None:
    """The legacy error for an HTTP status; None where the body decides."""
    if 200 <= status < 300:
        return None
    row = next((row for row in errors if row.covers(status)), SILENT)
    detail = f"status {status}"
    if status == 401 and row.refused:
        # Refused at the door, before anything was done: the one refusal after which a renewed token may ask again.
        return TokenRefusedError(row.message, status=row.status, legacy_code=row.code, detail=detail)
    error = _told(row, detail, is_write=is_write, retry_after_seconds=_seconds(headers))
    error.again = "read" if status in AGAIN else ""
    return error


def of_transport(errors: Errors, error: Exception, *, is_write: bool, never_left: bool = False) -> ProxyError:
    """The legacy error for a request that got no answer; a write that may have arrived has an unknown outcome.

    `never_left`: it is known that nothing was sent, whatever the error says.
    """
    is_late = isinstance(error, httpx.TimeoutException | TimeoutError)
    if isinstance(error, NO_CONNECTION) or (never_left and is_late):
        outcome = "no_connection"
    elif isinstance(error, NEVER_LEFT) or never_left:
        outcome = "unreachable"
    else:
        outcome = "late" if is_late else "cut"
    told = of_outcome(errors, outcome, type(error).__name__, is_write=is_write)
    # A late answer leaves no time to ask again.
    told.again = AGAIN_AFTER[outcome]
    return told


def unknown_outcome(detail: str) -> UnknownOutcomeError:
    """The error for a write that was sent, and whose answer did not come or cannot be read."""
    return UnknownOutcomeError(
        "The request was sent, but its outcome is unknown: look before you repeat it", detail=detail
    )


def _told(
    row: ErrorRow,
    detail: str,
    *,
    is_write: bool,
    has_scopes: bool = False,
    retry_after_seconds: int | None = None,
) -> ProxyError:
    if is_write and not row.refused:
        return unknown_outcome(detail)
    kind = KINDS.get(row.status, RequestError if row.status < 500 else UpstreamError)
    if kind is UpstreamBusyError and retry_after_seconds is None:
        retry_after_seconds = 1
    return (ScopeError if has_scopes and kind is PermissionDeniedError else kind)(
        row.message,
        status=row.status,
        legacy_code=row.code,
        detail=detail,
        retry_after_seconds=retry_after_seconds,
    )


def _seconds(headers: Mapping[str, str]) -> int | None:
    """How long the upstream asks to wait: a number, or a date after that of the answer; None where neither is there."""
    given = headers.get("Retry-After", "")
    if given.isascii() and given.isdecimal():
        return int(given)
    try:
        until, since = parsedate_to_datetime(given), parsedate_to_datetime(headers.get("Date", ""))
        return max(0, round((until - since).total_seconds()))
    except (ValueError, TypeError):
        return None


def _root(path: tuple[str | int, ...], roots: Roots) -> str:
    """The query or mutation that a path begins with; of a copy's alias, the one that it is a copy of."""
    asked, first = dict(roots), str(path[0]) if path else ""
    if first not in asked and (copy := COPY.fullmatch(first)):
        first = copy[1] or (roots[0][0] if len(roots) == 1 else "")
    return _name(asked.get(first, ""))


def _name(coordinate: str) -> str:
    return coordinate.partition(".")[2]
