"""Reads that wait for leave ride together: who gets what, and what becomes of the others when one does ill."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from app.errors import PermissionDeniedError, ProxyError, RateError, TokenRefusedError, UpstreamBusyError
from app.events import ReadsMerged
from app.run.budget import Budget, Limits
from app.run.merging import MOST_RIDERS
from app.run.upstream import Answer, Asking, Upstream
from app.run.wire import HttpxWire
from tests.doubles import Clock, Events
from tests.unit.run.conftest import URL, asking_of, policies
from tests.unit.run.test_budget import MemoryStore

DOCUMENT = "query ask($id: ID!) {\n  room(id: $id) {\n    id\n    owner\n  }\n}"
ROOT = re.compile(r"^  (?:(\w+): )?(\w+)\(id: \$(\w+)\)", re.MULTILINE)

Reply = Callable[[httpx.Request, list[str]], httpx.Response | None]


class Rooms(httpx.AsyncBaseTransport):
    """Answers with the rooms that are asked for, each with the token that asked; `reply` may answer otherwise."""

    def __init__(self, reply: Reply | None = None) -> None:
        self._reply = reply
        self.requests: list[list[str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request, as GraphQL."""
        asked = json.loads(await request.aread())
        roots = [(key or name, asked["variables"][variable]) for key, name, variable in ROOT.findall(asked["query"])]
        self.requests.append([room for _, room in roots])
        await asyncio.sleep(0)
        other = self._reply(request, self.requests[-1]) if self._reply else None
        if other is not None:
            return other
        token = request.headers["Authorization"]
        data: dict[str, Any] = {key: {"id": room, "owner": token} for key, room in roots if not room.startswith("bad")}
        errors = []
        for key, room in roots:
            if room.startswith("bad"):
                data[key] = None
                errors.append({"message": f"Exception at /{key}", "path": [key, "x"]})
            if room.startswith("void"):
                return httpx.Response(200, json={"data": None, "errors": [{"message": "voided", "path": [key]}]})
        return httpx.Response(200, json={"data": data, "errors": errors} if errors else {"data": data})


def door(
    rooms: Rooms, events: Events, *, second: int = 1, queue: int = 500, attempts: int = 1
) -> tuple[Upstream, Clock]:
    """An upstream that takes so many requests a second, on a clock that sleeping moves."""
    clock = Clock()

    async def sleep(seconds: float) -> None:
        clock.now += seconds
        for _ in range(5):
            await asyncio.sleep(0)

    budget = Budget(MemoryStore(clock), Limits(second, 0), clock, sleep, events, share=1, queue=queue)
    all_ = replace(policies(clock, events, attempts=attempts), budget=budget, merges_reads=True, most_waiting=queue)
    return Upstream(HttpxWire(httpx.AsyncClient(transport=rooms), URL), clock, events, all_), clock


async def read(upstream: Upstream, room: str, asking: Asking) -> Answer:
    """Ask for a room."""
    return await upstream.ask(DOCUMENT, {"id": room}, asking, operation="ask", is_write=False)


async def read_all(
    rooms: Rooms, wanted: list[str], token: str = "one", seconds: float = 500
) -> list[Answer | BaseException]:
    """The answers of reads that come at the same time."""
    upstream, clock = door(rooms, Events())
    asking = asking_of(token, clock, seconds=seconds)
    return await asyncio.gather(*[read(upstream, room, asking) for room in wanted], return_exceptions=True)


def owned(answer: Answer | BaseException) -> tuple[str, str]:
    """The room of an answer, and whose it is."""
    assert isinstance(answer, Answer), answer
    assert answer.data is not None
    return answer.data["room"]["id"], answer.data["room"]["owner"]


async def test_reads__more_than_the_budget_lets_through__ride_in_twelves() -> None:
    """Each gets its own room; thirty need three or four requests instead of thirty."""
    rooms, wanted = Rooms(), [f"r{number}" for number in range(30)]
    answers = await read_all(rooms, wanted)
    assert [owned(one)[0] for one in answers] == wanted
    assert max(map(len, rooms.requests)) == MOST_RIDERS
    assert len(rooms.requests) <= 4


async def test_reads__of_two_credentials__never_ride_together() -> None:
    """Nor those of one for two organisations."""
    rooms, events = Rooms(), Events()
    upstream, clock = door(rooms, events)
    askings = [asking_of(token, clock, seconds=500) for token in ("one", "two")]
    askings.append(structs.replace(askings[0], tenant="9"))
    answers = await asyncio.gather(
        *[read(upstream, f"{place}-{number}", askings[place]) for number in range(9) for place in range(3)]
    )
    whose = {place: f"Bearer {askings[place].credential.token}" for place in range(3)}
    assert [owned(one)[1] for one in answers] == [whose[number % 3] for number in range(27)]
    assert all(len({room[0] for room in request}) == 1 for request in rooms.requests)
    assert events.of(ReadsMerged)


async def test_reads__one_has_an_error__is_told_to_it_alone() -> None:
    """As it would have been told it, its path and words without the alias."""
    wanted = ["r0", "r1", "bad", "r3"]
    answers = await read_all(Rooms(), wanted)
    good = [one for room, one in zip(wanted, answers, strict=True) if room != "bad"]
    assert all(isinstance(one, Answer) and not one.faults for one in good)
    bad = answers[2]
    assert isinstance(bad, Answer)
    assert [(fault.message, fault.path) for fault in bad.faults] == [("Exception at /room", ("room", "x"))]


async def test_reads__one_voids_the_whole__the_others_get_theirs() -> None:
    """Each asks apart then; who did it is told so."""
    answers = await read_all(Rooms(), ["r0", "r1", "void", "r3"])
    assert [owned(answers[place])[0] for place in (0, 1, 3)] == ["r0", "r1", "r3"]
    void = answers[2]
    assert isinstance(void, Answer)
    assert void.data is None


@pytest.mark.parametrize(
    "refusal", [httpx.Response(500, text="broken"), httpx.Response(400), httpx.Response(200, text="<html>")]
)
async def test_reads__several_break_it__are_asked_apart(refusal: httpx.Response) -> None:
    """A poisoned one never harms the others."""
    answers = await read_all(Rooms(lambda _, asked: refusal if "poison" in asked else None), ["r0", "poison", "r2"])
    assert [owned(answers[place])[0] for place in (0, 2)] == ["r0", "r2"]
    assert isinstance(answers[1], ProxyError)


@pytest.mark.parametrize(("status", "error"), [(401, TokenRefusedError), (429, UpstreamBusyError), (503, ProxyError)])
async def test_reads__the_upstream_takes_none__all_are_told(status: int, error: type[ProxyError]) -> None:
    """Asking each apart would only be more of what it has too much of."""
    rooms = Rooms(lambda *_: httpx.Response(status, headers={"Retry-After": "9"}))
    answers = await read_all(rooms, [f"r{number}" for number in range(5)])
    assert all(isinstance(one, error) for one in answers)
    assert len(rooms.requests) <= 2


async def test_reads__that_came_too_early__ride_again_together() -> None:
    """A 429 that names no time is one of clocks that differ: one more request for all, none of them hears of it."""
    refusals = [httpx.Response(429)]
    rooms, events = Rooms(lambda _, asked: refusals.pop() if len(asked) > 1 and refusals else None), Events()
    upstream, clock = door(rooms, events, attempts=3)
    asking = asking_of("one", clock, seconds=500)

    answers = await asyncio.gather(*[read(upstream, f"r{number}", asking) for number in range(5)])

    assert [owned(one)[0] for one in answers] == [f"r{number}" for number in range(5)]
    assert [len(request) for request in rooms.requests if len(request) > 1] == [max(map(len, rooms.requests))] * 2


async def test_write__is_never_merged() -> None:
    """It goes out as it is, before the reads."""
    rooms, events = Rooms(), Events()
    upstream, clock = door(rooms, events)
    asking = asking_of("one", clock, seconds=500)
    document = DOCUMENT.replace("query", "mutation")
    reads = [read(upstream, f"r{number}", asking) for number in range(15)]
    write = upstream.ask(document, {"id": "written"}, asking, operation="ask", is_write=True)
    *_, written = await asyncio.gather(*reads, write)
    assert owned(written)[0] == "written"
    assert ["written"] in rooms.requests
    assert rooms.requests.index(["written"]) <= 2


async def test_reads__without_merging__go_one_by_one() -> None:
    """Off by setting."""
    rooms, events = Rooms(), Events()
    upstream, clock = door(rooms, events)
    upstream._policies = replace(upstream._policies, merges_reads=False)
    asking = asking_of("one", clock, seconds=500)
    await asyncio.gather(*[read(upstream, f"r{number}", asking) for number in range(6)])
    assert rooms.requests == [[f"r{number}"] for number in range(6)]


async def test_reads__whose_time_is_over_before_leave__are_not_sent() -> None:
    """They hear 429; who has more time rides on."""
    rooms, events = Rooms(), Events()
    upstream, clock = door(rooms, events)
    hasty, patient = asking_of("one", clock, seconds=0.0), asking_of("one", clock, seconds=60)
    first = await read(upstream, "first", patient)
    told = await asyncio.gather(
        *[read(upstream, f"r{n}", hasty if n % 2 else patient) for n in range(6)], return_exceptions=True
    )
    assert owned(first)[0] == "first"
    assert [isinstance(one, RateError) for one in told] == [False, True] * 3
    assert not {"r1", "r3", "r5"} & {room for request in rooms.requests for room in request}


async def test_read__its_caller_leaves__the_others_get_theirs() -> None:
    """Its seat stays empty."""
    rooms, events = Rooms(), Events()
    upstream, clock = door(rooms, events)
    asking = asking_of("one", clock, seconds=60)
    await read(upstream, "first", asking)
    tasks = [asyncio.create_task(read(upstream, f"r{number}", asking)) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(told[1], asyncio.CancelledError)
    assert [owned(told[place])[0] for place in (0, 2)] == ["r0", "r2"]


async def test_close__while_reads_wait__ends_them() -> None:
    """Nothing is left behind."""
    upstream, clock = door(Rooms(), Events())
    asking = asking_of("one", clock, seconds=60)
    await read(upstream, "first", asking)
    upstream._policies.budget._sleep = lambda _: asyncio.sleep(3600)  # type: ignore[union-attr]
    waiting = asyncio.create_task(read(upstream, "second", asking))
    await asyncio.sleep(0.01)
    await upstream.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 5)), min_size=1, max_size=40),
    st.integers(0, 10**6),
)
async def test_reads__any_mix_under_any_failures__nobody_gets_anothers(
    asked: list[tuple[int, int, int]], seed: int
) -> None:
    """Whatever fails, an answer is of its own credential, organisation and room, or an error of ours."""
    chance = random.Random(seed)

    def reply(request: httpx.Request, _: list[str]) -> httpx.Response | None:
        if chance.random() < 0.3:
            raise httpx.ReadError("cut")
        statuses = [httpx.Response(503), httpx.Response(500), httpx.Response(200, text="{"), httpx.Response(400)]
        return chance.choice(statuses) if chance.random() < 0.3 else None

    rooms = Rooms(reply)
    upstream, clock = door(rooms, Events(), second=2)
    upstream._policies = replace(upstream._policies, breaker=policies(clock, Events()).breaker)
    askings = {
        (who, tenant): structs.replace(asking_of(f"token-{who}", clock, seconds=900), tenant=str(tenant))
        for who in range(3)
        for tenant in range(3)
    }
    wanted = [(f"room-{who}-{tenant}-{room}", askings[who, tenant]) for who, tenant, room in asked]
    told = await asyncio.gather(*[read(upstream, *one) for one in wanted], return_exceptions=True)
    for (room, asking), one in zip(wanted, told, strict=True):
        if isinstance(one, Answer):
            assert owned(one) == (room, f"Bearer {asking.credential.token}")
        else:
            assert isinstance(one, ProxyError), one
    assert all(len({room.rpartition("-")[0] for room in request}) == 1 for request in rooms.requests)


async def test_reads__forbidden_tenant__is_refused_before_it_waits() -> None:
    """A credential that is bound to organisations rides for none else."""
    upstream, clock = door(Rooms(), Events())
    asking = asking_of("one", clock, seconds=60)
    bound = structs.replace(asking, credential=replace(asking.credential, tenants=("1",)), tenant="2")
    with pytest.raises(PermissionDeniedError):
        await read(upstream, "r", bound)
