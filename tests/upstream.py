"""An upstream for tests: a transport that records what it is asked and gives the answers it was handed, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a body that becomes JSON, or bytes as they are."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)


def data(**roots: Any) -> Answer:
    """An answer without errors."""
    return Answer({"data": roots})


def refusal(message: str, **more: Any) -> Answer:
    """An answer of errors alone."""
    return Answer({"errors": [{"message": message, **more}]})


class RecordingUpstream(httpx.AsyncBaseTransport):
    """Gives the next answer, or raises it when it is an exception; a question too many is a fault of the test."""

    def __init__(self, answers: Sequence[Answer | Exception] = ()) -> None:
        self.left = list(answers)
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Record and answer one request."""
        await request.aread()
        # As every answer does, it takes a turn of the loop at least.
        await asyncio.sleep(0)
        self.requests.append(request)
        if not self.left:
            raise AssertionError(f"question {len(self.requests)} was not expected: {request.content.decode()}")
        answer = self.left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        headers = {"Content-Type": "application/json"} | answer.headers
        return httpx.Response(answer.status, headers=headers, content=answer.content, request=request)

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The bodies of what was asked."""
        return [orjson.loads(request.content) for request in self.requests]

    @property
    def tenants(self) -> list[str | None]:
        """The tenant header of each question; None where there was none."""
        return [request.headers.get("X-Upwork-API-TenantId") for request in self.requests]

    @property
    def tokens(self) -> list[str]:
        """The Authorization header of each question."""
        return [request.headers["Authorization"] for request in self.requests]
