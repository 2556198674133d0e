"""The proxy as a client sees it, over the sandbox: first calls, forms of requests, pages, filters, scopes, tenants."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from tests.e2e.clients import MESSAGING, Caller, Ids, Steering, Walk, assert_legacy_error, listed, room_pages, success
from tests.e2e.conftest import NewCaller

ENGAGEMENTS = "/api/hr/v2/engagements"
WARNING = "X-Heirloom-Warning"
UNKNOWN_PATH = "This path is not an API call that is served here"
NOT_BRIDGED = "This legacy route is known and not bridged; the nearest that the upstream has is"
WHO = """{
  companySelector { items { organizationId organizationRid } }
  organization { id rid legacyId }
  user { id nid rid }
}"""

Rows = list[dict[str, str]]


def room_ids(answer: dict[str, Any]) -> list[str]:
    """Which rooms an answer lists."""
    return [room["roomId"] for room in answer["rooms"]]


def without_time(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer but for the moment at which it was given."""
    return {name: value for name, value in answer.items() if name != "server_time"}


def engagements(caller: Caller, **params: str) -> tuple[dict[str, Any], Rows]:
    """The lister and the rows of a list of engagements."""
    wrapper = caller.read(f"{ENGAGEMENTS}.json", **params)["engagements"]
    return wrapper["lister"], listed(wrapper, "engagement")


# --- first calls


def test_rooms__first_call_of_a_newcomer__lists_twenty(caller: Caller, ids: Ids) -> None:
    """The call that the README shows, with nothing but what `sandbox ids` prints, gives a page of rooms."""
    answer = caller.read(f"{ids.rooms}.json")

    assert len(set(room_ids(answer))) >= 20
    assert answer["total"] >= 130


def test_engagements__first_call_of_a_newcomer__counts_agree_with_rows(caller: Caller) -> None:
    """`total_items` is the rows of the page, `total_count` all there are, `paging` the page that stands by default."""
    lister, rows = engagements(caller)

    assert lister["paging"] == {"offset": "0", "count": "20"}
    assert lister["total_items"] == str(len(rows)) == "20"
    assert int(lister["total_count"]) == len(engagements(caller, page="0;1000")[1])


# --- forms of a path


@pytest.mark.parametrize("path", ["{rooms}", "{room}", "{room}/stories", ENGAGEMENTS, "{engagement}"])
def test_read__with_and_without_suffix__is_the_same(caller: Caller, ids: Ids, path: str) -> None:
    """`.json`, no suffix, and `.xml` say the same; none of them is a redirect."""
    path = path.format(rooms=ids.rooms, room=ids.room, engagement=ids.path(ENGAGEMENTS + "/{engagement_reference}"))

    with_suffix, without = caller.read(f"{path}.json"), caller.read(path)
    xml = caller.get(f"{path}.xml")

    assert without_time(with_suffix) == without_time(without)
    assert (xml.status_code, xml.headers["Content-Type"]) == (200, "application/xml")
    root = ElementTree.fromstring(xml.text)
    assert root.tag == "response"
    assert [child.tag for child in root] == xml_members(with_suffix)


def xml_members(answer: dict[str, Any]) -> list[str]:
    """The members of an answer as XML has them: a list is its member again and again."""
    return [name for name, value in answer.items() for _ in (value if isinstance(value, list) else [value])]


def test_rooms__as_xml__hold_the_values_of_the_json(caller: Caller, ids: Ids) -> None:
    """Each room's own values stand as texts; null is empty, a list its member again and again."""
    rooms = caller.read(f"{ids.rooms}.json")["rooms"]

    root = ElementTree.fromstring(caller.get(f"{ids.rooms}.xml").text)

    plain = ("roomId", "orgId", "roomName", "roomType", "topic", "numUsers", "isFavorite", "appId")
    assert [[room.findtext(name) for name in plain] for room in root.findall("rooms")] == [
        ["" if room[name] is None else str(room[name]) for name in plain] for room in rooms
    ]
    assert [[user.findtext("userId") for user in room.findall("users")] for room in root.findall("rooms")] == [
        [user["userId"] for user in room["users"]] for room in rooms
    ]


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "{rooms}.yaml", 404, "This format is not served: use .json, .xml or none"),
        ("GET", "{rooms}.jsonp", 404, "This format is not served: use .json, .xml or none"),
        ("GET", "{rooms}/of/nobody.json", 404, UNKNOWN_PATH),
        ("GET", "/api/hr/v2/nothings.json", 404, UNKNOWN_PATH),
        ("GET", "/api/", 404, UNKNOWN_PATH),
        ("GET", "/gds/timereports/v1/companies/1", 501, f"{NOT_BRIDGED} query 'contractTimeReport'"),
        ("PUT", "/api/hr/v2/contracts/1/suspend.json", 501, f"{NOT_BRIDGED} query 'contractDetails'"),
        ("GET", "/nothing/of/ours", 404, "There is nothing here; API calls begin with /api/"),
        ("DELETE", "{rooms}.json", 405, "Method DELETE is not served here; use GET, POST"),
        ("PATCH", "{rooms}.json", 405, "Method PATCH is not served"),
        ("POST", "{engagement}.json", 405, "Method POST is not served here; use GET"),
        ("GET", "{rooms}.json?limit=many", 400, "Parameter 'limit' must be a whole number, such as 20"),
        ("GET", "{rooms}/%FF.json", 400, "The path is not valid UTF-8"),
    ],
)
def test_call__that_cannot_be_recognised__is_refused_in_the_legacy_form(
    caller: Caller, ids: Ids, method: str, path: str, status: int, message: str
) -> None:
    """Unknown suffixes, routes, methods and values: the legacy body, both headers, never HTML."""
    target = path.format(rooms=ids.rooms, engagement=ids.path(ENGAGEMENTS + "/{engagement_reference}"))

    response = caller.send(method, target)

    assert_legacy_error(response, status, message)


def test_error__asked_for_as_xml__is_xml(caller: Caller, ids: Ids) -> None:
    """An error has the format of the call, and both headers as ever."""
    response = caller.get(f"{ids.rooms}.xml", limit="many")

    root = ElementTree.fromstring(response.text)
    assert (root.tag, root.findtext("error/status"), root.findtext("error/code")) == ("response", "400", "400")
    assert response.headers["X-Upwork-Error-Code"] == "400"
    assert response.headers["X-Upwork-Error-Message"] == root.findtext("error/message")


def test_read__asked_with_head__has_the_headers_alone(caller: Caller, ids: Ids) -> None:
    """HEAD is answered like GET, without a body."""
    response = caller.send("HEAD", f"{ids.rooms}.json")

    assert (response.status_code, response.content) == (200, b"")
    assert int(response.headers["Content-Length"]) > 1000


def test_call__connection_to_be_closed__says_so(caller: Caller, ids: Ids) -> None:
    """One SDK fails its next call unless the answer says `Connection: close` too."""
    response = caller.send("GET", f"{ids.rooms}.json", headers={"Connection": "close"})

    assert response.status_code == 200
    assert response.headers["Connection"].lower() == "close"


# --- methods and bodies


def as_json(fields: dict[str, str]) -> dict[str, Any]:
    """A JSON body."""
    return {"json": fields}


def as_form(fields: dict[str, str]) -> dict[str, Any]:
    """An urlencoded body."""
    return {"data": fields}


def as_multipart(fields: dict[str, str]) -> dict[str, Any]:
    """A multipart body of fields."""
    return {"files": {name: (None, value) for name, value in fields.items()}}


def wrapped_in(name: str, fields: dict[str, str]) -> dict[str, str]:
    """All fields as JSON text in one parameter."""
    return {name: json.dumps(fields)}


BODIES = [as_json, as_form, as_multipart]


@pytest.fixture
def new_room(caller: Caller, ids: Ids) -> str:
    """The path of a room that only this test knows."""
    member = next(user for user in caller.read(ids.room)["room"]["users"] if user["orgId"] != ids.values["company_id"])
    wish = {"roomName": "A room of one test", "users": [{name: member[name] for name in ("userId", "orgId")}]}
    made = success(caller.send("POST", f"{ids.rooms}.json", json=wish))
    return f"{ids.rooms}/{made['room']['roomId']}"


@pytest.mark.parametrize("body", BODIES)
def test_post__http_method_put__is_a_put(caller: Caller, new_room: str, body: Any) -> None:
    """The override of four SDKs, in each kind of body; it is no parameter of the call."""
    response = caller.send("POST", f"{new_room}.json", **body({"http_method": "put", "roomName": "Renamed"}))

    assert success(response)["room"]["roomName"] == "Renamed"
    assert WARNING not in response.headers
    assert caller.read(new_room)["room"]["roomName"] == "Renamed"


@pytest.mark.parametrize("body", BODIES)
def test_post__http_method_delete__is_a_delete(caller: Caller, new_room: str, body: Any) -> None:
    """No call here takes DELETE: that this is what is refused shows how the POST was read."""
    response = caller.send("POST", f"{new_room}.json", **body({"http_method": "delete"}))

    assert_legacy_error(response, 405, "Method DELETE is not served here; use GET, PUT")


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("is_wrapped", [True, False])
def test_send_message__wrapped_or_flat__arrives(caller: Caller, new_room: str, body: Any, is_wrapped: bool) -> None:
    """`story` holds JSON text, or the fields come bare: the same message stands in the room, letter by letter."""
    fields = {"message": "50 % of <naïve> \"quotes\" & ½ + 'more'; ok?", "userId": "~01abc", "orgId": "1"}
    sent = wrapped_in("story", fields) if is_wrapped else fields

    story = success(caller.send("POST", f"{new_room}/stories.json", **body(sent)))["story"]

    assert story["message"] == fields["message"]
    assert caller.read(f"{new_room}/stories")["stories_list"]["stories"][0] == story


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("is_wrapped", [True, False])
def test_update_settings__wrapped_or_flat__changes_the_topic(
    caller: Caller, ids: Ids, new_room: str, body: Any, is_wrapped: bool
) -> None:
    """`metadata` holds JSON text, or the fields come bare."""
    fields = {"topic": "Another topic"}
    sent = wrapped_in("metadata", fields) if is_wrapped else fields

    answer = success(caller.send("PUT", f"{new_room}/users/{ids.values['user_id']}.json", **body(sent)))

    assert answer["room"]["topic"] == "Another topic"
    assert caller.read(new_room)["room"]["topic"] == "Another topic"


def test_send_batch__one_room_unknown__says_which_and_that_others_were_sent(
    caller: Caller, ids: Ids, new_room: str
) -> None:
    """A batch that failed in part is no success, and must not be repeated whole."""
    rooms = [new_room.rpartition("/")[2], "room_of_nobody"]
    path = ids.path("/api/messages/v3/{company_id}/stories/batch.json")

    response = caller.send("POST", path, json={"rooms": rooms, "message": "To whom it may concern"})

    message = response.json()["error"]["message"]
    assert_legacy_error(response, 502, message)
    assert re.search(r"failed\D*2\b.*carried out\D*1\b.*before you repeat", message), message
    assert caller.read(f"{new_room}/stories")["stories_list"]["stories"][0]["message"] == "To whom it may concern"


# --- lists that collapse


def test_engagements__one_on_the_page__is_the_bare_object(caller: Caller) -> None:
    """The list collapses as XML did: one is an object, and the same as the first of many."""
    wrapper = caller.read(f"{ENGAGEMENTS}.json", page="0;1")["engagements"]

    assert wrapper["lister"]["total_items"] == "1"
    assert wrapper["engagement"] == engagements(caller, page="0;2")[1][0]


def test_engagements__none_on_the_page__lack_the_member(caller: Caller) -> None:
    """Beyond the end there is a lister, which still tells the total, and no `engagement`."""
    wrapper = caller.read(f"{ENGAGEMENTS}.json", page="5000;10")["engagements"]

    assert set(wrapper) == {"lister"}
    assert wrapper["lister"]["paging"] == {"offset": "5000", "count": "10"}
    assert wrapper["lister"]["total_items"] == "0"
    assert wrapper["lister"]["total_count"] == engagements(caller)[0]["total_count"]


# --- walks


@pytest.mark.parametrize("limit", [7, 41, 50, 125])
def test_rooms__walked_by_cursor__are_all_there_once(caller: Caller, ids: Ids, steering: Steering, limit: int) -> None:
    """More rooms than the upstream gives at once: none twice, none missing, the total always the same and true."""
    walk = Walk()

    for page in room_pages(caller, f"{ids.rooms}.json", limit):
        walk.add(page["rooms"], page["total"])

    found = [room["roomId"] for room in walk.rows]
    at_once = caller.read(f"{ids.rooms}.json", limit="1000")
    upstream = steering.ask(caller.token, "{ roomList { totalCount } }", ids.values["company_id"])
    assert len(found) >= 130
    assert Counter(found).most_common(1)[0][1] == 1
    assert sorted(found) == sorted(room_ids(at_once))
    assert set(walk.totals) == {len(found)} == {at_once["total"]} == {upstream["roomList"]["totalCount"]}


@pytest.mark.parametrize("count", [7, 20, 60])
def test_engagements__walked_by_offset__are_all_there_once(caller: Caller, count: int) -> None:
    """As clients page, by `offset;count` until the total is reached: none twice, none missing, the total constant."""
    walk, total = Walk(), 1

    while len(walk.totals) * count < total:
        lister, rows = engagements(caller, page=f"{len(walk.totals) * count};{count}")
        total = int(lister["total_count"])
        assert int(lister["total_items"]) == len(rows)
        walk.add(rows, total)

    _, at_once = engagements(caller, page="0;1000")
    assert len(walk.rows) >= 70
    assert walk.rows == at_once
    assert set(walk.totals) == {len(at_once)}
    assert len({row["reference"] for row in at_once}) == len(at_once)


def test_stories__walked_by_cursor__are_all_there_once(caller: Caller, ids: Ids) -> None:
    """The stories of a room, three at a time, are those of one long page, in its order."""
    path, walk, params = f"{ids.room}/stories.json", Walk(), {"limit": "3"}

    while True:
        page = caller.read(path, **params)["stories_list"]
        walk.add(page["stories"], page["total"])
        if not page["stories"] or not page["cursor"]:
            break
        params["cursor"] = page["cursor"]

    at_once = caller.read(path, limit="1000")["stories_list"]
    assert walk.rows == at_once["stories"]
    assert set(walk.totals) == {len(walk.rows)} == {at_once["total"]}


# --- filters that the upstream lacks


def most_common(rows: Rows, member: str) -> str:
    """The value that most rows have."""
    return Counter(row[member] for row in rows if row[member]).most_common(1)[0][0]


@pytest.mark.parametrize(
    ("param", "member"),
    [
        ("provider__reference", "provider__reference"),
        ("provider_reference", "provider__reference"),
        ("profile_key", "dev_recno_ciphertext"),
        ("job__reference", "job__reference"),
        ("buyer_team__reference", "buyer_team__reference"),
        ("agency_team__reference", "provider_team__reference"),
    ],
)
def test_engagements__filtered_by_a_value__are_those_of_a_full_scan(caller: Caller, param: str, member: str) -> None:
    """The rows that a client would have kept itself, in their order, and a total that counts them."""
    _, every = engagements(caller, page="0;1000")
    wanted = most_common(every, member)

    lister, rows = engagements(caller, page="0;1000", **{param: wanted})

    assert rows == [row for row in every if row[member] == wanted]
    assert lister["total_count"] == lister["total_items"] == str(len(rows))
    assert 0 < len(rows) < len(every)


def test_engagements__filtered_by_time__are_those_of_a_full_scan(caller: Caller) -> None:
    """Created within two moments, both included; and paged, a window of exactly those."""
    _, every = engagements(caller, page="0;1000")
    moments = sorted(int(row["created_time"]) for row in every)
    first, last = moments[len(moments) // 4], moments[len(moments) // 2]
    wanted = [row for row in every if first <= int(row["created_time"]) <= last]
    between = {"created_time_from": as_moment(first), "created_time_to": as_moment(last)}

    whole = engagements(caller, page="0;1000", **between)
    window = engagements(caller, page="3;4", **between)

    assert len(wanted) > 10
    assert whole[1] == wanted
    assert window[1] == wanted[3:7]
    assert window[0]["total_count"] == whole[0]["total_count"] == str(len(wanted))
    assert window[0]["total_items"] == "4"


def as_moment(epoch_ms: int) -> str:
    """A moment as `created_time_from` takes it."""
    assert epoch_ms % 1000 == 0
    return datetime.fromtimestamp(epoch_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def test_engagements__by_status__are_parted_whole(caller: Caller) -> None:
    """Active and closed together are what is listed without a status."""
    _, every = engagements(caller, page="0;1000")

    _, active = engagements(caller, page="0;1000", status="active")
    _, closed = engagements(caller, page="0;1000", status="closed")

    assert {row["status"] for row in active} == {"active"}
    assert {row["status"] for row in closed} == {"closed"}
    references = [row["reference"] for row in active + closed]
    assert sorted(references) == sorted(row["reference"] for row in every)


# --- request id


def test_request_id__given__comes_back(caller: Caller, ids: Ids) -> None:
    """The caller's own id is kept, on a success and on an error."""
    headers = {"X-Request-Id": "job-7:attempt.2_a"}

    told = [caller.send("GET", path, headers=headers) for path in (ids.rooms, "/api/none", "/healthz", "/none")]

    assert [one.status_code for one in told] == [200, 404, 200, 404]
    assert [told[at].headers.get("X-Request-Id") for at in (0, 1, 3)] == ["job-7:attempt.2_a"] * 3


@pytest.mark.parametrize("given", [None, "with spaces", "x" * 200, "\u00e9"])
def test_request_id__missing_or_no_word__is_made(caller: Caller, ids: Ids, given: str | None) -> None:
    """Every answer has an id, each its own; what could not stand in a log line is not taken over."""
    headers = {"X-Request-Id": given.encode("latin-1")} if given else {}

    made = [caller.send("GET", ids.rooms, headers=headers).headers["X-Request-Id"] for _ in range(2)]

    assert len({*made, given}) == 3
    assert all(len(one) == 32 and one.isalnum() for one in made)


# --- who is asking


def test_auth_user__first_and_second_call__cost_one_question_each(
    new_caller: NewCaller, ids: Ids, steering: Steering
) -> None:
    """Who the caller is rides in the first question, is remembered, and is not asked in the second."""
    caller = new_caller()

    answers = [caller.read(f"{ids.rooms}.json", limit="1") for _ in range(2)]

    first, second = [question["query"] for question in steering.asked_by(caller.name)]
    assert answers[0]["auth_user"] == answers[1]["auth_user"]
    assert answers[0]["auth_user"]["first_name"] == "Dana"
    assert ("caller: user" in first, "caller: user" in second) == (True, False)


def test_auth_user__token_without_the_scope__is_absent(new_caller: NewCaller, ids: Ids) -> None:
    """Without the scope that tells who the caller is, the member is missing, and the list is there."""
    caller = new_caller(scopes=[MESSAGING])

    answer = caller.read(f"{ids.rooms}.json")

    assert set(answer) == {"server_time", "rooms", "cursor", "total"}
    assert len(answer["rooms"]) == 20


# --- scopes


def test_rooms__messaging_scope_alone__are_listed_with_a_warning(
    new_caller: NewCaller, caller: Caller, ids: Ids, steering: Steering
) -> None:
    """The fields that the scope does not open are left out, named in a header, and asked for once only."""
    limited = new_caller(scopes=[MESSAGING])

    responses = [limited.get(f"{ids.rooms}.json") for _ in range(2)]

    warning = responses[0].headers[WARNING]
    assert warning.startswith("withheld for want of a scope: ")
    assert {"Query.user", "GenericUser.id", "GenericOrganization.id"} <= set(withheld(warning))
    assert responses[1].headers[WARNING] == warning
    assert without_time(success(responses[0])) == without_time(success(responses[1]))
    whole = caller.read(f"{ids.rooms}.json")
    assert room_ids(success(responses[0])) == room_ids(whole)
    assert [room["orgId"] for room in success(responses[0])["rooms"]] == [None] * 20
    assert [question["errors"] for question in steering.asked_by(limited.name)] == [1, 0, 0]


def withheld(warning: str) -> list[str]:
    """The `Type.field`s that a warning names."""
    return warning.removeprefix("withheld for want of a scope: ").split(", ")


def test_rooms__after_another_call_was_refused__warn_of_their_own_fields_only(new_caller: NewCaller, ids: Ids) -> None:
    """What a token may not read of contracts is not said to be missing from its rooms."""
    limited = new_caller(scopes=[MESSAGING])
    before = limited.get(f"{ids.rooms}.json").headers[WARNING]

    refused = limited.get(f"{ENGAGEMENTS}.json")

    assert_legacy_error(refused, 403, "This APP has no access to the requested resource")
    assert limited.get(f"{ids.rooms}.json").headers[WARNING] == before


def test_write__read_scope_alone__is_refused_and_not_carried_out(
    new_caller: NewCaller, ids: Ids, steering: Steering
) -> None:
    """A mutation is never asked again with less in it."""
    limited = new_caller(scopes=[MESSAGING])

    response = limited.send("POST", f"{ids.room}/stories.json", json={"message": "Not allowed"})

    assert_legacy_error(response, 403, "This APP has no access to the requested resource")
    assert [question["mutations"] for question in steering.asked_by(limited.name)] == [{}]


def test_call__token_unknown__is_unauthorized(http: httpx.Client, ids: Ids) -> None:
    """A token that nobody issued; no token; a credential of another kind."""
    stranger = Caller(http, "a-token-nobody-issued")

    assert_legacy_error(stranger.get(ids.rooms), 401, "The access token is invalid or has expired")
    missing = "An access token is required: send 'Authorization: Bearer' with it"
    assert_legacy_error(http.get(ids.rooms), 401, missing)
    other_kind = http.get(ids.rooms, headers={"Authorization": "Basic YTpi"})
    assert_legacy_error(other_kind, 401, "Authorization must be 'Bearer' and an access token")


# --- tenants


def test_rooms__of_another_tenant__are_others(
    new_caller: NewCaller, caller: Caller, ids: Ids, steering: Steering
) -> None:
    """A stranger's organisation has rooms of its own, and neither side sees the other's."""
    stranger = new_caller("stranger")
    organization = steering.ask(stranger.token, WHO)["organization"]["id"]
    theirs = f"/api/messages/v3/{organization}/rooms.json"

    seen = stranger.read(theirs, limit="1000")

    assert seen["total"] == len(seen["rooms"]) > 0
    assert set(room_ids(seen)).isdisjoint(room_ids(caller.read(ids.rooms, limit="1000")))
    denied = "Forbidden: access to the requested object is denied"
    assert_legacy_error(caller.get(theirs), 403, denied)
    assert_legacy_error(stranger.get(ids.rooms), 403, denied)


def test_rooms__of_the_callers_second_company__are_others(caller: Caller, ids: Ids, steering: Steering) -> None:
    """One credential, two organisations: the path says whose rooms, and the tenant header follows it."""
    items = steering.ask(caller.token, WHO)["companySelector"]["items"]
    own = [item["organizationId"] for item in items]

    rooms = [room_ids(caller.read(f"/api/messages/v3/{one}/rooms", limit="1000")) for one in own]

    assert own[0] == ids.values["company_id"]
    assert len(rooms) == 2
    assert all(rooms)
    assert set(rooms[0]).isdisjoint(rooms[1])


@pytest.mark.parametrize(
    "form", ["organization.id", "organization.rid", "organization.legacyId", "user.id", "user.nid", "user.rid"]
)
def test_rooms__tenant_in_each_form__are_those_of_the_company(
    new_caller: NewCaller, ids: Ids, steering: Steering, form: str
) -> None:
    """An id, the old short number, the old slug, and the caller's own names for "my rooms": at first and after it."""
    caller = new_caller()
    owner, _, member = form.partition(".")
    named = steering.ask(caller.token, WHO)[owner][member]
    path = f"/api/messages/v3/{named}/rooms.json"

    found = [room_ids(caller.read(path)) for _ in range(2)]

    assert found[0] == found[1] == room_ids(caller.read(ids.rooms))


def test_write__tenant_is_the_callers_own_id__is_carried_out_once(
    new_caller: NewCaller, ids: Ids, steering: Steering
) -> None:
    """The path that old clients build from `users/me` works for a first call that writes, too."""
    caller = new_caller()
    own = steering.ask(caller.token, WHO)["user"]["id"]
    path = f"/api/messages/v3/{own}/rooms/{ids.values['room_id']}/stories.json"

    story = success(caller.send("POST", path, json={"message": "From my own path"}))["story"]

    assert caller.read(f"{ids.room}/stories")["stories_list"]["stories"][0]["storyId"] == story["storyId"]
    carried_out = [question["mutations"] for question in steering.asked_by(caller.name) if question["mutations"]]
    assert carried_out == [{"createRoomStoryV2": 1}]


def test_rooms__tenant_that_is_none_of_the_callers__is_refused(new_caller: NewCaller, steering: Steering) -> None:
    """A name that none of the credential's companies has is refused here: no room list is asked for."""
    caller = new_caller()

    response = caller.get("/api/messages/v3/somebody-else/rooms.json")

    message = "Forbidden: 'somebody-else' is no organization of this token; use its organization ID"
    assert_legacy_error(response, 403, message)
    assert not any("roomList" in question["query"] for question in steering.asked_by(caller.name))
