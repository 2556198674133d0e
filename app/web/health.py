"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Response


def health_routes(is_ready: Callable[[], bool], calls: int) -> APIRouter:
    """`/healthz`: the process answers. `/readyz`: it takes requests; 503 while it starts or stops."""
    router = APIRouter(tags=["operation"])

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz(response: Response) -> dict[str, str | int]:
        """The mappings are compiled and requests are taken."""
        ready = is_ready()
        response.status_code = 200 if ready else 503
        return {"status": "ready" if ready else "not ready", "calls": calls}

    return router
