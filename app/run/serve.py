"""One legacy request to one legacy reply: bind, ask, reshape, reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from app.emitted import dig
from app.errors import ProxyError, RequestError, UnavailableError, UnknownOutcomeError
from app.events import Observer, ValueUnreadable
from app.message import LegacyReply, LegacyRequest
from app.plan import FurtherQuestion, Here, Plan, Question, Values, Variant
from app.run.ask import Asker, Told
from app.run.faults import Fault
from app.run.needs import check_needs
from app.run.paging import Ask, walk
from app.run.seek import is_there, stand_at
from app.run.tenants import Tenants
from app.run.upstream import Asking

Warn = Callable[[str], None]
#: how many aliases of one question go into a document
BATCH = 10


class Proxy:
    """Serves compiled calls. `now` gives epoch seconds for answers, `clock` the seconds that deadlines are told in."""

    def __init__(
        self,
        asker: Asker,
        tenants: Tenants,
        observer: Observer,
        *,
        clock: Callable[[], float],
        now: Callable[[], float],
        deadline_seconds: float,
    ) -> None:
        self._asker = asker
        self._tenants = tenants
        self._observer = observer
        self._clock = clock
        self._now = now
        self._deadline_seconds = deadline_seconds

    async def serve(self, plan: Plan, request: LegacyRequest) -> LegacyReply:
        """Answer one request. Raises ProxyError; every other exception is a fault of ours."""
        if plan.unavailable:
            raise UnavailableError(f"This call cannot be served: {plan.unavailable}")
        warnings = [f"partial: {plan.partial}"] if plan.partial else list[str]()
        warn = warnings.append
        values = plan.bind(request.parts, request.params, warn)
        deadline = self._clock() + self._deadline_seconds
        asking = Asking(request.credential, None, request.request_id, deadline)
        asking = await self._tenants.locate(plan, values, asking)
        variant = _choose(plan, values)
        others: dict[str, Any] = {}
        for further in plan.questions:
            if further.ask == "before" and further.holds(values):
                others[further.name] = await self._further(plan, further, values, others, asking, warn)
        told = await self._main(plan, variant, values, others, asking, warn)
        check_needs(variant.needs, variant.question, told)
        others |= {"caller": told.caller or {}, "answer": told.start}
        if variant.question.repeated:
            others["each"] = values[variant.question.repeated]
        for further in plan.questions:
            if further.ask == "after" and further.holds(values):
                others[further.name] = await self._further(plan, further, values, others, asking, warn)
        _warn_of_faults(told, warn)
        payload = self._reshape(variant, told.start, values, others, request, warn)
        return LegacyReply(self._enveloped(plan, payload, told), warnings=tuple(dict.fromkeys(warnings)))

    async def _main(
        self, plan: Plan, variant: Variant, values: Values, others: Mapping[str, Any], asking: Asking, warn: Warn
    ) -> Told:
        if variant.page is None:
            return await self._ask(plan, variant.question, values, others, asking)
        ask, variables = self._pages(plan, variant.question, asking), variant.question.write(values, others)
        return await walk(variant.page, values, variables, variant.here, ask, warn)

    def _pages(self, plan: Plan, question: Question, asking: Asking) -> Ask:
        """How a walk asks for one page after the other."""

        async def ask(variables: dict[str, Any]) -> Told:
            with_caller = plan.asks_caller or plan.reads_caller
            return await self._asker.ask(question, variables, asking, copies=1, with_caller=with_caller)

        return ask

    async def _sought(
        self, plan: Plan, further: FurtherQuestion, values: Values, others: Mapping[str, Any], asking: Asking
    ) -> Told:
        """One answer, or all pages of it, standing at the element that is meant where one is sought."""
        question, page, seek = further.question, further.page, further.seek
        problems: list[str] = []
        if page is None:
            told = await self._ask(plan, question, values, others, asking)
        else:
            ask, variables = self._pages(plan, question, asking), question.write(values, others)
            until = partial(is_there, seek, values) if seek else None
            told = await walk(page, values, variables, Here(), ask, problems.append, until)
        return stand_at(seek, values, told, problems) if seek else told

    async def _ask(
        self, plan: Plan, question: Question, values: Values, others: Mapping[str, Any], asking: Asking
    ) -> Told:
        with_caller = plan.asks_caller or plan.reads_caller
        if question.repeated is None:
            variables = question.write(values, others)
            return await self._asker.ask(question, variables, asking, copies=1, with_caller=with_caller)
        items = values[question.repeated]
        if len(items) > question.most:
            raise RequestError(f"Parameter '{question.repeated}' may name {question.most} at most")
        # A write goes out whole or not at all.
        size = BATCH if question.kind == "query" else question.most
        batches = [items[begin : begin + size] for begin in range(0, len(items), size)]
        told = []
        for batch in batches:
            variables = question.write({**values, question.repeated: batch}, others)
            told.append(await self._asker.ask(question, variables, asking, copies=len(batch), with_caller=with_caller))
        return _together(told)

    async def _further(
        self,
        plan: Plan,
        further: FurtherQuestion,
        values: Values,
        others: Mapping[str, Any],
        asking: Asking,
        warn: Warn,
    ) -> Any:
        """The answer of a further question, or null where the call goes on without one.

        What follows a write is not undone with it: its failure is told as what it is, so that nobody writes twice.
        """
        try:
            told = await self._answers(plan, further, values, others, asking)
            check_needs(further.needs, further.question, told)
        except ProxyError as error:
            if further.is_optional:
                warn(f"partial: '{further.name}' was not answered: {error.message}")
                return None
            if further.ask == "after" and further.question.kind == "mutation":
                problem = f"The request was carried out but for '{further.name}', which failed: do not repeat it"
                raise UnknownOutcomeError(problem, detail=error.detail or error.message) from error
            raise
        _warn_of_faults(told, warn)
        return told.start

    async def _answers(
        self, plan: Plan, further: FurtherQuestion, values: Values, others: Mapping[str, Any], asking: Asking
    ) -> Told:
        """One answer; over a list, one an element, asked in documents of ten aliases."""
        if further.over is None:
            return await self._sought(plan, further, values, others, asking)
        elements = dig(others["answer"], *further.over) or []
        found, faults, withheld = list[Any](), list[Fault](), frozenset[str]()
        for begin in range(0, len(elements), BATCH):
            batch = elements[begin : begin + BATCH]
            variables: dict[str, Any] = {}
            for position, element in enumerate(batch):
                own = further.question.write(values, {**others, "each": element})
                variables |= {f"{name}_{position}": value for name, value in own.items()}
            told = await self._asker.ask(
                further.question, variables, asking, copies=len(batch), with_caller=plan.asks_caller
            )
            found += told.start["all"]
            faults += told.faults
            withheld |= told.withheld
        return Told(found, tuple(faults), withheld, None)

    def _reshape(
        self,
        variant: Variant,
        start: Any,
        values: Values,
        others: Mapping[str, Any],
        request: LegacyRequest,
        warn: Warn,
    ) -> Any:
        """The generated function; where it meets a value that it cannot read, the slow one that names the place."""
        try:
            return variant.reshape(start, values, others)
        except (ValueError, TypeError, AttributeError, KeyError, IndexError):
            payload, unreadable = variant.explain(start, values, others)
        for rule, problem in unreadable:
            self._observer(ValueUnreadable(request.request_id, rule, problem))
        warn(f"partial: {len(unreadable)} values of the upstream's answer could not be read")
        return payload

    def _enveloped(self, plan: Plan, payload: dict[str, Any], told: Told) -> dict[str, Any]:
        envelope: dict[str, Any] = {}
        if plan.server_time != "none":
            seconds = int(self._now())
            envelope["server_time"] = str(seconds) if plan.server_time == "text" else seconds
        if plan.asks_caller and told.caller:
            envelope["auth_user"] = told.caller["auth_user"]
        return envelope | payload


def _choose(plan: Plan, values: Values) -> Variant:
    for variant in plan.variants:
        if variant.holds(values):
            return variant
    raise RequestError(f"The request does not say what to do: {plan.otherwise or 'a parameter is missing'}")


def _together(told: list[Told]) -> Told:
    """The answers of several batches as one."""
    everything = [item for one in told for item in one.start["all"]]
    faults = tuple(fault for one in told for fault in one.faults)
    withheld = frozenset(name for one in told for name in one.withheld)
    return replace(told[0], start={"all": everything}, faults=faults, withheld=withheld)


def _warn_of_faults(told: Told, warn: Warn) -> None:
    """Say that an answer is partial, and which members were left out for want of a scope."""
    if told.faults:
        warn(f"partial: the upstream could not answer {len(told.faults)} members")
    if told.withheld:
        warn(f"withheld for want of a scope: {', '.join(sorted(told.withheld))}")
