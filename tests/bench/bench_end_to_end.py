"""The proxy against asking the upstream directly: the same call, the same constant upstream, interleaved in one run.

`make bench`. Ratios are the point; absolute figures tell of the machine too. The last line is one JSON object.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import httpx
import uvloop

from app.assemble import build
from app.explain import explain
from app.sandbox import sandbox_ids
from app.serving import free_port
from app.settings import load_settings
from tests.bench.load import Measured, load
from tests.limits import NO_LIMITS

ROUNDS = 5
SECONDS = 1.5
CONNECTIONS = (1, 32)
TOP = Path(__file__).resolve().parent.parent.parent


@contextlib.contextmanager
def process(port: int, *command: str, **environ: str) -> Iterator[None]:
    """A process that listens on a port, stopped at the end."""
    child = subprocess.Popen(
        [sys.executable, *command], cwd=TOP, env={**os.environ, **environ}, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.05)
        yield
    finally:
        child.terminate()
        child.wait(15)


def question() -> tuple[str, bytes]:
    """The legacy path, and the GraphQL body that it becomes."""
    company = sandbox_ids()["values"]["company_id"]
    path = f"/api/messages/v3/{company}/rooms.json?limit=20"
    found = explain(build(load_settings()), "GET", path, b"", "")
    return path, json.dumps({"query": found.document, "variables": found.variables}).encode()


def recorded(body: bytes, token: str) -> bytes:
    """What the sandbox answers to that question: 20 rooms."""
    port = free_port()
    with process(port, "-m", "app", "sandbox", "--port", str(port)):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        answer = httpx.post(f"http://127.0.0.1:{port}/graphql", content=body, headers=headers, trust_env=False)
    rooms = answer.json()["data"]["roomList"]["edges"]
    assert len(rooms) == 20, "the sandbox gives 20 rooms"
    return answer.content


async def measure(proxy: int, stub: int, path: str, body: bytes, token: str) -> dict[str, float]:
    """All rounds, the two sides in turn; ratios are taken inside a round."""
    head = f"Host: localhost\r\nAuthorization: Bearer {token}\r\n"
    through = f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()
    direct = (
        f"POST /graphql HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    figures: dict[str, float] = {}
    for connections in CONNECTIONS:
        rounds: list[tuple[Measured, Measured]] = []
        await load(proxy, through, connections, 0.5)
        for _ in range(ROUNDS):
            proxied = await load(proxy, through, connections, SECONDS)
            rounds.append((proxied, await load(stub, direct, connections, SECONDS)))
        name = f"c{connections}"
        figures[f"proxy_vs_direct_{name}"] = median(one.per_second / two.per_second for one, two in rounds)
        figures[f"proxy_rps_{name}"] = median(one.per_second for one, _ in rounds)
        figures[f"direct_rps_{name}"] = median(two.per_second for _, two in rounds)
        figures[f"added_p50_ms_{name}"] = median(one.p50_ms - two.p50_ms for one, two in rounds)
        figures[f"added_p99_ms_{name}"] = median(one.p99_ms - two.p99_ms for one, two in rounds)
    return {name: round(value, 4) for name, value in figures.items()}


def main() -> None:
    """Record, check, measure, print."""
    token = sandbox_ids()["credentials"]["access_token"]
    path, body = question()
    answer = recorded(body, token)
    stub, proxy = free_port(), free_port()
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        Path(file.name).write_bytes(answer)
        with (
            process(stub, "-m", "tests.bench.stub", str(stub), file.name),
            process(
                proxy,
                "-m",
                "app",
                "serve",
                "--port",
                str(proxy),
                HEIRLOOM_UPSTREAM_URL=f"http://127.0.0.1:{stub}",
                **NO_LIMITS,
            ),
        ):
            headers = {"Authorization": f"Bearer {token}"}
            reply = httpx.get(f"http://127.0.0.1:{proxy}{path}", headers=headers, trust_env=False)
            asked = [edge["node"]["id"] for edge in json.loads(answer)["data"]["roomList"]["edges"]]
            assert [room["roomId"] for room in reply.json()["rooms"]] == asked, "the proxy answers the same rooms"
            figures = uvloop.run(measure(proxy, stub, path, body, token))
    for name, value in figures.items():
        print(f"{name:<28}{value:>12}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
