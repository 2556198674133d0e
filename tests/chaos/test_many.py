"""Many writes and many reads while the wire fails at random: nothing twice, nothing untrue, nothing of another's."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.chaos.calls import Line, Told, Writes
from tests.chaos.conftest import CALLS, DEADLINE_SECONDS
from tests.chaos.fault_proxy import HARMLESS, FaultProxy, Programme, Stage
from tests.chaos.journal import carried_out
from tests.e2e.clients import Steering
from tests.e2e.processes import Running
from tests.raw import complaint

LINES = 24
#: writes between two looks into the sandbox's log, which holds ten thousand requests
ROUND = 1000
SEED = 1

#: of a hundred connections, and of a hundred requests
CONNECTIONS: dict[Stage, int] = {"reset_at_accept": 6, "reset_in_request": 6, "silent": 2, "none": 86}
REQUESTS: dict[Stage, int] = {
    "drop": 6,
    "swallow": 2,
    "lose": 6,
    "cut_before": 5,
    "cut_in_head": 5,
    "cut_in_body": 5,
    "garbage": 5,
    "late": 2,
    "drip": 2,
    "delay": 12,
    "none": 50,
}
#: an answer that came later than this may have been too late for the proxy; where the machine is busy, a few are
SURELY_IN_TIME = 0.7 * DEADLINE_SECONDS
#: what a busy machine may add to a deadline. `make chaos` prints the figure itself
SLACK_SECONDS = 1.5
#: nobody listens for the first of these seconds, everybody does for the second
OUTAGE = (0.03, 0.5)


def at_random(seed: int) -> Programme:
    """Faults by the two tables."""
    chance = random.Random(seed)

    def choose(request: bytes | None) -> Stage:
        table = CONNECTIONS if request is None else REQUESTS
        return chance.choices(list(table), list(table.values()))[0]

    return choose


@asynccontextmanager
async def outages(wire: FaultProxy) -> AsyncIterator[None]:
    """Moments in which connections are refused, again and again."""

    async def come_and_go() -> None:
        while True:
            await wire.close()
            await asyncio.sleep(OUTAGE[0])
            await wire.open()
            await asyncio.sleep(OUTAGE[1])

    task = asyncio.create_task(come_and_go())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


# --- writes


@dataclass
class Tally:
    """What became of all writes: claims, what each stage met, and what was carried out."""

    claims: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    done: int = 0
    unsure: int = 0
    slowest: float = 0.0


async def test_writes__wire_fails_at_random__are_done_once_at_most_and_told_truly(
    proxy: Running, wire: FaultProxy, writes: Writes, steering: Steering
) -> None:
    """Done means done once, refused means not done, unknown are exactly those whose fate the wire hid."""
    wire.programme = at_random(SEED)
    tally = Tally()

    for first in range(0, CALLS, ROUND):
        wire.ledger.clear()
        steering.http.delete("/_sandbox/log")
        told = await _written(proxy, wire, writes, range(first, min(CALLS, first + ROUND)))
        _check(told, carried_out(steering), wire, tally)

    print(f"\n{CALLS} writes: {tally}")
    assert tally.claims.total() == CALLS
    # All of it happened: every kind of end, and few that the clock leaves open.
    assert min(tally.claims[claim] for claim in ("done", "refused", "unknown")) > 0
    assert set(tally.stages) == {*REQUESTS, *CONNECTIONS}
    assert tally.unsure < CALLS / 20
    assert tally.slowest < DEADLINE_SECONDS + SLACK_SECONDS


async def _written(proxy: Running, wire: FaultProxy, writes: Writes, numbers: range) -> dict[str, Told]:
    """The answers to writes of these numbers, by their marks."""
    told: dict[str, Told] = {}
    waiting = iter(numbers)

    async def work() -> None:
        async with Line(proxy.port) as line:
            for number in waiting:
                mark = f"mark-{number:06}-"
                told[mark] = await line.call(writes.write(number, mark))

    async with outages(wire):
        await asyncio.gather(*(work() for _ in range(LINES)))
    return told


def _check(told: dict[str, Told], done: Counter[str], wire: FaultProxy, tally: Tally) -> None:
    """Each claim held against the upstream's own journal and against the wire."""
    assert [complaint(one.answer) for one in told.values() if complaint(one.answer)] == []
    assert set(done) <= set(told)
    assert set(done.values()) <= {1}
    assert [mark for mark, one in told.items() if one.claim == "done" and done[mark] != 1] == []
    assert [mark for mark, one in told.items() if one.claim == "refused" and done[mark] != 0] == []

    seen = {mark: [one for one in wire.ledger.requests if mark.encode() in one.body] for mark in told}
    assert [mark for mark, found in seen.items() if len(found) > 1] == []
    unsure = {mark for mark, found in seen.items() if found and _is_unsure(found[0].stage, found[0].answered_after)}
    hidden = {mark for mark, found in seen.items() if found and found[0].stage not in HARMLESS}
    unknown = {mark for mark, one in told.items() if one.claim == "unknown"}
    # What never was a request at the wire's other end: killed with its connection, or refused one. A reset may come
    # so early that the connection was never made.
    killed = {mark for mark in unknown if not seen[mark]}
    assert unknown - unsure == (hidden | killed) - unsure
    cut = wire.ledger.connections
    assert cut.total() - cut["reset_at_accept"] <= len(killed) <= cut.total()
    assert all(told[mark].claim == "refused" for mark, found in seen.items() if not found and mark not in killed)

    tally.claims.update(one.claim for one in told.values())
    tally.stages.update(one.stage for one in wire.ledger.requests)
    tally.stages.update(wire.ledger.connections)
    tally.done += done.total()
    tally.unsure += len(unsure)
    tally.slowest = max(tally.slowest, *(one.seconds for one in told.values()))


def _is_unsure(stage: Stage, answered_after: float | None) -> bool:
    return stage in HARMLESS and (answered_after is None or answered_after > SURELY_IN_TIME)
