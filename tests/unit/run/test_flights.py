"""Equal reads that overlap share one question, and nobody else does."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.access.bearer import credential_of
from app.errors import NotFoundError, ProxyError, UpstreamTimeoutError
from app.events import ReadShared
from app.run.flights import Flights
from app.run.upstream import Asking, Upstream
from app.run.wire import HttpxWire
from tests.doubles import ERRORS, Events
from tests.unit.run.conftest import URL, policies
from tests.upstream import Answer


class Upstreams(httpx.AsyncBaseTransport):
    """Answers each question with who asked for what, when it is let; counts them."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.asked: list[tuple[str, str | None, bytes]] = []
        self.gate = asyncio.Event()
        self.answer: Answer | None = None
        if is_open:
            self.gate.set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One question."""
        token, tenant = request.headers["Authorization"], request.headers.get("X-Upwork-API-TenantId")
        self.asked.append((token, tenant, request.content))
        number = len(self.asked)
        await self.gate.wait()
        await asyncio.sleep(0)
        body = {"data": {"told": {"token": token, "tenant": tenant, "asked": request.content.decode(), "no": number}}}
        answer = self.answer or Answer(body)
        return httpx.Response(answer.status, content=answer.content, request=request)


class Door:
    """An upstream door over such an upstream, with the time of the machine."""

    def __init__(self, *, is_open: bool = True, shares_reads: bool = True) -> None:
        self.events, self.transport = Events(), Upstreams(is_open=is_open)
        given = replace(policies(time.monotonic, self.events), shares_reads=shares_reads)  # type: ignore[arg-type]
        client = httpx.AsyncClient(transport=self.transport)
        self.upstream = Upstream(HttpxWire(client, URL), time.monotonic, self.events, given)

    async def ask(
        self, token: str = "t", document: str = "query", *, tenant: str | None = None, seconds: float = 5.0,
        is_write: bool = False, **variables: object,
    ) -> dict[str, object]:  # fmt: skip
        """What one caller is told."""
        asking = Asking(credential_of(token), tenant, "r", time.monotonic() + seconds, ERRORS)
        answer = await self.upstream.ask(document, variables, asking, operation="x", is_write=is_write)
        assert answer.data is not None
        told: dict[str, object] = answer.data["told"]
        return told


async def test_ask__equal_reads_at_once__ask_once_and_own_their_answers() -> None:
    """Ten get what one asked for, told so; what one does with its answer is nothing to the others."""
    door = Door()

    told = await asyncio.gather(*(door.ask(id="4") for _ in range(10)))

    assert len(door.transport.asked) == 1
    assert len(door.events.of(ReadShared)) == 9
    assert told == [told[0]] * 10
    assert len({id(one) for one in told}) == 10


async def test_ask__one_after_the_other__asks_each_time() -> None:
    """Nothing is kept: only what overlaps is shared."""
    door = Door()

    numbers = [(await door.ask())["no"] for _ in range(3)]

    assert numbers == [1, 2, 3]


async def test_ask__switched_off__asks_each_time() -> None:
    """The setting leaves every read its own question."""
    door = Door(shares_reads=False)

    await asyncio.gather(*(door.ask() for _ in range(4)))

    assert len(door.transport.asked) == 4


async def test_ask__equal_writes_at_once__are_each_sent() -> None:
    """A write is never anybody else's."""
    door = Door()

    await asyncio.gather(*(door.ask(is_write=True) for _ in range(4)))

    assert len(door.transport.asked) == 4


@pytest.mark.parametrize("ends", ["begins", "ended"])
async def test_ask__read_after_a_write__does_not_share_one_from_before(ends: str) -> None:
    """Nobody reads what was true before their own write, once that was begun."""
    door = Door(is_open=False)
    before = asyncio.create_task(door.ask())
    await asyncio.sleep(0.01)
    write = asyncio.create_task(door.ask(is_write=True))
    await asyncio.sleep(0.01)
    if ends == "ended":
        joined = asyncio.create_task(door.ask())
        await asyncio.sleep(0.01)
        assert len(door.transport.asked) == 3
        door.transport.gate.set()
        await write
        await joined
    after = asyncio.create_task(door.ask())
    await asyncio.sleep(0.01)
    door.transport.gate.set()

    told = [await one for one in (before, after)]

    assert told[0]["no"] == 1
    assert told[1]["no"] != 1


async def test_ask__write_of_somebody_else__leaves_flights_alone() -> None:
    """Another credential's write says nothing about this one's reads."""
    door = Door(is_open=False)
    first = asyncio.create_task(door.ask())
    await asyncio.sleep(0.01)
    write = asyncio.create_task(door.ask("other", is_write=True))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(door.ask())
    await asyncio.sleep(0.01)
    door.transport.gate.set()

    await asyncio.gather(first, write, second)

    assert len(door.transport.asked) == 2


CALLERS = st.tuples(
    st.sampled_from(["anna", "ben"]),
    st.sampled_from([None, "1", "2"]),
    st.sampled_from(["query a", "query b"]),
    st.sampled_from(["1", "2", 1]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CALLERS, min_size=1, max_size=12))
async def test_ask__any_callers_at_once__get_what_they_asked_for_as_who_they_are(
    callers: list[tuple[str, str | None, str, object]],
) -> None:
    """No two that differ in credential, organisation, document or variables ever share; all that are equal do."""
    door = Door()

    told = await asyncio.gather(
        *(door.ask(token, document, tenant=tenant, id=id_) for token, tenant, document, id_ in callers)
    )

    for (token, tenant, document, id_), one in zip(callers, told, strict=True):
        assert (one["token"], one["tenant"]) == (f"Bearer {token}", tenant)
        assert orjson.loads(str(one["asked"])) == {"query": document, "variables": {"id": id_}}
    assert len(door.transport.asked) == len({repr(caller) for caller in callers})


async def test_ask__first_caller_leaves__the_others_ask_anew() -> None:
    """What it asked for went with it, and only that."""
    door = Door(is_open=False)
    first, second = asyncio.create_task(door.ask()), asyncio.create_task(door.ask())
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.sleep(0.01)
    door.transport.gate.set()

    told = await second

    assert (told["no"], len(door.transport.asked)) == (2, 2)


async def test_ask__all_callers_leave__the_question_is_given_up() -> None:
    """Nobody waits: the connection is free again, and the next one asks anew."""
    door = Door(is_open=False)
    calls = [asyncio.create_task(door.ask()) for _ in range(3)]
    await asyncio.sleep(0.01)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    door.transport.gate.set()

    told = await door.ask()

    assert told["no"] == 2


async def test_ask__refusal__is_everybodys() -> None:
    """What the upstream refuses one it refuses all who asked the same."""
    door = Door()
    door.transport.answer = Answer({}, 403)

    ends = await asyncio.gather(*(door.ask() for _ in range(3)), return_exceptions=True)

    assert [one.status for one in ends if isinstance(one, ProxyError)] == [403] * 3
    assert len(door.transport.asked) == 1


async def test_ask__own_deadline_is_sooner__ends_alone() -> None:
    """Who has less time is told so in time; the others go on."""
    door = Door(is_open=False)
    patient = asyncio.create_task(door.ask())
    await asyncio.sleep(0.01)

    with pytest.raises(UpstreamTimeoutError):
        await door.ask(seconds=0.03)
    door.transport.gate.set()

    assert (await patient)["no"] == 1


async def test_ask__deadline_of_the_first_is_sooner__the_other_asks_anew() -> None:
    """Nobody's time is cut short by somebody else's."""
    door = Door(is_open=False)
    hasty = asyncio.create_task(door.ask(seconds=0.05))
    await asyncio.sleep(0.01)
    patient = asyncio.create_task(door.ask(seconds=5))
    with pytest.raises(UpstreamTimeoutError):
        await hasty
    await asyncio.sleep(0.01)
    door.transport.gate.set()

    told = await patient

    assert told["no"] == 2


async def test_flights__landed__are_forgotten() -> None:
    """Whatever way they end, nothing is kept."""
    flights: Flights[int] = Flights(time.monotonic)

    async def fails() -> int:
        raise NotFoundError("x")

    async def answers() -> int:
        return 1

    for ask in (fails, answers):
        await asyncio.gather(
            *(flights.share("who", ask, ask, time.monotonic() + 1) for _ in range(3)), return_exceptions=True
        )

    assert len(flights) == 0
