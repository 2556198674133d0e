"""What is remembered is bounded in count and in age."""

from __future__ import annotations

import pytest

from app.run.memory import Memory
from tests.doubles import Clock


@pytest.fixture
def clock() -> Clock:
    """A clock moved by hand."""
    return Clock()


@pytest.fixture
def memory(clock: Clock) -> Memory[str]:
    """Two entries for ten seconds."""
    return Memory(clock, seconds=10.0, most=2)


def test_get__nothing_put__gives_none(memory: Memory[str]) -> None:
    """What was never put is not there."""
    found = memory.get("a")

    assert found is None


@pytest.mark.parametrize(("seconds", "found"), [(0.0, "one"), (9.999, "one"), (10.0, None), (11.0, None)])
def test_get__after_a_while__gives_what_is_young_enough(
    memory: Memory[str], clock: Clock, seconds: float, found: str | None
) -> None:
    """An entry lives exactly its seconds."""
    memory.put("a", "one")

    clock.now += seconds

    assert memory.get("a") == found


def test_get__too_old__forgets_the_entry(memory: Memory[str], clock: Clock) -> None:
    """An old entry does not take room once it was asked for."""
    memory.put("a", "one")
    clock.now += 10

    memory.get("a")

    assert len(memory) == 0


def test_put__one_too_many__forgets_the_oldest(memory: Memory[str]) -> None:
    """The bound is kept by letting the oldest entry go."""
    for key in ("a", "b", "c"):
        memory.put(key, key.upper())

    assert [memory.get(key) for key in ("a", "b", "c")] == [None, "B", "C"]


def test_put__again__makes_the_entry_young(memory: Memory[str], clock: Clock) -> None:
    """A value put again counts from now, in age and in order."""
    memory.put("a", "old")
    memory.put("b", "b")
    clock.now += 6
    memory.put("a", "new")
    memory.put("c", "c")
    clock.now += 6

    found = [memory.get(key) for key in ("a", "b", "c")]

    assert found == ["new", None, "c"]
