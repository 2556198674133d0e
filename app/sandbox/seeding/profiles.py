"""A profile for every freelancer."""

from random import Random

from app.sandbox.instants import BASE_MS, DAY_MS, HOUR_MS
from app.sandbox.records.people import User
from app.sandbox.records.profiles import Certificate, Education, Employment, Experience, Profile, Project
from app.sandbox.seeding.vocabulary import categories
from app.sandbox.seeding.words import LANGUAGES, PLACES, PROJECTS, country_name, listed
from app.sandbox.world import World

TITLES = listed(
    "Front-end developer;Back-end developer;Full-stack developer;Brand designer;Technical writer;SEO specialist;"
    "Virtual assistant;Data analyst;Machine learning engineer;Video editor;Bookkeeper;DevOps engineer;Translator"
)
DEGREES = (
    ("Computer Science", "Bachelor of Science"),
    ("Graphic Design", "Bachelor of Arts"),
    ("Economics", "Master of Arts"),
)


def grow_profiles(world: World, random: Random) -> None:
    """Add a profile for each freelancer; every second one has a portfolio, a few have no public profile."""
    agencies = {
        staff.user_id: org.id
        for org in world.organizations.values()
        if org.legacy_type == "VENDOR" and org.type == "BUSINESS" and org.parent_id is None
        for staff in org.staffs
    }
    for index, user in enumerate(user for user in world.users.values() if user.is_freelancer):
        world.profiles[user.id] = _profile(world, random, user, index, agencies.get(user.id))


def _profile(world: World, random: Random, user: User, index: int, agency_id: str | None) -> Profile:
    title = TITLES[index % len(TITLES)]
    category = random.choice(categories(world))
    hourly, fixed = random.randrange(0, 30), random.randrange(1, 30)
    skill_ids = tuple(random.sample(list(world.skills), random.randrange(3, 9)))
    last_active = BASE_MS - random.randrange(0, 60 * 24) * HOUR_MS
    return Profile(
        user_id=user.id,
        title=title,
        overview=f"{title} with {random.randrange(2, 20)} years of practice. I answer fast and deliver on time.",
        rate=random.choice((900, 1500, 2250, 3333, 4500, 6000, 9550)),
        visibility="PRIVATE" if index % 23 == 22 else "ONLY_UPWORK_USERS" if index % 9 == 8 else "PUBLIC",
        skill_ids=skill_ids,
        category_id=category.id,
        subcategory_ids=category.child_ids[:2],
        languages=("en", *random.sample([code for code, _ in LANGUAGES[1:]], random.randrange(0, 3))),
        educations=_educations(world, random),
        employments=_employments(world, random, title),
        projects=_projects(world, random, skill_ids) if index % 2 == 0 else (),
        experiences=(Experience(world.mint.short("experience"), "Volunteering", "I teach beginners on weekends."),),
        certificates=_certificates(world, random) if index % 3 == 0 else (),
        feedback=round(random.uniform(3.9, 5.0), 4),
        recent_feedback=round(random.uniform(4.2, 5.0), 1),
        hours=round(random.uniform(0, 4000), 2) if hourly else 0.0,
        hourly_jobs=hourly,
        fixed_jobs=fixed,
        earnings=random.randrange(50_000, 20_000_000),
        job_success=None if index % 7 == 6 else random.randrange(78, 101),
        top_rated=random.choice(("not_eligible", "top_rated", "top_rated_plus", "rising_talent")),
        last_worked=last_active - random.randrange(1, 90) * DAY_MS,
        last_active=last_active,
        created=BASE_MS - random.randrange(400, 3000) * DAY_MS,
        capacity=random.choice(("fullTime", "partTime", "lessThen", "notSure")),
        agency_id=agency_id,
    )


def _educations(world: World, random: Random) -> tuple[Education, ...]:
    area, degree = random.choice(DEGREES)
    start = random.randrange(2001, 2017)
    place = random.choice(PLACES).city
    return (
        Education(world.mint.short("education"), f"University of {place}", area, degree, str(start), str(start + 4)),
    )


def _employments(world: World, random: Random, title: str) -> tuple[Employment, ...]:
    records = []
    for _ in range(random.randrange(0, 3)):
        place, start = random.choice(PLACES), random.randrange(2012, 2022)
        ended = f"{start + 2}-06-01" if random.random() < 0.8 else None
        records.append(
            Employment(
                world.mint.short("employment"), f"{place.city} Works", title, "Individual Contributor",
                f"{start}-03-01", ended, place.city, country_name(place.country),
            )
        )  # fmt: skip
    return tuple(records)


def _projects(world: World, random: Random, skill_ids: tuple[str, ...]) -> tuple[Project, ...]:
    return tuple(
        Project(
            id=world.mint.short("project"),
            title=title,
            description=f"{title}, from first talk to hand-over.",
            url=f"https://sandbox.invalid/portfolio/{number}",
            completed=BASE_MS - random.randrange(60, 1500) * DAY_MS,
            skill_ids=skill_ids[:3],
        )
        for number, title in enumerate(random.sample(PROJECTS, random.randrange(2, 7)))
    )


def _certificates(world: World, random: Random) -> tuple[Certificate, ...]:
    own_id = world.mint.short("certificate")
    score = str(random.randrange(70, 100))
    return (
        Certificate(
            own_id, "Cloud practitioner", "2024-05-01", score, f"https://sandbox.invalid/certificates/{own_id}"
        ),
    )
