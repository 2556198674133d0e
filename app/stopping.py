"""Servers that lose no request when they are told to stop.

uvicorn closes a listening socket with the connections that wait in it, and its first process keeps that socket open
until the last worker is gone: clients connect to nobody. Here who got a connection gets an answer, and nobody else one.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from socket import socket

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import multiprocess

from app.web.protocol import StoppingState


class GentleServer(uvicorn.Server):
    """Serves on sockets that it is given; takes the connections that wait in them before it closes them."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.server_state: StoppingState = StoppingState()
        self._taken: list[asyncio.Task[object]] = []

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop listening, then wait for the connections to end."""
        self.server_state.is_stopping = True
        for listening in sockets or ():
            self._take_waiting(listening)
        await super().shutdown(sockets)

    def _take_waiting(self, listening: socket) -> None:
        """Serve the connections that nobody has taken yet; without a pause, so that as good as none comes after."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(BlockingIOError):
            while True:
                connection, _ = listening.accept()
                connection.setblocking(False)
                taking = loop.connect_accepted_socket(self._protocol, connection, ssl=self.config.ssl)
                self._taken.append(loop.create_task(taking))

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made


class _Worker(multiprocess.Process):
    """A worker process; the server in it is a gentle one."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = GentleServer(self.config)
        return self._server


class _Workers(multiprocess.Multiprocess):
    """The first process of several; it lets go of the listening socket when they are to stop."""

    def terminate_all(self) -> None:
        """Tell every worker to stop."""
        for listening in self.sockets:
            listening.close()
        super().terminate_all()


def run(config: uvicorn.Config) -> None:
    """Serve until told to stop, in as many processes as the configuration says."""
    if config.workers == 1:
        config.load_app()
    listening = config.bind_socket()
    if config.workers > 1:
        # uvicorn names the class of its workers in no other place.
        multiprocess.Process = _Worker  # type: ignore[misc]
        _Workers(config, [listening]).run()
    else:
        server = GentleServer(config)
        with contextlib.suppress(KeyboardInterrupt):
            server.run([listening])
        if not server.started:
            sys.exit(STARTUP_FAILURE)
