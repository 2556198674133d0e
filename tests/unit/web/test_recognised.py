"""What requests ask for is remembered by their bytes, once they came again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web import recognised as module
from app.web.recognised import Remembered, Said

SAID = st.tuples(st.sampled_from([b"/a", b"/b"]), st.sampled_from([b"", b"x=1"]), st.sampled_from([b"A: 1", b"A: 2"]))


@given(st.lists(SAID, max_size=40))
def test_remembered__whatever_comes__is_found_by_all_of_its_bytes(asked: list[Said]) -> None:
    """Never what others asked for."""
    memory: Remembered[Said] = Remembered(most=3)
    for said in asked:
        found = memory.find(said)
        assert found in {None, said}
        if found is None and memory.comes_again(said):
            memory.put(said, said)
    assert len(memory) <= 3


def test_remembered__first_time__is_only_marked() -> None:
    """Most requests never come again."""
    memory: Remembered[str] = Remembered()

    assert [memory.comes_again((b"/a", b"", b"A: 1")) for _ in range(2)] == [False, True]


def test_remembered__full__keeps_what_was_used_last() -> None:
    """Whoever polls stays."""
    memory: Remembered[str] = Remembered(most=2)
    memory.put((b"/a", b"", b""), "a")
    memory.put((b"/b", b"", b""), "b")
    memory.find((b"/a", b"", b""))
    memory.put((b"/c", b"", b""), "c")

    assert [memory.find((path, b"", b"")) for path in (b"/a", b"/b", b"/c")] == ["a", None, "c"]


def test_remembered__long_ones_and_old_marks__are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded whatever clients send."""
    monkeypatch.setattr(module, "MOST_MARKS", 2)
    memory: Remembered[str] = Remembered()
    long = (b"/a", b"x" * module.MOST_BYTES, b"A: 1")
    told = [memory.comes_again(long) for _ in range(2)]
    for path in (b"/a", b"/b", b"/c"):
        memory.comes_again((path, b"", b""))

    assert (told, memory.comes_again((b"/a", b"", b""))) == ([False, False], False)
