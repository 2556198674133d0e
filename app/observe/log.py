"""Events to log lines, by structlog; and the lines of libraries in the same form.

A line holds names, counts and times: no token, no body, no value of a parameter.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from app.events import (
    AnswerCached,
    BreakerChanged,
    BudgetDegraded,
    BudgetTold,
    Event,
    FieldsWithheld,
    GrantLapsing,
    GrantRefreshed,
    ReadShared,
    ReadsMerged,
    RequestServed,
    UpstreamAsked,
    UpstreamAskedAgain,
    ValueUnreadable,
    WriteReplayed,
)

NAMES: dict[type, str] = {
    AnswerCached: "answer_cached",
    RequestServed: "request_served",
    UpstreamAsked: "upstream_asked",
    FieldsWithheld: "fields_withheld",
    GrantRefreshed: "grant_refreshed",
    GrantLapsing: "grant_lapsing",
    ValueUnreadable: "value_unreadable",
    UpstreamAskedAgain: "upstream_asked_again",
    BudgetDegraded: "budget_degraded",
    BudgetTold: "budget_told",
    ReadsMerged: "reads_merged",
    BreakerChanged: "breaker_changed",
    ReadShared: "read_shared",
    WriteReplayed: "write_replayed",
}


def set_up_logging(level: str, form: str) -> None:
    """Send every line of ours and of libraries to standard output, in JSON or as text."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    if form == "json":
        renderer = structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # At debug level oauthlib would print what a signature is made over: every parameter.
    logging.getLogger("oauthlib").setLevel("ERROR")
    for quiet in ("httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(quiet).setLevel("WARNING")
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


class LogObserver:
    """Writes a line for each event; failures of ours and of the upstream stand out."""

    def __init__(self) -> None:
        self._log = structlog.get_logger("heirloom")
        self._logger = logging.getLogger("heirloom")

    def __call__(self, event: Event) -> None:
        """Write the event's line."""
        level = _level(event)
        if not self._logger.isEnabledFor(level):
            return
        told = ((name, getattr(event, name)) for name in event.__slots__)
        fields = {name: value for name, value in told if value not in ("", ())}
        if "seconds" in fields:
            fields["seconds"] = round(fields["seconds"], 6)
        self._log.log(level, NAMES[type(event)], **fields)


def _level(event: Event) -> int:
    if isinstance(event, RequestServed):
        return logging.ERROR if event.status == 500 else logging.INFO
    if isinstance(event, ReadShared | ReadsMerged | BudgetTold | AnswerCached):
        return logging.DEBUG
    if isinstance(event, UpstreamAsked):
        return logging.DEBUG if event.outcome in {"answered", "partial"} else logging.WARNING
    if isinstance(event, WriteReplayed):
        return logging.INFO
    if isinstance(event, GrantRefreshed) and event.outcome == "refreshed":
        return logging.INFO
    return logging.WARNING
