"""Companies, teams and users: five contracted calls, and three that every SDK has beside them."""

from typing import Any

from tests.e2e.drive.speaker import Speaker


def drive(call: Speaker, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    company = ids["company_reference"]
    return {
        "info": call("auth.get_user_info"),
        "companies": call("organization.companies.get_list"),
        "company": call("organization.companies.get_specific", company),
        "company_teams": call("organization.companies.get_teams", company),
        "company_users": call("organization.companies.get_users", company),
        "teams": call("organization.teams.get_list"),
        "team_users": call("organization.teams.get_users_in_team", ids["team_reference"]),
        "me": call("organization.users.get_my_info"),
        "user": call("organization.users.get_specific", ids["user_reference"]),
    }
