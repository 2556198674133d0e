"""Milestones and payments: every state, what is refused, and money that adds up to the cent."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.sandbox.records.work import Contract, Milestone
from app.sandbox.resolvers.funding import read_cents

from .conftest import Client

FIELDS = """id state description instructions sequenceId dueDateTime submissionCount payComments
  currentEscrowAmount { rawValue currency displayValue } depositAmount { rawValue } fundedAmount { rawValue }
  paid { rawValue } overpayment { rawValue } bonus { rawValue }
  submissionEvents { submission { id amount { rawValue } } revisionMessage { message } }"""
CREATE = f"mutation ($input: CreateMilestoneInput!) {{ createMilestoneV2(input: $input) {{ {FIELDS} }} }}"
EDIT = f"mutation ($input: EditMilestoneInput) {{ editMilestone(input: $input) {{ {FIELDS} }} }}"
ACTIVATE = f"mutation ($id: ID!) {{ activateMilestone(input: {{id: $id}}) {{ {FIELDS} }} }}"
APPROVE = f"mutation ($input: ApproveMilestoneInput!) {{ approveMilestone(input: $input) {{ {FIELDS} }} }}"
REJECT = 'mutation ($id: ID!) { rejectSubmittedMilestone(input: {id: $id, noteToContractor: "Again"}) { response } }'
DELETE = "mutation ($id: ID!) { deleteMilestone(input: {id: $id}) }"
READ = f"query ($id: ID!) {{ contract(id: $id) {{ milestones {{ {FIELDS} }} }} }}"
PAY = """mutation ($contract: ID!, $amount: Float!, $more: Boolean) { sendCustomPayment(input: {
  contractId: $contract, amount: $amount, comment: "c", notes: "n", allowSubsequent: $more}) { invoiceId } }"""


def open_contracts(client: Client) -> dict[str, Contract]:
    """The active contracts of the main company, by id."""
    world = client.world
    offers = world.offers_of_client(world.cast.main_company)
    contracts = [world.contracts[offer.contract_id] for offer in offers if offer.contract_id]
    return {contract.id: contract for contract in contracts if contract.status == "ACTIVE"}


def fixed_contract(client: Client) -> Contract:
    """One of them at a fixed price."""
    return next(one for one in open_contracts(client).values() if one.milestone_ids)


def milestone_in(client: Client, state: str) -> Milestone:
    """A milestone of one of them in a state."""
    contracts = open_contracts(client)
    return next(one for one in client.world.milestones.values() if one.state == state and one.contract_id in contracts)


async def create(client: Client, cents: int = 10_050) -> dict[str, Any]:
    wish = {
        "contractId": fixed_contract(client).id,
        "description": "Step",
        "depositAmount": str(cents),
        "dueDate": "2026-12-31",
    }
    made: dict[str, Any] = (await client.data(CREATE, input=wish))["createMilestoneV2"]
    return made


async def read(client: Client, milestone_id: str) -> dict[str, Any]:
    contract_id = client.world.milestones[milestone_id].contract_id
    listed = (await client.data(READ, id=contract_id))["contract"]["milestones"]
    return next(one for one in listed if one["id"] == milestone_id)


async def test_create__milestone__is_last_and_not_funded(client: Client) -> None:
    """A new milestone has its deposit from cents, nothing in escrow, and the last place."""
    before = len(fixed_contract(client).milestone_ids)

    made = await create(client)

    assert made == await read(client, made["id"])
    assert (made["state"], made["sequenceId"], made["dueDateTime"]) == (
        "NotFunded",
        before + 1,
        "2026-12-31T00:00:00.000Z",
    )
    assert made["depositAmount"] == {"rawValue": "100.5"}
    assert made["currentEscrowAmount"] == {"rawValue": "0", "currency": "USD", "displayValue": "$0.00"}


async def test_life__from_creation_to_payment__moves_the_money(client: Client) -> None:
    """Create, edit, activate, approve with a bonus: each state is read back with its amounts."""
    own_id = (await create(client))["id"]

    edited = (await client.data(EDIT, input={"id": own_id, "depositAmount": "20000", "description": "More"}))[
        "editMilestone"
    ]
    active = (await client.data(ACTIVATE, id=own_id))["activateMilestone"]
    wish = {"id": own_id, "paidAmount": "20000", "bonusAmount": "501", "paymentComment": "Thanks"}
    paid = (await client.data(APPROVE, input=wish))["approveMilestone"]

    assert (edited["description"], edited["depositAmount"]["rawValue"], edited["state"]) == ("More", "200", "NotFunded")
    assert (active["state"], active["currentEscrowAmount"]["displayValue"]) == ("Active", "$200.00")
    assert active["fundedAmount"] == {"rawValue": "200"}
    assert paid == await read(client, own_id)
    assert (paid["state"], paid["paid"]["rawValue"], paid["bonus"]["rawValue"]) == ("Paid", "200", "5.01")
    assert (paid["currentEscrowAmount"]["rawValue"], paid["payComments"]) == ("0", "Thanks")


async def test_approve__paid_already__is_refused_and_pays_nothing(client: Client) -> None:
    """No milestone is paid twice."""
    own_id = (await create(client))["id"]
    await client.data(ACTIVATE, id=own_id)
    wish = {"id": own_id, "paidAmount": "10050"}
    first = (await client.data(APPROVE, input=wish))["approveMilestone"]

    second = await client.refusal(APPROVE, input=wish | {"paidAmount": "99999"})

    assert second == ("BAD_REQUEST", "Milestone in state Paid can not be approved")
    assert await read(client, own_id) == first


async def test_approve__submission_id__stands_for_its_milestone(client: Client) -> None:
    """The legacy call for submissions sends a submission id to the same mutation."""
    milestone = milestone_in(client, "Submitted")
    wish = {"id": milestone.submissions[-1].id, "paidAmount": str(milestone.deposit)}

    paid = (await client.data(APPROVE, input=wish))["approveMilestone"]

    assert (paid["id"], paid["state"]) == (milestone.id, "Paid")


async def test_reject__submitted__sends_the_work_back(client: Client) -> None:
    """A rejected submission carries the note; rejecting again is refused, approving is not."""
    milestone = milestone_in(client, "Submitted")
    submission_id = milestone.submissions[-1].id

    answer = (await client.data(REJECT, id=submission_id))["rejectSubmittedMilestone"]

    rejected = await read(client, milestone.id)
    assert answer == {"response": True}
    assert (rejected["state"], rejected["submissionEvents"][-1]["revisionMessage"]) == (
        "Rejected",
        {"message": "Again"},
    )
    assert (await client.refusal(REJECT, id=submission_id))[0] == "BAD_REQUEST"
    await client.data(APPROVE, input={"id": milestone.id, "paidAmount": str(milestone.deposit)})


async def test_delete__not_funded__is_gone(client: Client) -> None:
    """An unfunded milestone can be deleted, and is unknown afterwards."""
    own_id = (await create(client))["id"]

    assert await client.data(DELETE, id=own_id) == {"deleteMilestone": True}
    assert (await client.refusal(DELETE, id=own_id))[0] == "NOT_FOUND"


@pytest.mark.parametrize("state", ["Active", "Submitted", "Rejected", "Paid"])
async def test_delete__funded__is_refused(client: Client, state: str) -> None:
    """Only milestones that are not funded can go."""
    milestone = milestone_in(client, state)

    assert await client.refusal(DELETE, id=milestone.id) == (
        "BAD_REQUEST",
        f"Milestone in state {state} can not be deleted",
    )
    assert milestone.id in client.world.milestones


async def test_edit__funded__keeps_its_deposit(client: Client) -> None:
    """The words of a funded milestone may change, its deposit may not; a paid one is closed."""
    active, paid = milestone_in(client, "Active"), milestone_in(client, "Paid")

    reworded = (await client.data(EDIT, input={"id": active.id, "instructions": "Please hurry"}))["editMilestone"]

    assert reworded["instructions"] == "Please hurry"
    assert (await client.refusal(EDIT, input={"id": active.id, "depositAmount": "1"}))[0] == "BAD_REQUEST"
    assert (await client.refusal(EDIT, input={"id": paid.id, "description": "x"}))[0] == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (ACTIVATE, {"id": "Active"}),
        (APPROVE, {"input": {"id": "NotFunded", "paidAmount": "100"}}),
        (APPROVE, {"input": {"id": "Active", "paidAmount": "1.50"}}),
        (APPROVE, {"input": {"id": "Active", "paidAmount": "-5"}}),
        (APPROVE, {"input": {"id": "Active", "paidAmount": ""}}),
        (APPROVE, {"input": {"id": "Active", "paidAmount": "0"}}),
        (APPROVE, {"input": {"id": "Active", "paidAmount": "100", "bonusAmount": "five"}}),
        (APPROVE, {"input": {"id": "Active", "paidAmount": "100", "underpaymentReason": "7"}}),
        (REJECT, {"id": "Active"}),
    ],
    ids=str,
)
async def test_milestone__wrong_state_or_amount__is_refused_and_unchanged(
    client: Client, query: str, variables: dict[str, Any]
) -> None:
    """What the upstream would refuse changes nothing."""
    wish = variables.get("input", variables)
    milestone = milestone_in(client, wish["id"])
    given_ = {"input": wish | {"id": milestone.id}} if "input" in variables else {"id": milestone.id}
    before = await read(client, milestone.id)

    body = await client.ask(query, **given_)

    assert body["errors"][0]["extensions"]["classification"] in {"BAD_REQUEST", "DataFetchingException"}
    assert await read(client, milestone.id) == before
    assert (await client.steer("GET", "log"))["mutations"] == {}


@pytest.mark.parametrize(
    "wish",
    [
        {"description": "x", "depositAmount": "100"},
        {"contractId": "4", "description": "x", "depositAmount": "100"},
        {"contractId": "hourly", "description": "x", "depositAmount": "100"},
        {"contractId": "fixed", "description": "x"},
        {"contractId": "fixed", "depositAmount": "100"},
        {"contractId": "fixed", "description": "x", "depositAmount": "0"},
        {"contractId": "fixed", "description": "x", "depositAmount": "100", "dueDate": "soon"},
    ],
    ids=str,
)
async def test_create__unsound_wish__makes_nothing(client: Client, wish: dict[str, str]) -> None:
    """A milestone needs an open fixed-price contract of the caller's, words, and an amount."""
    names = {"hourly": client.world.showcase.contract_id, "fixed": fixed_contract(client).id}
    before = len(client.world.milestones)

    body = await client.ask(
        CREATE, input=wish | {"contractId": names.get(wish.get("contractId", ""), wish.get("contractId"))}
    )

    assert body["data"] == {"createMilestoneV2": None}
    assert len(client.world.milestones) == before


async def test_milestone__of_another_company__is_forbidden(client: Client) -> None:
    """Neither a stranger nor the freelancer decides on the client's milestone."""
    own_id = milestone_in(client, "NotFunded").id

    assert (await client.named("stranger").refusal(ACTIVATE, id=own_id))[0] == "FORBIDDEN"
    assert (await client.named("freelancer").refusal(ACTIVATE, id=own_id))[0] == "FORBIDDEN"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deposit=st.integers(1, 10**9), paid=st.integers(1, 10**9), bonus=st.integers(0, 10**6))
async def test_money__any_amounts__is_conserved_to_the_cent(
    client: Client, deposit: int, paid: int, bonus: int
) -> None:
    """What was funded is paid or returned; what is paid is funded or topped up; no cent is lost in the texts."""
    own_id = (await create(client, deposit))["id"]
    await client.data(ACTIVATE, id=own_id)

    told = await client.data(APPROVE, input={"id": own_id, "paidAmount": str(paid), "bonusAmount": str(bonus)})
    milestone = client.world.milestones[own_id]

    seen = {
        name: Decimal(told["approveMilestone"][name]["rawValue"]) * 100 for name in ("paid", "bonus", "overpayment")
    }
    assert seen == {"paid": paid, "bonus": bonus, "overpayment": max(paid - deposit, 0)}
    assert milestone.funded + milestone.overpayment == milestone.paid + milestone.returned
    assert milestone.escrow == 0


def test_seeded_milestones__every_contract__add_up(client: Client) -> None:
    """In a new world the deposits of a contract are its budget, and funded money is in escrow or paid."""
    for contract in client.world.contracts.values():
        milestones = [client.world.milestones[one] for one in contract.milestone_ids]
        budget = client.world.offer_of(contract).budget

        assert sum(one.deposit for one in milestones) == (budget or 0)
        assert all(one.funded == one.escrow + one.paid for one in milestones)


async def test_payment__custom__is_kept_in_cents(client: Client) -> None:
    """A bonus in dollars becomes whole cents under a new invoice."""
    contract_id = client.world.showcase.contract_id

    first = (await client.data(PAY, contract=contract_id, amount=123.45))["sendCustomPayment"]["invoiceId"]
    second = (await client.data(PAY, contract=contract_id, amount=0.1))["sendCustomPayment"]["invoiceId"]

    assert first != second
    assert [payment.amount for payment in client.world.payments] == [12345, 10]


async def test_payment__that_allows_no_other__is_the_last(client: Client) -> None:
    """`allowSubsequent: false` closes the contract to further payments."""
    contract_id = client.world.showcase.contract_id
    await client.data(PAY, contract=contract_id, amount=1, more=False)

    assert (await client.refusal(PAY, contract=contract_id, amount=1))[0] == "BAD_REQUEST"


@pytest.mark.parametrize("amount", [0, -1, 1.005])
async def test_payment__unsound_amount__is_refused(client: Client, amount: float) -> None:
    """Nothing, less than nothing and parts of cents are not paid."""
    assert "amount" in (await client.refusal(PAY, contract=client.world.showcase.contract_id, amount=amount))[1]
    assert client.world.payments == []


@pytest.mark.parametrize("text", ["", " 1", "1.0", "+1", "-1", "1e3", "\u0661", "1" * 13])
def test_read_cents__anything_but_digits__is_refused(text: str) -> None:
    """Only plain digits are an amount."""
    with pytest.raises(ValueError, match=r"^"):
        read_cents(text)
