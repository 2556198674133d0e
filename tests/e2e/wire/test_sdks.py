"""What each version of each official SDK puts on the wire, as bytes: answered 200, in the form that it can read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.clients import Caller, Ids, listed, success
from tests.e2e.drive.credentials import obtain, settings_for
from tests.e2e.drive.sdks import SDKS
from tests.e2e.processes import Running, start_proxy
from tests.e2e.wire.credentials import Credentials, Unsigned
from tests.raw import Answer, Connection
from tests.unit.access.signing import Secrets

FOLDER = Path(__file__).parent / "sdks"
VERSIONS = 15


@dataclass(frozen=True)
class Form:
    """One request of one SDK, as its fixture has it."""

    sdk: str
    name: str
    placement: str
    head: str
    body: bytes
    protocol: dict[str, str]
    shows: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.sdk} {self.name}"

    def bytes_for(self, given: dict[str, str], credentials: Credentials) -> bytes:
        """The request with ids, host, credential and length in their places."""
        head = self.head
        for name, value in given.items():
            head = head.replace(f"<{name}>", value)
        first, *lines = head.split("\n")
        method, target, version = first.split(" ")
        headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
        request = Unsigned(method, target, headers.get("content-type", ""), self.body, given["host"])
        target, authorization, body = credentials.put_on(request, self.placement, self.protocol)
        rest = "\r\n".join(lines).replace("<authorization>", authorization).replace("<length>", str(len(body)))
        return f"{method} {target} {version}\r\n{rest}\r\n\r\n".encode("latin-1") + body


def forms() -> list[Form]:
    """All requests of all SDKs."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        for one in written["requests"]:
            body = one.get("body", "").encode(one.get("encoding", "utf-8"))
            protocol = written.get("protocol", {})
            found.append(Form(written["sdk"], one["name"], one["placement"], one["head"], body, protocol, one["shows"]))
    return found


FORMS = forms()


@pytest.fixture(scope="module")
def bridge(outputs: Path, sandbox: Running) -> Iterator[tuple[Running, Credentials]]:
    """A proxy that takes signed requests, and what a client signs with."""
    # Its users bring their tokens: no SDK has to run for them.
    brings = next(sdk for sdk in SDKS if sdk.family == "old")
    folder = outputs / "wire"
    folder.mkdir()
    settings = settings_for(brings, sandbox.url, folder)
    running = start_proxy(outputs, sandbox.url, **settings)
    held = obtain(brings, "", None, settings)
    own = Secrets(held.consumer, held.consumer_secret, held.token, held.secret)
    yield running, Credentials("", own)
    running.stop()


@pytest.fixture
def new_milestone(caller: Caller) -> Callable[[], str]:
    """Make a milestone that nobody has begun."""

    def make() -> str:
        work = {"milestone_description": "To be deleted", "deposit_amount": "10.00", "due_date": "12-31-2026"}
        rows = listed(caller.read("/api/hr/v2/engagements", status="active", page="0;100")["engagements"], "engagement")
        fixed = next(row for row in rows if row["engagement_job_type"] == "fixed-price" and row["is_paused"] != "1")
        work["contract_reference"] = fixed["reference"]
        return str(success(caller.send("POST", "/api/hr/v3/fp/milestones", json=work))["id"])

    return make


def at(answer: Any, path: str) -> Any:
    """A member of a member."""
    for step in path.split("."):
        answer = answer[step]
    return answer


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_sdk__request_as_it_is_sent__is_answered_as_it_can_read(
    form: Form,
    proxy: Running,
    bridge: tuple[Running, Credentials],
    ids: Ids,
    new_milestone: Callable[[], str],
) -> None:
    """Status 200 exactly, JSON without a charset, an object that is not empty, and `Connection: close` said again."""
    running, credentials = (proxy, Credentials(ids.token)) if form.placement == "bearer" else bridge
    given = {
        "host": f"127.0.0.1:{running.port}",
        "company": ids.values["company_id"],
        "team": ids.values["team_id"],
        "room": ids.values["room_id"],
        "code": ids.values["code"],
        "application": ids.values["application_id"],
        "milestone": new_milestone() if "<milestone>" in form.head else "",
    }

    with Connection(running.port) as connection:
        connection.send(form.bytes_for(given, credentials))
        answer = connection.answer()

    assert isinstance(answer, Answer)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json"), answer.body
    body = answer.json()
    assert isinstance(body, dict)
    assert body
    assert {path: at(body, path) for path in form.shows} == form.shows
    closes = "\nconnection: close" in form.head.lower()
    assert answer.headers.get("connection") == ("close" if closes else None)
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_fixtures__of_all_sdks__are_there() -> None:
    """Fifteen versions; each reads, writes, changes and deletes."""
    names = {form.sdk for form in FORMS}

    assert len(names) == VERSIONS
    for name in names:
        kinds = {form.name for form in FORMS if form.sdk == name}
        assert kinds >= {"list of engagements", "message", "topic of a room", "deleted milestone"}
