"""The processes of the end-to-end tests, for those that only wish them ill."""

from __future__ import annotations

from tests.e2e.conftest import ids, outputs, proxy, sandbox

__all__ = ["ids", "outputs", "proxy", "sandbox"]
