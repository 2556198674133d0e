"""What happened, as frozen records, and who listens: logs and metrics drink from the same stream.

No record holds a token, a body or a parameter's value.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class RequestServed(Struct, frozen=True, omit_defaults=True):
    """A legacy request was answered. `endpoint` is empty for a path that no mapping answers."""

    request_id: str
    endpoint: str
    method: str
    status: int
    seconds: float
    warnings: tuple[str, ...] = ()
    error_code: str = ""
    detail: str = ""
    place: str = ""


class UpstreamAsked(Struct, frozen=True):
    """One GraphQL request went out. `outcome` is `answered`, `partial`, or the code of the error it became."""

    request_id: str
    operation: str
    outcome: str
    seconds: float
    bytes_received: int


class FieldsWithheld(Struct, frozen=True):
    """A credential lacks scopes for some fields; reads go on without them."""

    request_id: str
    fields: tuple[str, ...]


class ValueUnreadable(Struct, frozen=True):
    """A value of an answer was not what the mapping takes; its member was answered as null."""

    request_id: str
    rule: str
    problem: str


class GrantRefreshed(Struct, frozen=True):
    """A stored grant was to get new tokens. `outcome` is `refreshed`, or the code of the error it became."""

    grant: str
    outcome: str
    detail: str = ""


class GrantLapsing(Struct, frozen=True):
    """A stored grant will lapse, or has: in so many days, unless it can be refreshed; 0 means connect it again."""

    grant: str
    days: float


class UpstreamAskedAgain(Struct, frozen=True):
    """A question failed with `code` and goes out once more after so many seconds."""

    request_id: str
    operation: str
    code: str
    seconds: float


class ReadShared(Struct, frozen=True):
    """A read got the answer of an equal one that was on its way already."""

    request_id: str
    operation: str


class AnswerCached(Struct, frozen=True):
    """A request for something that is kept was answered without asking the upstream, or it was not there."""

    request_id: str
    endpoint: str
    is_hit: bool


class WriteReplayed(Struct, frozen=True):
    """A write was answered as an equal one before it, under the same idempotency key; nothing was sent."""

    request_id: str
    endpoint: str


class BreakerChanged(Struct, frozen=True):
    """The upstream is left alone (`open`), tried by one call (`half-open`), or asked as ever (`closed`)."""

    state: str


class ReadsMerged(Struct, frozen=True):
    """So many reads of one credential went out as one request."""

    request_ids: tuple[str, ...]
    riders: int
    is_told_apart: bool


class BudgetTold(Struct, frozen=True):
    """What is left of the day's requests, and in how many seconds it is used up at this pace, None where it is not."""

    remaining: int
    runs_out_seconds: float | None


class BudgetDegraded(Struct, frozen=True):
    """The store is down and this worker keeps to its share of the limits by itself; or no more so."""

    is_degraded: bool


Event = (
    AnswerCached
    | BudgetDegraded
    | BudgetTold
    | ReadsMerged
    | BreakerChanged
    | UpstreamAskedAgain
    | RequestServed
    | GrantRefreshed
    | ReadShared
    | GrantLapsing
    | UpstreamAsked
    | FieldsWithheld
    | ValueUnreadable
    | WriteReplayed
)


class Observer(Protocol):
    """Listens to events; must neither fail nor block."""

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        ...


def to_both(first: Observer, second: Observer) -> Observer:
    """An observer that passes every event on to both."""

    def tell(event: Event) -> None:
        first(event)
        second(event)

    return tell
