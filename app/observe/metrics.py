"""Events as counts and times for Prometheus. No label holds a name that a caller chose, a token, or an id."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.events import (
    AnswerCached,
    BreakerChanged,
    BudgetDegraded,
    BudgetTold,
    Event,
    FieldsWithheld,
    GrantRefreshed,
    ReadShared,
    ReadsMerged,
    RequestServed,
    UpstreamAsked,
    UpstreamAskedAgain,
    ValueUnreadable,
    WriteReplayed,
)

#: set for workers of one service; each writes its numbers there, and each can tell those of all
SHARED = "PROMETHEUS_MULTIPROC_DIR"
#: what became of the limits, and requests that were spared
Spared = AnswerCached | ReadsMerged | BudgetTold | BudgetDegraded | ReadShared | WriteReplayed
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 8.0)


class Metrics:
    """Counts what it is told; `exposition` is the text that Prometheus reads."""

    def __init__(self) -> None:
        self._own = own = CollectorRegistry()
        # To find a child by its labels costs more than to count.
        self._of = lru_cache(maxsize=1024)(self._find)
        self._of_question = lru_cache(maxsize=1024)(self._find_question)
        self._requests = Counter("heirloom_requests", "Legacy requests.", ["call", "method", "status"], registry=own)
        self._seconds = Histogram("heirloom_request_seconds", "Their time.", ["call"], buckets=SECONDS, registry=own)
        self._warnings = Counter("heirloom_warnings", "Warnings to callers.", ["kind"], registry=own)
        self._asked = Counter("heirloom_upstream_requests", "Questions.", ["operation", "outcome"], registry=own)
        self._upstream_seconds = Histogram("heirloom_upstream_seconds", "Their time.", buckets=SECONDS, registry=own)
        self._received = Counter("heirloom_upstream_received_bytes", "Sizes of answers.", registry=own)
        self._withheld = Counter("heirloom_fields_withheld", "Fields without a scope, when found out.", registry=own)
        self._unreadable = Counter("heirloom_values_unreadable", "Values that could not be read.", registry=own)
        self._again = Counter("heirloom_upstream_retries", "Questions asked again.", ["code"], registry=own)
        self._shared = Counter("heirloom_reads_shared", "Reads that shared another's question.", registry=own)
        self._merged = Counter("heirloom_reads_merged", "Reads that shared a request.", ["ended"], registry=own)
        self._remaining = Gauge(
            "heirloom_budget_remaining",
            "Requests that the upstream allows today still.",
            registry=own,
            multiprocess_mode="mostrecent",
        )
        self._degraded = Counter("heirloom_budget_store", "Turns of the budget's store.", ["state"], registry=own)
        self._cached = Counter("heirloom_cache", "Requests for what is kept.", ["call", "found"], registry=own)
        self._replayed = Counter("heirloom_writes_replayed", "Writes answered as an equal one before.", registry=own)
        self._breaker = Counter("heirloom_breaker_changes", "Turns of the breaker.", ["state"], registry=own)
        self._refreshes = Counter("heirloom_grant_refreshes", "Refreshes of grants.", ["outcome"], registry=own)

    def __call__(self, event: Event) -> None:
        """Count an event."""
        if isinstance(event, RequestServed):
            method = event.method if event.method in METHODS else "other"
            requests, seconds = self._of(event.endpoint, method, event.status)
            requests.inc()
            seconds.observe(event.seconds)
            for warning in event.warnings:
                self._warnings.labels(kind_of(warning)).inc()
        elif isinstance(event, UpstreamAsked):
            self._of_question(event.operation, event.outcome).inc()
            self._upstream_seconds.observe(event.seconds)
            self._received.inc(event.bytes_received)
        else:
            self._count(event)

    def _find(self, endpoint: str, method: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(endpoint, method, str(status)), self._seconds.labels(endpoint)

    def _find_question(self, operation: str, outcome: str) -> Counter:
        return self._asked.labels(operation, outcome)

    def _count(self, event: Event) -> None:
        """What is counted and nothing else."""
        match event:
            case AnswerCached() | ReadsMerged() | BudgetTold() | BudgetDegraded() | ReadShared() | WriteReplayed():
                self._count_spared(event)
            case FieldsWithheld(fields=fields):
                self._withheld.inc(len(fields))
            case ValueUnreadable():
                self._unreadable.inc()
            case UpstreamAskedAgain(code=code):
                self._again.labels(code).inc()
            case BreakerChanged(state=state):
                self._breaker.labels(state).inc()
            case GrantRefreshed(outcome=outcome):
                self._refreshes.labels(outcome).inc()
            case _:
                pass

    def _count_spared(self, event: Spared) -> None:
        """What became of the upstream's limits, and the requests that it was spared."""
        match event:
            case AnswerCached(endpoint=endpoint, is_hit=is_hit):
                self._cached.labels(endpoint, "yes" if is_hit else "no").inc()
            case ReadShared():
                self._shared.inc()
            case WriteReplayed():
                self._replayed.inc()
            case ReadsMerged(riders=riders, is_told_apart=is_told_apart):
                self._merged.labels("together" if is_told_apart else "apart").inc(riders)
            case BudgetTold(remaining=remaining):
                self._remaining.set(remaining)
            case BudgetDegraded(is_degraded=is_degraded):
                self._degraded.labels("down" if is_degraded else "up").inc()

    def exposition(self, grants: Mapping[str, int]) -> bytes:
        """All numbers, those of other workers too; `grants` are the stored ones by how they stand."""
        shown = CollectorRegistry()
        shown.register(_Grants(grants))
        if os.environ.get(SHARED):
            MultiProcessCollector(shown)  # type: ignore[no-untyped-call]
        else:
            shown.register(self._own)
        return generate_latest(shown)


def kind_of(warning: str) -> str:
    """What a warning is about: `partial`, `withheld`, or a `parameter`."""
    word = warning.partition(" ")[0].rstrip(":")
    return word if word in {"partial", "withheld", "parameter"} else "other"


class _Grants(Collector):
    """Told from the store as a whole, the same by every worker: not to be summed."""

    def __init__(self, grants: Mapping[str, int]) -> None:
        self._grants = grants

    def collect(self) -> Iterator[Metric]:
        """The stored grants."""
        told = GaugeMetricFamily("heirloom_grants", "Stored grants by how they stand.", labels=["standing"])
        for standing, count in self._grants.items():
            told.add_metric([standing], count)
        yield told
