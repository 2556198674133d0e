"""The five calls of metadata, and the older list of skills."""

from typing import Any

from upwork.routers.metadata import Api  # type: ignore[import-not-found]


def drive(client: Any, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    api = Api(client)
    return {
        "categories": api.get_categories_v2(),
        "skills": api.get_skills_v2({"page": "5;10"}),
        "skills_from_the_start": api.get_skills_v2({"page": "0;15"}),
        "skills_v1": api.get_skills(),
        "specialties": api.get_specialties(),
        "regions": api.get_regions(),
        "reasons": api.get_reasons({"type": "EndProviderContract"}),
        "reasons_without_a_type": api.get_reasons({}),
    }
