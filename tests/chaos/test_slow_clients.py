"""Clients that take their answers slowly, or send their requests so: others are served, and both have an end."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.calls import Line, ask, get
from tests.chaos.fault_proxy import ended
from tests.chaos.test_stopping import until
from tests.e2e.clients import Ids
from tests.e2e.processes import Running, start_proxy
from tests.raw import complaint, read_head

SLOW_CLIENTS = 20
#: more answers of this list than buffers of the kernel hold for one connection
ASKED = 150
BOUND_SECONDS = 1.5
#: what a busy machine may add to a bound, and to the answer of a client that is not slow
SLACK_SECONDS = 1.5
#: so small a window that most of an answer waits on the server's side
WINDOW_BYTES = 4096
#: between two bytes of a request
PAUSE_SECONDS = 0.1


@pytest.fixture
def strict(outputs: Path, sandbox: Running, ids: Ids) -> Iterator[Running]:
    """A proxy of one worker that waits a moment only; it has answered what is asked of it once already."""
    bounds = {name: str(BOUND_SECONDS) for name in ("HEIRLOOM_SEND_SECONDS", "HEIRLOOM_RECEIVE_SECONDS")}
    running = start_proxy(outputs, sandbox.url, HEIRLOOM_LOG_LEVEL="error", **bounds)
    asyncio.run(ask(running.port, large(ids)))
    yield running
    running.stop()


def large(ids: Ids) -> bytes:
    """A read with a large answer."""
    return get(f"{ids.rooms}.json?limit=100", ids.token)


async def many_asked(port: int, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection with a small window on which the same was asked again and again; nothing of it is read."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW_BYTES)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=plain, limit=WINDOW_BYTES)
    # Whatever comes stays with the kernel until it is read for the first time.
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(sent * ASKED)
    await writer.drain()
    return reader, writer


async def whole_answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    """How many whole answers of 200 can be read until the last that was asked for, or the end of the connection."""
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    count = 0
    try:
        while count < ASKED:
            head = await reader.readuntil(b"\r\n\r\n")
            status, headers = read_head(head.removesuffix(b"\r\n\r\n"))
            await reader.readexactly(int(headers["content-length"]))
            assert status == 200
            count += 1
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        await ended(writer)
    return count


async def served_meanwhile(port: int, ids: Ids, seconds: float) -> list[float]:
    """How long each answer took to a client that is not slow, for so many seconds."""
    took, ends = [], time.monotonic() + seconds
    async with Line(port) as line:
        while time.monotonic() < ends:
            told = await line.call(get(f"{ids.room}.json", ids.token))
            assert told.answer.status == 200
            took.append(told.seconds)
    return took


async def test_client__never_reads__is_ended_and_holds_up_nobody(strict: Running, ids: Ids) -> None:
    """What it left lying is given up after its time; others are answered as ever."""
    slow = [await many_asked(strict.port, large(ids)) for _ in range(3)]

    took = await served_meanwhile(strict.port, ids, 3 * BOUND_SECONDS + SLACK_SECONDS)
    read = [await whole_answers(*one) for one in slow]

    assert max(read) < ASKED
    assert max(took) < SLACK_SECONDS


async def test_client__reads_in_the_end__gets_every_answer(strict: Running, ids: Ids) -> None:
    """A pause that is shorter than the bound costs nothing."""
    slow = await many_asked(strict.port, large(ids))
    await asyncio.sleep(BOUND_SECONDS / 3)

    assert await whole_answers(*slow) == ASKED


async def test_clients__send_byte_by_byte__are_ended_and_hold_up_nobody(strict: Running, ids: Ids) -> None:
    """Each is told so in the legacy form when its time is over; others are answered as ever."""
    sent = get(f"{ids.room}.json", ids.token)

    async def drip() -> tuple[bytes, float]:
        reader, writer = await asyncio.open_connection("127.0.0.1", strict.port)
        began, heard = time.monotonic(), asyncio.create_task(reader.read())
        for position in range(len(sent)):
            if heard.done():
                break
            writer.write(sent[position : position + 1])
            await asyncio.sleep(PAUSE_SECONDS)
        try:
            return await heard, time.monotonic() - began
        finally:
            await ended(writer)

    meanwhile = asyncio.create_task(served_meanwhile(strict.port, ids, BOUND_SECONDS))
    told = await asyncio.gather(*(drip() for _ in range(SLOW_CLIENTS)))

    assert max(await meanwhile) < SLACK_SECONDS
    for heard, seconds in told:
        status, headers = read_head(heard.partition(b"\r\n\r\n")[0])
        assert (status, headers["x-upwork-error-code"], headers["connection"]) == (408, "408", "close")
        assert BOUND_SECONDS * 0.9 < seconds < BOUND_SECONDS + SLACK_SECONDS


def sockets_of(running: Running) -> set[str]:
    """The sockets that a process has open, by number."""
    folder = Path(f"/proc/{running.process.pid}/fd")
    return {name for name in map(_target, folder.iterdir()) if name.startswith("socket:")}


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:  # closed meanwhile
        return ""


async def test_proxy__after_slow_clients__is_as_before(strict: Running, ids: Ids) -> None:
    """No socket of theirs stays open in the worker, and nothing of it looks like a fault of its own."""
    await asyncio.sleep(0.2)
    before = sockets_of(strict)
    slow = [await many_asked(strict.port, large(ids)) for _ in range(3)]
    await until(lambda: len(sockets_of(strict) - before) >= len(slow), "the worker has them", SLACK_SECONDS)
    during = sockets_of(strict) - before
    await until(lambda: not sockets_of(strict) & during, "they are closed", 6 * BOUND_SECONDS + SLACK_SECONDS)
    told = await ask(strict.port, get(f"{ids.room}.json", ids.token))
    for _, writer in slow:
        writer.transport.abort()

    assert (told.answer.status, complaint(told.answer)) == (200, "")
    assert "Exception" not in strict.log.read_text()
