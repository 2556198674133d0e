"""An upstream to develop and test against: the real schema, executed over a seeded world that remembers changes."""

from app.sandbox.ids import sandbox_ids
from app.sandbox.server import create_sandbox

__all__ = ["create_sandbox", "sandbox_ids"]
