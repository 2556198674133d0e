"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response

from app.access.parts import Access
from app.errors import ProxyError
from app.run.budget import Budget


def health_routes(
    is_ready: Callable[[], bool], calls: int, access: Access | None, budget: Budget | None, *, needs_store: bool
) -> APIRouter:
    """`/healthz`: the process answers. `/readyz`: it takes requests; 503 while it starts or stops.

    And while the store is down where every caller needs it; those with tokens of their own are served without.
    """
    router = APIRouter(tags=["operation"])

    @router.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.api_route("/readyz", methods=["GET", "HEAD"])
    async def readyz(response: Response) -> dict[str, Any]:
        """The mappings are compiled and requests are taken; how the stored grants stand, where there are any."""
        ready, detail = is_ready(), dict[str, Any]()
        if access is not None:
            try:
                await access.vault.store.check()
            except ProxyError:
                ready, detail = ready and not needs_store, {"store": "down"}
            else:
                standing = access.keeper.standing
                detail = {"store": "up"} | ({"grants": standing} if standing else {})
        if budget is not None and budget.limits.day:
            detail["budget"] = {"remaining": budget.remaining, "runs_out_in_seconds": budget.runs_out_seconds}
        response.status_code = 200 if ready else 503
        return {"status": "ready" if ready else "not ready", "calls": calls, **detail}

    return router


def metrics_routes(exposition: Callable[[Mapping[str, int]], bytes], access: Access | None) -> APIRouter:
    """`/metrics`: counts and times of all workers, as Prometheus reads them."""
    router = APIRouter(tags=["operation"])

    @router.get("/metrics")
    def metrics() -> Response:
        """All numbers; how the stored grants stand among them."""
        standing = access.keeper.standing if access is not None else None
        text = exposition(asdict(standing) if standing else {})
        return Response(text, media_type="text/plain; version=1.0.0; charset=utf-8")

    return router
