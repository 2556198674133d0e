"""Lists of job postings: a company's own ones, and the search over all open public ones.

A search with pagination but without `after` fails, as the real one does; without pagination it gives ten hits.
"""

from collections.abc import Callable
from typing import Any

from app.sandbox.instants import BASE_MS, DAY_MS, iso_compact, read_instant
from app.sandbox.money import Money, money
from app.sandbox.records.people import Organization
from app.sandbox.records.work import Posting
from app.sandbox.refusals import Failed, Forbidden, WrongInput
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.resolvers.jobs import DURATIONS, belongs_to, duration
from app.sandbox.resolvers.paging import Pagination, connection, read_window
from app.sandbox.seeding.words import country_name

job_lists = FieldTable()

SEARCH_PAGE = 10
PAGE_MOST = 100
ENGAGEMENTS = {
    "FULL_TIME": "30+ hrs/week",
    "PART_TIME": "Less than 30 hrs/week",
    "AS_NEEDED": "As needed",
    "NOT_SURE": None,
}

job_lists.reads(
    "MarketplaceJobPostingSearchResult",
    job=lambda posting, _: posting,
    durationLabel=lambda posting, _: DURATIONS[posting.duration][1],
    engagement=lambda posting, _: ENGAGEMENTS[posting.workload] if posting.work_type == "HOURLY" else None,
    amount=lambda posting, _: Money(posting.amount),
    experienceLevel=lambda posting, _: posting.experience,
    category=lambda posting, call: call.world.concepts[posting.category_id].slug,
    subcategory=lambda posting, call: call.world.concepts[posting.subcategory_id].slug,
    freelancersToHire=lambda posting, _: posting.persons_to_hire,
    totalFreelancersToHire=lambda posting, _: posting.persons_to_hire,
    relevance=lambda posting, _: {
        "id": posting.id,
        "effectiveCandidates": posting.applicants,
        "recommendedEffectiveCandidates": 0,
        "uniqueImpressions": posting.applicants * 9,
        "publishTime": iso_compact(posting.created),
        "hoursInactive": 0,
    },
    relevanceEncoded=lambda *_: "{}",
    totalApplicants=lambda posting, _: posting.applicants,
    preferredFreelancerLocation=lambda posting, _: list(posting.countries),
    preferredFreelancerLocationMandatory=lambda *_: False,
    applied=lambda *_: False,
    createdDateTime=lambda posting, _: iso_compact(posting.created),
    publishedDateTime=lambda posting, _: iso_compact(posting.created),
    client=lambda posting, call: call.world.organizations[posting.company_id],
    skills=lambda posting, call: [
        {"id": None, "name": skill.slug, "prettyName": skill.label, "highlighted": False}
        for skill in (call.world.skills[skill_id] for skill_id in posting.skill_ids)
    ],
    occupations=lambda posting, call: {
        "category": _occupation(call, posting.category_id),
        "subCategories": [_occupation(call, posting.subcategory_id)],
        "occupationService": _occupation(call, posting.service_id),
    },
    hourlyBudgetType=lambda posting, _: "MANUAL" if posting.hourly_min else "NOT_PROVIDED",
    hourlyBudgetMin=lambda posting, _: money(posting.hourly_min),
    hourlyBudgetMax=lambda posting, _: money(posting.hourly_max),
    engagementDuration=lambda posting, _: duration(posting),
)
job_lists.reads(
    "MarketplaceJobPostingSearchClientInfo",
    totalHires=lambda org, _: org.hires,
    totalPostedJobs=lambda org, _: org.hires + 3,
    totalSpent=lambda org, _: Money(org.hires * 90_000),
    verificationStatus=lambda org, _: "VERIFIED" if org.payment_status == "VERIFIED" else "NOT_VERIFIED",
    location=lambda org, _: {
        "city": org.place.city,
        "country": country_name(org.place.country),
        "timezone": org.place.time_zone,
        "state": org.place.state,
        "offsetToUTC": str(org.place.offset_minutes),
    },
    totalReviews=lambda org, _: org.hires // 2,
    totalFeedback=lambda org, _: org.feedback,
    companyRid=lambda org, _: org.rid,
    edcUserId=lambda *_: "0",
    companyOrgUid=lambda org, _: org.id,
    hasFinancialPrivacy=lambda *_: False,
)


@job_lists.field("Query", "marketplaceJobPostingsSearch")
@job_lists.field("Query", "marketplaceJobPostings")
def search_jobs(
    _: None,
    call: Call,
    market_place_job_filter: dict[str, Any] | None = None,
    search_type: str | None = None,
    sort_attributes: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The open public postings that pass every filter given."""
    wanted = {name: value for name, value in (market_place_job_filter or {}).items() if value is not None}
    window = _search_window(wanted.pop("pagination_eq", None))
    hits = [posting for posting in call.world.postings.values() if _is_open(posting) and _passes(posting, call, wanted)]
    field = sort_attributes[0]["field"] if sort_attributes else "RECENCY"
    hits.sort(key=_sort_key(call, field), reverse=True)
    return connection(hits, *window)


@job_lists.field("CurrentOrganization GenericOrganization", "jobPosting")
def own_postings(
    org: Organization, call: Call, job_posting_filter: dict[str, Any], sort_attribute: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A company's own postings, the newest first unless asked otherwise."""
    if not call.world.is_within(org.id, call.company_id):
        raise Forbidden
    window = read_window(job_posting_filter.get("pagination_eq"), first=SEARCH_PAGE, at_most=PAGE_MOST)
    found = [
        posting
        for posting in call.world.postings.values()
        if belongs_to(posting, org) and _suits(posting, job_posting_filter)
    ]
    order = (sort_attribute or {}).get("sort_order", "DESC")
    found.sort(key=lambda posting: (posting.created, posting.id), reverse=order == "DESC")
    return connection(found, *window)


@job_lists.field("PrivateCompanyInfo", "jobPosts")
def company_posts(org: Organization, call: Call, pagination: Pagination = None, **_: Any) -> dict[str, Any]:
    """A company's own postings, for the company itself; others see none."""
    found = [
        posting
        for posting in call.world.postings.values()
        if belongs_to(posting, org) and org.root_id == call.company_id
    ]
    return connection(found, *read_window(pagination, first=SEARCH_PAGE, at_most=PAGE_MOST))


def _search_window(pagination: Pagination) -> tuple[int, int]:
    if pagination is not None and not pagination.get("after"):
        raise Failed
    return read_window(pagination, first=SEARCH_PAGE, at_most=PAGE_MOST)


def _is_open(posting: Posting) -> bool:
    return posting.status == "REQUESTED" and posting.visibility == "PUBLIC_INDEX"


def _occupation(call: Call, concept_id: str) -> dict[str, str]:
    return {"id": concept_id, "prefLabel": call.world.concepts[concept_id].label}


def _sort_key(call: Call, field: str) -> Callable[[Posting], Any]:
    def key(posting: Posting) -> tuple[float, int, str]:
        client = call.world.organizations[posting.company_id]
        rank = {"CLIENT_TOTAL_CHARGE": float(client.hires), "CLIENT_RATING": client.feedback}.get(field, 0.0)
        return rank, posting.created, posting.id

    return key


def _text_of(posting: Posting, call: Call) -> str:
    skills = " ".join(call.world.skills[skill_id].label for skill_id in posting.skill_ids)
    return f"{posting.title} {posting.description} {skills}".lower()


def _has_words(text: str, expression: str) -> bool:
    return all(word in text for word in expression.lower().replace('"', " ").split())


def _matches_terms(text: str, term: dict[str, Any]) -> bool:
    some = [*(term.get("or_terms_any") or ()), *(term.get("exact_terms_any") or ())]
    return (
        all(word.lower() in text for word in term.get("and_terms_all") or ())
        and (not some or any(word.lower() in text for word in some))
        and not any(word.lower() in text for word in term.get("exclude_terms_any") or ())
    )


def _is_in(value: float, limits: dict[str, Any]) -> bool:
    low, high = limits.get("range_start"), limits.get("range_end")
    return (low is None or value >= low) and (high is None or value <= high)


def _is_budget_in(posting: Posting, limits: dict[str, Any]) -> bool:
    return posting.work_type == "FIXED" and _is_in(posting.amount / 100, limits)


def _is_rate_in(posting: Posting, limits: dict[str, Any]) -> bool:
    return posting.hourly_max is not None and _is_in(posting.hourly_max / 100, limits)


def _passes(posting: Posting, call: Call, wanted: dict[str, Any]) -> bool:
    """Filters without an entry here (areas, talent clouds, facets and the like) let everything pass."""
    return all(_TESTS[name](posting, call, value) for name, value in wanted.items() if name in _TESTS)


def _client(posting: Posting, call: Call) -> Organization:
    return call.world.organizations[posting.company_id]


def _has_any_label(posting: Posting, call: Call, expression: str) -> bool:
    return _has_words(" ".join(call.world.skills[one].label for one in posting.skill_ids).lower(), expression)


_TESTS: dict[str, Callable[[Posting, Call, Any], bool]] = {
    "search_expression_eq": lambda posting, call, value: _has_words(_text_of(posting, call), value),
    "skill_expression_eq": _has_any_label,
    "title_expression_eq": lambda posting, _, value: _has_words(posting.title.lower(), value),
    "search_term_eq": lambda posting, call, value: _matches_terms(_text_of(posting, call), value),
    "category_ids_any": lambda posting, _, value: posting.category_id in value,
    "subcategory_ids_any": lambda posting, _, value: posting.subcategory_id in value,
    "occupation_ids_any": lambda posting, _, value: posting.service_id in value,
    "ontology_skill_ids_all": lambda posting, _, value: set(value) <= set(posting.skill_ids),
    "job_type_eq": lambda posting, _, value: posting.work_type == value,
    "duration_any": lambda posting, _, value: posting.duration in value,
    "workload_eq": lambda posting, _, value: posting.work_type == "HOURLY" and posting.workload == value,
    "client_hires_range_eq": lambda posting, call, value: _is_in(_client(posting, call).hires, value),
    "client_feed_back_range_eq": lambda posting, call, value: _is_in(_client(posting, call).feedback, value),
    "budget_range_eq": lambda posting, _, value: _is_budget_in(posting, value),
    "hourly_rate_eq": lambda posting, _, value: _is_rate_in(posting, value),
    "verified_payment_only_eq": lambda posting, call, value: (
        not value or _client(posting, call).payment_status == "VERIFIED"
    ),
    "experience_level_eq": lambda posting, _, value: posting.experience == value,
    "locations_any": lambda posting, call, value: country_name(_client(posting, call).place.country) in value,
    "enterprise_only_eq": lambda posting, _, value: not value or posting.enterprise,
    "ptc_only_eq": lambda _posting, _, value: not value,
    "proposal_range_eq": lambda posting, _, value: _is_in(posting.applicants, value),
    "days_posted_eq": lambda posting, _, value: posting.created >= BASE_MS - value * DAY_MS,
    "timezone_eq": lambda posting, call, value: _client(posting, call).place.time_zone == value,
}


def _suits(posting: Posting, wanted: dict[str, Any]) -> bool:
    title = wanted.get("title_eq")
    return (
        (not title or title.lower() in posting.title.lower())
        and _is_listed(posting.team_id, wanted.get("post_by_team_ids_any"))
        and _is_listed(posting.poster_id, wanted.get("post_by_person_ids_any"))
        and posting.poster_id not in (wanted.get("exclude_post_by_person_ids_any") or ())
        and _is_listed(posting.category_id, wanted.get("category_group_ids_any"))
        and wanted.get("contract_type_eq") in (None, posting.work_type)
        and _has_status(posting, wanted.get("status_and_access_any"))
        and _is_created_between(posting, wanted.get("created_date_time_from_eq"), wanted.get("created_date_time_to_eq"))
    )


def _is_listed(value: str, accepted: list[str] | None) -> bool:
    return not accepted or value in accepted


def _has_status(posting: Posting, pairs: list[dict[str, Any]] | None) -> bool:
    return not pairs or any(
        _is_listed(posting.status, pair.get("statuses_any"))
        and _is_listed(posting.visibility, pair.get("accesses_any"))
        for pair in pairs
    )


def _is_created_between(posting: Posting, earliest: str | None, latest: str | None) -> bool:
    try:
        start = read_instant(earliest) if earliest else 0
        end = read_instant(latest) if latest else posting.created
    except ValueError:
        raise WrongInput("createdDateTime") from None
    return start <= posting.created <= end
