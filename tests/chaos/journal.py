"""What the upstream says that it carried out, by the marks that the writes bore."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.e2e.clients import Steering, success

#: where a mark stands among the variables of each write
MEMBERS = ("message", "description", "comment")


def carried_out(steering: Steering) -> Counter[str]:
    """How often the mutation of each mark was carried out, since the log was emptied."""
    log = success(steering.http.get("/_sandbox/log"))
    assert log["total"] == len(log["requests"]), "the log has dropped requests; empty it more often"
    found: Counter[str] = Counter()
    for entry in log["requests"]:
        for count in entry["mutations"].values():
            found[_mark(entry["variables"])] += count
    assert found.total() == sum(log["mutations"].values())
    return found


def _mark(variables: dict[str, Any]) -> str:
    written = next(iter(variables.values()))
    return str(next(written[member] for member in MEMBERS if member in written))
