"""Mixed load for a long time, and what the proxy holds before and after: `make soak REQUESTS=1000000`.

One worker with everything on, over the sandbox, whose answers to reads are recorded and given again. Its memory, open
files and tasks are read while nothing is asked: after the warm-up, and in the end. The last line is one
JSON object; the status is 1 where something grew.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import uvloop

from app.access.vault import new_secret_key
from app.sandbox.seeding import seed_world
from app.serving import free_port
from tests.chaos.calls import Line, Writes, get, keyed
from tests.chaos.replay import Replay
from tests.chaos.test_many import SEED, paths_of
from tests.e2e.clients import Ids, Steering
from tests.e2e.processes import TOP, Running, clean_environment, run_cli, start_sandbox, wait_until

LINES = 24
PEOPLE = 40
#: part of all requests before the first look; until then what is remembered for a while, within its bounds, has grown
WARM_UP = 0.4
#: how much more memory there may be in the end
MOST_GROWTH = 1.05
#: until connections that nobody uses are closed, and what was begun has ended
REST_SECONDS = 7.0
LOOK_SECONDS = 10.0


@dataclass(frozen=True)
class Held:
    """What a process holds."""

    rss_mb: float
    files: int
    tasks: int


class Observed:
    """A proxy that tells how many tasks it has."""

    def __init__(self, folder: Path, upstream: int) -> None:
        port = free_port()
        self._told = folder / "tasks"
        self._told.touch()
        environment = clean_environment(
            HEIRLOOM_UPSTREAM_URL=f"http://127.0.0.1:{upstream}/graphql",
            HEIRLOOM_STORE=f"sqlite:{folder}/store.db",
            HEIRLOOM_SECRET_KEY=new_secret_key(),
            HEIRLOOM_UPSTREAM_PER_SECOND="5000",
            HEIRLOOM_UPSTREAM_PER_DAY="100000000",
            HEIRLOOM_LOG_LEVEL="warning",
        )
        command = [sys.executable, "-m", "tests.chaos.observed", str(self._told), "serve", "--port", str(port)]
        log = folder / "proxy.log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=TOP, env=environment, stdout=output, stderr=output)
        self.running = Running("proxy", f"http://127.0.0.1:{port}", process, log)
        wait_until(self.running.answers, "the proxy is up")

    def held(self) -> Held:
        """What it holds now."""
        known = len(self._told.read_text().splitlines())
        os.kill(self.running.process.pid, signal.SIGUSR2)
        wait_until(lambda: len(self._told.read_text().splitlines()) > known, "the number of tasks")
        place = Path(f"/proc/{self.running.process.pid}")
        kilobytes = next(line for line in (place / "status").read_text().splitlines() if line.startswith("VmRSS"))
        tasks = int(self._told.read_text().splitlines()[-1])
        return Held(int(kilobytes.split()[1]) / 1024, len(list((place / "fd").iterdir())), tasks)


def requests(steering: Steering, ids: Ids) -> Iterator[bytes]:
    """Without end: mostly reads of many people, some writes with and without keys, and what clients do wrong."""
    world, chance = seed_world(SEED), random.Random(SEED)
    people = list(world.users)[:PEOPLE]
    readers = [(steering.token(user)[0], paths_of(world.organizations_of(user)[0].id)) for user in people]
    writes = Writes(ids, ids.token, "")
    for number in itertools.count():
        token, paths = chance.choice(readers)
        match chance.choices(("read", "write", "keyed", "stranger", "nowhere", "wrong"), (940, 5, 15, 15, 15, 10))[0]:
            case "write":
                yield writes.message(f"soak-{number}-")
            case "keyed":
                yield keyed(writes.message(f"soak-{number}-"), f"soak-{number}")
            case "stranger":
                yield get(paths[0], f"nobody-{number}")
            case "nowhere":
                yield get(f"/api/nowhere/{number}.json", token)
            case "wrong":
                yield get(f"/api/hr/v2/engagements.json?page=wrong{number}", token)
            case _:
                yield get(chance.choice(paths), token)


async def ask_all(port: int, asked: Iterator[bytes], number: int, statuses: Counter[int]) -> None:
    """So many of them, on kept connections that end with it."""
    turns = iter(range(number))

    async def work() -> None:
        async with Line(port) as line:
            for _ in turns:
                statuses[(await line.call(next(asked))).answer.status] += 1

    await asyncio.gather(*(work() for _ in range(LINES)))


async def soak(
    folder: Path, sandbox: Running, asked: Iterator[bytes], number: int
) -> tuple[list[Held], Counter[int], float]:
    """What it held after the warm-up and in the end, and most while it was asked; the answers; requests a second."""
    async with Replay(sandbox.port).running() as upstream:
        proxy = await asyncio.to_thread(Observed, folder, upstream.port)
        try:
            return await under_load(proxy, asked, number)
        finally:
            await asyncio.to_thread(proxy.running.stop)


async def under_load(proxy: Observed, asked: Iterator[bytes], number: int) -> tuple[list[Held], Counter[int], float]:
    """The same of a proxy that runs."""
    statuses: Counter[int] = Counter()
    looked: list[Held] = []

    async def look() -> None:
        for turn in itertools.count(1):
            await asyncio.sleep(LOOK_SECONDS)
            looked.append(await asyncio.to_thread(proxy.held))
            if turn % 6 == 0:
                print(f"{statuses.total()} of {number}: {looked[-1]}", flush=True)

    rested, watcher = [], asyncio.create_task(look())
    began = time.monotonic()
    for part in (WARM_UP, 1 - WARM_UP):
        await ask_all(proxy.running.port, asked, round(number * part), statuses)
        await asyncio.sleep(REST_SECONDS)
        rested.append(await asyncio.to_thread(proxy.held))
    watcher.cancel()
    later = looked[len(looked) // 3 :] or rested
    most = Held(*(max(getattr(one, name) for one in later) for name in ("rss_mb", "files", "tasks")))
    return [*rested, most], statuses, number / (time.monotonic() - began)


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    number = parser.parse_args().requests
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sandbox = start_sandbox(folder)
        try:
            with httpx.Client(base_url=sandbox.url, timeout=30, trust_env=False) as http:
                known = json.loads(run_cli("sandbox", "ids").stdout)
                ids = Ids(known["credentials"]["access_token"], known["values"])
                asked = requests(Steering(http), ids)
                (warm, last, most), statuses, speed = uvloop.run(soak(folder, sandbox, asked, number))
        finally:
            sandbox.stop()
    is_flat = last.rss_mb <= warm.rss_mb * MOST_GROWTH and last.files <= warm.files and last.tasks <= warm.tasks
    told = {"warm": asdict(warm), "last": asdict(last), "most_under_load": asdict(most), "is_flat": is_flat}
    told |= {"requests": number, "requests_per_second": round(speed), "statuses": dict(statuses)}
    print(json.dumps(told))
    return 0 if is_flat else 1


if __name__ == "__main__":
    sys.exit(main())
