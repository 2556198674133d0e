"""Amounts keep every cent, and nothing that is no amount passes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.compile.build import Built
from app.converters import CONVERTERS, ConversionError

MOST_CENTS = 99_999_999_999
cents, dollars = CONVERTERS["cents"].convert, CONVERTERS["dollars"].convert
amount_number = CONVERTERS["amount_number"].convert


def ways_to_write(amount: int) -> list[str]:
    """An amount in cents as clients write it."""
    whole, part = divmod(amount, 100)
    shortest = f"{whole}.{part:02d}".rstrip("0").rstrip(".")
    return [f"{whole}.{part:02d}", shortest, f" {whole}.{part:02d}00 "]


@given(st.integers(0, MOST_CENTS))
def test_cents__any_amount_with_two_decimals__are_exactly_its_cents(amount: int) -> None:
    """However it is written, an amount becomes the number of its cents."""
    assert {cents(text) for text in ways_to_write(amount)} == {str(amount)}


@given(st.integers(1, MOST_CENTS))
def test_dollars__any_amount_with_two_decimals__reads_back_as_the_same_amount(amount: int) -> None:
    """What goes out as a JSON number is the amount again to whoever reads its digits."""
    for text in ways_to_write(amount):
        sent = orjson.dumps(dollars(text)).decode()

        assert Decimal(sent) * 100 == amount


@given(st.integers(0, MOST_CENTS))
def test_amount_number__any_amount__is_a_json_number_of_the_same_value(amount: int) -> None:
    """A price in an answer is whole where it is whole, and never off by a cent."""
    for text in ways_to_write(amount):
        assert Decimal(orjson.dumps(amount_number(text)).decode()) * 100 == amount


@given(st.decimals(0, 10**9, allow_nan=False, allow_infinity=False, places=3).filter(lambda one: one * 100 % 1 != 0))
def test_cents__parts_of_a_cent__are_refused(amount: Decimal) -> None:
    """Nothing is rounded."""
    with pytest.raises(ConversionError):
        cents(f"{amount:f}")


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1e3", "1,000.00", "$10", "ten", "1.", ".5", "NaN", "Infinity", "\u0661\u0660", "1" * 10]
)
def test_cents__no_plain_amount__is_refused(text: str) -> None:
    """Signs, exponents, separators and other digits are no amounts."""
    with pytest.raises(ConversionError):
        cents(text)


def test_dollars__nothing_at_all__is_refused() -> None:
    """A payment of nothing is a mistake."""
    with pytest.raises(ConversionError):
        dollars("0.00")


@given(st.integers(1, MOST_CENTS))
def test_cents_and_dollars__same_amount__differ_by_a_hundred(amount: int) -> None:
    """What one part of the upstream takes in cents and another as a number is the same money."""
    for text in ways_to_write(amount):
        assert Decimal(orjson.dumps(dollars(text)).decode()).scaleb(2) == Decimal(cents(text))


#: calls that move money, what else they insist on, and for each amount of theirs where it is written
IN_CENTS = [
    (
        "milestones/create_milestone",
        {"contract_reference": "1", "milestone_description": "x"},
        {"deposit_amount": "depositAmount"},
    ),
    ("milestones/edit_milestone", {}, {"deposit_amount": "depositAmount"}),
    ("milestones/approve_milestone", {}, {"amount": "paidAmount", "bonus": "bonusAmount"}),
    ("submissions/approve_submission", {}, {"amount": "paidAmount", "bonus": "bonusAmount"}),
]
PARTS = {"milestone_id": "1", "submission_id": "1"}


@pytest.mark.parametrize(("call", "beside", "amounts"), IN_CENTS, ids=[call for call, _, _ in IN_CENTS])
@given(amount=st.integers(0, MOST_CENTS))
def test_variables__amounts_of_milestones__are_the_cents_as_text(
    built: Built, call: str, beside: dict[str, str], amounts: dict[str, str], amount: int
) -> None:
    """Through the whole call, an amount leaves as its whole cents, and each under its own name."""
    whole, part = divmod(amount, 100)
    # Each amount is another one, so that two that changed places are seen.
    written = {name: f"{whole + place}.{part:02d}" for place, name in enumerate(amounts) if whole + place < 10**9}

    input_ = variables(built, call, {**beside, **written})

    expected = {amounts[name]: str(amount + 100 * place) for place, name in enumerate(amounts) if name in written}
    assert {target: input_.get(target) for target in expected} == expected


@pytest.mark.parametrize("name", ["charge_amount", "amount"])
@given(amount=st.integers(1, MOST_CENTS))
def test_variables__amount_of_a_custom_payment__is_the_number_of_dollars(built: Built, name: str, amount: int) -> None:
    """Through the whole call, a payment leaves as a number that reads back as the amount."""
    for text in ways_to_write(amount):
        params = {"engagement__reference": "1", "comments": "x", name: text}

        sent = orjson.dumps(variables(built, "payments/make_custom_payment", params)["amount"]).decode()

        assert Decimal(sent) * 100 == amount


@given(amount=st.integers(0, MOST_CENTS))
def test_variables__deposit_that_the_upstream_told__is_paid_to_the_cent(built: Built, amount: int) -> None:
    """A milestone approved without an amount pays exactly the deposit, however the upstream writes it."""
    for text in ways_to_write(amount):
        answer = {"depositAmount": {"rawValue": text.strip()}, "id": "1"}

        assert variables(built, "milestones/approve_milestone", {}, {"found": answer})["paidAmount"] == str(amount)


def variables(built: Built, call: str, params: dict[str, str], answers: dict[str, Any] | None = None) -> dict[str, Any]:
    """The input object that a call writes for these parameters."""
    plan = built.plans.calls[call]
    values = plan.bind({**PARTS, "team_reference": "1"}, params, warn_of_nothing)
    variant = next(one for one in plan.variants if one.holds(values))
    written: dict[str, Any] = variant.question.write(values, answers or {"found": {"id": "1"}})["input"]
    return written


def warn_of_nothing(warning: str) -> None:
    """Every parameter of these calls is used."""
    raise AssertionError(warning)
