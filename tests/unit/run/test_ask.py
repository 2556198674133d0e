"""A question asked as a credential may ask it: scopes repaired, the caller beside it, faults sorted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from msgspec import structs

from app.errors import (
    NotFoundError,
    PermissionDeniedError,
    ProxyError,
    ScopeError,
    UnknownOutcomeError,
    UpstreamError,
)
from app.events import FieldsWithheld, ValueUnreadable
from app.plan import Question
from app.run.ask import HOUR
from app.run.upstream import Asking
from tests.doubles import Clock, Events
from tests.unit.run.conftest import AskOver, asking_of, question
from tests.upstream import Answer, RecordingUpstream, data, refusal

SCOPES = "The client or authentication token doesn't have enough oauth2 permissions/scopes to access: [{}]"
ROOM = {"id": "r1", "topic": "Tiles"}
DANA = {"id": "u1", "name": "Dana"}
DANA_READ = {"auth_user": {"first_name": "DANA"}, "id": "u1"}


def lacks(*fields: str) -> Answer:
    """The upstream's refusal of a document that selects these fields."""
    return refusal(SCOPES.format(", ".join(fields)), extensions={"classification": "ExecutionAborted"})


def documents(transport: RecordingUpstream) -> list[str]:
    """The documents that were asked."""
    return [one["query"] for one in transport.questions]


# --- scopes


async def test_ask__scope_missing__asks_once_more_without_the_fields(ask_over: AskOver, asking: Asking) -> None:
    """A read leaves out exactly what the refusal names, and says so."""
    asker, transport = ask_over([lacks("Room.topic"), data(room=ROOM)])

    told = await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    assert documents(transport) == ["query room x1 without []", "query room x1 without [Room.topic]"]
    assert (told.start, told.withheld) == (ROOM, frozenset({"Room.topic"}))


async def test_ask__scope_missing__is_told_once(ask_over: AskOver, asking: Asking, events: Events) -> None:
    """Operators see which fields a credential lacks."""
    asker, _ = ask_over([lacks("Room.topic", "Room.id"), data(room=ROOM)])

    await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    assert events.of(FieldsWithheld) == [FieldsWithheld("request-one", ("Room.id", "Room.topic"))]


async def test_ask__scope_missing_before__is_remembered_for_the_credential(ask_over: AskOver, asking: Asking) -> None:
    """The second request of a credential does not run into the same refusal."""
    asker, transport = ask_over([lacks("Room.topic"), data(room=ROOM), data(room=ROOM)])
    await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    assert documents(transport)[2] == "query room x1 without [Room.topic]"


async def test_ask__scope_missing_for_another__is_not_shared(ask_over: AskOver, asking: Asking, clock: Clock) -> None:
    """What one credential may not read says nothing about another."""
    asker, transport = ask_over([lacks("Room.topic"), data(room=ROOM), data(room=ROOM)])
    await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    told = await asker.ask(question(), {}, asking_of("token-two", clock), copies=1, with_caller=False)

    assert documents(transport)[2] == "query room x1 without []"
    assert told.withheld == frozenset()


async def test_ask__scope_missing_long_ago__is_tried_again(ask_over: AskOver, asking: Asking, clock: Clock) -> None:
    """A scope that was granted since is noticed within the hour."""
    asker, transport = ask_over([lacks("Room.topic"), data(room=ROOM), data(room=ROOM)])
    await asker.ask(question(), {}, asking, copies=1, with_caller=False)
    clock.now += HOUR

    await asker.ask(question(), {}, structs.replace(asking, deadline=clock.now + 7), copies=1, with_caller=False)

    assert documents(transport)[2] == "query room x1 without []"


async def test_ask__scope_missing_twice__is_refused_after_one_repair(ask_over: AskOver, asking: Asking) -> None:
    """A question is repaired once; the next request leaves out what both refusals named."""
    asker, transport = ask_over([lacks("Room.topic"), lacks("Room.id"), data(room=ROOM)])
    with pytest.raises(PermissionDeniedError, match="This APP has no access"):
        await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    assert documents(transport)[2] == "query room x1 without [Room.id, Room.topic]"


async def test_ask__scope_refused_for_what_was_left_out__is_not_asked_again(ask_over: AskOver, asking: Asking) -> None:
    """An upstream that goes on naming the same fields does not make a circle."""
    asker, transport = ask_over([lacks("Room.topic"), lacks("Room.topic")])

    with pytest.raises(PermissionDeniedError):
        await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    assert len(transport.requests) == 2


async def test_ask__scope_of_the_root_missing__is_refused_without_asking_again(
    ask_over: AskOver, asking: Asking
) -> None:
    """Nothing is left of a question without its root; later requests do not even ask."""
    asker, transport = ask_over([lacks("Query.room")])
    with pytest.raises(PermissionDeniedError):
        await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    with pytest.raises(PermissionDeniedError, match="This APP has no access"):
        await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    assert len(transport.requests) == 1


async def test_ask__field_of_another_question_withheld__is_not_told(ask_over: AskOver, asking: Asking) -> None:
    """An answer says what it lacks, not what other calls of the credential lack."""
    asker, _ = ask_over([lacks("Room.topic"), data(room=ROOM), data(offer={"id": "o1"})])
    await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    told = await asker.ask(
        replace(question(root="offer"), fields=frozenset({"Offer.id"})), {}, asking, copies=1, with_caller=False
    )

    assert told.withheld == frozenset()


async def test_ask__write_lacks_a_scope__is_not_sent_again(ask_over: AskOver, asking: Asking) -> None:
    """A mutation is sent once, whatever comes back."""
    asker, transport = ask_over([lacks("Room.topic")])

    with pytest.raises(PermissionDeniedError, match="This APP has no access"):
        await asker.ask(question("mutation"), {}, asking, copies=1, with_caller=False)

    assert len(transport.requests) == 1


async def test_ask__write_after_a_repaired_read__leaves_the_fields_out_too(ask_over: AskOver, asking: Asking) -> None:
    """What is known of a credential spares a write the refusal."""
    asker, transport = ask_over([lacks("Room.topic"), data(room=ROOM), data(room=ROOM)])
    await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    told = await asker.ask(question("mutation"), {}, asking, copies=1, with_caller=False)

    assert documents(transport)[2] == "mutation room x1 without [Room.topic]"
    assert told.withheld == {"Room.topic"}


@pytest.mark.parametrize(
    "answer", [httpx.ConnectError("refused"), httpx.ReadTimeout("late"), Answer(b"", 503), Answer(b"<html>")]
)
async def test_ask__write_fails__is_not_sent_again(
    ask_over: AskOver, asking: Asking, answer: Answer | Exception
) -> None:
    """No failure of a write leads to a second one."""
    asker, transport = ask_over([answer])

    with pytest.raises(ProxyError):
        await asker.ask(question("mutation"), {}, asking, copies=1, with_caller=False)

    assert len(transport.requests) == 1


# --- the caller


async def test_ask__caller_wanted__comes_beside_the_question(ask_over: AskOver, asking: Asking) -> None:
    """Who the credential speaks for costs no question of its own."""
    asker, transport = ask_over([data(room=ROOM, caller=DANA)])

    told = await asker.ask(question(), {}, asking, copies=1, with_caller=True)

    assert documents(transport) == ["query room x1 without [] caller"]
    assert told.caller == DANA_READ


async def test_ask__caller_known__is_not_asked_again(ask_over: AskOver, asking: Asking) -> None:
    """The caller is remembered for the credential."""
    asker, transport = ask_over([data(room=ROOM, caller=DANA), data(room=ROOM)])
    await asker.ask(question(), {}, asking, copies=1, with_caller=True)

    told = await asker.ask(question(), {}, asking, copies=1, with_caller=True)

    assert documents(transport)[1] == "query room x1 without []"
    assert told.caller == DANA_READ


async def test_ask__caller_of_another_credential__is_asked_anew(
    ask_over: AskOver, asking: Asking, clock: Clock
) -> None:
    """Nobody is answered with somebody else's name."""
    asker, _ = ask_over([data(room=ROOM, caller=DANA), data(room=ROOM, caller={"id": "u2", "name": "Sam"})])
    await asker.ask(question(), {}, asking, copies=1, with_caller=True)

    told = await asker.ask(question(), {}, asking_of("token-two", clock), copies=1, with_caller=True)

    assert told.caller == {"auth_user": {"first_name": "SAM"}, "id": "u2"}


async def test_ask__caller_known_long_ago__is_asked_again(ask_over: AskOver, asking: Asking, clock: Clock) -> None:
    """A name that changed is noticed within the hour."""
    asker, transport = ask_over([data(room=ROOM, caller=DANA), data(room=ROOM, caller=DANA)])
    await asker.ask(question(), {}, asking, copies=1, with_caller=True)
    clock.now += HOUR

    await asker.ask(question(), {}, structs.replace(asking, deadline=clock.now + 7), copies=1, with_caller=True)

    assert documents(transport)[1].endswith(" caller")


async def test_ask__write__never_asks_for_the_caller(ask_over: AskOver, asking: Asking) -> None:
    """A mutation's document cannot hold a query's root."""
    asker, transport = ask_over([data(room=ROOM)])

    told = await asker.ask(question("mutation"), {}, asking, copies=1, with_caller=True)

    assert documents(transport) == ["mutation room x1 without []"]
    assert told.caller is None


async def test_ask__write_with_the_caller_known__has_the_caller(ask_over: AskOver, asking: Asking) -> None:
    """What an earlier read told serves a write."""
    asker, _ = ask_over([data(room=ROOM, caller=DANA), data(room=ROOM)])
    await asker.ask(question(), {}, asking, copies=1, with_caller=True)

    told = await asker.ask(question("mutation"), {}, asking, copies=1, with_caller=True)

    assert told.caller == DANA_READ


async def test_ask__caller_null__answers_without(ask_over: AskOver, asking: Asking) -> None:
    """A credential without a user is answered, and asked for the user again the next time."""
    asker, transport = ask_over([data(room=ROOM, caller=None), data(room=ROOM, caller=DANA)])
    told = await asker.ask(question(), {}, asking, copies=1, with_caller=True)

    again = await asker.ask(question(), {}, asking, copies=1, with_caller=True)

    assert (told.caller, again.caller) == (None, DANA_READ)
    assert documents(transport)[1].endswith(" caller")


async def test_ask__caller_told_in_part__is_not_remembered(ask_over: AskOver, asking: Asking) -> None:
    """A fault in the caller counts as a gap of the answer, and is not kept for an hour."""
    fault = {"message": "Exception occurred", "path": ["caller", "talentProfile"]}
    partial = Answer({"data": {"room": ROOM, "caller": DANA}, "errors": [fault]})
    asker, transport = ask_over([partial, data(room=ROOM, caller=DANA)])

    told = await asker.ask(question(), {}, asking, copies=1, with_caller=True)
    await asker.ask(question(), {}, asking, copies=1, with_caller=True)

    assert (told.caller, len(told.faults)) == (DANA_READ, 1)
    assert documents(transport)[1].endswith(" caller")


async def test_ask__caller_unreadable__answers_with_what_can_be_read(
    ask_over: AskOver, asking: Asking, events: Events
) -> None:
    """A value of the caller that a converter refuses does not take the whole answer with it."""
    asker, _ = ask_over([data(room=ROOM, caller={"id": "u1", "name": 5})])

    told = await asker.ask(question(), {}, asking, copies=1, with_caller=True)

    assert told.caller == {"auth_user": {"first_name": ""}, "id": "u1"}
    assert events.of(ValueUnreadable) == [ValueUnreadable("request-one", "_caller.yaml:9", "a value could not be read")]


async def test_ask__only_the_caller_failed__is_no_fault_of_the_object(ask_over: AskOver, asking: Asking) -> None:
    """An object that is not there is not taken for forbidden because the caller was."""
    fault = {"message": "Access is denied", "path": ["caller"]}
    asker, _ = ask_over([Answer({"data": {"room": None, "caller": None}, "errors": [fault]})])

    with pytest.raises(NotFoundError):
        await asker.ask(question(), {}, asking, copies=1, with_caller=True)


# --- faults


async def test_ask__partial_data__keeps_the_faults(ask_over: AskOver, asking: Asking) -> None:
    """Data with errors is answered, and says that it lacks something."""
    fault = {"message": "Exception occurred", "path": ["room", "topic"]}
    asker, _ = ask_over([Answer({"data": {"room": {"id": "r1", "topic": None}}, "errors": [fault]})])

    told = await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    assert told.start == {"id": "r1", "topic": None}
    assert [one.path for one in told.faults] == [("room", "topic")]


@pytest.mark.parametrize(
    ("path", "faults"),
    [
        (["room", "apart_edges", 0, "node", "user"], 0),
        (["room", "apart_edges"], 1),
        (["room", "edges", 0, "node"], 1),
        ([], 1),
        (None, 1),
    ],
)
async def test_ask__fault_below_a_list_asked_apart__is_expected(
    ask_over: AskOver, asking: Asking, path: list[Any] | None, faults: int
) -> None:
    """A null below the list takes nothing from the answer; a list that failed as a whole does."""
    error = {"message": "null", "path": path}
    asker, _ = ask_over([Answer({"data": {"room": ROOM}, "errors": [error]})])

    told = await asker.ask(question(apart=frozenset({"apart_edges"})), {}, asking, copies=1, with_caller=False)

    assert len(told.faults) == faults


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (data(room=None), NotFoundError),
        (Answer({"data": None}), NotFoundError),
        (Answer({"data": None, "errors": [{"message": "Exception occurred", "path": ["room"]}]}), UpstreamError),
        (Answer({"errors": [{"message": "Room not found", "path": ["room"]}], "data": {"room": None}}), NotFoundError),
    ],
)
async def test_ask__root_null__is_an_error(
    ask_over: AskOver, asking: Asking, answer: Answer, error: type[ProxyError]
) -> None:
    """A read with nothing to answer with says why, as far as the upstream does."""
    asker, _ = ask_over([answer])

    with pytest.raises(ProxyError) as caught:
        await asker.ask(question(), {}, asking, copies=1, with_caller=False)

    assert type(caught.value) is error


@pytest.mark.parametrize(
    "answer",
    [data(room=None), Answer({"data": None, "errors": [{"message": "Exception occurred", "path": ["room"]}]})],
)
async def test_ask__root_of_a_write_null__has_an_unknown_outcome(
    ask_over: AskOver, asking: Asking, answer: Answer
) -> None:
    """A write that is not refused and gives nothing back may have been carried out."""
    asker, _ = ask_over([answer])

    with pytest.raises(UnknownOutcomeError):
        await asker.ask(question("mutation"), {}, asking, copies=1, with_caller=False)


async def test_ask__several_roots__answers_while_one_is_there(ask_over: AskOver, asking: Asking) -> None:
    """Paths of such a question begin at the data; one root that is null is a gap."""
    both = replace(question(), roots=(("a", "Query.a"), ("b", "Query.b")), is_rooted=False)
    asker, _ = ask_over([data(a=None, b=ROOM)])

    told = await asker.ask(both, {}, asking, copies=1, with_caller=False)

    assert told.start == {"a": None, "b": ROOM}


# --- one root many times


async def test_ask__copies__are_answered_in_their_order(ask_over: AskOver, asking: Asking) -> None:
    """Aliases become a list again."""
    asker, transport = ask_over([data(r0=ROOM, r1={"id": "r2"})])

    told = await asker.ask(question("mutation", copies=True), {}, asking, copies=2, with_caller=False)

    assert documents(transport) == ["mutation room x2 without []"]
    assert told.start == {"all": [ROOM, {"id": "r2"}]}


def failed(*aliases: str, message: str = "Room not found", **roots: Any) -> Answer:
    """An answer in which these copies failed."""
    errors = [{"message": message, "path": [alias]} for alias in aliases]
    return Answer({"data": roots or None, "errors": errors})


@pytest.mark.parametrize(
    ("answer", "copies", "text"),
    [
        (failed("r1"), 3, "Of 3: failed no. 2; carried out no. 1; not known no. 3. Look before you repeat them"),
        (failed("r0"), 3, "Of 3: failed no. 1; not known no. 2, 3. Look before you repeat them"),
        (failed("r2"), 3, "Of 3: failed no. 3; carried out no. 1, 2. Look before you repeat them"),
        (failed("r2", "r10"), 11, "Of 11: failed no. 3, 11; carried out no. 1, 2; not known no. 4, 5, 6, 7, 8, 9, 10. "
                                  "Look before you repeat them"),
        (failed("r1", r0=ROOM, r1=None, r2=ROOM), 3, "Of 3: failed no. 2; carried out no. 1, 3. "
                                                     "Look before you repeat them"),
    ],
)  # fmt: skip
async def test_ask__some_writes_of_many_failed__says_what_became_of_each(
    ask_over: AskOver, asking: Asking, answer: Answer, copies: int, text: str
) -> None:
    """Writes run in their order, and a failed non-null one ends them: those before it are done, those after it open."""
    asker, _ = ask_over([answer])

    with pytest.raises(UnknownOutcomeError) as caught:
        await asker.ask(question("mutation", copies=True), {}, asking, copies=copies, with_caller=False)

    assert caught.value.message == text


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (failed("r0", "r1"), NotFoundError),
        (failed("r0", "r1", message="Exception occurred"), UnknownOutcomeError),
        (lacks("Mutation.room"), ScopeError),
        (Answer({"data": None}), UnknownOutcomeError),
        (Answer({"data": None, "errors": [{"message": "Exception occurred"}]}), UnknownOutcomeError),
    ],
)
async def test_ask__all_writes_failed__is_the_error_of_one(
    ask_over: AskOver, asking: Asking, answer: Answer, error: type[ProxyError]
) -> None:
    """Without a difference between the copies, the error is that of a single write."""
    asker, _ = ask_over([answer])

    with pytest.raises(ProxyError) as caught:
        await asker.ask(question("mutation", copies=True), {}, asking, copies=2, with_caller=False)

    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (data(r0=ROOM, r1=None), [ROOM, None]),
        (data(r0=None, r1=None), [None, None]),
        (failed("r1", r0=ROOM, r1=None), [ROOM, None]),
    ],
)
async def test_ask__some_reads_of_many_failed__answers_the_others(
    ask_over: AskOver, asking: Asking, answer: Answer, found: list[Any]
) -> None:
    """A read leaves a null where one is missing."""
    asker, _ = ask_over([answer])

    told = await asker.ask(question(copies=True), {}, asking, copies=2, with_caller=False)

    assert told.start == {"all": found}


async def test_ask__all_reads_of_many_failed__is_an_error(ask_over: AskOver, asking: Asking) -> None:
    """With nothing but faults there is nothing to answer with."""
    asker, _ = ask_over([failed("r0", "r1")])

    with pytest.raises(NotFoundError):
        await asker.ask(question(copies=True), {}, asking, copies=2, with_caller=False)


# --- several roots, each once an element


def both(kind: str = "query") -> Question:
    """Two roots that are asked once an element."""
    roots = (("talent", f"{kind.title()}.talent"), ("profile", f"{kind.title()}.profile"))
    fields = frozenset(coordinate for _, coordinate in roots)
    return replace(question(kind, copies=True), is_several=True, roots=roots, fields=fields)


async def test_ask__several_roots_repeated__gives_one_object_an_element(ask_over: AskOver, asking: Asking) -> None:
    """The answer of an element has one member a root, whatever order they came in."""
    asker, _ = ask_over([data(r1_profile={"id": 4}, r0_talent={"id": 1}, r1_talent={"id": 3}, r0_profile={"id": 2})])

    told = await asker.ask(both(), {}, asking, copies=2, with_caller=False)

    assert told.start == {
        "all": [{"talent": {"id": 1}, "profile": {"id": 2}}, {"talent": {"id": 3}, "profile": {"id": 4}}]
    }


async def test_ask__several_roots_repeated_and_one_null__keeps_the_others(ask_over: AskOver, asking: Asking) -> None:
    """A root that is not there is a null member; an element without any is null."""
    error = {"message": "Exception occurred", "path": ["r0_talent"]}
    answer = {"r0_talent": None, "r0_profile": {"id": 2}, "r1_talent": None, "r1_profile": None}
    asker, _ = ask_over([Answer({"data": answer, "errors": [error]})])

    told = await asker.ask(both(), {}, asking, copies=2, with_caller=False)

    assert told.start == {"all": [{"talent": None, "profile": {"id": 2}}, None]}
    assert [fault.path for fault in told.faults] == [("r0_talent",)]


async def test_ask__several_roots_repeated_and_none_there__is_an_error(ask_over: AskOver, asking: Asking) -> None:
    """What the upstream told is what the caller is told."""
    error = {"message": "Profile not found", "path": ["r0_talent"]}
    asker, _ = ask_over([Answer({"data": {"r0_talent": None, "r0_profile": None}, "errors": [error]})])

    with pytest.raises(NotFoundError):
        await asker.ask(both(), {}, asking, copies=1, with_caller=False)


async def test_ask__one_of_several_roots_withheld__asks_for_the_others(ask_over: AskOver, asking: Asking) -> None:
    """A root out of reach is left out of every copy; the others answer."""
    asker, transport = ask_over([lacks("Query.talent"), data(r0_profile={"id": 2})])

    told = await asker.ask(both(), {}, asking, copies=1, with_caller=False)

    assert told.start == {"all": [{"talent": None, "profile": {"id": 2}}]}
    assert transport.questions[1]["query"].endswith("without [Query.talent]")
    assert told.withheld == {"Query.talent"}


async def test_ask__several_roots_apart__expects_faults_below_the_alias(ask_over: AskOver, asking: Asking) -> None:
    """The alias of a copy's root ends with the root's own: what falls out of one asked apart takes nothing."""
    apart = replace(both(), apart=frozenset({"apart_names"}), roots=(("talent", "Q.t"), ("apart_names", "Q.t")))
    error = {"message": "Exception occurred", "path": ["r0_apart_names", "name"]}
    asker, _ = ask_over([Answer({"data": {"r0_talent": {"id": 1}, "r0_apart_names": None}, "errors": [error]})])

    told = await asker.ask(apart, {}, asking, copies=1, with_caller=False)

    assert (told.start, told.faults) == ({"all": [{"talent": {"id": 1}, "apart_names": None}]}, ())
