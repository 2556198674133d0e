"""Libraries without the companions that they take along where those are installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: for a command line in httpx, tracebacks in colour in structlog, and restarts on changed files in uvicorn
COMPANIONS = ("rich", "watchfiles")


@contextmanager
def without_companions() -> Iterator[None]:
    """What is imported meanwhile does without them, as where they are not installed; who wants them later has them."""
    absent = [name for name in COMPANIONS if name not in sys.modules]
    # The import system's own word for a module that must not be found.
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
