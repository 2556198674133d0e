"""Events to log lines, by structlog; and the lines of libraries in the same form.

A line holds names, counts and times: no token, no body, no value of a parameter.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
import orjson
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


NOTHING = ("", ())
LEVELS = {logging.DEBUG: b"debug", logging.INFO: b"info", logging.WARNING: b"warning", logging.ERROR: b"error"}
#: leaves out what an event says by default
LINE = msgspec.json.Encoder()
_ROOT = logging.getLogger()


class _JsonLines(logging.StreamHandler):  # type: ignore[type-arg]
    """Standard output, a JSON object a line."""


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
    handler = (_JsonLines if form == "json" else logging.StreamHandler)(sys.stdout)
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
    """Writes a line for each event; failures of ours and of the upstream stand out.

    Lines in JSON that nobody else has a say in go straight to the output, all of one turn of the loop together: each
    call has one, and a passage through all layers of the libraries costs as much as reshaping an answer.
    """

    def __init__(self) -> None:
        self._log = structlog.get_logger("heirloom")
        self._logger = logging.getLogger("heirloom")
        self._lines: list[bytes] = []

    def __call__(self, event: Event) -> None:
        """Write the event's line."""
        kind = type(event)
        level = LEVEL_OF.get(kind) or _level(event)
        if not self._logger.isEnabledFor(level):
            return
        # Where lines wait to be written in this turn, those before were.
        if not self._lines and not _is_direct():
            fields = _fields(event)
            self._log.log(level, fields.pop("event"), **fields)
            return
        # In its own words where they are few, as those of nearly every call.
        if isinstance(event, RequestServed) and event.endpoint and not event.error_code:
            said = b'{"event":"request_served",' + LINE.encode(event)[1:-1]
        else:
            said = orjson.dumps(_fields(event))[:-1]
        self._write(b'%b,"level":"%b","timestamp":"%b"}\n' % (said, LEVELS[level], _now()))

    def _write(self, line: bytes) -> None:
        lines = self._lines
        lines.append(line)
        if len(lines) > 1:
            # Whoever began them writes them.
            return
        try:
            asyncio.get_running_loop().call_soon(self.flush)
        except RuntimeError:
            self.flush()

    def flush(self) -> None:
        """Write what was told in this turn of the loop."""
        lines, self._lines = self._lines, []
        output = getattr(sys.stdout, "buffer", None)
        if lines and output is not None:
            output.write(b"".join(lines))
            output.flush()


def _fields(event: Event) -> dict[str, Any]:
    """What a line says: what is empty is left out."""
    kind = type(event)
    fields: dict[str, Any] = {"event": NAMES[kind]}
    for name in kind.__struct_fields__:
        value = getattr(event, name)
        if value not in NOTHING:
            fields[name] = value
    if "seconds" in fields:
        fields["seconds"] = round(fields["seconds"], 6)
    return fields


def _now() -> bytes:
    """The time of a line; what stands before its fraction is the same for a second."""
    micros = time.time_ns() // 1000
    return b"%b.%06dZ" % (_second(micros // 1_000_000), micros % 1_000_000)


@lru_cache(maxsize=2)
def _second(seconds: int) -> bytes:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()


def _is_direct() -> bool:
    """Whether lines go out as bytes: not where they are for people, or somebody else gets them too."""
    handlers = _ROOT.handlers
    return len(handlers) == 1 and type(handlers[0]) is _JsonLines and hasattr(sys.stdout, "buffer")


#: of events that have but one
LEVEL_OF: dict[type, int] = {
    ReadShared: logging.DEBUG,
    ReadsMerged: logging.DEBUG,
    BudgetTold: logging.DEBUG,
    AnswerCached: logging.DEBUG,
    WriteReplayed: logging.INFO,
}


def _level(event: Event) -> int:
    if isinstance(event, RequestServed):
        return logging.ERROR if event.status == 500 else logging.INFO
    if isinstance(event, UpstreamAsked):
        return logging.DEBUG if event.outcome in {"answered", "partial"} else logging.WARNING
    if isinstance(event, GrantRefreshed) and event.outcome == "refreshed":
        return logging.INFO
    return logging.WARNING
