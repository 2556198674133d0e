"""A TCP relay that lets every answer wait: a server behind it is slow without knowing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.chaos.fault_proxy import ended

CHUNK_BYTES = 65536


class SlowWire:
    """Stands before `target` of the loopback; what comes from there is passed on `seconds` later."""

    def __init__(self, target: int) -> None:
        self.seconds = 0.0
        self.port = 0
        self._target = target
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[SlowWire]:
        """Takes connections until the end."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        behind = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            await asyncio.gather(_pass_on(reader, behind[1]), self._pass_back(behind[0], writer))
        except asyncio.CancelledError:
            # The end of the test; asyncio would print what its own stream task ends with.
            pass
        finally:
            await ended(writer)
            await ended(behind[1])
            self._tasks.discard(task)

    async def _pass_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                await asyncio.sleep(self.seconds)
                writer.write(data)
                await writer.drain()
        await ended(writer)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    await ended(writer)
