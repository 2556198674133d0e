"""One fault at a time, at every stage of a request to the upstream, for a read and for a write."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import get_args

import pytest

from tests.chaos.calls import KINDS, Line, Writes, ask, get
from tests.chaos.conftest import DEADLINE_SECONDS
from tests.chaos.fault_proxy import ANSWER_LOST, HARMLESS, NOT_PASSED_ON, ON_CONNECTION, FaultProxy, Stage
from tests.chaos.journal import carried_out
from tests.e2e.clients import Ids, Steering
from tests.e2e.processes import Running
from tests.raw import complaint

UNREACHABLE = (502, "The upstream cannot be reached")
LATE = (504, "The upstream did not answer in time")
FINE = (200, "")
UNKNOWN = (502, "The request was sent, but its outcome is unknown: look before you repeat it")
#: what a busy machine may add to a deadline
SLACK_SECONDS = 1.0

#: stages that take the time of the caller
WAITING: tuple[Stage, ...] = ("silent", "swallow", "late", "drip")
READS: dict[Stage, tuple[int, str]] = {
    stage: FINE if stage in HARMLESS else LATE if stage in WAITING else UNREACHABLE for stage in get_args(Stage)
}
# A reset may come while the connection is still being made, or behind the first bytes.
WRITES = {stage: (FINE,) if stage in HARMLESS else (UNKNOWN,) for stage in READS} | {
    "reset_at_accept": (UNKNOWN, UNREACHABLE)
}


def only(stage: Stage, wire: FaultProxy) -> None:
    """Let every connection, or every request, meet that stage."""
    wire.programme = lambda request: stage if (request is None) == (stage in ON_CONNECTION) else "none"


def test_stages__of_the_fault_proxy__are_sorted() -> None:
    """Each stage is of one kind, so that what follows holds for all of them."""
    kinds = (*ON_CONNECTION, *NOT_PASSED_ON, *ANSWER_LOST, *HARMLESS)

    assert sorted(kinds) == sorted(get_args(Stage))


@pytest.mark.parametrize("stage", get_args(Stage))
async def test_read__fault_at_a_stage__is_told_in_the_legacy_form_in_time(
    stage: Stage, proxy: Running, wire: FaultProxy, ids: Ids
) -> None:
    """The caller hears of the upstream in the words and form of the old API, and no later than promised."""
    only(stage, wire)

    told = await ask(proxy.port, get(f"{ids.rooms}.json", ids.token))

    message = told.answer.headers.get("x-upwork-error-message", "")
    assert (told.answer.status, message) == READS[stage]
    assert complaint(told.answer) == ""
    assert told.seconds < DEADLINE_SECONDS + SLACK_SECONDS
    assert len(wire.ledger.requests) + wire.ledger.connections.total() == 1


@pytest.mark.parametrize("stage", get_args(Stage))
async def test_write__fault_at_a_stage__is_sent_once_and_told_truly(
    stage: Stage, proxy: Running, wire: FaultProxy, writes: Writes, steering: Steering
) -> None:
    """A write whose answer is lost is unknown, done or not; it goes out once."""
    only(stage, wire)
    marks = [f"{stage}-{number}" for number in range(KINDS)]

    everything = await asyncio.gather(*(ask(proxy.port, writes.write(n, mark)) for n, mark in enumerate(marks)))

    for told in everything:
        message = told.answer.headers.get("x-upwork-error-message", "")
        assert (told.answer.status, message) in WRITES[stage]
        assert complaint(told.answer) == ""
        assert told.seconds < DEADLINE_SECONDS + SLACK_SECONDS
    is_done = stage in (*ANSWER_LOST, *HARMLESS)
    assert carried_out(steering) == (dict.fromkeys(marks, 1) if is_done else {})
    assert len(wire.ledger.requests) + wire.ledger.connections.total() == KINDS


async def test_write__nobody_listens__is_refused_and_was_not_carried_out(
    proxy: Running, wire: FaultProxy, writes: Writes, steering: Steering
) -> None:
    """What never left is no unknown outcome."""
    await wire.close()

    for number in range(KINDS):
        told = await ask(proxy.port, writes.write(number, "never-left"))

        assert (told.answer.status, told.answer.headers["x-upwork-error-message"]) == UNREACHABLE
        assert (told.claim, complaint(told.answer)) == ("refused", "")
    assert carried_out(steering) == {}


async def test_connection__ended_while_it_was_idle__fails_no_call(
    proxy: Running, wire: FaultProxy, writes: Writes, steering: Steering
) -> None:
    """A kept connection that the upstream has closed in the meantime is not used for the next write."""
    async with AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(Line(proxy.port)) for _ in range(8)]
        before = await asyncio.gather(*(line.call(writes.message(f"before-{n}")) for n, line in enumerate(lines)))
        await wire.hang_up()

        after = await asyncio.gather(*(line.call(writes.message(f"after-{n}")) for n, line in enumerate(lines)))

    assert {told.claim for told in (*before, *after)} == {"done"}
    assert set(carried_out(steering).values()) == {1}
    assert len(carried_out(steering)) == 16
