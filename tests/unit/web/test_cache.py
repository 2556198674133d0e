"""Kept answers from the wire to the upstream and back: asked once, told apart by caller, known again by their tag."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from app.assemble import assemble
from app.compile.build import Built
from app.events import AnswerCached
from app.settings import load_settings
from app.web.app import create_app
from tests.asgi import Reply, send
from tests.conftest import Service
from tests.doubles import Events
from tests.limits import NO_LIMITS
from tests.upstream import Answer, RecordingUpstream, data

CATEGORIES = "/api/profiles/v2/metadata/categories"
REGIONS = "/api/profiles/v1/metadata/regions"
ONE, OTHER = ({"Authorization": f"Bearer oauth2v2_token-of-{name}"} for name in ("one", "another"))
LIST = [{"id": "7", "preferredLabel": "Tiles", "subcategories": [{"id": "8", "preferredLabel": "Floors"}]}]
ROWS = {"categories": [{"title": "Tiles", "id": "7", "topics": [{"title": "Floors", "id": "8"}]}]}

Serve = Callable[..., Service]


def answer(name: str, **more: object) -> Answer:
    """The upstream's answer to a first request of somebody of this name."""
    caller: dict[str, object] = {"id": "1", "nid": name, "rid": "2", "name": name, "email": f"{name}@example.com"}
    caller |= {"publicUrl": "", "photoUrl": "", "talentProfile": None, "freelancerProfile": None}
    return data(**({"categories": LIST} | more), caller=caller)


@pytest.fixture
async def serve(built: Built, tmp_path: Path) -> AsyncIterator[Serve]:
    """Make a worker over the store of this test, with these answers of the upstream."""
    opened = []

    def make(*answers: Answer | Exception, **more: str) -> Service:
        chosen = NO_LIMITS | {"HEIRLOOM_UPSTREAM_ATTEMPTS": "1", "HEIRLOOM_CACHE_BYTES": "1000000"}
        chosen |= {"HEIRLOOM_STORE": f"sqlite:///{tmp_path}/store.db"} | more
        upstream, events = RecordingUpstream(answers), Events()
        opened.append(assemble(load_settings(chosen), built.plans, transport=upstream, observer=events))
        return Service(create_app(opened[-1]), upstream, events)

    yield make
    for assembly in opened:
        await assembly.close()


async def get(service: Service, path: str = CATEGORIES, who: dict[str, str] = ONE, **headers: str) -> Reply:
    """One request; headers are named with underscores."""
    return await send(service.app, "GET", path, who | {name.replace("_", "-"): text for name, text in headers.items()})


def rows(reply: Reply) -> object:
    """What is answered below the envelope."""
    return {name: value for name, value in reply.json().items() if name not in {"server_time", "auth_user"}}


async def test_get__again__is_answered_without_the_upstream(serve: Serve) -> None:
    """The same members in the same order, with the time of now and whoever asks."""
    service = serve(answer("one"))
    began = int(time.time())

    replies = [await get(service) for _ in range(3)]

    assert [reply.status for reply in replies] == [200] * 3
    assert [rows(reply) for reply in replies] == [ROWS] * 3
    assert [list(reply.json()) for reply in replies] == [["server_time", "auth_user", "categories"]] * 3
    assert all(began <= reply.json()["server_time"] <= time.time() for reply in replies)
    assert len(service.upstream.requests) == 1
    assert [event.is_hit for event in service.events.of(AnswerCached)] == [False, True, True]


async def test_get__in_xml__is_the_same_answer(serve: Serve) -> None:
    """How it is written down is not what is kept."""
    service = serve(answer("one"))
    await get(service)

    reply = await get(service, f"{CATEGORIES}.xml")

    assert reply.headers["content-type"] == "application/xml"
    assert b"<categories><title>Tiles</title><id>7</id>" in reply.body


async def test_get__of_another_credential__has_its_own_caller(serve: Serve) -> None:
    """What all have in common is kept once; who asks is told of oneself."""
    service = serve(answer("one"), answer("two"))
    await get(service)

    first, again = await get(service, who=OTHER), await get(service, who=OTHER)

    assert len(service.upstream.requests) == 2
    assert first.json()["auth_user"] == again.json()["auth_user"] != (await get(service)).json()["auth_user"]
    assert first.headers["etag"] != (await get(service)).headers["etag"]


async def test_get__by_another_worker__is_there_once_the_caller_is_known(serve: Serve) -> None:
    """One answer of the upstream serves all workers; each learns of a caller with its first question."""
    one, other = serve(answer("one")), serve(answer("one", regions=[{"id": "1", "name": "Asia"}]))
    await get(one)
    await get(other, REGIONS)

    reply = await get(other)

    assert rows(reply) == ROWS
    assert len(other.upstream.requests) == 1


async def test_get__with_the_tag__is_not_sent_again(serve: Serve) -> None:
    """304 without a body, in the format that the tag was of; its time goes on running."""
    service = serve(answer("one"))
    first = await get(service)
    tag = first.headers["etag"]

    known = await get(service, if_none_match=f'"other", {tag}')
    strong = await get(service, if_none_match=tag.removeprefix("W/"))
    any_tag = await get(service, if_none_match="*")
    changed = await get(service, if_none_match='W/"other"')
    in_xml = await get(service, f"{CATEGORIES}.xml", if_none_match=tag)

    assert [reply.status for reply in (known, strong, any_tag, changed, in_xml)] == [304, 304, 304, 200, 200]
    assert (known.body, known.headers["etag"]) == (b"", tag)
    assert not {"content-type", "content-length"} & known.headers.keys()
    assert first.headers["cache-control"] in {"private, max-age=86399", "private, max-age=86400"}


@pytest.mark.parametrize(("name", "value"), [("Cache-Control", "max-age=0, no-cache"), ("Pragma", "no-cache")])
async def test_get__fresh_wanted__is_asked_anew_and_kept(serve: Serve, name: str, value: str) -> None:
    """A client that will not have what is kept gets the upstream's word, and others after it."""
    new = data(categories=[])
    service = serve(answer("one"), new)
    await get(service)

    replies = [await get(service, who=ONE | {name: value}), await get(service)]

    assert [rows(reply) for reply in replies] == [{"categories": []}] * 2
    assert len(service.upstream.requests) == 2


async def test_get__partial_answer__is_not_kept(serve: Serve) -> None:
    """Nulls that errors left are for this once."""
    error = {"message": "down", "path": ["categories", 0, "subcategories"]}
    lacking = [{**LIST[0], "subcategories": None}]
    body = answer("one").body
    partial = Answer({"data": body["data"] | {"categories": lacking}, "errors": [error]})
    service = serve(partial, data(categories=LIST))

    first, second = await get(service), await get(service)

    assert "partial" in first.headers["x-heirloom-warning"]
    assert "etag" not in first.headers
    assert rows(second) == ROWS


async def test_get__token_revoked__reads_nothing_that_is_kept(serve: Serve) -> None:
    """The upstream's 401 to any question ends it."""
    refused = Answer({"message": "Authentication failed"}, 401)
    service = serve(answer("one"), refused, refused)
    await get(service)

    asked = await get(service, REGIONS)
    kept = await get(service)

    assert (asked.status, kept.status) == (401, 401)


async def test_get__many_at_once__ask_once(serve: Serve) -> None:
    """Those that come before there is an answer share the question."""
    service = serve(answer("one"))

    replies = await asyncio.gather(*(get(service) for _ in range(20)))

    assert [rows(reply) for reply in replies] == [ROWS] * 20
    assert len(service.upstream.requests) == 1


async def test_get__setting_without_room__asks_each_time(serve: Serve) -> None:
    """`HEIRLOOM_CACHE_BYTES=0` keeps nothing, and says nothing of keeping."""
    service = serve(answer("one"), data(categories=LIST), HEIRLOOM_CACHE_BYTES="0")

    replies = [await get(service), await get(service)]

    assert len(service.upstream.requests) == 2
    assert not any({"etag", "cache-control"} & reply.headers.keys() for reply in replies)
