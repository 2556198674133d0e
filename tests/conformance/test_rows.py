"""Each row that the contract maps directly is answered with what stands at its path upstream.

Held against random upstream data, and computed here from the contract's own paths by a walk of a few lines: nothing of
the compiler, of a mapping or of a converter is used for what is expected.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, parse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.assemble import assemble
from app.compile.build import Built
from app.settings import Settings
from app.web.app import create_app
from tests.asgi import send
from tests.conformance.worlds import WorldUpstream, worlds
from tests.doubles import Events

CONTRACT = Path(__file__).resolve().parents[2] / "mappings" / "_contract.json"
ORG = "1104567890123456781"


# --- what the contract says, as data ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Other:
    """Paths read in place of the printed one, the first that is not null counting, and why.

    `lacks`: the live schema does not have the printed path; else it has, and another is the safer or the only one.
    """

    paths: tuple[str, ...]
    why: str
    lacks: bool = True


def story_rows(before: str, printed: str = "stories.stories") -> dict[str, Other]:
    """The rows of the stories of a room, which the tables print below `edge`."""
    edges = f"{before}edges.node"
    names = {"storyId": "id", "created": "createdDateTime", "updated": "updatedDateTime", "userId": "user.id"}
    rows = {
        f"{printed}.{row}": Other((f"{edges}.{path}",), "`edge` is printed for `edges`")
        for row, path in (names | {"message": "message"}).items()
    }
    gone = "`systemStory` is gone; a story without a user is one that the system wrote"
    return rows | {f"{printed}.isSystemStory": Other((f"{edges}.user.id",), gone)}


LAST_CURSOR = "the cursor behind the last row is the page's `endCursor`; `edge` is printed for `edges`"
#: the four rooms answer one table, under four roots
ROOM_ROWS = story_rows("stories.") | {
    "stories.cursor": Other(("stories.pageInfo.endCursor",), LAST_CURSOR),
    "roleI": Other(("roomUsers.role",), "roles are told a member; the caller's own is picked", lacks=False),
}
VOIDS = "`offer` is non-null: a contract without one would vanish with all its rows"
BY_DETAILS = "the newer `contractDetails` answers where `contract` does not"
NOT_OURS = "`freelancer.user` is for the current user only; the offer names the freelancer of every row"
NODE = "clientOffers.edges.node"


def first_of(*steps: str) -> tuple[str, ...]:
    """A path of a contract, and the same of its details."""
    return tuple(f"{NODE}.{start}.{step}" for step in steps for start in ("contract", "contractDetails"))


OFFER_ROWS = {
    "category_uid": Other(first_of("job.classification.category.id"), "there is no `jobCategory`; the job has its own"),
    "job__reference": Other(first_of("job.id"), VOIDS, lacks=False),
    "job_application_ref": Other((f"{NODE}.contract.vendorProposal.id",), VOIDS, lacks=False),
    "job_posting_uid": Other(first_of("job.id"), "the printed path has no leaf"),
    "job__title": Other(first_of("job.content.title"), BY_DETAILS, lacks=False),
    "engagement_title": Other(first_of("title"), BY_DETAILS, lacks=False),
    "reference": Other(first_of("id"), BY_DETAILS, lacks=False),
    "status": Other(first_of("status"), BY_DETAILS, lacks=False),
    "offer_id": Other((f"{NODE}.offer.id",), VOIDS, lacks=False),
    "provider__id": Other((f"{NODE}.freelancer.nid",), NOT_OURS, lacks=False),
    "provider__reference": Other((f"{NODE}.freelancer.rid",), NOT_OURS, lacks=False),
    "weekly_salary_charge_amount": Other(
        (f"{NODE}.contract.weeklyChargeAmount.rawValue",), "money is an object", lacks=True
    ),
}
LIST = "the table is the list's; one contract is asked under two roots of its own"


def engagement_row(path: str, *more: str, lacks: bool = False) -> Other:
    """A row of one contract, at a path that the list's table cannot have."""
    return Other((path, *more), LIST, lacks)


ENGAGEMENT_ROWS = {
    "buyer_team__reference": engagement_row("contractByTerm.clientTeam.rid"),
    "category_uid": engagement_row("contract.job.classification.category.id", lacks=True),
    "created_time": engagement_row("contract.createdDateTime"),
    "engagement_end_date": engagement_row("contract.endDateTime"),
    "engagement_end_ts": engagement_row("contract.endDateTime"),
    "engagement_job_type": engagement_row("contract.contractType"),
    "engagement_start_date": engagement_row("contract.startDateTime"),
    "engagement_start_ts": engagement_row("contract.startDateTime"),
    "engagement_title": engagement_row("contract.title", "contractByTerm.title"),
    "first_engagement_start_ts": engagement_row("contract.firstContractStartDateTime"),
    "freelancer_country": engagement_row("contract.freelancer.countryDetails.name"),
    "hourly_charge_rate": engagement_row("contract.hourlyChargeRate.rawValue"),
    "isfp2": engagement_row("contract.contractType"),
    "is_last": engagement_row("contract.last"),
    "is_paused": engagement_row("contract.paused"),
    "job__reference": engagement_row("contract.job.id"),
    "job__title": engagement_row("contract.job.content.title"),
    "job_application_ref": engagement_row("contract.vendorProposal.id"),
    "job_posting_uid": engagement_row("contract.job.id", lacks=True),
    "manual_time_allowed": engagement_row("contract.manualTimeAllowed"),
    "modified_time": engagement_row("contract.modifiedDateTime"),
    "offer_id": engagement_row("contractByTerm.offerId"),
    "provider__has_agency": engagement_row("contract.hasAgency"),
    "provider__id": engagement_row("contract.freelancer.userDetails.nid"),
    "provider__reference": engagement_row("contractByTerm.freelancer.rid"),
    "reference": engagement_row("contract.id", "contractByTerm.id"),
    "status": engagement_row("contract.status", "contractByTerm.status"),
    "weekly_hours_limit": engagement_row("contract.weeklyHoursLimit"),
    "weekly_salary_charge_amount": engagement_row("contract.weeklyChargeAmount.rawValue", lacks=True),
    "weekly_stipend_hours": engagement_row("contract.weeklyStipendHours"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its path, the upstream root of its rows, where its answer holds them, and which are read elsewhere.

    `window` is the list whose length is asked for as the page, so that one question brings it all.
    """

    id: str
    path: str
    root: str
    at: str = ""
    moved: dict[str, str] = field(default_factory=dict)
    others: dict[str, Other] = field(default_factory=dict)
    family: str = "messages"
    window: tuple[str, ...] = ()

    def place(self, row: str) -> str:
        """Where the answer holds a row."""
        return self.moved.get(row) or (f"{self.at}.{row}" if self.at else row)


def room_call(name: str, path: str, root: str) -> Call:
    """One of the four calls that answer one room."""
    url = f"/api/messages/v3/{ORG}/rooms/{path}.json?returnUserRoles=1"
    return Call(f"messages/{name}", url, root, at="room", others=ROOM_ROWS)


CALLS = [
    Call(
        "messages/list_rooms",
        f"/api/messages/v3/{ORG}/rooms.json?returnUserRoles=1&limit={{rows}}",
        "roomList",
        moved={"rooms.cursor": "cursor", "rooms.total": "total"},
        others={
            "rooms.roomName": Other(("edges.node.roomName",), "a room has a `roomName`, and no `name`"),
            "rooms.users.role": Other(("edges.node.roomUsers.role",), "the role is the member's, not the user's"),
            "rooms.cursor": Other(("pageInfo.endCursor",), "a `RoomEdge` has a node only"),
        },
        window=("roomList", "edges"),
    ),
    room_call("get_room", "r1", "room"),
    room_call("get_room_by_offer", "offers/1", "offerRoom"),
    room_call("get_room_by_application", "applications/1", "proposalRoom"),
    room_call("get_room_by_contract", "contracts/1", "contractRoom"),
    Call(
        "messages/list_room_stories",
        f"/api/messages/v3/{ORG}/rooms/r1/stories.json?limit={{rows}}",
        "roomStories",
        at="stories_list",
        moved={"stories.cursor": "stories_list.cursor", "stories.total": "stories_list.total"},
        others=story_rows("", "stories") | {"stories.cursor": Other(("pageInfo.endCursor",), LAST_CURSOR)},
        window=("roomStories", "edges"),
    ),
    Call(
        "contracts/list_engagements",
        "/api/hr/v2/engagements.json?page=0;{rows}",
        "organization",
        at="engagements.engagement",
        others=OFFER_ROWS,
        family="contracts",
        window=("organization", "clientOffers", "edges"),
    ),
    Call("contracts/get_engagement", "/api/hr/v2/engagements/24680135.json", "", at="engagement",
         others=ENGAGEMENT_ROWS, family="contracts"),
]  # fmt: skip


# --- the contract's own rows -----------------------------------------------------------------------------------------


def direct_rows(call: Call) -> dict[str, str]:
    """The direct response rows of a call with the paths printed for them, from the root on, in dots."""
    (found,) = (one for one in json.loads(CONTRACT.read_text(encoding="utf-8")) if one["id"] == call.id)
    return {
        row["name"]: row["path"].replace("/", ".").removeprefix(f"{call.root}.")
        for row in found["rows"]
        if row["status"] == "direct" and row["direction"] == "response"
    }


def paths_of(call: Call, row: str, printed: str) -> tuple[str, ...]:
    """The upstream paths that a row is read from, from the root on."""
    return call.others[row].paths if row in call.others else (printed,)


def has_path(schema: GraphQLSchema, root: str, path: str) -> bool:
    """Whether the live schema has a path down to a plain value; what an old document alone knows does not count."""
    here: Any = schema.query_type
    for step in (*([root] if root else []), *path.split(".")):
        found = here.fields.get(step) if isinstance(here, GraphQLObjectType) else None
        if found is None or "Seed only" in (found.deprecation_reason or ""):
            return False
        here = get_named_type(found.type)
    return not isinstance(here, GraphQLObjectType)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.id)
def test_rows__printed_path__is_read_unless_named_here(call: Call, built: Built) -> None:
    """A row is read at its printed path, or the table above says where and why; what it says of the schema is so."""
    schema, rows = built.schema.raw, direct_rows(call)

    lacking = {row for row, path in rows.items() if not has_path(schema, call.root, path)}

    assert set(call.others) <= set(rows)
    assert lacking == {row for row, other in call.others.items() if other.lacks}
    unread = [path for other in call.others.values() for path in other.paths if not has_path(schema, call.root, path)]
    assert unread == []


def test_rows__direct_ones__are_all_there() -> None:
    """113 rows of the six reads of messages, whose writes have no table; 30 of each contracts call."""
    counted = {call.id: len(direct_rows(call)) for call in CALLS}

    assert sum(count for name, count in counted.items() if name.startswith("messages/")) == 113
    assert [count for name, count in counted.items() if name.startswith("contracts/")] == [30, 30]


# --- what is expected ------------------------------------------------------------------------------------------------


def values_at(here: Any, path: tuple[str, ...]) -> Any:
    """What stands at a path, a list for each list on the way; null elements, and edges without a node, are no rows."""
    if isinstance(here, list):
        elements = here
        if path[:1] == ("node",):
            elements, path = [one.get("node") for one in here if one is not None], path[1:]
        return [values_at(one, path) for one in elements if one is not None]
    if not path or here is None:
        return here
    return values_at(here.get(path[0]), path[1:])


def first_values(worlds_: list[Any]) -> Any:
    """Several answers to one: where one is null the next one counts."""
    first, *rest = worlds_
    for other in rest:
        if isinstance(first, list) and isinstance(other, list):
            first = [first_values([one, two]) for one, two in zip(first, other, strict=True)]
        elif first is None:
            first = other
    return first


def each(convert: Callable[[Any], Any], value: Any) -> Any:
    """A conversion of a value, or of every value of lists in lists."""
    return [each(convert, one) for one in value] if isinstance(value, list) else convert(value)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 24 * 3600 * 1000


def milliseconds(text: str) -> int:
    """An instant as the legacy API had it."""
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


WORDS = {
    "engagement_job_type": {"HOURLY": "hourly", "FIXED": "fixed-price"},
    "isfp2": {"HOURLY": "0", "FIXED": "1"},
    "status": {"ACTIVE": "active", "PAUSED": "active", "CLOSED": "closed", "CANCELLED": "closed", "PENDING": "pending"},
}
FLAGS = ("isFavorite", "isReadOnly", "isHidden")
COUNTS = ("numUnread", "numUnreadMentions", "numUsers", "total")


def in_messages(row: str, value: Any) -> Any:
    """A value as messages v3 had it: numbers, 0 and 1, nulls; `""` for a cursor that leads nowhere."""
    name = row.rpartition(".")[2]
    if name == "isSystemStory":
        return 1 if value is None else 0
    if value is None:
        return 0 if name in FLAGS + COUNTS else "" if name == "cursor" else None
    if name in FLAGS:
        return int(value)
    return milliseconds(value) if name in {"created", "updated"} or name.endswith("Timestamp") else value


def in_contracts(row: str, value: Any) -> Any:
    """A value as hr/v2 had it: a text, `""` for null."""
    if value is None:
        return ""
    if row in WORDS:
        return WORDS[row][value]
    if row == "provider__has_agency":
        return "1" if value else ""
    if row.endswith(("_time", "_ts")):
        return str(milliseconds(value))
    if row.endswith("_date"):
        return str(milliseconds(value) // DAY * DAY)
    if isinstance(value, bool):
        return "1" if value else "0"
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def expected(call: Call, row: str, printed: str, world: dict[str, Any]) -> Any:
    """What the answer must hold for a row."""
    root = (call.root,) if call.root else ()
    if row == "roleI":
        own = (world["user"] or {}).get("id")
        members = world[call.root]["roomUsers"] or []
        return next((one["role"] for one in members if own and (one["user"] or {}).get("id") == own), None)
    if row.endswith("cursor") and call.window and not leads_on(call, world):
        return ""
    read = [values_at(world, (*root, *path.split("."))) for path in paths_of(call, row, printed)]
    normal = in_messages if call.family == "messages" else in_contracts
    return each(lambda one: normal(row, one), listed(first_values(read), lists_above(call, row)))


def leads_on(call: Call, world: dict[str, Any]) -> bool:
    """Whether more can come behind the page: there were rows, and the upstream does not say that they ended."""
    *above, rows = call.window
    page = values_at(world, tuple(above)) or {}
    return bool(page.get(rows)) and (page.get("pageInfo") or {}).get("hasNextPage") is not False


def listed(value: Any, lists: int) -> Any:
    """A null where a list should be is an empty list."""
    return [listed(one, lists - 1) for one in value or ()] if lists else value


def lists_above(call: Call, row: str) -> int:
    """In how many lists of the answer a row stands."""
    names = call.place(row).split(".")[:-1]
    boxes = {"rooms", "users"} | ({"engagement"} if call.id == "contracts/list_engagements" else set())
    inner = [name for before, name in pairwise(names) if name == "stories" and before.startswith("stories")]
    return sum(name in boxes for name in names) + len(inner)


def answered(call: Call, row: str, body: dict[str, Any]) -> Any:
    """What the answer holds for a row; one engagement is a bare object, and none is no member."""
    if call.id == "contracts/list_engagements":
        found = body["engagements"].get("engagement", [])
        return [one[row] for one in (found if isinstance(found, list) else [found])]
    return members_at(body, tuple(call.place(row).split(".")))


def members_at(here: Any, path: tuple[str, ...]) -> Any:
    """What stands at a path of the answer; every member must be there."""
    if isinstance(here, list):
        return [members_at(one, path) for one in here]
    if not path:
        return here
    return None if here is None else members_at(here[path[0]], path[1:])


# --- the test --------------------------------------------------------------------------------------------------------


def rows_of(call: Call, world: dict[str, Any]) -> int:
    """How many rows to ask for, so that the first page is the whole window."""
    here: Any = world
    for step in call.window:
        here = (here or {}).get(step)
    return max(len(here or ()), 1)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.id)
def test_rows__any_upstream_data__are_answered_as_the_contract_maps_them(
    call: Call, built: Built, settings: Settings
) -> None:
    """Every direct row of a call holds what stands at its path, in the form of its family."""
    plan = built.plans.calls[call.id]
    document = parse(plan.variants[0].question.render(1, frozenset(), with_caller=True))
    rows = direct_rows(call)

    @SETTINGS
    @given(worlds(built.schema.raw, document), st.booleans())
    def holds(world: dict[str, Any], is_member: bool) -> None:
        if is_member:
            _let_the_caller_be_a_member(call, world)

        body = _served(call, built, settings, world)

        assert {row: answered(call, row, body) for row in rows} == {
            row: expected(call, row, printed, world) for row, printed in rows.items()
        }

    holds()


SETTINGS = hypothesis_settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def _let_the_caller_be_a_member(call: Call, world: dict[str, Any]) -> None:
    """Random ids never meet by themselves."""
    room = world.get(call.root) or {}
    for member in room.get("roomUsers") or ():
        if member["user"] is not None and world["user"] is not None:
            world["user"]["id"] = member["user"]["id"]


def _served(call: Call, built: Built, chosen: Settings, world: dict[str, Any]) -> dict[str, Any]:
    """The answer of the whole service over an upstream that holds the world."""
    upstream = WorldUpstream(built.schema.raw, world)
    app = create_app(assemble(chosen, built.plans, transport=upstream, observer=Events()))
    path = call.path.replace("{rows}", str(rows_of(call, world)))
    reply = asyncio.run(send(app, "GET", path, {"Authorization": "Bearer oauth2v2_x"}))
    assert reply.status == 200, reply.body
    body: dict[str, Any] = reply.json()
    return body
