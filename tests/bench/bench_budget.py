"""How many legacy reads ten requests a second are worth: distinct ones, and a mix in which a tenth is distinct.

The upstream is a stub that refuses the eleventh request in any second; each answer is compared with what was asked.
Run it by `make bench-budget`; the last line is one JSON object.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import tempfile
import time
from pathlib import Path

import httpx
import uvloop

from app.building import build
from app.explain import explain
from app.sandbox import sandbox_ids
from app.serving import free_port
from app.settings import load_settings
from tests.bench.machine import process

WARM_SECONDS, SECONDS = 3.0, 15.0
DISTINCT_CONNECTIONS, MIXED_CONNECTIONS = 120, 1200


class Load:
    """Clients on kept connections that ask for rooms, each `copies` times; `latencies` are seconds of what counts."""

    def __init__(self, port: int, path: str, token: str, copies: int) -> None:
        self._port = port
        self._path = path
        self._head = f"Host: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
        self._numbers = itertools.count()
        self._copies = copies
        self.latencies: list[float] = []
        self.wrong: list[str] = []

    async def run(self, connections: int) -> float:
        """Requests a second."""
        began = time.monotonic() + WARM_SECONDS
        await asyncio.gather(*(self._client(began, began + SECONDS) for _ in range(connections)))
        return len(self.latencies) / SECONDS

    async def _client(self, begins: float, ends: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        while time.monotonic() < ends:
            room = f"room_{next(self._numbers) // self._copies:010d}"
            sent = time.monotonic()
            writer.write(f"GET {self._path.format(room)} HTTP/1.1\r\n{self._head}".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            body = await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r\n")[0]))
            now = time.monotonic()
            if f'"{room}"'.encode() not in body:
                self.wrong.append(f"{room}: {head[:40]} {body[:200]!r}")
            # What ended in time counts, whenever it began: all connections are busy all the while.
            if begins <= now <= ends:
                self.latencies.append(now - sent)
        writer.close()


def recorded(path: str, token: str) -> bytes:
    """What the sandbox answers about a room."""
    found = explain(build(load_settings()), "GET", path, b"", "")
    port = free_port()
    with process(port, sys.executable, "-m", "app", "sandbox", "--port", str(port)):
        answer = httpx.post(
            f"http://127.0.0.1:{port}/graphql",
            json={"query": found.document, "variables": found.variables},
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        )
    assert answer.json()["data"]["room"], "the sandbox knows the room"
    return answer.content


def percentile(latencies: list[float], part: float) -> float:
    """In milliseconds."""
    return round(sorted(latencies)[int(len(latencies) * part)] * 1000, 1)


def main() -> None:
    """Record, measure both, print."""
    ids = sandbox_ids()
    token, company = ids["credentials"]["access_token"], ids["values"]["company_id"]
    path = f"/api/messages/v3/{company}/rooms/{{}}.json"
    answer = recorded(path.format(ids["values"]["room_id"]), token)
    stub, proxy = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "room.json"
        file.write_bytes(answer)
        settings = {
            "HEIRLOOM_UPSTREAM_URL": f"http://127.0.0.1:{stub}",
            "HEIRLOOM_STORE": f"sqlite:{folder}/store.db",
            "HEIRLOOM_LOG_LEVEL": "warning",
        }
        with (
            process(stub, sys.executable, "-m", "tests.bench.limited_upstream", str(stub), str(file), processors="0-1"),
            process(proxy, sys.executable, "-m", "app", "serve", "--port", str(proxy), processors="0-1", **settings),
        ):
            loads = {"distinct": Load(proxy, path, token, 1), "mixed": Load(proxy, path, token, 10)}
            rates = {
                "distinct": uvloop.run(loads["distinct"].run(DISTINCT_CONNECTIONS)),
                "mixed": uvloop.run(loads["mixed"].run(MIXED_CONNECTIONS)),
            }
            seen = httpx.get(f"http://127.0.0.1:{stub}/", trust_env=False).json()
    wrong = [one for load in loads.values() for one in load.wrong]
    for line in wrong[:5]:
        print(line)
    print(f"upstream: {seen}; wrong answers: {len(wrong)}")
    figures = {
        "distinct_reads_per_second": round(rates["distinct"], 1),
        "mixed_reads_per_second": round(rates["mixed"], 1),
        "p99_ms": max(percentile(load.latencies, 0.99) for load in loads.values()),
        "distinct_p99_ms": percentile(loads["distinct"].latencies, 0.99),
        "mixed_p99_ms": percentile(loads["mixed"].latencies, 0.99),
        "upstream_requests_per_second_max": seen["most_in_a_second"],
        "upstream_refused": seen["refused"],
        "wrong_answers": len(wrong),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
