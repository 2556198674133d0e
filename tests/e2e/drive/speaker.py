"""An SDK in a process of its own, which is told calls line by line and tells what it was given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tests.e2e.drive.calls import CALLS, say
from tests.e2e.drive.sdks import Held, Sdk
from tests.e2e.install_sdks import find_program, install_sdk

PROGRAMS = Path(__file__).parent / "programs"
MOST_SECONDS = 120


class Speaker:
    """Calls through one SDK.

    `host` is the proxy's address, or None where the SDK is to call the address that it was built with. `more` is what
    the environment of the process has besides. What the SDK printed stands in the error of a call that it did not
    survive.
    """

    def __init__(self, sdk: Sdk, held: Held, host: str | None, **more: str) -> None:
        folder = install_sdk(sdk.name)
        self._sdk = sdk
        #: the calls of the contract that were made
        self.called: set[str] = set()
        #: what python-upwork 1.3 handed over, beside the answer that it took it from
        self.handed: list[tuple[str, Any, Any]] = []
        given = {"keys": sdk.keys(held)} | ({"host": host} if host and not sdk.host_setting else {})
        self._process = subprocess.Popen(
            _command(sdk, given),
            env=_environment(sdk, folder, host, more),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        # However an SDK hangs, its process ends, and with it the wait for a line.
        self._alarm = threading.Timer(MOST_SECONDS, self._process.kill)
        self._alarm.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._alarm.cancel()
        self._process.kill()
        self._process.communicate()

    def can(self, name: str) -> bool:
        """Whether the SDK has the call."""
        return name not in self._sdk.lacks

    def __call__(self, name: str, *arguments: Any) -> Any:
        """The whole body of the answer, as the SDK read it; from python-upwork 1.3, of an error, what it raised."""
        said = say(self._sdk.family, name, arguments)
        line = {"method": said.method, "arguments": said.arguments}
        told = self._tell(line | {"named": said.named} if self._sdk.family == "old" else line)
        self.called.add(CALLS[name].id)
        if "handed" in told:
            self.handed.append((name, told["handed"], told["answer"]))
        return answer_of(told)

    def _tell(self, line: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        try:
            print(json.dumps(line), file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self._process.kill()
            raise RuntimeError(f"{self._sdk.name} did not survive {line}:\n{self._process.communicate()[1]}")
        told: dict[str, Any] = json.loads(answer)
        return told


def _command(sdk: Sdk, given: dict[str, Any]) -> list[str]:
    """The program with nothing but the SDK within its reach."""
    program = str(PROGRAMS / sdk.program)
    if sdk.family == "node":
        return [find_program("node"), program, json.dumps(given | {"sdk": sdk.package})]
    return [sys.executable, "-S", "-P", program, json.dumps(given)]


def _environment(sdk: Sdk, folder: Path, host: str | None, more: Mapping[str, str]) -> dict[str, str]:
    """Where the SDK lies, where it calls if it asks the environment, and that plain HTTP is meant."""
    where = {"NODE_PATH": str(folder / "node_modules")} if sdk.family == "node" else {"PYTHONPATH": str(folder)}
    elsewhere = {sdk.host_setting: host} if host and sdk.host_setting else {}
    return {"PATH": os.environ["PATH"], "OAUTHLIB_INSECURE_TRANSPORT": "1"} | where | elsewhere | dict(more)


def answer_of(told: dict[str, Any]) -> Any:
    """The answer in what a program told; where the SDK tells the status too, the two must agree."""
    if "raised" in told:
        return {"raised": told["raised"]}
    if told.get("error"):
        body = json.loads(told["error"]["data"])
        assert body["error"]["status"] == told["error"]["statusCode"]
        return body
    if "status" in told:
        assert told["status"] == told["answer"].get("error", {"status": 200})["status"]
    return told["answer"]
