"""The three calls of profiles."""

from typing import Any

from upwork.routers.freelancers import profile, search  # type: ignore[import-not-found]


def drive(client: Any, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave; the second profile is one that the search has found."""
    find, one = search.Api(client).find, profile.Api(client)
    found = find({"q": "developer", "paging": "2;5"})
    other = next(each["id"] for each in found["providers"] if each["id"] != ids["profile_key"])
    return {
        "search": found,
        "search_keys": find({"q": "developer", "paging": "2;5", "include_entities": 1}),
        "search_without_words": find({"paging": "0;5"}),
        "profile": one.get_specific(ids["profile_key"]),
        "profiles": one.get_specific(f"{ids['profile_key']};{other}"),
        "brief": one.get_specific_brief(ids["profile_key"]),
        "briefs": one.get_specific_brief(f"{ids['profile_key']};{other}"),
        "other": other,
    }
