"""`heirloom` as it is, but it tells on SIGUSR2 how many tasks it has: `python -m tests.chaos.observed FILE …`.

A line with the number is added to FILE each time.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from types import FrameType

from app.cli import main


def observe(told: Path) -> None:
    """Tell on the signal. Its handler runs in the thread of the event loop, between two steps of it."""

    def tell(_: int, __: FrameType | None) -> None:
        with told.open("a", encoding="ascii") as lines:
            lines.write(f"{len(asyncio.all_tasks())}\n")

    signal.signal(signal.SIGUSR2, tell)


if __name__ == "__main__":
    observe(Path(sys.argv.pop(1)))
    main()
