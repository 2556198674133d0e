"""The settings of a proxy that may ask its upstream as often as it likes: the sandbox is one's own."""

from __future__ import annotations

NO_LIMITS = {"HEIRLOOM_UPSTREAM_PER_SECOND": "0", "HEIRLOOM_UPSTREAM_PER_DAY": "0"}
