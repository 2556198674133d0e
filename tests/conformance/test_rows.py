"""Each row that the contract maps directly is answered with what stands at its path upstream.

Held against random upstream data, and computed from the contract's own paths and the tables in `rows/` by a walk of
a few lines: nothing of the compiler, of a mapping or of a converter is used for what is expected.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.assemble import assemble
from app.compile.build import Built
from app.settings import Settings
from app.web.app import create_app
from tests.asgi import send
from tests.conformance.calls import Call, Read
from tests.conformance.contracted import (
    contract,
    direct_rows,
    field_of,
    first_values,
    is_read_at,
    length_at,
    lists_on,
    members_at,
    values_at,
)
from tests.conformance.forms import FAMILIES, Form
from tests.conformance.rows import contracts, diaries, jobs, messages, metadata, organizations, others, profiles
from tests.conformance.worlds import World, WorldUpstream
from tests.doubles import Events

AREAS = (messages, contracts, jobs, organizations, profiles, metadata, diaries, others)
CALLS = [call for area in AREAS for call in area.CALLS]
#: ways to serve a call that answer nothing of its table
WITHOUT_ROWS = {("metadata/list_specialties", "topic")}
ROWS = 398


# --- the tables are whole and true -----------------------------------------------------------------------------------


def test_rows__direct_ones__are_all_there_whatever_way_is_chosen(built: Built) -> None:
    """398 rows, and each way that a mapping has to serve a call with such rows."""
    rows = {one: direct_rows(one, "response") for one in contract()}
    ways = {(one, way.name) for one in rows if rows[one] for way in built.plans.calls[one].variants}

    assert sum(map(len, rows.values())) == ROWS
    assert {(call.id, call.choice) for call in CALLS} == ways - WITHOUT_ROWS


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_rows__printed_path__is_read_unless_named_here(call: Call, built: Built) -> None:
    """A row is read at its printed path, or its table says where and why; what it says of the schema is so."""
    schema, rows = built.schema.raw, call.rows()

    lacking = {
        row
        for row, path in rows.items()
        if not (field_of(schema, path) is not None if row in call.parts else is_read_at(schema, path))
    }
    unread = {path for read in call.reads() for path in read.paths if not is_read_at(schema, path)}

    assert lacking == {row for row, other in call.others.items() if other.lacks}
    assert unread == set()
    assert [row for row, other in call.others.items() if other.paths == (rows[row],) and other.read is None] == []


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_rows__table_of_a_call__has_nothing_without_effect(call: Call) -> None:
    """Each entry belongs to a row, and each form is one that a row takes."""
    rows = set(call.rows())
    moved = {row for row in call.moved if any(f"{one}.".startswith(f"{row}.") for one in rows)}
    taken = {name for one in CALLS if one.forms is call.forms for row in one.rows() for name in _names(row)}

    assert {*call.others, *call.parts, *call.keyed} - rows == set()
    assert set(call.moved) == moved
    assert set(call.forms) - taken == set()


def _names(row: str) -> tuple[str, str]:
    """The names under which a row's form may stand."""
    return row, row.rpartition(".")[2]


# --- what is expected ------------------------------------------------------------------------------------------------


def expected(call: Call, read: Read, world: World) -> Any:
    """What the answer must hold at a place."""
    found = [_told(call, read, world, told) for told in call.told or ("",)]
    if call.is_joined:
        return _joined(found)
    return found if len(found) > 1 else found[0]


def _joined(found: list[Any]) -> list[Any]:
    """The elements of lists in lists, as one list."""
    return [row for one in found for row in (_joined(one) if isinstance(one, list) else [one])]


def _told(call: Call, read: Read, world: World, told: str) -> Any:
    if read.other is not None and read.other.read is not None:
        return read.other.read(world)
    if not read.paths:
        return read.other.constant if read.other else None
    or_told = [told] if read.other is not None and read.other.is_told else []
    found = first_values([*(values_at(world, path, told) for path in read.paths), *or_told])
    lists = lists_on(world.schema, read.paths[0]) - read.form.takes_list
    if call.is_first:
        found, lists = found[0], lists - 1
    written = _written(read.form, found, lists, FAMILIES[call.family][1])
    if read.row in call.keyed:
        keys = values_at(world, call.keyed[read.row], told)
        pairs = [(key, one) for key, one in zip(keys, written, strict=True) if key is not None]
        return dict(reversed(pairs))
    return written


def _written(form: Form, value: Any, lists: int, null: Any) -> Any:
    """A value as the answer has it, or every value of lists in lists."""
    return [_written(form, one, lists - 1, null) for one in value] if lists else form(value, null)


# --- the test --------------------------------------------------------------------------------------------------------

#: a failing world is shown as it was found: to make it smaller takes minutes
PHASES = (Phase.generate,)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_rows__any_upstream_data__are_answered_as_the_contract_maps_them(
    call: Call, built: Built, settings: Settings
) -> None:
    """Every direct row of a call holds what stands at its path, in the form of its family."""
    reads = call.reads()

    @hypothesis_settings(
        max_examples=call.examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data(), st.booleans())
    def holds(data: st.DataObject, is_special: bool) -> None:
        world = World(built.schema.raw, data.draw, call.settled, call.there)
        if call.prepare is not None:
            call.prepare(world, is_special)

        body = _served(call, built, settings, world)

        null = FAMILIES[call.family][1]
        assert {read.place: members_at(body, read.place.split("."), call.collapsing, null) for read in reads} == {
            read.place: expected(call, read, world) for read in reads
        }

    holds()


def _served(call: Call, built: Built, chosen: Settings, world: World) -> dict[str, Any]:
    """The answer of the whole service over an upstream that holds the world."""
    app = create_app(assemble(chosen, built.plans, transport=WorldUpstream(built.schema.raw, world), observer=Events()))
    rows = length_at(world, call.window) if call.window else 0
    method, target = call.send.replace("{rows}", str(max(rows, 1))).split(" ", 1)
    headers = {"Authorization": "Bearer oauth2v2_x", "Content-Type": "application/json"}
    reply = asyncio.run(send(app, method, target, headers, call.body.encode()))
    assert reply.status == 200, reply.body
    body: dict[str, Any] = reply.json()
    return body
