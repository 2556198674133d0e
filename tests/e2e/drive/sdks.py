"""The SDKs that are driven, and how each gets its credentials: the one place that knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.e2e.drive.calls import BATCH

NEVER = 4102444800
ANY = "any"


@dataclass(frozen=True)
class Held:
    """What a client holds: an access token, and where it signs its requests a secret of it and a consumer's pair."""

    token: str
    token_secret: str = ANY
    consumer: str = ANY
    consumer_secret: str = ANY


@dataclass(frozen=True)
class Sdk:
    """One version of an official SDK.

    `family` is a column of the table of calls, `package` what a Node program requires, `host_setting` the variable of
    the environment that its host is read from, where there is one, and `keys` makes what its client wants of what it
    holds. It `signs` where it speaks OAuth 1.0a.
    """

    name: str
    family: str
    keys: Callable[[Held], dict[str, Any]]
    signs: bool = False
    package: str = ""
    host_setting: str = ""
    lacks: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name

    @property
    def program(self) -> str:
        """The program that makes its calls."""
        return {"python": "python_routers.py", "old": "python_1_3.py", "node": "node.js"}[self.family]


def python_oauth2(held: Held) -> dict[str, Any]:
    """A token that does not expire."""
    token = {"access_token": held.token, "token_type": "Bearer", "refresh_token": ANY, "expires_at": NEVER}
    return {"client_id": ANY, "client_secret": ANY, "redirect_uri": "http://localhost", "token": token}


def python_oauth1(held: Held) -> dict[str, Any]:
    """A consumer and a token, each with its secret."""
    return {
        "consumer_key": held.consumer,
        "consumer_secret": held.consumer_secret,
        "access_token": held.token,
        "access_token_secret": held.token_secret,
    }


def python_1_3(held: Held) -> dict[str, Any]:
    """The same under other names."""
    return {
        "public_key": held.consumer,
        "secret_key": held.consumer_secret,
        "oauth_access_token": held.token,
        "oauth_access_token_secret": held.token_secret,
    }


def node_oauth2(held: Held) -> dict[str, Any]:
    """A token that does not expire."""
    return {
        "clientId": ANY,
        "clientSecret": ANY,
        "redirectUri": "http://localhost",
        "accessToken": held.token,
        "refreshToken": ANY,
        "expiresIn": "86400",
        "expiresAt": "2100-01-01T00:00:00.000Z",
    }


def node_oauth1(held: Held) -> dict[str, Any]:
    """A consumer and a token, each with its secret."""

    return {
        "consumerKey": held.consumer,
        "consumerSecret": held.consumer_secret,
        "accessToken": held.token,
        "accessSecret": held.token_secret,
    }


NO_BATCH = frozenset({BATCH})

SDKS = (
    Sdk("python-upwork-oauth2-3.1.0", "python", python_oauth2),
    Sdk("python-upwork-oauth2-3.0.1", "python", python_oauth2, lacks=NO_BATCH),
    Sdk("python-upwork-2.1.0", "python", python_oauth1, signs=True),
    Sdk("python-upwork-1.3.7", "old", python_1_3, signs=True, host_setting="PYTHON_UPWORK_BASE_URL", lacks=NO_BATCH),
    Sdk("node-upwork-oauth2-2.2.1", "node", node_oauth2, package="@upwork/node-upwork-oauth2"),
    Sdk("upwork-api-1.3.8", "node", node_oauth1, signs=True, package="upwork-api", host_setting="UPWORKAPI"),
)
