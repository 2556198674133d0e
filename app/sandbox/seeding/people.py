"""Users, the three client companies with teams, the agencies, and every freelancer's own organization."""

from itertools import cycle
from random import Random

from app.sandbox.instants import BASE_MS, DAY_MS
from app.sandbox.records.people import Organization, PaymentStatus, Staff, User
from app.sandbox.seeding.words import FIRST_NAMES, LAST_NAMES, PLACES, listed
from app.sandbox.world import Cast, World

CLIENTS = ("Acme Ltd", "Birchwood Labs", "Cobalt Studio")
TEAMS = {
    "Acme Ltd": ("Design team", "Platform team", "Content team", "Research team"),
    "Birchwood Labs": ("Core team", "Growth team"),
    "Cobalt Studio": ("Production", "Archive"),
}
AGENCIES = {"Northlight Agency": ("Northlight Web", "Northlight Media"), "Delta Works": ("Delta Crew",)}
OUTSIDE_CLIENTS = listed(
    "Fernhill Foods;Harbor Clinics;Quill & Co;Solstice Travel;Tern Logistics;Umber Books;Vela Energy;Wren Music;"
    "Yarrow Toys;Zephyr Bikes"
)
EMPLOYEES = 13
USERS = 62


def grow_people(world: World, random: Random) -> None:
    """Add users and organizations, and settle who plays the main parts."""
    people = [_user(world, index) for index in range(USERS)]
    employees, freelancers = people[:EMPLOYEES], people[EMPLOYEES:]
    companies = {name: _company(world, random, name, "CLIENT", TEAMS[name]) for name in CLIENTS}
    main, second, other = companies.values()
    _employ(world, main, employees[:7])
    _employ(world, second, [employees[7], employees[0], employees[8], employees[9]])
    _employ(world, other, employees[10:13])
    statuses: cycle[PaymentStatus] = cycle(("VERIFIED", "ACTIVE", "DECLINED", "ONHOLD", "VERIFIED"))
    for name in OUTSIDE_CLIENTS:
        _company(world, random, name, "CLIENT", ()).payment_status = next(statuses)
    agencies = [_company(world, random, name, "VENDOR", teams) for name, teams in AGENCIES.items()]
    for agency, members in zip(agencies, (freelancers[1:7], freelancers[7:11]), strict=True):
        _employ(world, agency, members)
    for freelancer in freelancers:
        _sole_proprietor(world, random, freelancer)
    world.cast = Cast(
        client_user=employees[0].id,
        main_company=main.id,
        second_company=second.id,
        freelancer=freelancers[0].id,
        stranger=employees[10].id,
        other_company=other.id,
    )


def own_organization(world: World, user_id: str) -> Organization:
    """Give the one-person organization a freelancer works through."""
    return next(org for org in world.organizations.values() if org.type == "SOLE_PROPRIETOR" and org.employs(user_id))


def _user(world: World, index: int) -> User:
    first, last = FIRST_NAMES[index], LAST_NAMES[index]
    nid = f"{first}{last}".lower() if index % 3 else f"{first[:4]}{last[:3]}".lower()
    return world.add_user(
        User(
            id=world.mint.uid("user"),
            nid=nid,
            rid=world.mint.short("user"),
            ciphertext=world.mint.ciphertext("user"),
            first_name=first,
            last_name=last,
            email=f"{nid}@example.invalid",
            place=PLACES[index % len(PLACES)],
            is_freelancer=index >= EMPLOYEES,
        )
    )


def _company(world: World, random: Random, name: str, legacy_type: str, teams: tuple[str, ...]) -> Organization:
    company = world.add_organization(_organization(world, random, name, legacy_type, None))
    for team in teams:
        world.add_organization(_organization(world, random, team, legacy_type, company.id))
    return company


def _organization(world: World, random: Random, name: str, legacy_type: str, parent_id: str | None) -> Organization:
    return Organization(
        id=world.mint.uid("organization"),
        rid=world.mint.short("organization"),
        legacy_id=world.mint.slug("organization"),
        name=name,
        type="BUSINESS",
        legacy_type="CLIENT" if legacy_type == "CLIENT" else "VENDOR",
        parent_id=parent_id,
        created=BASE_MS - random.randrange(900, 3000) * DAY_MS,
        place=random.choice(PLACES),
        description=f"{name} gets work done with people everywhere.",
        hires=random.randrange(1, 240),
        feedback=round(random.uniform(3.6, 5.0), 2),
    )


def _sole_proprietor(world: World, random: Random, user: User) -> None:
    organization = _organization(world, random, user.name, "VENDOR", None)
    organization.type = "SOLE_PROPRIETOR"
    organization.place = user.place
    world.add_organization(organization)
    _join(world, organization, user, 3)


def _employ(world: World, company: Organization, members: list[User]) -> None:
    for index, member in enumerate(members):
        _join(world, company, member, 3 if index == 0 else 2)
        for place, team in enumerate(world.teams_of(company.id)):
            if index == 0 or (index + place) % 2:
                _join(world, team, member, 3 if index == 0 else 2)
    last = company.staffs[-1]
    last.activation_status = 2 if len(company.staffs) > 4 else 1


def _join(world: World, organization: Organization, user: User, staff_type: int) -> None:
    organization.staffs.append(
        Staff(
            world.mint.short("staff"), user.id, 1, staff_type, organization.created + len(organization.staffs) * DAY_MS
        )
    )
