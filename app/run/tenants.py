"""The organisations that a legacy request names, as the upstream's tenant header and its arguments want them.

Legacy paths carry an organisation's id, its old short number, its old name-like id, or the caller's own id for "my
rooms". An id goes as it is; anything else is looked up once a credential, in a question of its own. What is not found
is refused: the upstream would answer from another organisation without a word. Where a team is asked for below its
company, the header names the company. The caller's own id looks like an organisation's: it is told apart when the
upstream has refused it, and remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec import Struct, structs

from app.errors import NotFoundError, PermissionDeniedError, ProxyError, RequestError
from app.plan import Plan, Values
from app.run.ask import HOUR, MOST, Asker
from app.run.memory import Memory
from app.run.upstream import Asking

#: companies that are asked for a name that the first one does not know
MOST_COMPANIES = 10
#: the caller's own ids stand in the first answer
MAIN_ONLY = 0

#: ids of organisations have 18 or 19 digits, the old short numbers up to 10
SHORTEST_ID = 15


class Organization(Struct, frozen=True):
    """One that a credential can see: its id, and the company that the tenant header wants; null for the default one."""

    id: str
    company: str | None

    @property
    def kind(self) -> str:
        """`company`, or `team` of one."""
        return "company" if self.company in {self.id, None} else "team"


@dataclass(frozen=True, slots=True)
class Directory:
    """What a credential can see: organisations by every name, users' ids by their old short numbers.

    Teams and colleagues are told of one company at a time; `unasked` are the companies whose are not known yet.
    """

    organizations: dict[str, Organization]
    people: dict[str, str]
    unasked: tuple[str, ...]

    def knows(self, name: str) -> bool:
        """Whether an organisation or a user has that name."""
        return name in self.organizations or name in self.people


class Tenants:
    """Finds the organisations of a request. `directory` is the plan of the question that lists a credential's."""

    def __init__(self, asker: Asker, directory: Plan | None, clock: Callable[[], float]) -> None:
        self._asker = asker
        self._directory = directory
        self._known: Memory[Directory] = Memory(clock, seconds=HOUR, most=MOST)

    def located(self, plan: Plan, values: Values, asking: Asking) -> Asking | None:
        """As `locate`, where nobody has to be asked for it, as for most requests; else None."""
        if plan.organizations or plan.people:
            return None
        if plan.tenant not in values:
            return asking
        named = str(values[plan.tenant])
        found = self._plain(named, asking) if _is_id(named) else None
        return None if found is None else asking.at(found.id if found.company else None)

    async def locate(self, plan: Plan, values: Values, asking: Asking) -> Asking:
        """The asking with its tenant; values that name organisations and users become their ids.

        Raises PermissionDeniedError.
        """
        for param, wants_kind in plan.organizations:
            if param in values:
                found = await self.find(str(values[param]), asking, surely=wants_kind)
                if param == plan.tenant:
                    asking = asking.at(found.company)
                values[param] = found.id
                values[f"{param}.kind"] = found.kind
        if plan.tenant in values and all(param != plan.tenant for param, _ in plan.organizations):
            asking = await self.resolve(str(values[plan.tenant]), asking)
        for param in plan.people:
            named = str(values.get(param, ""))
            if self._directory is not None and _is_number(named) and len(named) < SHORTEST_ID:
                values[param] = (await self._look_up(self._directory, named, asking)).people.get(named, named)
        return asking

    async def resolve(self, named: str, asking: Asking) -> Asking:
        """The asking with its tenant; without one where the caller's own id is named. Raises PermissionDeniedError."""
        found = await self.find(named, asking)
        return asking.at(found.id if found.company else None)

    async def own(self, asking: Asking) -> Asking | None:
        """After a refusal: the asking without a tenant where that was the caller's own id, or None. Never raises."""
        caller = self._asker.caller(asking.credential)
        if caller is not None:
            return asking.at(None) if caller.get("id") == asking.tenant else None
        if asking.tenant is None or self._directory is None:
            return None
        try:
            known = await self._look_up(self._directory, asking.tenant, asking.at(None), MAIN_ONLY)
        except ProxyError:
            return None
        found = known.organizations.get(asking.tenant)
        return asking.at(None) if found is not None and found.company is None else None

    async def find(self, named: str, asking: Asking, *, surely: bool = False) -> Organization:
        """The organisation of that name; an id is looked up only `surely`, and stands for itself when unknown."""
        is_id = _is_id(named)
        if is_id and not surely:
            return self._plain(named, asking)
        if self._directory is None:
            if not (named.isascii() and named.isprintable()):
                raise RequestError("The organization in the path is not well-formed")
            return Organization(named, named)
        known = (await self._look_up(self._directory, named, asking)).organizations
        if named in known:
            return known[named]
        if is_id:
            return Organization(named, named)
        raise PermissionDeniedError(
            f"Forbidden: '{named[:80]}' is no organization of this token; use its organization ID"
        )

    def _plain(self, named: str, asking: Asking) -> Organization:
        """The organisation of an id, which is not looked up: but the caller's own, once it is known, is none."""
        seen = self._known.get(asking.credential.key)
        found = seen.organizations.get(named) if seen else None
        return found if found is not None and found.company is None else Organization(named, named)

    async def _look_up(self, plan: Plan, name: str, asking: Asking, companies: int = MOST_COMPANIES) -> Directory:
        """The directory of the credential, asked once an hour; of further `companies` only for a name not found."""
        remembered = self._known.get(asking.credential.key)
        known, is_whole = (remembered, True) if remembered else await self._ask(plan, asking)
        for company in () if known.knows(name) else known.unasked[:companies]:
            try:
                more, is_told = await self._ask(plan, asking.at(company))
            except (PermissionDeniedError, NotFoundError):
                more, is_told = Directory({}, {}, ()), True
            is_whole = is_whole and is_told
            unasked = tuple(one for one in known.unasked if one != company)
            known = Directory(more.organizations | known.organizations, more.people | known.people, unasked)
            if known.knows(name):
                break
        # What could not be told just now is not refused for an hour.
        if known is not remembered and is_whole:
            self._known.put(asking.credential.key, known)
        return known

    async def _ask(self, plan: Plan, asking: Asking) -> tuple[Directory, bool]:
        """What one company's answer tells, and whether it is whole."""
        variant = plan.variants[0]
        # What the upstream says of organisations is not what it says of the call that names one.
        asking = structs.replace(asking, errors=plan.errors, shares_questions=True)
        told = await self._asker.ask(variant.question, {}, asking, copies=1, with_caller=False)
        found = variant.reshape(told.start, {}, {})
        known = Directory(directory_names(found), directory_people(found), other_companies(found))
        return known, not told.faults


def other_companies(found: dict[str, Any]) -> tuple[str, ...]:
    """The ids of the companies that were not asked: all but the one that the answer speaks for."""
    current = (found.get("current") or {}).get("id")
    return tuple(one["id"] for one in found.get("organizations") or () if one.get("id") not in {None, "", current})


def directory_people(found: dict[str, Any]) -> dict[str, str]:
    """The id of every user by the old short number."""
    return {one["reference"]: one["id"] for one in found.get("people") or () if one.get("reference")}


def _is_id(named: str) -> bool:
    return len(named) >= SHORTEST_ID and _is_number(named)


def _is_number(named: str) -> bool:
    return named.isascii() and named.isdigit()


def directory_names(found: dict[str, Any]) -> dict[str, Organization]:
    """Every name of every organisation; the caller's own ids stand for the default one, without a header."""
    names: dict[str, Organization] = {}
    current = found.get("current") or {}
    for team in found.get("teams") or ():
        names |= _names(team, current.get("id"))
    for company in (*(found.get("organizations") or ()), current):
        names |= _names(company, company.get("id"))
    own = Organization(current.get("id") or "", None)
    return names | {name: own for name in (found.get("own") or {}).values() if name}


def _names(found: dict[str, Any], company: str | None) -> dict[str, Organization]:
    if not found.get("id"):
        return {}
    return {name: Organization(found["id"], company or found["id"]) for name in found.values() if name}
