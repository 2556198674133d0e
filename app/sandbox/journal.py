"""What was asked: the last GraphQL requests with their outcome, and how often each mutation was carried out."""

from collections import Counter, deque
from typing import Any

ENTRIES_MOST = 10_000


class Journal:
    """A bounded log. Tokens appear by name, or as a hash if they were never issued; never as they are."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=ENTRIES_MOST)
        self._executed: Counter[str] = Counter()
        self._count = 0
        self._token_requests: deque[dict[str, Any]] = deque(maxlen=ENTRIES_MOST)

    def note(self, entry: dict[str, Any], executed: Counter[str]) -> None:
        """Keep one request and count its mutations."""
        self._count += 1
        self._entries.append({"number": self._count, **entry})
        self._executed.update(executed)

    def note_token(self, entry: dict[str, Any]) -> None:
        """Keep one request to the token endpoint."""
        self._token_requests.append(entry)

    def told(self) -> dict[str, Any]:
        """Give everything kept; `total` counts also what has been dropped."""
        return {
            "total": self._count,
            "mutations": dict(self._executed),
            "requests": list(self._entries),
            "token_requests": list(self._token_requests),
        }

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._executed.clear()
        self._token_requests.clear()
        self._count = 0
