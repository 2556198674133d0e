"""Organizations, their teams and staff, and the companies behind them."""

from typing import Any

from app.sandbox.instants import iso_z
from app.sandbox.records.people import Organization, Staff
from app.sandbox.refusals import Forbidden, NotFound
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.resolvers.metadata import country
from app.sandbox.resolvers.paging import Pagination, connection, read_window

organizations = FieldTable()

STAFF_PAGE = 100

organizations.reads(
    "Query",
    organization=lambda _, call: call.organization,
    requestMetadata=lambda *_: {"sudo": False, "internal": False},
)
organizations.reads("Query", accountingEntity=lambda *_: {"id": "12"})
organizations.reads(
    "CurrentOrganization GenericOrganization",
    flag=lambda org, _: _flag(org),
    parentOrganization=lambda org, call: call.world.organizations.get(org.parent_id or ""),
    company=lambda org, call: call.world.organizations[org.root_id],
    creationDate=lambda org, _: iso_z(org.created),
)
organizations.reads(
    "PrivateCompanyInfo PublicCompanyInfo",
    logoURL=lambda org, _: org.photo_url,
)
organizations.reads(
    "PrivateCompanyInfo",
    legacyType=lambda org, _: "CLIENT" if org.legacy_type == "CLIENT" else "AGENCY",
    contactUser=lambda org, call: call.world.users.get(org.staffs[0].user_id) if org.staffs else None,
    displayName=lambda org, _: org.name,
    companyName=lambda org, _: org.name,
    summary=lambda org, _: org.description,
    paymentVerificationStatus=lambda org, _: org.payment_status,
    zip=lambda org, _: org.place.zip,
    phone=lambda *_: "+1 555 0100",
    address=lambda org, _: org.place.street,
)
organizations.reads(
    "PrivateCompanyInfo MarketplacePublicCompanyInfo",
    teamsEnabled=lambda org, _: bool(org.team_ids),
    canHire=lambda org, _: org.legacy_type == "CLIENT",
    includeInStats=lambda *_: True,
    country=lambda org, _: country(org.place.country),
    state=lambda org, _: org.place.state,
    city=lambda org, _: org.place.city,
    timezone=lambda org, _: org.place.time_zone,
    accountingEntity=lambda *_: "12",
    billingType=lambda *_: "BILL",
    paymentVerification=lambda org, _: {
        "status": org.payment_status,
        "paymentVerified": org.payment_status == "VERIFIED",
    },
    agencyDetails=lambda org, _: None if org.legacy_type == "CLIENT" else {"vetted": False, "topRatedStatus": None},
)
organizations.reads(
    "Staff",
    user=lambda staff, call: call.world.users[staff.user_id],
    creationDate=lambda staff, _: iso_z(staff.created),
)
organizations.reads("CompanyInfo", public=lambda org, _: org)


@organizations.field("Query", "companySelector")
def company_selector(_: None, call: Call) -> dict[str, Any]:
    """The organizations the caller can act for, the default one first."""
    return {"items": [_selectable(org) for org in call.world.organizations_of(call.user.id)]}


@organizations.field("Query", "company")
def company(_: None, call: Call, id_: str) -> Organization:
    """The company of an organization id; anyone may see that it exists."""
    found = call.world.organizations.get(id_)
    if found is None:
        raise NotFound("Company", id_)
    return found


@organizations.field("CompanyInfo", "private")
def private_company(org: Organization, call: Call) -> Organization:
    """The inside of a company, for its members only."""
    if not (org.employs(call.user.id) or call.world.organizations[org.root_id].employs(call.user.id)):
        raise Forbidden
    return org


@organizations.field("CurrentOrganization", "childOrganizations")
def child_organizations(
    org: Organization, call: Call, user_id: str | None = None, pagination: Pagination = None
) -> list[Organization]:
    """The teams of an organization, or those of them with the given user in."""
    start, count = read_window(pagination, first=1000, at_most=1000)
    teams = [team for team in call.world.teams_of(org.id) if user_id is None or team.employs(user_id)]
    return teams[start : start + count]


@organizations.field("CurrentOrganization", "childOrganization")
def child_organization(org: Organization, call: Call, id_: str, user_id: str | None = None) -> Organization:
    """One team of an organization."""
    if id_ not in org.team_ids:
        raise NotFound("Organization", id_)
    return call.world.organizations[id_]


@organizations.field("CurrentOrganization", "staffs")
def staffs(org: Organization, _: Call, pagination: Pagination = None) -> dict[str, Any]:
    """The members of an organization; here `after` is the id of the last staff seen."""
    wanted = pagination or {}
    start = _after_staff(org.staffs, wanted.get("after"))
    page = org.staffs[start : start + wanted.get("first", STAFF_PAGE)]
    return {
        "totalCount": len(org.staffs),
        "edges": [{"node": staff} for staff in page],
        "pageInfo": {
            "endCursor": page[-1].id if page else wanted.get("after"),
            "hasNextPage": start + len(page) < len(org.staffs),
        },
    }


@organizations.field("Query", "staffsByPersonId")
def staffs_by_person(_: None, call: Call, person_id: str, **__: Any) -> dict[str, Any]:
    """Where a person works, among the caller's organizations."""
    found = [
        staff
        for org in call.world.organizations.values()
        if call.world.is_within(org.id, call.company_id)
        for staff in org.staffs
        if staff.user_id == person_id
    ]
    return connection(found, 0, len(found))


def _after_staff(staffs: list[Staff], after: str | None) -> int:
    if not after or after == "0":
        return 0
    places = [place for place, staff in enumerate(staffs, start=1) if staff.id == after]
    return places[0] if places else len(staffs)


def _flag(org: Organization) -> dict[str, bool]:
    client = org.legacy_type == "CLIENT"
    sole = org.type == "SOLE_PROPRIETOR"
    return {"client": client, "vendor": not client, "agency": not client and not sole, "individual": sole}


def _selectable(org: Organization) -> dict[str, Any]:
    client = org.legacy_type == "CLIENT"
    return {
        "title": org.name,
        "photoUrl": org.photo_url,
        "organizationId": org.id,
        "organizationRid": org.rid,
        "organizationType": "Business" if org.type == "BUSINESS" else "SoleProprietor",
        "organizationLegacyType": "Client" if client else "Vendor",
        "organizationEnterpriseType": "Standard",
        "legacyEnterpriseOrganization": False,
        "typeTitle": "Client" if client else "Freelancer" if org.type == "SOLE_PROPRIETOR" else "Agency",
    }
