"""The one call of payments."""

from typing import Any

from upwork.routers.payments import Api  # type: ignore[import-not-found]


def drive(client: Any, ids: dict[str, str]) -> dict[str, Any]:
    """What the call gave, and what it gives when it lacks an amount."""
    api, team = Api(client), ids["team_reference"]
    wish = {"engagement__reference": ids["contract_id"], "comments": "For the good work", "notes": "Only for you"}
    return {"pay": api.submit_bonus(team, wish | {"charge_amount": 10.5}), "pay_nothing": api.submit_bonus(team, wish)}
