"""Requests that follow one another on kept connections: each is answered as if it had come alone.

The server reads a request whose headers are those of the one before it by its first line, answers what it keeps at
once, and lets equal requests wait for one another. None of that may show.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.sandbox.seeding import seed_world
from tests.e2e.clients import Ids, Steering
from tests.e2e.processes import Running, start_proxy
from tests.raw import Answer, Connection, ask

Said = tuple[Any, ...]
ROOMS = "/api/messages/v3/{company}/rooms.json"
PATHS = (
    ROOMS,
    ROOMS + "?limit=3",
    ROOMS + "?limit=3&nonsense=1",
    ROOMS + "?limit=x",
    ROOMS.replace("json", "xml") + "?limit=2",
    "/api/profiles/v2/metadata/categories.json",
    "/api/profiles/v2/metadata/categories.json?callback=shown",
    "/api/profiles/v1/metadata/regions.xml",
    "/api/hr/v2/users/me.json",
    "/api/hr/v2/engagements.json?page=0;2",
    "/api/hr/v2/engagements.json?page=0%3B2",
    "/%61pi/hr/v2/users/me.json",
    "/api/nowhere.json",
    "/healthz",
)
EXTRAS = (
    (),
    ("Accept: application/problem+json",),
    ("Cache-Control: no-cache",),
    ("If-None-Match: *",),
    ("X-Request-Id: one",),
    ("Authorization: Bearer twice",),
    ("Connection: keep-alive",),
)
REQUESTS = st.tuples(st.sampled_from(["GET", "GET", "GET", "HEAD"]), st.sampled_from(PATHS), st.integers(0, 1))
#: how the bytes of a sequence are cut: whole requests, all at once, or somewhere in each
CUTS = st.sampled_from(["whole", "together", "apart"])
#: headers that are another in every answer, or tell of when it was made
PASSING = {"date", "x-request-id", "x-heirloom-budget-remaining", "cache-control"}


def request(method: str, path: str, token: str, company: str, extra: tuple[str, ...] = ()) -> bytes:
    """As it stands on the wire."""
    lines = [f"{method} {path.format(company=company)} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}"]
    return "\r\n".join([*lines, *extra, "", ""]).encode()


def said(answer: Answer | None) -> Said:
    """What an answer says, whenever it is given."""
    assert answer is not None
    headers = {name: value for name, value in answer.headers.items() if name not in PASSING | {"content-length"}}
    body: Any = answer.body
    if answer.headers.get("content-type", "").endswith("json") and body:
        body = {name: value for name, value in json.loads(body).items() if name not in {"server_time", "request_id"}}
    elif b"<server_time>" in answer.body:
        body = answer.body.partition(b"</server_time>")[2]
    elif b"server_time" in answer.body:
        body = answer.body.partition(b",")[2]
    return answer.status, sorted(headers.items()), body


@pytest.fixture(scope="module")
def proxy(outputs: Path, sandbox: Running) -> Iterator[Running]:
    """A proxy that keeps answers, and does not wait long for a request to be whole."""
    running = start_proxy(outputs, sandbox.url, HEIRLOOM_CACHE_BYTES="1000000", HEIRLOOM_RECEIVE_SECONDS="1")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def tokens(ids: Ids, steering_connection: httpx.Client) -> tuple[str, str]:
    """Two callers, who are not told the same."""
    user = list(seed_world(1).users)[1]
    return ids.token, Steering(steering_connection).token(user)[0]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(REQUESTS, st.sampled_from(EXTRAS)), min_size=2, max_size=7), cut=CUTS)
def test_connection__whatever_came_before__is_answered_as_alone(
    proxy: Running, ids: Ids, tokens: tuple[str, str], asked: list[tuple[Any, tuple[str, ...]]], cut: str
) -> None:
    """Status, headers and body; for each caller its own, however the bytes are cut."""
    company = ids.values["company_id"]
    sent = [(method, request(method, path, tokens[who], company, extra)) for (method, path, who), extra in asked]
    # What is asked twice comes twice from memory, too.
    sent = [*sent, *sent]

    with Connection(proxy.port, 20.0) as line:
        heard = []
        if cut == "together":
            line.send(b"".join(one for _, one in sent))
        for method, one in sent:
            if cut == "apart":
                line.send(one[: len(one) // 2])
                line.send(one[len(one) // 2 :])
            elif cut == "whole":
                line.send(one)
            heard.append(said(line.answer(has_body=method != "HEAD")))

    assert heard == [alone(proxy.port, one) for _, one in sent]


@lru_cache(maxsize=1024)
def alone(port: int, sent: bytes) -> Said:
    """The answer on a connection of its own."""
    return said(ask(port, sent, has_body=not sent.startswith(b"HEAD")))


def test_requests__equal_and_at_once__are_each_callers_own(
    proxy: Running, ids: Ids, tokens: tuple[str, str], steering: Steering
) -> None:
    """Many connections of two callers send the same again and again; the upstream is asked less often than that."""
    company = ids.values["company_id"]
    sent = [request("GET", ROOMS + "?limit=5", token, company) for token in tokens]
    own = [alone(proxy.port, one) for one in sent]
    lines = [Connection(proxy.port, 20.0) for _ in range(24)]
    steering.http.delete("/_sandbox/log")

    heard: list[list[Said]] = []
    for _ in range(4):
        for number, line in enumerate(lines):
            line.send(sent[number % 2])
        heard.append([said(line.answer()) for line in lines])
    for line in lines:
        line.__exit__()

    assert heard == [[own[number % 2] for number in range(len(lines))]] * 4
    assert own[0] != own[1]
    assert len(steering.http.get("/_sandbox/log").json()["requests"]) < len(lines) * 4


def test_connection__answered_at_once__waits_for_the_next_request_as_ever(proxy: Running, ids: Ids) -> None:
    """An answer that is kept, on a connection that has not seen its like, is no half of a request."""
    sent = request("GET", "/api/profiles/v2/metadata/categories.json", ids.token, "")
    with Connection(proxy.port) as line:
        for _ in range(4):
            line.send(sent)
            line.answer()

    with Connection(proxy.port) as line:
        line.send(sent)
        first = line.answer()
        time.sleep(1.5)
        line.send(sent)
        second = line.answer()

    assert [first and first.status, second and second.status] == [200, 200]
