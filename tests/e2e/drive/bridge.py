"""The OAuth 1.0a bridge as an operator sets it up for a client, by the commands."""

from __future__ import annotations

import re

from app.access.vault import new_secret_key
from tests.e2e.drive.sdks import Held
from tests.e2e.processes import run_cli


def bridge_settings(folder: str) -> dict[str, str]:
    """The settings of a proxy that takes signed requests."""
    return {
        "HEIRLOOM_AUTH": "oauth1",
        "HEIRLOOM_SECRET_KEY": new_secret_key(),
        "HEIRLOOM_STORE": f"sqlite:{folder}/heirloom.db",
        "HEIRLOOM_CLIENT_ID": "client-of-the-tests",
        "HEIRLOOM_CLIENT_SECRET": "secret-of-the-tests",
    }


def bridged(settings: dict[str, str], sandbox_port: int) -> Held:
    """A consumer and a token of it, as an operator gives them by the commands."""
    token_url = f"http://127.0.0.1:{sandbox_port}/api/v3/oauth2/token"
    commands = [
        ("grant", "add", "main", "--client-credentials"),
        ("consumer", "add", "old-client"),
    ]
    printed = "".join(_command(*command, HEIRLOOM_TOKEN_URL=token_url, **settings) for command in commands)
    consumer, consumer_secret = re.findall(r"^consumer (?:key|secret) +(\S+)$", printed, re.MULTILINE)
    printed = _command("consumer", "token", consumer, "--grant", "main", **settings)
    token, token_secret = re.findall(r"^access token(?: secret)? +(\S+)$", printed, re.MULTILINE)
    return Held(token, token_secret, consumer, consumer_secret)


def _command(*arguments: str, **settings: str) -> str:
    done = run_cli(*arguments, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
