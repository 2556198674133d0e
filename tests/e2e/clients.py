"""Small clients: one that calls the legacy API for a token, one that steers the sandbox and reads what it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

CALL_SECONDS = 15.0
MESSAGING = "Messaging - Read-Only Access"


@dataclass(frozen=True)
class Ids:
    """What `heirloom sandbox ids` prints: a token, and a value for each part of a path."""

    token: str
    values: dict[str, str]

    def path(self, template: str) -> str:
        """A path with its parts filled in."""
        return template.format(**self.values)

    @property
    def rooms(self) -> str:
        """The path of the company's rooms."""
        return self.path("/api/messages/v3/{company_id}/rooms")

    @property
    def room(self) -> str:
        """The path of one room."""
        return self.path("/api/messages/v3/{company_id}/rooms/{room_id}")


@dataclass(frozen=True)
class Caller:
    """A client of the legacy API with a token of its own; `name` is how the sandbox's log calls that token."""

    http: httpx.Client
    token: str
    name: str = "client"

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """One request as it stands."""
        headers = {"Authorization": f"Bearer {self.token}", **request.pop("headers", {})}
        return self.http.request(method, path, headers=headers, **request)

    def get(self, path: str, **params: str) -> httpx.Response:
        """One read."""
        return self.send("GET", path, params=params)

    def read(self, path: str, **params: str) -> Any:
        """The JSON of a read that must succeed."""
        return success(self.get(path, **params))


def success(response: httpx.Response) -> Any:
    """The JSON of an answer, which must be 200."""
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json"), response.text
    return response.json()


def assert_legacy_error(response: httpx.Response, status: int, message: str) -> None:
    """The whole legacy form of an error: body and both headers; nothing beside it."""
    assert response.headers["Content-Type"] == "application/json", response.text
    body = response.json()
    assert response.status_code == status, body
    assert body.pop("server_time") > 0
    assert body == {"error": {"status": status, "code": status, "message": message}}
    assert response.headers["X-Upwork-Error-Code"] == str(status)
    assert response.headers["X-Upwork-Error-Message"] == message


@dataclass(frozen=True)
class Steering:
    """The control routes of a sandbox."""

    http: httpx.Client

    def token(self, user: str | None = None, scopes: list[str] | None = None) -> tuple[str, str]:
        """A new token that nobody has used, and its name in the log."""
        wish = {name: value for name, value in (("user", user), ("scopes", scopes)) if value is not None}
        made = success(self.http.post("/_sandbox/tokens", json=wish))
        return made["access_token"], made["name"]

    def fault(self, kind: str, **more: Any) -> None:
        """Let the next request meet a fault."""
        success(self.http.post("/_sandbox/faults", json={"kind": kind, **more}))

    def clear_faults(self) -> None:
        """Take all faults away."""
        success(self.http.delete("/_sandbox/faults"))

    def asked_by(self, name: str) -> list[dict[str, Any]]:
        """The questions that came with a token."""
        log = success(self.http.get("/_sandbox/log"))
        return [entry for entry in log["requests"] if entry["token"] == name]

    def ask(self, token: str, query: str, tenant: str | None = None) -> Any:
        """What the upstream itself answers: the `data` of a question, past the proxy."""
        headers = {"Authorization": f"Bearer {token}"} | ({"X-Upwork-API-TenantId": tenant} if tenant else {})
        answer = success(self.http.post("/graphql", json={"query": query}, headers=headers))
        assert "errors" not in answer, answer
        return answer["data"]


@dataclass
class Walk:
    """A list read page by page: rows in order, the totals that the pages told, and the number of pages."""

    rows: list[Any] = field(default_factory=list)
    totals: list[Any] = field(default_factory=list)

    def add(self, rows: list[Any], total: Any) -> None:
        """One page."""
        self.rows += rows
        self.totals.append(total)


def room_pages(caller: Caller, path: str, limit: int) -> Iterator[dict[str, Any]]:
    """The pages of a room list as a client walks them: on with the cursor until there is none, or no room."""
    params = {"limit": str(limit)}
    while True:
        page = caller.read(path, **params)
        yield page
        if not page["rooms"] or not page["cursor"]:
            return
        params["cursor"] = page["cursor"]


def listed(wrapper: dict[str, Any], member: str) -> list[Any]:
    """The rows of a list that collapses: none is missing, one stands bare."""
    found = wrapper.get(member, [])
    return found if isinstance(found, list) else [found]
