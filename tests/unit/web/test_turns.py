"""Calls that come together begin over several turns of the event loop, in their order, and all do."""

from __future__ import annotations

import asyncio
from typing import cast
from unittest.mock import Mock, patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.turns import Turns


class Work:
    """Tasks that note in which turn of the loop they ran, as (number, turn)."""

    def __init__(self, most: int) -> None:
        self.loop = asyncio.get_running_loop()
        self.tasks: set[asyncio.Task[None]] = set()
        self.turns = Turns(self.tasks, most)
        self.ran: list[tuple[int, int]] = []
        self.turn = self.given = 0

    def come(self, many: int) -> None:
        """So many calls at once."""
        for _ in range(many):
            self.turns.begin(self.loop, self._run(self.given))
            self.given += 1

    async def until_the_next_turn(self) -> None:
        self.turn += 1
        await asyncio.sleep(0)

    async def _run(self, number: int) -> None:
        self.ran.append((number, self.turn))


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(1, 4))
def test_begin__any_arrivals__all_run_in_order_and_never_more_in_a_turn(arrivals: list[int], most: int) -> None:
    async def check() -> None:
        work = Work(most)
        for many in arrivals:
            work.come(many)
            await work.until_the_next_turn()
        while work.tasks or len(work.ran) < work.given:
            await work.until_the_next_turn()

        assert [number for number, _ in work.ran] == list(range(sum(arrivals)))
        in_a_turn = [sum(turn == at for _, turn in work.ran) for at in range(work.turn + 1)]
        assert max(in_a_turn) <= most

    asyncio.run(check())


async def test_begin__fewer_than_a_turn_takes__begin_at_once() -> None:
    """Nobody waits where there is room."""
    work = Work(4)

    work.come(4)
    assert len(work.tasks) == 4
    await work.until_the_next_turn()
    await work.until_the_next_turn()

    assert {turn for _, turn in work.ran} == {1}
    assert work.tasks == set()


@pytest.mark.parametrize("pauses", [0, 1, 3])
async def test_begin__a_turn_was_full__what_comes_later_does_not_overtake(pauses: int) -> None:
    work = Work(2)

    work.come(5)
    for _ in range(pauses):
        await work.until_the_next_turn()
    work.come(3)
    for _ in range(6):
        await work.until_the_next_turn()

    assert [number for number, _ in work.ran] == list(range(8))


async def test_begin__turns_are_over__their_room_is_free_again() -> None:
    """That of the last of a crowd too."""
    work = Work(4)

    work.come(7)
    for _ in range(4):
        await work.until_the_next_turn()
    work.come(4)

    assert len(work.tasks) == 4


async def test_begin__nothing_came__no_turn_is_taken() -> None:
    """An idle server sleeps."""
    work = Work(2)

    work.come(1)
    with patch.object(work.turns, "_turn", wraps=work.turns._turn):
        for _ in range(5):
            await work.until_the_next_turn()
        work.come(1)
        for _ in range(5):
            await work.until_the_next_turn()
        turn = cast(Mock, work.turns._turn)

        assert turn.call_count <= 1
        assert len(work.ran) == 2
