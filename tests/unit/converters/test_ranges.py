"""A range that is asked for holds everything that was listed, and what is kept apart is exactly what was listed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.converters import CONVERTERS, ConversionError

whole_ranges = CONVERTERS["whole_ranges"].convert
Limits = tuple[int | None, int | None]


def is_range(pair: Limits) -> bool:
    """Whether a pair of limits is one that a client can mean."""
    low, high = pair
    return high is not None if low is None else high is None or low <= high


limit = st.one_of(st.none(), st.integers(0, 999))
ordered: st.SearchStrategy[Limits] = st.tuples(limit, limit).filter(is_range)


def ways_to_write(low: int | None, high: int | None) -> list[str]:
    """A range in every form that clients send."""
    texts = [f"[{'*' if low is None else low} TO {'*' if high is None else high}]"]
    texts.append(f"{'' if low is None else low}-{'' if high is None else high}")
    return texts + ([str(low)] if low == high else [])


def holds(low: Any, high: Any, number: int) -> bool:
    """Whether a range with null for an open end holds a number."""
    return (low is None or number >= low) and (high is None or number <= high)


@given(ordered)
def test_whole_ranges__one_range_in_every_form__is_read_alike(pair: Limits) -> None:
    """All forms of one range mean the same, and leave nothing to keep apart."""
    low, high = pair

    read = [whole_ranges(text) for text in ways_to_write(low, high)]

    assert all(one == {"low": low, "high": high, "ranges": [[low, high]], "apart": None} for one in read)


@given(st.lists(ordered, min_size=2, max_size=5), st.integers(0, 1000))
def test_whole_ranges__several__hull_holds_all_of_them(pairs: list[Limits], number: int) -> None:
    """Whatever one of the ranges holds, the hull holds; what is kept apart tells them again."""
    read = whole_ranges(",".join(ways_to_write(low, high)[0] for low, high in pairs))

    assert read["apart"] == [list(pair) for pair in pairs]
    assert not any(holds(*pair, number) for pair in pairs) or holds(read["low"], read["high"], number)


@pytest.mark.parametrize(
    "text", ["", ",", "-", "a", "[1 TO]", "[1,2]", "5 TO 6", "[9 TO 1]", "9-1", "1.5", "99999999999", "None"]
)
def test_whole_ranges__no_range__is_refused(text: str) -> None:
    """What is no range is told, and never asked for as something else."""
    with pytest.raises(ConversionError):
        whole_ranges(text)
