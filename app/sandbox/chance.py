"""The sandbox's dice: repeatable, one die for each purpose, so that no part of a world depends on another's throws."""

from random import Random


def dice(*purpose: object) -> Random:
    """Give the random numbers for a purpose, the same ones for the same words."""
    return Random(":".join(map(str, purpose)))  # noqa: S311
