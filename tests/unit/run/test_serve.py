"""One legacy request to one legacy reply: what is asked, in which order, and what the reply says it lacks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import httpx
import pytest
from msgspec import structs

from app.access.bearer import credential_of
from app.errors import (
    NotFoundError,
    PermissionDeniedError,
    RequestError,
    UnavailableError,
    UnknownOutcomeError,
    UpstreamError,
)
from app.events import ReadShared, ValueUnreadable
from app.message import LegacyReply, LegacyRequest, Made
from app.plan import About, FurtherQuestion, Needs, Page, Plan, Question, Seek, Variant
from app.run.flights import Flights
from app.run.idempotency import Idempotency
from app.run.serve import Kept, Proxy
from app.run.tenants import Tenants
from tests.doubles import ERRORS, Clock, Events
from tests.unit.run.conftest import AskOver, no_cache, question
from tests.upstream import Answer, RecordingUpstream, data

ProxyOver = Callable[[Sequence[Answer | Exception]], tuple[Proxy, RecordingUpstream]]
NOW = 1589731200.9
ROOM = {"id": "r1", "topic": "Tiles"}


@pytest.fixture
def proxy_over(ask_over: AskOver, clock: Clock, events: Events) -> ProxyOver:
    """Make a proxy that gets these answers."""

    def make(answers: Sequence[Answer | Exception]) -> tuple[Proxy, RecordingUpstream]:
        asker, transport = ask_over(answers)
        tenants = Tenants(asker, None, clock)
        keeping = Idempotency(None, events, now=lambda: NOW, clock=clock)
        kept = Kept(keeping, no_cache(events), Flights(clock))
        proxy = Proxy(asker, tenants, kept, events, clock=clock, now=lambda: NOW, deadline_seconds=7.0)
        return proxy, transport

    return make


def request(**params: Any) -> LegacyRequest:
    """A request with these parameters."""
    return LegacyRequest({}, params, credential_of("token-one"), "request-one")


def variant(main: Question, holds: Callable[[Any], bool] = lambda values: True, name: str = "") -> Variant:
    """A way to serve a call: it answers all that was told, the main answer and the caller aside."""

    def reshape(start: Any, values: Any, others: Any) -> Any:
        told = {name: value for name, value in others.items() if name not in {"caller", "answer"}}
        return {"room": start, "others": told}

    def explain(start: Any, values: Any, others: Any) -> Any:
        return {"room": None}, (("get_room.yaml:7", "ValueError: a value could not be read"),)

    return Variant(name, holds, main, reshape, explain)


def plan(*variants: Variant, questions: tuple[FurtherQuestion, ...] = (), **more: Any) -> Plan:
    """A call that binds its parameters as they come."""
    given: dict[str, Any] = {
        "tenant": None,
        "server_time": "none",
        "asks_caller": False,
        "reads_caller": False,
        "otherwise": "",
        "unavailable": "",
    }
    return Plan(
        id="messages/get_room",
        errors=ERRORS,
        routes=(),
        bind=lambda parts, params, warn: {**parts, **params},
        variants=variants or (variant(question()),),
        questions=questions,
        leaves="json",
        about=About("", "", ()),
        **given | more,
    )


def further(
    name: str, ask: Literal["before", "after"], over: tuple[str, ...] | None = None, when: str = ""
) -> FurtherQuestion:
    """A further question for the root of its name."""
    asked = question(root=name, copies=over is not None)
    asked = replace(asked, repeated=None, fields=frozenset({f"{name}.id"}))
    if over is not None:
        asked = replace(asked, write=lambda values, others: {"id": others["each"]["id"]})
    return FurtherQuestion(name, ask, asked, lambda values: not when or when in values, over)


async def served(proxy: Proxy, asked: Plan, **params: Any) -> LegacyReply:
    """The reply to a request with these parameters."""
    return await proxy.serve(asked, request(**params))


# --- the whole


async def test_serve__request__binds_asks_and_reshapes(proxy_over: ProxyOver) -> None:
    """What was bound is asked; what was answered is reshaped."""
    proxy, transport = proxy_over([data(room=ROOM)])

    reply = await served(proxy, plan(), id="r1")

    assert transport.questions == [{"query": "query room x1 without []", "variables": {"id": "r1"}}]
    assert reply == LegacyReply({"room": ROOM, "others": {}})


async def test_serve__answer__is_there_for_every_rule(proxy_over: ProxyOver) -> None:
    """What came back can be read from its top wherever a rule stands, by the further questions as well."""
    proxy, transport = proxy_over([data(room=ROOM), data(status={"id": "s"})])
    main = replace(variant(question()), reshape=lambda start, values, others: {"top": others["answer"]})
    status = replace(question(root="status"), write=lambda values, others: {"id": others["answer"]["id"]})
    asked = replace(further("status", "after"), question=status)

    reply = await served(proxy, plan(main, questions=(asked,)))

    assert reply.body == {"top": ROOM}
    assert transport.questions[1]["variables"] == {"id": "r1"}


async def test_serve__call_without_an_upstream__says_why(proxy_over: ProxyOver) -> None:
    """A call that nothing upstream could answer is 501, with the reason, and asks nobody."""
    proxy, transport = proxy_over([])

    with pytest.raises(UnavailableError, match="This call cannot be served: no mutation is left"):
        await served(proxy, plan(unavailable="no mutation is left"))

    assert transport.requests == []


@pytest.mark.parametrize(("params", "root"), [({"a": 1}, "a"), ({"b": 1}, "b"), ({"a": 1, "b": 1}, "a")])
async def test_serve__several_ways__takes_the_first_that_holds(
    proxy_over: ProxyOver, params: dict[str, Any], root: str
) -> None:
    """Which operation is meant is told by the request."""
    ways = [variant(question(root=name), lambda values, name=name: name in values, name) for name in ("a", "b")]  # type: ignore[misc]
    proxy, transport = proxy_over([data(**{root: ROOM})])

    await served(proxy, plan(*ways), **params)

    assert transport.questions[0]["query"] == f"query {root} x1 without []"


@pytest.mark.parametrize(
    ("otherwise", "text"),
    [("give a or b", "The request does not say what to do: give a or b"), ("", "what to do: a parameter is missing")],
)
async def test_serve__no_way_holds__says_what_to_give(proxy_over: ProxyOver, otherwise: str, text: str) -> None:
    """A request that means nothing is refused with the mapping's own words."""
    proxy, _ = proxy_over([])

    with pytest.raises(RequestError, match=text):
        await served(proxy, plan(variant(question(), lambda values: False), otherwise=otherwise))


# --- the envelope


@pytest.mark.parametrize(
    ("form", "envelope"),
    [("text", {"server_time": "1589731200"}), ("number", {"server_time": 1589731200}), ("none", {})],
)
async def test_serve__server_time__has_the_form_of_the_family(
    proxy_over: ProxyOver, form: str, envelope: dict[str, Any]
) -> None:
    """Whole seconds, as a text, a number, or not at all."""
    proxy, _ = proxy_over([data(room=ROOM)])

    reply = await served(proxy, plan(server_time=form))

    assert reply.body == envelope | {"room": ROOM, "others": {}}


@pytest.mark.parametrize(
    ("asks", "reads", "document"),
    [
        (True, False, "query room x1 without [] caller"),
        (False, True, "query room x1 without [] caller"),
        (False, False, "query room x1 without []"),
    ],
)
async def test_serve__caller__is_asked_for_where_it_is_needed(
    proxy_over: ProxyOver, asks: bool, reads: bool, document: str
) -> None:
    """Both the envelope and a mapping that reads the caller need it; only the envelope shows it."""
    proxy, transport = proxy_over([data(room=ROOM, caller={"id": "u1", "name": "Dana"})])

    reply = await served(proxy, plan(asks_caller=asks, reads_caller=reads))

    assert transport.questions[0]["query"] == document
    assert ("auth_user" in reply.body) == asks


# --- gaps


async def test_serve__partial_data__is_told(proxy_over: ProxyOver) -> None:
    """A reply that lacks something says so."""
    errors = [{"message": "Exception occurred", "path": ["room", "topic"]}]
    proxy, _ = proxy_over([Answer({"data": {"room": ROOM}, "errors": errors})])

    reply = await served(proxy, plan())

    assert reply.warnings == ("partial: the upstream could not answer 1 members",)


async def test_serve__value_unreadable__names_the_place(proxy_over: ProxyOver, events: Events) -> None:
    """A value that a converter refuses becomes null; reply and log say that there was one, and the log where."""

    def unreadable(start: Any, values: Any, others: Any) -> Any:
        raise ValueError("not an instant")

    proxy, _ = proxy_over([data(room=ROOM)])

    reply = await served(proxy, plan(replace(variant(question()), reshape=unreadable)))

    assert (reply.body, reply.warnings) == (
        {"room": None},
        ("partial: 1 values of the upstream's answer could not be read",),
    )
    place, problem = "get_room.yaml:7", "ValueError: a value could not be read"
    assert events.of(ValueUnreadable) == [ValueUnreadable("request-one", place, problem)]


async def test_serve__fault_of_ours__is_not_swallowed(proxy_over: ProxyOver) -> None:
    """Only what an answer can cause is taken for an answer's fault."""

    def broken(start: Any, values: Any, others: Any) -> Any:
        raise ZeroDivisionError

    proxy, _ = proxy_over([data(room=ROOM)])

    with pytest.raises(ZeroDivisionError):
        await served(proxy, plan(replace(variant(question()), reshape=broken)))


# --- further questions


async def test_serve__question_before__is_asked_first_and_read(proxy_over: ProxyOver) -> None:
    """What the main question needs is known when it is written."""
    proxy, transport = proxy_over([data(deposit={"amount": 5}), data(room=ROOM)])
    main = replace(question(), write=lambda values, others: {"paid": others["deposit"]["amount"]})

    reply = await served(proxy, plan(variant(main), questions=(further("deposit", "before"),)))

    assert [one["query"].split()[1] for one in transport.questions] == ["deposit", "room"]
    assert transport.questions[1]["variables"] == {"paid": 5}
    assert reply.body["others"] == {"deposit": {"amount": 5}}


async def test_serve__question_after__is_asked_last(proxy_over: ProxyOver) -> None:
    """What only the answer calls for is asked when it is there."""
    proxy, transport = proxy_over([data(room=ROOM), data(status={"id": "s"})])

    reply = await served(proxy, plan(questions=(further("status", "after"),)))

    assert [one["query"].split()[1] for one in transport.questions] == ["room", "status"]
    assert reply.body["others"] == {"status": {"id": "s"}}


async def test_serve__question_that_does_not_hold__is_not_asked(proxy_over: ProxyOver) -> None:
    """A further question has a condition."""
    proxy, transport = proxy_over([data(room=ROOM)])

    reply = await served(proxy, plan(questions=(further("status", "after", when="extended"),)))

    assert (len(transport.requests), reply.body["others"]) == (1, {})


async def test_serve__question_over_a_list__rides_ten_to_a_document(proxy_over: ProxyOver) -> None:
    """One answer an element, in the order of the list, asked in few documents."""
    companies = [{"id": f"c{n}"} for n in range(12)]
    first = data(**{f"r{n}": {"status": n} for n in range(10)})
    proxy, transport = proxy_over([data(room={"items": companies}), first, data(r0={"status": 10}, r1={"status": 11})])

    reply = await served(proxy, plan(questions=(further("status", "after", over=("items",)),)))

    assert [one["query"] for one in transport.questions[1:]] == [
        "query status x10 without []",
        "query status x2 without []",
    ]
    assert transport.questions[2]["variables"] == {"id_0": "c10", "id_1": "c11"}
    assert reply.body["others"]["status"] == [{"status": n} for n in range(12)]


@pytest.mark.parametrize("items", [None, []])
async def test_serve__question_over_nothing__is_not_asked(proxy_over: ProxyOver, items: list[Any] | None) -> None:
    """No element, no question."""
    proxy, transport = proxy_over([data(room={"items": items})])

    reply = await served(proxy, plan(questions=(further("status", "after", over=("items",)),)))

    assert (len(transport.requests), reply.body["others"]) == (1, {"status": []})


@pytest.mark.parametrize("ask", ["before", "after"])
async def test_serve__further_question_lacks_something__is_told(
    proxy_over: ProxyOver, ask: Literal["before", "after"]
) -> None:
    """Gaps of any question are gaps of the reply."""
    error = {"message": "Exception occurred", "path": ["status", "x"]}
    partial = Answer({"data": {"status": {"id": "s"}}, "errors": [error]})
    answers = [partial, data(room=ROOM)] if ask == "before" else [data(room=ROOM), partial]
    proxy, _ = proxy_over(answers)

    reply = await served(proxy, plan(questions=(further("status", ask),)))

    assert reply.warnings == ("partial: the upstream could not answer 1 members",)


# --- one root many times


async def test_serve__repeated__asks_one_copy_an_element(proxy_over: ProxyOver) -> None:
    """The list of a parameter decides how often the root is asked."""
    proxy, transport = proxy_over([data(r0=ROOM, r1=ROOM)])

    await served(proxy, plan(variant(question("mutation", copies=True))), rooms=["a", "b"])

    assert transport.questions[0]["query"] == "mutation room x2 without []"


async def test_serve__repeated_too_often__is_refused(proxy_over: ProxyOver) -> None:
    """A list has a bound, and the caller is told which parameter and what it is."""
    proxy, transport = proxy_over([])

    with pytest.raises(RequestError, match="Parameter 'rooms' may name 10 at most"):
        await served(proxy, plan(variant(question("mutation", copies=True))), rooms=["a"] * 11)

    assert transport.requests == []


async def test_serve__repeated_for_nothing__is_refused(proxy_over: ProxyOver) -> None:
    """A list without an element asks for nothing, and the caller is told which one it is."""
    proxy, transport = proxy_over([])

    with pytest.raises(RequestError, match="Parameter 'rooms' must name one at least"):
        await served(proxy, plan(variant(question(copies=True))), rooms=[])

    assert transport.requests == []


async def test_serve__repeated_read__rides_ten_to_a_document(proxy_over: ProxyOver) -> None:
    """A long list is asked in batches, each with its own elements; the answers stand in the order of the list."""
    first = data(**{f"r{n}": {"id": n} for n in range(10)})
    proxy, transport = proxy_over([first, data(r0={"id": 10}, r1={"id": 11})])
    many = replace(question(copies=True), most=20, write=lambda values, others: {"ids": values["rooms"]})
    listed = replace(variant(many), reshape=lambda start, values, others: {"all": start["all"], "each": others["each"]})

    reply = await served(proxy, plan(listed), rooms=list("abcdefghijkl"))

    assert [one["query"] for one in transport.questions] == ["query room x10 without []", "query room x2 without []"]
    assert [one["variables"]["ids"] for one in transport.questions] == [list("abcdefghij"), ["k", "l"]]
    assert reply.body == {"all": [{"id": n} for n in range(12)], "each": list("abcdefghijkl")}


async def test_serve__repeated_write__goes_out_whole(proxy_over: ProxyOver) -> None:
    """A write is one document, however long its list: half a batch that fails could not be told."""
    proxy, transport = proxy_over([data(**{f"r{n}": {"id": n} for n in range(12)})])

    await served(proxy, plan(variant(replace(question("mutation", copies=True), most=20))), rooms=["a"] * 12)

    assert [one["query"] for one in transport.questions] == ["mutation room x12 without []"]


async def test_serve__batch_of_a_repeated_read_lacks_something__is_told(proxy_over: ProxyOver) -> None:
    """Gaps of every batch are gaps of the reply."""
    first = {f"r{n}": {"id": n} for n in range(10)}
    error = {"message": "Exception occurred", "path": ["r0"]}
    partial = Answer({"data": {"r0": None, "r1": {"id": 11}}, "errors": [error]})
    proxy, _ = proxy_over([data(**first), partial])

    reply = await served(proxy, plan(variant(replace(question(copies=True), most=20))), rooms=["a"] * 12)

    assert reply.body["room"]["all"][10:] == [None, {"id": 11}]
    assert reply.warnings == ("partial: the upstream could not answer 1 members",)


# --- variables out of answers


@pytest.mark.parametrize("error", [ValueError("no amount"), TypeError(), AttributeError()])
async def test_serve__answer_that_cannot_be_written_on__is_the_upstreams_fault(
    proxy_over: ProxyOver, error: Exception
) -> None:
    """What the upstream answered cannot be read while the next question is made of it: nothing is sent then."""
    proxy, transport = proxy_over([data(deposit={"amount": "many"})])

    def unreadable(values: Any, others: Any) -> dict[str, Any]:
        raise error

    main = replace(question("mutation"), write=unreadable)

    with pytest.raises(UpstreamError, match="The upstream's answer could not be read") as caught:
        await served(proxy, plan(variant(main), questions=(further("deposit", "before"),)))

    assert (caught.value.status, len(transport.requests)) == (502, 1)


# --- questions that may fail, and those that may not


@pytest.mark.parametrize("answer", [Answer({"errors": [{"message": "Access is denied"}]}), Answer(b"<html>", 503)])
async def test_serve__optional_question_fails__goes_on_and_says_so(proxy_over: ProxyOver, answer: Answer) -> None:
    """An answer that the call can do without is null, and the reply is told to be partial."""
    proxy, _ = proxy_over([data(room=ROOM), answer])
    status = replace(further("status", "after"), is_optional=True)

    reply = await served(proxy, plan(questions=(status,)))

    assert reply.body == {"room": ROOM, "others": {"status": None}}
    assert [warning.partition(":")[0] for warning in reply.warnings] == ["partial"]
    assert "'status' was not answered" in reply.warnings[0]


async def test_serve__optional_question_without_what_it_needs__is_null(proxy_over: ProxyOver) -> None:
    """An answer that is no answer counts as none."""
    proxy, _ = proxy_over([data(status={"id": None}), data(room=ROOM)])
    status = replace(further("status", "before"), is_optional=True, needs=Needs(("id",), 404, "There is no status"))

    reply = await served(proxy, plan(questions=(status,)))

    assert reply.body["others"] == {"status": None}
    assert reply.warnings == ("partial: 'status' was not answered: There is no status",)


async def test_serve__question_fails__is_the_calls_failure(proxy_over: ProxyOver) -> None:
    """Without a word of its being optional, a question is part of the call."""
    proxy, _ = proxy_over([data(room=ROOM), Answer({"errors": [{"message": "Access is denied"}]})])

    with pytest.raises(PermissionDeniedError):
        await served(proxy, plan(questions=(further("status", "after"),)))


@pytest.mark.parametrize(("main", "then"), [("mutation", "mutation"), ("mutation", "query"), ("query", "mutation")])
async def test_serve__question_after_a_write_fails__is_no_failure_of_the_write(
    proxy_over: ProxyOver, main: str, then: str
) -> None:
    """A caller who took the write for failed would write twice: it is told what was done and what was not."""
    proxy, transport = proxy_over([data(room=ROOM), Answer({"errors": [{"message": "Access is denied"}]})])
    status = replace(further("status", "after"), question=question(then, "status"))

    with pytest.raises(
        UnknownOutcomeError, match="carried out but for 'status', which failed: do not repeat"
    ) as caught:
        await served(proxy, plan(variant(question(main)), questions=(status,)))

    assert (caught.value.status, len(transport.requests)) == (502, 2)


async def test_serve__question_before_a_write_fails__nothing_was_written(proxy_over: ProxyOver) -> None:
    """What fails before the write is told as it is: the caller may repeat it."""
    proxy, transport = proxy_over([Answer({"errors": [{"message": "Access is denied"}]})])

    with pytest.raises(PermissionDeniedError):
        await served(proxy, plan(variant(question("mutation")), questions=(further("deposit", "before"),)))

    assert len(transport.requests) == 1


async def test_serve__answer_without_what_it_needs__is_the_mappings_error(proxy_over: ProxyOver) -> None:
    """Nothing at the place that a call is no answer without is the legacy error that the mapping names."""
    proxy, _ = proxy_over([data(room={"id": "r1", "topic": None})])
    main = replace(variant(question()), needs=Needs(("topic",), 404, "There is no topic"))

    with pytest.raises(NotFoundError, match="There is no topic"):
        await served(proxy, plan(main))


# --- questions that walk and seek

USERS = Page(
    list=("users",), cursor=None, total=("total",), more=None, first=("first",), after=None, count=None,
    offset=None, start_cursor=None, start=None, most=2, reach=3, skip=("skip",),
)  # fmt: skip
BY_NAME = Seek(("users",), lambda one, wanted: bool(one["name"] == wanted), ("name",), 404, "There is no such user")


def sought(seek: Seek | None = BY_NAME) -> FurtherQuestion:
    """A question that walks over users and seeks among them."""
    return replace(further("team", "before"), page=USERS, seek=seek)


async def test_serve__question_that_seeks__asks_page_after_page_until_it_is_there(proxy_over: ProxyOver) -> None:
    """The page with the element that is meant is the last, and the element is what the question answers."""
    first = data(team={"users": [{"name": "a"}, {"name": "b"}], "total": 9})
    then = data(team={"users": [{"name": "c", "id": "3"}, {"name": "d"}], "total": 9})
    proxy, transport = proxy_over([first, then, data(room=ROOM)])

    reply = await served(proxy, plan(questions=(sought(),)), name="c")

    assert [one["variables"].get("skip") for one in transport.questions] == [0, 2, None]
    assert reply.body["others"]["team"] == {"name": "c", "id": "3"}
    assert reply.warnings == ()


async def test_serve__question_that_walks__answers_with_all_rows(proxy_over: ProxyOver) -> None:
    """Without anything to seek, a walk ends where the rows do."""
    first = data(team={"users": [{"name": "a"}, {"name": "b"}], "total": 3})
    proxy, transport = proxy_over([first, data(team={"users": [{"name": "c"}], "total": 3}), data(room=ROOM)])

    reply = await served(proxy, plan(questions=(sought(None),)))

    assert [one["name"] for one in reply.body["others"]["team"]["users"]] == ["a", "b", "c"]
    assert len(transport.requests) == 3


async def test_serve__sought_and_not_found__is_the_mappings_error(proxy_over: ProxyOver) -> None:
    """Where all rows were seen and none is meant, the mapping says what that is; the main question is not asked."""
    proxy, transport = proxy_over([data(team={"users": [{"name": "a"}], "total": 1})])

    with pytest.raises(NotFoundError, match="There is no such user"):
        await served(proxy, plan(questions=(sought(),)), name="c")

    assert len(transport.requests) == 1


async def test_serve__rows_beyond_reach__are_not_said_to_lack_what_is_sought(proxy_over: ProxyOver) -> None:
    """What was not looked at may hold it: that is no 404."""
    pages = [data(team={"users": [{"name": "a"}, {"name": "b"}], "total": 99}) for _ in range(3)]
    proxy, _ = proxy_over(pages)

    with pytest.raises(RequestError, match="There is no such user: only 6 rows could be fetched in 3 questions"):
        await served(proxy, plan(questions=(sought(),)), name="c")


# --- time and place


async def test_serve__deadline__is_one_for_all_questions(proxy_over: ProxyOver, clock: Clock) -> None:
    """A slow first question leaves less to the second; when nothing is left, the second is not asked."""
    proxy, transport = proxy_over([data(deposit={"amount": 5})])

    def slow(values: Any, others: Any) -> dict[str, Any]:
        clock.now += 7.0
        return {}

    main = replace(question("mutation"), write=slow)

    with pytest.raises(Exception, match="did not answer in time"):
        await served(proxy, plan(variant(main), questions=(further("deposit", "before"),)))

    assert len(transport.requests) == 1


async def test_serve__tenant__goes_with_every_question(proxy_over: ProxyOver) -> None:
    """All questions of a request are asked for the same organisation."""
    proxy, transport = proxy_over([data(deposit={"amount": 5}), data(room=ROOM)])

    await served(proxy, plan(questions=(further("deposit", "before"),), tenant="org"), org="1104567890123456781")

    assert transport.tenants == ["1104567890123456781"] * 2


async def test_serve__refused__is_refused(proxy_over: ProxyOver) -> None:
    """Without a directory nothing is tried in place of a refused organisation."""
    proxy, transport = proxy_over([Answer({"errors": [{"message": "Access is denied"}], "data": None})])

    with pytest.raises(PermissionDeniedError):
        await served(proxy, plan(tenant="org"), org="1104567890123456781")

    assert len(transport.requests) == 1


# --- equal reads that overlap


async def test_serve__equal_reads_at_once__are_one(proxy_over: ProxyOver, events: Events) -> None:
    """One question, reshaped once; each is told so."""
    proxy, transport = proxy_over([data(room=ROOM)])

    replies = await asyncio.gather(*(served(proxy, plan(), id="r1") for _ in range(5)))

    assert all(reply is replies[0] for reply in replies)
    assert len(transport.requests) == 1
    assert [event.operation for event in events.of(ReadShared)] == ["messages/get_room"] * 4


@pytest.mark.parametrize(("limit", "reads"), [("20", 1), (20, 1), (["20"], 3), ({"most": "20"}, 3)])
async def test_serve__equal_requests_that_are_known_to_be__are_read_once(
    proxy_over: ProxyOver, limit: Any, reads: int
) -> None:
    """Unless a value could be changed by who has it; the warnings of the first are those of all."""
    proxy, _ = proxy_over([data(room=ROOM)] * 3)
    made, bound = Made(), list[Any]()

    def bind(parts: Any, params: Any, warn: Callable[[str], None]) -> Any:
        bound.append(params)
        warn("parameter 'x' is not known")
        return {**parts, **params}

    asked = replace(plan(), bind=bind)
    replies = [await proxy.serve(asked, structs.replace(request(limit=limit), made=made)) for _ in range(3)]

    assert len(bound) == reads
    assert replies == [replies[0]] * 3
    assert replies[0].warnings == ("parameter 'x' is not known",)


async def test_serve__values_of_equal_requests__are_each_ones_own(proxy_over: ProxyOver) -> None:
    """What one puts in the place of a value, as the id of an organization, the next does not find there."""
    proxy, _ = proxy_over([data(room=ROOM)] * 2)
    made, seen = Made(), list[Any]()

    def write(values: Any, others: Any) -> dict[str, Any]:
        seen.append({**values})
        values["company"] = "42"
        return {}

    asked = plan(variant(replace(question(), write=write)))
    for _ in range(2):
        await proxy.serve(asked, structs.replace(request(company="shop"), made=made))

    assert seen == [{"company": "shop"}] * 2


async def test_serve__reads_that_differ__share_nothing(proxy_over: ProxyOver) -> None:
    """By credential, by what it may reach, by part, by parameter, by call."""
    one = LegacyRequest({"x": "1"}, {"y": "1"}, credential_of("token-one"))
    others = [
        structs.replace(one, credential=credential_of("token-two")),
        structs.replace(one, credential=replace(one.credential, tenants=("1",))),
        structs.replace(one, parts={"x": "2"}),
        structs.replace(one, params={"y": "2"}),
        structs.replace(one, parts={"y": "1"}, params={"x": "1"}),
    ]
    asked = [(plan(), request) for request in (one, *others)] + [(replace(plan(), id="messages/other"), one)]
    proxy, _ = proxy_over([data(room={"id": str(number)}) for number in range(len(asked))])

    replies = await asyncio.gather(*(proxy.serve(called, request) for called, request in asked))

    assert len({id(reply) for reply in replies}) == len(asked)


async def test_serve__writes__are_never_one(proxy_over: ProxyOver) -> None:
    """Two equal payments are two, unless a key says that they are not."""
    proxy, transport = proxy_over([data(pay={"id": "1"}), data(pay={"id": "2"})])
    paying = plan(variant(question("mutation", "pay")))

    replies = await asyncio.gather(served(proxy, paying), served(proxy, paying))

    assert {reply.body["room"]["id"] for reply in replies} == {"1", "2"}
    assert len(transport.requests) == 2


async def test_serve__read_after_a_write__does_not_share_one_from_before(
    proxy_over: ProxyOver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wrote reads what became of it, though an older read is on its way."""
    proxy, transport = proxy_over([data(pay={"id": "1"}), data(room={"id": "new"}), data(room={"id": "old"})])
    gate, arrive = asyncio.Event(), transport.handle_async_request

    async def slow_at_first(request: httpx.Request) -> httpx.Response:
        if not gate.is_set() and b"query" in request.content.partition(b" ")[0]:
            gate.set()
            await asyncio.sleep(0.05)
        return await arrive(request)

    monkeypatch.setattr(transport, "handle_async_request", slow_at_first)
    before = asyncio.create_task(served(proxy, plan()))
    await gate.wait()

    await served(proxy, plan(variant(question("mutation", "pay"))))
    after = await served(proxy, plan())

    assert after.body["room"] == {"id": "new"}
    assert (await before).body["room"] == {"id": "old"}
