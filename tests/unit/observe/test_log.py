"""Events to log lines: one line each, in JSON, without anything that a caller or the upstream holds dear."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from app.assemble import assemble
from app.compile.build import Built
from app.events import Event, FieldsWithheld, RequestServed, UpstreamAsked, ValueUnreadable
from app.observe.log import NAMES, LogObserver, set_up_logging
from app.settings import Settings
from app.web.app import create_app
from tests.asgi import send
from tests.upstream import Answer, RecordingUpstream

SERVED = RequestServed("request-one", "messages/get_room", "GET", 200, 0.123457, ("partial: why",))
ASKED = UpstreamAsked("request-one", "get_room", "answered", 0.1, 512)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Whatever a test sets up ends with it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    quiet = {name: logging.getLogger(name).level for name in ("httpx", "httpcore", "uvicorn.access")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines written so far, without their times, each of which must be there."""
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one for one in found if not one.pop("timestamp").endswith("Z")] == []
    return found


def test_observer__request_served__writes_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Names, counts and times; what is empty is left out."""
    set_up_logging("info", "json")

    LogObserver()(SERVED)

    assert lines(capsys) == [
        {
            "event": "request_served",
            "level": "info",
            "request_id": "request-one",
            "endpoint": "messages/get_room",
            "method": "GET",
            "status": 200,
            "seconds": 0.123457,
            "warnings": ["partial: why"],
        }
    ]


@pytest.mark.parametrize(
    ("event", "level"),
    [
        (SERVED, "info"),
        (RequestServed("r", "", "GET", 404, 0.1, (), "R404"), "info"),
        (RequestServed("r", "", "GET", 502, 0.1, (), "U502"), "info"),
        (RequestServed("r", "", "GET", 500, 0.1, (), "X500", "KeyError", "serve.py:1 x"), "error"),
        (ASKED, "debug"),
        (UpstreamAsked("r", "get_room", "partial", 0.1, 5), "debug"),
        (UpstreamAsked("r", "get_room", "U504", 0.1, 0), "warning"),
        (UpstreamAsked("r", "get_room", "cancelled", 0.1, 0), "warning"),
        (FieldsWithheld("r", ("Room.topic",)), "warning"),
        (ValueUnreadable("r", "get_room.yaml:7", "a value could not be read"), "warning"),
    ],
)
def test_observer__each_event__has_its_level(capsys: pytest.CaptureFixture[str], event: Event, level: str) -> None:
    """Faults of ours are errors, faults of the upstream warnings; what goes well is quiet."""
    set_up_logging("debug", "json")

    LogObserver()(event)

    (line,) = lines(capsys)
    assert (line["event"], line["level"]) == (NAMES[type(event)], level)


@pytest.mark.parametrize(
    ("level", "shown"), [("debug", ["upstream_asked", "request_served"]), ("info", ["request_served"]), ("warning", [])]
)
def test_set_up_logging__level__decides_what_is_shown(
    capsys: pytest.CaptureFixture[str], level: str, shown: list[str]
) -> None:
    """Lines below the level are not written."""
    set_up_logging(level, "json")
    observer = LogObserver()

    observer(ASKED)
    observer(SERVED)

    assert [line["event"] for line in lines(capsys)] == shown


def test_set_up_logging__line_of_a_library__has_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever reads the log reads one format, stack traces included."""
    set_up_logging("info", "json")

    try:
        int("broken")
    except ValueError:
        logging.getLogger("some.library").exception("it %s", "failed")

    (line,) = lines(capsys)
    assert (line["event"], line["level"]) == ("it failed", "error")
    assert line["exception"].endswith("with base 10: 'broken'")


def test_set_up_logging__library_that_logs_each_request__is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """The HTTP client would log every address once more."""
    set_up_logging("debug", "json")

    logging.getLogger("httpx").info("HTTP Request: POST https://api.upwork.com/graphql")

    assert lines(capsys) == []


def test_set_up_logging__text__is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """The other form is one readable line, without colours where nobody sees them."""
    set_up_logging("info", "text")

    LogObserver()(SERVED)

    out = capsys.readouterr().out
    assert (out.count("\n"), "request_served" in out, "endpoint=messages/get_room" in out) == (1, True, True)
    assert "\x1b" not in out


def test_set_up_logging__twice__writes_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Setting up again replaces what was there."""
    set_up_logging("info", "json")
    set_up_logging("info", "json")

    LogObserver()(SERVED)

    assert len(lines(capsys)) == 1


SECRETS = ("oauth2v2_secret-token", "secret-query-value", "secret-body-value", "secret-path-value", "secret-answer")


@pytest.mark.parametrize(
    "answer",
    [
        Answer({"data": {"createRoomStoryV2": {"id": "s", "message": "secret-answer"}}}),
        Answer({"data": {"createRoomStoryV2": {"id": "s", "createdDateTime": "secret-answer"}}}),
        Answer(b"<html>secret-answer</html>"),
        Answer({"message": "secret-answer"}, 401),
        RuntimeError("secret-answer"),
    ],
)
@pytest.mark.parametrize("form", ["json", "text"])
async def test_log__whole_request__holds_no_secret(
    settings: Settings, built: Built, capsys: pytest.CaptureFixture[str], answer: Answer | Exception, form: str
) -> None:
    """However a request ends, no token, body, query or path value of it is written at any level."""
    set_up_logging("debug", form)
    app = create_app(assemble(settings, built.plans, transport=RecordingUpstream([answer])))
    path = "/api/messages/v3/1104567890123456781/rooms/secret-path-value/stories.json?x=secret-query-value"

    await send(app, "POST", path, {"Authorization": f"Bearer {SECRETS[0]}"}, b'{"message": "secret-body-value"}')

    # Lines of one turn of the loop go out after it.
    await asyncio.sleep(0)
    out = capsys.readouterr().out
    assert out.count("\n") >= 2
    assert [secret for secret in SECRETS if secret in out] == []
