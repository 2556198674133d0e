"""Everything that a full run wrote, searched for everything secret that went through it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.access.broker import Broker
from tests.e2e.clients import Ids
from tests.e2e.processes import Running, start_proxy
from tests.unit.access.signing import Call, Secrets

MESSAGE = "a-private-word-between-two-people"
WRONG = "oauth2v2_a-token-that-somebody-mistyped"


@pytest.fixture
def broker(sandbox: Running, tmp_path: Path) -> Broker:
    """All ways in are open."""
    return Broker(sandbox, f"sqlite:{tmp_path / 'heirloom.db'}", ways="passthrough,broker,oauth1")


@pytest.fixture
def proxy(broker: Broker, tmp_path: Path) -> Iterator[Running]:
    """A proxy that tells as much as it can."""
    running = start_proxy(tmp_path, broker.sandbox.url, HEIRLOOM_LOG_LEVEL="debug", **broker.environment)
    yield running
    running.stop()


def test_full_run__all_that_was_written__holds_no_secret(
    broker: Broker, proxy: Running, ids: Ids, tmp_path: Path
) -> None:
    """Calls that succeed, fail and are refused, by every way in, reads and writes: no token, key, secret or message."""
    pages = [broker.connect("main", proxy)]
    key = broker.key("shop", "main")
    consumer, consumer_secret = _shown(broker.command("consumer", "add", "old"))
    token, token_secret = _shown(broker.command("consumer", "token", consumer, "--grant", "main"))
    own = Secrets(consumer, consumer_secret, token, token_secret)
    stories = f"{ids.room}/stories.json"
    told: list[httpx.Response] = []
    with httpx.Client(base_url=proxy.url, timeout=15, trust_env=False) as http:
        for bearer in (ids.token, key, WRONG, key + "0"):
            headers = {"Authorization": f"Bearer {bearer}"}
            told.append(http.get(f"{ids.room}.json", headers=headers))
            told.append(http.get("/api/hr/v2/engagements.json", params={"access_token": bearer}))
            told.append(http.post(stories, headers=headers, json={"message": MESSAGE}))
            told.append(http.post(stories, headers=headers, content=f'{{"message": "{MESSAGE}'))
            told.append(http.get(f"/api/none/{MESSAGE}?access_token={bearer}"))
        signers = (own, Secrets(consumer, "wrong", token, token_secret))
        told += [_signed(http, one, stories, placement) for one in signers for placement in ("header", "query", "body")]
        refresh = {
            "grant_type": "refresh_token",
            "refresh_token": WRONG,
            "client_id": "c",
            "client_secret": consumer_secret,
        }
        told.append(http.post("/api/v3/oauth2/token", data=refresh))
        told.append(http.get(f"/heirloom/connect?ticket={token_secret}"))
        told.append(http.get(f"/services/api/auth?oauth_token={token}"))
        metrics = http.get("/metrics").text
    lists = [broker.command(kind, "list") for kind in ("grant", "consumer", "key")]
    proxy.stop()

    statuses = {reply.status_code for reply in told}
    assert {200, 400, 401, 404} <= statuses
    secret = [
        ids.token, key, WRONG, consumer, consumer_secret, token, token_secret, broker.secret_key, "secret-of-the-tests",
        MESSAGE, "oauth2v2_", "oauth_signature",
    ]  # fmt: skip
    logged = proxy.log.read_text(encoding="utf-8")
    assert logged.count("request_served") > 20
    assert _found(secret, logged) == []
    errors = "".join(reply.text + str(dict(reply.headers)) for reply in told if reply.status_code != 200)
    assert _found([one for one in secret if one != MESSAGE], errors) == []
    assert metrics.count("heirloom_requests_total") > 3
    assert _found(secret, "".join([*lists, *pages, metrics])) == []
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("heirloom.db*")).decode("latin-1")
    assert _found([one for one in secret if one != "oauth_signature"], stored) == []


def _shown(printed: str) -> tuple[str, str]:
    """What a command shows once."""
    one, other = re.findall(r" {2,}(\S+)$", printed, re.MULTILINE)
    return one, other


def _signed(http: httpx.Client, own: Secrets, path: str, placement: Any) -> httpx.Response:
    body = f"message={MESSAGE}".encode()
    call = Call("POST", path, body=body, content_type="application/x-www-form-urlencoded", placement=placement)
    call.host = f"{http.base_url.host}:{http.base_url.port}"
    sent = call.signed(own)
    target = f"{sent.path.decode()}?{sent.query.decode()}" if sent.query else sent.path.decode()
    return http.post(target, headers=dict(sent.headers), content=sent.body)


def _found(secret: list[str], text: str) -> list[str]:
    return [one for one in secret if one in text]
