"""A load of one request over and over, on keep-alive connections; bounded in time."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """What one round gave: requests a second, and latencies in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float


async def load(port: int, request: bytes, connections: int, seconds: float) -> Measured:
    """Send `request` on each connection, the next when the last is answered, for `seconds`."""
    end = time.perf_counter() + seconds
    started = time.perf_counter()
    gathered = await asyncio.gather(*(_one(port, request, end) for _ in range(connections)))
    elapsed = time.perf_counter() - started
    latencies = sorted(latency for one in gathered for latency in one)
    return Measured(
        len(latencies) / elapsed,
        statistics.median(latencies) * 1000,
        latencies[int(len(latencies) * 0.99)] * 1000,
    )


async def _one(port: int, request: bytes, end: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    latencies = []
    try:
        while (now := time.perf_counter()) < end:
            writer.write(request)
            status, _ = await read_answer(reader)
            if status != 200:
                raise RuntimeError(f"status {status} under load")
            latencies.append(time.perf_counter() - now)
    finally:
        writer.close()
    return latencies


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body of one answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return status, await reader.readexactly(int(value))
    raise RuntimeError("an answer without a length")
