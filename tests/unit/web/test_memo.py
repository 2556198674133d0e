"""Answers that come again byte for byte: asked for each time, replied to alike, otherwise as soon as they differ."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.assemble import assemble
from app.compile.build import Built
from app.settings import load_settings
from app.web.app import create_app
from tests.asgi import Reply, send
from tests.conftest import Service
from tests.doubles import Events
from tests.limits import NO_LIMITS
from tests.upstream import Answer, RecordingUpstream, data

ROOMS = "/api/messages/v3/104567890123456781/rooms"
CALLERS = [{"Authorization": f"Bearer oauth2v2_token-of-{name}"} for name in ("one", "another")]
CALLER: dict[str, object] = {
    **dict.fromkeys(("id", "nid", "rid", "name", "email", "publicUrl", "photoUrl"), "1"),
    "talentProfile": None,
    "freelancerProfile": None,
}

Make = Callable[..., Service]


def rooms(name: str, *, is_partial: bool = False) -> Answer:
    """The upstream's answer with one room of this name."""
    node = {"id": "room_1", "roomName": name, "roomUsers": [], "numUnread": 0}
    found = {"edges": [{"node": node}], "pageInfo": {"endCursor": None}, "totalCount": 1}
    errors = [{"message": "x", "path": ["roomList", "edges", 0, "node", "topic"]}] if is_partial else []
    return Answer({"data": {"roomList": found}} | ({"errors": errors} if errors else {}))


def first(name: str) -> Answer:
    """The answer to a first request, which tells of the caller too."""
    return data(**rooms(name).body["data"], caller=CALLER)


@pytest.fixture
async def make(built: Built, tmp_path: Path) -> AsyncIterator[Make]:
    """A service with these answers of the upstream."""
    opened = []

    def made(answers: Sequence[Answer], **more: str) -> Service:
        chosen = NO_LIMITS | {"HEIRLOOM_STORE": f"sqlite:///{tmp_path}/store.db"} | more
        upstream, events = RecordingUpstream(answers), Events()
        opened.append(assemble(load_settings(chosen), built.plans, transport=upstream, observer=events))
        return Service(create_app(opened[-1]), upstream, events)

    yield made
    for assembly in opened:
        await assembly.close()


async def get(service: Service, who: int = 0, path: str = ROOMS, query: str = "") -> Reply:
    """One read."""
    return await send(service.app, "GET", path + query, CALLERS[who])


def name_of(reply: Reply) -> str:
    """The room's."""
    name: str = reply.json()["rooms"][0]["roomName"]
    return name


async def test_get__same_bytes__are_asked_for_and_answered_alike(make: Make) -> None:
    """Members, their order, the envelope of now; in XML too."""
    service = make([first("a"), *[rooms("a")] * 5])
    began = int(time.time())

    replies = [await get(service) for _ in range(5)]
    xml = await get(service, path=f"{ROOMS}.xml")

    bodies = [reply.json() for reply in replies]
    assert all(began <= body.pop("server_time") <= time.time() for body in bodies)
    assert bodies == [bodies[0]] * 5
    assert [list(body) for body in bodies] == [list(bodies[0])] * 5
    assert b"<roomName>a</roomName>" in xml.body
    assert len(service.upstream.requests) == 6


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from("abc"), st.booleans()), min_size=1, max_size=14))
async def test_get__whatever_comes__is_what_was_answered_just_now(
    make: Make, asked: list[tuple[int, str, bool]]
) -> None:
    """With what is remembered and without: the same replies, warnings and all, to each caller."""
    seen: set[int] = set()
    answers = []
    for who, name, is_partial in asked:
        answers.append(rooms(name, is_partial=is_partial) if who in seen else first(name))
        seen.add(who)
    with_, without = make(answers), make(answers, HEIRLOOM_MEMO_BYTES="0")

    for who, name, _ in asked:
        own, plain = await get(with_, who), await get(without, who)
        bodies = [one.json() for one in (own, plain)]
        for body in bodies:
            del body["server_time"]
        assert bodies[0] == bodies[1]
        assert name_of(own) == name
        assert own.headers.get("x-heirloom-warning") == plain.headers.get("x-heirloom-warning")


async def test_get__other_parameters__are_another_reply(make: Make) -> None:
    """The same bytes may be reshaped otherwise: roles are told to who asks for them."""
    service = make([first("a"), *[rooms("a")] * 8])
    for _ in range(4):
        await get(service)

    asked = [await get(service, query="?unreadRoomsOnly=maybe"), *[await get(service, query="?nonsense=1")] * 2]

    assert asked[0].status == 400
    assert "nonsense" in asked[1].headers["x-heirloom-warning"]
    assert "x-heirloom-warning" not in (await get(service)).headers
