"""The one call of payments."""

from typing import Any

from tests.e2e.drive.speaker import Speaker


def drive(call: Speaker, ids: dict[str, str]) -> dict[str, Any]:
    """What the call gave, and what it gives when it lacks an amount."""
    team = ids["team_reference"]
    wish = {"engagement__reference": ids["contract_id"], "comments": "For the good work", "notes": "Only for you"}
    return {
        "pay": call("payments.submit_bonus", team, wish | {"charge_amount": 10.5}),
        "pay_nothing": call("payments.submit_bonus", team, wish),
    }
