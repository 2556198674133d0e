"""The upstream's limits: moments out of one log, shared by all who use a store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import OverloadedError, ProxyError, RateError
from app.events import BudgetDegraded, BudgetTold
from app.run.budget import HOUR, Budget, Ledger, Limits
from app.store.store import StoreDownError
from tests.doubles import Clock, Events

NIGHT = 1_800_000 * HOUR


class MemoryStore:
    """A store of one process, on a test's clock; `is_down` breaks it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.entries: dict[str, bytes] = {}
        self.is_down = False
        self.asked = 0

    async def moment(self) -> float:
        """Seconds since 1970."""
        self.asked += 1
        if self.is_down:
            raise StoreDownError("down")
        # Others come between a look and a change.
        await asyncio.sleep(0)
        return NIGHT + self._clock.now

    async def get(self, key: str) -> bytes | None:
        """The value."""
        await asyncio.sleep(0)
        return self.entries.get(key)

    async def add(self, key: str, value: bytes) -> bool:
        """Set it where there is none."""
        return self.entries.setdefault(key, value) is value

    async def swap(self, key: str, old: bytes, new: bytes | None) -> bool:
        """Compare and set."""
        if self.entries.get(key) != old or new is None:
            return False
        self.entries[key] = new
        return True


MakeBudget = Callable[..., Budget]


@pytest.fixture
def shared(clock: Clock) -> MemoryStore:
    """What the budgets of a test share."""
    return MemoryStore(clock)


@pytest.fixture
def make(shared: MemoryStore, clock: Clock, events: Events) -> MakeBudget:
    """A worker's budget; to sleep is to move the clock."""

    async def sleep(seconds: float) -> None:
        clock.now += seconds
        await asyncio.sleep(0)

    def budget(second: int = 10, day: int = 40_000, queue: int = 100, share: float = 0.5) -> Budget:
        return Budget(shared, Limits(second, day), clock, sleep, events, share=share, queue=queue)

    return budget


def in_any_second(moments: Sequence[float]) -> int:
    """Most of them within one second."""
    return max(sum(start <= other < start + 1 for other in moments) for start in moments)


@given(
    second=st.integers(1, 40) | st.integers(90, 2000),
    arrivals=st.lists(st.tuples(st.floats(0, 0.6), st.just(1) | st.integers(1, 8)), min_size=1, max_size=150),
    part=st.floats(0, 1),
)
def test_ledger__any_arrivals__no_second_has_more_than_the_limit(
    second: int, arrivals: list[tuple[float, int]], part: float
) -> None:
    """Not even where some go out as late as they may and others at once; a moment may be for several of them."""
    late = part * Limits(second, 0).late_seconds
    limits, ledger, now, sent = Limits(second, 0), Ledger(), NIGHT, list[float]()
    for number, (pause, wanted) in enumerate(arrivals):
        now, times = now + pause, min(wanted, limits.moments)
        moment = ledger.next(limits, now, times)
        assert moment >= now
        ledger = Ledger.loaded(ledger.taken(limits, moment, times=times).dumped())
        sent += [moment + (late if number % 2 else 0)] * times
    assert in_any_second(sent) * limits.batch <= second


@given(day=st.integers(1, 60), hours=st.lists(st.integers(0, 30), min_size=1, max_size=120))
def test_ledger__any_pace__no_day_has_more_than_the_limit(day: int, hours: list[int]) -> None:
    """Hours are counted whole, so that the sum over any 24 of them is never above the limit."""
    limits, ledger, hour, taken = Limits(0, day), Ledger(), 0, list[int]()
    for pause in hours:
        hour += pause
        now = NIGHT + hour * HOUR
        if ledger.day_waits(limits, now):
            later = now + ledger.day_waits(limits, now)
            assert ledger.used(later) < ledger.used(now)
        else:
            ledger = ledger.taken(limits, now)
            taken.append(hour)
    assert all(sum(start <= other < start + 24 for other in taken) <= day for start in taken)


async def test_admit__within_the_limit__waits_for_nothing(make: MakeBudget, clock: Clock) -> None:
    """The first ten of a second go at once."""
    budget = make()
    for _ in range(10):
        await budget.admit("one", clock.now + 7, is_write=False)
    assert clock.now == Clock().now
    await budget.admit("one", clock.now + 7, is_write=False)
    assert clock.now - Clock().now >= 1


async def test_admit__two_workers__share_one_limit(make: MakeBudget, clock: Clock) -> None:
    """What one takes the other has not."""
    budgets = [make(), make()]
    moments = []
    for number in range(40):
        await budgets[number % 2].admit("one", clock.now + 7, is_write=False)
        moments.append(clock.now)
    assert in_any_second(moments) <= 10
    assert clock.now - Clock().now < 5


async def test_admit__writes_and_reads_wait__writes_go_first(make: MakeBudget, clock: Clock) -> None:
    """Also where they came later."""
    budget, order = make(second=1), list[str]()

    async def admitted(name: str, *, is_write: bool) -> None:
        await budget.admit(name, clock.now + 60, is_write=is_write)
        order.append(name)

    reads = [asyncio.create_task(admitted(f"read {number}", is_write=False)) for number in range(3)]
    await asyncio.sleep(0)
    write = asyncio.create_task(admitted("write", is_write=True))
    await asyncio.gather(*reads, write)

    assert order.index("write") <= 1
    assert sorted(order) == ["read 0", "read 1", "read 2", "write"]


async def test_admit__one_credential_asks_much__others_take_turns(make: MakeBudget, clock: Clock) -> None:
    """Nobody waits behind all that another wants."""
    budget, order = make(second=1), list[str]()

    async def admitted(who: str) -> None:
        await budget.admit(who, clock.now + 60, is_write=False)
        order.append(who)

    await asyncio.gather(*[admitted(who) for who in ["much"] * 8 + ["little"]])

    assert order.index("little") <= 2


async def test_admit__no_moment_before_the_deadline__is_refused_in_the_legacy_form(
    make: MakeBudget, clock: Clock
) -> None:
    """429, and nothing was sent."""
    budget = make(second=1)
    await budget.admit("one", clock.now + 7, is_write=False)
    with pytest.raises(RateError) as caught:
        await budget.admit("one", clock.now, is_write=False)
    assert (caught.value.status, caught.value.retry_after_seconds) == (429, 1)
    await budget.close()


async def test_admit__the_day_is_used_up__is_refused_until_it_has_room(make: MakeBudget, clock: Clock) -> None:
    """Reads and writes alike; the store is not asked again before that."""
    budget = make(day=3)
    for _ in range(3):
        await budget.admit("one", clock.now + 7, is_write=True)
    for is_write in (False, True):
        with pytest.raises(RateError) as caught:
            await budget.admit("one", clock.now + 7, is_write=is_write)
    assert caught.value.retry_after_seconds is not None
    assert 24 * HOUR <= caught.value.retry_after_seconds <= 25 * HOUR + 1
    assert budget.remaining == 0
    clock.now += 25 * HOUR + 1
    await budget.admit("one", clock.now + 7, is_write=False)


async def test_admit__more_wait_than_may__is_overloaded(make: MakeBudget, clock: Clock) -> None:
    """503 at once for those beyond."""
    budget = make(second=1, queue=2)
    told = await asyncio.gather(
        *[budget.admit("one", clock.now + 60, is_write=False) for _ in range(5)], return_exceptions=True
    )
    assert [isinstance(one, OverloadedError) for one in told] == [False, False, True, True, True]


async def test_admit__a_high_limit__asks_the_store_seldom(make: MakeBudget, shared: MemoryStore, clock: Clock) -> None:
    """A moment is for many requests then."""
    budget = make(second=10_000, day=0)
    for _ in range(2_000):
        await budget.admit("one", clock.now + 7, is_write=False)
    assert shared.asked <= 2_000 // Limits(10_000, 0).batch + 1


async def test_admit__a_high_limit_hardly_used__takes_from_the_day_what_was_used(
    make: MakeBudget, shared: MemoryStore, clock: Clock
) -> None:
    """What is left of a moment's requests goes back when the next one is taken."""
    budget = make(second=1000, day=100_000)
    for _ in range(50):
        await budget.admit("one", clock.now + 7, is_write=False)
        clock.now += 1

    batch = Limits(1000, 0).batch
    assert sum(Ledger.loaded(shared.entries["budget"]).hours.values()) <= 50 + 2 * batch


async def test_admit__a_high_limit__moments_overlap(make: MakeBudget, clock: Clock) -> None:
    """Who asks now and then never finds that there is no leave."""
    budget = make(second=1000, day=0)
    await budget.admit("one", clock.now + 7, is_write=False)
    missed = 0
    for _ in range(200):
        clock.now += 0.01
        missed += budget.admit_now() is None
        for _ in range(8):
            await asyncio.sleep(0)
    assert missed == 0


async def test_admit__a_high_limit_and_a_busy_process__moments_overlap_still(make: MakeBudget, clock: Clock) -> None:
    """Where each turn of the loop is long, the store's answer is several of them away: it is asked the earlier."""
    budget, missed = make(second=1000, day=0), list[bool]()
    await budget.admit("one", clock.now + 7, is_write=False)
    for _ in range(100):
        clock.now += 0.04
        missed.append(budget.admit_now() is None)
        await asyncio.sleep(0)

    # How long the store takes is seen the first time that it is asked so.
    assert not any(missed[20:])


async def test_admit__a_high_limit_and_a_slow_store__takes_several_moments_at_once(
    make: MakeBudget, shared: MemoryStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or most requests would wait for the store, and not for the limit; it is kept all the same."""
    get, budget, sent = shared.get, make(second=200, day=0), list[float]()

    async def late(key: str) -> bytes | None:
        clock.now += 0.5
        return await get(key)

    monkeypatch.setattr(shared, "get", late)
    for _ in range(200):
        await budget.admit("one", clock.now + 7, is_write=False)
        sent.append(clock.now)

    # One moment of four a visit would take 25 seconds.
    assert sent[-1] - sent[0] < 7
    assert in_any_second(sent) <= 200


async def test_admit__a_high_limit__is_used_up_only_by_use(make: MakeBudget, clock: Clock) -> None:
    """A moment that is over has to be followed by another, which is soon there: nobody need ride with others for it."""
    budget = make(second=100, day=0)
    before = budget.is_used_up
    for _ in range(Limits(100, 0).batch):
        await budget.admit("one", clock.now + 7, is_write=False)
    used = budget.is_used_up
    clock.now += 5

    assert (before, used, budget.is_used_up) == (False, True, False)


async def test_admit__the_store_is_down__keeps_to_its_share_and_tells(
    make: MakeBudget, shared: MemoryStore, clock: Clock, events: Events
) -> None:
    """Half of the limit here; once the store is back, the whole of it again."""
    budget, moments = make(share=0.5), list[float]()
    shared.is_down = True
    for _ in range(30):
        await budget.admit("one", clock.now + 7, is_write=False)
        moments.append(clock.now)
    assert in_any_second(moments) == 5
    shared.is_down = False
    clock.now += 2
    await budget.admit("one", clock.now + 7, is_write=False)
    assert events.of(BudgetDegraded) == [BudgetDegraded(is_degraded=True), BudgetDegraded(is_degraded=False)]


@pytest.mark.parametrize("second", [120, 150, 1000])
async def test_admit__the_store_is_down_and_the_limit_high__keeps_to_its_share(
    make: MakeBudget, shared: MemoryStore, clock: Clock, second: int
) -> None:
    """A moment of a share is for as many as it was taken for, and as long."""
    budget, sent = make(second=second, day=0, share=0.5), list[float]()
    shared.is_down = True
    for _ in range(3 * second):
        slot = await budget.admit("one", clock.now + 7, is_write=False)
        assert slot.ends - clock.now <= Limits(second // 2, 0).late_seconds
        sent.append(clock.now)

    assert second // 4 <= in_any_second(sent) <= second // 2


async def test_admit__a_process_that_was_busy__does_not_use_a_moment_that_is_over(
    shared: MemoryStore, clock: Clock, events: Events
) -> None:
    """It takes another: two of one second could meet otherwise."""
    naps = iter([0.3])

    async def sleep(seconds: float) -> None:
        clock.now += seconds + next(naps, 0.0)
        await asyncio.sleep(0)

    budget = Budget(shared, Limits(2, 0), clock, sleep, events, share=1, queue=9)
    slot = await budget.admit("one", clock.now + 7, is_write=False)
    assert clock.now < slot.ends
    assert len(Ledger.loaded(shared.entries["budget"]).moments) == 2


async def test_admit__told_what_is_left_and_when_it_ends(make: MakeBudget, clock: Clock, events: Events) -> None:
    """The forecast goes by the pace of this hour and the last."""
    budget = make(day=100)
    for _ in range(50):
        await budget.admit("one", clock.now + 60, is_write=False)
    told = events.of(BudgetTold)[-1]
    assert (told.remaining, budget.remaining) == (50, 50)
    assert told.runs_out_seconds == pytest.approx(HOUR + clock.now)


async def test_admit__the_store_gives_nonsense__who_waits_is_told(
    make: MakeBudget, shared: MemoryStore, clock: Clock
) -> None:
    """Nobody waits for ever."""
    shared.entries["budget"] = b"no json"
    with pytest.raises(ValueError):
        await make().admit("one", clock.now + 7, is_write=False)


def test_rate_error__is_an_error_of_ours() -> None:
    """So that callers hear it in the legacy form."""
    assert issubclass(RateError, ProxyError)
