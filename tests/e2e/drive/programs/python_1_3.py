"""Makes calls with python-upwork 1.3, a code base of its own: routers are members of the client, answers are unwrapped.

The first argument is JSON with `keys`; another host is told by the environment. Each line of standard input is a call.
Each line of standard output has what the SDK handed over, and the answer that it took that from, or what it raised.
"""

import json
import sys
from typing import Any
from urllib.error import HTTPError

import upwork  # type: ignore[import-not-found]


class Client(upwork.Client):  # type: ignore[misc]
    """The client, which remembers the whole answer before its routers unwrap it."""

    def read(self, *arguments: Any, **named: Any) -> Any:
        """As ever."""
        self.answer = super().read(*arguments, **named)
        return self.answer


def call(client: Client, method: str, arguments: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    """One method of a router. Errors are exceptions here, with the words of the two headers."""
    router, _, name = method.rpartition(".")
    try:
        handed = getattr(getattr(client, router), name)(*arguments, **named)
    except HTTPError as error:
        return {"raised": {"kind": type(error).__name__, "status": error.code, "text": error.msg}}
    return {"answer": client.answer, "handed": handed}


def main() -> None:
    """One call after the other, with one client."""
    client = Client(**json.loads(sys.argv[1])["keys"])
    for line in sys.stdin:
        print(json.dumps(call(client, **json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
