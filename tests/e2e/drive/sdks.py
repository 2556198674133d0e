"""The SDKs that are driven, and in what words each is given its credentials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.e2e.drive.calls import BATCH

NEVER = 4102444800
ANY = "any"


@dataclass(frozen=True)
class Keys:
    """What a program has of the one whom it calls for: an access token; with OAuth 1.0a also what it signs with.

    Without a token it has yet to send somebody to the page of consent.
    """

    token: str = ""
    secret: str = ANY
    consumer: str = ANY
    consumer_secret: str = ANY


@dataclass(frozen=True)
class Sdk:
    """One version of an official SDK.

    `family` is a column of the table of calls, `package` what a Node program requires, `host_setting` the variable of
    the environment that its host is read from, where there is one, and `keys` says in its words what a program has.
    `signs` is OAuth 1.0a.
    """

    name: str
    family: str
    keys: Callable[[Keys], dict[str, Any]]
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


def python_oauth2(keys: Keys) -> dict[str, Any]:
    """A token that does not expire."""
    held = {"access_token": keys.token, "token_type": "Bearer", "refresh_token": ANY, "expires_at": NEVER}
    return {"client_id": ANY, "client_secret": ANY, "redirect_uri": "http://localhost", "token": held}


def python_oauth1(keys: Keys) -> dict[str, Any]:
    """A consumer, and a token where there is one, each with its secret."""
    consumer = {"consumer_key": keys.consumer, "consumer_secret": keys.consumer_secret}
    return consumer | ({"access_token": keys.token, "access_token_secret": keys.secret} if keys.token else {})


def python_1_3(keys: Keys) -> dict[str, Any]:
    """The same under other names."""
    return {
        "public_key": keys.consumer,
        "secret_key": keys.consumer_secret,
        "oauth_access_token": keys.token,
        "oauth_access_token_secret": keys.secret,
    }


def node_oauth2(keys: Keys) -> dict[str, Any]:
    """A token that does not expire."""
    return {
        "clientId": ANY,
        "clientSecret": ANY,
        "redirectUri": "http://localhost",
        "accessToken": keys.token,
        "refreshToken": ANY,
        "expiresIn": "86400",
        "expiresAt": "2100-01-01T00:00:00.000Z",
    }


def node_oauth1(keys: Keys) -> dict[str, Any]:
    """A consumer and a token, each with its secret."""
    return {
        "consumerKey": keys.consumer,
        "consumerSecret": keys.consumer_secret,
        "accessToken": keys.token,
        "accessSecret": keys.secret,
    }


NO_BATCH = frozenset({BATCH})

SDKS = (
    Sdk("python-upwork-oauth2-3.1.0", "python", python_oauth2),
    Sdk("python-upwork-oauth2-3.0.1", "python", python_oauth2, lacks=NO_BATCH),
    Sdk("python-upwork-2.1.0", "python", python_oauth1, signs=True),
    Sdk(
        "python-upwork-1.3.7",
        "old",
        python_1_3,
        signs=True,
        host_setting="PYTHON_UPWORK_BASE_URL",
        lacks=NO_BATCH,
    ),
    Sdk("node-upwork-oauth2-2.2.1", "node", node_oauth2, package="@upwork/node-upwork-oauth2"),
    Sdk("upwork-api-1.3.8", "node", node_oauth1, signs=True, package="upwork-api", host_setting="UPWORKAPI"),
)
