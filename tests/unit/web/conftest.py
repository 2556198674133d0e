"""Calls without mappings: a plan with its routes, and a bind and an answer of the test's."""

from __future__ import annotations

from typing import Any

from app.plan import About, Plan, RoutePattern


def plan_at(name: str, *routes: str) -> Plan:
    """A call of this name on routes written as `GET /a/{b}`."""
    patterns = []
    for route in routes:
        method, _, path = route.partition(" ")
        patterns.append(RoutePattern(method, tuple(path.strip("/").split("/"))))

    def bind(parts: Any, params: Any, warn: Any) -> dict[str, Any]:
        return {**parts, **params}

    return Plan(
        id=name,
        routes=tuple(patterns),
        bind=bind,
        variants=(),
        questions=(),
        tenant=None,
        server_time="none",
        asks_caller=False,
        reads_caller=False,
        leaves="json",
        otherwise="",
        unavailable="",
        about=About(name, "", ()),
    )
