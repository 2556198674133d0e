"""`python -m app` and `heirloom`: the command line, started without a look for garbage.

What is imported stays, so that looking through it again and again while more comes is a fifth of the time it takes.
"""

from __future__ import annotations

import gc

gc.disable()

from app.cli import main as run_command  # noqa: E402 - what it stands behind is its reason

gc.freeze()
gc.enable()


def main() -> None:
    """Run the command line."""
    run_command()


if __name__ == "__main__":
    main()
