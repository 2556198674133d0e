"""An upstream that takes ten requests in any second, refuses more, and keeps count; it answers about any room."""

from __future__ import annotations

import json
import re
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import uvicorn

LIMIT, WINDOW_SECONDS = 10, 1.0
ROOT = re.compile(r"^  (?:(\w+): )?(\w+)\(\w+: \$(\w+)\)", re.MULTILINE)


class LimitedUpstream:
    """`room` is a recorded answer's room as JSON text, `named` the id in it."""

    def __init__(self, room: str, named: str) -> None:
        self._room = room
        self._named = named
        self._taken: deque[float] = deque()
        self._came: deque[float] = deque()
        self.requests = self.refused = self.most_in_a_second = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """GraphQL by POST; the figures by GET."""
        if scope["type"] != "http":
            return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message.get("more_body"):
                break
        status, answer = (200, self.figures()) if scope["method"] == "GET" else self._answer(json.loads(body))
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def figures(self) -> dict[str, int]:
        """What came."""
        return {"requests": self.requests, "refused": self.refused, "most_in_a_second": self.most_in_a_second}

    def _answer(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        now = time.monotonic()
        self.requests += 1
        self._came.append(now)
        while self._came[0] <= now - WINDOW_SECONDS:
            self._came.popleft()
        self.most_in_a_second = max(self.most_in_a_second, len(self._came))
        while self._taken and self._taken[0] <= now - WINDOW_SECONDS:
            self._taken.popleft()
        if len(self._taken) >= LIMIT:
            self.refused += 1
            return 429, {"message": "Too Many Requests"}
        self._taken.append(now)
        rooms = {
            key or name: json.loads(self._room.replace(self._named, asked["variables"][variable]))
            for key, name, variable in ROOT.findall(asked["query"])
        }
        return 200, {"data": rooms}


if __name__ == "__main__":
    recorded = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))["data"]["room"]
    application = LimitedUpstream(json.dumps(recorded), recorded["id"])
    uvicorn.run(application, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", lifespan="off")
