"""Which scopes a `Type.field` needs, and which fields of a request a token may not have.

One of the scopes named for a field is enough; a field with none is free. The areas follow the contract's scope lists.
Two scopes are the sandbox's own inventions: `EXTENDED` for the fields that live keys were refused although they had the
scope of the area, and `WITHDRAWN` for fields that only the documentation knows and that no ordinary key reads.
"""

from collections.abc import Iterable

from graphql import GraphQLObjectType

from app.sandbox.executable import LiveSchema

COMMON = "Common Entities - Read-Only Access"
MESSAGES_READ = "Messaging - Read-Only Access"
MESSAGES_WRITE = "Messaging - Read and Write Access"
OFFER_READ = "Offer - Read-Only Access"
OFFER_WRITE = "Offer - Read And Write Access"
PAYMENTS = "Payments - Read and Write Access"
PROFILE = "Freelancer Profile - Read And Write Access"
TALENT = "Talent Profile - Read-Only Access"
DIARY = "Read Work diary company for public user"
ACTIVITY_READ = "Activity Entities - Read-Only Access"
ACTIVITY_WRITE = "Activity Entities - Read and Write Access"
ONTOLOGY = "Ontology - Read-Only Access"
USER_DETAILS = "View UserDetails - Read only"
JOBS = "Read marketplace Job Postings"
SNAPSHOTS = "Read snapshots information"
EXTENDED = "Extended entity details (sandbox)"
WITHDRAWN = "Withdrawn personal data (sandbox)"

ALL_SCOPES = frozenset(
    {
        COMMON, MESSAGES_READ, MESSAGES_WRITE, OFFER_READ, OFFER_WRITE, PAYMENTS, PROFILE, TALENT, DIARY, ACTIVITY_READ,
        ACTIVITY_WRITE, ONTOLOGY, USER_DETAILS, JOBS, SNAPSHOTS, EXTENDED,
    }
)  # fmt: skip

_MESSAGES = frozenset({MESSAGES_READ, MESSAGES_WRITE})
_OFFERS = frozenset({OFFER_READ, OFFER_WRITE})
_ACTIVITIES = frozenset({ACTIVITY_READ, ACTIVITY_WRITE})
_PROFILES = frozenset({PROFILE, TALENT})
_POSTINGS = _OFFERS | {JOBS}

# The first line that a type's name starts with decides; what none fits is a common entity.
_TYPES: tuple[tuple[str, frozenset[str]], ...] = (
    ("Money PageInfo Page DateTime StringMapElement PagingInfo", frozenset()),
    ("Room MessageAttachments UpdateRoomStoryResponse", _MESSAGES),
    ("VendorProposal ClientProposal Proposal", _OFFERS | _MESSAGES | {JOBS}),
    ("Skill Occupation JobCategory OntologyE", _POSTINGS | _PROFILES | {ONTOLOGY, COMMON}),
    ("Ontology", frozenset({ONTOLOGY})),
    ("HourlyContractTerms FixedPriceContractTerms JobPosting JobActivity JobSub Market Area Applications", _POSTINGS),
    ("EngagementDuration Segmentation Preferred CustomJob CustomFields", _POSTINGS),
    ("CustomPayment", frozenset({PAYMENTS})),
    ("Contract Offer Milestone Submission Hourly FixedPrice Stipend Feedback ClientFeedback Closing Ptc", _OFFERS),
    ("FreelancerFeedback FreelancerClient Purchase TimeReport BillRate", _OFFERS),
    ("WorkFlow", _POSTINGS),
    ("Work Cell", frozenset({DIARY})),
    ("Snapshot", frozenset({SNAPSHOTS})),
    ("Freelancer FreeLancer Talent SemSearch Search Phone PersonalData Portrait PrivateTalent", _PROFILES),
    ("Activit", _ACTIVITIES),
    ("Process", frozenset({ACTIVITY_WRITE})),
    ("PiiUser", frozenset({USER_DETAILS})),
    ("UserLocation", frozenset({USER_DETAILS, COMMON})),
)
_ROOTS: dict[str, frozenset[str]] = {
    "room roomList roomStories roomStory offerRoom contractRoom proposalRoom oneOnOneRoom publicRooms": _MESSAGES,
    "contract contractByTerm contractDetails contractTerm contractList offer vendorContracts": _OFFERS,
    "contractTimeReport": _OFFERS,
    "clientProposal clientProposals vendorProposal": _OFFERS | {JOBS},
    "jobPosting marketplaceJobPosting marketplaceJobPostings marketplaceJobPostingsContents": frozenset({JOBS}),
    "marketplaceJobPostingsSearch": frozenset({JOBS}),
    "freelancerProfileByProfileKey search": frozenset({PROFILE}),
    "talentProfileByProfileKey": frozenset({TALENT}),
    "ontologyCategories ontologySkills": frozenset({ONTOLOGY}),
    "snapshotsByContractId": frozenset({SNAPSHOTS}),
    "workDays workDiaryCompany workDiaryContract": frozenset({DIARY}),
    "teamActivities": _ACTIVITIES,
    "userDetails": frozenset({USER_DETAILS}),
    "createMilestoneV2 editMilestone activateMilestone approveMilestone deleteMilestone": frozenset({OFFER_WRITE}),
    "rejectSubmittedMilestone": frozenset({OFFER_WRITE}),
    "createRoomV2 createRoomStoryV2 updateRoomV2 updateRoomStoryV2 archiveRoom": frozenset({MESSAGES_WRITE}),
    "addUserToRoom removeUserFromRoom roomCreate1on1IfNotExists": frozenset({MESSAGES_WRITE}),
    "addTeamActivity updateTeamActivity archiveTeamActivity unarchiveTeamActivity": frozenset({ACTIVITY_WRITE}),
    "assignTeamActivityToTheContract": frozenset({ACTIVITY_WRITE}),
    "sendCustomPayment": frozenset({PAYMENTS}),
}
_FIELDS: dict[str, frozenset[str]] = {
    "CurrentOrganization.clientOffers CurrentOrganization.agencyOffers CurrentUser.offer": _OFFERS,
    "GenericOrganization.clientOffers GenericOrganization.agencyOffers": _OFFERS,
    "CurrentOrganization.jobPosting GenericOrganization.jobPosting PrivateCompanyInfo.jobPosts": frozenset({JOBS}),
    "CurrentUser.freelancerProfile GenericUser.freelancerProfile": frozenset({PROFILE}),
    "CurrentUser.talentProfile GenericUser.talentProfile": frozenset({TALENT}),
    "FreelancerProfile.countryDetails GenericUser.ciphertext GenericOrganization.legacyId": frozenset({EXTENDED}),
    "GenericOrganization.photoUrl ContractDetails.projectId": frozenset({EXTENDED}),
}


class ScopeRules:
    """The scopes of every `Type.field` of a schema, worked out once."""

    def __init__(self, live: LiveSchema) -> None:
        roots = {f"{root}.{name}": need for root in ("Query", "Mutation") for name, need in _spread(_ROOTS)}
        special = roots | dict(_spread(_FIELDS)) | dict.fromkeys(live.documented_only, frozenset({WITHDRAWN}))
        self._needs = {
            coordinate: special.get(coordinate, need)
            for named in live.schema.type_map.values()
            if isinstance(named, GraphQLObjectType)
            for need in (_type_needs(named.name),)
            for coordinate in (f"{named.name}.{field}" for field in named.fields)
        }

    def missing(self, coordinates: Iterable[str], scopes: frozenset[str]) -> list[str]:
        """Give, in alphabetical order, the fields that none of the scopes opens."""
        needs = self._needs
        return sorted(one for one in coordinates if (need := needs.get(one)) and scopes.isdisjoint(need))


def denial(fields: Iterable[str]) -> str:
    """Give the words with which the upstream refuses fields for lack of scopes."""
    listed = ", ".join(fields)
    return f"The client or authentication token doesn't have enough oauth2 permissions/scopes to access: [{listed}]."


def _type_needs(type_name: str) -> frozenset[str]:
    for prefixes, need in _TYPES:
        if type_name.startswith(tuple(prefixes.split())):
            return need
    return frozenset({COMMON})


def _spread(table: dict[str, frozenset[str]]) -> Iterable[tuple[str, frozenset[str]]]:
    return ((name, need) for names, need in table.items() for name in names.split())
