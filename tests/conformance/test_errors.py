"""Every row of the error table, through the service: what the upstream does, and what a legacy caller is told."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import pytest

from app.building import build
from app.mapping.model import ErrorRule
from app.plan import ErrorRow
from app.settings import Settings
from tests.asgi import Reply, send
from tests.conftest import ServiceOver
from tests.golden.cases import Case, golden_cases
from tests.upstream import Answer

MAPPINGS = build(Settings()).mappings
UNKNOWN = "The request was sent, but its outcome is unknown: look before you repeat it"
#: how often an answer may be asked for: a read that lacks scopes is repaired once
ENOUGH = 4
ENDS: dict[str, Answer | Exception] = {
    "unreachable": httpx.ConnectError("refused"),
    "no_connection": httpx.ConnectTimeout("late"),
    "late": httpx.ReadTimeout("late"),
    "cut": httpx.RemoteProtocolError("cut"),
    "unreadable": Answer(b"<!DOCTYPE html><html></html>"),
    "nothing": Answer({"data": None}),
    "failed": Answer({"data": None, "errors": [{"message": "Exception occurred"}]}),
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A row in its table, those that come before it, and a recorded request that meets it."""

    row: ErrorRow
    before: tuple[ErrorRow, ...]
    case: Case
    is_write: bool

    def __str__(self) -> str:
        return f"{self.case.call}-{self.row.name}"

    @property
    def answer(self) -> Answer | Exception:
        """What the upstream does for this very row to decide."""
        if self.row.example is not None:
            said = {"message": self.row.example.text, "extensions": {"classification": self.row.example.classification}}
            return Answer({"data": None, "errors": [said]})
        if self.row.outcome:
            return ENDS[self.row.outcome]
        taken = next(
            status
            for status in range(300, 600)
            if self.row.covers(status) and not any(row.covers(status) for row in self.before)
        )
        return Answer(b"", status=taken)


def case_of(call: str, name: str = "") -> Case:
    """A recorded request of a call or an area that asks one question and is answered."""
    return next(
        case
        for case in golden_cases()
        if case.call.startswith(call)
        and str(case).endswith(name)
        and len(case.requests()) == len(case.questions()) == 1
        and case.reply()["status"] == 200
    )


def spoken() -> list[Spoken]:
    """All rows: those for all calls by a read and by a write, those of an area or a call by a read of it."""
    found: list[Spoken] = []

    def add(rules: tuple[ErrorRule, ...], case: Case, *, is_write: bool = False) -> None:
        rows = [rule.row for rule in rules]
        found.extend(Spoken(row, tuple(rows[:place]), case, is_write) for place, row in enumerate(rows))

    add(MAPPINGS.errors, case_of("messages/get_room", "whole"))
    add(MAPPINGS.errors, case_of("messages/send_room_message", "message_bare"), is_write=True)
    for area in {endpoint.area.name: endpoint.area for endpoint in MAPPINGS.endpoints}.values():
        if area.errors:
            add(area.errors, case_of(f"{area.name}/"))
    for endpoint in MAPPINGS.endpoints:
        if endpoint.errors:
            add(endpoint.errors, case_of(endpoint.id))
    return found


async def told(service_over: ServiceOver, one: Spoken) -> tuple[Reply, int]:
    """What the caller gets, and how many writes were sent."""
    service = service_over([one.answer] * ENOUGH)
    (request,) = one.case.requests()
    reply = await send(service.app, request.method, request.path, request.headers, request.body)
    return reply, sum(one["query"].startswith("mutation") for one in service.upstream.questions)


@pytest.mark.parametrize("one", spoken(), ids=str)
async def test_errors__each_row__is_what_a_legacy_caller_is_told(service_over: ServiceOver, one: Spoken) -> None:
    """Status, code and text are the row's; a write that may have been carried out is told as unknown, whatever fits."""
    reply, writes = await told(service_over, one)

    row, is_unknown = one.row, one.is_write and not one.row.refused
    status, code, text = (502, 502, UNKNOWN) if is_unknown else (row.status, row.code, row.message)
    assert reply.status == status
    assert reply.json()["error"] == {"status": status, "code": code, "message": text}
    assert reply.headers["x-upwork-error-code"] == str(code)
    assert reply.headers["x-upwork-error-message"] == text.replace('"', "'")
    assert writes == one.is_write


def test_errors__refused_rows__leave_no_doubt_about_a_write() -> None:
    """What is told as refused did nothing, or never left; every failure inside the upstream is none of these."""
    after_sending = set(ENDS) - {"unreachable", "no_connection"}

    rows = [rule.row for rule in MAPPINGS.errors if rule.row.refused]
    doubtful = [row.name for row in rows if row.outcome in after_sending]
    inside = [row.name for row in rows if row.covers(500)]

    assert (doubtful, inside) == ([], [])
