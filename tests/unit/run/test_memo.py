"""What the same bytes became the last time: found by key and bytes together, bounded, and only what comes again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.run import memo as module
from app.run.marks import Marks
from app.run.memo import OVERHEAD_BYTES, Memo

KEYS = st.sampled_from(["anna", "ben"])
RAWS = st.sampled_from([b"one", b"two", b"three" * 100])


def kept(memo: Memo[bytes], key: str, raw: bytes, value: bytes) -> None:
    """Put so often that it is remembered."""
    memo.put(key, raw, value)
    memo.put(key, raw, value)


def test_memo__first_time__is_not_kept() -> None:
    """The second is, whatever its bytes."""
    memo: Memo[bytes] = Memo(10_000)

    memo.put("anna", b"raw", b"made")
    first = memo.find("anna", b"raw")
    memo.put("anna", b"other", b"made too")

    assert (first, memo.find("anna", b"raw"), memo.find("anna", b"other")) == (None, None, b"made too")


@given(st.lists(st.tuples(KEYS, RAWS), max_size=30))
def test_memo__whatever_was_put__is_found_by_its_own_key_and_bytes(puts: list[tuple[str, bytes]]) -> None:
    """Never another's; of each key the last."""
    memo: Memo[bytes] = Memo(4000)
    last: dict[str, bytes] = {}
    for key, raw in puts:
        kept(memo, key, raw, key.encode() + raw)
        last[key] = raw

    for key in ("anna", "ben"):
        for raw in (b"one", b"two", b"three" * 100):
            assert memo.find(key, raw) == (key.encode() + raw if last.get(key) == raw else None)


def test_memo__full__drops_what_was_put_first() -> None:
    """Bytes of answers and replies together."""
    memo: Memo[bytes] = Memo(2 * (OVERHEAD_BYTES + 20))
    for name in ("a", "b", "c"):
        kept(memo, name, b"0123456789", b"0123456789")

    assert [memo.find(name, b"0123456789") is None for name in ("a", "b", "c")] == [True, False, False]


def test_memo__another_value_of_a_key__takes_the_place_of_the_last() -> None:
    """Its bytes count no more."""
    memo: Memo[bytes] = Memo(2 * (OVERHEAD_BYTES + 20))
    kept(memo, "b", b"0123456789", b"0123456789")
    for number in range(10):
        kept(memo, "a", b"012345678%d" % number, b"0123456789")

    assert [memo.find("a", b"0123456789"), memo.find("b", b"0123456789")] == [b"0123456789"] * 2


@pytest.mark.parametrize("most", [0, OVERHEAD_BYTES])
def test_memo__too_small_for_it__keeps_nothing(most: int) -> None:
    """And says so where it keeps none at all."""
    memo: Memo[bytes] = Memo(most)
    kept(memo, "a", b"0123456789", b"x")

    assert (memo.find("a", b"0123456789"), memo.is_on) == (None, most > 0)


def test_memo__marks__are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came once long ago is forgotten."""
    monkeypatch.setattr(module, "MOST_MARKS", 3)
    memo: Memo[bytes] = Memo(10_000)
    for name in ("a", "b", "c", "d", "a"):
        memo.put(name, b"raw", b"made")

    assert memo.find("a", b"raw") is None


@given(st.lists(st.integers(0, 30), max_size=200), st.integers(2, 12))
def test_marks__whatever_came__the_last_half_is_known_and_no_more_than_all(came: list[int], most: int) -> None:
    """What came among the last different ones comes again; what lies further back than all of them is new."""
    marks, order = Marks(most), list[int]()
    for thing in came:
        since = order[::-1].index(thing) if thing in order else None

        known = marks.comes_again(thing)

        if since is None:
            assert not known
        elif since < most // 2:
            assert known
        elif since >= most:
            assert not known
        if not known:
            order = [one for one in order if one != thing] + [thing]
