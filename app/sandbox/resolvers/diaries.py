"""Work diaries by contract and by company, and the snapshots behind their cells.

A `date` that is not `yyyymmdd` gives an empty diary and no error, as the real one does.
"""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from app.sandbox.diary import CELL_SECONDS, Cell, cells_of, days_worked, snapshots_of
from app.sandbox.instants import day_of, day_start, iso_z, read_day, read_instant
from app.sandbox.records.work import Contract
from app.sandbox.refusals import Forbidden, NotFound, WrongInput
from app.sandbox.resolvers.contracts import own_contract
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.world import World

diaries = FieldTable()

ARCHIVED_AFTER_MS = 180 * 86_400_000


@diaries.field("Query", "workDiaryContract")
def diary_of_contract(_: None, call: Call, work_diary_contract_input: dict[str, Any]) -> dict[str, Any]:
    """The cells of a contract's day; the day may be that of a time zone, by its offset in seconds."""
    wanted = work_diary_contract_input
    contract = own_contract(call, wanted["contract_id"])
    return {
        "workDiaryMetadata": {
            "timezoneOffset": str(wanted.get("offset_in_seconds") or 0),
            "archivingDateTime": iso_z(call.world.clock.now - ARCHIVED_AFTER_MS),
        },
        "workDiaryTimeCells": _time_cells(call, contract, wanted["date"], wanted.get("offset_in_seconds")),
    }


@diaries.field("Contract", "workDiaryTimeCells")
def cells_of_contract(
    contract: Contract, call: Call, date: str, offset_in_seconds: int | None = None
) -> list[dict[str, Any]]:
    """The cells of this contract's day."""
    return _time_cells(call, contract, date, offset_in_seconds)


@diaries.field("Contract", "workDays")
def work_days(
    contract: Contract, call: Call, time_range: dict[str, Any], offset: int | None = None
) -> list[dict[str, Any]]:
    """The days of a range that have work, each with its cells."""
    return [
        {
            "date": f"{day:%Y%m%d}",
            "workDiary": {"cells": [_plain_cell(cell) for cell in cells_of(call.world, contract, day)]},
        }
        for day in _days_between(call.world, contract, time_range)
    ]


@diaries.field("Query", "workDays")
def days_of_contracts(_: None, call: Call, workdays_input: dict[str, Any]) -> dict[str, Any]:
    """The days of a range on which any of the contracts has work."""
    contracts = [own_contract(call, one) for one in workdays_input["contract_ids"] if one]
    days = {day for one in contracts for day in _days_between(call.world, one, workdays_input["time_range"])}
    return {"workDays": [f"{day:%Y%m%d}" for day in sorted(days)]}


@diaries.field("Query", "workDiaryCompany")
def diary_of_company(_: None, call: Call, work_diary_company_input: dict[str, Any]) -> dict[str, Any]:
    """A company's day: a row for each contract and task, or contract and memo where no task was booked.

    The company may be a team, and be named by its id or its legacy id.
    """
    wanted = work_diary_company_input
    company_id = _company_id(call, wanted["company_id"])
    day = _day(wanted["date"])
    rows = [row for contract in _clients_contracts(call, company_id) for row in _rows(call, contract, day)]
    rows = [row for row in rows if _suits(row, wanted)]
    rows.sort(key=lambda row: row["time"]["firstWorkedInt"])
    start, count = _paging(wanted.get("paging"))
    return {"total": len(rows), "snapshots": rows[start : start + count]}


@diaries.field("Query", "snapshotsByContractId")
def snapshots_by_contract(_: None, call: Call, input_: dict[str, Any]) -> list[dict[str, Any]]:
    """The snapshot whose cell holds the moment; none if nothing was recorded then."""
    contract = own_contract(call, input_["contract_id"])
    moment = input_["timestamp"]
    if moment < 0:
        raise WrongInput("timestamp")
    day = day_of(moment * 1000)
    found = [cell for cell in snapshots_of(call.world, contract, day) if 0 <= moment - cell.start < CELL_SECONDS]
    return [_snapshot(call, contract, cell) for cell in found]


def _day(text: str) -> date | None:
    try:
        return read_day(text)
    except ValueError:
        return None


def _days_between(world: World, contract: Contract, limits: dict[str, Any]) -> Iterable[date]:
    try:
        first = _day(limits.get("range_start") or "") or day_of(read_instant(limits.get("range_start") or "2020-01-01"))
        last = _day(limits.get("range_end") or "") or day_of(read_instant(limits.get("range_end") or "2100-01-01"))
    except ValueError:
        raise WrongInput("timeRange") from None
    return [day for day in days_worked(world, contract, 400) if first <= day <= last]


def _time_cells(call: Call, contract: Contract, text: str, offset: int | None) -> list[dict[str, Any]]:
    day = _day(text)
    return [_time_cell(contract, cell) for cell in cells_of(call.world, contract, day, offset or 0)] if day else []


def _time_cell(contract: Contract, cell: Cell) -> dict[str, Any]:
    pictures = _pictures(contract, cell)
    return {
        "cellDateTime": _moment(cell.start),
        "snapshotDateTime": _moment(cell.time) if cell.has_screenshot else None,
        "overtime": cell.overtime,
        "manual": cell.manual,
        "activityLevel": cell.activity,
        "memo": cell.memo,
        "task": {"id": cell.task.record_id, "description": cell.task.description} if cell.task else None,
        "mouseEventsCount": cell.mouse,
        "keyboardEventsCount": cell.keyboard,
        "activeWindowTitle": cell.window,
        "hideScreenshots": contract.hides_screenshots,
        "hasScreenshot": bool(pictures),
        "screenshotImageUrl": pictures.get("image"),
        "screenshotImageUrlMedium": pictures.get("medium"),
        "screenshotImageThumbnail": pictures.get("thumbnail"),
        "webcamEnabled": False,
        "snapshotExpired": False,
    }


def _plain_cell(cell: Cell) -> dict[str, Any]:
    return {
        "timestamp": cell.start,
        "date": _clock(cell.start),
        "manual": cell.manual,
        "overtime": cell.overtime,
        "memo": cell.memo,
    }


def _snapshot(call: Call, contract: Contract, cell: Cell) -> dict[str, Any]:
    offer = call.world.offer_of(contract)
    pictures = _pictures(contract, cell)
    return {
        "id": f"{contract.id}{cell.time}",
        "time": cell.time,
        "contractId": contract.id,
        "mouseEventsCount": cell.mouse,
        "keyboardEventsCount": cell.keyboard,
        "teamName": call.world.organizations[offer.team_id].name,
        "status": "NORMAL",
        "activeWindowTitle": cell.window,
        "memo": cell.memo,
        "companyId": call.world.organizations[offer.client_id].legacy_id,
        "hasScreenshot": bool(pictures),
        "screenshotUrl": pictures.get("page"),
        "screenshotImage": pictures.get("image"),
        "screenshotImageLarge": pictures.get("large"),
        "screenshotImageMedium": pictures.get("medium"),
        "screenshotImageThumbnail": pictures.get("thumbnail"),
        "hasWebcam": False,
        "task": cell.task.code if cell.task else None,
        "minutes": {"minute": _minutes(cell)},
    }


def _minutes(cell: Cell) -> list[dict[str, int]]:
    """Spread the events over ten minutes, without losing any."""
    shares = [
        {"time": cell.start + minute * 60, "mouse": cell.mouse // 10, "keyboard": cell.keyboard // 10}
        for minute in range(10)
    ]
    shares[-1]["mouse"] += cell.mouse % 10
    shares[-1]["keyboard"] += cell.keyboard % 10
    return shares


def _rows(call: Call, contract: Contract, day: date | None) -> list[dict[str, Any]]:
    def work(cell: Cell) -> tuple[str, str]:
        return (cell.task.record_id, "") if cell.task else ("", cell.memo)

    cells = sorted(cells_of(call.world, contract, day), key=work) if day else []
    return [_row(call, contract, list(group)) for _, group in groupby(cells, key=work)]


def _row(call: Call, contract: Contract, cells: list[Cell]) -> dict[str, Any]:
    user = call.world.users[call.world.offer_of(contract).freelancer_id]
    cells.sort(key=lambda cell: cell.start)
    task, minutes = cells[0].task, 10 * len(cells)
    end = cells[-1].start + CELL_SECONDS
    return {
        "contract": {"id": contract.id, "userId": user.nid, "contractTitle": contract.title},
        "user": {"id": user.nid, "name": user.name, "portraitUrl": user.photo_url},
        "duration": f"{minutes // 60}:{minutes % 60:02d}",
        "durationInt": minutes,
        "task": {
            "id": task.record_id if task else "",
            "code": task.code if task else "",
            "description": task.description if task else "",
            "memo": cells[0].memo,
        },
        "time": {
            "trackedTime": str(10 * sum(not cell.manual for cell in cells)),
            "manualTime": str(10 * sum(cell.manual for cell in cells)),
            "overtime": str(10 * sum(cell.overtime for cell in cells)),
            "firstWorked": _clock(cells[0].start),
            "lastWorked": _clock(end),
            "firstWorkedInt": cells[0].start,
            "lastWorkedInt": end,
            "lastScreenshot": str(max((cell.time for cell in cells if cell.has_screenshot), default="")),
        },
        "screenshots": [_screenshot(contract, cell) for cell in cells if cell.has_screenshot],
    }


def _screenshot(contract: Contract, cell: Cell) -> dict[str, Any]:
    pictures = _pictures(contract, cell)
    return {
        "activity": cell.activity,
        "screenshotUrl": pictures.get("page"),
        "screenshotImage": pictures.get("image"),
        "screenshotImageLarge": pictures.get("large"),
        "screenshotImageMedium": pictures.get("medium"),
        "screenshotImageThumbnail": pictures.get("thumbnail"),
        "hasScreenshot": bool(pictures),
        "hasWebcam": False,
        "flags": {"hideScreenshot": contract.hides_screenshots, "downSampleScreenshots": False},
    }


def _pictures(contract: Contract, cell: Cell) -> dict[str, str]:
    if contract.hides_screenshots or not cell.has_screenshot:
        return {}
    base = f"https://sandbox.invalid/snapshots/{contract.id}/{cell.time}"
    return {
        "page": base,
        "image": f"{base}.jpg",
        "large": f"{base}_l.jpg",
        "medium": f"{base}_m.jpg",
        "thumbnail": f"{base}_t.jpg",
    }


def _moment(seconds: int) -> dict[str, str]:
    """A DateTime as work diaries have it: `rawValue` in epoch seconds."""
    return {"rawValue": str(seconds), "displayValue": iso_z(seconds * 1000) or ""}


def _clock(seconds: int) -> str:
    minutes = (seconds * 1000 - day_start(day_of(seconds * 1000))) // 60_000
    hour, half = (minutes // 60) % 12 or 12, "AM" if minutes < 720 else "PM"
    return f"{hour}:{minutes % 60:02d} {half}"


def _company_id(call: Call, sought: str) -> str:
    for org in call.world.organizations.values():
        if sought in (org.id, org.legacy_id):
            if org.root_id != call.company_id:
                raise Forbidden
            return org.id
    raise NotFound("Company", sought)


def _clients_contracts(call: Call, company_id: str) -> list[Contract]:
    offers = call.world.offers_of_client(company_id)
    return [call.world.contracts[offer.contract_id] for offer in offers if offer.contract_id]


def _suits(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return wanted.get("activity") in (None, "", row["task"]["code"]) and wanted.get("freelancer") in (
        None,
        "",
        row["user"]["id"],
    )


def _paging(text: str | None) -> tuple[int, int]:
    """Read `offset;count`; nothing means all."""
    if not text:
        return 0, 10_000
    parts = text.split(";")
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        raise WrongInput("paging")
    return int(parts[0]), int(parts[1])
