"""Events become counts and times, and nothing that a caller said becomes a label."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from app.events import (
    Event,
    FieldsWithheld,
    GrantLapsing,
    GrantRefreshed,
    RequestServed,
    UpstreamAsked,
    ValueUnreadable,
)
from app.observe.metrics import Metrics
from tests.asgi import running, send
from tests.conftest import ServiceOver
from tests.upstream import data

Labels = frozenset[tuple[str, str]]


def numbers(text: bytes) -> dict[str, dict[Labels, float]]:
    """Each sample's values by its labels."""
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found


def told(*events: Event, grants: dict[str, int] | None = None) -> dict[str, dict[Labels, float]]:
    """The numbers after these events."""
    metrics = Metrics()
    for event in events:
        metrics(event)
    return numbers(metrics.exposition(grants or {}))


def labels(**named: str) -> Labels:
    """Labels as `numbers` has them."""
    return frozenset(named.items())


def test_metrics__requests__are_counted_by_call_method_and_status() -> None:
    """Two calls and a hostile method; times fall into buckets, warnings are counted by what they are about."""
    warnings = ("partial: x", "withheld for want of a scope: Room.id", "parameter '...' was ignored", "only 3 rows")
    served = RequestServed("r", "messages/get_room", "GET", 200, 0.02, warnings)

    found = told(served, served, RequestServed("r", "", "BREW", 405, 0.001))

    room = labels(call="messages/get_room", method="GET", status="200")
    assert found["heirloom_requests_total"] == {room: 2, labels(call="", method="other", status="405"): 1}
    buckets = found["heirloom_request_seconds_bucket"]
    assert buckets[labels(call="messages/get_room", le="0.01")] == 0
    assert buckets[labels(call="messages/get_room", le="0.025")] == 2
    kinds = {labels(kind=kind): 2.0 for kind in ("partial", "withheld", "parameter", "other")}
    assert found["heirloom_warnings_total"] == kinds


def test_metrics__upstream__is_counted_by_operation_and_outcome() -> None:
    """Questions, what came back, how much of it."""
    asked = UpstreamAsked("r", "get_room", "answered", 0.3, 500)

    found = told(asked, asked, UpstreamAsked("r", "get_room", "U504", 7, 0))

    answered, late = (labels(operation="get_room", outcome=outcome) for outcome in ("answered", "U504"))
    assert found["heirloom_upstream_requests_total"] == {answered: 2, late: 1}
    assert found["heirloom_upstream_received_bytes_total"] == {labels(): 1000}
    assert found["heirloom_upstream_seconds_count"] == {labels(): 3}


def test_metrics__what_is_missing_and_grants__are_counted() -> None:
    """Fields withheld, values unreadable, refreshes; how grants stand is told as it is."""
    found = told(
        FieldsWithheld("r", ("Room.id", "Room.topic")),
        ValueUnreadable("r", "get_room.yaml:7", "x"),
        GrantRefreshed("main", "refreshed"),
        GrantLapsing("main", 2.0),
        grants={"grants": 3, "lapsing": 1, "lapsed": 0},
    )

    assert found["heirloom_fields_withheld_total"] == {labels(): 2}
    assert found["heirloom_values_unreadable_total"] == {labels(): 1}
    assert found["heirloom_grant_refreshes_total"] == {labels(outcome="refreshed"): 1}
    standing = {labels(standing="grants"): 3, labels(standing="lapsing"): 1, labels(standing="lapsed"): 0}
    assert found["heirloom_grants"] == standing


async def test_metrics__served__hold_nothing_that_the_caller_sent(service_over: ServiceOver) -> None:
    """A request is counted; its path, parameters and token are not there."""
    service = service_over([data(roomList={"totalCount": 0, "edges": []})])
    target = "/api/messages/v3/1104567890123456781/rooms.json?secretname=secretvalue"

    async with running(service.app):
        await send(service.app, "GET", target, {"Authorization": "Bearer oauth2v2_secret"})
        await send(service.app, "GET", "/api/secretpath", {"Authorization": "Bearer oauth2v2_secret"})
        reply = await send(service.app, "GET", "/metrics")

    assert reply.headers["content-type"].startswith("text/plain")
    counted = numbers(reply.body)["heirloom_requests_total"]
    assert sum(counted.values()) == 2
    said = ("secret", "oauth2v2", "1104567890123456781")
    assert [word for word in said if word in reply.body.decode()] == []
