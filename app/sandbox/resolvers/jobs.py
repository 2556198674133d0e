"""Job postings as their own company sees them (`JobPosting`) and as the marketplace does (`MarketplaceJobPosting`)."""

from typing import Any

from app.sandbox.instants import day_text, iso_compact
from app.sandbox.money import Money, money
from app.sandbox.records.people import Organization
from app.sandbox.records.work import Posting
from app.sandbox.refusals import Forbidden, NotFound
from app.sandbox.resolvers.fields import Call, FieldTable

jobs = FieldTable()

DURATIONS = {
    "WEEK": ("1", "Less than 1 week", 1),
    "MONTH": ("2", "Less than 1 month", 4),
    "QUARTER": ("3", "1 to 3 months", 13),
    "SEMESTER": ("4", "3 to 6 months", 26),
    "ONGOING": ("5", "More than 6 months", 52),
}
_PROPOSAL_COUNTS = (
    "totalMessaged totalHired totalInvitesSent totalApplicantsWithAutoHidden totalArchived totalAutoHidden "
    "totalDeclined totalHidden totalOffered totalShortlisted totalWithdrawn"
)
_NO_PROPOSALS = dict.fromkeys(_PROPOSAL_COUNTS.split(), 0)

jobs.reads(
    "JobPosting",
    version=lambda *_: 1,
    info=lambda posting, _: posting,
    attachment=lambda posting, _: _attachments(posting),
    content=lambda posting, _: posting,
    ownership=lambda posting, _: posting,
    segmentationData=lambda *_: {"segmentationValues": []},
    additionalInfo=lambda *_: {"directHire": False, "invitePost": False},
    ptcInfo=lambda *_: None,
    proposalsStatistics=lambda posting, _: {"totalProposals": posting.applicants, **_NO_PROPOSALS},
    customFields=lambda *_: [],
)
jobs.reads(
    "JobPostingInfo",
    company=lambda posting, call: call.world.organizations[posting.company_id],
    auditTime=lambda posting, _: {
        "createdDateTime": iso_compact(posting.created),
        "modifiedDateTime": iso_compact(posting.filled or posting.created),
    },
    hidden=lambda *_: False,
    siteSource=lambda *_: "upwork",
    publishDateTime=lambda posting, _: iso_compact(posting.created),
    filledDateTime=lambda posting, _: iso_compact(posting.filled),
    legacyCiphertext=lambda posting, _: posting.ciphertext,
    hourlyBudgetType=lambda posting, _: "MANUAL" if posting.hourly_min else "NOT_PROVIDED",
    hourlyBudgetMin=lambda posting, _: money(posting.hourly_min),
    hourlyBudgetMax=lambda posting, _: money(posting.hourly_max),
    changedByUser=lambda posting, call: call.world.users[posting.poster_id],
)
jobs.reads(
    "JobPostingOwnership",
    user=lambda posting, call: call.world.users[posting.poster_id],
    clientCompany=lambda posting, call: call.world.organizations[posting.company_id],
)
jobs.reads(
    "JobPostingOwnership MarketplacePostingOwnership",
    company=lambda posting, call: call.world.organizations[posting.company_id],
    team=lambda posting, call: call.world.organizations[posting.team_id],
)
jobs.reads(
    "JobPosting MarketplaceJobPosting",
    classification=lambda posting, _: posting,
    contractTerms=lambda posting, _: posting,
    contractorSelection=lambda posting, _: {
        "proposalRequirement": {
            "coverLetterRequired": True,
            "freelancerMilestonesAllowed": False,
            "screeningQuestions": [],
        },
        "qualification": {
            "contractorType": posting.contractor_type,
            "englishProficiency": "ANY",
            "risingTalent": False,
            "preferredGroups": [],
        },
        "location": {"countries": list(posting.countries), "localMarket": False, "areas": []},
    },
)
jobs.reads(
    "JobPostingClassification",
    category=lambda posting, call: _concept(call.world.concepts[posting.category_id]),
    subCategory=lambda posting, call: _concept(call.world.concepts[posting.subcategory_id]),
    occupationId=lambda posting, _: posting.service_id,
    customSkills=lambda *_: [],
)
jobs.reads(
    "MarketplacePostingClassification",
    category=lambda posting, call: call.world.concepts[posting.category_id],
    subCategory=lambda posting, call: call.world.concepts[posting.subcategory_id],
    occupation=lambda posting, call: call.world.concepts[posting.service_id],
)
jobs.reads(
    "JobPostingClassification MarketplacePostingClassification",
    skills=lambda posting, call: [call.world.skills[skill_id] for skill_id in posting.skill_ids],
    additionalSkills=lambda *_: [],
)
jobs.reads(
    "JobPostingContractTerms MarketplaceContractTerms",
    contractStartDate=lambda posting, _: day_text(posting.created),
    contractType=lambda posting, _: posting.work_type,
    onSiteType=lambda *_: "REMOTE",
    personsToHire=lambda posting, _: posting.persons_to_hire,
    experienceLevel=lambda posting, _: posting.experience,
    fixedPriceContractTerms=lambda posting, _: _fixed_terms(posting) if posting.work_type == "FIXED" else None,
    hourlyContractTerms=lambda posting, _: _hourly_terms(posting) if posting.work_type == "HOURLY" else None,
)
jobs.reads(
    "MarketplaceJobPosting",
    workFlowState=lambda posting, _: {
        "closeResult": None if posting.status == "REQUESTED" else posting.status,
        "status": "ACTIVE" if posting.status == "REQUESTED" else "CLOSED",
    },
    ownership=lambda posting, _: posting,
    annotations=lambda *_: {"tags": [], "customFields": []},
    activityStat=lambda posting, _: {
        "applicationsBidStats": None,
        "jobActivity": {
            "lastClientActivity": iso_compact(posting.created),
            "invitesSent": 0,
            "totalInvitedToInterview": 0,
            "totalHired": 0,
            "totalUnansweredInvites": 0,
            "totalOffered": 0,
        },
    },
    content=lambda posting, _: posting,
    attachments=lambda posting, _: _attachments(posting),
    segmentationData=lambda *_: {"segmentationValues": []},
    additionalSearchInfo=lambda *_: {"highlightTitle": None},
    clientCompany=lambda posting, call: call.world.organizations[posting.company_id],
    clientCompanyPublic=lambda posting, call: call.world.organizations[posting.company_id],
    canClientReceiveContractProposal=lambda *_: False,
)


@jobs.field("Query", "jobPosting")
def job_posting(_: None, call: Call, job_posting_id: str, load_annotation: bool | None = None) -> Posting:
    """One posting of the caller's own company."""
    posting = call.world.postings.get(job_posting_id)
    if posting is None:
        raise NotFound("JobPosting", job_posting_id)
    if posting.company_id != call.company_id:
        raise Forbidden
    return posting


@jobs.field("Query", "marketplaceJobPosting")
def marketplace_job_posting(_: None, call: Call, id_: str) -> Posting:
    """One posting as anyone sees it; private ones are only seen by their company."""
    posting = call.world.postings.get(id_)
    if posting is None or (posting.visibility == "ACCESS_PRIVATE" and posting.company_id != call.company_id):
        raise NotFound("MarketplaceJobPosting", id_)
    return posting


@jobs.field("Query", "marketplaceJobPostingsContents")
def posting_contents(_: None, call: Call, ids: list[str]) -> list[dict[str, Any]]:
    """Title and description of several postings; unknown ids are missing."""
    found = [call.world.postings[one] for one in ids if one in call.world.postings]
    return [
        {
            "id": posting.id,
            "ciphertext": posting.ciphertext,
            "title": posting.title,
            "description": posting.description,
            "publishedDateTime": iso_compact(posting.created),
            "annotations": {"tags": [], "customFields": []},
        }
        for posting in found
    ]


def duration(posting: Posting) -> dict[str, Any]:
    """Give how long the work will take as an EngagementDuration."""
    own_id, label, weeks = DURATIONS[posting.duration]
    return {"id": own_id, "label": label, "weeks": weeks}


def estimated_duration(posting: Posting) -> dict[str, Any]:
    """Give how long the work will take as a ProposalEngagementDuration."""
    own_id, label, _ = DURATIONS[posting.duration]
    return {"id": own_id, "label": label}


def belongs_to(posting: Posting, org: Organization) -> bool:
    """Say whether an organization, or the team it is, made a posting."""
    return org.id in (posting.company_id, posting.team_id)


def _concept(concept: Any) -> dict[str, Any]:
    return {"id": concept.id, "name": concept.label, "slug": concept.slug}


def _attachments(posting: Posting) -> list[dict[str, Any]]:
    if posting.attachment is None:
        return []
    return [
        {
            "id": posting.record_number,
            "sequenceNumber": 1,
            "fileName": posting.attachment.rsplit("/", 1)[-1],
            "fileSize": 48_000,
            "link": posting.attachment,
            "contentLength": 48_000,
            "contentType": "application/pdf",
            "createdDateTime": iso_compact(posting.created),
        }
    ]


def _fixed_terms(posting: Posting) -> dict[str, Any]:
    return {"amount": Money(posting.amount), "maxAmount": None, "engagementDuration": duration(posting)}


def _hourly_terms(posting: Posting) -> dict[str, Any]:
    return {
        "engagementDuration": duration(posting),
        "engagementType": posting.workload,
        "notSureProjectDuration": False,
        "hourlyBudgetType": "MANUAL",
        "hourlyBudgetMin": (posting.hourly_min or 0) / 100,
        "hourlyBudgetMax": (posting.hourly_max or 0) / 100,
    }
