"""The upstream door over answers of the test's, and what goes with a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.access.bearer import credential_of
from app.plan import CallerPlan, Question
from app.run.ask import Asker
from app.run.breaker import Breaker
from app.run.bulkhead import Bulkhead
from app.run.cache import Cache
from app.run.retries import Retries, RetryBudget
from app.run.upstream import Asking, Policies, Upstream
from app.run.wire import HttpxWire
from app.store.sqlite import SqliteStore
from tests.doubles import ERRORS, Clock, Events
from tests.unit.access.conftest import new_vault
from tests.upstream import Answer, RecordingUpstream

__all__ = ["new_vault"]

URL = "https://upstream.test/graphql"

OpenDoor = Callable[[Sequence[Answer | Exception]], tuple[Upstream, RecordingUpstream]]
AskOver = Callable[[Sequence[Answer | Exception]], tuple[Asker, RecordingUpstream]]


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def events() -> Events:
    """What is told."""
    return Events()


@pytest.fixture
def asking(clock: Clock) -> Asking:
    """A request of one credential, seven seconds before its deadline."""
    return asking_of("token-one", clock)


@pytest.fixture
def open_door(clock: Clock, events: Events) -> OpenDoor:
    """Make an upstream door that gets these answers."""

    def make(answers: Sequence[Answer | Exception]) -> tuple[Upstream, RecordingUpstream]:
        transport = RecordingUpstream(answers)
        client = httpx.AsyncClient(transport=transport)
        return Upstream(HttpxWire(client, URL), clock, events, policies(clock, events)), transport

    return make


@pytest.fixture
def ask_over(open_door: OpenDoor, clock: Clock, events: Events) -> AskOver:
    """Make an asker, with a plan for the caller, that gets these answers."""

    def make(answers: Sequence[Answer | Exception]) -> tuple[Asker, RecordingUpstream]:
        door, transport = open_door(answers)
        return Asker(door, caller_plan(), clock, events), transport

    return make


def no_cache(events: Events) -> Cache:
    """A cache that keeps nothing."""
    return Cache((), SqliteStore(Path("never-opened"), lambda: 0.0), events, now=lambda: 0.0, most_bytes=0)


def policies(clock: Clock, events: Events, *, attempts: int = 1, most: int = 100, queue: int = 100) -> Policies:
    """What stands before the wire; each question goes out once where a test says nothing else."""

    async def sleep(seconds: float) -> None:
        clock.now += seconds

    return Policies(
        Retries(attempts, clock, sleep, RetryBudget(), events), Breaker(20, clock, events), Bulkhead(most, queue, clock)
    )


def asking_of(token: str, clock: Clock, *, seconds: float = 7.0) -> Asking:
    """A request of the credential with this token."""
    return Asking(credential_of(token), None, "request-one", clock.now + seconds, ERRORS)


def question(
    kind: str = "query", root: str = "room", *, copies: bool = False, apart: frozenset[str] = frozenset()
) -> Question:
    """A question for one root with two fields; its document names what is asked and what is left out."""

    def render(copies: int, withheld: frozenset[str], *, with_caller: bool) -> str:
        return f"{kind} {root} x{copies} without [{', '.join(sorted(withheld))}]" + (" caller" if with_caller else "")

    return Question(
        name=f"get_{root}",
        kind="mutation" if kind == "mutation" else "query",
        write=lambda values, others: dict(values),
        render=render,
        fields=frozenset({f"{kind.title()}.{root}", "Room.id", "Room.topic"}),
        roots=((root, f"{kind.title()}.{root}"),),
        is_rooted=True,
        repeated="rooms" if copies else None,
        most=10 if copies else 1,
        apart=apart,
    )


def caller_plan() -> CallerPlan:
    """A caller of one value; a name that is no text cannot be read."""

    def reshape(found: Any, request: Any, others: Any) -> Any:
        return {"auth_user": {"first_name": found["name"].upper()}, "id": found["id"]}

    def explain(found: Any, request: Any, others: Any) -> tuple[Any, tuple[tuple[str, str], ...]]:
        return {"auth_user": {"first_name": ""}, "id": found["id"]}, (("_caller.yaml:9", "a value could not be read"),)

    return CallerPlan("caller", reshape, explain, frozenset({"CurrentUser.name"}), ("auth_user", "id"))
