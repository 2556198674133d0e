"""Team activities: listing them, and changing them. The organization's own id as the team means the whole company."""

from typing import Any

from app.sandbox.instants import spaced
from app.sandbox.records.work import Activity
from app.sandbox.refusals import Forbidden, NotFound, Refused, WrongInput
from app.sandbox.resolvers.contracts import own_contract
from app.sandbox.resolvers.fields import Call, FieldTable

activities = FieldTable()

PAGE_SIZE = 1000
STATUSES = frozenset({"active", "archived"})
_ALL = frozenset({"allInOrg", "allInTopLevelOrg", "allInMyOrgs"})

activities.reads(
    "Activity",
    totalContracts=lambda activity, _: len(activity.contract_ids),
    codeOrder=lambda activity, _: activity.code.lower(),
    level=lambda activity, _: "company" if activity.team_id == activity.company_id else "team",
    contracts=lambda activity, _: [{"contractId": contract_id} for contract_id in activity.contract_ids],
    createdTime=lambda activity, _: spaced(activity.created),
)


@activities.field("Query", "teamActivities")
def team_activities(
    _: None,
    call: Call,
    org_id: str,
    team_id: str | None = None,
    page: dict[str, Any] | None = None,
    filter_: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The activities of a team, or of the company and all its teams; archived ones too unless a status is asked for."""
    _demand_team(call, org_id, team_id)
    offset = page["page_offset"] if page else 0
    size = page["page_size"] if page else PAGE_SIZE
    if offset < 0 or size < 0:
        raise WrongInput("page")
    found = [
        activity
        for activity in call.world.activities
        if activity.company_id == org_id and team_id in (None, activity.team_id) and _suits(activity, filter_ or {})
    ]
    return {
        "totalCount": len(found),
        "edges": [{"node": activity} for activity in found[offset : offset + size]],
        "page": {"pageOffset": offset, "pageSize": size},
    }


@activities.field("Mutation", "addTeamActivity")
def add_activity(
    _: None, call: Call, org_id: str, request: dict[str, Any], team_id: str | None = None
) -> dict[str, Any]:
    """A new activity; its code must be new to the team."""
    team = _demand_team(call, org_id, team_id)
    code = request["code"]
    if not code or ";" in code:
        raise WrongInput("code")
    if any(activity.code == code for activity in _of_team(call, team)):
        raise Refused(f"Activity with code '{code}' exists already")
    activity = Activity(
        record_id=call.world.mint.short("record"),
        code=code,
        description=request["description"],
        url=None,
        company_id=org_id,
        team_id=team,
        user_id=None,
        created=call.world.clock.tick(),
        contract_ids=_contract_ids(call, team, request) or [],
    )
    call.world.activities.append(activity)
    return {"id": activity.record_id, "success": True}


@activities.field("Mutation", "updateTeamActivity")
def update_activity(
    _: None, call: Call, org_id: str, request: dict[str, Any], team_id: str | None = None
) -> dict[str, bool]:
    """Other words, address, status or contracts of an activity."""
    team = _demand_team(call, org_id, team_id)
    (activity,) = _by_codes(call, team, [request["code"]])
    contract_ids = _contract_ids(call, team, request)
    status = request.get("status") or activity.status
    if status not in STATUSES:
        raise WrongInput("status")
    activity.status = status
    activity.description = request.get("description") or activity.description
    activity.url = request.get("url") or activity.url
    activity.contract_ids = activity.contract_ids if contract_ids is None else contract_ids
    call.world.clock.tick()
    return {"success": True}


@activities.field("Mutation", "archiveTeamActivity")
def archive_activities(
    _: None, call: Call, org_id: str, codes: list[str], team_id: str | None = None
) -> dict[str, bool]:
    """The activities put away; all of them, or none if a code is unknown."""
    for activity in _by_codes(call, _demand_team(call, org_id, team_id), codes):
        activity.status = "archived"
    call.world.clock.tick()
    return {"success": True}


@activities.field("Mutation", "unarchiveTeamActivity")
def unarchive_activities(
    _: None, call: Call, org_id: str, codes: list[str], team_id: str | None = None
) -> dict[str, bool]:
    """The activities taken out again; all of them, or none if a code is unknown."""
    for activity in _by_codes(call, _demand_team(call, org_id, team_id), codes):
        activity.status = "active"
    call.world.clock.tick()
    return {"success": True}


@activities.field("Mutation", "assignTeamActivityToTheContract")
def assign_activities(
    _: None, call: Call, org_id: str, contract_id: str, codes: list[str | None], team_id: str | None = None
) -> dict[str, bool]:
    """The contract put on exactly these activities of the team, and on no others."""
    team = _demand_team(call, org_id, team_id)
    contract = own_contract(call, contract_id)
    chosen = _by_codes(call, team, [code for code in codes if code])
    for activity in _of_team(call, team):
        if contract.id in activity.contract_ids:
            activity.contract_ids.remove(contract.id)
    for activity in chosen:
        activity.contract_ids.append(contract.id)
    call.world.clock.tick()
    return {"success": True}


def _demand_team(call: Call, org_id: str, team_id: str | None) -> str:
    """Give the team that is meant; the company has to be the caller's, and the team one of it or the company itself."""
    if org_id != call.company_id:
        raise Forbidden
    if team_id is not None and not call.world.is_within(team_id, org_id):
        raise NotFound("Team", team_id)
    return team_id or org_id


def _of_team(call: Call, team_id: str) -> list[Activity]:
    return [activity for activity in call.world.activities if activity.team_id == team_id]


def _by_codes(call: Call, team_id: str, codes: list[str]) -> list[Activity]:
    found = {activity.code: activity for activity in _of_team(call, team_id)}
    unknown = [code for code in codes if code not in found]
    if unknown:
        raise NotFound("Activity", unknown[0])
    return [found[code] for code in dict.fromkeys(codes)]


def _contract_ids(call: Call, team_id: str, request: dict[str, Any]) -> list[str] | None:
    """The contracts a request names; None if it names none and leaves them as they are."""
    batch = request.get("batch_assignment")
    if batch in _ALL:
        own = (contract for contract in call.world.contracts.values() if contract.status != "CLOSED")
        return [contract.id for contract in own if call.world.offer_of(contract).client_id == call.company_id]
    given = request.get("contract_ids")
    return None if given is None else [own_contract(call, contract_id).id for contract_id in given]


def _suits(activity: Activity, wanted: dict[str, Any]) -> bool:
    search, contract_id = wanted.get("search"), wanted.get("contract_id")
    return (
        (not search or search.lower() in f"{activity.code}\n{activity.description}".lower())
        and (contract_id is None or contract_id in activity.contract_ids)
        and wanted.get("status") in (None, activity.status)
    )
