"""The organisation that a legacy path names, as the upstream's tenant header wants it.

Legacy paths carry an organisation's id, its old short number, its old name-like id, or the caller's own id for "my
rooms". An id goes as it is; anything else is looked up once a credential, in a question of its own. What is not found
is refused: the upstream would answer from another organisation without a word. The caller's own id looks like an
organisation's: it is told apart when the upstream has refused it, and remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.errors import PermissionDeniedError, ProxyError, RequestError
from app.plan import Plan
from app.run.ask import HOUR, MOST, Asker
from app.run.memory import Memory
from app.run.upstream import Asking

#: ids of organisations have 18 or 19 digits, the old short numbers up to 10
SHORTEST_ID = 15


class Tenants:
    """Finds the tenant of a request. `directory` is the plan of the question that lists what a credential can see."""

    def __init__(self, asker: Asker, directory: Plan | None, clock: Callable[[], float]) -> None:
        self._asker = asker
        self._directory = directory
        self._known: Memory[dict[str, str | None]] = Memory(clock, seconds=HOUR, most=MOST)

    async def resolve(self, named: str, asking: Asking) -> Asking:
        """The asking with its tenant; without one where the caller's own id is named. Raises PermissionDeniedError."""
        if named.isascii() and named.isdigit() and len(named) >= SHORTEST_ID:
            seen = self._known.get(asking.credential.key) or {}
            return replace(asking, tenant=seen.get(named, named))
        if self._directory is None:
            if not (named.isascii() and named.isprintable()):
                raise RequestError("The organization in the path is not well-formed")
            return replace(asking, tenant=named)
        known = self._known.get(asking.credential.key)
        if known is None:
            known = await self._look_up(self._directory, asking)
        if named not in known:
            raise PermissionDeniedError(
                f"Forbidden: '{named[:80]}' is no organization of this token; use its organization ID"
            )
        return replace(asking, tenant=known[named])

    async def own(self, asking: Asking) -> Asking | None:
        """After a refusal: the asking without a tenant where that was the caller's own id, or None. Never raises."""
        caller = self._asker.caller(asking)
        if caller is not None:
            return replace(asking, tenant=None) if caller.get("id") == asking.tenant else None
        if asking.tenant is None or self._directory is None:
            return None
        try:
            known = self._known.get(asking.credential.key) or await self._look_up(
                self._directory, replace(asking, tenant=None)
            )
        except ProxyError:
            return None
        return replace(asking, tenant=None) if known.get(asking.tenant, asking.tenant) is None else None

    async def _look_up(self, directory: Plan, asking: Asking) -> dict[str, str | None]:
        variant = directory.variants[0]
        told = await self._asker.ask(variant.question, {}, asking, copies=1, with_caller=False)
        names = directory_names(variant.reshape(told.start, {}, {}))
        if not told.faults:
            self._known.put(asking.credential.key, names)
        return names


def directory_names(found: dict[str, Any]) -> dict[str, str | None]:
    """Every name of every organisation with its id; the caller's own ids stand for no tenant."""
    names: dict[str, str | None] = {}
    for organization in (*(found.get("organizations") or ()), *(found.get("teams") or ()), found.get("current") or {}):
        if organization.get("id"):
            names |= {name: organization["id"] for name in organization.values() if name}
    return names | {own: None for own in (found.get("own") or {}).values() if own}
