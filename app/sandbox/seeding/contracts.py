"""Offers, the contracts that came of them, and their terms."""

from dataclasses import dataclass
from random import Random

from app.sandbox.instants import BASE_MS, DAY_MS, MINUTE_MS
from app.sandbox.records.people import Organization, User
from app.sandbox.records.work import Contract, HourlyLimit, Offer, Posting, Proposal, Term
from app.sandbox.seeding.milestones import grow_milestones
from app.sandbox.seeding.people import own_organization
from app.sandbox.world import World

OFFER_COUNTS = {"Acme Ltd": 90, "Birchwood Labs": 14, "Cobalt Studio": 12}


@dataclass(frozen=True, slots=True)
class Deal:
    """Who works for whom on which posting, and how far it has come: `fate` is pending, active, paused or closed."""

    posting: Posting
    freelancer: User
    team: Organization
    fate: str
    number: int


def grow_contracts(world: World, random: Random) -> None:
    """Add proposals, offers and contracts of the three companies; the very first contract is hourly and active."""
    freelancers = [user for user in world.users.values() if user.is_freelancer]
    for company in [org for org in world.organizations.values() if org.name in OFFER_COUNTS]:
        postings = [posting for posting in world.postings.values() if posting.company_id == company.id]
        postings.sort(key=lambda posting: (posting.status != "FILLED", posting.id))
        for number in range(OFFER_COUNTS[company.name]):
            freelancer = freelancers[0] if number % 14 == 0 else random.choice(freelancers)
            posting = postings[number % len(postings)]
            _grow_deal(
                world, random, Deal(posting, freelancer, world.organizations[posting.team_id], _fate(number), number)
            )
    _grow_proposals(world, random, freelancers)


def _fate(number: int) -> str:
    if number % 7 == 6:
        return "pending"
    return ("active", "active", "closed", "active", "paused", "closed")[number % 6]


def _grow_deal(world: World, random: Random, deal: Deal) -> None:
    started = BASE_MS - random.randrange(40, 420) * DAY_MS - random.randrange(0, 1440) * MINUTE_MS
    if deal.number == 0:
        deal.posting.work_type, deal.posting.hourly_min, deal.posting.hourly_max = "HOURLY", 2000, 5000
    proposal = _proposal(world, random, deal.posting, deal.freelancer, started - 3 * DAY_MS)
    proposal.status = "Offered" if deal.fate == "pending" else "Hired"
    offer = _offer(world, random, deal, proposal, started)
    world.offers[offer.id] = offer
    if deal.fate != "pending":
        contract = _contract(world, random, deal, offer)
        world.add_contract(contract)
        if offer.work_type == "FIXED":
            grow_milestones(world, contract, offer)


def _proposal(world: World, random: Random, posting: Posting, user: User, created: int) -> Proposal:
    profile = world.profiles[user.id]
    proposal = Proposal(
        id=world.mint.uid("proposal"),
        posting_id=posting.id,
        user_id=user.id,
        organization_id=profile.agency_id or own_organization(world, user.id).id,
        status="Pending",
        cover_letter=f"Hello, I have done work like this before: {posting.title.lower()}.",
        rate=profile.rate + random.choice((0, 0, 500)),
        created=created,
    )
    world.proposals[proposal.id] = proposal
    return proposal


def _offer(world: World, random: Random, deal: Deal, proposal: Proposal, started: int) -> Offer:
    hourly = deal.posting.work_type == "HOURLY"
    agency_id = world.profiles[deal.freelancer.id].agency_id
    closed = deal.fate == "closed"
    contacts = [staff.user_id for staff in deal.team.staffs if staff.activation_status == 1]
    return Offer(
        id=world.mint.uid("offer"),
        title=deal.posting.title,
        posting_id=deal.posting.id,
        proposal_id=proposal.id,
        client_id=deal.posting.company_id,
        team_id=deal.team.id,
        contact_id=random.choice(contacts),
        freelancer_id=deal.freelancer.id,
        vendor_id=proposal.organization_id,
        agency_id=agency_id,
        work_type=deal.posting.work_type,
        state="PENDING_VENDOR_ACCEPTANCE" if deal.fate == "pending" else "ACCEPTED",
        created=started - DAY_MS,
        started=started,
        ended=min(BASE_MS - DAY_MS, started + random.randrange(15, 90) * DAY_MS) if closed else None,
        rate=proposal.rate if hourly else None,
        weekly_hours=random.choice((10, 20, 40)) if hourly else None,
        budget=None if hourly else random.choice((15_000, 50_000, 123_456, 300_000)),
        message="We would like to work with you.",
    )


def _contract(world: World, random: Random, deal: Deal, offer: Offer) -> Contract:
    own_id = world.mint.contract()
    return Contract(
        id=own_id,
        offer_id=offer.id,
        title=offer.title,
        status="CLOSED" if deal.fate == "closed" else "PAUSED" if deal.fate == "paused" else "ACTIVE",
        kind="STAFF_AUG",
        created=offer.started,
        modified=offer.ended or offer.started + 10 * DAY_MS,
        started=offer.started,
        ended=offer.ended,
        terms=_terms(world, offer, own_id, deal.number),
        limits=_limits(world, offer),
        client_score=round(random.uniform(3.5, 5.0), 2) if deal.fate == "closed" else None,
        freelancer_score=round(random.uniform(4.0, 5.0), 2) if deal.fate == "closed" else None,
        closing_reason="Job completed successfully" if deal.fate == "closed" else None,
        hides_screenshots=deal.number % 11 == 10,
    )


def _terms(world: World, offer: Offer, contract_id: str, number: int) -> list[Term]:
    """The first term carries the contract's own number; some hourly contracts got a better rate later."""
    if offer.rate is None:
        return [Term(contract_id, offer.started, offer.ended, fixed=offer.budget)]
    first = Term(contract_id, offer.started, offer.ended, rate=offer.rate, manual_time_allowed=number % 4 != 3)
    if number % 10 == 8:
        first.stipend, first.stipend_hours = 25_000, 5
    if number % 6 != 3:
        return [first]
    first.ended = offer.started + 20 * DAY_MS
    return [first, Term(world.mint.contract(), first.ended, offer.ended, rate=offer.rate + 500)]


def _limits(world: World, offer: Offer) -> list[HourlyLimit]:
    if offer.weekly_hours is None:
        return []
    return [HourlyLimit(world.mint.short("limit"), offer.weekly_hours, offer.started, offer.ended)]


def _grow_proposals(world: World, random: Random, freelancers: list[User]) -> None:
    open_postings = [posting for posting in world.postings.values() if posting.status == "REQUESTED"]
    for posting in open_postings[:60]:
        for freelancer in random.sample(freelancers, 2):
            _proposal(world, random, posting, freelancer, posting.created + 2 * DAY_MS)
