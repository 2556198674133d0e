"""The rows of contracts: a list of engagements, and one."""

from __future__ import annotations

from tests.conformance.calls import Call, Other
from tests.conformance.forms import MIDNIGHT_TEXT, MS_TEXT, ONE_OR_EMPTY, words

VOIDS = "`offer` is non-null: a contract without one would vanish with all its rows"
BY_DETAILS = "the newer `contractDetails` answers where `contract` does not"
NOT_OURS = "`freelancer.user` is for the current user only; the offer names the freelancer of every row"
NODE = "organization.clientOffers.edges.node"


def first_of(*steps: str) -> tuple[str, ...]:
    """A path of a contract, and the same of its details."""
    return tuple(f"{NODE}.{start}.{step}" for step in steps for start in ("contract", "contractDetails"))


OFFER_ROWS = {
    "category_uid": Other(first_of("job.classification.category.id"), "there is no `jobCategory`; the job has its own"),
    "job__reference": Other(first_of("job.id"), VOIDS, lacks=False),
    "job_application_ref": Other((f"{NODE}.contract.vendorProposal.id",), VOIDS, lacks=False),
    "job_posting_uid": Other(first_of("job.id"), "the printed path has no leaf"),
    "job__title": Other(first_of("job.content.title"), BY_DETAILS, lacks=False),
    "engagement_title": Other(first_of("title"), BY_DETAILS, lacks=False),
    "reference": Other(first_of("id"), BY_DETAILS, lacks=False),
    "status": Other(first_of("status"), BY_DETAILS, lacks=False),
    "offer_id": Other((f"{NODE}.offer.id",), VOIDS, lacks=False),
    "provider__id": Other((f"{NODE}.freelancer.nid",), NOT_OURS, lacks=False),
    "provider__reference": Other((f"{NODE}.freelancer.rid",), NOT_OURS, lacks=False),
    "weekly_salary_charge_amount": Other(
        (f"{NODE}.contract.weeklyChargeAmount.rawValue",), "money is an object", lacks=True
    ),
}
LIST = "the table is the list's; one contract is asked under two roots of its own"


def engagement_row(path: str, *more: str, lacks: bool = False) -> Other:
    """A row of one contract, at a path that the list's table cannot have."""
    return Other((path, *more), LIST, lacks)


ENGAGEMENT_ROWS = {
    "buyer_team__reference": engagement_row("contractByTerm.clientTeam.rid"),
    "category_uid": engagement_row("contract.job.classification.category.id", lacks=True),
    "created_time": engagement_row("contract.createdDateTime"),
    "engagement_end_date": engagement_row("contract.endDateTime"),
    "engagement_end_ts": engagement_row("contract.endDateTime"),
    "engagement_job_type": engagement_row("contract.contractType"),
    "engagement_start_date": engagement_row("contract.startDateTime"),
    "engagement_start_ts": engagement_row("contract.startDateTime"),
    "engagement_title": engagement_row("contract.title", "contractByTerm.title"),
    "first_engagement_start_ts": engagement_row("contract.firstContractStartDateTime"),
    "freelancer_country": engagement_row("contract.freelancer.countryDetails.name"),
    "hourly_charge_rate": engagement_row("contract.hourlyChargeRate.rawValue"),
    "isfp2": engagement_row("contract.contractType"),
    "is_last": engagement_row("contract.last"),
    "is_paused": engagement_row("contract.paused"),
    "job__reference": engagement_row("contract.job.id"),
    "job__title": engagement_row("contract.job.content.title"),
    "job_application_ref": engagement_row("contract.vendorProposal.id"),
    "job_posting_uid": engagement_row("contract.job.id", lacks=True),
    "manual_time_allowed": engagement_row("contract.manualTimeAllowed"),
    "modified_time": engagement_row("contract.modifiedDateTime"),
    "offer_id": engagement_row("contractByTerm.offerId"),
    "provider__has_agency": engagement_row("contract.hasAgency"),
    "provider__id": engagement_row("contract.freelancer.userDetails.nid"),
    "provider__reference": engagement_row("contractByTerm.freelancer.rid"),
    "reference": engagement_row("contract.id", "contractByTerm.id"),
    "status": engagement_row("contract.status", "contractByTerm.status"),
    "weekly_hours_limit": engagement_row("contract.weeklyHoursLimit"),
    "weekly_salary_charge_amount": engagement_row("contract.weeklyChargeAmount.rawValue", lacks=True),
    "weekly_stipend_hours": engagement_row("contract.weeklyStipendHours"),
}
STATES = {"ACTIVE": "active", "PAUSED": "active", "CLOSED": "closed", "CANCELLED": "closed", "PENDING": "pending"}
FORMS = {
    **dict.fromkeys(("created_time", "modified_time", "engagement_start_ts", "engagement_end_ts"), MS_TEXT),
    "first_engagement_start_ts": MS_TEXT,
    "engagement_start_date": MIDNIGHT_TEXT,
    "engagement_end_date": MIDNIGHT_TEXT,
    "engagement_job_type": words({"HOURLY": "hourly", "FIXED": "fixed-price"}),
    "isfp2": words({"HOURLY": "0", "FIXED": "1"}),
    "status": words(STATES),
    "provider__has_agency": ONE_OR_EMPTY,
}
CALLS = [
    Call(
        "contracts/list_engagements",
        "GET /api/hr/v2/engagements.json?page=0;{rows}",
        at="engagements.engagement",
        forms=FORMS,
        others=OFFER_ROWS,
        collapsing=frozenset({"engagement"}),
        window="organization.clientOffers.edges",
    ),
    Call(
        "contracts/get_engagement",
        "GET /api/hr/v2/engagements/24680135.json",
        at="engagement",
        forms=FORMS,
        others=ENGAGEMENT_ROWS,
    ),
]
