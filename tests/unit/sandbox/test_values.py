"""Instants, money, names and ids in the upstream's forms."""

import pytest
from graphql import GraphQLObjectType
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.executable import load_live_schema, snake_case
from app.sandbox.instants import BASE_MS, Clock, day_text, iso_compact, iso_z, read_day, read_instant, spaced
from app.sandbox.mint import IdMint
from app.sandbox.money import Money, money
from app.sandbox.resolvers.areas import AREAS
from app.sandbox.resolvers.binding import bind
from app.sandbox.resolvers.fields import FieldTable

from .conftest import SCHEMA


@pytest.mark.parametrize(
    ("instant", "z", "compact", "day", "text"),
    [
        (1789599135448, "2026-09-16T22:52:15.448Z", "2026-09-16T22:52:15+0000", "2026-09-16", "2026-09-16 22:52:15"),
        (0, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00+0000", "1970-01-01", "1970-01-01 00:00:00"),
        (None, None, None, None, None),
    ],
)
def test_instant__written__has_the_form_of_its_area(
    instant: int | None, z: str | None, compact: str | None, day: str | None, text: str | None
) -> None:
    """Rooms and contracts, job postings, days and activities each have their own form."""
    assert (iso_z(instant), iso_compact(instant), day_text(instant), spaced(instant)) == (z, compact, day, text)


@given(st.integers(0, 4_000_000_000_000))
def test_instant__written_and_read__is_the_same(instant: int) -> None:
    """The text of an instant names it exactly."""
    assert read_instant(iso_z(instant) or "") == instant


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1789599135448", 1789599135448),
        ("2026-09-16", 1789516800000),
        ("2026-09-16T22:52:15.448+0000", 1789599135448),
        ("2026-09-17T00:52:15.448+02:00", 1789599135448),
    ],
)
def test_read_instant__forms_that_clients_send__are_understood(text: str, instant: int) -> None:
    """Epoch milliseconds, days, and offsets with or without a colon."""
    assert read_instant(text) == instant


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01"])
def test_read_instant__anything_else__is_refused(text: str) -> None:
    """What is no instant raises ValueError."""
    with pytest.raises(ValueError, match=r"."):
        read_instant(text)


@pytest.mark.parametrize("text", ["2026-09-16", "260916", "20261316", ""])
def test_read_day__anything_but_eight_digits__is_refused(text: str) -> None:
    """A diary day is `yyyymmdd` and nothing else."""
    with pytest.raises(ValueError, match=r"."):
        read_day(text)


def test_clock__ticked__moves_by_a_second() -> None:
    """The world's time moves only when something changes."""
    clock = Clock()

    assert (clock.now, clock.tick(), clock.now) == (BASE_MS, BASE_MS + 1000, BASE_MS + 1000)


@pytest.mark.parametrize(
    ("cents", "raw", "display"),
    [(50_000, "500", "$500.00"), (3333, "33.33", "$33.33"), (1250, "12.5", "$12.50"), (0, "0", "$0.00"),
     (123456789, "1234567.89", "$1,234,567.89"), (-5, "-0.05", "-$0.05"), (1000, "10", "$10.00")],
)  # fmt: skip
def test_money__in_cents__is_written_as_decimal_and_for_people(cents: int, raw: str, display: str) -> None:
    """The raw value has no trailing zeros, the display value has two decimals."""
    assert (Money(cents).raw_value, Money(cents).display_value) == (raw, display)
    assert money(None) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [("createdDateTime_bt", "created_date_time_bt"), ("logoURL", "logo_url"), ("isFP2", "is_fp2"), ("id", "id")],
)
def test_snake_case__graphql_name__is_a_python_name(name: str, expected: str) -> None:
    """Names are taken apart at capitals, acronyms kept together."""
    assert snake_case(name) == expected


def test_mint__same_seed__makes_the_same_ids_and_never_one_twice() -> None:
    """Ids follow from seed and order, and differ within a kind."""
    first, second = IdMint(5), IdMint(5)

    made = [[mint.uid("user") for _ in range(500)] for mint in (first, second)]

    assert made[0] == made[1]
    assert len(set(made[0])) == 500
    assert {len(one) for one in made[0]} <= {18, 19}


def test_live_schema__seed_parts__are_gone_and_documented_ones_are_listed() -> None:
    """The executable schema has no part of the seed; what only the documentation has is named."""
    live = load_live_schema(SCHEMA)

    mutation = live.schema.type_map["Mutation"]
    assert isinstance(mutation, GraphQLObjectType)
    assert not {"createRoom", "submitMilestoneByFreelancer"} & set(mutation.fields)
    assert "CompaniesRecord" not in live.schema.type_map
    assert {"GenericUser.email", "PrivateCompanyInfo.phone"} <= live.documented_only


def test_bind__resolver_for_no_field__is_refused() -> None:
    """A resolver that belongs to nothing is a mistake, and is named."""
    table = FieldTable()
    table.reads("Room", nonsense=lambda *_: None)

    with pytest.raises(LookupError, match="nonsense"):
        bind(load_live_schema(SCHEMA).schema, (*AREAS, table))
