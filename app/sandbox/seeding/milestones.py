"""Milestones of fixed-price contracts in every state of their life."""

from app.sandbox.instants import DAY_MS
from app.sandbox.records.work import Contract, Milestone, Offer, Submission
from app.sandbox.world import World

OPEN_STATES = (
    ("Paid", "Active", "NotFunded"),
    ("Paid", "Submitted", "NotFunded"),
    ("Active", "NotFunded"),
    ("Paid", "Rejected", "NotFunded"),
)
CLOSED_STATES = (("Paid", "Paid"), ("Paid", "NotFundedClosed"), ("Paid",))


def grow_milestones(world: World, contract: Contract, offer: Offer) -> None:
    """Split the budget of a fixed-price contract into milestones without losing a cent.

    Contracts of one status take turns, so that every state is there in every world.
    """
    choices = CLOSED_STATES if contract.status == "CLOSED" else OPEN_STATES
    alike = [one for one in world.contracts.values() if one.milestone_ids and one.status == contract.status]
    states = choices[len(alike) % len(choices)]
    budget = offer.budget or 10_000
    shares = [budget // len(states)] * len(states)
    shares[-1] += budget - sum(shares)
    for number, (state, share) in enumerate(zip(states, shares, strict=True), start=1):
        created = contract.created + number * DAY_MS
        milestone = world.add_milestone(
            Milestone(
                id=world.mint.short("milestone"),
                contract_id=contract.id,
                creator_id=offer.contact_id,
                sequence_id=number,
                description=f"Part {number} of {contract.title.lower()}",
                instructions=None,
                state=state,
                deposit=share,
                due=created + 14 * DAY_MS if number % 2 else None,
                created=created,
                modified=created,
            )
        )
        _put_in_state(world, milestone)


def _put_in_state(world: World, milestone: Milestone) -> None:
    if milestone.state in {"NotFunded", "NotFundedClosed"}:
        return
    milestone.funded = milestone.deposit
    milestone.escrow = milestone.deposit
    if milestone.state == "Active":
        return
    submission = Submission(
        world.mint.short("submission"),
        milestone.created + 5 * DAY_MS,
        milestone.deposit,
        1,
        "Here is what we agreed on.",
    )
    world.add_submission(milestone, submission)
    milestone.modified = submission.created
    if milestone.state == "Rejected":
        submission.revision, submission.revised = "Please change the second part.", submission.created + DAY_MS
    if milestone.state == "Paid":
        milestone.paid, milestone.escrow = milestone.escrow, 0
        milestone.comments = "Well done."
