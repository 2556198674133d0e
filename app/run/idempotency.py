"""Writes that may come twice are sent once: who asks again under the same key is told what became of the first.

A record in the store stands for each key: first for the right to carry the write out, then for the fact that it may
have left, in the end for its answer. It becomes the second before anything is sent, and only in the hands of whoever
made it; so of all workers and replicas one sends, and where that one dies nobody sends again. What provably did
nothing leaves no record: it may be tried again.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from app.access.records import Outcome, Write
from app.access.vault import Kept, Vault, digest, new_secret
from app.errors import (
    IdempotencyKeyError,
    KeyReusedError,
    ProxyError,
    UnknownOutcomeError,
    WriteNotKeptError,
    WriteRunningError,
)
from app.events import Observer, WriteReplayed
from app.message import LegacyReply, LegacyRequest
from app.plan import Plan
from app.run.faults import unknown_outcome
from app.store.store import StoreDownError

REPLAYED = "Idempotency-Replayed"
KEY = re.compile(r"[!-~]{1,255}")
#: how long a key that a caller gave is remembered
DAY_SECONDS = 86_400.0
#: how much longer than its deadline a write may be told to run: clocks differ, and its answer has to be stored
SLACK_SECONDS = 5.0
#: pauses between two looks at a write that runs
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.25
#: how often a change of a record of one's own is tried: whoever seals the store anew may come between once
TRIES = 2

Act = Callable[["Turn"], Awaitable[LegacyReply]]


@dataclass(frozen=True, slots=True)
class Named:
    """A write under a key: the record's name, the digest of what is asked, how long the record stays."""

    name: str
    request: str
    seconds: float


class Turn:
    """The right to carry out one write, held by a record in the store."""

    def __init__(self, vault: Vault, kept: Kept[Write]) -> None:
        self._vault = vault
        self._kept = kept
        #: whether something was carried out, so that no failure afterwards leaves the write to be tried again
        self.has_written = False

    @property
    def is_sent(self) -> bool:
        """Whether the write may have reached the upstream."""
        return self._kept.record.is_sent

    async def send(self) -> None:
        """Note that the write leaves now. Raises WriteRunningError where the right is lost, WriteNotKeptError."""
        if self.is_sent:
            return
        with _told_as_not_kept():
            if not await self._become(is_sent=True):
                raise WriteRunningError("The request took too long to begin; it was not sent", retry_after_seconds=1)

    async def keep(self, outcome: Outcome) -> None:
        """Keep what became of the write. Where the store is down the record stays: whoever asks is told 'unknown'."""
        with suppress(StoreDownError):
            await self._become(outcome=outcome)

    async def give_up(self) -> None:
        """Leave no record of a write that did nothing. Where the store is down it stays until its time is over."""
        with suppress(StoreDownError):
            for _ in range(TRIES):
                if await self._vault.take(self._kept) or not await self._look_again():
                    return

    async def _become(self, **changes: Any) -> bool:
        """Change the record; False where it is no longer ours."""
        for _ in range(TRIES):
            kept = await self._vault.replace(self._kept, msgspec.structs.replace(self._kept.record, **changes))
            if kept is not None:
                self._kept = kept
                return True
            if not await self._look_again():
                return False
        return False

    async def _look_again(self) -> bool:
        """Whether the record is ours still: sealed anew, or changed by ourselves without the store saying so."""
        found = await self._vault.get(Write, self._kept.name)
        if found is None or found.record.owner != self._kept.record.owner:
            return False
        self._kept = found
        return True


class Idempotency:
    """Carries out writes under keys. `now` is seconds since 1970, `clock` those that deadlines are told in.

    Without a vault nothing is kept, and who gives a key is refused. `derived` are the areas whose writes have a key
    without one being given: equal ones within `window_seconds` are one.
    """

    def __init__(
        self,
        vault: Vault | None,
        observer: Observer,
        *,
        now: Callable[[], float],
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
        derived: Collection[str] = (),
        window_seconds: float = 0.0,
    ) -> None:
        self._vault = vault
        self._observer = observer
        self._now = now
        self._clock = clock
        self._sleep = sleep
        self._derived = frozenset(derived)
        self._window_seconds = window_seconds

    def named(self, plan: Plan, request: LegacyRequest) -> Named | None:
        """The record of a request; None where it needs none. Raises IdempotencyKeyError."""
        given = request.idempotency_key
        if not plan.writes or (given is None and plan.area not in self._derived):
            return None
        asked = digest(json.dumps([plan.id, dict(request.parts), dict(request.params)], sort_keys=True))
        who = request.credential.key
        if given is None:
            # A caller's own key never meets a derived one.
            return Named(digest(json.dumps(["derived", who, asked])), asked, self._window_seconds)
        if KEY.fullmatch(given) is None:
            raise IdempotencyKeyError("Idempotency-Key must be 1 to 255 visible ASCII characters")
        return Named(digest(json.dumps(["given", who, given])), asked, DAY_SECONDS)

    async def once(self, named: Named, plan: Plan, request: LegacyRequest, deadline: float, act: Act) -> LegacyReply:
        """What `act` answers, or what it answered the first time; it has until `deadline`.

        Raises what `act` raises, KeyReusedError, WriteRunningError, WriteNotKeptError.
        """
        if self._vault is None:
            raise IdempotencyKeyError(
                "Idempotency-Key is not taken here, as no answers are kept; the request was not carried out",
                mend="set HEIRLOOM_SECRET_KEY to what 'heirloom secret new' prints, and keep it",
            )
        with _told_as_not_kept():
            found = await self._turn(self._vault, named, deadline)
        if isinstance(found, Turn):
            return await _carried_out(found, act)
        self._observer(WriteReplayed(request.request_id, plan.id))
        return _replayed(found)

    async def _turn(self, vault: Vault, named: Named, deadline: float) -> Turn | Outcome:
        """The right to carry the write out, or what became of it; waits for whoever has the right."""
        pause = FIRST_PAUSE
        while True:
            kept = await vault.get(Write, named.name)
            if kept is None:
                own = await vault.add(named.name, self._begun(named, deadline), seconds=self._lifetime(named, deadline))
                if own is not None:
                    return Turn(vault, own)
            elif (outcome := self._standing(named, kept.record)) is not None:
                return outcome
            elif kept.record.ends <= self._now():
                # It never left, and whoever had the right cannot send any more once the record is gone.
                await vault.take(kept)
                continue
            if self._clock() + pause >= deadline:
                raise WriteRunningError(
                    "An equal request is being carried out: ask again",
                    retry_after_seconds=1 if kept is None else max(1, math.ceil(kept.record.ends - self._now())),
                )
            await self._sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _standing(self, named: Named, write: Write) -> Outcome | None:
        """What became of a write as far as the record tells; None while it runs, or never left."""
        if write.request != named.request:
            raise KeyReusedError("This Idempotency-Key was used for another request; give each its own")
        if write.outcome is None and write.is_sent and write.ends <= self._now():
            # Whoever sent it is gone; where it is not, it still keeps the true answer.
            return _failed(unknown_outcome(""))
        return write.outcome

    def _begun(self, named: Named, deadline: float) -> Write:
        return Write(request=named.request, owner=new_secret(), ends=self._now() + self._left(deadline))

    def _lifetime(self, named: Named, deadline: float) -> float:
        """Never shorter than the write itself."""
        return named.seconds + self._left(deadline)

    def _left(self, deadline: float) -> float:
        return max(0.0, deadline - self._clock()) + SLACK_SECONDS


async def _carried_out(turn: Turn, act: Act) -> LegacyReply:
    """The answer, kept; what did nothing is left to be tried again.

    Who is stopped in the middle keeps nothing: a record that says 'sent' and no more says enough.
    """
    try:
        reply = await act(turn)
    except ProxyError as error:
        if turn.has_written or isinstance(error, UnknownOutcomeError):
            await turn.keep(_failed(error))
        else:
            await turn.give_up()
        raise
    except Exception:
        # A fault of ours: the write itself may have been carried out.
        await (turn.keep(_failed(unknown_outcome(""))) if turn.is_sent else turn.give_up())
        raise
    await turn.keep(Outcome(status=reply.status, body=reply.body, warnings=reply.warnings, headers=dict(reply.headers)))
    return reply


def _failed(error: ProxyError) -> Outcome:
    return Outcome(status=error.status, legacy_code=error.legacy_code, message=error.message)


def _replayed(outcome: Outcome) -> LegacyReply:
    """The answer once more, marked; an error is raised."""
    if outcome.body is None:
        error = UnknownOutcomeError(outcome.message, status=outcome.status, legacy_code=outcome.legacy_code)
        error.is_replayed = True
        raise error
    return LegacyReply(outcome.body, outcome.status, outcome.warnings, {**outcome.headers, REPLAYED: "true"})


@contextmanager
def _told_as_not_kept() -> Iterator[None]:
    """A store that is down keeps a write from being sent."""
    try:
        yield
    except StoreDownError as error:
        raise WriteNotKeptError(
            "The service cannot keep what becomes of the request at the moment; it was not sent: try again shortly",
            mend=error.mend,
            detail=error.detail,
            retry_after_seconds=1,
        ) from error
