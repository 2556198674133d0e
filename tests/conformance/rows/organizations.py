"""The rows of companies, teams and their members."""

from __future__ import annotations

from typing import Any

from tests.conformance.calls import ORG, Call, Other
from tests.conformance.contracted import first_values, values_at
from tests.conformance.forms import words
from tests.conformance.rows.jobs import TEAM, let_the_company_have_a_team
from tests.conformance.worlds import World

PRINTED_BELOW = "the table prints `companies.company` for the root `company`"
OLD_NUMBER = "the old short number; `private.id` is the upstream's own (line 1707)"


def of_each_company(world: World, path: str) -> list[Any]:
    """What the root `company` tells of each company of the selector."""
    ids = values_at(world, "companySelector.items.organizationId")
    return [values_at(world, f"company.{path}", one) for one in ids]


def listed(*answers: list[Any]) -> list[Any]:
    """The first of several lists that has a value in each place, as texts."""
    return ["" if one is None else one for one in first_values(list(answers))]


def selected(world: World, name: str) -> Any:
    """A field of each company of the selector."""
    return values_at(world, f"companySelector.items.{name}")


COMPANIES = {
    "reference": Other(
        ("companySelector.items.organizationRid",),
        OLD_NUMBER,
        read=lambda world: listed(selected(world, "organizationRid"), selected(world, "organizationId")),
    ),
    "name": Other(
        ("company.private.companyName",),
        PRINTED_BELOW,
        read=lambda world: listed(of_each_company(world, "private.companyName"), selected(world, "title")),
    ),
    "payment_verification_status": Other(
        ("company.private.paymentVerification.status",),
        PRINTED_BELOW,
        read=lambda world: listed(of_each_company(world, "private.paymentVerification.status")),
    ),
}

CHILD = "organization.childOrganizations"
PLURAL = "the list is `childOrganizations`, and the company itself stands in it as its own parent"
SLUG = "ids were the old name-like ones, which other calls take"


def with_the_company(world: World, *names: str) -> list[Any]:
    """The first of these fields that is not null, of the company and of each of its teams."""
    company = first_values([values_at(world, f"organization.{name}") for name in names])
    teams = first_values([values_at(world, f"{CHILD}.{name}") for name in names])
    return ["" if one is None else one for one in [company, *teams]]


def parents(world: World) -> list[Any]:
    """The parent of each team, or the team itself where it has none."""
    return with_the_company(world, "parentOrganization.legacyId", "parentOrganization.id", "legacyId", "id")


def company_name(world: World) -> list[Any]:
    """The company is that which was asked, whatever team stands below it."""
    names = [values_at(world, f"organization.{name}") for name in ("parentOrganization.name", "name")]
    return [first_values(names) or ""] * len(with_the_company(world, "id"))


TEAMS = {
    "id": Other(
        (f"{CHILD}.legacyId", f"{CHILD}.id"), SLUG, read=lambda world: with_the_company(world, "legacyId", "id")
    ),
    "name": Other(
        (f"{CHILD}.name",),
        "a team's `company` describes the company, its `name` the team",
        read=lambda world: with_the_company(world, "name"),
    ),
    "parent_team__id": Other((f"{CHILD}.parentOrganization.legacyId",), SLUG, read=parents),
    "company_name": Other((f"{CHILD}.parentOrganization.name",), PLURAL, read=company_name),
}


def users_call(choice: str, reference: str, at: str, status: str = "active") -> Call:
    """The members of a team, or of the company that is named as its own team."""
    node = f"{at}.staffs.edges.node"
    stands = "a member has its user; the names are those that contracts have"
    return Call(
        "organizations/list_team_users",
        f"GET /api/hr/v2/teams/{reference}/users.json?status_in_team={status}",
        choice=choice,
        printed=("query.organization.childOrganization", at),
        at="users",
        moved={"Id": "users.id"},
        forms={
            "is_provider": words({"VENDOR": "1", "CLIENT": ""}),
            "status": words({1: "active", 2: "inactive"}),
        },
        others={
            "Id": Other((f"{node}.user.nid", f"{node}.user.id"), stands, lacks=False),
            "reference": Other((f"{node}.user.rid", f"{node}.id"), stands, lacks=False),
            "is_provider": Other(
                (f"{at}.legacyType",),
                "a member has no organisation; it is the one that was asked",
                read=lambda world: kinds(world, at),
            ),
            "status": Other((f"{node}.activationStatus",), "`staffType` tells invited from owner", lacks=False),
        },
        settled={"Staff.activationStatus": 1 if status == "active" else 2, "PageInfo.hasNextPage": False},
        there=frozenset({"CurrentOrganization.childOrganization"}),
        prepare=let_the_company_have_a_team,
    )


def kinds(world: World, at: str) -> list[str]:
    """The same for each member: whether the organisation offers work."""
    kind = values_at(world, f"{at}.legacyType")
    return ["1" if kind == "VENDOR" else ""] * len(values_at(world, f"{at}.staffs.edges.node"))


CALLS = [
    Call(
        "organizations/list_companies",
        "GET /api/hr/v2/companies.json",
        at="companies",
        others=COMPANIES,
    ),
    Call(
        "organizations/get_company",
        f"GET /api/hr/v2/companies/{ORG}.json",
        printed=("query.", ""),
        at="company",
        others={
            "reference": Other(("organization.rid", "organization.id", "company.private.id"), OLD_NUMBER, lacks=False),
            "name": Other(
                ("company.private.companyName", "company.private.name"),
                "a company without a company name has a name",
                lacks=False,
            ),
        },
        told=(ORG,),
        there=frozenset({"CompanyInfo.private"}),
    ),
    Call(
        "organizations/list_teams",
        "GET /api/hr/v2/teams.json",
        at="teams",
        others=TEAMS,
    ),
    users_call("team", TEAM, "organization.childOrganization"),
    users_call("team", TEAM, "organization.childOrganization", "inactive"),
    users_call("company", ORG, "organization"),
]
