"""Companies, teams and users: five contracted calls, and three that every SDK has beside them."""

from typing import Any

from upwork.routers import auth  # type: ignore[import-not-found]
from upwork.routers.organization import companies, teams, users  # type: ignore[import-not-found]


def drive(client: Any, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    company, team, user = companies.Api(client), teams.Api(client), users.Api(client)
    return {
        "info": auth.Api(client).get_user_info(),
        "companies": company.get_list(),
        "company": company.get_specific(ids["company_reference"]),
        "company_teams": company.get_teams(ids["company_reference"]),
        "company_users": company.get_users(ids["company_reference"]),
        "teams": team.get_list(),
        "team_users": team.get_users_in_team(ids["team_reference"]),
        "me": user.get_my_info(),
        "user": user.get_specific(ids["user_reference"]),
    }
