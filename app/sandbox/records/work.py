"""What leads from a job posting to paid work: proposals, offers, contracts with their terms, milestones."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

WorkType: TypeAlias = Literal["HOURLY", "FIXED"]


@dataclass(slots=True)
class Posting:
    """A job posting; the buyer's, the public and the search view are all taken from it. Amounts in cents."""

    id: str
    ciphertext: str
    record_number: str
    company_id: str
    team_id: str
    poster_id: str
    title: str
    description: str
    work_type: WorkType
    status: str
    visibility: str
    created: int
    filled: int | None
    category_id: str
    subcategory_id: str
    service_id: str
    skill_ids: tuple[str, ...]
    duration: str
    workload: str
    experience: str
    amount: int
    hourly_min: int | None
    hourly_max: int | None
    persons_to_hire: int
    applicants: int
    attachment: str | None
    contractor_type: str
    keep_open_on_hire: bool
    premium: bool
    enterprise: bool
    countries: tuple[str, ...] = ()


@dataclass(slots=True)
class Proposal:
    """A freelancer's application to a posting, seen from either side. Rate in cents."""

    id: str
    posting_id: str
    user_id: str
    organization_id: str
    status: str
    cover_letter: str
    rate: int
    created: int


@dataclass(slots=True)
class HourlyLimit:
    """How many hours a week may be billed from a day on."""

    id: str
    hours: int
    created: int
    ended: int | None = None


@dataclass(slots=True)
class Term:
    """What was agreed for a stretch of time. Rate, fixed amount and stipend in cents."""

    id: str
    started: int
    ended: int | None
    rate: int | None = None
    fixed: int | None = None
    stipend: int | None = None
    stipend_hours: int | None = None
    manual_time_allowed: bool = True


@dataclass(slots=True)
class Submission:
    """Work handed in for a milestone. Amount in cents; `revision` is the client's note when it was sent back."""

    id: str
    created: int
    amount: int
    sequence_id: int
    message: str
    revision: str | None = None
    revised: int | None = None


@dataclass(slots=True)
class Milestone:
    """A paid step of a fixed-price contract. All amounts in cents.

    Money is conserved: what was funded is in escrow, paid, or returned, so
    `funded == escrow + paid_from_escrow + returned`, and `paid` counts top-ups beyond the deposit as well.
    """

    id: str
    contract_id: str
    creator_id: str
    sequence_id: int
    description: str
    instructions: str | None
    state: str
    deposit: int
    due: int | None
    created: int
    modified: int
    funded: int = 0
    escrow: int = 0
    paid: int = 0
    overpayment: int = 0
    bonus: int = 0
    returned: int = 0
    comments: str | None = None
    submissions: list[Submission] = field(default_factory=list)


@dataclass(slots=True)
class Offer:
    """An offer to a freelancer; once taken it has a contract. Amounts in cents."""

    id: str
    title: str
    posting_id: str
    proposal_id: str | None
    client_id: str
    team_id: str
    contact_id: str
    freelancer_id: str
    vendor_id: str
    agency_id: str | None
    work_type: WorkType
    state: str
    created: int
    started: int
    ended: int | None
    rate: int | None
    weekly_hours: int | None
    budget: int | None
    message: str
    contract_id: str | None = None


@dataclass(slots=True)
class Contract:
    """A contract with its terms, oldest first; the last one is in force. `id` and every term id are 8 digits."""

    id: str
    offer_id: str
    title: str
    status: Literal["ACTIVE", "PAUSED", "CLOSED"]
    kind: str
    created: int
    modified: int
    started: int
    ended: int | None
    terms: list[Term]
    limits: list[HourlyLimit]
    milestone_ids: list[str] = field(default_factory=list)
    client_score: float | None = None
    freelancer_score: float | None = None
    closing_reason: str | None = None
    hides_screenshots: bool = False


@dataclass(slots=True)
class Activity:
    """A task of a team that time can be booked on."""

    record_id: str
    code: str
    description: str
    url: str | None
    company_id: str
    team_id: str
    user_id: str | None
    created: int
    status: Literal["active", "archived"] = "active"
    contract_ids: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Payment:
    """A bonus paid outside milestones. Amount in cents."""

    invoice_id: str
    contract_id: str
    amount: int
    comment: str
    notes: str
    allow_subsequent: bool
    created: int
