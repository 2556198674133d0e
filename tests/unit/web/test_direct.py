"""Calls that the server's own connections bring: answered at once, with an equal one, or in a task."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from app.assemble import assemble
from app.compile.build import Built
from app.errors import UpstreamTimeoutError
from app.events import ReadShared, RequestServed
from app.run.flights import LeftError
from app.settings import load_settings
from app.web.app import create_app
from app.web.incoming import Incoming, head_of
from app.web.legacy import LegacyFront, _Joined
from app.web.replies import Rendered
from tests.conftest import Service, ServiceOver
from tests.doubles import Events
from tests.limits import NO_LIMITS
from tests.upstream import RecordingUpstream, data

PATH = b"/api/messages/v3/104567890123456781/rooms.json"
CALLER: dict[str, object] = {
    **dict.fromkeys(("id", "nid", "rid", "name", "email", "publicUrl", "photoUrl"), "A"),
    "talentProfile": None,
    "freelancerProfile": None,
}
HEADERS = [(b"host", b"localhost"), (b"authorization", b"Bearer oauth2v2_one")]


class Connection:
    """A connection of a test: what was answered, and the tasks that were begun for it."""

    def __init__(self, *, block: bytes | None = b"block", path: bytes = PATH) -> None:
        self.incoming = Incoming("GET", "http", path, b"limit=1", head_of(HEADERS, block), None)
        self.disconnected = self.is_stopping = False
        self.takes, self.taking = True, asyncio.Event()
        self.answers: list[Rendered] = []
        self.tasks: list[asyncio.Task[None]] = []

    def can_answer(self) -> bool:
        return self.takes

    async def until_it_can(self) -> None:
        await self.taking.wait()

    def answer(self, rendered: Rendered, remaining: int | None) -> None:
        self.answers.append(rendered)

    def start(self, responding: Any) -> None:
        self.tasks.append(asyncio.ensure_future(cast(Coroutine[Any, Any, None], responding)))

    @property
    def status(self) -> int:
        (one,) = self.answers
        return one.status


def rooms(number: int) -> Any:
    """An answer of the upstream, of the caller too."""
    node = {"id": f"room_{number}", "roomUsers": []}
    found = {"edges": [{"node": node}], "pageInfo": {"endCursor": "1"}, "totalCount": 9}
    return data(roomList=found, caller=CALLER)


def front_of(service: Service) -> LegacyFront:
    assert isinstance(service.app, LegacyFront)
    return service.app


async def asked(front: LegacyFront, connection: Connection) -> None:
    """As a connection asks."""
    if not front.begin(connection):
        await front.respond(connection)
    await asyncio.gather(*connection.tasks)


async def test_begin__same_bytes_at_once__wait_for_one_question(service_over: ServiceOver) -> None:
    """Those that come while the first is on its way need no task of their own."""
    service = service_over([rooms(1), rooms(2), rooms(3)])
    front = front_of(service)
    for _ in range(2):
        await asked(front, Connection())
    connections = [Connection() for _ in range(5)]

    began = [front.begin(connections[0])]
    await asyncio.sleep(0)
    began += [front.begin(one) for one in connections[1:]]
    await asyncio.gather(*connections[0].tasks)

    assert began == [True] * 5
    assert [len(one.tasks) for one in connections] == [1, 0, 0, 0, 0]
    assert len({one.answers[0].body for one in connections}) == 1
    assert len(service.upstream.requests) == 3
    assert len(service.events.of(ReadShared)) == 4
    assert len(service.events.of(RequestServed)) == 7


async def test_begin__not_seen_before__is_for_a_task(service_over: ServiceOver) -> None:
    """And so is what came without its bytes, or while the client does not take answers."""
    service = service_over([rooms(1), rooms(2)])
    front = front_of(service)
    slow = Connection()
    slow.takes = False

    first = front.begin(Connection())
    for _ in range(2):
        await asked(front, Connection())

    assert (first, front.begin(Connection(block=None)), front.begin(slow)) == (False, False, False)


async def test_begin__kept__is_answered_before_it_returns(built: Built, tmp_path: Path) -> None:
    """From memory, once the upstream took the credential."""
    upstream = RecordingUpstream([data(categories=[], caller=CALLER)])
    chosen = NO_LIMITS | {"HEIRLOOM_CACHE_BYTES": "1000000", "HEIRLOOM_STORE": f"sqlite:///{tmp_path}/store.db"}
    assembly = assemble(load_settings(chosen), built.plans, transport=upstream, observer=Events())
    front = create_app(assembly)
    assert isinstance(front, LegacyFront)
    path = b"/api/profiles/v2/metadata/categories.json"
    for _ in range(3):
        await asked(front, Connection(path=path))
    connection = Connection(path=path)

    is_done = front.begin(connection)
    await assembly.close()

    assert (is_done, connection.status, connection.tasks) == (True, 200, [])
    assert orjson.loads(connection.answers[0].body)["auth_user"]["first_name"] == "A"


@pytest.mark.parametrize(
    ("error", "is_stopping", "is_late", "asks_anew", "status"),
    [
        (LeftError(), False, False, True, 200),
        (LeftError(), True, False, False, 503),
        (UpstreamTimeoutError("late"), False, False, True, 200),
        (UpstreamTimeoutError("late"), False, True, False, 504),
        (ValueError("ours"), False, False, False, 500),
    ],
)
async def test_joined__the_other_one_failed__is_told_or_asked_anew(
    service_over: ServiceOver, error: Exception, is_stopping: bool, is_late: bool, asks_anew: bool, status: int
) -> None:
    """Who has time left does not share another's end."""
    service = service_over([rooms(1)])
    front, connection = front_of(service), Connection()
    connection.is_stopping = is_stopping
    call = front._call(connection.incoming)
    if is_late:
        call.came -= 100
    found, _ = await front._recognise(call, connection.incoming)
    assert found is not None

    _Joined(front, connection, call, found).set_exception(error)
    await asyncio.gather(*connection.tasks)

    assert (len(service.upstream.requests) == 1, connection.status) == (asks_anew, status)


async def test_joined__client_does_not_take_it__is_answered_when_it_does(service_over: ServiceOver) -> None:
    """Nothing is put on top of what it has not taken."""
    front, connection = front_of(service_over([])), Connection()
    call = front._call(connection.incoming)
    found, _ = await front._recognise(call, connection.incoming)
    assert found is not None
    connection.takes = False

    _Joined(front, connection, call, found).set_exception(ValueError("ours"))
    await asyncio.sleep(0)
    before = len(connection.answers)
    connection.taking.set()
    await asyncio.gather(*connection.tasks)

    assert (before, connection.status) == (0, 500)
