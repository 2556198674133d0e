"""Amounts of money. Decimal throughout: no amount is ever a binary fraction before its last digit is known."""

from __future__ import annotations

import re
from decimal import Decimal

from app.converters.registry import ConversionError, converter

#: up to 999,999,999.99, with trailing zeros as the upstream and some clients write them
AMOUNT = re.compile(r"\d{1,9}(?:\.\d{1,6})?", re.ASCII)
#: digits before the point of an upstream's amount; beyond them a number in JSON is no longer the one that was meant
MOST_DIGITS = 15


@converter(takes="text", gives="text", examples=[("10", "1000"), ("33.5", "3350"), ("0.29", "29"), ("150.00", "15000")])
def cents(text: str) -> str:
    """An amount as whole cents in digits, which is what the upstream's milestones take.

    Source: upstream notes, values (`"1000"` is 10 USD); legacy milestones, `deposit_amount`.
    """
    return str(read_cents(text))


@converter(takes="text", gives="number", examples=[("10.00", 10.0), ("33.5", 33.5), ("0.29", 0.29)])
def dollars(text: str) -> float:
    """An amount above 0 as a number: at most eleven digits, which every JSON reader gives back unchanged.

    Source: contract payments, `CustomPaymentInput.amount`; legacy payments, `charge_amount`.
    """
    amount = read_cents(text)
    if amount == 0:
        raise ConversionError("must be an amount above 0, such as 10.00")
    return float(Decimal(amount).scaleb(-2))


@converter(takes="text", gives="number", examples=[("750.00", 750), ("99.5", 99.5), ("0", 0)], is_narrow=True)
def amount_number(text: str) -> int | float:
    """A decimal text as a JSON number, whole where it is whole. Source: legacy jobs, `budget` of the search."""
    try:
        amount = Decimal(text.strip())
    except ArithmeticError as error:
        raise ConversionError("must be an amount, such as 750.00") from error
    if not amount.is_finite() or amount.adjusted() >= MOST_DIGITS:
        raise ConversionError("must be an amount, such as 750.00")
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def read_cents(text: str) -> int:
    """An amount in whole cents, exactly. Raises ConversionError for signs, exponents and parts of a cent."""
    text = text.strip()
    if AMOUNT.fullmatch(text):
        amount = Decimal(text).scaleb(2)
        if amount == amount.to_integral_value():
            return int(amount)
    raise ConversionError("must be an amount with at most two decimals, such as 10.00")
