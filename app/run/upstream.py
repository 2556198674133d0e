"""One GraphQL question over HTTP. The only door to the network; every foreign error ends here."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from app.errors import (
    PermissionDeniedError,
    ProxyError,
    RequestError,
    TokenRefusedError,
    UpstreamBusyError,
    UpstreamTimeoutError,
)
from app.events import Observer, ReadShared, ReadsMerged, UpstreamAsked, UpstreamAskedAgain
from app.message import Credential
from app.run.breaker import Breaker
from app.run.budget import Budget
from app.run.bulkhead import Bulkhead
from app.run.faults import Errors, Fault, of_outcome, of_status, of_transport, read_faults
from app.run.flights import Flights
from app.run.memo import Memo
from app.run.merging import Rider, Share, may_ride, merge, split
from app.run.retries import Retries
from app.run.riding import Cars, LeaveOverError
from app.run.wire import Lost, Received, Sending, Wire

#: the name of a request that several reads share
MERGED = "merged"


#: of an answer that holds no errors, and was read before
UNREAD: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `data` as it was, None when there was none, the errors beside it, the bytes of it all.

    Where the same bytes were read before, `data` is UNREAD until somebody wants it.
    """

    data: dict[str, Any] | None
    faults: tuple[Fault, ...]
    raw: bytes = field(default=b"", repr=False, compare=False)

    def read(self) -> Answer:
        """The same with its data."""
        return Answer(orjson.loads(self.raw)["data"], self.faults, self.raw) if self.data is UNREAD else self


@dataclass(frozen=True, slots=True)
class Asking:
    """What goes with every question of one request: whose it is, for which organisation, until when, how it fails."""

    credential: Credential
    tenant: str | None
    request_id: str
    deadline: float
    errors: Errors = field(default=(), repr=False)
    #: it shares the answers of those only that have the same, as what will be kept was asked for after these were drawn
    stamps: Hashable = ()

    def at(self, tenant: str | None) -> Asking:
        """The same for another organisation."""
        return Asking(self.credential, tenant, self.request_id, self.deadline, self.errors, self.stamps)


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


@dataclass(frozen=True, slots=True)
class _Rider:
    """A read that may go out together with others."""

    document: str
    variables: dict[str, Any]
    asking: Asking
    operation: str

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
    memo_bytes: int = 0


def _dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError as error:
        # JSON can spell half a character, which no text can hold.
        raise RequestError("A parameter holds what is no Unicode text") from error


class Upstream:
    """Asks one endpoint over a wire. `clock` is the time that deadlines are told in."""

    def __init__(self, wire: Wire, clock: Callable[[], float], observer: Observer, policies: Policies) -> None:
        self._wire = wire
        self._clock = clock
        self._observer = observer
        self._policies = policies
        self._clean: Memo[tuple[()]] = Memo(policies.memo_bytes)
        self._flights: Flights[Answer] = Flights(clock)
        self._cars: Cars[_Rider, _RideEnd] = Cars(
            clock, self._car_leaves, self._send_riders, most_waiting=policies.most_waiting
        )

    async def ask(
        self, document: str, variables: dict[str, Any], asking: Asking, *, operation: str, is_write: bool
    ) -> Answer:
        """Send one question and read its answer. Raises ProxyError, translated.

        Asks once more where the upstream refused the token at its door, which does nothing, and it could be renewed;
        otherwise as the retries allow.
        """
        tenant = _tenant(asking)
        if tenant != asking.tenant:
            asking = asking.at(tenant)
        who = asking.credential.key
        if is_write:
            # Before it is sent and after it ended: nobody who comes later shares a read from before it.
            self._flights.end(who)
            try:
                return await self._renewing(document, variables, asking, operation=operation, is_write=True)
            finally:
                self._flights.end(who)
        if not self._policies.shares_reads:
            return await self._renewing(document, variables, asking, operation=operation, is_write=False)
        # The rows of a call are one tuple for as long as the flight is in the air; to hash what is in it takes long.
        key = (asking.tenant, document, _dumped(variables), id(asking.errors), asking.stamps)
        answer, is_shared = await self._flights.share(
            who,
            key,
            lambda: self._renewing(document, variables, asking, operation=operation, is_write=False),
            asking.deadline,
        )
        if not is_shared:
            return answer
        self._observer(ReadShared(asking.request_id, operation))
        # Each caller has an answer of its own to work on.
        return answer if answer.data is UNREAD else replace(answer, data=orjson.loads(answer.raw).get("data"))

    async def close(self) -> None:
        """End what waits to be sent."""
        await self._cars.close()
        if self._policies.budget is not None:
            await self._policies.budget.close()

    async def _renewing(
        self, document: str, variables: dict[str, Any], asking: Asking, *, operation: str, is_write: bool
    ) -> Answer:
        """The answer; once more with a new token where the upstream refused the one that is kept for the caller."""
        credential = asking.credential
        try:
            return await self._tried(document, variables, asking, operation=operation, is_write=is_write)
        except TokenRefusedError:
            if credential.renew is None:
                raise
        try:
            async with asyncio.timeout(max(0.0, asking.deadline - self._clock())):
                credential.token = await credential.renew(credential.token)
        except TimeoutError as error:
            raise UpstreamTimeoutError("The upstream gave no token in time", detail="no time was left") from error
        return await self._tried(document, variables, asking, operation=operation, is_write=is_write)

    async def _tried(
        self, document: str, variables: dict[str, Any], asking: Asking, *, operation: str, is_write: bool
    ) -> Answer:
        """The answer of the first attempt, or of one that the policies allow after it."""
        policies = self._policies
        may_wait_with_others = policies.budget is not None and policies.merges_reads and not is_write

        async def once() -> Answer:
            nonlocal may_wait_with_others
            rides, may_wait_with_others = may_wait_with_others, False
            if rides and self._must_wait() and may_ride(document):
                return await self._ride(_Rider(document, variables, asking, operation))
            return await self._alone(document, variables, asking, operation=operation, is_write=is_write)

        return await policies.retries.ask(
            once, request_id=asking.request_id, operation=operation, is_write=is_write, deadline=asking.deadline
        )

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

    async def _alone(
        self, document: str, variables: dict[str, Any], asking: Asking, *, operation: str, is_write: bool
    ) -> Answer:
        while True:
            ends = await self._leave(asking.credential.key, asking.deadline, is_write=is_write)
            try:
                return await self._watched(
                    document, variables, asking, ends=ends, operation=operation, is_write=is_write
                )
            except LeaveOverError:
                continue
            finally:
                self._policies.bulkhead.leave()

    async def _watched(
        self, document: str, variables: dict[str, Any], asking: Asking, *, ends: float, operation: str, is_write: bool
    ) -> Answer:
        """The answer; the breaker is told how it went."""
        breaker = self._policies.breaker
        is_probe = breaker.enter()
        failure: BaseException | None = None
        try:
            return await self._once(document, variables, asking, ends=ends, operation=operation, is_write=is_write)
        except BaseException as error:
            failure = error
            raise
        finally:
            breaker.leave(failure, is_probe=is_probe)

    def _must_wait(self) -> bool:
        """Whether there is no leave at once, or others of the credential wait for theirs already."""
        policies = self._policies
        return policies.budget is None or not policies.budget.has_leave or self._cars.waiting > 0

    # --- together

    async def _ride(self, rider: _Rider) -> Answer:
        """The answer of a read that went out with others, or alone where nobody else waited."""
        asking = rider.asking
        who = asking.credential.key
        try:
            end = await self._cars.ride(who, (who, asking.credential.token, asking.tenant), rider)
        except TimeoutError as error:
            raise of_transport(asking.errors, error, is_write=False, never_left=False) from error
        if isinstance(end, Answer):
            return end
        if isinstance(end, ProxyError):
            raise end
        if isinstance(end, Share):
            return Answer(end.data, end.faults, _dumped({"data": end.data}))
        if end is None:
            return await self._alone(rider.document, rider.variables, asking, operation=rider.operation, is_write=False)
        return self._read(end, asking.errors, is_write=False)

    async def _send_riders(self, riders: Sequence[_Rider], ends: float) -> Sequence[_RideEnd]:
        if len(riders) == 1:
            one = riders[0]
            try:
                return [
                    await self._watched(
                        one.document, one.variables, one.asking, ends=ends, operation=one.operation, is_write=False
                    )
                ]
            except ProxyError as error:
                return [error]
        document, variables = merge([Rider(one.document, one.variables) for one in riders])
        asking = replace(riders[0].asking, deadline=max(one.deadline for one in riders))
        policies = self._policies
        breaker = policies.breaker
        is_probe = breaker.enter()
        started, failure, ended = self._clock(), None, None
        try:
            ended = await self._send(document, variables, asking, ends)
            answer = self._read(ended, asking.errors, is_write=False)
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

    async def _once(
        self, document: str, variables: dict[str, Any], asking: Asking, *, ends: float, operation: str, is_write: bool
    ) -> Answer:
        started = self._clock()
        received, outcome = 0, "cancelled"
        try:
            ended = await self._send(document, variables, asking, ends)
            received = len(ended.content or b"") if isinstance(ended, Received) else 0
            answer = self._read(ended, asking.errors, is_write=is_write)
            outcome = "partial" if answer.faults else "answered"
        except LeaveOverError:
            outcome = ""
            raise
        except ProxyError as error:
            outcome = error.code
            raise
        else:
            return answer
        finally:
            seconds = self._clock() - started
            if outcome:
                self._observer(UpstreamAsked(asking.request_id, operation, outcome, seconds, received))

    async def _send(self, document: str, variables: dict[str, Any], asking: Asking, ends: float) -> Received | Lost:
        seconds_left = asking.deadline - self._clock()
        if seconds_left <= 0:
            raise UpstreamTimeoutError("The upstream did not answer in time", detail="no time was left to ask")
        may_leave = None if ends == math.inf else lambda: self._clock() < ends
        body = _dumped({"query": document, "variables": variables})
        most = self._policies.most_bytes
        return await self._wire.post(
            Sending(body, asking.credential.token, asking.tenant, seconds_left, most, may_leave)
        )

    def _read(self, response: Received | Lost, errors: Errors, *, is_write: bool) -> Answer:
        """What an end means for a call with these rows. Raises ProxyError."""
        if isinstance(response, Lost):
            error = response.error
            raise of_transport(errors, error, is_write=is_write, never_left=response.never_left) from error
        if response.content is None:
            detail = f"larger than {self._policies.most_bytes} bytes"
            raise of_outcome(errors, "unreadable", detail, is_write=is_write)
        refusal = of_status(errors, response.status, response.headers, is_write=is_write)
        if refusal is not None:
            raise refusal
        if self._clean.find(None, response.content) is not None:
            return Answer(UNREAD, (), response.content)
        try:
            body = orjson.loads(response.content)
        except orjson.JSONDecodeError as failure:
            raise of_outcome(errors, "unreadable", "no JSON", is_write=is_write) from failure
        if not isinstance(body, dict):
            raise of_outcome(errors, "unreadable", "no JSON object", is_write=is_write)
        data = body.get("data")
        found = Answer(data if isinstance(data, dict) else None, read_faults(body.get("errors")), response.content)
        if found.data is not None and not found.faults:
            self._clean.put(None, response.content, ())
        return found


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
