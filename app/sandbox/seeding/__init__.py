"""A world from a seed: people, then what they know, then the work they do together, then what they say about it."""

from app.sandbox.seeding.growing import seed_world

__all__ = ["seed_world"]
