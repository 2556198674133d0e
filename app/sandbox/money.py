"""Amounts as whole cents inside, `Money` with a decimal string outside."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in cents; its properties are the fields of the upstream's `Money`."""

    cents: int
    currency: str = "USD"

    @property
    def raw_value(self) -> str:
        """The amount as a decimal string without trailing zeros, such as "500" or "33.5"."""
        sign = "-" if self.cents < 0 else ""
        whole, part = divmod(abs(self.cents), 100)
        return f"{sign}{whole}.{part:02d}".rstrip("0").rstrip(".") if part else f"{sign}{whole}"

    @property
    def display_value(self) -> str:
        """The amount as people read it, such as "$1,500.00"."""
        sign = "-" if self.cents < 0 else ""
        return f"{sign}${abs(self.cents) // 100:,}.{abs(self.cents) % 100:02d}"


def money(cents: int | None) -> Money | None:
    """Give the cents as Money; None stays None."""
    return None if cents is None else Money(cents)
