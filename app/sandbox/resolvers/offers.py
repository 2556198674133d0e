"""Offers, and the lists of offers and contracts that an organization sees as client or as agency."""

from collections.abc import Callable, Iterable
from typing import Any

from app.sandbox.instants import iso_z, read_instant
from app.sandbox.money import money
from app.sandbox.records.people import Organization, User
from app.sandbox.records.work import Contract, Offer
from app.sandbox.refusals import Forbidden, NotFound, WrongInput
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.resolvers.paging import connection, read_window

offers = FieldTable()

OFFER_PAGE_MOST = 50
STATES = {"ACTIVE": "Active", "PAUSED": "Paused", "CLOSED": "Ended"}
_NO_CUSTOM_FIELDS: dict[str, Any] = {"edges": [], "pageInfo": {"endCursor": None, "hasNextPage": False}}
_SORT_KEYS: dict[str, Callable[[Offer], Any]] = {
    "title": lambda offer: offer.title,
    "startDateTime": lambda offer: offer.started,
    "endDateTime": lambda offer: offer.ended or 0,
    "offerCreatedDateTime": lambda offer: offer.created,
    "lastUpdatedDateTime": lambda offer: offer.started,
}


def _milestones(offer: Offer, call: Call) -> list[Any]:
    contract: Contract | None = call.world.contracts.get(offer.contract_id or "")
    return [call.world.milestones[one] for one in contract.milestone_ids] if contract else []


def state_of(offer: Offer, call: Call) -> str:
    """Give the state of an offer or, once there is one, of its contract."""
    contract = call.world.contracts.get(offer.contract_id or "")
    return STATES[contract.status] if contract else "Pending"


def _milestone_state(offer: Offer, call: Call) -> str | None:
    states: list[str] = [milestone.state for milestone in _milestones(offer, call)]
    unsettled = [state for state in states if state not in {"Paid", "NotFundedClosed"}]
    return next(iter(unsettled or states), None)


offers.reads(
    "Offer",
    description=lambda offer, call: call.world.postings[offer.posting_id].description,
    type=lambda offer, _: "MARKET_PLACE_HOURLY" if offer.work_type == "HOURLY" else "MARKET_PLACE_FIXED_PRICE",
    job=lambda offer, call: call.world.postings[offer.posting_id],
    vendorProposal=lambda offer, call: call.world.proposals.get(offer.proposal_id or ""),
    closeJobPostingOnAccept=lambda *_: True,
    client=lambda offer, call: call.world.organizations[offer.client_id],
    clientCompany=lambda offer, call: call.world.organizations[offer.client_id],
    offerTerms=lambda offer, _: {
        "expectedStartDate": iso_z(offer.started),
        "expectedEndDate": None,
        "fixedPriceTerm": {"budget": money(offer.budget)} if offer.budget else None,
        "hourlyTerms": _hourly_terms(offer) if offer.rate else None,
    },
    messageToContractor=lambda offer, _: offer.message,
    milestones=_milestones,
    createdUsingBYOFlow=lambda *_: False,
    freelancer=lambda offer, call: call.world.profiles[offer.freelancer_id],
    payrollOffer=lambda *_: False,
    deliveryModel=lambda *_: "TalentMarketplace",
    offerFeatures=lambda *_: {"onSiteType": "REMOTE", "eor": False},
)
offers.reads(
    "ContractOfferResult",
    company=lambda offer, call: call.world.organizations[offer.client_id],
    team=lambda offer, call: call.world.organizations[offer.team_id],
    agency=lambda offer, call: call.world.organizations.get(offer.agency_id or ""),
    contactPerson=lambda offer, call: call.world.users[offer.contact_id],
    freelancer=lambda offer, call: call.world.users[offer.freelancer_id],
    startDateTime=lambda offer, _: iso_z(offer.started),
    endDateTime=lambda offer, _: iso_z(offer.ended),
    type=lambda offer, _: "Hourly" if offer.work_type == "HOURLY" else "FixedPrice",
    state=state_of,
    milestoneState=_milestone_state,
    lastUpdatedDateTime=lambda offer, _: iso_z(offer.started),
    lastPublishedDateTime=lambda offer, _: iso_z(offer.created),
    inPrivateTalentCloud=lambda *_: False,
    offerCreatedDateTime=lambda offer, _: iso_z(offer.created),
    offer=lambda offer, _: offer,
    contract=lambda offer, call: call.world.contracts.get(offer.contract_id or ""),
    contractDetails=lambda offer, call: call.world.contracts.get(offer.contract_id or ""),
    catalogProject=lambda *_: False,
)


@offers.field("Offer MarketplaceJobPosting", "customFields")
def custom_fields(*_: Any, **__: Any) -> dict[str, Any]:
    """No organization here has custom fields."""
    return _NO_CUSTOM_FIELDS


@offers.field("Query", "offer")
def offer_by_id(_: None, call: Call, id_: str) -> Offer:
    """One offer that the caller's organization made or was made."""
    offer = call.world.offers.get(id_)
    if offer is None:
        raise NotFound("Offer", id_)
    if call.company_id not in (offer.client_id, call.world.organizations[offer.vendor_id].root_id):
        raise Forbidden
    return offer


@offers.field("CurrentOrganization GenericOrganization", "clientOffers")
def client_offers(
    org: Organization,
    call: Call,
    pagination: dict[str, Any],
    offer_by_client_filter: dict[str, Any] | None = None,
    sort_attribute: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The offers and contracts of an organization as the client."""
    _demand_own(call, org)
    return _page(call, call.world.offers_of_client(org.id), offer_by_client_filter, sort_attribute, pagination)


@offers.field("CurrentOrganization GenericOrganization", "agencyOffers")
def agency_offers(
    org: Organization,
    call: Call,
    pagination: dict[str, Any],
    offer_by_root_company_filter: dict[str, Any] | None = None,
    sort_attribute: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The offers and contracts of an organization as the vendor."""
    _demand_own(call, org)
    own = (offer for offer in call.world.offers.values() if offer.vendor_id == org.id)
    return _page(call, own, offer_by_root_company_filter, sort_attribute, pagination)


@offers.field("CurrentUser", "offer")
def freelancer_offers(
    user: User,
    call: Call,
    pagination: dict[str, Any],
    offer_for_freelancer_filter: dict[str, Any] | None = None,
    sort_attribute: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The offers and contracts of the current user as a freelancer."""
    own = (offer for offer in call.world.offers.values() if offer.freelancer_id == user.id)
    return _page(call, own, offer_for_freelancer_filter, sort_attribute, pagination)


def _demand_own(call: Call, org: Organization) -> None:
    if not call.world.is_within(org.id, call.company_id):
        raise Forbidden


def _page(
    call: Call,
    found: Iterable[Offer],
    wanted: dict[str, Any] | None,
    sort: dict[str, Any] | None,
    pagination: dict[str, Any],
) -> dict[str, Any]:
    if pagination["first"] > OFFER_PAGE_MOST:
        raise WrongInput(f"first must not be greater than {OFFER_PAGE_MOST}")
    window = read_window(pagination, first=OFFER_PAGE_MOST, at_most=OFFER_PAGE_MOST)
    chosen = [offer for offer in found if _suits(offer, call, wanted or {})]
    key = _SORT_KEYS.get((sort or {}).get("field", "offerCreatedDateTime"))
    if key is None:
        raise WrongInput("sortAttribute.field")
    chosen.sort(key=lambda offer: (key(offer), offer.id), reverse=(sort or {}).get("sort_order", "DESC") == "DESC")
    return connection(chosen, *window)


def _suits(offer: Offer, call: Call, wanted: dict[str, Any]) -> bool:
    common = wanted.get("common_filter") or {}
    values = {
        "team_id_any": offer.team_id,
        "contact_person_id_any": offer.contact_id,
        "freelancer_id_any": offer.freelancer_id,
        "client_org_id_any": offer.client_id,
        "agency_team_org_id_any": offer.vendor_id,
        "agency_root_company_org_id_any": offer.agency_id,
        "offer_type_any": "Hourly" if offer.work_type == "HOURLY" else "FixedPrice",
        "agreement_kind_any": "Contract" if offer.contract_id else "Offer",
        "milestone_state_any": _milestone_state(offer, call) if wanted.get("milestone_state_any") else None,
        "escrow_refund_status_any": None,
    }
    if any(wanted.get(name) and value not in wanted[name] for name, value in values.items()):
        return False
    states, text = common.get("states_any"), common.get("text_eq")
    return (
        (not states or state_of(offer, call) in states)
        and (not text or text.lower() in offer.title.lower())
        and not common.get("catalog_project")
        and _is_between(offer.started, common.get("start_date_period_bt"))
        and _is_between(offer.ended, common.get("end_date_period_bt"))
    )


def _is_between(instant: int | None, period: list[str] | None) -> bool:
    if not period:
        return True
    try:
        bounds = [read_instant(text) for text in period]
    except ValueError:
        raise WrongInput("period") from None
    return instant is not None and bounds[0] <= instant <= bounds[-1]


def _hourly_terms(offer: Offer) -> dict[str, Any]:
    return {
        "rate": money(offer.rate),
        "weeklyHoursLimit": offer.weekly_hours,
        "weeklyStipend": None,
        "manualTimeAllowed": True,
    }
