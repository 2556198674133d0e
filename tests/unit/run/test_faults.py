"""Upstream outcomes to legacy errors: each row, each status, each failure of the wire."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.errors import (
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
from app.plan import OUTCOMES, ErrorRow, Saying
from app.run.faults import (
    VOIDED,
    Fault,
    missing_scope,
    of_outcome,
    of_status,
    of_transport,
    read_faults,
    translate,
)
from tests.doubles import ERRORS, NO_ACCESS

SCOPE_TEXT = (
    "The client or authentication token doesn't have enough oauth2 permissions/scopes to access: "
    "[Room.vendorProposal, VendorProposal.id]"
)
DENIED, MISSING, REFUSED, FAILED = (
    "Forbidden: access to the requested object is denied",
    "The requested object was not found",
    "The upstream refused a parameter's value",
    "The upstream could not answer",
)
#: the upstream's text, its class, the error that comes of it and its legacy text
SAID: list[tuple[str, str, type[ProxyError], str]] = [
    (SCOPE_TEXT, "ExecutionAborted", ScopeError, NO_ACCESS),
    ("Authorization failed", "ExecutionAborted", PermissionDeniedError, DENIED),
    ("Access is denied", "DataFetchingException", PermissionDeniedError, DENIED),
    ("User is NOT AUTHORIZED to read the room", "", PermissionDeniedError, DENIED),
    ("403 Forbidden", "", PermissionDeniedError, DENIED),
    ("You have no permission", "", PermissionDeniedError, DENIED),
    ("Room not found", "DataFetchingException", NotFoundError, MISSING),
    ("Contract does not exist", "", NotFoundError, MISSING),
    ("There is no such offer", "", NotFoundError, MISSING),
    ("gone", "NOT_FOUND", NotFoundError, MISSING),
    ("VJCA-6", "", RequestError, REFUSED),
    ("Input parameter provided has incorrect value", "", RequestError, REFUSED),
    ("Invalid argument: first", "", RequestError, REFUSED),
    ("no", "BAD_REQUEST", RequestError, REFUSED),
    ("Too Many Requests", "", UpstreamBusyError, "Too many requests"),
    ("rate limit exceeded", "", UpstreamBusyError, "Too many requests"),
    ("No", "FORBIDDEN", PermissionDeniedError, DENIED),
    (
        "Validation error of type FieldUndefined: Field 'x' in type 'Room' is undefined @ 'room/x'",
        "ValidationError",
        UpstreamError,
        "The upstream did not take the question",
    ),
]


@pytest.mark.parametrize("is_write", [False, True])
@pytest.mark.parametrize(("text", "classification", "error", "message"), SAID)
def test_translate__what_the_upstream_says__becomes_its_legacy_error(
    text: str, classification: str, error: type[ProxyError], message: str, is_write: bool
) -> None:
    """A refusal has its status and text, for reads and for writes: a refused write was not carried out."""
    found = translate(ERRORS, [Fault(text, ("room",), classification)], is_write=is_write)

    assert (type(found), found.message, found.detail) == (error, message, text[:300])


def test_errors__every_row_about_words__is_reached_by_a_text_of_the_table() -> None:
    """The table above has a case for each row of the product's."""
    reached = {
        next(row.name for row in ERRORS if row.fits(Saying(text, classification)))
        for text, classification, _, _ in SAID
    }

    assert reached == {row.name for row in ERRORS if row.is_about_sayings}


def test_translate__several_faults__the_first_that_says_something_decides() -> None:
    """A fault that nobody knows does not hide one that says what is wrong."""
    faults = [Fault("Exception occurred", (), ""), Fault("Room not found", (), ""), Fault("Access is denied", (), "")]

    found = translate(ERRORS, faults, is_write=False)

    assert type(found) is NotFoundError


@pytest.mark.parametrize(
    ("faults", "is_write", "error", "message"),
    [
        ([], False, NotFoundError, MISSING),
        ([Fault("Exception occurred", (), "DataFetchingException")], False, UpstreamError, FAILED),
        ([Fault("x is forbidden to be null", (), VOIDED)], False, UpstreamError, FAILED),
    ],
)
def test_translate__read_with_nothing_said__is_not_found_or_failed(
    faults: list[Fault], is_write: bool, error: type[ProxyError], message: str
) -> None:
    """No data and no word is an object that is not there; a null where none may be says nothing about the object."""
    found = translate(ERRORS, faults, is_write=is_write)

    assert (type(found), found.message) == (error, message)


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [Fault("Exception occurred", (), "DataFetchingException")],
        [Fault("x is forbidden to be null", (), VOIDED)],
    ],
)
def test_translate__write_with_nothing_said__has_an_unknown_outcome(faults: list[Fault]) -> None:
    """A write that was not refused may have been carried out: nobody is told that it simply failed."""
    found = translate(ERRORS, faults, is_write=True)

    assert type(found) is UnknownOutcomeError


#: status, what it is for a read, what it is for a write; None where the body decides
STATUSES: list[tuple[int, type[ProxyError] | None, type[ProxyError] | None]] = [
    (200, None, None),
    (204, None, None),
    (299, None, None),
    (302, UpstreamError, UpstreamError),
    (400, UpstreamError, UpstreamError),
    (401, TokenRefusedError, TokenRefusedError),
    (403, PermissionDeniedError, PermissionDeniedError),
    (404, UpstreamError, UpstreamError),
    (429, UpstreamBusyError, UpstreamBusyError),
    (500, UpstreamError, UnknownOutcomeError),
    (502, UpstreamError, UnknownOutcomeError),
    (503, UpstreamDownError, UnknownOutcomeError),
    (504, UpstreamTimeoutError, UnknownOutcomeError),
]


@pytest.mark.parametrize(
    ("status", "is_write", "error"),
    [(status, is_write, pair[is_write]) for status, *pair in STATUSES for is_write in (False, True)],
)
def test_of_status__each_status__has_its_error(status: int, is_write: bool, error: type[ProxyError] | None) -> None:
    """Statuses of the upstream become legacy errors; a write that failed inside has an unknown outcome."""
    found = of_status(ERRORS, status, {}, is_write=is_write)

    assert (type(found) if found else None) == error


ANSWERED = "Wed, 21 Oct 2026 07:27:15 GMT"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("3", 3),
        ("0", 0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 45),
        ("Wed, 21 Oct 2026 07:26:00 GMT", 0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("\u00b2", None),
    ],
)
def test_of_status__retry_after__is_passed_on(status: int, retry_after: str | None, seconds: int | None) -> None:
    """A wait is kept, a number or a date; too many requests without one are worth a second."""
    headers = {"Date": ANSWERED} | ({"Retry-After": retry_after} if retry_after is not None else {})

    found = of_status(ERRORS, status, headers, is_write=False)

    assert found is not None
    assert found.retry_after_seconds == (1 if seconds is None and status == 429 else seconds)


def test_of_status__date_without_the_answers_own__is_no_wait() -> None:
    """Whose clock it goes by is not known then."""
    found = of_status(ERRORS, 503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, is_write=False)

    assert found is not None
    assert found.retry_after_seconds is None


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_of_outcome__each__has_its_row(outcome: str) -> None:
    """Every end without words is spoken of in the table that comes with the project."""
    row = next(row for row in ERRORS if row.outcome == outcome)

    found = of_outcome(ERRORS, outcome, "why", is_write=False)

    assert (found.status, found.message, found.detail) == (row.status, row.message, "why")


def test_of_outcome__table_without_rows__is_a_failure() -> None:
    """Whatever a table lacks, a caller is told that the upstream failed."""
    found = of_outcome((), "cut", "why", is_write=False)

    assert (type(found), found.status, found.message) == (UpstreamError, 502, "The upstream failed")


def test_translate__row_about_a_root__speaks_of_it_alone() -> None:
    """A row may be about one query: by the error's path, by a copy's alias, or by a null without a word."""
    own = ErrorRow(name="gone", status=404, code=1404, message="Gone", refused=True, says=re.compile("x"), root="room")
    silent = replace(own, says=None, outcome="nothing", message="Not there")
    table = (own, silent, *ERRORS)
    rooms, users = (("all", "Query.room"),), (("all", "Query.user"),)

    named = translate(table, [Fault("x", ("all", "id"), "")], rooms, is_write=False)
    copied = translate(table, [Fault("x", ("r1", "id"), "")], rooms, is_write=False)
    several = translate(table, [Fault("x", ("r1_all", "id"), "")], (*rooms, ("b", "Query.user")), is_write=False)
    null = translate(table, [], rooms, is_write=False)
    other = translate(table, [Fault("x", ("all",), "")], users, is_write=False)
    other_null = translate(table, [], users, is_write=False)

    assert [one.message for one in (named, copied, several, null)] == ["Gone", "Gone", "Gone", "Not there"]
    assert (named.status, named.legacy_code) == (404, 1404)
    assert [one.message for one in (other, other_null)] == [FAILED, MISSING]


def test_translate__row_that_is_no_refusal__leaves_a_write_unknown() -> None:
    """A row about a failure gives reads their text; a write that met it may have been carried out."""
    row = ErrorRow(name="broke", status=500, code=500, message="It broke", says=re.compile("Exception"))
    faults = [Fault("Exception occurred", (), "")]

    read = translate((row, *ERRORS), faults, is_write=False)
    write = translate((row, *ERRORS), faults, is_write=True)

    assert (read.status, read.message, type(write)) == (500, "It broke", UnknownOutcomeError)


def test_missing_scope__known_beforehand__has_the_text_of_the_table() -> None:
    """What was not asked because it would be refused is told as the refusal itself."""
    found = missing_scope(ERRORS, ["Query.room"])

    assert (type(found), found.message) == (ScopeError, NO_ACCESS)


#: every failure that httpx tells of, and whether a request that meets it may have arrived
FAILURES: list[tuple[Exception, bool, type[ProxyError]]] = [
    (httpx.ConnectTimeout("x"), False, UpstreamTimeoutError),
    (httpx.PoolTimeout("x"), False, UpstreamTimeoutError),
    (httpx.ConnectError("x"), False, UpstreamError),
    (httpx.UnsupportedProtocol("x"), False, UpstreamError),
    (httpx.InvalidURL("x"), False, UpstreamError),
    (httpx.ReadTimeout("x"), True, UpstreamTimeoutError),
    (httpx.WriteTimeout("x"), True, UpstreamTimeoutError),
    (TimeoutError(), True, UpstreamTimeoutError),
    (httpx.ReadError("x"), True, UpstreamError),
    (httpx.WriteError("x"), True, UpstreamError),
    (httpx.CloseError("x"), True, UpstreamError),
    (httpx.LocalProtocolError("x"), True, UpstreamError),
    (httpx.RemoteProtocolError("x"), True, UpstreamError),
    (httpx.ProxyError("x"), True, UpstreamError),
    (httpx.DecodingError("x"), True, UpstreamError),
    (httpx.TooManyRedirects("x"), True, UpstreamError),
]


@pytest.mark.parametrize(("failure", "may_have_arrived", "error"), FAILURES, ids=lambda case: type(case).__name__)
def test_of_transport__read__fails_or_comes_too_late(
    failure: Exception, may_have_arrived: bool, error: type[ProxyError]
) -> None:
    """A read that gets no answer is 502, or 504 when time ran out."""
    found = of_transport(ERRORS, failure, is_write=False)

    assert (type(found), found.detail) == (error, type(failure).__name__)


@pytest.mark.parametrize(("failure", "may_have_arrived", "error"), FAILURES, ids=lambda case: type(case).__name__)
def test_of_transport__write__is_unknown_once_it_may_have_arrived(
    failure: Exception, may_have_arrived: bool, error: type[ProxyError]
) -> None:
    """Only a write that provably never left has simply failed."""
    found = of_transport(ERRORS, failure, is_write=True)

    assert type(found) is (UnknownOutcomeError if may_have_arrived else error)


def test_failures__every_transport_error_of_httpx__has_a_case() -> None:
    """A new kind of failure in httpx is noticed here."""
    known = {type(failure) for failure, _, _ in FAILURES}

    leaves = {kind for kind in _below(httpx.HTTPError) if not kind.__subclasses__()} - {httpx.HTTPStatusError}

    assert leaves <= known


@pytest.mark.parametrize(
    ("errors", "faults"),
    [
        (None, ()),
        ([], ()),
        ({"message": "x"}, ()),
        ("x", ()),
        (["plain"], (Fault("plain", (), ""),)),
        ([{}], (Fault("", (), ""),)),
        ([{"message": None, "path": None, "extensions": None}], (Fault("", (), ""),)),
        ([{"message": 5, "path": "room", "extensions": []}], (Fault("5", (), ""),)),
        (
            [{"message": "m", "path": ["room", 0, None, {"a": 1}, "id"], "extensions": {"classification": "C"}}],
            (Fault("m", ("room", 0, "id"), "C"),),
        ),
        ([{"message": "m", "extensions": {"classification": {"type": "C"}}}], (Fault("m", (), "{'type': 'C'}"),)),
    ],
)
def test_read_faults__whatever_stands_there__is_read(errors: Any, faults: tuple[Fault, ...]) -> None:
    """Errors come in every shape; none of them breaks the reading."""
    found = read_faults(errors)

    assert found == faults


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (SCOPE_TEXT, {"Room.vendorProposal", "VendorProposal.id"}),
        ("... enough oauth2 permissions/scopes to access [Query.room]", {"Query.room"}),
        ("... enough oauth2 permissions/scopes to access: []", set()),
        ("... enough oauth2 permissions/scopes", set()),
        ("Access denied: [Room.id]", set()),
    ],
)
def test_missing_scopes__text__names_the_fields(text: str, fields: set[str]) -> None:
    """The fields are read from between the brackets of the upstream's sentence, and from no other."""
    found = Fault(text, (), "").missing_scopes

    assert found == fields


def _below(kind: type[Exception]) -> set[type[Exception]]:
    return {kind} | {one for below in kind.__subclasses__() for one in _below(below)}
