"""The right to carry out a write: who has it, who waits for it, and what is left of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.access.bearer import credential_of
from app.access.records import Write
from app.access.vault import Vault, new_secret_key
from app.errors import ProxyError, RequestError, UnknownOutcomeError, WriteNotKeptError, WriteRunningError
from app.message import LegacyReply, LegacyRequest
from app.run.idempotency import Idempotency, Turn
from app.store.store import StoreDownError
from tests.doubles import Clock, Events
from tests.unit.access.conftest import SECRET_KEY, NewVault
from tests.unit.run.conftest import question
from tests.unit.run.test_serve import plan, variant

PAY = plan(variant(question("mutation", "pay")))
REQUEST = LegacyRequest({}, {"amount": "10"}, credential_of("token-one"), idempotency_key="key-1")
PAID = LegacyReply({"paid": "10"}, 201, ("partial: a note",), {"X-More": "1"})


@dataclass
class Worker:
    """One worker: its clock moves by hand, also while it waits; `elsewhere` happens in its first wait."""

    vault: Vault
    clock: Clock = field(default_factory=Clock)
    elsewhere: Callable[[], Awaitable[Any]] | None = None
    waits: int = 0
    sent: int = 0

    async def sleep(self, seconds: float) -> None:
        """Wait, while others go on."""
        self.waits += 1
        self.clock.now += seconds
        elsewhere, self.elsewhere = self.elsewhere, None
        if elsewhere is not None:
            await elsewhere()

    async def write(self, act: Callable[[Turn], Awaitable[LegacyReply]], seconds: float = 7.0) -> LegacyReply:
        """Carry out the write within its time, or tell what became of it."""
        keeping = Idempotency(
            self.vault, Events(), now=lambda: time.time() + self.clock.now, clock=self.clock, sleep=self.sleep
        )
        named = keeping.named(PAY, REQUEST)
        assert named is not None
        return await keeping.once(named, PAY, REQUEST, self.clock.now + seconds, act)

    async def pays(self, turn: Turn) -> LegacyReply:
        """Send it and be answered."""
        await turn.send()
        self.sent += 1
        return PAID

    async def dies_unsent(self, turn: Turn) -> LegacyReply:
        """Come to an end before it was sent."""
        raise asyncio.CancelledError

    async def dies_sent(self, turn: Turn) -> LegacyReply:
        """Come to an end after it was sent."""
        await turn.send()
        self.sent += 1
        raise asyncio.CancelledError


@pytest.fixture
def new_worker(new_vault: NewVault) -> Callable[[], Worker]:
    """One more worker over the store of this test."""
    return lambda: Worker(new_vault())


NewWorker = Callable[[], Worker]


async def test_once__answered__is_told_with_all_that_went_with_it(new_worker: NewWorker) -> None:
    """Status, warnings and headers are the first one's; the mark of a replay is added."""
    one, other = new_worker(), new_worker()
    await one.write(one.pays)

    again = await other.write(other.pays)

    assert again == LegacyReply(PAID.body, 201, PAID.warnings, {"X-More": "1", "Idempotency-Replayed": "true"})
    assert (one.sent, other.sent) == (1, 0)


async def test_once__equal_one_runs__waits_for_its_answer(new_worker: NewWorker) -> None:
    """Who comes second is told what the first one was, without asking."""
    one, other = new_worker(), new_worker()
    go_on = asyncio.Event()

    async def pays_later(turn: Turn) -> LegacyReply:
        await turn.send()
        await go_on.wait()
        return PAID

    running = asyncio.create_task(one.write(pays_later))
    await asyncio.sleep(0.1)

    async def finish() -> None:
        go_on.set()
        await running

    other.elsewhere = finish
    again = await other.write(other.pays)

    assert again.body == PAID.body
    assert (other.sent, other.waits) == (0, 1)


async def test_once__equal_one_runs_too_long__is_told_to_come_again(new_worker: NewWorker) -> None:
    """409 within the deadline, with the seconds after which it surely is over."""
    one, other = new_worker(), new_worker()
    with pytest.raises(asyncio.CancelledError):
        await one.write(one.dies_sent, seconds=60.0)

    with pytest.raises(WriteRunningError) as caught:
        await other.write(other.pays, seconds=7.0)

    assert other.clock.now < 1007.0
    assert 50 <= (caught.value.retry_after_seconds or 0) <= 65
    assert other.sent == 0


async def test_once__first_one_died_after_it_sent__is_unknown_and_never_sent_again(new_worker: NewWorker) -> None:
    """Nobody can tell what became of it; it stays so."""
    one, other = new_worker(), new_worker()
    with pytest.raises(asyncio.CancelledError):
        await one.write(one.dies_sent)

    other.clock.now += 60
    for _ in range(2):
        with pytest.raises(UnknownOutcomeError) as caught:
            await other.write(other.pays)
        assert caught.value.is_replayed

    assert other.sent == 0


async def test_once__first_one_died_before_it_sent__is_carried_out(new_worker: NewWorker) -> None:
    """Once the first one's time is over the right to send is free again."""
    one, other = new_worker(), new_worker()
    with pytest.raises(asyncio.CancelledError):
        await one.write(one.dies_unsent)

    with pytest.raises(WriteRunningError):
        await other.write(other.pays, seconds=1.0)
    other.clock.now += 60
    reply = await other.write(other.pays)

    assert (reply, other.sent) == (PAID, 1)


async def test_send__right_was_taken_over__sends_nothing(new_worker: NewWorker) -> None:
    """A worker that stood still past its time finds that another has the right."""
    one, other = new_worker(), new_worker()

    async def stands_still(turn: Turn) -> LegacyReply:
        other.clock.now += 60
        await other.write(other.pays)
        return await one.pays(turn)

    with pytest.raises(WriteRunningError):
        await one.write(stands_still)

    assert (one.sent, other.sent) == (0, 1)
    assert (await other.write(other.pays)).headers["Idempotency-Replayed"] == "true"


async def test_once__sender_late_but_alive__still_keeps_the_true_answer(new_worker: NewWorker) -> None:
    """Until it does, others are told that nobody knows; afterwards what became of it."""
    one, other = new_worker(), new_worker()

    async def pays_late(turn: Turn) -> LegacyReply:
        await turn.send()
        other.clock.now += 60
        with pytest.raises(UnknownOutcomeError):
            await other.write(other.pays)
        return PAID

    await one.write(pays_late)

    assert (await other.write(other.pays)).body == PAID.body
    assert other.sent == 0


async def test_once__store_sealed_anew_in_the_middle__goes_on(new_vault: NewVault) -> None:
    """Changing the secret key takes no write its record away."""
    new_key = new_secret_key()
    one = Worker(Vault(new_vault().store, [SECRET_KEY, new_key]))
    rotated = Vault(new_vault().store, [new_key, SECRET_KEY])

    async def pays_among_resealing(turn: Turn) -> LegacyReply:
        await rotated.reseal()
        await turn.send()
        await rotated.reseal()
        return PAID

    await one.write(pays_among_resealing)

    assert (await Worker(rotated).write(one.pays)).headers["Idempotency-Replayed"] == "true"
    assert one.sent == 0


@pytest.mark.parametrize("is_sent", [False, True], ids=["before", "after"])
async def test_once__fault_of_ours__is_tried_again_only_if_nothing_was_sent(
    new_worker: NewWorker, *, is_sent: bool
) -> None:
    """What breaks inside after a write has left does not make it free."""
    one, other = new_worker(), new_worker()

    async def breaks(turn: Turn) -> LegacyReply:
        if is_sent:
            await turn.send()
        raise KeyError("a fault")

    with pytest.raises(KeyError):
        await one.write(breaks)

    if is_sent:
        with pytest.raises(UnknownOutcomeError):
            await other.write(other.pays)
    else:
        await other.write(other.pays)
    assert other.sent == (0 if is_sent else 1)


async def test_once__failed_after_something_was_carried_out__is_not_tried_again(new_worker: NewWorker) -> None:
    """The failure is told again as it was told."""
    one, other = new_worker(), new_worker()

    async def half_done(turn: Turn) -> LegacyReply:
        await turn.send()
        turn.has_written = True
        raise RequestError("The second half was refused")

    with pytest.raises(RequestError):
        await one.write(half_done)

    with pytest.raises(UnknownOutcomeError) as caught:
        await other.write(other.pays)
    assert (caught.value.status, caught.value.message) == (400, "The second half was refused")


async def test_once__fifty_at_once__one_sends(new_worker: NewWorker) -> None:
    """Over several workers all are answered alike."""
    workers = [new_worker() for _ in range(3)]
    for worker in workers:
        worker.sleep = asyncio.sleep  # type: ignore[assignment, method-assign]

    replies = await asyncio.gather(*(workers[turn % 3].write(workers[turn % 3].pays) for turn in range(50)))

    assert sum(worker.sent for worker in workers) == 1
    assert [reply.body for reply in replies] == [PAID.body] * 50
    assert sum("Idempotency-Replayed" not in reply.headers for reply in replies) == 1


# --- a store that fails


async def test_send__store_down__sends_nothing(new_worker: NewWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that cannot be noted as sent is not sent."""
    one = new_worker()

    async def fails_now(turn: Turn) -> LegacyReply:
        monkeypatch.setattr(one.vault.store, "swap", _down)
        return await one.pays(turn)

    with pytest.raises(WriteNotKeptError):
        await one.write(fails_now)

    assert one.sent == 0


async def test_keep__store_down__the_caller_has_its_answer_and_nobody_sends_again(
    new_worker: NewWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write was carried out, so its caller is told; the next one is told that it is not known."""
    one, other = new_worker(), new_worker()

    async def pays_then_down(turn: Turn) -> LegacyReply:
        reply = await one.pays(turn)
        monkeypatch.setattr(one.vault.store, "swap", _down)
        return reply

    assert await one.write(pays_then_down) == PAID
    other.clock.now += 60
    with pytest.raises(UnknownOutcomeError):
        await other.write(other.pays)


async def test_record__sealed_with_a_key_that_is_gone__keeps_the_write_from_being_sent(new_vault: NewVault) -> None:
    """What cannot be read may say that it was sent."""
    one, stranger = Worker(new_vault()), Worker(Vault(new_vault().store, [new_secret_key()]))
    await one.write(one.pays)

    with pytest.raises(WriteNotKeptError):
        await stranger.write(stranger.pays)

    assert stranger.sent == 0
    assert [kept.record.outcome is not None for kept in await one.vault.all(Write)] == [True]


async def _down(*_: Any) -> bool:
    raise StoreDownError("gone")


# --- what a key stands for


def test_named__without_a_need__is_none() -> None:
    """Reads, and writes without a key where none is derived, go as ever."""
    keeping = Idempotency(None, Events(), now=Clock(), clock=Clock(), derived=("payments",))
    read = plan(variant(question()))

    assert keeping.named(read, REQUEST) is None
    assert keeping.named(PAY, LegacyRequest({}, {}, credential_of("token-one"))) is None


def test_named__texts_run_together__are_told_apart() -> None:
    """No credential and key read as another credential and key; half a character is no obstacle."""
    keeping = Idempotency(None, Events(), now=Clock(), clock=Clock(), derived=("messages",), window_seconds=60)
    requests = [
        LegacyRequest(parts, params, credential_of(token), idempotency_key=key)
        for token in ("token-one", "token-two")
        for key in ("a", "ab", None)
        for parts in ({}, {"room": "r1"})
        for params in ({}, {"text": "x"}, {"text": "\ud800"})
    ]

    named = [keeping.named(PAY, request) for request in requests]

    assert len({(one.name, one.request) for one in named if one is not None}) == len(requests)
    assert len({one.name for one in named if one is not None}) == 2 * (2 + 6)


async def test_once__without_a_vault__is_refused_before_anything(events: Events, clock: Clock) -> None:
    """The caller is told that the request was not carried out, the operator what to set."""
    keeping = Idempotency(None, events, now=clock, clock=clock)
    named = keeping.named(PAY, REQUEST)
    assert named is not None

    async def never(turn: Turn) -> LegacyReply:
        raise AssertionError

    with pytest.raises(ProxyError) as caught:
        await keeping.once(named, PAY, REQUEST, clock.now + 7, never)

    assert (caught.value.code, caught.value.status) == ("I400", 400)
    assert "HEIRLOOM_SECRET_KEY" in caught.value.mend
