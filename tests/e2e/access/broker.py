"""A broker as an operator sets it up: commands, a browser, processes; over the sandbox."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from app.access.records import Grant
from app.access.vault import Vault, new_secret_key
from app.store.opening import open_store
from tests.e2e.processes import Running, run_cli

BROWSER = {"timeout": 10, "trust_env": False, "follow_redirects": False}


@dataclass(frozen=True)
class Broker:
    """The settings that all processes of one broker have."""

    sandbox: Running
    store: str
    secret_key: str = field(default_factory=new_secret_key)
    ways: str = "passthrough,broker"

    @property
    def environment(self) -> Mapping[str, str]:
        """As the processes and commands get them."""
        return {
            "HEIRLOOM_AUTH": self.ways,
            "HEIRLOOM_SECRET_KEY": self.secret_key,
            "HEIRLOOM_STORE": self.store,
            "HEIRLOOM_UPSTREAM_URL": f"{self.sandbox.url}/graphql",
            "HEIRLOOM_TOKEN_URL": f"{self.sandbox.url}/api/v3/oauth2/token",
            "HEIRLOOM_AUTHORIZE_URL": f"{self.sandbox.url}/ab/account-security/oauth2/authorize",
            "HEIRLOOM_CLIENT_ID": "client-of-the-tests",
            "HEIRLOOM_CLIENT_SECRET": "secret-of-the-tests",
        }

    def command(self, *arguments: str) -> str:
        """What a command prints; it must succeed."""
        done = run_cli(*arguments, **self.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def connect(self, name: str, proxy: Running) -> str:
        """Connect a grant in a browser; the text of the last page."""
        link = re.search(r"/heirloom/connect\?ticket=\S+", self.command("grant", "add", name))
        assert link is not None
        with httpx.Client(**BROWSER) as browser:  # type: ignore[arg-type]
            consent = browser.get(proxy.url + link[0])
            assert consent.status_code == 302, consent.text
            back = consent_to(browser, consent.headers["location"])
            return browser.get(back).text

    def key(self, name: str, grant: str, *more: str) -> str:
        """A new key for a client."""
        return self.command("key", "add", name, "--grant", grant, *more)

    def grant(self, name: str) -> dict[str, Any]:
        """What the commands show of a grant."""
        shown: dict[str, Any] = json.loads(self.command("grant", "show", name))
        return shown

    async def end_token(self, name: str) -> None:
        """Let the access token of a grant be over, as after a day."""
        vault = Vault(open_store(self.store, time.time), [self.secret_key])
        kept = await vault.get(Grant, name)
        assert kept is not None
        ended = msgspec.structs.replace(kept.record, access_token="oauth2v2_over", access_ends=time.time() - 1)
        assert await vault.replace(kept, ended)
        await vault.store.close()


def consent_to(browser: httpx.Client, url: str) -> str:
    """Consent on the sandbox's page; where the browser is sent then."""
    page = browser.get(url)
    consent = re.search(r'name="consent" value="(\w+)"', page.text)
    assert consent is not None, page.text
    answered = browser.post(url, data={"consent": consent[1], "decision": "allow"})
    assert answered.status_code == 302, answered.text
    location: str = answered.headers["location"]
    return location
