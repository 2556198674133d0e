"""Money through the whole service: every write that carries an amount, in every form that clients send.

Cents as a text on milestones, a number of dollars on custom payments, decimal texts on the legacy side; no cent is lost
to a binary fraction, and no amount is ever a hundred times another.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.assemble import assemble
from app.compile.build import Built
from app.sandbox.execute import load_upstream
from app.sandbox.records.work import Milestone
from app.sandbox.sandbox import Sandbox
from app.sandbox.server import sandbox_app
from app.settings import Settings
from app.web.app import create_app
from tests.asgi import send
from tests.conformance.asked import ABSENT, FORMS, SETTINGS, Form, Service, Wire, value_at, written
from tests.conformance.requested import CALLS, OTHERS, PEOPLE, NotAsked, Sent, asked_rows, ways_to_write
from tests.doubles import Events

SCHEMA = Path(__file__).resolve().parents[2] / "mappings" / "schema.graphql"
MOST_CENTS = 99_999_999_999
CENTS = st.integers(1, MOST_CENTS)


# --- what every write tells the upstream -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of a write, and where the upstream is told it; `is_cents`: as whole cents, else as dollars.

    `beside` is what else the call insists on.
    """

    call: str
    route: str
    name: str
    at: str
    place: tuple[str, ...]
    beside: dict[str, str] = field(default_factory=dict)
    is_cents: bool = True

    def sent(self, text: str, form: Form) -> Wire:
        """A request with this amount; `form` is how its body comes."""
        method, path = self.route.split()
        return written(method, path, self.beside | {self.name: text}, form, frozenset({self.name}))


def of_milestones() -> Iterator[Amount]:
    """Every amount of the contract's rows."""
    needed = {"milestone_id": "500123", "submission_id": "500124", "contract_reference": "24680135"}
    for call in CALLS:
        if any(isinstance(other, NotAsked) for (id_, _), other in OTHERS.items() if id_ == call.id):
            continue
        beside = {name: needed.get(name, "x") for name, row in call.rows.items() if row.is_required and name in needed}
        if "milestone_description" in call.rows:
            beside["milestone_description"] = "x"
        for row in call.rows:
            if row in AMOUNT_NAMES:
                more = {name: "3.21" for name, one in call.rows.items() if one.is_required and name in AMOUNT_NAMES}
                more |= {"amount": "3.21"} if row == "bonus" else {}
                place = ("input", asked_rows()[call.id, row].partition(".")[2])
                yield Amount(call.id, call.route, row, call.at, place, {**more, **beside})


AMOUNT_NAMES = {"amount", "bonus", "deposit_amount"}
CUSTOM = "payments/make_custom_payment"
ADJUSTMENTS = "POST /api/hr/v2/teams/{team_reference}/adjustments"
PAID = {"team_reference": "400222", "engagement__reference": "24680135", "comments": "x"}
AMOUNTS = [
    *of_milestones(),
    *(
        Amount(CUSTOM, ADJUSTMENTS, name, "Mutation.sendCustomPayment", ("input", "amount"), PAID, is_cents=False)
        for name in ("charge_amount", "amount")
    ),
]
NAMES = [f"{one.call}-{one.name}" for one in AMOUNTS]


def world_of(amount: Amount) -> dict[str, Any]:
    """Who is there, and the milestone and submission that are paid."""
    call = next((one for one in CALLS if one.id == amount.call), None)
    texts = {**amount.beside, "$deposit": "9.87"}
    return {**PEOPLE, **(call.world(Sent(texts, {})) if call else {})}


def test_amounts__of_all_writes__are_held_here() -> None:
    """Two deposits, two approvals with a bonus each, and a payment by two names."""
    assert sorted(NAMES) == [
        "milestones/approve_milestone-amount",
        "milestones/approve_milestone-bonus",
        "milestones/create_milestone-deposit_amount",
        "milestones/edit_milestone-deposit_amount",
        "payments/make_custom_payment-amount",
        "payments/make_custom_payment-charge_amount",
        "submissions/approve_submission-amount",
        "submissions/approve_submission-bonus",
    ]


@pytest.mark.parametrize("amount", AMOUNTS, ids=NAMES)
def test_amounts__any_with_two_decimals__reach_the_upstream_to_the_cent(amount: Amount, service: Service) -> None:
    """The text of a milestone's cents, or the digits of a payment's number, are the amount exactly."""
    world = world_of(amount)

    @SETTINGS
    @given(CENTS, st.sampled_from(FORMS), st.data())
    @example(29, FORMS[0], None)
    @example(MOST_CENTS, FORMS[-1], None)
    def holds(cents: int, form: Form, data: st.DataObject | None) -> None:
        ways = ways_to_write(cents)
        text = data.draw(st.sampled_from(ways)) if data else ways[0]

        reply = service.send(amount.sent(text, form), world)

        assert reply.status == 200, reply.body
        (asked,) = service.upstream.of(amount.at)
        told = value_at(asked, amount.place)
        if amount.is_cents:
            assert told == str(cents)
        else:
            assert isinstance(told, float)
            assert numbers_of(service.upstream.bodies[-1]) == [Decimal(cents) / 100]

    holds()


def numbers_of(body: bytes) -> list[Decimal]:
    """The numbers with a fraction among the variables of a question, digit for digit as they went out."""
    found: list[Decimal] = []

    def keep(text: str) -> Decimal:
        found.append(Decimal(text))
        return found[-1]

    json.loads(body, parse_float=keep)
    return found


NO_AMOUNTS = ["-1", "+1", "1e3", "1,000.00", "10,00", "$10", "ten", "10.005", "0.001", "1.", ".5", "NaN", "Infinity",
              "1000000000", "true", "10 20", "\u0661\u0660"]  # fmt: skip


@pytest.mark.parametrize("text", NO_AMOUNTS)
@pytest.mark.parametrize("amount", AMOUNTS, ids=NAMES)
def test_amounts__that_are_none__are_a_400_that_names_them_and_nothing_is_written(
    amount: Amount, text: str, service: Service
) -> None:
    """Nothing is rounded, guessed or left out: the caller is told which amount is wrong."""
    reply = service.send(amount.sent(text, Form("form")), world_of(amount))

    error = reply.json()["error"]
    assert (reply.status, error["status"]) == (400, 400)
    assert f"'{amount.name}'" in error["message"]
    assert service.upstream.writes == []


BARE = ["10.005", "1e-7", "0.30000000000000004", "-1", "true", "[10, 20]", '{"amount": 10}', "1e300"]


@pytest.mark.parametrize("value", BARE)
@pytest.mark.parametrize("amount", AMOUNTS, ids=NAMES)
def test_amounts__that_are_none_in_json__are_a_400_and_nothing_is_written(
    amount: Amount, value: str, service: Service
) -> None:
    """A bare value of JSON is no more an amount than its text is."""
    reply = service.send(amount.sent(value, Form("numbers")), world_of(amount))

    assert reply.status == 400, reply.body
    assert f"'{amount.name}'" in reply.json()["error"]["message"]
    assert service.upstream.writes == []


@pytest.mark.parametrize("name", ["charge_amount", "amount"])
@pytest.mark.parametrize("text", ["0", "0.00", ""])
def test_amounts__payment_of_nothing__is_refused(name: str, text: str, service: Service) -> None:
    """A payment of nothing, or without an amount, is a mistake."""
    amount = next(one for one in AMOUNTS if not one.is_cents and one.name == name)

    reply = service.send(amount.sent(text, Form("json")), PEOPLE)

    assert reply.status == 400
    assert "amount" in reply.json()["error"]["message"]
    assert service.upstream.writes == []


def test_amounts__payment_by_both_names__is_refused(service: Service) -> None:
    """Two amounts are two wishes, even where they are the same."""
    amount = next(one for one in AMOUNTS if one.name == "charge_amount")
    both = replace(amount, beside=PAID | {"amount": "10.00"})

    reply = service.send(both.sent("10.00", Form("json")), PEOPLE)

    assert reply.status == 400
    assert service.upstream.writes == []


@SETTINGS
@given(CENTS)
def test_amounts__same_text_to_all__is_the_same_money(service: Service, cents: int) -> None:
    """What one mutation is told in cents and another in dollars is one amount."""
    text = ways_to_write(cents)[0]
    told = set()
    for amount in AMOUNTS:
        service.send(amount.sent(text, Form("json")), world_of(amount))
        value = value_at(service.upstream.of(amount.at)[0], amount.place)
        assert value != ABSENT
        told.add(Decimal(value) if amount.is_cents else Decimal(repr(value)) * 100)

    assert told == {Decimal(cents)}


# --- what the upstream then holds ------------------------------------------------------------------------------------


@dataclass
class Bank:
    """The service over a sandbox, whose world keeps all money in whole cents."""

    sandbox: Sandbox
    call: Callable[[str, str, dict[str, str]], dict[str, Any]]

    def milestone(self, id_: str) -> Milestone:
        """A milestone as the world has it."""
        return self.sandbox.world.milestones[id_]


@pytest.fixture(scope="module")
def bank(built: Built, settings: Settings) -> Bank:
    """A service and its sandbox."""
    sandbox = Sandbox(load_upstream(SCHEMA), 1, lambda: 1_000_000.0)
    transport = httpx.ASGITransport(app=sandbox_app(sandbox))
    app = create_app(assemble(settings, built.plans, transport=transport, observer=Events()))
    token = sandbox.tokens.named("client").text

    def call(method: str, path: str, params: dict[str, str]) -> dict[str, Any]:
        wire = written(method, path, params)
        headers = wire.headers | {"Authorization": f"Bearer {token}"}
        reply = asyncio.run(send(app, wire.method, wire.target, headers, wire.body))
        assert reply.status == 200, reply.body
        answer: dict[str, Any] = reply.json()
        return answer

    return Bank(sandbox, call)


MILESTONES = "/api/hr/v3/fp/milestones"


@pytest.fixture(scope="module")
def contract(bank: Bank) -> str:
    """An open fixed-price contract of the client's company."""
    world = bank.sandbox.world
    offers = world.offers_of_client(world.cast.main_company)
    contracts = [world.contracts[offer.contract_id] for offer in offers if offer.contract_id]
    return next(one.id for one in contracts if one.status == "ACTIVE" and one.milestone_ids)


@SETTINGS
@given(st.tuples(CENTS, CENTS, st.none() | CENTS, st.none() | CENTS), st.data())
def test_money__life_of_a_milestone__is_the_same_to_the_cent(
    bank: Bank, contract: str, amounts: tuple[int, int, int | None, int | None], data: st.DataObject
) -> None:
    """Created, changed, funded and approved: the world holds what the texts said; no amount pays the deposit."""
    first, deposit, paid, bonus = amounts

    def text(cents: int) -> str:
        return data.draw(st.sampled_from(ways_to_write(cents)))

    wish = {"contract_reference": contract, "milestone_description": "Step", "deposit_amount": text(first)}
    id_ = bank.call("POST", MILESTONES, wish)["id"]
    assert bank.milestone(id_).deposit == first

    bank.call("PUT", f"{MILESTONES}/{id_}", {"deposit_amount": text(deposit)})
    bank.call("PUT", f"{MILESTONES}/{id_}/activate", {})
    assert (bank.milestone(id_).deposit, bank.milestone(id_).escrow) == (deposit, deposit)

    given_ = {name: text(cents) for name, cents in (("amount", paid), ("bonus", bonus)) if cents is not None}
    bank.call("PUT", f"{MILESTONES}/{id_}/approve", given_)
    assert (bank.milestone(id_).paid, bank.milestone(id_).bonus) == (deposit if paid is None else paid, bonus or 0)


@SETTINGS
@given(CENTS, st.sampled_from(["charge_amount", "amount"]), st.data())
def test_money__custom_payment__is_paid_to_the_cent(
    bank: Bank, contract: str, cents: int, name: str, data: st.DataObject
) -> None:
    """The upstream multiplies a binary fraction; what it books is the amount all the same."""
    team = bank.sandbox.world.cast.main_company
    text = data.draw(st.sampled_from(ways_to_write(cents)))
    wish = {"engagement__reference": contract, "comments": "x", name: text}

    reference = bank.call("POST", f"/api/hr/v2/teams/{team}/adjustments", wish)["adjustment"]["reference"]

    payment = bank.sandbox.world.payments[-1]
    assert (payment.invoice_id, payment.amount, payment.contract_id) == (reference, cents, contract)


def test_money__approved_submission__is_paid_to_the_cent(bank: Bank) -> None:
    """The milestone of the submission is paid what was said, and the bonus beside it."""
    world = bank.sandbox.world
    contracts = {offer.contract_id for offer in world.offers_of_client(world.cast.main_company) if offer.contract_id}
    waiting = next(
        one for one in world.milestones.values() if one.state == "Submitted" and one.contract_id in contracts
    )
    submission = waiting.submissions[-1].id

    bank.call("PUT", f"/api/hr/v3/fp/submissions/{submission}/approve", {"amount": "100.29", "bonus": "0.57"})

    assert (waiting.state, waiting.paid, waiting.bonus) == ("Paid", 10_029, 57)


@SETTINGS
@given(CENTS, st.data())
def test_money__deposit__comes_back_as_the_decimal_text_it_went_in(
    bank: Bank, contract: str, cents: int, data: st.DataObject
) -> None:
    """In at one call, out at another: dollars on both sides, whatever the unit is in between."""
    for one in bank.sandbox.world.milestones.values():
        if one.contract_id == contract and one.state == "Active":
            bank.call("PUT", f"{MILESTONES}/{one.id}/approve", {"amount": "1"})
    text = data.draw(st.sampled_from(ways_to_write(cents)))
    wish = {"contract_reference": contract, "milestone_description": "Step", "deposit_amount": text}
    id_ = bank.call("POST", MILESTONES, wish)["id"]
    bank.call("PUT", f"{MILESTONES}/{id_}/activate", {})

    found = bank.call("GET", f"{MILESTONES}/statuses/active/contracts/{contract}", {})["milestone"]

    assert found["id"] == id_
    assert Decimal(found["deposit_amount"]) * 100 == cents
