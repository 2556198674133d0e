"""The two calls of contracts."""

from typing import Any

from tests.e2e.drive.speaker import Speaker


def drive(call: Speaker, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    return {
        "engagements": call("hr.engagements.get_list", {"page": "0;5"}),
        "engagement": call("hr.engagements.get_specific", ids["engagement_reference"]),
    }
