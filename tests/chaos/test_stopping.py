"""Processes that end under load: told to, one after the other, or killed."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from tests.chaos.calls import Line, Lost, Writes, ask, get
from tests.chaos.conftest import WORKERS
from tests.chaos.fault_proxy import FaultProxy, ended, reset
from tests.chaos.journal import carried_out
from tests.e2e.clients import Ids, Steering
from tests.e2e.processes import START_SECONDS, STOP_SECONDS, Running, start_again, start_proxy, takes_connections
from tests.raw import complaint

LINES = 40
#: longest pause of a client between two requests; kept connections are idle for that long
PAUSE_SECONDS = 0.3


@dataclass
class Heard:
    """What the clients of a load met; `marks` are those of the writes, by what was said of them."""

    statuses: Counter[int] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    marks: dict[str, str] = field(default_factory=dict)


async def until(holds: Callable[[], bool], what: str, seconds: float) -> None:
    """Look again and again while the load goes on."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.02)


@asynccontextmanager
async def load(port: int, make: Callable[[str], bytes], *, leaves: bool) -> AsyncIterator[Heard]:
    """Clients on kept connections, each with pauses between its requests; they stop in the end.

    `leaves`: a client that is refused a connection goes home, as it would to another replica.
    """
    heard, is_over = Heard(), asyncio.Event()

    async def client(number: int) -> None:
        chance = random.Random(number)
        async with Line(port) as line:
            for turn in range(10**6):
                if is_over.is_set():
                    return
                mark = f"client-{number}-{turn}-"
                try:
                    told = await line.call(make(mark))
                except ConnectionRefusedError:
                    heard.refused += 1
                    if leaves:
                        return
                except Lost as error:
                    heard.lost[str(error)] += 1
                    heard.marks[mark] = "lost"
                else:
                    heard.statuses[told.answer.status] += 1
                    heard.marks[mark] = told.claim
                await asyncio.sleep(chance.uniform(0, PAUSE_SECONDS))

    clients = [asyncio.create_task(client(number)) for number in range(LINES)]
    try:
        yield heard
    finally:
        is_over.set()
        await asyncio.gather(*clients)


@pytest.mark.parametrize("workers", [1, WORKERS])
async def test_proxy__told_to_stop_under_load__loses_no_request(
    workers: int, outputs: Path, sandbox: Running, ids: Ids
) -> None:
    """Every request that found a connection is answered; the others are refused one and know that nothing was done."""
    proxy = start_proxy(outputs, sandbox.url, HEIRLOOM_WORKERS=str(workers), HEIRLOOM_LOG_LEVEL="error")
    try:
        async with load(proxy.port, lambda _: get(f"{ids.room}.json", ids.token), leaves=True) as heard:
            await until(lambda: heard.statuses.total() > 5 * LINES, "the load is on", START_SECONDS)
            proxy.ask_to_stop()
            await until(lambda: proxy.process.poll() is not None, "the proxy ends", STOP_SECONDS)
            await until(lambda: heard.refused == LINES, "every client went home", STOP_SECONDS)
    finally:
        proxy.stop()

    assert (heard.lost, set(heard.statuses)) == (Counter(), {200})


async def test_proxy__told_to_stop_with_idle_connections__hears_them_out(
    outputs: Path, sandbox: Running, ids: Ids
) -> None:
    """A connection on which nothing is asked lives on for a moment; the answer on it says that it was the last one."""
    proxy = start_proxy(outputs, sandbox.url)
    try:
        async with Line(proxy.port) as line, Line(proxy.port) as unused:
            before = await line.call(get("/healthz", ids.token))
            await unused.open()
            proxy.ask_to_stop()
            await until(lambda: not takes_connections(proxy.port), "it takes no more connections", STOP_SECONDS)
            after = [await one.call(get(f"{ids.room}.json", ids.token)) for one in (line, unused)]
    finally:
        proxy.stop()

    assert (before.answer.status, "connection" in before.answer.headers) == (200, False)
    assert [(told.answer.status, told.answer.headers["connection"]) for told in after] == [(200, "close")] * 2


async def test_proxy__stops_before_calls_end__tells_them_the_truth(
    outputs: Path, sandbox: Running, wire: FaultProxy, writes: Writes, steering: Steering, ids: Ids
) -> None:
    """When the time to drain is over, a read is told so, a write that its outcome is unknown, in the legacy form."""
    wire.programme = lambda request: "none" if request is None else "late"
    proxy = start_proxy(outputs, f"http://127.0.0.1:{wire.port}", HEIRLOOM_DRAIN_SECONDS="1")
    try:
        requests = [get(f"{ids.room}.json", ids.token), writes.message("cut-short")]
        calls = [asyncio.create_task(ask(proxy.port, sent)) for sent in requests]
        await until(lambda: len(wire.ledger.requests) == len(calls), "both are at the upstream", START_SECONDS)
        proxy.ask_to_stop()
        read, written = await asyncio.gather(*calls)
    finally:
        proxy.stop()

    error = {"status": 503, "code": 503, "message": "The service is being restarted"}
    assert (read.answer.status, read.answer.json()["error"]) == (503, error)
    assert read.answer.headers["x-upwork-error-message"] == error["message"]
    assert (written.answer.status, written.claim, complaint(written.answer)) == (502, "unknown", "")
    assert carried_out(steering) == {"cut-short": 1}


# --- one after the other


@asynccontextmanager
async def round_robin(ports: Sequence[int]) -> AsyncIterator[int]:
    """A front that sends each connection to the next process that takes it; gives its port."""
    turn, tasks = itertools.count(), set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        first = next(turn)
        for port in (ports[(first + other) % len(ports)] for other in range(len(ports))):
            try:
                behind = await asyncio.open_connection("127.0.0.1", port)
                break
            except ConnectionRefusedError:
                continue
        else:
            reset(writer)
            return
        await asyncio.gather(_pipe(reader, behind[1]), _pipe(behind[0], writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
    await ended(writer)


async def test_proxies__restarted_one_after_the_other_under_load__lose_no_request(
    outputs: Path, sandbox: Running, steering: Steering, writes: Writes
) -> None:
    """Two processes that share nothing: each is stopped and started anew, and clients of the front notice nothing."""
    fleet = [start_proxy(outputs, sandbox.url, HEIRLOOM_LOG_LEVEL="error") for _ in range(2)]
    try:
        async with (
            round_robin([one.port for one in fleet]) as port,
            load(port, writes.message, leaves=False) as heard,
        ):
            for place, old in enumerate(fleet):
                await until(lambda: heard.statuses[200] > 3 * LINES, "the load is on", START_SECONDS)
                old.ask_to_stop()
                await until(lambda one=old: one.process.poll() is not None, "it ends", STOP_SECONDS)  # type: ignore[misc]
                again = partial(start_again, old, outputs, sandbox.url, HEIRLOOM_LOG_LEVEL="error")
                fleet[place] = await asyncio.to_thread(again)
                heard.statuses.clear()
            await until(lambda: heard.statuses[200] > 3 * LINES, "the load goes on", START_SECONDS)
    finally:
        for one in fleet:
            one.stop()

    assert (heard.lost, heard.refused, set(heard.statuses)) == (Counter(), 0, {200})
    assert set(heard.marks.values()) == {"done"}
    assert carried_out(steering) == dict.fromkeys(heard.marks, 1)


# --- killed


async def test_workers__killed_under_load__are_replaced_and_nothing_is_done_twice(
    outputs: Path, sandbox: Running, steering: Steering, writes: Writes
) -> None:
    """Their calls end without an answer, done or not; all before and after are told the truth."""
    proxy = start_proxy(outputs, sandbox.url, HEIRLOOM_WORKERS="2", HEIRLOOM_LOG_LEVEL="error")
    try:
        before = proxy.workers()
        async with load(proxy.port, writes.message, leaves=False) as heard:
            await until(lambda: heard.statuses[200] > 3 * LINES, "the load is on", START_SECONDS)
            # Clients pause most of the time, and who pauses loses nothing: each is to have a call under way.
            steering.fault("slow", seconds=2 * PAUSE_SECONDS, times=LINES)
            await asyncio.sleep(PAUSE_SECONDS)
            for worker in before:
                os.kill(worker, signal.SIGKILL)
            await until(lambda: heard.lost.total() > 0, "their clients notice", STOP_SECONDS)
            await until(lambda: len(proxy.workers() - before) == 2, "others come", START_SECONDS)
            lost = heard.lost.total()
            heard.statuses.clear()
            await until(lambda: heard.statuses[200] > 6 * LINES, "the load goes on", START_SECONDS)
    finally:
        proxy.stop()

    done = carried_out(steering)
    assert len(before) == 2
    assert (heard.lost.total(), set(heard.statuses), heard.refused) == (lost, {200}, 0)
    assert set(done.values()) == {1}
    assert {mark for mark, said in heard.marks.items() if said == "done"} <= set(done)
    assert set(done) <= set(heard.marks)
