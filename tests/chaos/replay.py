"""A relay before the sandbox that gives a question that was asked before the answer that it got then.

The sandbox computes each answer, which takes many times as long as the proxy needs; for a long load that is too slow.
Writes always go on to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.chaos.fault_proxy import ended, read_message


class Replay:
    """Stands before `target` of the loopback."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._known: dict[tuple[bytes, bytes], bytes] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Replay]:
        """Takes connections until the end."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while (request := await read_message(reader)) is not None:
                answer = self._known.get(request)
                if answer is None:
                    answer = await self._asked(request)
                    if b"mutation" not in request[1] and answer.startswith(b"HTTP/1.1 200"):
                        self._known[request] = answer
                writer.write(answer)
        await ended(writer)

    async def _asked(self, request: tuple[bytes, bytes]) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            writer.write(request[0] + request[1])
            answer = await read_message(reader)
            assert answer is not None, "the sandbox does not cut"
            return answer[0] + answer[1]
        finally:
            await ended(writer)
