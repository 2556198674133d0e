"""A TCP proxy before the upstream that does ill at a stage of its choosing, and keeps a ledger of what it did.

It reads whole requests, so that the ledger can say of each whether it was passed on and whether its answer went back.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Literal

Stage = Literal[
    # on the connection
    "reset_at_accept",  # taken, and reset before a byte was read
    "silent",  # half-open: taken, never read, never answered
    "reset_in_request",  # reset behind the first bytes of a request
    # on a request that is not passed on
    "drop",  # read whole, then reset
    "swallow",  # read whole, and nothing more
    # on a request that is passed on, and was carried out
    "lose",  # reset in the place of the answer
    "cut_before",  # ended in the place of the answer
    "cut_in_head",
    "cut_in_body",
    "garbage",  # bytes that are no HTTP
    "late",  # the answer comes after the deadline
    "drip",  # the answer comes byte by byte, and is not whole by the deadline
    # no harm is done
    "delay",
    "none",
]
ON_CONNECTION: tuple[Stage, ...] = ("reset_at_accept", "silent", "reset_in_request")
NOT_PASSED_ON: tuple[Stage, ...] = ("drop", "swallow")
ANSWER_LOST: tuple[Stage, ...] = ("lose", "cut_before", "cut_in_head", "cut_in_body", "garbage", "late", "drip")
HARMLESS: tuple[Stage, ...] = ("delay", "none")

#: which stage a connection (asked with no request) or a request meets
Programme = Callable[[bytes | None], Stage]
GARBAGE = b"\x16\x03\x01\x00\xffSSH-2.0-nobody\r\n\r\n\x00\x01"
DELAY_SECONDS = 0.05
FIRST_BYTES = 40


@dataclass(frozen=True)
class Seen:
    """One request: its body, what it met, and the seconds until its answer was all sent; None where it was not."""

    body: bytes
    stage: Stage
    answered_after: float | None = None


@dataclass
class Ledger:
    """All that was seen: requests, and what befell connections before one was read."""

    requests: list[Seen] = field(default_factory=list)
    connections: Counter[Stage] = field(default_factory=Counter)

    def clear(self) -> None:
        """Forget everything."""
        self.requests.clear()
        self.connections.clear()


class FaultProxy:
    """Stands before `target` on `port` of the loopback. `late_seconds` is longer than anybody's deadline."""

    def __init__(self, target: int, port: int, late_seconds: float) -> None:
        self.port = port
        self.ledger = Ledger()
        self.programme: Programme = lambda _: "none"
        self._target = target
        self._late_seconds = late_seconds
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=512)

    async def close(self) -> None:
        """Refuse connections; those that are there go on."""
        if self._server is not None:
            self._server.close()
        self._server = None

    async def hang_up(self) -> None:
        """End every connection that is there, idle ones too."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[FaultProxy]:
        """Open, and in the end closed with every connection."""
        await self.open()
        try:
            yield self
        finally:
            await self.close()
            await self.hang_up()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._connection(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            # The end of the test; asyncio would print what its own stream task ends with.
            pass
        finally:
            await ended(writer)
            self._tasks.discard(task)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stage = self.programme(None)
        if stage in ON_CONNECTION:
            self.ledger.connections[stage] += 1
            if stage == "silent":
                await asyncio.sleep(self._late_seconds)
            if stage == "reset_in_request":
                await reader.readexactly(FIRST_BYTES)
            reset(writer)
            return
        behind = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            while (request := await read_message(reader)) is not None:
                if not await self._request(request, writer, behind):
                    return
        finally:
            await ended(behind[1])

    async def _request(
        self,
        request: tuple[bytes, bytes],
        writer: asyncio.StreamWriter,
        behind: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> bool:
        """Serve one request; whether the connection goes on."""
        began = time.monotonic()
        stage = self.programme(request[1])
        if stage in NOT_PASSED_ON:
            self.ledger.requests.append(Seen(request[1], stage))
            if stage == "swallow":
                await asyncio.sleep(self._late_seconds)
            reset(writer)
            return False
        behind[1].write(request[0] + request[1])
        answer = await read_message(behind[0])
        assert answer is not None, "the sandbox does not cut"
        if stage in ANSWER_LOST:
            self.ledger.requests.append(Seen(request[1], stage))
            await self._spoil(stage, *answer, writer)
            return False
        if stage == "delay":
            await asyncio.sleep(DELAY_SECONDS)
        writer.write(answer[0] + answer[1])
        await writer.drain()
        self.ledger.requests.append(Seen(request[1], stage, time.monotonic() - began))
        return True

    async def _spoil(self, stage: Stage, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
        if stage == "lose":
            reset(writer)
        elif stage == "late":
            await asyncio.sleep(self._late_seconds)
            writer.write(head + body)
        elif stage == "drip":
            whole = head + body
            pause = self._late_seconds / 20
            for position in range(20):
                writer.write(whole[position : position + 1])
                await writer.drain()
                await asyncio.sleep(pause)
        else:
            kept = {
                "cut_before": b"",
                "cut_in_head": head[: len(head) // 2],
                "cut_in_body": head + body[: len(body) // 2],
                "garbage": GARBAGE,
            }
            writer.write(kept[stage])
            await writer.drain()


async def read_message(reader: asyncio.StreamReader) -> tuple[bytes, bytes] | None:
    """Head and body of the next request or answer; None where the other side ended the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return head, await reader.readexactly(int(value))
    return head, b""


async def ended(writer: asyncio.StreamWriter) -> None:
    """Close a connection, whatever has become of it."""
    writer.close()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await writer.wait_closed()


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST: what is under way is lost on both sides."""
    taken: socket.socket = writer.get_extra_info("socket")
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
