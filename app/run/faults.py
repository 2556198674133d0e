"""Upstream outcomes to legacy errors: one table of what the upstream says, and one function for what the wire does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from app.errors import (
    NotFoundError,
    PermissionDeniedError,
    ProxyError,
    RequestError,
    TokenRefusedError,
    UnknownOutcomeError,
    UpstreamBusyError,
    UpstreamDownError,
    UpstreamError,
    UpstreamTimeoutError,
)

SCOPES = re.compile(r"enough oauth2 permissions/scopes to access:? *\[([^\]]*)\]")
NO_ACCESS = "This APP has no access to the requested resource"
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)
#: the upstream's class for a null where its schema has none: what was asked for was done, its answer fell away
VOIDED = "NullValueInNonNullableField"


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


@dataclass(frozen=True, slots=True)
class Translation:
    """A row of the table: the first whose pattern and classification fit an error decides."""

    error: type[ProxyError]
    message: str
    pattern: str = ""
    classification: str = ""

    def fits(self, fault: Fault) -> bool:
        """Whether this row speaks about the error."""
        fits_class = not self.classification or self.classification == fault.classification
        return fits_class and re.search(self.pattern, fault.message, re.IGNORECASE) is not None


DENIED = r"authorization failed|access is denied|not authorized|forbidden|permission"
BAD_VALUE = r"VJCA-6|incorrect value|invalid (value|input|argument)"

TRANSLATIONS: tuple[Translation, ...] = (
    Translation(PermissionDeniedError, NO_ACCESS, pattern=r"oauth2 permissions/scopes"),
    Translation(PermissionDeniedError, "Forbidden: access to the requested object is denied", pattern=DENIED),
    Translation(NotFoundError, "The requested object was not found", pattern=r"not found|does not exist|no such"),
    Translation(NotFoundError, "The requested object was not found", classification="NOT_FOUND"),
    Translation(RequestError, "The upstream refused a parameter's value", pattern=BAD_VALUE),
    Translation(RequestError, "The upstream refused a parameter's value", classification="BAD_REQUEST"),
    Translation(UpstreamBusyError, "Too many requests", pattern=r"too many requests|rate limit"),
    Translation(UpstreamError, "The upstream did not take the question", classification="ValidationError"),
)


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


def translate(faults: Iterable[Fault], *, is_write: bool) -> ProxyError:
    """The legacy error for an answer that has nothing to answer with.

    What the table names is a refusal: nothing was done. Every other end of a write leaves open whether it was.
    """
    faults = tuple(faults)
    for fault in faults:
        for row in TRANSLATIONS:
            if fault.classification != VOIDED and row.fits(fault):
                return row.error(row.message, detail=fault.message[:300])
    detail = faults[0].message[:300] if faults else ""
    if is_write:
        return unknown_outcome(detail)
    if not faults:
        return NotFoundError("The requested object was not found")
    return UpstreamError("The upstream could not answer", detail=detail)


def of_status(status: int, retry_after: str | None, *, is_write: bool) -> ProxyError | None:
    """The legacy error for an HTTP status; None where the body decides."""
    if 200 <= status < 300:
        return None
    if status == 401:
        return TokenRefusedError("The access token is invalid or has expired")
    if status == 403:
        return PermissionDeniedError("Forbidden: the upstream refused the request")
    if status == 429:
        seconds = int(retry_after) if retry_after and retry_after.isdecimal() else 1
        return UpstreamBusyError("Too many requests", retry_after_seconds=seconds)
    if is_write and status >= 500:
        return unknown_outcome(f"status {status}")
    if status == 503:
        return UpstreamDownError("The upstream is out of service", detail=f"status {status}")
    if status == 504:
        return UpstreamTimeoutError("The upstream did not answer in time", detail=f"status {status}")
    return UpstreamError("The upstream failed", detail=f"status {status}")


def of_transport(error: Exception, *, is_write: bool) -> ProxyError:
    """The legacy error for a request that got no answer; a write that may have arrived has an unknown outcome."""
    name = type(error).__name__
    if is_write and not isinstance(error, NEVER_LEFT):
        return unknown_outcome(name)
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return UpstreamTimeoutError("The upstream did not answer in time", detail=name)
    return UpstreamError("The upstream cannot be reached", detail=name)


def unknown_outcome(detail: str) -> UnknownOutcomeError:
    """The error for a write that was sent, and whose answer did not come or cannot be read."""
    return UnknownOutcomeError(
        "The request was sent, but its outcome is unknown: look before you repeat it", detail=detail
    )
