"""User instructions a request, counted by callgrind: the same on a busy machine and on an idle one.

`make bench-instructions` counts and compares with tests/bench/instructions.json; the status is 1 where a list of 20
rooms costs five per cent more than is recorded there. The others are told: much of what they cost is done by time
(metrics, the budget's moments), so that they differ by more than that from run to run. `--write` records. The last
line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.serving import free_port
from tests.bench.bench_end_to_end import AS_SHIPPED, Bench
from tests.bench.machine import TOP, native, wait_for

RECORDED = Path(__file__).with_suffix(".json")
#: a request of this kind may cost so much more than is recorded
HELD, MOST_GROWTH = "list_rooms", 1.05
CONNECTIONS = 32
#: requests before it counts, and those it counts
WARM_UP, COUNTED = 400, 800
START_SECONDS = 300
#: a processor copies any number of bytes by one instruction where it can; callgrind would count each byte as one, so
#: that copies are made by its wide registers here, as they are on processors that cannot
COPIES = "glibc.cpu.x86_rep_movsb_threshold=1000000000"


class Counted:
    """A proxy under callgrind."""

    def __init__(self, bench: Bench, upstream: int) -> None:
        self._bench = bench
        self.port = free_port()
        self._out = bench.folder / f"callgrind-{self.port}"
        environ = {**os.environ, **AS_SHIPPED, "PYTHONHASHSEED": "0", "HEIRLOOM_UPSTREAM_ATTEMPTS": "1"}
        environ |= {"HEIRLOOM_UPSTREAM_URL": f"http://127.0.0.1:{upstream}/graphql"}
        environ |= {"GLIBC_TUNABLES": COPIES}
        environ |= {"HEIRLOOM_STORE": f"sqlite:{bench.folder}/count-{self.port}.db", "HEIRLOOM_DEADLINE_SECONDS": "60"}
        self.process = subprocess.Popen(
            [
                *("valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={self._out}"),
                *(sys.executable, "-m", "app", "serve", "--port", str(self.port)),
            ],
            cwd=TOP,
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self.port, self.process, seconds=START_SECONDS)

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(60)

    def _ask(self, request: Path, count: int, numbers: int) -> None:
        command = [native("load"), str(self.port), str(request), str(CONNECTIONS), "300", "0", str(numbers), str(count)]
        told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        assert told["errors"] == told["unanswered"] == 0, told

    def _control(self, *words: str) -> None:
        subprocess.run(["callgrind_control", *words, str(self.process.pid)], capture_output=True, check=True)

    def instructions(self, request: Path, numbers: int = 80_000_000) -> float:
        """What one such request costs."""
        self._ask(request, WARM_UP, numbers)
        self._control("--instr=on")
        self._ask(request, COUNTED // 4, numbers)
        self._control("--zero")
        self._ask(request, COUNTED, numbers)
        self._control("--dump")
        self._control("--instr=off")
        newest = max(self._out.parent.glob(f"{self._out.name}.*"), key=lambda file: file.stat().st_mtime_ns)
        found = re.search(r"^(?:totals|summary): (\d+)", newest.read_text(), re.MULTILINE)
        assert found is not None, newest
        return int(found[1]) / COUNTED


@contextmanager
def counted(bench: Bench, body: Path) -> Iterator[Counted]:
    """A proxy under callgrind over an upstream with that answer."""
    with bench.stub(body) as stub:
        proxy = Counted(bench, stub)
        try:
            yield proxy
        finally:
            proxy.stop()


def count(only: list[str]) -> dict[str, int]:
    """What each kind of request costs."""
    with tempfile.TemporaryDirectory() as name:
        bench, found = Bench(Path(name)), dict[str, int]()
        if "list_rooms" in only:
            with counted(bench, bench.body("varied")) as proxy:
                found["list_rooms"] = round(proxy.instructions(bench.distinct("distinct")))
        if "memo" in only:
            with counted(bench, bench.body("constant", is_constant=True)) as proxy:
                found["memo"] = round(proxy.instructions(bench.distinct("some"), 64))
        if "cached" in only:
            with counted(bench, bench.kept_body()) as proxy:
                found["cached"] = round(proxy.instructions(bench.kept_request()))
    return found


KINDS = ("list_rooms", "memo", "cached")


def main() -> int:
    """Count, and compare or record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="record what was counted")
    parser.add_argument("--only", nargs="*", choices=KINDS, default=KINDS)
    given = parser.parse_args()
    found = count(list(given.only))
    if given.write:
        RECORDED.write_text(json.dumps(found, indent=2) + "\n")
    recorded = json.loads(RECORDED.read_text())
    has_grown = found.get(HELD, 0) > recorded[HELD] * MOST_GROWTH
    for name, number in found.items():
        print(f"{name}: {number} instructions a request, {recorded[name]} are recorded")
    if has_grown:
        print(f"{HELD} has grown by more than {MOST_GROWTH - 1:.0%}: say so with --write", file=sys.stderr)
    print(json.dumps(found))
    return 1 if has_grown else 0


if __name__ == "__main__":
    sys.exit(main())
