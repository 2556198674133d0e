"""How each SDK comes by what it calls with: the one place that knows.

An OAuth2 SDK has an access token of the upstream. One of OAuth 1.0a is a consumer that the operator lets in; it sends
somebody to the page of consent and gets its token in the three steps, with its own methods. python-upwork 1.3 cannot
read the answers of the token steps on Python 3: its users bring their tokens, which the operator enters.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from app.access.vault import new_secret_key
from tests.e2e.drive.sdks import Keys, Sdk
from tests.e2e.drive.speaker import Speaker
from tests.e2e.processes import run_cli

CALLBACK = "http://localhost/complete"
CONSUMER = Keys(consumer="the-consumer-of-the-tests", consumer_secret="its-secret-of-old")
BROUGHT = replace(CONSUMER, token="a-token-of-old", secret="a-token-secret-of-old")


def settings_for(sdk: Sdk, sandbox_url: str, folder: Path) -> dict[str, str]:
    """The settings of a proxy that lets the SDK in; with OAuth 1.0a nobody else."""
    if not sdk.signs:
        return {}
    return {
        "HEIRLOOM_AUTH": "oauth1",
        "HEIRLOOM_SECRET_KEY": new_secret_key(),
        "HEIRLOOM_STORE": f"sqlite:{folder / f'{sdk.name}.db'}",
        "HEIRLOOM_TOKEN_URL": f"{sandbox_url}/api/v3/oauth2/token",
        "HEIRLOOM_AUTHORIZE_URL": f"{sandbox_url}/ab/account-security/oauth2/authorize",
        "HEIRLOOM_CLIENT_ID": "client-of-the-tests",
        "HEIRLOOM_CLIENT_SECRET": "secret-of-the-tests",
    }


def obtain(
    sdk: Sdk, token: str, host: str | None, settings: Mapping[str, str], *, ca: Path | None = None, **more: str
) -> Keys:
    """What the SDK calls with; `ca` is whom the browser trusts, `more` stands in the environment of the SDK."""
    if not sdk.signs:
        return Keys(token)
    _command(
        settings,
        "consumer",
        "add",
        "shop",
        "--key",
        CONSUMER.consumer,
        "--callback",
        CALLBACK,
        secret=CONSUMER.consumer_secret,
    )
    if sdk.family == "old":
        _command(settings, "grant", "add", "main", "--client-credentials")
        _command(
            settings,
            "consumer",
            "token",
            BROUGHT.consumer,
            "--grant",
            "main",
            "--token",
            BROUGHT.token,
            secret=BROUGHT.secret,
        )
        return BROUGHT
    with Speaker(sdk, CONSUMER, host, **more) as program:
        if sdk.family == "node":
            url, temporary, secret = program.ask("client.getAuthorizationUrl", CALLBACK)
            verifier = consent(url, ca)
            made = program.ask("client.getAccessToken", temporary, secret, verifier)
        else:
            url = program.ask("client.get_authorization_url", CALLBACK)
            made = program.ask("client.get_access_token", consent(url, ca))
    return replace(CONSUMER, token=made[0], secret=made[1])


def consent(url: str, ca: Path | None) -> str:
    """Somebody opens the page and consents: the verifier that the program is called back with."""
    trusted = ssl.create_default_context(cafile=ca) if ca else True
    with httpx.Client(verify=trusted, trust_env=False, timeout=10) as browser:
        while not url.startswith(CALLBACK):
            answer = browser.get(url)
            if consented := re.search(r'name="consent" value="(\w+)"', answer.text):
                answer = browser.post(url, data={"consent": consented[1], "decision": "allow"})
            assert answer.status_code == 302, answer.text
            url = str(answer.next_request.url if answer.next_request else "")
    (verifier,) = parse_qs(urlsplit(url).query)["oauth_verifier"]
    return verifier


def _command(settings: Mapping[str, str], *arguments: str, secret: str = "") -> None:
    """A command of the operator, who types a secret where one is asked for."""
    given = ["--secret-stdin"] if secret else []
    done = run_cli(*arguments, *given, typed=secret, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
