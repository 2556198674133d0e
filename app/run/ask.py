"""A question asked as this credential may ask it: without fields it has no scope for, with the caller beside it once.

A missing scope fails a whole request upstream and names the fields. Reads leave out exactly those, ask once more, and
remember that for the credential.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from app.errors import UnknownOutcomeError
from app.events import FieldsWithheld, Observer, ValueUnreadable
from app.message import Credential, Ready
from app.plan import CallerPlan, Question, copy_key
from app.run.faults import Errors, Fault, missing_scope, translate
from app.run.memory import Memory
from app.run.upstream import Answer, Asking, Take, Upstream

HOUR = 3600.0
MOST = 10_000
NOTHING: frozenset[str] = frozenset()


class Known(Struct, frozen=True):
    """The members of a reply as bytes, and its warnings."""

    ready: Ready
    warnings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ready.members)


class Told(Struct, frozen=True, eq=False):
    """An answer ready to be read: `start` is where paths begin, `faults` are those that took something from it.

    `withheld` are the fields of this question that the credential may not read.
    """

    start: Any
    faults: tuple[Fault, ...]
    withheld: frozenset[str]
    caller: dict[str, Any] | None
    #: the bytes that it was read from, and what was made of the same bytes before: nothing else is told then
    raw: bytes = b""
    known: Known | None = None
    #: whether `start` was decoded by the types of the question, as an answer is that lacks nothing
    is_typed: bool = False


class Asker:
    """Asks questions for credentials and remembers what each may not read, and who it is."""

    def __init__(
        self, upstream: Upstream, caller: CallerPlan | None, clock: Callable[[], float], observer: Observer
    ) -> None:
        self._upstream = upstream
        self._caller = caller
        self._observer = observer
        self._withheld: Memory[frozenset[str]] = Memory(clock, seconds=HOUR, most=MOST)
        self._callers: Memory[dict[str, Any]] = Memory(clock, seconds=HOUR, most=MOST)

    def caller(self, credential: Credential) -> dict[str, Any] | None:
        """Who the credential speaks for, when that is known."""
        return self._callers.get(credential.key)

    async def ask(
        self,
        question: Question,
        variables: dict[str, Any],
        asking: Asking,
        *,
        copies: int,
        with_caller: bool,
        take: Take | None = None,
    ) -> Told:
        """Ask, repairing a missing scope once. Raises ProxyError when nothing is left to answer with.

        `take` makes something of a whole answer's bytes: what they became before, or their data by types.
        """
        key, is_write = asking.credential.key, question.kind == "mutation"
        caller = self._callers.get(key)
        wants_caller = with_caller and not is_write and self._caller is not None and caller is None
        withheld = self._withheld.get(key) or NOTHING
        if withheld or wants_caller:
            take = None
        for _ in range(2):
            if withheld:
                self._check_roots(question, withheld, asking.errors)
            document = question.render(copies, withheld, with_caller=wants_caller)
            answer = await self._upstream.ask(
                document, variables, asking, operation=question.name, is_write=is_write, take=take
            )
            if answer.ready is not None:
                if isinstance(answer.ready, Known):
                    return Told(None, (), NOTHING, caller, answer.raw, answer.ready)
                return Told(answer.ready, (), NOTHING, caller, answer.raw, None, is_typed=True)
            missing = frozenset(name for fault in answer.faults for name in fault.missing_scopes)
            if answer.data is not None or question.kind == "mutation" or not missing - withheld:
                break
            withheld |= missing
            take = None
            self._withheld.put(key, withheld)
            self._observer(FieldsWithheld(asking.request_id, tuple(sorted(missing))))
        caller = self._read_caller(answer, asking) if wants_caller else self.caller(asking.credential)
        asked = question.fields | (self._caller.fields if self._caller and with_caller else frozenset())
        return self._told(question, answer, copies, withheld & asked, caller, asking.errors)

    @staticmethod
    def _check_roots(question: Question, withheld: frozenset[str], errors: Errors) -> None:
        """A question all of whose roots are out of reach is not asked."""
        if question.kind == "query" and all(coordinate in withheld for _, coordinate in question.roots):
            raise missing_scope(errors, (coordinate for _, coordinate in question.roots))

    def _read_caller(self, answer: Answer, asking: Asking) -> dict[str, Any] | None:
        """Who the credential speaks for, remembered when it was told whole."""
        plan = self._caller
        found = answer.data.get(plan.alias) if answer.data and plan else None
        if found is None or plan is None:
            return None
        caller: dict[str, Any]
        try:
            caller = plan.reshape(found, {}, {})
        except (ValueError, TypeError, AttributeError):
            caller, unreadable = plan.explain(found, {}, {})
            for rule, problem in unreadable:
                self._observer(ValueUnreadable(asking.request_id, rule, problem))
        if not any(fault.path[:1] == (plan.alias,) for fault in answer.faults):
            self._callers.put(asking.credential.key, caller)
        return caller

    def _told(
        self,
        question: Question,
        answer: Answer,
        copies: int,
        withheld: frozenset[str],
        caller: dict[str, Any] | None,
        errors: Errors,
    ) -> Told:
        faults = tuple(fault for fault in answer.faults if not _is_expected(fault, question.apart))
        alias = self._caller.alias if self._caller else ""
        own = tuple(fault for fault in answer.faults if fault.path[:1] != (alias,))
        telling = tuple(one for one in faults if one in own) or own
        start = self._start(question, answer.data or {}, copies, telling, errors)
        return Told(start, faults, withheld, caller, answer.raw)

    @staticmethod
    def _start(question: Question, data: dict[str, Any], copies: int, faults: tuple[Fault, ...], errors: Errors) -> Any:
        if question.repeated is not None or copies != 1 or question.most > 1:
            return _repeated(question, data, copies, faults, errors)
        present = [data.get(key) is not None for key, _ in question.roots]
        if not any(present):
            raise translate(errors, faults, question.roots, is_write=question.kind == "mutation")
        return data[question.roots[0][0]] if question.is_rooted else data


def _is_expected(fault: Fault, apart: frozenset[str]) -> bool:
    """Whether a fault took nothing from the answer: it is below a list that was asked apart for that very reason."""
    above = [str(step) for step in fault.path[:-1]]
    # The alias of a copy's root ends with the root's own.
    return not apart.isdisjoint([*above, *(step.partition("_")[2] for step in above[:1])])


def _repeated(question: Question, data: dict[str, Any], copies: int, faults: tuple[Fault, ...], errors: Errors) -> Any:
    """The answers of all copies. A write of which some failed tells which, and what is known of the others."""
    found = [_copy(question, data, copy) for copy in range(copies)]
    is_write = question.kind == "mutation"
    if None not in found or (not is_write and (any(found) or not faults)):
        return {"all": found}
    aliases = {fault.path[0] for fault in faults if fault.path}
    failed = [copy for copy in range(copies) if copy_key(copy) in aliases]
    if not is_write or not failed or len(failed) == copies:
        raise translate(errors, faults, question.roots, is_write=is_write)
    raise UnknownOutcomeError(_what_became(found, failed), detail=faults[0].message[:300])


def _copy(question: Question, data: dict[str, Any], copy: int) -> Any:
    """The answer of one copy; where it is made of several roots, an object of them, or null when none answered."""
    if not question.is_several:
        return data.get(copy_key(copy))
    made = {key: data.get(copy_key(copy, key)) for key, _ in question.roots}
    return made if any(value is not None for value in made.values()) else None


def _what_became(found: list[Any], failed: list[int]) -> str:
    """In words. Where one failure nulled the whole answer, those before it were carried out: writes run in order."""
    done = [copy for copy, one in enumerate(found) if one is not None] or list(range(failed[0]))
    unknown = [copy for copy in range(len(found)) if copy not in {*done, *failed}]
    told = {"failed": failed, "carried out": done, "not known": unknown}
    parts = [f"{what} no. {', '.join(str(copy + 1) for copy in copies)}" for what, copies in told.items() if copies]
    return f"Of {len(found)}: {'; '.join(parts)}. Look before you repeat them"
