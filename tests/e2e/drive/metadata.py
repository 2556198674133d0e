"""The five calls of metadata, and the older list of skills."""

from typing import Any

from tests.e2e.drive.speaker import Speaker


def drive(call: Speaker, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    return {
        "categories": call("metadata.get_categories_v2"),
        "skills": call("metadata.get_skills_v2", {"page": "5;10"}),
        "skills_from_the_start": call("metadata.get_skills_v2", {"page": "0;15"}),
        "skills_without_a_page": call("metadata.get_skills_v2", {}),
        "skills_v1": call("metadata.get_skills"),
        "specialties": call("metadata.get_specialties"),
        "regions": call("metadata.get_regions"),
        "reasons": call("metadata.get_reasons", {"type": "EndProviderContract"}),
        "reasons_without_a_type": call("metadata.get_reasons", {}),
    }
