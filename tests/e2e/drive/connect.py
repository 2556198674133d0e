"""A client of whichever SDK is there, on another host."""

from typing import Any

import upwork  # type: ignore[import-not-found]

NEVER = 4102444800


def connect(host: str, token: str) -> Any:
    """A client with a token that does not expire; the SDK of OAuth 1.0a signs with it."""
    upwork.upwork.BASE_HOST = host
    if hasattr(upwork.Config, "verify_ssl"):
        keys = {"consumer_key": "any", "consumer_secret": "any"}
        return upwork.Client(upwork.Config(keys | {"access_token": token, "access_token_secret": "any"}))
    held = {"access_token": token, "token_type": "Bearer", "refresh_token": "any", "expires_at": NEVER}
    config = {"client_id": "any", "client_secret": "any", "redirect_uri": "http://localhost", "token": held}
    return upwork.Client(upwork.Config(config))
