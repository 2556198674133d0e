"""A freelancer's profile in its public form, `FreelancerProfile`, with the parts that are kept from other people.

`fullName`, `firstName` and `lastName` here, and an employment's `city` and `country`, are declared non-null and null
for everyone but the freelancer: selecting them for somebody else voids the profile.
"""

from typing import Any

from app.sandbox.instants import iso_z
from app.sandbox.money import Money
from app.sandbox.records.people import User
from app.sandbox.records.profiles import Profile
from app.sandbox.refusals import NotFound
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.resolvers.metadata import country, language
from app.sandbox.resolvers.paging import connection

profiles = FieldTable()


def _user(profile: Profile, call: Call) -> User:
    return call.world.users[profile.user_id]


profiles.reads(
    "FreelancerProfile",
    user=_user,
    userDetails=_user,
    personalData=lambda profile, _: profile,
    userPreferences=lambda profile, _: profile,
    languages=lambda profile, _: _nodes([{"id": code, "language": language(code)} for code in profile.languages]),
    availability=lambda profile, _: profile,
    committedResponseTime=lambda *_: None,
    skills=lambda profile, call: _nodes([call.world.skills[skill_id] for skill_id in profile.skill_ids]),
    aggregates=lambda profile, _: profile,
    jobCategories=lambda profile, call: _nodes(
        [
            {
                "category": call.world.concepts[profile.category_id],
                "selectedSubCategories": [call.world.concepts[one] for one in profile.subcategory_ids],
            }
        ]
    ),
    profileCompletenessSummary=lambda profile, _: profile,
    linkedExternalAccountsList=lambda *_: {"edges": []},
    verifications=lambda *_: {"idVerified": True, "webcamVerified": False, "phoneVerified": True},
    employmentRecords=lambda profile, _: [(profile, record) for record in profile.employments],
    certificates=lambda profile, _: [_certificate(certificate) for certificate in profile.certificates],
    countryDetails=lambda profile, call: country(_user(profile, call).place.country),
    portrait=lambda profile, call: portrait(_user(profile, call)),
    privateTalentCloud=lambda *_: connection([], 0, 0),
    fullName=lambda profile, call: _for_self(profile, call, call.user.name),
    firstName=lambda profile, call: _for_self(profile, call, call.user.first_name),
    lastName=lambda profile, call: _for_self(profile, call, call.user.last_name),
    email=lambda profile, call: _user(profile, call).email,
    phoneNumber=lambda *_: {"code": "1", "number": "5550100"},
)
profiles.reads(
    "FreelancerProfilePersonalData",
    firstName=lambda profile, call: _user(profile, call).first_name,
    lastName=lambda profile, call: _user(profile, call).last_name,
    portrait=lambda profile, call: portrait(_user(profile, call)),
    description=lambda profile, _: profile.overview,
    chargeRate=lambda profile, _: Money(profile.rate),
    profileUrl=lambda profile, call: _user(profile, call).public_url,
    profileState=lambda *_: "ACCEPTED",
    address=lambda profile, call: {
        "cityName": _user(profile, call).place.city,
        "timezone": _user(profile, call).place.time_zone,
    },
)
profiles.reads(
    "FreelancerProfileUserPreferences",
    visibilityLevel=lambda profile, _: profile.visibility,
    hideEarnings=lambda *_: False,
    exposeFullName=lambda *_: False,
    hideJss=lambda *_: False,
)
profiles.reads(
    "FreelancerProfileAvailability",
    id=lambda profile, _: profile.user_id,
    user=_user,
    name=lambda *_: "availability",
    createdDateTime=lambda profile, _: iso_z(profile.created),
    availabilityDateTime=lambda *_: None,
)
profiles.reads(
    "FreelancerProfileAggregates",
    user=_user,
    lastWorkedDateTime=lambda profile, _: iso_z(profile.last_worked),
    lastActivityDateTime=lambda profile, _: iso_z(profile.last_active),
    totalHourlyJobs=lambda profile, _: profile.hourly_jobs,
    totalFixedJobs=lambda profile, _: profile.fixed_jobs,
    totalRevenue=lambda profile, _: Money(profile.earnings),
    totalEarnings=lambda profile, _: Money(profile.earnings),
    jobSuccessScore=lambda profile, _: profile.job_success,
    topRatedStatus=lambda profile, _: profile.top_rated,
    totalHours=lambda profile, _: profile.hours,
    totalHoursActual=lambda profile, _: profile.hours,
    totalHoursRounded=lambda profile, _: round(profile.hours),
    totalFeedback=lambda profile, _: float(profile.total_jobs),
    billedContracts=lambda profile, _: profile.total_jobs,
    currentContracts=lambda profile, call: sum(
        offer.freelancer_id == profile.user_id and offer.contract_id is not None for offer in call.world.offers.values()
    ),
    adjustedFeedbackScore=lambda profile, _: profile.feedback,
    adjustedFeedbackScoreRecent=lambda profile, _: profile.recent_feedback,
    profileStats=lambda *_: None,
    vetted=lambda *_: False,
)
profiles.reads(
    "FreelancerProfileCompletenessSummary",
    user=_user,
    actual=lambda *_: 100,
    display=lambda *_: 100,
    skillsCount=lambda profile, _: len(profile.skill_ids),
    employmentRecordCount=lambda profile, _: len(profile.employments),
    portraitRecordCount=lambda *_: 1,
    overviewRecordCount=lambda *_: 1,
    educationRecordCount=lambda profile, _: len(profile.educations),
    certificatesCount=lambda profile, _: len(profile.certificates),
    otherExperiencesCount=lambda profile, _: len(profile.experiences),
    portfolioCount=lambda profile, _: len(profile.projects),
    createdDateTime=lambda profile, _: iso_z(profile.created),
    videoRecordCount=lambda *_: 0,
    linkedExternalAccountsCount=lambda *_: 0,
)
profiles.reads(
    "FreelancerProfileEmploymentRecord",
    id=lambda pair, _: pair[1].id,
    user=lambda pair, call: _user(pair[0], call),
    companyName=lambda pair, _: pair[1].company,
    jobTitle=lambda pair, _: pair[1].title,
    role=lambda pair, _: pair[1].role,
    startDate=lambda pair, _: pair[1].started,
    endDate=lambda pair, _: pair[1].ended,
    city=lambda pair, call: _for_self(pair[0], call, pair[1].city),
    country=lambda pair, call: _for_self(pair[0], call, pair[1].country),
)


@profiles.field("Query", "freelancerProfileByProfileKey")
@profiles.field("Query", "talentProfileByProfileKey")
def profile_by_key(_: None, call: Call, profile_key: str) -> Profile:
    """The profile of a key `~01…`; private ones are only seen by their owner."""
    user = call.world.user_by_ciphertext.get(profile_key)
    profile = call.world.profiles.get(user.id) if user else None
    if profile is None or (profile.visibility == "PRIVATE" and profile.user_id != call.user.id):
        raise NotFound("FreelancerProfile", profile_key)
    return profile


@profiles.field("FreelancerProfile", "educationRecords")
def education_records(
    profile: Profile, _: Call, filter_: dict[str, Any] | None = None, **__: Any
) -> list[dict[str, Any]]:
    """Where the freelancer studied."""
    wanted = filter_ or {}
    return [
        {
            "id": record.id,
            "institutionName": record.institution,
            "areaOfStudy": record.area,
            "degree": record.degree,
            "startDate": record.started,
            "endDate": record.ended,
        }
        for record in profile.educations
        if wanted.get("institution_name_eq") in (None, record.institution)
        and wanted.get("degree_eq") in (None, record.degree)
    ]


@profiles.field("FreelancerProfile", "otherExperiences")
def other_experiences(profile: Profile, call: Call, **_: Any) -> dict[str, Any]:
    """What else the freelancer tells."""
    found = [
        {
            "id": experience.id,
            "user": _user(profile, call),
            "subject": experience.subject,
            "description": experience.description,
            "active": True,
            "createdDateTime": iso_z(profile.created),
            "updatedDateTime": iso_z(profile.created),
        }
        for experience in profile.experiences
    ]
    return connection(found, 0, len(found))


@profiles.field("FreelancerProfile", "project")
def project(profile: Profile, _: Call, id_: str) -> dict[str, Any]:
    """One piece of the portfolio."""
    for own in profile.projects:
        if own.id == id_:
            return {"id": own.id, "title": own.title, "description": own.description, "projectUrl": own.url,
                    "createdDateTime": iso_z(own.completed), "completionDateTime": iso_z(own.completed)}  # fmt: skip
    raise NotFound("Project", id_)


def portrait(user: User) -> dict[str, str]:
    """Give where a user's portrait is, in its several sizes."""
    base = user.photo_url.removesuffix(".jpg")
    sizes = {f"portrait{size}": f"{base}_{size}.jpg" for size in (32, 50, 100, 150, 500)}
    return {"portrait": user.photo_url, **sizes}


def _for_self(profile: Profile, call: Call, value: str) -> str | None:
    return value if profile.user_id == call.user.id else None


def _nodes(items: list[Any]) -> dict[str, Any]:
    return {"edges": [{"node": item} for item in items]}


def _certificate(certificate: Any) -> dict[str, Any]:
    return {
        "id": certificate.id,
        "earnedDate": certificate.earned,
        "score": certificate.score,
        "active": True,
        "verified": True,
        "url": certificate.url,
    }
