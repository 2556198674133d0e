"""The three calls of profiles."""

from typing import Any

from tests.e2e.drive.speaker import Speaker


def drive(call: Speaker, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave; the second profile is one that the search has found."""
    wish = {"q": "developer", "paging": "2;5"}
    found = call("freelancers.search.find", wish)
    other = next(each["id"] for each in found["providers"] if each["id"] != ids["profile_key"])
    both = f"{ids['profile_key']};{other}"
    return {
        "search": found,
        "search_keys": call("freelancers.search.find", wish | {"include_entities": 1}),
        "search_without_words": call("freelancers.search.find", {"paging": "0;5"}),
        "profile": call("freelancers.profile.get_specific", ids["profile_key"]),
        "profiles": call("freelancers.profile.get_specific", both),
        "brief": call("freelancers.profile.get_specific_brief", ids["profile_key"]),
        "briefs": call("freelancers.profile.get_specific_brief", both),
        "other": other,
    }
