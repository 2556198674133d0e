"""Work diaries: which ten-minute cells of a day were worked on an hourly contract.

Nothing is stored. A day's cells follow from the seed, the contract and the day, so that every view of them agrees; most
weekends, days outside the contract and some others are empty.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from app.sandbox.chance import dice
from app.sandbox.instants import BASE_MS, day_of, day_start
from app.sandbox.records.work import Activity, Contract
from app.sandbox.world import World

CELL_SECONDS = 600
MEMOS = ("header", "code review", "reading the brief", "bug fixing", "call with the client", "documentation")
WINDOWS = ("editor", "browser", "terminal", "spreadsheet", "chat")


@dataclass(frozen=True, slots=True)
class Cell:
    """Ten minutes of work. `start` is the cell, `time` the moment of its screenshot, both in epoch seconds."""

    start: int
    time: int
    activity: int
    mouse: int
    keyboard: int
    memo: str
    window: str
    manual: bool
    overtime: bool
    task: Activity | None

    @property
    def has_screenshot(self) -> bool:
        """Time added by hand has no picture."""
        return not self.manual


def cells_of(world: World, contract: Contract, day: date, offset_seconds: int = 0) -> list[Cell]:
    """Give the cells of a day, the earliest first; with an offset, of the day as it runs in that time zone."""
    if offset_seconds == 0:
        return _cells_of_utc_day(world, contract, day)
    start = day_start(day) // 1000 - offset_seconds
    around = [day + timedelta(days=shift) for shift in (-1, 0, 1)]
    cells = [cell for one in around for cell in _cells_of_utc_day(world, contract, one)]
    return [cell for cell in cells if start <= cell.start < start + 86_400]


def snapshots_of(world: World, contract: Contract, day: date) -> list[Cell]:
    """Give the cells of a day that have a screenshot."""
    return [cell for cell in _cells_of_utc_day(world, contract, day) if cell.has_screenshot]


def days_worked(world: World, contract: Contract, most: int = 60) -> list[date]:
    """Give the days with screenshots among the last `most` days of a contract, the earliest first."""
    last = day_of(contract.ended or BASE_MS)
    days = [last - timedelta(days=shift) for shift in range(most, -1, -1)]
    return [day for day in days if snapshots_of(world, contract, day)]


def _cells_of_utc_day(world: World, contract: Contract, day: date) -> list[Cell]:
    if not _is_open(world, contract, day):
        return []
    random = dice(world.seed, "diary", contract.id, day.isoformat())
    if random.random() > (0.1 if day.weekday() >= 5 else 0.85):
        return []
    tasks = [one for one in world.activities if contract.id in one.contract_ids and one.status == "active"]
    places = sorted(random.sample(range(48, 120), random.randrange(3, 36)))
    midnight = day_start(day) // 1000
    return [_cell(random, midnight + place * CELL_SECONDS, number, tasks) for number, place in enumerate(places)]


def _is_open(world: World, contract: Contract, day: date) -> bool:
    if world.offer_of(contract).work_type != "HOURLY":
        return False
    return day_of(contract.started) < day <= day_of(contract.ended or BASE_MS)


def _cell(random: Random, start: int, number: int, tasks: list[Activity]) -> Cell:
    manual = random.random() < 0.06
    is_booked, share = random.random() < 0.7, random.random()
    return Cell(
        start=start,
        time=start + random.randrange(20, 580),
        activity=0 if manual else random.randrange(1, 11),
        mouse=0 if manual else random.randrange(5, 400),
        keyboard=0 if manual else random.randrange(0, 900),
        memo=random.choice(MEMOS),
        window=random.choice(WINDOWS),
        manual=manual,
        overtime=number > 30,
        task=tasks[int(share * len(tasks))] if tasks and is_booked else None,
    )
