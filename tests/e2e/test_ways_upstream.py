"""The ways to the upstream that settings open: a proxy in between, HTTP/2, certificates of one's own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.clients import CALL_SECONDS, Ids
from tests.e2e.processes import Running, run_cli, start_proxy


class Relay:
    """A forward proxy for plain HTTP on the loopback; counts what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        """Take connections in a thread of its own."""
        self._thread.start()
        begun = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(begun, self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """End."""
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, rest = head.partition(b"\r\n")
        method, target, version = line.split(b" ")
        self.asked.append(target.decode())
        url = httpx.URL(target.decode())
        length = next(int(one[15:]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:"))
        body = await reader.readexactly(length)
        behind = await asyncio.open_connection(url.host, url.port)
        kept = b"\r\n".join(one for one in rest.split(b"\r\n") if not one.lower().startswith(b"connection:"))
        behind[1].write(b" ".join([method, url.raw_path, version]) + b"\r\nConnection: close\r\n" + kept + body)
        while data := await behind[0].read(65536):
            writer.write(data)
        behind[1].close()
        writer.close()


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A forward proxy."""
    made = Relay()
    made.start()
    yield made
    made.stop()


def answer(proxy: Running, ids: Ids) -> httpx.Response:
    """One read through the service."""
    headers = {"Authorization": f"Bearer {ids.token}"}
    return httpx.get(f"{proxy.url}{ids.room}.json", headers=headers, timeout=CALL_SECONDS, trust_env=False)


def test_upstream_proxy__set__is_asked_in_the_upstreams_place(
    relay: Relay, sandbox: Running, outputs: Path, ids: Ids
) -> None:
    """Questions go through it."""
    proxy = start_proxy(outputs, sandbox.url, HEIRLOOM_UPSTREAM_PROXY=f"http://127.0.0.1:{relay.port}")
    try:
        told = answer(proxy, ids)
    finally:
        proxy.stop()

    assert told.status_code == 200
    assert set(relay.asked) == {f"{sandbox.url}/graphql"}


def test_upstream_http2__offered__falls_back_where_it_is_not_spoken(sandbox: Running, outputs: Path, ids: Ids) -> None:
    """The sandbox speaks HTTP/1.1 only."""
    proxy = start_proxy(outputs, sandbox.url, HEIRLOOM_UPSTREAM_HTTP2="true")
    try:
        assert answer(proxy, ids).status_code == 200
    finally:
        proxy.stop()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HEIRLOOM_UPSTREAM_PROXY", "ftp://x"),
        ("HEIRLOOM_UPSTREAM_PROXY", "nonsense"),
        ("HEIRLOOM_UPSTREAM_CA", "no-such-file.pem"),
        ("HEIRLOOM_UPSTREAM_CA", "README.md"),
    ],
)
def test_ways__that_cannot_be__stop_the_start(name: str, value: str) -> None:
    """Not the first call."""
    done = run_cli("serve", "--port", "0", **{name: value})

    assert done.returncode == 1
    assert f"S102 {name}: " in done.stderr
    assert "Traceback" not in done.stderr
