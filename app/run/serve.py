"""One legacy request to one legacy reply: bind, ask, reshape, reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, Literal

import orjson
from msgspec import Struct, structs

from app.access.vault import digest
from app.answered import Answered
from app.emitted import dig
from app.errors import (
    CredentialError,
    PermissionDeniedError,
    ProxyError,
    RequestError,
    ScopeError,
    UnavailableError,
    UnknownOutcomeError,
    UpstreamError,
    UpstreamTimeoutError,
)
from app.events import Observer, ReadShared, ValueUnreadable
from app.message import NO_HEADERS, Credential, LegacyReply, LegacyRequest, Ready
from app.plan import FurtherQuestion, Here, Needs, Plan, Question, Typed, Values, Variant
from app.run.ask import Asker, Known, Told
from app.run.cache import Cache, Entry, Named, Stamps
from app.run.faults import Fault, translate
from app.run.flights import Flights, Waiter
from app.run.idempotency import Idempotency, Turn
from app.run.memo import Memo
from app.run.needs import check_needs
from app.run.paging import Ask, walk
from app.run.seek import is_there, stand_at
from app.run.tenants import Tenants
from app.run.upstream import Asking
from app.run.watch import Watch

#: questions that ride in one document; the upstream was seen to take twelve
ALIASES = 10
#: types of values that stay what they are
UNCHANGING = frozenset({str, int, float, bool, type(None)})
#: what a step is given to end by itself after the deadline
LATE_SECONDS = 0.03


class _Serving(Struct):
    """One request on its way: what was bound, what was answered so far, and what the caller should be told."""

    plan: Plan
    variant: Variant
    values: Values
    asking: Asking
    warnings: list[str]
    turn: Turn | None = None
    is_located: bool = True
    others: dict[str, Any] = {}
    faults: list[Fault] = []
    withheld: set[str] = set()
    has_heard: bool = False
    #: under what its reply may be remembered; None where it is made of more than one answer
    memo_key: Hashable = None
    answers: int = 0
    #: whether nothing failed that would be there another time
    is_whole: bool = True

    def heard(self, told: Told) -> Any:
        """Note what an answer lacks; gives where its paths begin."""
        self.has_heard = True
        self.faults += told.faults
        self.withheld |= told.withheld
        return told.start

    def wrote(self, question: Question) -> None:
        """Note that a write was carried out, for whoever comes with the same idempotency key."""
        if self.turn is not None and question.kind == "mutation":
            self.turn.has_written = True

    @property
    def wants_caller(self) -> bool:
        """Whether the answer says who the credential speaks for."""
        return self.plan.asks_caller or self.plan.reads_caller


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of answers: writes, so that none is carried out twice, and reads that mappings mark.

    Of those that are on their way too, for equal ones to share; None where they share none.
    """

    idempotency: Idempotency
    cache: Cache
    flights: Flights[LegacyReply] | None
    memo: Memo[Known] = field(default_factory=lambda: Memo(0))


class Proxy:
    """Serves compiled calls. `now` gives epoch seconds for answers, `clock` the seconds that deadlines are told in."""

    def __init__(
        self,
        asker: Asker,
        tenants: Tenants,
        kept: Kept,
        observer: Observer,
        *,
        clock: Callable[[], float],
        now: Callable[[], float],
        deadline_seconds: float,
    ) -> None:
        self._asker = asker
        self._tenants = tenants
        self._idempotency = kept.idempotency
        self._cache = kept.cache
        self._flights = kept.flights
        self._memo = kept.memo
        self._observer = observer
        self._watch = Watch(clock)
        self._clock = clock
        self._now = now
        self._deadline_seconds = deadline_seconds

    async def serve(self, plan: Plan, request: LegacyRequest) -> LegacyReply:
        """Answer one request. Raises ProxyError; every other exception is a fault of ours."""
        _check_reach(plan, request.credential)
        try:
            if plan.writes:
                return await self._write(plan, request)
            named = self._cache.named(plan, request) if plan.cache is not None else None
            if named is not None:
                return await self._cached(plan, request, named)
            return await self._shared(plan, request)
        except CredentialError:
            self._cache.refuse(request.credential.key)
            raise

    async def _write(self, plan: Plan, request: LegacyRequest) -> LegacyReply:
        """The reply of a write, its own or that of an equal one before it; nobody reads after it what was before."""
        who = request.credential.key
        self._end_flights(who)
        try:
            named = self._idempotency.named(plan, request)
            if named is None:
                return await self._served(plan, request)
            act = partial(self._served, plan, request)
            return await self._idempotency.once(named, plan, request, self._deadline(request), act)
        finally:
            self._end_flights(who)
            await self._cache.drop(plan, who)

    def _end_flights(self, who: str) -> None:
        if self._flights is not None:
            self._flights.end(who)

    async def _shared(self, plan: Plan, request: LegacyRequest, stamps: Stamps = ()) -> LegacyReply:
        """The reply, one for all equal reads of a credential that overlap in time."""
        deadline = self._deadline(request)
        flights, credential = self._flights, request.credential
        key = None if flights is None else flight_key(plan, request, stamps)
        if flights is None or key is None:
            return await self._guarded(plan, request, stamps, deadline)
        flight = flights.begin(credential.key, key)
        if flight is None:
            act = partial(self._guarded, plan, request, stamps, deadline)
            reply, is_shared = await flights.share(credential.key, key, act, deadline)
            if is_shared:
                self._observer(ReadShared(request.request_id, plan.id))
            return reply
        try:
            reply = await self._guarded(plan, request, stamps, deadline)
        except BaseException as error:
            flight.fail(error)
            raise
        flight.land(reply)
        return reply

    def join(self, plan: Plan, request: LegacyRequest, waiter: Waiter[LegacyReply]) -> bool:
        """Let a read wait for the reply to an equal one, where one is on its way and nothing is kept of the call.

        Like `serve` for whoever has no task to wait in. Raises ProxyError.
        """
        if self._flights is None or plan.writes or plan.cache is not None:
            return False
        _check_reach(plan, request.credential)
        key = flight_key(plan, request)
        if key is None or not self._flights.join(request.credential.key, key, waiter):
            return False
        self._observer(ReadShared(request.request_id, plan.id))
        return True

    async def _guarded(self, plan: Plan, request: LegacyRequest, stamps: Stamps, deadline: float) -> LegacyReply:
        """The reply to a read. Each step has its own deadline and says why it ended; this is for what has none."""
        watch = self._watch.begin(deadline + LATE_SECONDS)
        try:
            return await self._served(plan, request, stamps=stamps)
        except asyncio.CancelledError as error:
            if not watch.is_over or watch.task.uncancel() > 0:
                raise
            raise UpstreamTimeoutError("The upstream did not answer in time", detail="no step ended") from error
        finally:
            self._watch.end(watch)

    async def _cached(self, plan: Plan, request: LegacyRequest, named: Named) -> LegacyReply:
        """The reply that is kept, with an envelope of now and of this caller; or a new one, kept if whole."""
        caller = self._asker.caller(request.credential)
        is_known = caller is not None or not plan.asks_caller
        entry = await self._cache.find(named) if is_known and not request.wants_fresh else None
        self._cache.told(request.request_id, plan, is_hit=entry is not None)
        if entry is None:
            stamps = await self._cache.begin(named)
            reply = await self._shared(plan, request, stamps or ())
            if not reply.is_whole:
                return reply
            members = {name: value for name, value in reply.body.items() if name not in reply.envelope}
            members = members if reply.ready is None else orjson.loads(b"{" + reply.ready.members)
            entry = await self._cache.keep(named, stamps, members, reply.warnings)
            if entry is None:
                return reply
            envelope = reply.envelope
        else:
            envelope = self._envelope(plan, caller)
        return self._of_entry(entry, envelope)

    def named(self, plan: Plan, request: LegacyRequest) -> Named | None:
        """Where the answer to a read is kept; None where it is not."""
        return self._cache.named(plan, request)

    def kept(self, plan: Plan, request: LegacyRequest, named: Named) -> LegacyReply | None:
        """The reply to a read that is kept and needs nothing to be asked, for whoever has no task to wait in.

        Raises ProxyError.
        """
        caller = self._asker.caller(request.credential)
        if caller is None and plan.asks_caller:
            return None
        entry = self._cache.at_hand(named)
        if entry is None:
            return None
        _check_reach(plan, request.credential)
        self._cache.told(request.request_id, plan, is_hit=True)
        return self._of_entry(entry, self._envelope(plan, caller))

    def _of_entry(self, entry: Entry, envelope: Mapping[str, Any]) -> LegacyReply:
        """A kept answer behind an envelope of now and of this caller."""
        who = envelope.get("auth_user")
        tag = f"{entry.ready.tag}-{_digest_of(orjson.dumps(who))}"
        seconds = max(0, int(entry.ends - self._now()))
        return LegacyReply({}, 200, entry.warnings, NO_HEADERS, envelope, False, entry.ready, tag=tag, seconds=seconds)

    def _deadline(self, request: LegacyRequest) -> float:
        came = self._clock() if request.came is None else request.came
        return came + self._deadline_seconds

    async def _served(
        self, plan: Plan, request: LegacyRequest, turn: Turn | None = None, stamps: Stamps = ()
    ) -> LegacyReply:
        """The reply to a request that nobody has answered yet; what it writes goes out in its `turn`, if it has one.

        With `stamps`, it is made of nothing that was asked for before they were drawn.
        """
        serving = self._bound(plan, request, turn, stamps)
        if not serving.is_located:
            serving.asking = await self._tenants.locate(plan, serving.values, serving.asking)
        self._choose(serving, request)
        try:
            return await self._answered(serving)
        except ScopeError:
            raise
        except PermissionDeniedError:
            # Nothing was done yet for an organisation that is refused; the caller's own id is no organisation.
            own = None if serving.has_heard else await self._tenants.own(serving.asking)
            if own is None:
                raise
        serving.asking = own
        return await self._answered(serving)

    async def _answered(self, serving: _Serving) -> LegacyReply:
        """Every question asked, and the reply made of what came back."""
        plan, variant = serving.plan, serving.variant
        if plan.questions:
            await self._further(serving, "before")
        told = await self._main(serving)
        if told.known is not None:
            return self._remembered(plan, told.known, told.caller)
        serving.heard(told)
        _check(serving, variant.needs, variant.question, told)
        serving.others |= {"caller": told.caller or {}, "answer": told.start}
        if variant.question.repeated:
            serving.others["each"] = serving.values[variant.question.repeated]
        if plan.questions:
            await self._further(serving, "after")
        if serving.faults and (plan.gaps == "refuse" or (plan.gaps == "refuse_rows" and lacks_rows(told.start))):
            raise translate(plan.errors, serving.faults, variant.question.roots, is_write=False)
        _warn_of_gaps(serving)
        return self._made(serving, told)

    def _made(self, serving: _Serving, told: Told) -> LegacyReply:
        """The reply made of the answers."""
        plan, start = serving.plan, told.start
        envelope = self._envelope(plan, told.caller)
        members: bytes | None = None
        if told.is_typed:
            members = self._typed_members(serving, start, envelope)
        payload: Any = None if members else self._reshape(serving, start)
        warnings = tuple(dict.fromkeys(serving.warnings)) if serving.warnings else ()
        is_whole = serving.is_whole and not serving.faults and not serving.withheld
        if members is None:
            # What is kept stands behind an envelope of its own moment.
            is_whole = is_whole and envelope.keys().isdisjoint(payload)
            members = _dumped(payload) if is_whole and serving.memo_key is not None else None
        if members is None:
            return LegacyReply(envelope | payload, warnings=warnings, envelope=envelope, is_whole=is_whole)
        ready = Ready("", members[1:])
        if is_whole and serving.memo_key is not None and serving.answers == 1:
            self._memo.put(serving.memo_key, told.raw, Known(ready, warnings))
        return LegacyReply({}, 200, warnings, NO_HEADERS, envelope, is_whole, ready)

    def _typed_members(self, serving: _Serving, start: Any, envelope: Mapping[str, Any]) -> bytes | None:
        """The members by the types of the answer; None where a value cannot be read, or the envelope has one too."""
        typed = serving.variant.typed
        if typed is None or not envelope.keys().isdisjoint(typed.members):
            return None
        try:
            return typed.encode(typed.reshape(start, serving.values, serving.others))
        except (ValueError, TypeError, AttributeError, KeyError, IndexError):
            return None

    def _remembered(self, plan: Plan, known: Known, caller: Mapping[str, Any] | None) -> LegacyReply:
        """The reply that the same bytes became before, in the envelope of now."""
        envelope = self._envelope(plan, caller)
        return LegacyReply({}, 200, known.warnings, NO_HEADERS, envelope, True, known.ready)

    def _bound(self, plan: Plan, request: LegacyRequest, turn: Turn | None, stamps: Stamps) -> _Serving:
        """The parameters read, and the organisations and people found where nobody has to be asked for them."""
        values, warnings = _read(plan, request)
        shares = self._flights is None or not plan.is_simple
        asking = Asking(
            request.credential, None, request.request_id, self._deadline(request), plan.errors, stamps, shares
        )
        located = self._tenants.located(plan, values, asking)
        is_located = located is not None
        return _Serving(plan, plan.variants[0], values, located or asking, warnings, turn, is_located)

    def _choose(self, serving: _Serving, request: LegacyRequest) -> None:
        """Find the way to serve it, and under what its reply may be remembered."""
        plan, asking = serving.plan, serving.asking
        serving.variant = _choose(plan, serving.values)
        if self._memo.is_on and plan.is_simple:
            serving.memo_key = (asking.credential.key, plan.id, asking.tenant, spelled(request))

    def _main(self, serving: _Serving) -> Coroutine[Any, Any, Told]:
        variant = serving.variant
        if variant.page is None:
            return self._ask(serving, variant.question)
        ask, variables = self._pages(serving, variant.question), self._written(serving, variant.question)
        return walk(variant.page, serving.values, variables, variant.here, ask, serving.warnings.append)

    def _pages(self, serving: _Serving, question: Question) -> Ask:
        """How a walk asks for one page after the other."""

        def ask(variables: dict[str, Any]) -> Coroutine[Any, Any, Told]:
            return self._asked(serving, question, variables, copies=1, with_caller=serving.wants_caller)

        return ask

    def _asked(
        self, serving: _Serving, question: Question, variables: dict[str, Any], *, copies: int, with_caller: bool
    ) -> Coroutine[Any, Any, Told]:
        """One document's answer. A write whose outcome is kept is noted as sent before it is."""
        serving.answers += 1
        take = None
        if question is serving.variant.question:
            key = serving.memo_key if serving.answers == 1 else None
            take = partial(_take, self._memo, key, serving.variant.typed)
        asked = self._asker.ask(question, variables, serving.asking, copies=copies, with_caller=with_caller, take=take)
        if serving.turn is not None and question.kind == "mutation":
            return _after(serving.turn, asked)
        return asked

    async def _ask(self, serving: _Serving, question: Question) -> Told:
        """One answer; where the question is repeated, those of all elements, in batches of aliases."""
        if question.repeated is None:
            return await self._pages(serving, question)(self._written(serving, question))
        items = serving.values[question.repeated]
        if not items:
            raise RequestError(f"Parameter '{question.repeated}' must name one at least")
        if len(items) > question.most:
            raise RequestError(f"Parameter '{question.repeated}' may name {question.most} at most")
        # A write goes out whole or not at all.
        size = ALIASES if question.kind == "query" else max(1, len(items))
        told = []
        for begin in range(0, len(items), size):
            batch = items[begin : begin + size]
            variables = self._written(serving, question, {**serving.values, question.repeated: batch})
            told.append(
                await self._asked(serving, question, variables, copies=len(batch), with_caller=serving.wants_caller)
            )
        return _together(told)

    @staticmethod
    def _written(
        serving: _Serving, question: Question, values: Values | None = None, each: Any = None
    ) -> dict[str, Any]:
        """The variables of a question; UpstreamError where they are made of what the upstream answered unreadably."""
        others = serving.others if each is None else {**serving.others, "each": each}
        try:
            return question.write(serving.values if values is None else values, others)
        except (ValueError, TypeError, AttributeError) as error:
            detail = str(error) if isinstance(error, ValueError) else type(error).__name__
            raise UpstreamError("The upstream's answer could not be read", detail=detail) from error

    async def _further(self, serving: _Serving, when: Literal["before", "after"]) -> None:
        """Ask what this request needs before or after its main question.

        What follows a write, and what fails as one, undoes nothing: it is told as what it is, so that nobody writes
        twice.
        """
        is_written = serving.variant.question.kind == "mutation"
        for further in serving.plan.questions:
            if further.ask != when or not further.holds(serving.values):
                continue
            try:
                told = await self._answer_of(serving, further)
                serving.others[further.name] = serving.heard(told)
                _check(serving, further.needs, further.question, told)
            except ProxyError as error:
                if further.is_optional:
                    serving.is_whole = False
                    serving.warnings.append(f"partial: '{further.name}' was not answered: {error.message}")
                    serving.others[further.name] = None
                elif when == "after" and (is_written or further.question.kind == "mutation"):
                    problem = f"The request was carried out but for '{further.name}', which failed: do not repeat it"
                    raise UnknownOutcomeError(problem, detail=error.detail or error.message) from error
                else:
                    raise

    async def _answer_of(self, serving: _Serving, further: FurtherQuestion) -> Told:
        """One answer, standing at what is sought where something is; over a list, one answer an element."""
        question, page, seek = further.question, further.page, further.seek
        if further.over is not None:
            return await self._over(serving, further, dig(serving.others["answer"], *further.over) or [])
        problems: list[str] = []
        if page is None:
            told = await self._ask(serving, question)
        else:
            until = partial(is_there, seek, serving.values) if seek else None
            ask, variables = self._pages(serving, question), self._written(serving, question)
            told = await walk(page, serving.values, variables, Here(), ask, problems.append, until=until)
        return stand_at(seek, serving.values, told, problems, serving.plan.errors) if seek else told

    async def _over(self, serving: _Serving, further: FurtherQuestion, elements: list[Any]) -> Told:
        """One answer an element, asked in documents of ten aliases."""
        told = [Told({"all": []}, (), frozenset(), None)]
        for begin in range(0, len(elements), ALIASES):
            batch = elements[begin : begin + ALIASES]
            variables: dict[str, Any] = {}
            for position, element in enumerate(batch):
                own = self._written(serving, further.question, each=element)
                variables |= {f"{name}_{position}": value for name, value in own.items()}
            told.append(await self._asked(serving, further.question, variables, copies=len(batch), with_caller=False))
        together = _together(told)
        return structs.replace(together, start=together.start["all"])

    def _reshape(self, serving: _Serving, start: Any) -> Any:
        """The generated function; where it meets a value that it cannot read, the slow one that names the place."""
        try:
            return serving.variant.reshape(start, serving.values, serving.others)
        except (ValueError, TypeError, AttributeError, KeyError, IndexError):
            payload, unreadable = serving.variant.explain(start, serving.values, serving.others)
        serving.is_whole = False
        for rule, problem in unreadable:
            self._observer(ValueUnreadable(serving.asking.request_id, rule, problem))
        serving.warnings.append(f"partial: {len(unreadable)} values of the upstream's answer could not be read")
        return payload

    def _envelope(self, plan: Plan, caller: Mapping[str, Any] | None) -> dict[str, Any]:
        """What stands before the members of an answer."""
        envelope: dict[str, Any] = {}
        if plan.server_time != "none":
            seconds = int(self._now())
            envelope["server_time"] = str(seconds) if plan.server_time == "text" else seconds
        if plan.asks_caller and caller:
            envelope["auth_user"] = caller["auth_user"]
        return envelope


@lru_cache(maxsize=1024)
def _digest_of(who: bytes) -> str:
    return digest(who.decode())[:8]


def _read(plan: Plan, request: LegacyRequest) -> tuple[dict[str, Any], list[str]]:
    """The values of a request and the warnings about it, to be changed by whoever has them. Raises RequestError."""
    made = request.made
    if made is not None and made.bound is not None:
        return {**made.bound[0]}, [*made.bound[1]]
    warnings = [f"partial: {plan.partial}"] if plan.partial else list[str]()
    values = plan.bind(request.parts, request.params, warnings.append)
    if made is not None and all(type(value) in UNCHANGING for value in values.values()):
        made.bound = {**values}, (*warnings,)
    return values, warnings


def flight_key(plan: Plan, request: LegacyRequest, stamps: Stamps = ()) -> Hashable:
    """What equal reads of a credential have in common; None for one that equals no other."""
    asked = spelled(request)
    return None if asked is None else (plan.id, request.credential.tenants, asked, stamps)


def spelled(request: LegacyRequest) -> bytes | None:
    """All that a request says, the same for equal ones; None where it holds what is no Unicode text."""
    made = request.made or request
    if made.spelled is None:
        try:
            made.spelled = orjson.dumps([request.parts, request.params], option=orjson.OPT_SORT_KEYS)
        except TypeError:
            # What is no Unicode text equals nothing.
            return None
    return made.spelled


async def _after(turn: Turn, asked: Coroutine[Any, Any, Told]) -> Told:
    """What is asked once it is noted that it is; nothing is asked where it cannot be noted."""
    try:
        await turn.send()
    except BaseException:
        asked.close()
        raise
    return await asked


def _take(memo: Memo[Known], key: Hashable, typed: Typed | None, raw: bytes) -> Any:
    """What the same bytes became before, or their data by types; None where neither is to be had."""
    if key is not None and (known := memo.find(key, raw)) is not None:
        return known
    return None if typed is None else typed.decode(raw)


def _dumped(payload: Any) -> bytes | None:
    try:
        return orjson.dumps(payload)
    except TypeError:
        return None


def _check_reach(plan: Plan, credential: Credential) -> None:
    """Whether the call can be served at all, and may be to this credential."""
    if plan.unavailable:
        raise UnavailableError(f"This call cannot be served: {plan.unavailable}")
    if credential.areas is not None and plan.area not in credential.areas:
        raise PermissionDeniedError("Forbidden: this key is not for this part of the API")


def _choose(plan: Plan, values: Values) -> Variant:
    for variant in plan.variants:
        if variant.holds(values):
            return variant
    raise RequestError(f"The request does not say what to do: {plan.otherwise or 'a parameter is missing'}")


def _check(serving: _Serving, needs: Needs | None, question: Question, told: Told) -> None:
    """Whether the answer has what it cannot do without; of a write that is one, its 'no' says that nothing was done."""
    if question.repeated is not None or question.is_several:
        serving.wrote(question)
    check_needs(needs, question, told, serving.plan.errors)
    serving.wrote(question)


def _together(told: list[Told]) -> Told:
    """The answers of several batches as one."""
    everything = [item for one in told for item in one.start["all"]]
    faults = tuple(fault for one in told for fault in one.faults)
    withheld = frozenset(name for one in told for name in one.withheld)
    return structs.replace(told[0], start={"all": everything}, faults=faults, withheld=withheld)


def lacks_rows(answer: Any) -> bool:
    """Whether a list in an answer has lost an element."""
    if isinstance(answer, dict | Answered):
        return any(map(lacks_rows, answer.values()))
    return isinstance(answer, list) and any(one is None or lacks_rows(one) for one in answer)


def _warn_of_gaps(serving: _Serving) -> None:
    """Say that an answer is partial, and which members were left out for want of a scope."""
    if serving.faults:
        serving.warnings.append(f"partial: the upstream could not answer {len(serving.faults)} members")
    if serving.withheld:
        serving.warnings.append(f"withheld for want of a scope: {', '.join(sorted(serving.withheld))}")
