"""Calls of the legacy API as bytes, on connections that the caller sees end, and what their answers claim."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from tests.chaos.fault_proxy import ended, read_message
from tests.e2e.clients import Ids
from tests.raw import Answer, read_head

#: `done`: it says that the write was carried out; `refused`: that it was not; `unknown`: that nobody knows
Claim = Literal["done", "refused", "unknown"]
UNKNOWN_CODE = 'error="U520"'
#: longer than any deadline here: who waits so long waits for nothing
PATIENCE_SECONDS = 15.0
#: of writes
KINDS = 3


class Lost(Exception):
    """A request went out on a connection that stood, and no whole answer came."""


@dataclass(frozen=True)
class Told:
    """An answer, and the seconds that the caller waited for it."""

    answer: Answer
    seconds: float

    @property
    def claim(self) -> Claim:
        """What it says has become of a write."""
        if self.answer.status == 200:
            return "done"
        return "unknown" if UNKNOWN_CODE in self.answer.headers.get("proxy-status", "") else "refused"


class Line:
    """A connection as HTTP clients keep it: used again until an answer says close, or the other side has ended it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Line:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def call(self, sent: bytes) -> Told:
        """One request. Raises ConnectionRefusedError where nobody listens, Lost where no answer came."""
        began = time.monotonic()
        if self._open is not None and self._open[0].at_eof():
            await self.close()
        reader, writer = await self.open()
        try:
            writer.write(sent)
            async with asyncio.timeout(PATIENCE_SECONDS):
                message = await read_message(reader)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            await self.close()
            raise Lost(type(error).__name__) from error
        if message is None:
            await self.close()
            raise Lost("ended without an answer")
        status, headers = read_head(message[0].removesuffix(b"\r\n\r\n"))
        if headers.get("connection") == "close":
            await self.close()
        return Told(Answer(status, headers, message[1]), time.monotonic() - began)

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The connection, made if there is none."""
        if self._open is None:
            self._open = await asyncio.open_connection("127.0.0.1", self._port)
        return self._open

    async def close(self) -> None:
        """End it."""
        taken, self._open = self._open, None
        if taken is not None:
            await ended(taken[1])


async def ask(port: int, sent: bytes) -> Told:
    """One request on a connection of its own."""
    async with Line(port) as line:
        return await line.call(sent)


def get(path: str, token: str) -> bytes:
    """A read."""
    return f"GET {path} HTTP/1.1\r\nHost: proxy\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def post(path: str, token: str, form: Mapping[str, str]) -> bytes:
    """A write with a form, as the old clients send it."""
    body = urlencode(form)
    head = f"POST {path} HTTP/1.1\r\nHost: proxy\r\nAuthorization: Bearer {token}\r\n"
    kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + kind + body).encode()


def keyed(sent: bytes, key: str) -> bytes:
    """A request that bears an Idempotency-Key."""
    return sent.replace(b"\r\n\r\n", f"\r\nIdempotency-Key: {key}\r\n\r\n".encode(), 1)


@dataclass(frozen=True)
class Writes:
    """Payments, milestones and messages, each with a mark that goes with it to the upstream."""

    ids: Ids
    token: str
    fixed_contract: str

    def write(self, number: int, mark: str) -> bytes:
        """The write of that number: one kind after the other."""
        return (self.message, self.milestone, self.payment)[number % KINDS](mark)

    def message(self, mark: str) -> bytes:
        """A message to a room."""
        return post(f"{self.ids.room}/stories.json", self.token, {"story": f'{{"message": "{mark}"}}'})

    def milestone(self, mark: str) -> bytes:
        """A milestone of a fixed-price contract."""
        form = {"contract_reference": self.fixed_contract, "deposit_amount": "10.00"}
        return post("/api/hr/v3/fp/milestones.json", self.token, form | {"milestone_description": mark})

    def payment(self, mark: str) -> bytes:
        """A payment on a contract."""
        form = {"engagement__reference": self.ids.values["contract_id"], "charge_amount": "10.00", "comments": mark}
        return post(self.ids.path("/api/hr/v2/teams/{company_id}/adjustments.json"), self.token, form)
