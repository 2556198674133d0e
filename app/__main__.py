"""`python -m app` and `heirloom`: the command line, started without a look for garbage.

What a start makes mostly stays: to look through it again and again while more comes is a fifth of the time it takes.
Servers have it looked for once they are ready; no other command lives long.
"""

from __future__ import annotations

import gc

gc.disable()

from app.cli import main as run_command  # noqa: E402 - what it stands behind is its reason


def main() -> None:
    """Run the command line."""
    run_command()


if __name__ == "__main__":
    main()
