"""Events as counts and times for Prometheus. No label holds a name that a caller chose, a token, or an id."""

from __future__ import annotations

import asyncio
import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
Spared = ReadsMerged | BudgetTold | BudgetDegraded | ReadShared | WriteReplayed
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 8.0)


#: seconds that what was told may wait to be counted: other workers tell of these numbers too
FOLD_SECONDS = 0.25


class _Times(Histogram):
    """A histogram that takes many times at once."""

    def observe_many(self, counts: Sequence[int], seconds: float) -> None:
        """So many in each bucket, and their sum."""
        self._sum.inc(seconds)
        for bucket, count in zip(self._buckets, counts, strict=True):
            if count:
                bucket.inc(count)


class _Tally:
    """What was told of one kind of event since it was last counted: how many, how long, and how much."""

    __slots__ = ("amount", "buckets", "count", "seconds")

    def __init__(self) -> None:
        self.count = self.amount = 0
        self.seconds = 0.0
        self.buckets = [0] * (len(SECONDS) + 1)


class Metrics:
    """Counts what it is told; `exposition` is the text that Prometheus reads.

    To count in the library takes as long as to read a request, so that what comes with every call is tallied first, and
    counted a moment later, or when somebody looks.
    """

    def __init__(self) -> None:
        self._own = own = CollectorRegistry()
        self._served: dict[tuple[str, str, int], _Tally] = {}
        self._answered: dict[tuple[str, str], _Tally] = {}
        self._found: dict[tuple[str, bool], int] = {}
        self._folding: asyncio.TimerHandle | None = None
        self._requests = Counter("heirloom_requests", "Legacy requests.", ["call", "method", "status"], registry=own)
        self._seconds = _Times("heirloom_request_seconds", "Their time.", ["call"], buckets=SECONDS, registry=own)
        self._warnings = Counter("heirloom_warnings", "Warnings to callers.", ["kind"], registry=own)
        self._asked = Counter("heirloom_upstream_requests", "Questions.", ["operation", "outcome"], registry=own)
        self._upstream_seconds = _Times("heirloom_upstream_seconds", "Their time.", buckets=SECONDS, registry=own)
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
            self._tally(self._served, (event.endpoint, event.method, event.status), event.seconds, 0)
            for warning in event.warnings:
                self._warnings.labels(kind_of(warning)).inc()
        elif isinstance(event, UpstreamAsked):
            self._tally(self._answered, (event.operation, event.outcome), event.seconds, event.bytes_received)
        elif isinstance(event, AnswerCached):
            key = event.endpoint, event.is_hit
            self._found[key] = self._found.get(key, 0) + 1
            if self._folding is None:
                self._fold_later()
        else:
            self._count(event)

    def _tally(self, tallies: dict[Any, _Tally], key: tuple[Any, ...], seconds: float, amount: int) -> None:
        tally = tallies.get(key)
        if tally is None:
            tally = tallies[key] = _Tally()
            if self._folding is None:
                self._fold_later()
        tally.count += 1
        tally.seconds += seconds
        tally.amount += amount
        tally.buckets[bisect_left(SECONDS, seconds)] += 1

    def _fold_later(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            # Nobody serves; it is counted when somebody looks.
            return
        self._folding = loop.call_later(FOLD_SECONDS, self.fold)

    def fold(self) -> None:
        """Count what was tallied."""
        if self._folding is not None:
            self._folding.cancel()
            self._folding = None
        served, self._served = self._served, {}
        answered, self._answered = self._answered, {}
        found, self._found = self._found, {}
        for (endpoint, is_hit), count in found.items():
            self._cached.labels(endpoint, "yes" if is_hit else "no").inc(count)
        for (endpoint, method, status), tally in served.items():
            known = method if method in METHODS else "other"
            self._requests.labels(endpoint, known, str(status)).inc(tally.count)
            self._seconds.labels(endpoint).observe_many(tally.buckets, tally.seconds)
        for (operation, outcome), tally in answered.items():
            self._asked.labels(operation, outcome).inc(tally.count)
            self._upstream_seconds.observe_many(tally.buckets, tally.seconds)
            self._received.inc(tally.amount)

    def _count(self, event: Event) -> None:
        """What is counted and nothing else."""
        match event:
            case ReadsMerged() | BudgetTold() | BudgetDegraded() | ReadShared() | WriteReplayed():
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
        self.fold()
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
