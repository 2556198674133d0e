"""Team activities: tasks that time can be booked on."""

from random import Random

from app.sandbox.instants import BASE_MS, DAY_MS
from app.sandbox.records.work import Activity
from app.sandbox.world import World

COUNT = 14
TASKS = ("Header layout", "Footer", "Search page", "Bug fixing", "Meetings", "Documentation", "Code review")


def grow_activities(world: World, random: Random) -> None:
    """Add activities to each client company and each of its teams; some are archived."""
    for team in [org for org in world.organizations.values() if org.legacy_type == "CLIENT" and org.staffs]:
        contracts = [contract for contract in world.contracts.values() if world.offer_of(contract).team_id == team.id]
        prefix = "".join(word[0] for word in team.name.split()).upper()
        for number in range(COUNT):
            sampled = random.sample(contracts, min(len(contracts), 2)) if number % 2 == 0 else []
            assigned = contracts[:1] if number == 0 else sampled
            world.activities.append(
                Activity(
                    record_id=world.mint.short("record"),
                    code=f"{prefix}-{number + 11}",
                    description=random.choice(TASKS),
                    url=f"https://tracker.example.invalid/{prefix}-{number + 11}" if number % 3 else None,
                    company_id=team.root_id,
                    team_id=team.id,
                    user_id=None,
                    created=BASE_MS - random.randrange(5, 300) * DAY_MS,
                    status="archived" if number % 6 == 5 else "active",
                    contract_ids=[contract.id for contract in assigned],
                )
            )
