"""A golden case: a folder with what a client sends, what the upstream is asked and answers, what the client gets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import yaml

from tests.asgi import Reply
from tests.upstream import Answer

HERE = Path(__file__).resolve().parent
FILES = {"request.yaml", "questions.json", "answers.json", "reply.yaml"}
HEADERS = re.compile(r"content-type|x-upwork-error-.*|x-heirloom-warning|proxy-status|retry-after")
#: what `server_time` reads in every recorded reply, as the JSON or XML of the call has it
NOON = 1700000000
SERVER_TIME = re.compile(r"(?<=<server_time>)\d+(?=</server_time>)")


@dataclass(frozen=True, slots=True)
class Sent:
    """One legacy request as it stands on the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Case:
    """A case's folder. `request.yaml` may list requests of the client that came `earlier`, without their replies."""

    folder: Path

    def __str__(self) -> str:
        return "/".join(self.folder.relative_to(HERE).parts)

    @property
    def call(self) -> str:
        """The call that the case is about, as `area/name`."""
        return "/".join(self.folder.relative_to(HERE).parts[:2])

    def requests(self) -> list[Sent]:
        """The earlier requests, and last the one that the case is about."""
        written = yaml.safe_load((self.folder / "request.yaml").read_text(encoding="utf-8"))
        return [_sent(one) for one in (*written.pop("earlier", ()), written)]

    def answers(self) -> list[Answer]:
        """What the upstream answers, in order."""
        return [
            Answer(
                one["body"].encode() if isinstance(one["body"], str) else one["body"],
                one.get("status", 200),
                one.get("headers", {}),
            )
            for one in orjson.loads((self.folder / "answers.json").read_bytes())
        ]

    def questions(self) -> Any:
        """What the upstream must be asked."""
        return orjson.loads((self.folder / "questions.json").read_bytes())

    def reply(self) -> Any:
        """What the client must get."""
        return yaml.safe_load((self.folder / "reply.yaml").read_text(encoding="utf-8"))

    def write(self, questions: Any, reply: Any) -> None:
        """Keep what was asked and answered."""
        (self.folder / "questions.json").write_bytes(orjson.dumps(questions, option=orjson.OPT_INDENT_2) + b"\n")
        (self.folder / "reply.yaml").write_text(_yaml(reply), encoding="utf-8")


def golden_cases() -> list[Case]:
    """Every case there is, found by walking."""
    return [Case(path.parent) for path in sorted(HERE.glob("*/*/*/request.yaml"))]


def recorded_questions(requests: Iterable[httpx.Request]) -> list[dict[str, Any]]:
    """The questions in the form of `questions.json`; a document line by line, so that differences can be read."""
    found = []
    for request in requests:
        body = orjson.loads(request.content)
        tenant = request.headers.get("X-Upwork-API-TenantId")
        found.append({"query": body["query"].splitlines(), "variables": body["variables"], "tenant": tenant})
    return found


def recorded_reply(reply: Reply) -> dict[str, Any]:
    """The reply in the form of `reply.yaml`: status, the headers that matter, and the body with its time made even."""
    headers = {name: text for name, text in sorted(reply.headers.items()) if HEADERS.fullmatch(name)}
    if headers["content-type"] == "application/xml":
        return {"status": reply.status, "headers": headers, "body": SERVER_TIME.sub(str(NOON), reply.body.decode())}
    script, text = "", reply.body
    if headers["content-type"] == "application/javascript":
        script, text = reply.body[: reply.body.index(b"(")].decode(), reply.body[reply.body.index(b"(") + 1 : -2]
    body = orjson.loads(text)
    if "server_time" in body:
        body["server_time"] = type(body["server_time"])(NOON)
    return {"status": reply.status, "headers": headers, **({"calls": script} if script else {}), "body": body}


def _sent(written: dict[str, Any]) -> Sent:
    return Sent(written["method"], written["path"], written.get("headers", {}), written.get("body", "").encode())


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks; no aliases, for a reply shows every value where it is."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write a value again rather than point to it."""
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _yaml(value: Any) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
