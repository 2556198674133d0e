"""Time reports: hours and charges of hourly contracts, a row for each contract and day, taken from the work diaries."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from app.sandbox.diary import cells_of
from app.sandbox.instants import day_of, read_day, read_instant
from app.sandbox.records.people import Organization, User
from app.sandbox.records.work import Contract
from app.sandbox.refusals import Forbidden, WrongInput
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.resolvers.paging import Pagination, connection, read_window

time_reports = FieldTable()

REPORT_PAGE = 100
REPORT_PAGE_MOST = 1000
DAYS_MOST = 400
HOURS_A_CELL = 1 / 6


@time_reports.field("CurrentOrganization", "clientContractTimeReport")
def report_of_client(
    org: Organization, call: Call, time_report_date_bt: dict[str, Any], pagination: Pagination = None
) -> dict[str, Any]:
    """What was worked for an organization."""
    return _page(_rows_of_client(org, call, time_report_date_bt), pagination)


@time_reports.field("CurrentOrganization", "agencyContractTimeReport")
def report_of_agency(
    org: Organization, call: Call, time_report_date_bt: dict[str, Any], pagination: Pagination = None
) -> dict[str, Any]:
    """What was worked through an organization."""
    return _page(_rows_of_agency(org, call, time_report_date_bt), pagination)


@time_reports.field("CurrentOrganization", "clientTimeReport")
def rows_of_client(org: Organization, call: Call, time_report_date_bt: dict[str, Any]) -> list[dict[str, Any]]:
    """What was worked for an organization, all of it."""
    return _rows_of_client(org, call, time_report_date_bt)


@time_reports.field("CurrentOrganization", "agencyTimeReport")
def rows_of_agency(org: Organization, call: Call, time_report_date_bt: dict[str, Any]) -> list[dict[str, Any]]:
    """What was worked through an organization, all of it."""
    return _rows_of_agency(org, call, time_report_date_bt)


@time_reports.field("CurrentUser", "contractTimeReport")
def report_of_user(
    user: User, call: Call, time_report_date_bt: dict[str, Any], pagination: Pagination = None
) -> dict[str, Any]:
    """What the current user worked."""
    return _page(_rows_of_user(user, call, time_report_date_bt), pagination)


@time_reports.field("CurrentUser", "timeReport")
def rows_of_user(user: User, call: Call, time_report_date_bt: dict[str, Any]) -> list[dict[str, Any]]:
    """What the current user worked, all of it."""
    return _rows_of_user(user, call, time_report_date_bt)


@time_reports.field("Query", "contractTimeReport")
def report_by_filter(
    _: None, call: Call, filter_: dict[str, Any] | None = None, pagination: Pagination = None
) -> dict[str, Any]:
    """What was worked for the organization that the filter names, on all contracts or some."""
    if filter_ is None:
        return _page([], pagination)
    if filter_["organization_id_eq"] != call.company_id:
        raise Forbidden
    rows = _rows_of_client(call.world.organizations[call.company_id], call, filter_["time_report_date_bt"])
    wanted = filter_.get("contract_ids")
    return _page([row for row in rows if not wanted or row["contract"].id in wanted], pagination)


def _rows_of_client(org: Organization, call: Call, limits: dict[str, Any]) -> list[dict[str, Any]]:
    return _rows(
        call, (contract for contract in _hourly(call) if call.world.offer_of(contract).client_id == org.id), limits
    )


def _rows_of_agency(org: Organization, call: Call, limits: dict[str, Any]) -> list[dict[str, Any]]:
    return _rows(
        call, (contract for contract in _hourly(call) if call.world.offer_of(contract).vendor_id == org.id), limits
    )


def _rows_of_user(user: User, call: Call, limits: dict[str, Any]) -> list[dict[str, Any]]:
    own = (contract for contract in _hourly(call) if call.world.offer_of(contract).freelancer_id == user.id)
    return _rows(call, own, limits)


def _hourly(call: Call) -> Iterable[Contract]:
    return (
        contract for contract in call.world.contracts.values() if call.world.offer_of(contract).work_type == "HOURLY"
    )


def _rows(call: Call, contracts: Iterable[Contract], limits: dict[str, Any]) -> list[dict[str, Any]]:
    first, last = _day(limits.get("range_start")), _day(limits.get("range_end"))
    days = [first + timedelta(days=shift) for shift in range(min((last - first).days + 1, DAYS_MOST))]
    found = (_row(call, contract, day) for contract in contracts for day in days)
    return [row for row in found if row]


def _row(call: Call, contract: Contract, day: date) -> dict[str, Any] | None:
    cells = cells_of(call.world, contract, day)
    if not cells:
        return None
    offer = call.world.offer_of(contract)
    rate = (contract.terms[-1].rate or 0) / 100
    online = sum(not cell.manual for cell in cells) * HOURS_A_CELL
    offline = sum(cell.manual for cell in cells) * HOURS_A_CELL
    return {
        "dateWorkedOn": f"{day:%Y%m%d}",
        "weekWorkedOn": f"{day - timedelta(days=day.weekday()):%Y%m%d}",
        "monthWorkedOn": f"{day:%Y%m}",
        "yearWorkedOn": f"{day:%Y}",
        "freelancer": call.world.users[offer.freelancer_id],
        "team": call.world.organizations[offer.team_id],
        "contractOffer": offer,
        "contract": contract,
        "termId": contract.terms[-1].id,
        "memo": cells[0].memo,
        "totalHoursWorked": round(online + offline, 4),
        "totalCharges": round((online + offline) * rate, 2),
        "totalOnlineHoursWorked": round(online, 4),
        "totalOnlineCharge": round(online * rate, 2),
        "totalOfflineHoursWorked": round(offline, 4),
        "totalOfflineCharge": round(offline * rate, 2),
    }


def _day(text: str | None) -> date:
    """Read `yyyymmdd` or ISO: live clients were seen with either."""
    for read in (read_day, lambda written: day_of(read_instant(written))):
        try:
            return read(text or "")
        except ValueError:
            continue
    raise WrongInput("timeReportDate_bt")


def _page(rows: list[dict[str, Any]], pagination: Pagination) -> dict[str, Any]:
    return connection(rows, *read_window(pagination, first=REPORT_PAGE, at_most=REPORT_PAGE_MOST))
