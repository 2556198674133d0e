"""TLS by the proxy itself, with a certificate of an authority that the test makes."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from app.serving import free_port
from tests.e2e.clients import Ids
from tests.e2e.processes import Running, _spawn, run_cli, takes_connections, wait_until
from tests.raw import Connection, complaint


@dataclass(frozen=True)
class Served:
    """A proxy over TLS, and what a client trusts."""

    running: Running
    trusted: ssl.SSLContext

    def connect(self) -> Connection:
        """A connection for the name that old clients know."""
        return Connection(
            self.running.port, wrap=lambda plain: self.trusted.wrap_socket(plain, server_hostname="www.upwork.com")
        )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for www.upwork.com with its key, and the authority."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert("www.upwork.com")
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    for number, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(str(folder / "cert.pem"), append=number > 0)
    trustme.CA().issue_cert("www.upwork.com").private_key_pem.write_to_path(str(folder / "other.pem"))
    return folder


@pytest.fixture(scope="module", params=[1, 2], ids=["one worker", "two workers"])
def served(request: pytest.FixtureRequest, outputs: Path, sandbox: Running, files: Path) -> Iterator[Served]:
    """A proxy that was given both on the command line."""
    options = ["--tls-cert", str(files / "cert.pem"), "--tls-key", str(files / "key.pem")]
    options += ["--workers", str(request.param)]
    port = free_port()
    environment = {"HEIRLOOM_UPSTREAM_URL": f"{sandbox.url}/graphql"}
    running = _spawn("tls", lambda free: ["serve", "--port", str(free), *options], outputs, port, environment)
    try:
        wait_until(lambda: takes_connections(port), "the proxy listens")
        yield Served(running, ssl.create_default_context(cafile=files / "authority.pem"))
    finally:
        running.stop()


def test_tls__call__is_answered_for_the_name_of_the_certificate(served: Served, ids: Ids) -> None:
    """An unmodified client that trusts the authority calls the name that it always called."""
    head = f"GET {ids.rooms}.json?limit=1 HTTP/1.1\r\nHost: www.upwork.com\r\nAuthorization: Bearer {ids.token}\r\n\r\n"

    with served.connect() as connection:
        connection.send(head.encode())
        answer = connection.answer()

    assert answer is not None
    assert (answer.status, len(answer.json()["rooms"])) == (200, 1)


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"no http\r\n\r\n", 400), (b"GET /" + b"x" * 20_000, 414), (b"GET /api/x.json HTTP/1.1\r\n\r\n", 404)],
)
def test_tls__refusals__have_the_legacy_form(served: Served, sent: bytes, status: int) -> None:
    """The server's own refusals are read over TLS as without it, in every worker."""
    with served.connect() as connection:
        connection.send(sent)
        answer = connection.answer()

    assert answer is not None
    assert (answer.status, complaint(answer)) == (status, "")


def test_tls__client_without_the_authority__does_not_go_on(served: Served) -> None:
    """Who does not trust the certificate says so; nothing is sent."""
    with pytest.raises(ssl.SSLCertVerificationError):
        Connection(
            served.running.port,
            wrap=lambda plain: ssl.create_default_context().wrap_socket(plain, server_hostname="www.upwork.com"),
        )


@pytest.mark.parametrize(
    ("cert", "key"),
    [
        ("cert.pem", None),
        (None, "key.pem"),
        ("cert.pem", "other.pem"),
        ("cert.pem", "nothing.pem"),
        ("key.pem", "key.pem"),
    ],
    ids=["no key", "no certificate", "key of another", "no such file", "no certificate in it"],
)
def test_tls__files_that_do_not_fit__stop_the_start(files: Path, cert: str | None, key: str | None) -> None:
    """What would fail at the first call is told before anything listens."""
    options = [*(("--tls-cert", str(files / cert)) if cert else ()), *(("--tls-key", str(files / key)) if key else ())]

    done = run_cli("serve", "--port", str(free_port()), *options)

    assert (done.returncode, "S102 HEIRLOOM_TLS_" in done.stderr, "Traceback" in done.stderr) == (1, True, False)
