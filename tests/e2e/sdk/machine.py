"""A machine of its own, on which an unmodified SDK calls `https://www.upwork.com` and reaches the proxy.

Runs in namespaces: `/etc/hosts`, the certificates that the system trusts, the loopback and its port 443 are this
process's and its children's alone. There is no other network, so nothing else can have answered. What is set up is what
docs/zero-change.md says: its commands, its line of `/etc/hosts`, and how it tells each SDK to trust.
"""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.drive import messages
from tests.e2e.drive.areas import drive_all
from tests.e2e.drive.credentials import obtain, settings_for
from tests.e2e.drive.sdks import SDKS, Keys, Sdk
from tests.e2e.drive.speaker import Speaker
from tests.e2e.processes import (
    STOP_SECONDS,
    TOP,
    clean_environment,
    start_sandbox,
    takes_connections,
    wait_until,
)
from tests.limits import NO_LIMITS

HOST = "www.upwork.com"
PORT = 443
SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
HOSTS = Path("/etc/hosts")
#: from the kernel's interface: get and set the flags of a network device, and the flag that it is up
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 0x1


@dataclass(frozen=True)
class Wish:
    """What is tried: an SDK with ids and a token; the commands that make `heirloom.pem`, `heirloom.key` and
    `heirloom-ca.pem`, the line of `/etc/hosts`, and the variable that names the CA, empty for the system's bundle.
    """

    sdk: str
    token: str
    ids: dict[str, str]
    commands: str
    hosts_line: str
    variable: str


def own_namespaces() -> list[str]:
    """The command that runs another in namespaces of its own, as no matter which user."""
    return ["unshare", "--user", "--map-root-user", "--net", "--mount", "--"]


def try_sdk(wish: Wish) -> dict[str, Any]:
    """What was answered, made and carried out; under `distrust`, what the SDK says where nothing tells it to trust."""
    sdk = next(one for one in SDKS if one.name == wish.sdk)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        _loopback_up()
        _put_over(HOSTS, f"{HOSTS.read_text()}\n{wish.hosts_line}\n", folder / "hosts")
        subprocess.run(["sh", "-e", "-c", wish.commands], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        sandbox = start_sandbox(folder)
        stack.callback(sandbox.stop)
        settings = settings_for(sdk, sandbox.url, folder)
        _serve_tls(stack, folder, sandbox.url, settings)

        distrust = _distrust(sdk, wish)
        trusting = _trust(wish.variable, folder)
        keys = obtain(sdk, wish.token, None, settings, ca=folder / "heirloom-ca.pem", **trusting)
        with Speaker(sdk, keys, None, **trusting) as call:
            answers = drive_all(call, wish.ids)
        with httpx.Client(base_url=sandbox.url, trust_env=False) as http:
            mutations = http.get("/_sandbox/log").json()["mutations"]
        return {"answers": answers, "called": sorted(call.called), "mutations": mutations, "distrust": distrust}


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        device = struct.pack("16sH14x", b"lo", 0)
        _, flags = struct.unpack("16sH14x", fcntl.ioctl(probe, GET_FLAGS, device))
        fcntl.ioctl(probe, SET_FLAGS, struct.pack("16sH14x", b"lo", flags | UP))


def _put_over(place: Path, text: str, made: Path) -> None:
    """Another content for a file of the system, seen by this process and its children alone."""
    made.write_text(text)
    subprocess.run(["mount", "--bind", str(made), str(place)], check=True)


def _serve_tls(stack: ExitStack, folder: Path, sandbox_url: str, settings: Mapping[str, str]) -> None:
    """The proxy on port 443 with the certificate for the one name."""
    command = [sys.executable, "-m", "app", "serve", "--port", str(PORT)]
    command += ["--tls-cert", str(folder / "heirloom.pem"), "--tls-key", str(folder / "heirloom.key")]
    environment = clean_environment(HEIRLOOM_UPSTREAM_URL=f"{sandbox_url}/graphql", **NO_LIMITS, **settings)
    process = subprocess.Popen(command, cwd=TOP, env=environment, stdout=sys.stderr)
    stack.callback(process.wait, STOP_SECONDS)
    stack.callback(process.terminate)
    wait_until(lambda: takes_connections(PORT), "the proxy listens")


def _trust(variable: str, folder: Path) -> dict[str, str]:
    """Make the SDK trust the CA: what is in the environment for it."""
    authority = folder / "heirloom-ca.pem"
    if variable:
        return {variable: str(authority)}
    _put_over(SYSTEM_BUNDLE, f"{SYSTEM_BUNDLE.read_text()}\n{authority.read_text()}", folder / "bundle.pem")
    return {}


def _distrust(sdk: Sdk, wish: Wish) -> str:
    try:
        with Speaker(sdk, Keys(wish.token), None) as call:
            messages.refused(call, wish.ids)
    except RuntimeError as error:
        return str(error)
    return "it made the call"


def main() -> None:
    """Try what standard input says; print what came of it."""
    json.dump(try_sdk(Wish(**json.load(sys.stdin))), sys.stdout)


if __name__ == "__main__":
    main()
