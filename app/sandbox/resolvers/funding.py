"""Changing milestones: the client's side of a fixed-price contract. Amounts come as strings of whole cents.

| from | may be | becomes |
|---|---|---|
| nothing | created, on an open fixed-price contract | NotFunded |
| NotFunded | edited, deleted, activated | Active: the deposit goes to escrow |
| Active, Submitted, Rejected | approved | Paid |
| Submitted | rejected | Rejected |

Approving pays at most what is in escrow from there; what the payment lacks is charged on top (`overpayment`), and what
it leaves is returned to the client. A bonus is charged apart. A paid milestone is never paid again. A milestone of a
contract that is not the caller's as a client is FORBIDDEN.
"""

from typing import Any

from app.sandbox.instants import read_instant
from app.sandbox.records.work import Contract, Milestone
from app.sandbox.refusals import Forbidden, NotFound, Refused, WrongInput
from app.sandbox.resolvers.contracts import own_contract
from app.sandbox.resolvers.fields import Call, FieldTable

funding = FieldTable()

APPROVABLE = frozenset({"Active", "Submitted", "Rejected"})
UNDERPAYMENT_REASONS = frozenset({"329", "330", "331", "332"})
TEXT_MOST = 2000


@funding.field("Mutation", "createMilestoneV2")
def create_milestone(_: None, call: Call, input_: dict[str, Any]) -> Milestone:
    """A new milestone, not funded, last in the contract; an offer that was taken stands for its contract."""
    contract = _open_contract(call, input_)
    deposit = _cents(input_.get("deposit_amount"), "depositAmount")
    if deposit == 0 or not input_.get("description"):
        raise WrongInput("description and a depositAmount above 0 are needed")
    now = call.world.clock.tick()
    milestone = Milestone(
        id=call.world.mint.short("milestone"),
        contract_id=contract.id,
        creator_id=call.user.id,
        sequence_id=len(contract.milestone_ids) + 1,
        description=_text(input_["description"]),
        instructions=input_.get("instruction"),
        state="NotFunded",
        deposit=deposit,
        due=_due(input_.get("due_date")),
        created=now,
        modified=now,
    )
    return call.world.add_milestone(milestone)


@funding.field("Mutation", "editMilestone")
def edit_milestone(_: None, call: Call, input_: dict[str, Any] | None = None) -> Milestone:
    """Other words, another day or, as long as nothing is funded, another deposit."""
    wanted = _given(input_)
    milestone = _own_milestone(call, wanted["id"])
    if milestone.state == "Paid" or _contract(call, milestone).status == "CLOSED":
        raise Refused(f"Milestone in state {milestone.state} can not be edited")
    deposit = _cents(wanted.get("deposit_amount"), "depositAmount", milestone.deposit)
    if deposit != milestone.deposit and milestone.state != "NotFunded":
        raise Refused("The deposit of a funded milestone can not be changed")
    due = _due(wanted["due_date"]) if wanted.get("due_date") else milestone.due
    milestone.deposit, milestone.due = deposit, due
    milestone.description = _text(wanted.get("description") or milestone.description)
    milestone.instructions = wanted.get("instructions") or milestone.instructions
    milestone.sequence_id = wanted.get("sequence_id") or milestone.sequence_id
    milestone.modified = call.world.clock.tick()
    return milestone


@funding.field("Mutation", "activateMilestone")
def activate_milestone(_: None, call: Call, input_: dict[str, Any] | None = None) -> Milestone:
    """The deposit put into escrow, so that work can start."""
    milestone = _own_milestone(call, _given(input_)["id"])
    contract = _contract(call, milestone)
    if milestone.state != "NotFunded":
        raise Refused(f"Milestone in state {milestone.state} can not be activated")
    if contract.status != "ACTIVE":
        raise Refused(f"Contract in state {contract.status} takes no deposit")
    milestone.state = "Active"
    milestone.funded = milestone.escrow = milestone.deposit
    milestone.modified = call.world.clock.tick()
    return milestone


@funding.field("Mutation", "approveMilestone")
def approve_milestone(_: None, call: Call, input_: dict[str, Any]) -> Milestone:
    """The milestone paid and closed. The id may be that of a submission; it then stands for its milestone."""
    milestone = _own_milestone(call, input_["id"])
    if milestone.state not in APPROVABLE:
        raise Refused(f"Milestone in state {milestone.state} can not be approved")
    amount = _cents(input_["paid_amount"], "paidAmount")
    bonus = _cents(input_.get("bonus_amount"), "bonusAmount", 0)
    reason = input_.get("underpayment_reason")
    if amount == 0 or (reason and reason not in UNDERPAYMENT_REASONS):
        raise WrongInput("paidAmount or underpaymentReason")
    milestone.paid, milestone.bonus = amount, bonus
    milestone.overpayment = max(amount - milestone.escrow, 0)
    milestone.returned = max(milestone.escrow - amount, 0)
    milestone.escrow = 0
    milestone.state = "Paid"
    milestone.comments = input_.get("payment_comment")
    milestone.modified = call.world.clock.tick()
    return milestone


@funding.field("Mutation", "rejectSubmittedMilestone")
def reject_milestone(_: None, call: Call, input_: dict[str, Any] | None = None) -> dict[str, bool]:
    """The work sent back with a note; the id is the submission's, or the milestone's."""
    wanted = _given(input_)
    milestone = _own_milestone(call, wanted["id"])
    if milestone.state != "Submitted":
        raise Refused(f"Milestone in state {milestone.state} can not be rejected")
    now = call.world.clock.tick()
    latest = milestone.submissions[-1]
    latest.revision, latest.revised = wanted.get("note_to_contractor") or "", now
    milestone.state, milestone.modified = "Rejected", now
    return {"response": True}


@funding.field("Mutation", "deleteMilestone")
def delete_milestone(_: None, call: Call, input_: dict[str, Any] | None = None) -> bool:
    """One milestone less; only one that was never funded can go."""
    milestone = _own_milestone(call, _given(input_)["id"])
    if milestone.state != "NotFunded":
        raise Refused(f"Milestone in state {milestone.state} can not be deleted")
    del call.world.milestones[milestone.id]
    _contract(call, milestone).milestone_ids.remove(milestone.id)
    call.world.clock.tick()
    return True


def read_cents(text: str) -> int:
    """Read an amount in whole cents; raises ValueError for signs, points, blanks and amounts beyond reason."""
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        raise ValueError(text)
    return int(text)


def _given(input_: dict[str, Any] | None) -> dict[str, Any]:
    if input_ is None:
        raise WrongInput("input")
    return input_


def _cents(text: str | None, name: str, default: int | None = None) -> int:
    if text is None and default is not None:
        return default
    try:
        return read_cents(text or "")
    except ValueError:
        raise WrongInput(f"{name} must be a whole number of cents") from None


def _due(text: str | None) -> int | None:
    try:
        return read_instant(text) if text else None
    except ValueError:
        raise WrongInput("dueDate") from None


def _text(text: str) -> str:
    if len(text) > TEXT_MOST:
        raise WrongInput("description")
    return text


def _contract(call: Call, milestone: Milestone) -> Contract:
    return call.world.contracts[milestone.contract_id]


def _open_contract(call: Call, wanted: dict[str, Any]) -> Contract:
    offer = call.world.offers.get(wanted.get("offer_id") or "")
    sought = wanted.get("contract_id") or (offer.contract_id if offer else None)
    if not sought:
        raise WrongInput("contractId or the offerId of an accepted offer is needed")
    contract = own_contract(call, sought)
    _demand_client(call, contract)
    if call.world.offer_of(contract).work_type != "FIXED" or contract.status == "CLOSED":
        raise Refused("Milestones can be added to open fixed-price contracts only")
    return contract


def _own_milestone(call: Call, sought: str) -> Milestone:
    milestone = call.world.milestones.get(sought) or call.world.submissions.get(sought)
    if milestone is None:
        raise NotFound("Milestone", sought)
    _demand_client(call, _contract(call, milestone))
    return milestone


def _demand_client(call: Call, contract: Contract) -> None:
    if call.world.offer_of(contract).client_id != call.company_id:
        raise Forbidden
