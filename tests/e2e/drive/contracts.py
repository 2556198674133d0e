"""The two calls of contracts."""

from typing import Any

from upwork.routers.hr import engagements  # type: ignore[import-not-found]


def drive(client: Any, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    api = engagements.Api(client)
    return {
        "engagements": api.get_list({"page": "0;5"}),
        "engagement": api.get_specific(ids["engagement_reference"]),
    }
