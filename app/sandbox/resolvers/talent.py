"""A freelancer's profile in its newer form, `TalentProfile`, and the search for freelancers, which answers with it."""

from typing import Any

from app.sandbox.instants import day_text, iso_z
from app.sandbox.money import Money
from app.sandbox.records.people import User
from app.sandbox.records.profiles import Profile, Project
from app.sandbox.refusals import WrongInput
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.resolvers.profiles import portrait
from app.sandbox.seeding.words import country_name

talent = FieldTable()

SEARCH_ROWS = 10
SEARCH_ROWS_MOST = 50


def _user(profile: Profile, call: Call) -> User:
    return call.world.users[profile.user_id]


talent.reads("Query", search=lambda *_: {})
talent.reads(
    "TalentProfile",
    personId=lambda profile, _: profile.user_id,
    identity=_user,
    personalData=lambda profile, _: profile,
    preferences=lambda profile, _: profile,
    settings=lambda profile, _: {"provider": True, "suspended": False, "disabled": False, "status": "ACTIVE"},
    personAvailability=lambda profile, _: {
        "personId": profile.user_id,
        "capacity": profile.capacity,
        "createdDateTime": iso_z(profile.created),
        "availableDays": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"],
    },
    projectList=lambda profile, call: {
        "projects": [_project(call, profile, project, rank) for rank, project in enumerate(profile.projects)],
        "totalProjects": len(profile.projects),
        "updatedDateTime": iso_z(profile.last_active),
    },
    communityCertificates=lambda *_: [],
    profileCompleteness=lambda profile, _: {
        "personId": profile.user_id,
        "pciActual": 100,
        "pciDisplay": 100,
        "skillsCount": len(profile.skill_ids),
        "employmentRecordCount": len(profile.employments),
        "portraitExists": True,
        "overviewExists": True,
        "passedTestsCount": 0,
        "educationRecordCount": len(profile.educations),
        "certificatesCount": len(profile.certificates),
        "otherExperiencesCount": len(profile.experiences),
        "portfolioCount": len(profile.projects),
    },
    otherExperiences=lambda profile, _: [
        {
            "id": one.id,
            "personId": profile.user_id,
            "subject": one.subject,
            "description": one.description,
            "active": True,
        }
        for one in profile.experiences
    ],
    educationRecords=lambda profile, _: [
        {
            "id": one.id,
            "personId": profile.user_id,
            "institutionName": one.institution,
            "areaOfStudy": one.area,
            "degree": one.degree,
            "startDateTime": one.started,
            "endDateTime": one.ended,
        }
        for one in profile.educations
    ],
    employmentRecords=lambda profile, _: [
        {
            "id": one.id,
            "personId": profile.user_id,
            "companyName": one.company,
            "jobTitle": one.title,
            "role": one.role,
            "startDateTime": one.started,
            "endDateTime": one.ended,
            "city": one.city,
            "country": one.country,
        }
        for one in profile.employments
    ],
    skills=lambda profile, call: [
        {
            "id": skill.id,
            "skill": skill.slug,
            "prettyName": skill.label,
            "status": "ACTIVE",
            "rank": str(rank),
            "ontologySkill": skill,
        }
        for rank, skill in enumerate(call.world.skills[one] for one in profile.skill_ids)
    ],
    jobCategories=lambda profile, call: [
        {
            "id": profile.category_id,
            "name": call.world.concepts[profile.category_id].label,
            "selectedCategories": [
                {"id": one, "name": call.world.concepts[one].label} for one in profile.subcategory_ids
            ],
        }
    ],
    profileAggregates=lambda profile, _: profile,
    specializedProfiles=lambda *_: [],
    specializedProfilesSkills=lambda profile, call: [
        {"skills": [{"ontologySkill": {"skill": call.world.skills[one]}} for one in profile.skill_ids]}
    ],
    specializedProfilesProjects=lambda *_: [],
)
talent.reads(
    "TalentProfilePersonalData",
    firstName=lambda profile, call: _user(profile, call).first_name,
    lastName=lambda profile, call: _user(profile, call).last_name,
    portrait=lambda profile, call: portrait(_user(profile, call)),
    description=lambda profile, _: profile.overview,
    chargeRate=lambda profile, _: Money(profile.rate),
    profileUrl=lambda profile, call: _user(profile, call).public_url,
    profileState=lambda *_: "ACCEPTED",
    location=lambda profile, call: {
        "country": country_name(_user(profile, call).place.country),
        "state": _user(profile, call).place.state,
        "city": _user(profile, call).place.city,
        "zip": None,
        "timezone": _user(profile, call).place.time_zone,
    },
)
talent.reads("TalentProfileUserPreferences", visibilityLevel=lambda profile, _: profile.visibility)
talent.reads(
    "TalentProfileAggregate",
    lastWorkedOn=lambda profile, _: day_text(profile.last_worked),
    totalHourlyJobs=lambda profile, _: profile.hourly_jobs,
    totalFixedJobs=lambda profile, _: profile.fixed_jobs,
    topRatedStatus=lambda profile, _: profile.top_rated,
    totalFeedback=lambda profile, _: float(profile.total_jobs),
    totalEarnings=lambda profile, _: profile.earnings / 100,
    adjustedCategoryScores=lambda profile, _: [{"averageCategoryScore": profile.feedback}],
)


@talent.field("Search", "searchFreelancerPublicProfile")
def search_freelancers(_: Any, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The public profiles that pass every filter given, the best job success first."""
    paging = request.get("paging") or {}
    start, rows = paging.get("start") or 0, paging.get("rows") or SEARCH_ROWS
    if start < 0 or not 0 < rows <= SEARCH_ROWS_MOST:
        raise WrongInput("paging")
    hits = [profile for profile in call.world.profiles.values() if profile.visibility == "PUBLIC"]
    hits = [profile for profile in hits if _passes(profile, call, request)]
    hits.sort(key=lambda profile: (-(profile.job_success or 0), profile.user_id))
    page = hits[start : start + rows]
    return {
        "pagingInfo": {"total": len(hits), "offset": start, "count": len(page)},
        "profiles": [{"profile": profile} for profile in page],
    }


def _passes(profile: Profile, call: Call, wanted: dict[str, Any]) -> bool:
    return (
        _has_words(profile, call, wanted)
        and _lives_in(profile, call, wanted)
        and _has_skills(profile, call, wanted)
        and _is_rated(profile, wanted)
        and wanted.get("type") in (None, "Agency" if profile.agency_id else "Independent")
    )


def _has_words(profile: Profile, call: Call, wanted: dict[str, Any]) -> bool:
    labels = " ".join(call.world.skills[one].label for one in profile.skill_ids)
    text = f"{profile.title} {profile.overview} {labels}".lower()
    query, title, service = wanted.get("user_query"), wanted.get("title"), wanted.get("occupation_uid")
    return (
        all(word in text for word in (query or "").lower().split())
        and (title or "").lower() in profile.title.lower()
        and (not service or service in (profile.category_id, *profile.subcategory_ids))
    )


def _lives_in(profile: Profile, call: Call, wanted: dict[str, Any]) -> bool:
    place = _user(profile, call).place
    values = {"countries": country_name(place.country), "states": place.state, "cities": place.city}
    return all(not wanted.get(name) or value in wanted[name] for name, value in values.items())


def _has_skills(profile: Profile, call: Call, wanted: dict[str, Any]) -> bool:
    names = {name for one in profile.skill_ids for name in (call.world.skills[one].label, call.world.skills[one].slug)}
    lowered = {name.lower() for name in names}
    return {name.lower() for name in wanted.get("skills_names") or ()} <= lowered and set(
        wanted.get("skills_uids") or ()
    ) <= set(profile.skill_ids)


def _is_rated(profile: Profile, wanted: dict[str, Any]) -> bool:
    ranges = {
        "hourly_rate": profile.rate / 100,
        "job_success_score": profile.job_success,
        "total_jobs": profile.total_jobs,
    }
    ranks = {
        "top_rated": profile.top_rated.startswith("top_rated"),
        "rising_talent": profile.top_rated == "rising_talent",
    }
    return all(_is_in(value, wanted.get(name)) for name, value in ranges.items()) and all(
        wanted.get(name) in (None, False, value) for name, value in ranks.items()
    )


def _is_in(value: float | None, limits: dict[str, Any] | None) -> bool:
    if not limits:
        return True
    low, high = limits.get("min"), limits.get("max")
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def _project(call: Call, profile: Profile, project: Project, rank: int) -> dict[str, Any]:
    return {
        "id": project.id,
        "title": project.title,
        "description": project.description,
        "thumbnail": f"https://sandbox.invalid/thumbnails/{project.id}.jpg",
        "projectUrl": project.url,
        "completionDateTime": iso_z(project.completed),
        "public": True,
        "rank": rank,
        "skills": [call.world.skills[one].label for one in project.skill_ids],
        "creationDateTime": iso_z(project.completed),
        "projectType": "CLASSIC_VIEW",
        "developerId": profile.user_id,
    }
