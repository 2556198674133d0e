"""Every way a request can fail: code, status, message for the legacy caller, and a mend.

Start-up faults are in `findings.py`. Nothing here holds a value from a body or a credential: messages name parameters,
never what they held beyond what the caller needs to mend it.
"""

from __future__ import annotations

from typing import ClassVar, Literal


class ProxyError(Exception):
    """Base of all failures of one request.

    `status` is the HTTP status, `legacy_code` the legacy `error.code`, the same unless said otherwise; `message` is the
    legacy text; `mend` is for logs and for whoever reads the error page, never needed to understand the message;
    `detail` goes to the log only.
    """

    code: ClassVar[str] = "X000"
    status: int = 500
    #: whether it is told again, from the record of an earlier request under the same idempotency key
    is_replayed = False
    #: whether the same question may go out again after this: a read, `any`thing because it never left, or neither
    again: Literal["", "read", "any"] = ""

    def __init__(
        self,
        message: str,
        *,
        mend: str = "",
        status: int | None = None,
        detail: str = "",
        retry_after_seconds: int | None = None,
        legacy_code: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds
        if status is not None:
            self.status = status
        self.legacy_code = self.status if legacy_code is None else legacy_code


class RequestError(ProxyError):
    """R400: the caller's request cannot be served as it stands."""

    code = "R400"
    status = 400


class UnknownRouteError(RequestError):
    """R404: no mapping answers this path."""

    code = "R404"
    status = 404


class MethodError(RequestError):
    """R405: the path is served, by another method; `allowed` are those that are."""

    code = "R405"
    status = 405

    def __init__(self, message: str, *, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.allowed = allowed


class TooLargeError(RequestError):
    """R413: the body is larger than the proxy takes."""

    code = "R413"
    status = 413


class LateError(RequestError):
    """R408: the request did not come whole in time."""

    code = "R408"
    status = 408


class LongTargetError(RequestError):
    """R414: path and query are longer than the proxy takes."""

    code = "R414"
    status = 414


class HeadersError(RequestError):
    """R431: there are more headers than the proxy takes, or larger ones."""

    code = "R431"
    status = 431


class UnavailableError(RequestError):
    """R501: the call is known, and the upstream has nothing that could answer it."""

    code = "R501"
    status = 501


class CredentialError(ProxyError):
    """A401: no credential, or one the upstream does not take."""

    code = "A401"
    status = 401


class TokenRefusedError(CredentialError):
    """A401: the upstream refused the access token at its door, before it did anything."""


class PermissionDeniedError(ProxyError):
    """A403: the credential may not do this."""

    code = "A403"
    status = 403


class ScopeError(PermissionDeniedError):
    """A403: the credential lacks a scope for all that could be answered."""


class UpstreamError(ProxyError):
    """U502: the upstream failed, or answered something that cannot be read."""

    code = "U502"
    status = 502


class UpstreamTimeoutError(UpstreamError):
    """U504: no answer within the deadline."""

    code = "U504"
    status = 504


class UpstreamBusyError(UpstreamError):
    """U429: the upstream asks to slow down."""

    code = "U429"
    status = 429


class UpstreamDownError(UpstreamError):
    """U503: the upstream says that it is out of service."""

    code = "U503"
    status = 503


class BreakerOpenError(UpstreamDownError):
    """B503: the upstream fails so often that it is left alone for a moment; nothing was sent."""

    code = "B503"


class OverloadedError(ProxyError):
    """Q503: too many requests wait for the upstream already; nothing was sent."""

    code = "Q503"
    status = 503


class RateError(ProxyError):
    """L429: the upstream's limit a second or a day is used up by requests of this proxy; nothing was sent."""

    code = "L429"
    status = 429


class UnknownOutcomeError(UpstreamError):
    """U520: a write was sent and its fate is not known; it must not be repeated blindly."""

    code = "U520"


class NotFoundError(ProxyError):
    """U404: the upstream knows no such object, or does not show it to this caller."""

    code = "U404"
    status = 404


class InternalError(ProxyError):
    """X500: a fault of the proxy itself."""

    code = "X500"
    status = 500


class StoppingError(ProxyError):
    """D503: the proxy stops, and the time that running requests have is over; of a write, U520 is told."""

    code = "D503"
    status = 503


class IdempotencyKeyError(RequestError):
    """I400: the Idempotency-Key of a write is malformed, or this service keeps no answers; nothing was sent."""

    code = "I400"


class KeyReusedError(RequestError):
    """I422: the Idempotency-Key was used for another request; nothing was sent."""

    code = "I422"
    status = 422


class WriteRunningError(ProxyError):
    """I409: an equal write under the same Idempotency-Key is being carried out; this one was not sent."""

    code = "I409"
    status = 409


class WriteNotKeptError(ProxyError):
    """I503: what becomes of a write cannot be kept, as its Idempotency-Key asks; it was not sent."""

    code = "I503"
    status = 503
