"""Work diaries and snapshots: three calls."""

from typing import Any

from upwork.routers import snapshots, workdiary  # type: ignore[import-not-found]


def drive(client: Any, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    diary, contract, date = workdiary.Api(client), ids["contract_id"], ids["date"]
    snapshot = snapshots.Api(client)
    return {
        "company": diary.get_workdiary(ids["company_id"], date),
        "company_page": diary.get_workdiary(ids["company_id"], date, {"paging": "0;3"}),
        "contract": diary.get_by_contract(contract, date),
        "contract_offset": diary.get_by_contract(contract, date, {"offset": 0}),
        "snapshot": snapshot.get_by_contract(contract, ids["timestamp"]),
        "no_snapshot": snapshot.get_by_contract(contract, "1000000000"),
    }
