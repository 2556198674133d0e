"""Each request row of the contract reaches the upstream at its place, or is refused or kept here for a reason.

Random legacy values are sent to the whole service in every form that clients use; what is asked is read from the
documents and variables that were really sent. Nothing of the compiler, of a mapping or of a converter is used for
what is expected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.building import build
from app.compile.build import Built
from app.settings import load_settings
from tests.conformance.asked import (
    ABSENT,
    FORMS,
    SETTINGS,
    AskedUpstream,
    Service,
    Wire,
    field_at,
    path_of,
    service_of,
    value_at,
    written,
)
from tests.conformance.requested import (
    CALLS,
    OTHERS,
    PEOPLE,
    REFUSED,
    SEARCH,
    SEED_ONLY,
    SERVED,
    SUBMIT,
    Call,
    NotAsked,
    Other,
    Sent,
    asked_rows,
    contracted,
)

# --- the contract's own rows -----------------------------------------------------------------------------------------
from tests.limits import NO_LIMITS


def test_request_rows__of_the_contract__are_all_held() -> None:
    """78 rows go to the upstream, 15 have no place there; each is held here, and nothing else is."""
    asked, none = asked_rows(), {key for key, row in contracted().items() if row["status"] == "none"}
    drawn = {(call.id, row) for call in CALLS for row in call.rows}
    apart = {key for key, other in OTHERS.items() if isinstance(other, NotAsked)}
    areas = [key[0].partition("/")[0] for key in asked]

    assert {area: areas.count(area) for area in areas} == {
        "profiles": 8, "submissions": 11, "milestones": 18, "activities": 19, "jobs": 22
    }  # fmt: skip
    assert drawn | apart == {*asked, ("profiles/search_freelancers", "rate")}
    assert {row for _, row in none} == {*REFUSED, *SERVED}
    assert {call for call, _ in none} == {"profiles/search_freelancers"}
    assert len(none) == 15


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.id)
def test_request_rows__printed_place__is_the_one_asked_unless_named_here(call: Call, built: Built) -> None:
    """A row goes to its printed place, or the table above says where and why; what it says of the schema is so."""
    schema = built.schema.raw
    printed = {row: place for (id_, row), place in asked_rows().items() if id_ == call.id}
    others = {row: other for (id_, row), other in OTHERS.items() if id_ == call.id}

    lacking = set()
    for row, place in printed.items():
        is_gone = SEED_ONLY in (field_at(schema, call.at).deprecation_reason or "")
        if is_gone or place is None or path_of(field_at(schema, call.at), place) is None:
            lacking.add(row)

    assert lacking == {row for row, other in others.items() if other.lacks}
    for row, other in others.items():
        if isinstance(other, Other):
            assert path_of(field_at(schema, other.at or call.at), other.place) is not None
            assert (other.at, other.place) != ("", printed.get(row)), "the entry says what the contract says"


# --- the rows that the upstream is told ------------------------------------------------------------------------------


@st.composite
def requests(draw: st.DrawFn, call: Call) -> tuple[Sent, Wire]:
    """A request with the rows that it must have and some of the others, in one of the forms on the wire."""
    rows = call.rows | call.beside
    chosen = [name for name, row in rows.items() if row.is_required or draw(st.booleans())]
    said = {name: draw(rows[name].said) for name in chosen}
    method, path = call.route.split()
    on_wire = {
        name: draw(st.sampled_from(rows[name].names)) if rows[name].names else name
        for name in chosen
        if not name.startswith("$")
    }
    params = {on_wire[name]: said[name][0] for name in on_wire}
    numeric = frozenset(on_wire[name] for name in on_wire if rows[name].is_numeric)
    suffix = draw(st.sampled_from(["", ".json"]))
    wire = written(method, path + suffix, params, draw(st.sampled_from(FORMS)), numeric)
    return Sent({name: one[0] for name, one in said.items()}, {name: one[1] for name, one in said.items()}), wire


def told_at(upstream: AskedUpstream, call: Call, row: str) -> Any:
    """What the upstream was told for a row, where it belongs; ABSENT where it was told nothing."""
    other = OTHERS.get((call.id, row))
    at, place = call.at, asked_rows().get((call.id, row))
    if isinstance(other, Other):
        at, place = other.at or call.at, other.place
    assert place is not None
    path = path_of(field_at(upstream.schema, at), place)
    assert path is not None
    found = [value_at(arguments, path) for arguments in upstream.of(at)]
    assert len(found) <= 1, f"{at} was asked {len(found)} times"
    return found[0] if found else ABSENT


@pytest.mark.parametrize("call", [call for call in CALLS if call is not SUBMIT], ids=lambda call: call.id)
def test_request_rows__any_values__stand_where_the_contract_says(call: Call, service: Service) -> None:
    """What is sent for a row is what the upstream is told at its place; what is not sent is not told."""

    @SETTINGS
    @given(requests(call))
    def holds(request: tuple[Sent, Wire]) -> None:
        sent, wire = request

        reply = service.send(wire, {**PEOPLE, **call.world(sent)})

        assert reply.status == 200, reply.body
        told = {row: told_at(service.upstream, call, row) for row in call.rows}
        meant = call.told(sent)
        assert told == {row: meant.get(row, ABSENT) for row in call.rows}
        if "company_id" in sent.meant:
            assert service.upstream.tenants[-1] == sent.meant["company_id"]

    holds()


def test_request_rows__submitting_work__is_refused_with_501_and_nothing_is_asked(service: Service) -> None:
    """Whatever is sent, the caller is told where the work can be submitted, and no question leaves."""

    @SETTINGS
    @given(requests(SUBMIT))
    def holds(request: tuple[Sent, Wire]) -> None:
        reply = service.send(request[1], PEOPLE)

        error = reply.json()["error"]
        assert (reply.status, error["status"], error["code"]) == (501, 501, 501)
        assert "no mutation for submitting work" in error["message"]
        assert service.upstream.asked == []

    holds()


# --- the rows that have no place upstream ----------------------------------------------------------------------------


def search(params: Mapping[str, str]) -> Wire:
    """A search for freelancers."""
    return written("GET", f"{SEARCH}.json", {"q": "x", **params})


#: `is_odesk_ready` had a newer name
REFUSED_NAMES = [*((row, row, words) for row, words in REFUSED.items()), ("is_odesk_ready", "is_upwork_ready", "flag")]


@pytest.mark.parametrize(("row", "name", "words"), REFUSED_NAMES, ids=[name for _, name, _ in REFUSED_NAMES])
@pytest.mark.parametrize("value", ["1", "5", "[20 TO 40]", "2013-01-04T00:00:00.000Z"])
def test_request_rows__nothing_upstream_for_it__is_a_400_that_names_it_and_why(
    service: Service, row: str, name: str, words: str, value: str
) -> None:
    """The caller is told which parameter cannot be served and why; nothing is asked."""
    reply = service.send(search({name: value}), PEOPLE)

    error = reply.json()["error"]
    assert (reply.status, error["status"], error["code"]) == (400, 400, 400)
    assert f"'{row}'" in error["message"]
    assert words in error["message"]
    assert reply.headers["x-upwork-error-message"] == error["message"]
    assert service.upstream.asked == []


@pytest.fixture(scope="module")
def warning_service() -> Service:
    """The service as it is when what cannot be served shall only be told."""
    chosen = load_settings({"HEIRLOOM_UNSUPPORTED": "warn"} | NO_LIMITS)
    return service_of(build(chosen), chosen)


@pytest.mark.parametrize(("row", "words"), REFUSED.items(), ids=list(REFUSED))
def test_request_rows__nothing_upstream_for_it_and_warnings_chosen__is_told_in_a_header(
    warning_service: Service, row: str, words: str
) -> None:
    """Where the operator wants answers, the answer comes and its header names what had no effect."""
    reply = warning_service.send(search({row: "1"}), PEOPLE)

    assert reply.status == 200
    assert row in reply.headers["x-heirloom-warning"]
    assert words in reply.headers["x-heirloom-warning"]


@pytest.mark.parametrize("flag", ["1", "true"])
def test_request_rows__include_entities__brings_keys_alone(service: Service, flag: str) -> None:
    """The switch of the answer's form: an array of profile keys, and whole freelancers without it."""
    keys = ["~01fedcba9876543210", "~0123456789abcdef01"]
    found = {"profiles": [{"profile": {"identity": {"ciphertext": key}}} for key in keys], "pagingInfo": {"total": 2}}
    world = {**PEOPLE, "Search.searchFreelancerPublicProfile": found}

    only_keys = service.send(search({"include_entities": flag}), world).json()["providers"]
    whole = service.send(search({"include_entities": "0"}), world).json()["providers"]

    assert only_keys == keys
    assert [one["id"] for one in whole] == keys
