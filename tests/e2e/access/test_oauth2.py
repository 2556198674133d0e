"""The OAuth2 flow of a real SDK through the proxy: consent, code, call, refresh by the SDK's own clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.access.broker import BROWSER, consent_to
from tests.e2e.install_sdks import install_sdk
from tests.e2e.processes import Running, start_proxy

SDKS = ["python-upwork-oauth2-3.1.0", "python-upwork-oauth2-3.0.1"]
PROGRAM = """
import json, sys
import upwork
from upwork.routers.auth import Api
upwork.upwork.BASE_HOST = sys.argv[1]
config = {"client_id": "client-1", "client_secret": "secret-1", "redirect_uri": "http://localhost:1/cb"}
client = upwork.Client(upwork.Config(dict(config)))
url, state = client.get_authorization_url()
print(json.dumps(url), flush=True)
token = client.get_access_token(json.loads(sys.stdin.readline()))
first = Api(client).get_user_info()
token["expires_at"] = 1
again = upwork.Client(upwork.Config({**config, "token": dict(token)}))
second = Api(again).get_user_info()
print(json.dumps({"first": first, "second": second, "old": token, "new": again.config.token}), flush=True)
"""


@pytest.fixture
def proxy(sandbox: Running, tmp_path: Path) -> Iterator[Running]:
    """A proxy as it is without settings of its own, over the sandbox."""
    running = start_proxy(
        tmp_path,
        sandbox.url,
        HEIRLOOM_TOKEN_URL=f"{sandbox.url}/api/v3/oauth2/token",
        HEIRLOOM_AUTHORIZE_URL=f"{sandbox.url}/ab/account-security/oauth2/authorize",
    )
    yield running
    running.stop()


@pytest.mark.parametrize("sdk", SDKS)
def test_sdk__consent_code_and_refresh__work_through_the_proxy(sdk: str, proxy: Running) -> None:
    """What a user of the SDK does once in a browser, and never thinks of again."""
    environment = os.environ | {"PYTHONPATH": str(install_sdk(sdk)), "OAUTHLIB_INSECURE_TRANSPORT": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, proxy.url],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())
    with httpx.Client(**BROWSER) as browser:  # type: ignore[arg-type]
        onward = browser.get(url)
        back = consent_to(browser, onward.headers["location"])
    printed, errors = process.communicate(json.dumps(back) + "\n", timeout=60)

    assert process.returncode == 0, errors
    assert url.startswith(f"{proxy.url}/ab/account-security/oauth2/authorize?")
    told = json.loads(printed.splitlines()[-1])
    assert told["first"]["auth_user"]["first_name"] == told["second"]["auth_user"]["first_name"] == "Dana"
    assert told["old"]["token_type"] == told["new"]["token_type"] == "Bearer"
    assert told["old"]["access_token"] != told["new"]["access_token"]
