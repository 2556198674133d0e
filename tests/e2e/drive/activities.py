"""The eight calls of activities, each write followed by the read that must show it."""

from typing import Any

from upwork.routers.activities import engagement, team  # type: ignore[import-not-found]

CODES = ("SDK-1", "SDK-2")


def drive(client: Any, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    api, work = team.Api(client), engagement.Api(client)
    place, contract = (ids["company_id"], ids["team_id"]), ids["engagement_ref"]
    both = ";".join(CODES)
    done: dict[str, Any] = {
        "tasks": api.get_list(*place),
        "task": api.get_specific_list(*place, ids["code"]),
        "of_engagement": work.get_specific(contract),
    }
    for code in CODES:
        wish = {"code": code, "description": f"Made as {code}", "url": f"https://example.invalid/{code}"}
        done[f"create {code}"] = api.add_activity(*place, wish)
    done["create_again"] = api.add_activity(*place, {"code": CODES[0], "description": "Again"})
    done["after_create"] = api.get_list(*place)
    done["both_created"] = api.get_specific_list(*place, both)

    change = {"description": "Changed, with “quotes”", "url": "https://example.invalid/changed"}
    done["update"] = api.update_activities(*place, CODES[0], change)
    done["after_update"] = api.get_specific_list(*place, CODES[0])

    done["assign"] = work.assign(*place, contract, {"tasks": both})
    done["after_assign"] = work.get_specific(contract)
    done["unassign"] = work.assign(*place, contract, {"tasks": ""})
    done["after_unassign"] = work.get_specific(contract)

    done["archive"] = api.archive_activities(*place, both)
    done["after_archive"] = api.get_specific_list(*place, both)
    done["unarchive"] = api.unarchive_activities(*place, both)
    done["after_unarchive"] = api.get_specific_list(*place, both)
    done["archive_unknown"] = api.archive_activities(*place, "NOBODY-1")
    return done
