"""Makes calls with an SDK that has routers: python-upwork-oauth2, and python-upwork 2.x for OAuth 1.0a.

The first argument is JSON: `keys`, and `host` where it is not the SDK's own. Each line of standard input is a call;
each line of standard output is what the SDK handed back.
"""

import importlib
import json
import sys
from typing import Any

import upwork  # type: ignore[import-not-found]


def connect(keys: dict[str, Any], host: str | None = None) -> Any:
    """A client with the keys that its user has, on another host where one is given."""
    if host is not None:
        upwork.upwork.BASE_HOST = host
    return upwork.Client(upwork.Config(keys))


def call(client: Any, method: str, arguments: list[Any]) -> Any:
    """One method of a router, or of the client itself."""
    owner, _, name = method.rpartition(".")
    api = client if owner == "client" else importlib.import_module(f"upwork.routers.{owner}").Api(client)
    return getattr(api, name)(*arguments)


def main() -> None:
    """One call after the other, with one client."""
    client = connect(**json.loads(sys.argv[1]))
    for line in sys.stdin:
        print(json.dumps({"answer": call(client, **json.loads(line))}), flush=True)


if __name__ == "__main__":
    main()
