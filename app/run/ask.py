"""A question asked as this credential may ask it: without the fields it has no scope for, with the caller beside it once.

A missing scope fails a whole request upstream and names the fields. Reads leave out exactly those, ask once more, and
remember that for the credential.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.errors import PermissionDeniedError, UnknownOutcomeError
from app.events import FieldsWithheld, Observer
from app.plan import CallerPlan, Question, copy_key
from app.run.faults import NO_ACCESS, Fault, translate
from app.run.memory import Memory
from app.run.upstream import Answer, Asking, Upstream

HOUR = 3600.0
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Told:
    """An answer ready to be read: `start` is where paths begin, `faults` are those that took something from it."""

    start: Any
    faults: tuple[Fault, ...]
    withheld: frozenset[str]
    caller: dict[str, Any] | None


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

    def caller(self, asking: Asking) -> dict[str, Any] | None:
        """Who the credential speaks for, when that is known."""
        return self._callers.get(asking.credential.key)

    async def ask(
        self, question: Question, variables: dict[str, Any], asking: Asking, *, copies: int, with_caller: bool
    ) -> Told:
        """Ask, repairing a missing scope once. Raises ProxyError when nothing is left to answer with."""
        key = asking.credential.key
        wants_caller = (
            with_caller and question.kind == "query" and self._caller is not None and self.caller(asking) is None
        )
        withheld = self._withheld.get(key) or frozenset()
        for _ in range(2):
            self._check_roots(question, withheld)
            document = question.render(copies, withheld, with_caller=wants_caller)
            answer = await self._upstream.ask(
                document, variables, asking, operation=question.name, is_write=question.kind == "mutation"
            )
            missing = frozenset(name for fault in answer.faults for name in fault.missing_scopes)
            if answer.data is not None or question.kind == "mutation" or not missing - withheld:
                break
            withheld |= missing
            self._withheld.put(key, withheld)
            self._observer(FieldsWithheld(asking.request_id, tuple(sorted(missing))))
        caller = self._remember_caller(answer, asking) if wants_caller else self.caller(asking)
        return self._told(question, answer, copies, withheld, caller)

    @staticmethod
    def _check_roots(question: Question, withheld: frozenset[str]) -> None:
        """A question all of whose roots are out of reach is not asked."""
        if question.kind == "query" and all(coordinate in withheld for _, coordinate in question.roots):
            raise PermissionDeniedError(NO_ACCESS)

    def _remember_caller(self, answer: Answer, asking: Asking) -> dict[str, Any] | None:
        found = answer.data.get(self._caller.alias) if answer.data and self._caller else None
        if found is None or self._caller is None:
            return None
        caller: dict[str, Any] = self._caller.reshape(found, {}, {})
        self._callers.put(asking.credential.key, caller)
        return caller

    def _told(
        self, question: Question, answer: Answer, copies: int, withheld: frozenset[str], caller: dict[str, Any] | None
    ) -> Told:
        alias = self._caller.alias if self._caller else ""
        faults = tuple(
            fault
            for fault in answer.faults
            if not (fault.path and (fault.path[0] == alias or _is_apart(question, fault)))
        )
        start = self._start(question, answer, copies, faults)
        return Told(start, faults, withheld, caller)

    @staticmethod
    def _start(question: Question, answer: Answer, copies: int, faults: tuple[Fault, ...]) -> Any:
        data = answer.data or {}
        if question.repeated is not None or copies != 1 or question.most > 1:
            return _repeated(question, data, copies, faults)
        present = [data.get(key) is not None for key, _ in question.roots]
        if not any(present):
            raise translate(faults or answer.faults)
        return data[question.roots[0][0]] if question.is_rooted else data


def _repeated(question: Question, data: dict[str, Any], copies: int, faults: tuple[Fault, ...]) -> Any:
    """The answers of all copies. A write of which one failed tells which: the others were carried out."""
    found = [_copy(question, data, copy) for copy in range(copies)]
    if question.kind == "query":
        if not any(one is not None for one in found) and faults:
            raise translate(faults)
        return {"all": found}
    failed = sorted({str(fault.path[0])[1:] for fault in faults if fault.path})
    if None not in found:
        return {"all": found}
    if not failed or len(failed) == copies:
        raise translate(faults)
    positions = ", ".join(str(int(one) + 1) for one in failed if one.isdigit())
    raise UnknownOutcomeError(
        f"{len(failed)} of {copies} failed (number {positions}), the others were carried out: do not repeat them",
        detail=faults[0].message[:300] if faults else "",
    )


def _copy(question: Question, data: dict[str, Any], copy: int) -> Any:
    """The answer of one copy; where it is made of several roots, an object of them, or null when none answered."""
    if not question.is_several:
        return data.get(copy_key(copy))
    made = {key: data.get(copy_key(copy, key)) for key, _ in question.roots}
    return made if any(value is not None for value in made.values()) else None


def _is_apart(question: Question, fault: Fault) -> bool:
    """Whether a fault lies below something asked apart; the alias of a copy's root ends with the root's own."""
    steps = {str(step) for step in fault.path} | {str(fault.path[0]).partition("_")[2]}
    return bool(question.apart & steps)
