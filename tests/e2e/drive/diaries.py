"""Work diaries and snapshots: three calls."""

from typing import Any

from tests.e2e.drive.speaker import Speaker


def drive(call: Speaker, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    company, contract, date = ids["company_id"], ids["contract_id"], ids["date"]
    return {
        "company": call("workdiary.get_workdiary", company, date, {}),
        "company_page": call("workdiary.get_workdiary", company, date, {"paging": "0;3"}),
        "contract": call("workdiary.get_by_contract", contract, date, {}),
        "contract_offset": call("workdiary.get_by_contract", contract, date, {"offset": 0}),
        "snapshot": call("snapshots.get_by_contract", contract, ids["timestamp"]),
        "no_snapshot": call("snapshots.get_by_contract", contract, "1000000000"),
    }
