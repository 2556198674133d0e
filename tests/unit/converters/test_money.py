"""Amounts keep every cent, and nothing that is no amount passes."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
