"""The eight calls of activities, each write followed by the read that must show it."""

from typing import Any

from tests.e2e.drive.speaker import Speaker

CODES = ("SDK-1", "SDK-2")


def drive(call: Speaker, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    place, contract = (ids["company_id"], ids["team_id"]), ids["engagement_ref"]
    both = ";".join(CODES)
    done: dict[str, Any] = {
        "tasks": call("activities.team.get_list", *place),
        "task": call("activities.team.get_specific_list", *place, ids["code"]),
        "of_engagement": call("activities.engagement.get_specific", contract),
    }
    for code in CODES:
        wish = {"code": code, "description": f"Made as {code}", "url": f"https://example.invalid/{code}"}
        done[f"create {code}"] = call("activities.team.add_activity", *place, wish)
    done["create_again"] = call("activities.team.add_activity", *place, {"code": CODES[0], "description": "Again"})
    done["after_create"] = call("activities.team.get_list", *place)
    done["both_created"] = call("activities.team.get_specific_list", *place, both)

    change = {"description": "Changed, with “quotes”", "url": "https://example.invalid/changed"}
    done["update"] = call("activities.team.update_activities", *place, CODES[0], change)
    done["after_update"] = call("activities.team.get_specific_list", *place, CODES[0])

    done["assign"] = call("activities.engagement.assign", *place, contract, {"tasks": both})
    done["after_assign"] = call("activities.engagement.get_specific", contract)
    done["unassign"] = call("activities.engagement.assign", *place, contract, {"tasks": ""})
    done["after_unassign"] = call("activities.engagement.get_specific", contract)

    done["archive"] = call("activities.team.archive_activities", *place, both)
    done["after_archive"] = call("activities.team.get_specific_list", *place, both)
    done["unarchive"] = call("activities.team.unarchive_activities", *place, both)
    done["after_unarchive"] = call("activities.team.get_specific_list", *place, both)
    done["archive_unknown"] = call("activities.team.archive_activities", *place, "NOBODY-1")
    return done
