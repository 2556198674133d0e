"""Job postings of the client companies and of outsiders: the hits of a job search."""

from random import Random

from app.sandbox.instants import BASE_MS, DAY_MS, MINUTE_MS
from app.sandbox.records.people import Organization
from app.sandbox.records.work import Posting, WorkType
from app.sandbox.seeding.vocabulary import categories
from app.sandbox.seeding.words import PLACES, PROJECTS, country_name
from app.sandbox.world import World

DURATIONS = ("WEEK", "MONTH", "QUARTER", "SEMESTER", "ONGOING")
WORKLOADS = ("FULL_TIME", "PART_TIME", "AS_NEEDED", "NOT_SURE")
LEVELS = ("ENTRY_LEVEL", "INTERMEDIATE", "EXPERT")
COUNTS = {"Acme Ltd": 90, "Birchwood Labs": 24, "Cobalt Studio": 16}
OUTSIDE_COUNT = 27


def grow_jobs(world: World, random: Random) -> None:
    """Add the postings: of the outsiders all are open, of the three companies most are filled."""
    clients = [org for org in world.organizations.values() if org.legacy_type == "CLIENT" and org.parent_id is None]
    for company in clients:
        inside = company.name in COUNTS
        for number in range(COUNTS.get(company.name, OUTSIDE_COUNT)):
            status = "REQUESTED" if not inside or number % 5 == 4 else "CANCELLED" if number % 9 == 8 else "FILLED"
            posting = _posting(world, random, company, status)
            world.postings[posting.id] = posting


def _posting(world: World, random: Random, company: Organization, status: str) -> Posting:
    teams = world.teams_of(company.id) or [company]
    category = random.choice(categories(world))
    subcategory = world.concepts[random.choice(category.child_ids)]
    work_type: WorkType = random.choice(("HOURLY", "FIXED"))
    title = random.choice(PROJECTS)
    created = BASE_MS - random.randrange(1, 700 if status != "REQUESTED" else 60) * DAY_MS
    created -= random.randrange(0, 1440) * MINUTE_MS
    minimum = random.randrange(8, 60) * 100
    hourly = work_type == "HOURLY"
    posters = [staff.user_id for staff in company.staffs] or list(world.users)[:1]
    return Posting(
        id=world.mint.job_uid(),
        ciphertext=world.mint.ciphertext("job"),
        record_number=world.mint.short("record"),
        company_id=company.id,
        team_id=random.choice(teams).id,
        poster_id=random.choice(posters),
        title=title,
        description=f"We need help with this: {title.lower()}. Tell us how you would start and what it would take.",
        work_type=work_type,
        status=status,
        visibility="ACCESS_PRIVATE" if random.random() < 0.06 else "PUBLIC_INDEX",
        created=created,
        filled=created + random.randrange(1, 20) * DAY_MS if status == "FILLED" else None,
        category_id=category.id,
        subcategory_id=subcategory.id,
        service_id=random.choice(subcategory.child_ids),
        skill_ids=tuple(random.sample(list(world.skills), random.randrange(1, 6))),
        duration=random.choice(DURATIONS),
        workload=random.choice(WORKLOADS),
        experience=random.choice(LEVELS),
        amount=0 if hourly else random.choice((5_000, 15_000, 25_050, 75_000, 120_000, 500_000)),
        hourly_min=minimum if hourly else None,
        hourly_max=minimum + random.randrange(2, 40) * 100 if hourly else None,
        persons_to_hire=random.choice((1, 1, 1, 2, 5)),
        applicants=random.randrange(0, 60),
        attachment=f"https://sandbox.invalid/files/{random.randrange(10**6)}.pdf" if random.random() < 0.3 else None,
        contractor_type=random.choice(("ALL", "INDIVIDUALS", "AGENCIES")),
        keep_open_on_hire=random.random() < 0.2,
        premium=random.random() < 0.1,
        enterprise=random.random() < 0.1,
        countries=(country_name(random.choice(PLACES).country),) if random.random() < 0.2 else (),
    )
