"""Bytes to a server and back, with nothing between: what a client library would mend is sent as it stands."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import Any

SECONDS = 12.0


class Hung(Exception):
    """No answer, or half of one, within the time that a client would wait."""


class Unreadable(Exception):
    """What came back is no HTTP answer."""


@dataclass(frozen=True)
class Answer:
    """One answer; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


class Connection:
    """One connection; reads answers one after the other."""

    def __init__(self, port: int, seconds: float = SECONDS, wrap: Any = None) -> None:
        plain = socket.create_connection(("127.0.0.1", port), seconds)
        self._socket = wrap(plain) if wrap else plain
        self._left = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, sent: bytes) -> None:
        """Send as much as the server takes: one that refuses may not read on."""
        try:
            self._socket.sendall(sent)
        except (BrokenPipeError, ConnectionResetError):
            return

    def end(self) -> None:
        """Say that nothing more comes."""
        self._socket.shutdown(socket.SHUT_WR)

    def is_closed(self) -> bool:
        """Whether the server ends the connection without a further byte."""
        return self._left == b"" and self._more() == b""

    def answer(self, *, has_body: bool = True) -> Answer | None:
        """The next answer; None where the server closed before a byte of it. Raises Hung, Unreadable."""
        while b"\r\n\r\n" not in self._left and (more := self._more()):
            self._left += more
        if not self._left:
            return None
        head, end, self._left = self._left.partition(b"\r\n\r\n")
        if not end:
            raise Unreadable(repr(head[:200]))
        status, headers = read_head(head)
        if status == 100:
            return self.answer(has_body=has_body)
        size = int(headers.get("content-length", "0")) if has_body else 0
        while len(self._left) < size and (more := self._more()):
            self._left += more
        if len(self._left) < size or "transfer-encoding" in headers:
            raise Unreadable("an answer that was cut off, or in chunks")
        body, self._left = self._left[:size], self._left[size:]
        return Answer(status, headers, body)

    def _more(self) -> bytes:
        try:
            return bytes(self._socket.recv(65536))
        except TimeoutError as error:
            raise Hung(f"nothing came, behind {self._left[:80]!r}") from error
        except ConnectionResetError:
            return b""


def read_head(head: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer. Raises Unreadable."""
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
        raise Unreadable(lines[0][:200])
    pairs = (line.partition(":") for line in lines[1:])
    return int(words[1]), {name.strip().lower(): text.strip() for name, _, text in pairs}


def ask(port: int, sent: bytes, *, has_body: bool = True, seconds: float = SECONDS) -> Answer:
    """One request on a connection of its own; there must be an answer."""
    with Connection(port, seconds) as connection:
        connection.send(sent)
        answer = connection.answer(has_body=has_body)
    if answer is None:
        raise Unreadable("the server closed without an answer")
    return answer


def complaint(answer: Answer, *, has_body: bool = True) -> str:
    """What is wrong with the form of an answer to a call of the API; empty where it is as old clients need it."""
    kind = answer.headers.get("content-type", "")
    if kind not in {"application/json", "application/xml", "application/javascript", "application/problem+json"}:
        return f"content type {kind!r}"
    if answer.status == 200:
        return "" if answer.body or not has_body else "an empty body"
    if not 400 <= answer.status < 600:
        return f"status {answer.status}"
    told = answer.headers.get("x-upwork-error-code"), "x-upwork-error-message" in answer.headers
    if told != (str(answer.status), True):
        return "the error headers are missing"
    if answer.status == 500 or 'error="X' in answer.headers.get("proxy-status", ""):
        return "a fault of ours"
    if kind != "application/json" or not has_body:
        return ""
    error = answer.json().get("error", {})
    return "" if {"status", "code"} <= error.keys() and error["status"] == answer.status else "no legacy error"
