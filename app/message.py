"""A legacy request and a legacy reply as plain values."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: a fresh token in the place of one that was refused
Renew = Callable[[str], Awaitable[str]]


@dataclass(slots=True)
class Credential:
    """Whose request it is: the bearer token, which never prints, and a key that stands for it everywhere else.

    A token that the proxy holds is renewed when it is refused, in its place, for all further questions of the request.
    `areas` and `tenants` are all that the credential may reach, None for whatever the upstream lets it; without a
    tenant in a request the first of them is meant.
    """

    token: str = field(repr=False)
    key: str
    renew: Renew | None = field(default=None, repr=False)
    areas: tuple[str, ...] | None = None
    tenants: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class LegacyRequest:
    """What was asked. `parts` are the path's values, decoded; `params` are query and body, flattened to one bag.

    A parameter is a text, or the list or object that a JSON body held there.
    """

    parts: Mapping[str, str]
    params: Mapping[str, Any]
    credential: Credential
    request_id: str = ""
    #: when it came in, by the clock that deadlines are told in; the time of serving it, where nobody says
    came: float | None = None
    #: the `Idempotency-Key` header as it came
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class LegacyReply:
    """What is answered: a JSON object before it is rendered, and what the caller should know about it."""

    body: dict[str, Any]
    status: int = 200
    warnings: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
