"""One legacy request to one legacy reply: bind, ask, reshape, reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.emitted import dig
from app.errors import RequestError, UnavailableError
from app.events import Observer, ValueUnreadable
from app.message import LegacyReply, LegacyRequest
from app.plan import FurtherQuestion, Plan, Question, Values, Variant
from app.run.ask import Asker, Told
from app.run.paging import walk
from app.run.tenants import Tenants
from app.run.upstream import Asking

Warn = Callable[[str], None]


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
        warnings: list[str] = []
        warn = warnings.append
        values = plan.bind(request.parts, request.params, warn)
        variant = _choose(plan, values)
        deadline = self._clock() + self._deadline_seconds
        asking = Asking(request.credential, None, request.request_id, deadline)
        if plan.tenant is not None and plan.tenant in values:
            asking = await self._tenants.resolve(str(values[plan.tenant]), asking)
        others: dict[str, Any] = {}
        for further in plan.questions:
            if further.ask == "before" and further.holds(values):
                others[further.name] = (await self._ask(plan, further.question, values, others, asking)).start
        told = await self._main(plan, variant, values, others, asking, warn)
        others["caller"] = told.caller or {}
        for further in plan.questions:
            if further.ask == "after" and further.holds(values):
                others[further.name] = await self._after(plan, further, told.start, values, others, asking)
        _warn_of_faults(told, warn)
        payload = self._reshape(variant, told.start, values, others, request, warn)
        return LegacyReply(self._enveloped(plan, payload, told), warnings=tuple(warnings))

    async def _main(
        self, plan: Plan, variant: Variant, values: Values, others: Mapping[str, Any], asking: Asking, warn: Warn
    ) -> Told:
        if variant.page is None:
            return await self._ask(plan, variant.question, values, others, asking)

        async def ask(variables: dict[str, Any]) -> Told:
            with_caller = plan.asks_caller or plan.reads_caller
            return await self._asker.ask(variant.question, variables, asking, copies=1, with_caller=with_caller)

        variables = variant.question.write(values, others)
        return await walk(variant.page, values, variables, variant.keeps, ask, warn)

    async def _ask(
        self, plan: Plan, question: Question, values: Values, others: Mapping[str, Any], asking: Asking
    ) -> Told:
        copies = len(values[question.repeated]) if question.repeated else 1
        if copies > question.most:
            raise RequestError(f"Parameter '{question.repeated}' may name {question.most} at most")
        variables = question.write(values, others)
        with_caller = plan.asks_caller or plan.reads_caller
        return await self._asker.ask(question, variables, asking, copies=copies, with_caller=with_caller)

    async def _after(
        self,
        plan: Plan,
        further: FurtherQuestion,
        start: Any,
        values: Values,
        others: Mapping[str, Any],
        asking: Asking,
    ) -> Any:
        """The answer of a further question; over a list, one answer an element, asked in documents of ten aliases."""
        if further.over is None:
            return (await self._ask(plan, further.question, values, others, asking)).start
        elements = dig(start, *further.over) or []
        found: list[Any] = []
        for begin in range(0, len(elements), 10):
            batch = elements[begin : begin + 10]
            variables: dict[str, Any] = {}
            for position, element in enumerate(batch):
                own = further.question.write(values, {**others, "each": element})
                variables |= {f"{name}_{position}": value for name, value in own.items()}
            told = await self._asker.ask(
                further.question, variables, asking, copies=len(batch), with_caller=plan.asks_caller
            )
            found += told.start["all"]
        return found

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


def _warn_of_faults(told: Told, warn: Warn) -> None:
    """Say that an answer is partial, and which members were left out for want of a scope."""
    if told.faults:
        warn(f"partial: the upstream could not answer {len(told.faults)} members")
    if told.withheld:
        warn(f"withheld for want of a scope: {', '.join(sorted(told.withheld))}")
