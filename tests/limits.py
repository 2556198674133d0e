"""The settings of a proxy that asks its upstream as often as it likes, and each time: what most tests are about."""

from __future__ import annotations

NO_LIMITS = {
    "HEIRLOOM_UPSTREAM_PER_SECOND": "0",
    "HEIRLOOM_UPSTREAM_PER_DAY": "0",
    "HEIRLOOM_CACHE_BYTES": "0",
}
