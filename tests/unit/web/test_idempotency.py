"""A write under a key, from the wire to the upstream and back: sent once, answered alike, to its own caller only."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from app.access.vault import new_secret_key
from app.assemble import assemble
from app.compile.build import Built
from app.events import WriteReplayed
from app.settings import load_settings
from app.store.opening import open_store
from app.web.app import create_app
from tests.asgi import Reply, send
from tests.conftest import Service
from tests.doubles import Events
from tests.upstream import Answer, RecordingUpstream, data, refusal

ADJUSTMENTS = "/api/hr/v2/teams/1104567890123456781/adjustments"
STORIES = "/api/messages/v3/1104567890123456781/rooms/r1/stories.json"
ROOM = "/api/messages/v3/1104567890123456781/rooms/r1.json"
ONE, OTHER = ({"Authorization": f"Bearer oauth2v2_token-of-{name}"} for name in ("one", "another"))
BONUS = {"engagement__reference": "24680135", "comments": "A very private bonus", "charge_amount": "10.00"}
PAID, PAID_AGAIN = (data(sendCustomPayment={"invoiceId": number}) for number in ("11", "22"))
REFUSED = refusal("VJCA-6 Input parameter provided has incorrect value", path=["sendCustomPayment"])
UNKNOWN = 'heirloom; error="U520"'
SECRET_KEY = new_secret_key()

Serve = Callable[..., Service]


@pytest.fixture
async def serve(built: Built, address: str) -> AsyncIterator[Serve]:
    """Make a worker over the store of this test, with these answers of the upstream and further settings."""
    opened = []

    def make(*answers: Answer | Exception, **more: str) -> Service:
        settings = load_settings(
            {
                "HEIRLOOM_UPSTREAM_ATTEMPTS": "1",
                "HEIRLOOM_STORE": address,
                "HEIRLOOM_SECRET_KEY": SECRET_KEY,
                "HEIRLOOM_DEADLINE_SECONDS": "0.5",
                **more,
            }
        )
        upstream, events = RecordingUpstream(answers), Events()
        opened.append(assemble(settings, built.plans, transport=upstream, observer=events))
        return Service(create_app(opened[-1]), upstream, events)

    yield make
    for assembly in opened:
        await assembly.close()
    store = open_store(address, time.time)
    for key, _ in await store.entries(""):
        await store.delete(key)
    await store.close()


def pay(
    service: Service, key: str | None = "key-1", who: dict[str, str] = ONE, form: str = "json", **changes: str
) -> Awaitable[Reply]:
    """A payment under a key."""
    headers = who | {"Content-Type": "application/x-www-form-urlencoded"}
    headers |= {} if key is None else {"Idempotency-Key": key}
    return send(service.app, "POST", f"{ADJUSTMENTS}.{form}", headers, urlencode(BONUS | changes).encode())


def told(reply: Reply) -> tuple[int, str, str | None]:
    """Status, code and the mark of a replay."""
    return reply.status, reply.headers.get("proxy-status", ""), reply.headers.get("idempotency-replayed")


# --- once


async def test_write__again_under_its_key__is_answered_as_the_first_one(serve: Serve) -> None:
    """Another worker gives the same answer, marked, and sends nothing."""
    first_worker, other_worker = serve(PAID), serve()

    first, again = await pay(first_worker), await pay(other_worker)

    assert (first.status, first.json()["adjustment"]) == (200, {"reference": "11"})
    assert "idempotency-replayed" not in first.headers
    assert told(again) == (200, "", "true")
    assert again.body == first.body
    assert [event.endpoint for event in other_worker.events.of(WriteReplayed)] == ["payments/make_custom_payment"]


async def test_write__again_in_the_other_format__has_the_same_answer_in_it(serve: Serve) -> None:
    """JSON or XML is how an answer is written down, not what is asked."""
    service = serve(PAID)
    await pay(service)

    again = await pay(service, form="xml")

    assert (again.status, again.headers["content-type"]) == (200, "application/xml")
    assert b"<adjustment><reference>11</reference></adjustment>" in again.body


async def test_write__again_with_its_parameters_in_json__is_the_same(serve: Serve) -> None:
    """A form and a JSON object are two ways to send the same parameters."""
    service = serve(PAID)
    first = await pay(service)
    headers = ONE | {"Content-Type": "application/json", "Idempotency-Key": "key-1"}
    body = b'{"charge_amount": "10.00", "comments": "A very private bonus", "engagement__reference": "24680135"}'

    again = await send(service.app, "POST", f"{ADJUSTMENTS}.json", headers, body)

    assert (told(again), again.body) == ((200, "", "true"), first.body)


async def test_write__warned_of__is_warned_of_again(serve: Serve) -> None:
    """What the caller was told beside the answer is told again."""
    fault = {"message": "no invoice yet", "path": ["sendCustomPayment", "invoiceId"]}
    service = serve(Answer({"data": {"sendCustomPayment": {"invoiceId": None}}, "errors": [fault]}))

    first, again = await pay(service), await pay(service)

    assert told(again) == (200, "", "true")
    assert first.headers["x-heirloom-warning"].startswith("partial")
    assert again.headers["x-heirloom-warning"] == first.headers["x-heirloom-warning"]


async def test_write__under_another_key__is_another_one(serve: Serve) -> None:
    """Two bonuses of the same amount are paid, when that is meant."""
    service = serve(PAID, PAID_AGAIN)

    first, second = await pay(service, "key-1"), await pay(service, "key-2")

    assert [reply.json()["adjustment"]["reference"] for reply in (first, second)] == ["11", "22"]


async def test_write__of_another_credential_under_the_same_key__is_its_own(serve: Serve) -> None:
    """Nobody ever sees an answer that another was given."""
    service = serve(PAID, PAID_AGAIN)

    first, others = await pay(service, who=ONE), await pay(service, who=OTHER)

    assert [reply.json()["adjustment"]["reference"] for reply in (first, others)] == ["11", "22"]
    assert "idempotency-replayed" not in others.headers


@pytest.mark.parametrize("changes", [{"charge_amount": "10.01"}, {"notes": "once more"}], ids=["value", "parameter"])
async def test_write__other_request_under_a_used_key__is_refused(serve: Serve, changes: dict[str, Any]) -> None:
    """422, and nothing is sent: the key was meant for something else."""
    service = serve(PAID)
    await pay(service)

    other = await pay(service, **changes)

    assert told(other) == (422, 'heirloom; error="I422"', None)
    assert len(service.upstream.requests) == 1


async def test_write__other_call_under_a_used_key__is_refused(serve: Serve) -> None:
    """The call, and the path's values, belong to the request."""
    service = serve(PAID)
    await pay(service)
    headers = ONE | {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": "key-1"}
    elsewhere = ADJUSTMENTS.replace("781", "782")

    replies = [
        await send(service.app, "POST", path, headers, urlencode(BONUS).encode()) for path in (elsewhere, STORIES)
    ]

    assert [reply.status for reply in replies] == [422, 422]


# --- what was refused, and what nobody knows


@pytest.mark.parametrize(
    "failure",
    [REFUSED, Answer({}, status=429), Answer({}, status=401), httpx.ConnectError("refused")],
    ids=["refused", "busy", "token", "unreachable"],
)
async def test_write__that_did_nothing__may_be_tried_again(serve: Serve, failure: Answer | Exception) -> None:
    """A refusal is no answer to keep: the next request under the key is sent."""
    service = serve(failure, PAID)

    refused, again = await pay(service), await pay(service)

    assert refused.status in {400, 401, 429, 502}
    assert UNKNOWN not in refused.headers["proxy-status"]
    assert told(again) == (200, "", None)


async def test_write__parameter_missing__leaves_its_key_free(serve: Serve) -> None:
    """Who mends the request may keep the key."""
    service = serve(PAID)

    wrong, mended = await pay(service, comments=""), await pay(service)

    assert (wrong.status, told(mended)) == (400, (200, "", None))


@pytest.mark.parametrize(
    "failure",
    [httpx.ReadTimeout("late"), httpx.ReadError("cut"), Answer(b"<html>"), Answer({}, status=500)],
    ids=["late", "cut", "no JSON", "server error"],
)
async def test_write__with_an_unknown_outcome__is_never_sent_again(serve: Serve, failure: Answer | Exception) -> None:
    """It may have been carried out: whoever asks again is told so again."""
    first_worker, other_worker = serve(failure), serve()

    first, again = await pay(first_worker), await pay(other_worker)

    assert told(first) == (502, UNKNOWN, None)
    assert told(again) == (502, UNKNOWN, "true")
    assert again.json()["error"] == first.json()["error"]


async def test_batch__of_which_a_part_failed__is_never_sent_again(serve: Serve) -> None:
    """What was carried out of it would be carried out twice."""
    answer = Answer(
        {"data": {"r0": {"id": "s1", "message": "a"}, "r1": None}, "errors": [{"message": "no", "path": ["r1"]}]}
    )
    service = serve(answer)
    headers = ONE | {"Content-Type": "application/json", "Idempotency-Key": "key-1"}
    path = "/api/messages/v3/1104567890123456781/stories/batch.json"
    body = b'{"rooms": ["room_1", "room_2"], "story": {"message": "Closed on Friday"}}'

    first, again = [await send(service.app, "POST", path, headers, body) for _ in range(2)]

    assert told(first) == (502, UNKNOWN, None), first.body
    assert told(again) == (502, UNKNOWN, "true")
    assert again.json()["error"] == first.json()["error"]


# --- keys


@pytest.mark.parametrize("key", ["", "two words", "tab\tbed", "é", "k" * 256], ids=range(5))
async def test_key__malformed__is_refused(serve: Serve, key: str) -> None:
    """A write whose key cannot be kept as it stands is not sent."""
    service = serve()

    reply = await pay(service, key)

    assert told(reply) == (400, 'heirloom; error="I400"', None)


@pytest.mark.parametrize("key", ["k", "!~", '"quoted"', "k" * 255], ids=["one", "ends", "quoted", "longest"])
async def test_key__of_visible_characters__is_taken(serve: Serve, key: str) -> None:
    """Any of them, 255 at most; the quotes of a structured header are a part of it."""
    service = serve(PAID)

    await pay(service, key)

    assert told(await pay(service, key)) == (200, "", "true")


async def test_key__given_twice__is_refused(serve: Serve) -> None:
    """Either may be the one that is meant."""
    service = serve()
    headers = ONE | {"Idempotency-Key": "key-1", "idempotency-key": "key-2"}

    reply = await send(service.app, "POST", f"{ADJUSTMENTS}.json", headers, urlencode(BONUS).encode())

    assert reply.status == 400


async def test_key__with_a_read__means_nothing(serve: Serve) -> None:
    """A read is asked as ever: it can be repeated without harm."""
    service = serve(*[data(room={"id": "r1"})] * 2)

    replies = [await send(service.app, "GET", ROOM, ONE | {"Idempotency-Key": "two words"}) for _ in range(2)]

    assert [told(reply) for reply in replies] == [(200, "", None)] * 2


async def test_key__no_secret_key_set__is_refused(service_over: Any) -> None:
    """Nothing is kept unsealed, and nobody is left to believe that it was kept."""
    service = service_over([])

    reply = await pay(service)

    assert told(reply) == (400, 'heirloom; error="I400"', None)
    assert "not carried out" in reply.json()["error"]["message"]


# --- derived keys


async def test_derived__equal_writes_of_the_area__are_one(serve: Serve) -> None:
    """An old client that asks again after its own timeout pays once."""
    service = serve(PAID, PAID_AGAIN, HEIRLOOM_DERIVE_IDEMPOTENCY="payments")

    replies = [await pay(service, None), await pay(service, None), await pay(service, None, charge_amount="11.00")]

    assert [told(reply) for reply in replies] == [(200, "", None), (200, "", "true"), (200, "", None)]


async def test_derived__key_given__counts_for_more(serve: Serve) -> None:
    """Who names its writes is believed; what was derived before does not answer for them."""
    service = serve(PAID, PAID_AGAIN, HEIRLOOM_DERIVE_IDEMPOTENCY="payments")

    replies = [await pay(service, None), await pay(service, "key-1")]

    assert [told(reply) for reply in replies] == [(200, "", None)] * 2


async def test_derived__other_credential_or_area__is_another_write(serve: Serve) -> None:
    """Nothing is derived where the setting does not say so."""
    paid = serve(PAID, PAID_AGAIN, HEIRLOOM_DERIVE_IDEMPOTENCY="payments")
    unnamed = serve(PAID, PAID_AGAIN, HEIRLOOM_DERIVE_IDEMPOTENCY="milestones,messages")

    replies = [await pay(paid, None, ONE), await pay(paid, None, OTHER)]
    replies += [await pay(unnamed, None), await pay(unnamed, None)]

    assert [told(reply) for reply in replies] == [(200, "", None)] * 4


# --- what is kept


async def test_record__in_the_store__is_sealed_and_ends(serve: Serve, address: str) -> None:
    """Nothing of the answer, the request, the key or the token can be read there."""
    await pay(serve(PAID), "a-private-key")

    store = open_store(address, lambda: 0.0)
    ((name, sealed),) = await store.entries("write")
    await store.close()

    assert name.startswith("write:")
    for private in ("private", "reference", "24680135", "token-of-one", "adjustment"):
        assert private not in name
        assert private.encode() not in sealed


async def test_write__store_down__is_not_sent(serve: Serve) -> None:
    """What cannot be kept is not begun; writes without a key go on."""
    service = serve(PAID, HEIRLOOM_STORE="redis://127.0.0.1:1/0")

    refused, plain = await pay(service), await pay(service, None)

    assert told(refused) == (503, 'heirloom; error="I503"', None)
    assert refused.headers["retry-after"] == "1"
    assert plain.status == 200
