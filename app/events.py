"""What happened, as frozen records, and who listens: logs and metrics drink from the same stream.

No record holds a token, a body or a parameter's value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RequestServed:
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


@dataclass(frozen=True, slots=True)
class UpstreamAsked:
    """One GraphQL request went out. `outcome` is `answered`, `partial`, or the code of the error it became."""

    request_id: str
    operation: str
    outcome: str
    seconds: float
    bytes_received: int


@dataclass(frozen=True, slots=True)
class FieldsWithheld:
    """A credential lacks scopes for some fields; reads go on without them."""

    request_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ValueUnreadable:
    """A value of an answer was not what the mapping takes; its member was answered as null."""

    request_id: str
    rule: str
    problem: str


@dataclass(frozen=True, slots=True)
class GrantRefreshed:
    """A stored grant was to get new tokens. `outcome` is `refreshed`, or the code of the error it became."""

    grant: str
    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GrantLapsing:
    """A stored grant will lapse, or has: in so many days, unless it can be refreshed; 0 means connect it again."""

    grant: str
    days: float


@dataclass(frozen=True, slots=True)
class UpstreamAskedAgain:
    """A question failed with `code` and goes out once more after so many seconds."""

    request_id: str
    operation: str
    code: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ReadShared:
    """A read got the answer of an equal one that was on its way already."""

    request_id: str
    operation: str


@dataclass(frozen=True, slots=True)
class AnswerCached:
    """A request for something that is kept was answered without asking the upstream, or it was not there."""

    request_id: str
    endpoint: str
    is_hit: bool


@dataclass(frozen=True, slots=True)
class WriteReplayed:
    """A write was answered as an equal one before it, under the same idempotency key; nothing was sent."""

    request_id: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class BreakerChanged:
    """The upstream is left alone (`open`), tried by one call (`half-open`), or asked as ever (`closed`)."""

    state: str


@dataclass(frozen=True, slots=True)
class ReadsMerged:
    """So many reads of one credential went out as one request."""

    request_ids: tuple[str, ...]
    riders: int
    is_told_apart: bool


@dataclass(frozen=True, slots=True)
class BudgetTold:
    """What is left of the day's requests, and in how many seconds it is used up at this pace, None where it is not."""

    remaining: int
    runs_out_seconds: float | None


@dataclass(frozen=True, slots=True)
class BudgetDegraded:
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


def to_all(*observers: Observer) -> Observer:
    """An observer that passes every event on to each of these."""

    def tell(event: Event) -> None:
        for observer in observers:
            observer(event)

    return tell
