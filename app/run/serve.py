"""One legacy request to one legacy reply: bind, ask, reshape, reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from app.emitted import dig
from app.errors import PermissionDeniedError, RequestError, UnavailableError
from app.events import Observer, ValueUnreadable
from app.message import LegacyReply, LegacyRequest
from app.plan import FurtherQuestion, Plan, Question, Values, Variant
from app.run.ask import Asker, Told
from app.run.faults import NO_ACCESS, Fault
from app.run.paging import walk
from app.run.tenants import Tenants
from app.run.upstream import Asking

#: questions that ride in one document; the upstream was seen to take twelve
ALIASES = 10


@dataclass(slots=True)
class _Serving:
    """One request on its way: what was bound, what was answered so far, and what the caller should be told."""

    plan: Plan
    variant: Variant
    values: Values
    asking: Asking
    warnings: list[str]
    others: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    withheld: set[str] = field(default_factory=set)
    has_heard: bool = False

    def heard(self, told: Told) -> Any:
        """Note what an answer lacks; gives where its paths begin."""
        self.has_heard = True
        self.faults += told.faults
        self.withheld |= told.withheld
        return told.start

    @property
    def wants_caller(self) -> bool:
        """Whether the answer says who the credential speaks for."""
        return self.plan.asks_caller or self.plan.reads_caller


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
        serving = await self._bound(plan, request)
        try:
            return await self._answered(serving)
        except PermissionDeniedError as refusal:
            # Nothing was done yet for an organisation that is refused; the caller's own id is no organisation.
            is_about_scopes = refusal.message == NO_ACCESS
            own = None if serving.has_heard or is_about_scopes else await self._tenants.own(serving.asking)
            if own is None:
                raise
        serving.asking = own
        return await self._answered(serving)

    async def _answered(self, serving: _Serving) -> LegacyReply:
        """Every question asked, and the reply made of what came back."""
        await self._further(serving, "before", None)
        told = await self._main(serving)
        start = serving.heard(told)
        serving.others["caller"] = told.caller or {}
        await self._further(serving, "after", start)
        _warn_of_gaps(serving)
        payload = self._reshape(serving, start)
        return LegacyReply(self._enveloped(serving.plan, payload, told), warnings=tuple(serving.warnings))

    async def _bound(self, plan: Plan, request: LegacyRequest) -> _Serving:
        """The parameters read, the way chosen, the organisation found."""
        warnings: list[str] = []
        values = plan.bind(request.parts, request.params, warnings.append)
        variant = _choose(plan, values)
        deadline = self._clock() + self._deadline_seconds
        asking = Asking(request.credential, None, request.request_id, deadline)
        if plan.tenant is not None and plan.tenant in values:
            asking = await self._tenants.resolve(str(values[plan.tenant]), asking)
        return _Serving(plan, variant, values, asking, warnings)

    async def _main(self, serving: _Serving) -> Told:
        variant, asking = serving.variant, serving.asking
        if variant.page is None:
            return await self._ask(serving, variant.question)

        async def ask(variables: dict[str, Any]) -> Told:
            return await self._asker.ask(
                variant.question, variables, asking, copies=1, with_caller=serving.wants_caller
            )

        variables = variant.question.write(serving.values, serving.others)
        return await walk(variant.page, serving.values, variables, variant.keeps, ask, serving.warnings.append)

    async def _ask(self, serving: _Serving, question: Question) -> Told:
        copies = len(serving.values[question.repeated]) if question.repeated else 1
        if copies > question.most:
            raise RequestError(f"Parameter '{question.repeated}' may name {question.most} at most")
        variables = question.write(serving.values, serving.others)
        return await self._asker.ask(
            question, variables, serving.asking, copies=copies, with_caller=serving.wants_caller
        )

    async def _further(self, serving: _Serving, when: Literal["before", "after"], start: Any) -> None:
        """Ask what this request needs before or after its main question."""
        for further in serving.plan.questions:
            if further.ask == when and further.holds(serving.values):
                if further.over is None:
                    answer = serving.heard(await self._ask(serving, further.question))
                else:
                    answer = await self._over(serving, further, dig(start, *further.over) or [])
                serving.others[further.name] = answer

    async def _over(self, serving: _Serving, further: FurtherQuestion, elements: list[Any]) -> list[Any]:
        """One answer an element, asked in documents of ten aliases."""
        found: list[Any] = []
        for begin in range(0, len(elements), ALIASES):
            batch = elements[begin : begin + ALIASES]
            variables: dict[str, Any] = {}
            for position, element in enumerate(batch):
                own = further.question.write(serving.values, {**serving.others, "each": element})
                variables |= {f"{name}_{position}": value for name, value in own.items()}
            told = await self._asker.ask(
                further.question, variables, serving.asking, copies=len(batch), with_caller=False
            )
            found += serving.heard(told)["all"]
        return found

    def _reshape(self, serving: _Serving, start: Any) -> Any:
        """The generated function; where it meets a value that it cannot read, the slow one that names the place."""
        try:
            return serving.variant.reshape(start, serving.values, serving.others)
        except (ValueError, TypeError, AttributeError, KeyError, IndexError):
            payload, unreadable = serving.variant.explain(start, serving.values, serving.others)
        for rule, problem in unreadable:
            self._observer(ValueUnreadable(serving.asking.request_id, rule, problem))
        serving.warnings.append(f"partial: {len(unreadable)} values of the upstream's answer could not be read")
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


def _warn_of_gaps(serving: _Serving) -> None:
    """Say that an answer is partial, and which members were left out for want of a scope."""
    if serving.faults:
        serving.warnings.append(f"partial: the upstream could not answer {len(serving.faults)} members")
    if serving.withheld:
        serving.warnings.append(f"withheld for want of a scope: {', '.join(sorted(serving.withheld))}")
