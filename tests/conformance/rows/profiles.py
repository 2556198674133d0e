"""The rows of profiles: the brief and the whole one, of one freelancer and of several."""

from __future__ import annotations

from tests.conformance.calls import Call, Other, Paths
from tests.conformance.forms import LONG_DAY, MS_TEXT, ZONE, Form, month_of, words

KEYS = ("~0123456789abcdef01", "~0123456789abcdef02")
PROFILE = "freelancerProfileByProfileKey"
TALENT = "talentProfileByProfileKey"
NEWER = "the field has another name by now"
PLACE = "the place stands on the talent profile only"
LOCATION = f"{TALENT}.personalData.location"
LEVELS = {
    "PUBLIC": "Public",
    "ONLY_UPWORK_USERS": "Authenticated users",
    "AUTH": "Authenticated users",
    "PRIVATE": "Private",
}
FORMS = {
    "dev_last_activity": LONG_DAY,
    "dev_last_worked": LONG_DAY,
    "dev_last_worked_ts": MS_TEXT,
    "dev_timezone": ZONE,
    "dev_ui_profile_access": words(LEVELS),
}
BOTH = {
    "dev_ac_agencies": Other((), "the upstream names no agencies of a freelancer (line 1592)"),
    "dev_billed_assignments": Other((f"{PROFILE}.aggregates.billedContracts",), NEWER),
    "dev_city": Other((f"{LOCATION}.city",), PLACE),
    "dev_country": Other((f"{LOCATION}.country", f"{PROFILE}.countryDetails.name"), PLACE),
    "dev_groups": Other((), "the upstream has no groups of freelancers (line 1649)"),
    "dev_last_activity": Other((f"{PROFILE}.aggregates.lastActivityDateTime",), NEWER),
    "dev_last_worked": Other((f"{PROFILE}.aggregates.lastWorkedDateTime",), NEWER),
    "dev_last_worked_ts": Other((f"{PROFILE}.aggregates.lastWorkedDateTime",), NEWER),
    "dev_timezone": Other((f"{LOCATION}.timezone",), PLACE),
}
BRIEF = {"dev_eng_skill": Other((), "the upstream tells which languages, and of none how well (line 1648)")}
NO_HISTORY = "the upstream lists no contracts of other people (line 1671)"
WHOLE = {
    "assignments": Other((), NO_HISTORY, constant={"hr": "", "fp": ""}),
    "dev_recno_ciphertext": Other(
        (f"{TALENT}.identity.ciphertext",), "it is part of the identity; a client asks by it", is_told=True
    ),
    "experiences": Other(
        (), "the old member held employments; `otherExperiences` has subjects (line 1666)", lacks=False
    ),
    "portfolio_items": Other((), "a profile has no `projects`; the talent profile lists them (line 1669)"),
}
MONTH = Form(month_of)
SKILLS = f"{PROFILE}.skills.edges.node"
SCHOOLS = f"{PROFILE}.educationRecords"
JOBS = f"{PROFILE}.employmentRecords"
CATEGORIES = f"{PROFILE}.jobCategories.edges.node"
PROJECTS = f"{TALENT}.projectList.projects"
JOINED = Form(lambda names: ", ".join(name for name in names if name), takes_list=True)
PARTS: dict[str, dict[str, tuple[Paths, Form | None]]] = {
    "skills": {"skill.skl_name": ((f"{SKILLS}.legacySkillNid", f"{SKILLS}.prettyName"), None)},
    "education": {
        "institution.ed_school": (f"{SCHOOLS}.institutionName", None),
        "institution.ed_from": (f"{SCHOOLS}.startDate", MONTH),
        "institution.ed_to": (f"{SCHOOLS}.endDate", MONTH),
        "institution.ed_area": (f"{SCHOOLS}.areaOfStudy", None),
        "institution.ed_degree": (f"{SCHOOLS}.degree", None),
        "institution.ed_comment": (f"{SCHOOLS}.description", None),
    },
    "experiences": {
        "experience.exp_company": (f"{JOBS}.companyName", None),
        "experience.exp_title": (f"{JOBS}.jobTitle", None),
        "experience.exp_title_raw": (f"{JOBS}.jobTitle", None),
        "experience.exp_from": (f"{JOBS}.startDate", MONTH),
        "experience.exp_to": (f"{JOBS}.endDate", Form(month_of, "Present")),
        "experience.exp_comment": (f"{JOBS}.description", None),
    },
    "job_categories": {
        "job_category.first_level": (f"{CATEGORIES}.category.preferredLabel", None),
        "job_category.second_level": (f"{CATEGORIES}.selectedSubCategories.preferredLabel", JOINED),
    },
    "portfolio_items": {
        "portfolio_item.pi_recno": (f"{PROJECTS}.id", None),
        "portfolio_item.pi_title": (f"{PROJECTS}.title", None),
        "portfolio_item.pi_description": (f"{PROJECTS}.description", None),
        "portfolio_item.pi_url": (f"{PROJECTS}.projectUrl", None),
        "portfolio_item.pi_image": (f"{PROJECTS}.thumbnailOriginal", None),
        "portfolio_item.pi_thumbnail": (f"{PROJECTS}.thumbnail", None),
        "portfolio_item.pi_completed": (f"{PROJECTS}.completionDateTime", MS_TEXT),
    },
}
COLLAPSING = frozenset({"skill", "institution", "experience", "job_category", "portfolio_item"})


def profile_call(choice: str, *, is_brief: bool) -> Call:
    """One profile or several, brief or whole."""
    keys = KEYS if choice == "several" else KEYS[:1]
    return Call(
        "profiles/get_profile_brief" if is_brief else "profiles/get_profile",
        f"GET /api/profiles/v1/providers/{';'.join(keys)}{'/brief' if is_brief else ''}.json",
        choice=choice,
        printed=("FreelancerProfile", PROFILE),
        at="profiles.profile" if choice == "several" else "profile",
        forms=FORMS,
        others=BOTH | (BRIEF if is_brief else WHOLE),
        parts={} if is_brief else PARTS,
        collapsing=COLLAPSING,
        told=keys,
    )


CALLS = [
    profile_call("one", is_brief=True),
    profile_call("several", is_brief=True),
    profile_call("one", is_brief=False),
    profile_call("several", is_brief=False),
]
