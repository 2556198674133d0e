"""A legacy request and a legacy reply as plain values."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from msgspec import Struct

NO_HEADERS: Mapping[str, str] = MappingProxyType({})

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


class Made(Struct):
    """What was made of the words of requests that say the same, for all that follow."""

    #: `parts` and `params` as bytes that are the same for equal requests
    spelled: bytes | None = None
    #: the values that they were read as, and warnings about them; not kept where somebody could change what is in them
    bound: tuple[Mapping[str, Any], tuple[str, ...]] | None = None


class LegacyRequest(Struct):
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
    #: whether an answer that is kept will not do
    wants_fresh: bool = False
    #: `parts` and `params` as bytes that are the same for equal requests, once somebody has made them
    spelled: bytes | None = None
    #: shared with equal requests, where such were seen
    made: Made | None = None


class Ready(Struct, frozen=True):
    """The members of an answer below its envelope, as a JSON object without the brace it begins with.

    `tag` stands for what they are, where they are kept.
    """

    tag: str
    members: bytes


class LegacyReply(Struct, eq=False):
    """What is answered: a JSON object before it is rendered, and what the caller should know about it.

    `body` begins with the members of the `envelope`. Where the answer is kept, `ready` has all others and `body` is
    empty; `tag` names the whole, and it is good for `seconds` still.
    """

    body: dict[str, Any]
    status: int = 200
    warnings: tuple[str, ...] = ()
    headers: Mapping[str, str] = NO_HEADERS
    envelope: Mapping[str, Any] = NO_HEADERS
    #: whether it lacks nothing that would be there another time
    is_whole: bool = False
    ready: Ready | None = None
    #: its bytes in the formats that it was rendered in so far: equal reads share a reply
    rendered: dict[str, tuple[bytes, bytes]] = {}
    tag: str = ""
    seconds: int = 0

    def __eq__(self, other: object) -> bool:
        """Whether both say the same; how far they are made ready is no matter."""
        if not isinstance(other, LegacyReply):
            return NotImplemented
        return (self.body, self.status, self.warnings, self.headers) == (
            other.body,
            other.status,
            other.warnings,
            other.headers,
        )

    __hash__ = None  # type: ignore[assignment]
