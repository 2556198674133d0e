"""One GraphQL question over HTTP. The only door to the network; every foreign error ends here."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Hashable, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import orjson
from msgspec import Struct, structs

from app.errors import (
    PermissionDeniedError,
    ProxyError,
    RequestError,
    TokenRefusedError,
    UpstreamBusyError,
    UpstreamTimeoutError,
)
from app.events import Observer, ReadShared, ReadsMerged, UpstreamAsked, UpstreamAskedAgain
from app.message import Credential, Renew
from app.run.breaker import Breaker
from app.run.budget import Budget
from app.run.bulkhead import Bulkhead
from app.run.faults import Errors, Fault, of_outcome, of_status, of_transport, read_faults
from app.run.flights import Flights
from app.run.merging import Rider, Share, may_ride, merge, split
from app.run.retries import Retries
from app.run.riding import Cars, LeaveOverError
from app.run.wire import Lost, Received, Sending, Wire

#: the name of a request that several reads share
MERGED = "merged"
#: the bytes of an answer to what its asker makes of them; None where they are to be read as any other
Take = Callable[[bytes], Any]


class Answer(Struct, frozen=True, eq=False):
    """What came back: `data` as it was, None when there was none, the errors beside it, the bytes of it all.

    Where whoever asked could make something of the bytes at once, that is `ready`, and nothing else is told.
    """

    data: dict[str, Any] | None
    faults: tuple[Fault, ...]
    raw: bytes = b""
    ready: Any = None


class Asking(Struct, frozen=True):
    """What goes with every question of one request: whose it is, for which organisation, until when, how it fails."""

    credential: Credential
    tenant: str | None
    request_id: str
    deadline: float
    errors: Errors = ()
    #: it shares the answers of those only that have the same, as what will be kept was asked for after these were drawn
    stamps: Hashable = ()
    #: whether its questions are shared one by one; not where equal calls share all of theirs
    shares_questions: bool = True

    def at(self, tenant: str | None) -> Asking:
        """The same for another organisation."""
        return Asking(
            self.credential,
            tenant,
            self.request_id,
            self.deadline,
            self.errors,
            self.stamps,
            self.shares_questions,
        )


def _tenant(asking: Asking) -> str | None:
    """The organisation to ask for. Raises PermissionDeniedError where the credential is bound to others."""
    bound, tenant = asking.credential.tenants, asking.tenant
    if tenant is not None and not (tenant.isascii() and tenant.isprintable()):
        # Ids come from paths and from the upstream; what cannot be a header's value is no organisation's.
        raise PermissionDeniedError("Forbidden: there is no such organization")
    if bound is None or tenant in bound:
        return tenant
    if tenant is None and bound:
        return bound[0]
    raise PermissionDeniedError("Forbidden: this key is not for that organization")


class _Question(Struct):
    """What goes out, for whom, and how it is read: `take` makes of a good answer's bytes what its asker wants."""

    document: str
    variables: dict[str, Any]
    body: bytes
    asking: Asking
    operation: str
    is_write: bool
    take: Take | None

    @property
    def deadline(self) -> float:
        """Until when its answer is of use."""
        return self.asking.deadline


#: how a ride ended: the answer or the error of one that went alone, a part of an answer for several, or what became of
#: the request of all; None where it must be asked apart
_RideEnd = Answer | ProxyError | Share | Received | Lost | None


@dataclass(frozen=True, slots=True)
class Policies:
    """What stands between a question and the wire: whether it may go out now, once more, and how much may come back."""

    retries: Retries
    breaker: Breaker
    bulkhead: Bulkhead
    budget: Budget | None = None
    shares_reads: bool = True
    merges_reads: bool = False
    most_waiting: int = 500
    most_bytes: int = 32 * 1024 * 1024


def _dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError as error:
        # JSON can spell half a character, which no text can hold.
        raise RequestError("A parameter holds what is no Unicode text") from error


@lru_cache(maxsize=1024)
def _before_variables(document: str) -> bytes:
    """The body of a question up to its variables."""
    return b'{"query":' + _dumped(document) + b',"variables":'


class Upstream:
    """Asks one endpoint over a wire. `clock` is the time that deadlines are told in."""

    def __init__(self, wire: Wire, clock: Callable[[], float], observer: Observer, policies: Policies) -> None:
        self._wire = wire
        self._clock = clock
        self._observer = observer
        self._policies = policies
        self._flights: Flights[Answer] = Flights(clock)
        self._cars: Cars[_Question, _RideEnd] = Cars(
            clock, self._car_leaves, self._send_riders, most_waiting=policies.most_waiting
        )

    async def ask(
        self,
        document: str,
        variables: dict[str, Any],
        asking: Asking,
        *,
        operation: str,
        is_write: bool,
        take: Take | None = None,
    ) -> Answer:
        """Send one question and read its answer. Raises ProxyError, translated.

        Asks once more where the upstream refused the token at its door, which does nothing, and it could be renewed;
        otherwise as the retries allow.
        """
        tenant = _tenant(asking)
        if tenant != asking.tenant:
            asking = asking.at(tenant)
        who = asking.credential.key
        body = _before_variables(document) + _dumped(variables) + b"}"
        question = _Question(document, variables, body, asking, operation, is_write, take)
        if is_write:
            # Before it is sent and after it ended: nobody who comes later shares a read from before it.
            self._flights.end(who)
            try:
                return await self._renewing(question)
            finally:
                self._flights.end(who)
        if not self._policies.shares_reads or not asking.shares_questions:
            return await self._renewing(question)
        # The rows of a call are one tuple for as long as the flight is in the air; to hash what is in it takes long.
        key = (tenant, body, id(asking.errors), asking.stamps)
        flight = self._flights.begin(who, key)
        if flight is None:
            return await self._shared(question, key)
        try:
            answer = await self._renewing(question)
        except BaseException as error:
            flight.fail(error)
            raise
        flight.land(answer)
        return answer

    async def _shared(self, question: _Question, key: Hashable) -> Answer:
        """The answer to an equal question that is on its way; each has one of its own to work on."""
        asking = question.asking
        ask = partial(self._renewing, question)
        answer, is_shared = await self._flights.share(asking.credential.key, key, ask, asking.deadline)
        if not is_shared:
            return answer
        self._observer(ReadShared(asking.request_id, question.operation))
        if not answer.raw:
            return structs.replace(answer, data=deepcopy(answer.data))
        return self._understood(answer.raw, question)

    async def close(self) -> None:
        """End what waits to be sent."""
        await self._cars.close()
        if self._policies.budget is not None:
            await self._policies.budget.close()

    def _renewing(self, question: _Question) -> Coroutine[Any, Any, Answer]:
        """The answer; once more with a new token where the upstream refused the one that is kept for the caller."""
        renew = question.asking.credential.renew
        return self._tried(question) if renew is None else self._renewed(question, renew)

    async def _renewed(self, question: _Question, renew: Renew) -> Answer:
        credential = question.asking.credential
        try:
            return await self._tried(question)
        except TokenRefusedError:
            try:
                async with asyncio.timeout(max(0.0, question.deadline - self._clock())):
                    credential.token = await renew(credential.token)
            except TimeoutError as error:
                raise UpstreamTimeoutError("The upstream gave no token in time", detail="no time was left") from error
        return await self._tried(question)

    async def _tried(self, question: _Question) -> Answer:
        """The answer of the first attempt, or of one that the policies allow after it."""
        retries, asking = self._policies.retries, question.asking
        retries.budget.earn()
        try:
            try:
                return await self._first(question)
            except LeaveOverError:
                return await self._alone(question)
        except ProxyError as error:
            if not retries.may(error, is_write=question.is_write):
                raise
            failure = error
        return await retries.again(
            failure,
            partial(self._alone, question),
            request_id=asking.request_id,
            operation=question.operation,
            is_write=question.is_write,
            deadline=asking.deadline,
        )

    def _first(self, question: _Question) -> Coroutine[Any, Any, Answer]:
        """The answer to what was not asked before: with others where it has to wait, else at once."""
        policies = self._policies
        may_wait_with_others = policies.merges_reads and policies.budget is not None and not question.is_write
        if may_wait_with_others and self._must_wait() and may_ride(question.document):
            return self._ride(question)
        ends = self._leave_now()
        return self._alone(question) if ends is None else self._watched(question, ends, leaves=True)

    # --- leave to send

    def _leave_now(self) -> float | None:
        """Leave of the budget and a place, where nobody has to wait for either; until when it holds."""
        policies = self._policies
        policies.breaker.check()
        if not policies.bulkhead.enter_now():
            return None
        if policies.budget is None:
            return math.inf
        slot = policies.budget.admit_now()
        if slot is None:
            policies.bulkhead.leave()
            return None
        return slot.ends

    async def _leave(self, who: str, deadline: float, *, is_write: bool = False) -> float:
        """The same, waited for; the place is to be given back. Raises ProxyError: nothing was sent then."""
        policies = self._policies
        while True:
            ends = self._leave_now()
            if ends is not None:
                return ends
            ends = math.inf
            if policies.budget is not None:
                ends = (await policies.budget.admit(who, deadline, is_write=is_write)).ends
            await policies.bulkhead.enter(deadline)
            if self._clock() < ends:
                return ends
            policies.bulkhead.leave()

    @asynccontextmanager
    async def _car_leaves(self, who: str, deadline: float) -> AsyncIterator[float]:
        """Leave for those who ride together."""
        ends = await self._leave(who, deadline)
        try:
            yield ends
        finally:
            self._policies.bulkhead.leave()

    async def _alone(self, question: _Question) -> Answer:
        asking = question.asking
        while True:
            ends = await self._leave(asking.credential.key, asking.deadline, is_write=question.is_write)
            try:
                return await self._watched(question, ends)
            except LeaveOverError:
                continue
            finally:
                self._policies.bulkhead.leave()

    async def _watched(self, question: _Question, ends: float, *, leaves: bool = False) -> Answer:
        """The answer of the wire; the breaker and whoever listens are told how it went. `leaves`: its place is free."""
        policies, started = self._policies, self._clock()
        is_probe, received, outcome = False, 0, "cancelled"
        failure: BaseException | None = None
        try:
            is_probe = policies.breaker.state != "closed" and policies.breaker.enter()
            ended = await self._send(question.body, question.asking, ends)
            received = len(ended.content or b"") if isinstance(ended, Received) else 0
            answer = self._read(ended, question)
        except BaseException as error:
            failure = error
            outcome = error.code if isinstance(error, ProxyError) else outcome
            raise
        else:
            outcome = "partial" if answer.faults else "answered"
            return answer
        finally:
            if leaves:
                policies.bulkhead.leave()
            policies.breaker.leave(failure, is_probe=is_probe)
            if not isinstance(failure, LeaveOverError):
                seconds = self._clock() - started
                request_id = question.asking.request_id
                self._observer(UpstreamAsked(request_id, question.operation, outcome, seconds, received))

    def _must_wait(self) -> bool:
        """Whether there is no leave at once, or others of the credential wait for theirs already."""
        policies = self._policies
        budget = policies.budget
        return budget is None or self._cars.waiting > 0 or (not budget.has_leave and budget.is_used_up)

    # --- together

    async def _ride(self, question: _Question) -> Answer:
        """The answer of a read that went out with others, or alone where nobody else waited."""
        asking = question.asking
        who = asking.credential.key
        try:
            end = await self._cars.ride(who, (who, asking.credential.token, asking.tenant), question)
        except TimeoutError as error:
            raise of_transport(asking.errors, error, is_write=False, never_left=False) from error
        if isinstance(end, Answer):
            return end
        if isinstance(end, ProxyError):
            raise end
        if isinstance(end, Share):
            return Answer(end.data, end.faults)
        if end is None:
            return await self._alone(question)
        return self._read(end, question)

    async def _send_riders(self, riders: Sequence[_Question], ends: float) -> Sequence[_RideEnd]:
        if len(riders) == 1:
            try:
                return [await self._watched(riders[0], ends)]
            except ProxyError as error:
                return [error]
        document, variables = merge([Rider(one.document, one.variables) for one in riders])
        asking = structs.replace(riders[0].asking, deadline=max(one.deadline for one in riders))
        body = _before_variables.__wrapped__(document) + _dumped(variables) + b"}"
        together = _Question(document, variables, body, asking, MERGED, is_write=False, take=None)
        policies = self._policies
        breaker = policies.breaker
        is_probe = breaker.enter()
        started, failure, ended = self._clock(), None, None
        try:
            ended = await self._send(body, asking, ends)
            answer = self._read(ended, together)
            shares = split(len(riders), answer.data, answer.faults)
        except ProxyError as error:
            failure, shares = error, None
        finally:
            breaker.leave(failure, is_probe=is_probe)
        outcome = failure.code if failure else "partial" if answer.faults else "answered"
        received = len(ended.content or b"") if isinstance(ended, Received) else 0
        self._observer(UpstreamAsked(asking.request_id, MERGED, outcome, self._clock() - started, received))
        if isinstance(failure, UpstreamBusyError) and not _says_when(ended) and policies.retries.allows():
            # It came too early by the upstream's own clock. All ride again as they are, at another moment.
            self._observer(UpstreamAskedAgain(asking.request_id, MERGED, failure.code, 0.0))
            raise LeaveOverError
        apart = failure is None or _is_riders_fault(ended)
        names = tuple(one.asking.request_id for one in riders)
        self._observer(ReadsMerged(names, len(riders), is_told_apart=shares is not None))
        if shares is not None:
            return shares
        return [None if apart else ended if ended is not None else failure] * len(riders)

    # --- the wire

    def _send(self, body: bytes, asking: Asking, ends: float) -> Awaitable[Received | Lost]:
        clock = self._clock
        seconds_left = asking.deadline - clock()
        if seconds_left <= 0:
            raise UpstreamTimeoutError("The upstream did not answer in time", detail="no time was left to ask")
        may_leave = None if ends == math.inf else lambda: clock() < ends
        most = self._policies.most_bytes
        return self._wire.post(Sending(body, asking.credential.token, asking.tenant, seconds_left, most, may_leave))

    def _read(self, response: Received | Lost, question: _Question) -> Answer:
        """What an end means for a question. Raises ProxyError."""
        errors, is_write = question.asking.errors, question.is_write
        if isinstance(response, Lost):
            error = response.error
            raise of_transport(errors, error, is_write=is_write, never_left=response.never_left) from error
        if response.content is None:
            detail = f"larger than {self._policies.most_bytes} bytes"
            raise of_outcome(errors, "unreadable", detail, is_write=is_write)
        refusal = of_status(errors, response.status, response.headers, is_write=is_write)
        if refusal is not None:
            raise refusal
        return self._understood(response.content, question)

    @staticmethod
    def _understood(content: bytes, question: _Question) -> Answer:
        """The body of an answer. Raises ProxyError where it is no JSON object."""
        if question.take is not None and (ready := question.take(content)) is not None:
            return Answer(None, (), content, ready)
        errors, is_write = question.asking.errors, question.is_write
        try:
            body = orjson.loads(content)
        except orjson.JSONDecodeError as failure:
            raise of_outcome(errors, "unreadable", "no JSON", is_write=is_write) from failure
        if not isinstance(body, dict):
            raise of_outcome(errors, "unreadable", "no JSON object", is_write=is_write)
        data = body.get("data")
        return Answer(data if isinstance(data, dict) else None, read_faults(body.get("errors")), content)


def _says_when(ended: Received | Lost | None) -> bool:
    """Whether a refusal names the time after which to ask again."""
    return isinstance(ended, Received) and "retry-after" in ended.headers


def _is_riders_fault(ended: Received | Lost | None) -> bool:
    """Whether a request of several may have failed for what one of them asked: each asks apart then.

    Otherwise it is the token, the upstream's limits, or the upstream that is not there: the same for all.
    """
    if not isinstance(ended, Received):
        return False
    return ended.status not in {401, 429, 502, 503, 504}
