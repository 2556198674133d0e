"""Work diaries, snapshots and time reports: views of the same ten-minute cells."""

from typing import Any

import pytest

from app.sandbox.ids import world_values

from .conftest import Client

CONTRACT = """query ($input: WorkDiaryContractInput!) { workDiaryContract(workDiaryContractInput: $input) {
  workDiaryMetadata { timezoneOffset archivingDateTime }
  workDiaryTimeCells { cellDateTime { rawValue } snapshotDateTime { rawValue } manual overtime activityLevel memo
    task { id description } mouseEventsCount keyboardEventsCount hasScreenshot screenshotImageUrl } } }"""
COMPANY = """query ($input: WorkDiaryCompanyInput!) { workDiaryCompany(workDiaryCompanyInput: $input) {
  total snapshots { contract { id userId } user { id } durationInt duration task { code memo }
    time { trackedTime manualTime firstWorkedInt lastWorkedInt } screenshots { activity hasScreenshot } } } }"""
SNAPSHOT = """query ($contract: ID!, $time: Int!) {
  snapshotsByContractId(input: {contractId: $contract, timestamp: $time}) {
    contractId time mouseEventsCount keyboardEventsCount hasScreenshot minutes { minute { time mouse keyboard } } } }"""


@pytest.fixture
def date(client: Client) -> str:
    return world_values(client.world)["date"]


async def cells(client: Client, date: str, **wish: Any) -> list[dict[str, Any]]:
    wanted = {"contractId": client.world.showcase.contract_id, "date": date, **wish}
    answer = (await client.data(CONTRACT, input=wanted))["workDiaryContract"]
    found: list[dict[str, Any]] = answer["workDiaryTimeCells"]
    return found


async def rows(client: Client, date: str, **wish: Any) -> list[dict[str, Any]]:
    wanted = {"companyId": client.world.cast.main_company, "date": date, **wish}
    answer = (await client.data(COMPANY, input=wanted))["workDiaryCompany"]
    found: list[dict[str, Any]] = answer["snapshots"]
    return found


async def test_diary__of_a_working_day__has_cells_of_ten_minutes(client: Client, date: str) -> None:
    """Cells start on whole ten minutes, in order, within the day; their snapshot lies within them."""
    found = await cells(client, date)

    starts = [int(cell["cellDateTime"]["rawValue"]) for cell in found]
    assert len(found) >= 3
    assert starts == sorted(starts)
    assert all(start % 600 == 0 for start in starts)
    for start, cell in zip(starts, found, strict=True):
        assert cell["manual"] is (cell["snapshotDateTime"] is None)
        assert cell["manual"] or 0 <= int(cell["snapshotDateTime"]["rawValue"]) - start < 600


@pytest.mark.parametrize("text", ["2026-09-29", "yesterday", "20190101", "20270101"])
async def test_diary__unread_or_empty_day__has_no_cells_and_no_error(client: Client, text: str) -> None:
    """Another date form fails silently, and so do days outside the contract."""
    assert await cells(client, text) == []
    assert await rows(client, text) == []


async def test_diary__with_an_offset__is_the_day_of_that_zone(client: Client, date: str) -> None:
    """Nine hours east, the day starts nine hours earlier: its cells lie in those 24 hours."""
    plain, shifted = await cells(client, date), await cells(client, date, offsetInSeconds=32_400)

    midnight = int(plain[0]["cellDateTime"]["rawValue"]) // 86_400 * 86_400
    starts = [int(cell["cellDateTime"]["rawValue"]) for cell in shifted]
    assert all(midnight - 32_400 <= start < midnight - 32_400 + 86_400 for start in starts)
    assert [cell for cell in plain if int(cell["cellDateTime"]["rawValue"]) < midnight + 86_400 - 32_400] == [
        cell for cell in shifted if int(cell["cellDateTime"]["rawValue"]) >= midnight
    ]


async def test_company_diary__of_a_day__adds_up_to_the_contracts_cells(client: Client, date: str) -> None:
    """The rows of a contract have as many minutes as its cells; a row has one task or one memo."""
    contract_id = client.world.showcase.contract_id

    own = [row for row in await rows(client, date) if row["contract"]["id"] == contract_id]

    found = await cells(client, date)
    assert sum(row["durationInt"] for row in own) == 10 * len(found)
    assert sum(len(row["screenshots"]) for row in own) == sum(not cell["manual"] for cell in found)
    assert len({(row["task"]["code"], row["task"]["code"] or row["task"]["memo"]) for row in own}) == len(own)


async def test_company_diary__filters_and_paging__narrow_it(client: Client, date: str) -> None:
    """`freelancer` and `activity` filter, `paging` cuts."""
    everything = await rows(client, date)
    user_id = everything[0]["user"]["id"]

    assert await rows(client, date, freelancer=user_id) == [row for row in everything if row["user"]["id"] == user_id]
    assert await rows(client, date, paging="1;2") == everything[1:3]
    assert all(row["task"]["code"] == "PT-11" for row in await rows(client, date, activity="PT-11"))


async def test_company_diary__by_legacy_id__is_the_same(client: Client, date: str) -> None:
    """The company may be named by its legacy id; another's is forbidden."""
    main = client.world.organizations[client.world.cast.main_company]

    assert await rows(client, date, companyId=main.legacy_id) == await rows(client, date)
    wanted = {"companyId": client.world.cast.other_company, "date": date}
    assert (await client.refusal(COMPANY, input=wanted))[0] == "FORBIDDEN"


async def test_snapshot__at_a_cell__has_its_events_by_the_minute(client: Client, date: str) -> None:
    """A moment within a cell finds the snapshot of it; the minutes add up to its counts."""
    cell = next(cell for cell in await cells(client, date) if not cell["manual"])
    contract_id, moment = client.world.showcase.contract_id, int(cell["snapshotDateTime"]["rawValue"])

    (found,) = (await client.data(SNAPSHOT, contract=contract_id, time=moment))["snapshotsByContractId"]

    minutes = found["minutes"]["minute"]
    assert (found["contractId"], found["time"]) == (contract_id, moment)
    assert found["mouseEventsCount"] == cell["mouseEventsCount"] == sum(minute["mouse"] for minute in minutes)
    assert found["keyboardEventsCount"] == sum(minute["keyboard"] for minute in minutes)
    assert len(minutes) == 10


async def test_snapshot__where_nothing_was_recorded__is_an_empty_list(client: Client) -> None:
    """No snapshot is no error."""
    answer = await client.data(SNAPSHOT, contract=client.world.showcase.contract_id, time=1_000_000)

    assert answer == {"snapshotsByContractId": []}


async def test_diary__after_activities_changed__keeps_its_cells(client: Client, date: str) -> None:
    """Archiving a task takes it off the cells and changes nothing else about them."""
    before = await cells(client, date)
    for activity in client.world.activities:
        activity.status = "archived"

    after = await cells(client, date)

    assert any(cell["task"] for cell in before)
    assert after == [cell | {"task": None} for cell in before]


async def test_work_days__of_a_range__are_those_with_cells(client: Client, date: str) -> None:
    """`workDays` names exactly the days whose diary is not empty."""
    query = "query ($input: WorkdaysInput!) { workDays(workdaysInput: $input) { workDays } }"
    wanted = {
        "contractIds": [client.world.showcase.contract_id],
        "timeRange": {"rangeStart": "20260901", "rangeEnd": "20260930"},
    }

    days = (await client.data(query, input=wanted))["workDays"]["workDays"]

    assert date in days
    assert [day for day in days if not await cells(client, day)] == []


async def test_time_report__of_the_client__has_the_hours_of_the_diary(client: Client, date: str) -> None:
    """A row has a sixth of an hour for each cell of its contract and day."""
    query = """query ($range: DateTimeRange!) { organization {
      clientContractTimeReport(timeReportDate_bt: $range, pagination: {first: 500, after: "0"}) { edges { node {
        dateWorkedOn contract { id } totalHoursWorked totalOnlineHoursWorked totalOfflineHoursWorked } } } } }"""

    report = (await client.data(query, range={"rangeStart": date, "rangeEnd": date}))["organization"]

    rows_ = [edge["node"] for edge in report["clientContractTimeReport"]["edges"]]
    own = next(row for row in rows_ if row["contract"]["id"] == client.world.showcase.contract_id)
    assert own["totalHoursWorked"] == round(len(await cells(client, date)) / 6, 4)
    assert {row["dateWorkedOn"] for row in rows_} == {date}
