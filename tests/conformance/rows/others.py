"""The rows of activities, users, and of the writes that answer what they made."""

from __future__ import annotations

from tests.conformance.calls import ORG, Call, Other
from tests.conformance.contracted import length_at
from tests.conformance.forms import ZONE, ZONE_SECONDS
from tests.conformance.rows.jobs import TEAM, let_the_company_have_a_team
from tests.conformance.worlds import World

NODE = "teamActivities.edges.node"
TASKS = f"/api/otask/v1/tasks/companies/{ORG}/teams/{TEAM}/tasks"
CODE = "LP-1"


def activities_call(name: str, path: str, settled: dict[str, str] | None = None, *, is_window: bool = False) -> Call:
    """One of the three calls that answer activities."""
    return Call(
        f"activities/{name}",
        f"GET {path}",
        printed=("Activity", NODE),
        at="tasks.task",
        moved={"URL": "tasks.task.url"},
        collapsing=frozenset({"task"}),
        window="teamActivities.edges" if is_window else "",
        settled=settled or {},
        prepare=let_the_rows_be_counted,
    )


def let_the_rows_be_counted(world: World, is_counted: bool) -> None:
    """The count says when all are there, where it is told."""
    let_the_company_have_a_team(world, is_counted)
    count = length_at(world, "teamActivities.edges") if is_counted else None
    world.root("teamActivities", {}).settle("totalCount", count)


PERSON = "1700000000000000001"


def let_the_caller_be_known(world: World, _: bool) -> None:
    """Whoever asks for themselves is asked for by their own id."""
    world.root("user", {}).settle("id", PERSON)


def user_call(choice: str, reference: str) -> Call:
    """Anybody, or whoever asks."""
    return Call(
        "users/get_user",
        f"GET /api/hr/v2/users/{reference}.json",
        choice=choice,
        printed=("", "userDetails."),
        at="user",
        forms={"timezone": ZONE, "timezone_offset": ZONE_SECONDS},
        others={
            "id": Other(
                ("userDetails.nid",), "the user name, as contracts have it; line 3094 has a number", lacks=False
            )
        },
        told=(PERSON,),
        prepare=let_the_caller_be_known,
    )


def payment_call(choice: str, amount: str) -> Call:
    """A payment, under both names of its amount."""
    return Call(
        "payments/make_custom_payment",
        f"POST /api/hr/v2/teams/{TEAM}/adjustments.json",
        choice=choice,
        printed=("mutation.", ""),
        at="adjustment",
        body=f'{{"engagement__reference": "24680135", "{amount}": "10.00", "comments": "Thanks"}}',
        prepare=let_the_company_have_a_team,
        examples=10,
    )


NEW = "This resource returns the ID of the milestone created"
CALLS = [
    activities_call("list_team_activities", f"{TASKS}.json?page=0;{{rows}}", is_window=True),
    activities_call("get_team_activity", f"{TASKS}/{CODE}.json", {"Activity.code": CODE}),
    activities_call("list_engagement_activities", "/api/tasks/v2/tasks/contracts/24680135.json"),
    user_call("me", "me"),
    user_call("other", PERSON),
    payment_call("charged", "charge_amount"),
    payment_call("paid", "amount"),
    Call(
        "milestones/create_milestone",
        "POST /api/hr/v3/fp/milestones.json",
        family="json",
        moved={NEW: "id"},
        others={NEW: Other(("createMilestoneV2.id",), "the older mutation is gone")},
        body='{"contract_reference": "24680135", "milestone_description": "Layout", "deposit_amount": "10"}',
        examples=10,
    ),
]
