"""Coverage is computed, not claimed: every row of a mapped area is served or named, and a dropped row is found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app.compile.build import Built, compile_folder
from app.compile.contract import load_contract
from app.compile.coverage import cover, member_name
from app.findings import InvalidMappings, MissingRow, Place
from app.mapping.load import load_mappings
from app.mapping.model import EndpointMapping, FieldRule, ListRule, ObjectRule

TOP = Path(__file__).resolve().parent.parent.parent
MAPPINGS, TEMPLATES = TOP / "mappings", TOP / "templates"
#: calls, routes and rows of each area, counted by hand from the tables of the old documentation
AREAS = {"messages": (11, 11, 113), "contracts": (2, 3, 88)}
WHOLE = (49, 51, 549)


def test_contract__as_shipped__has_every_call_route_and_row() -> None:
    """The data that coverage is computed from is whole."""
    calls = json.loads((MAPPINGS / "_contract.json").read_text(encoding="utf-8"))

    counted = len(calls), sum(len(call["routes"]) for call in calls), sum(len(call["rows"]) for call in calls)

    assert counted == WHOLE


@pytest.mark.parametrize("area", AREAS)
def test_coverage__mapped_area__leaves_no_row_unexplained(area: str) -> None:
    """Each row is answered, or absent with a reason; each route is taken."""
    contract = load_contract(MAPPINGS)
    assert contract is not None
    mappings, findings = load_mappings(MAPPINGS)

    covered = [one for one in cover(mappings, contract) if one.id.startswith(f"{area}/")]

    assert findings == []
    assert (len(covered), sum(one.routes for one in covered), sum(one.rows for one in covered)) == AREAS[area]
    assert [(one.id, row) for one in covered for row in one.unexplained] == []
    assert [one.id for one in covered if len(one.served) + len(one.absent) != one.rows] == []
    assert [(one.id, row) for one in covered for row, reason in one.absent if not reason.strip()] == []


#: two mappings whose every served row is dropped in turn: one that has its fields itself, one that shares a shape
DROPPED = ("messages/list_rooms", "contracts/list_engagements")


def _served_rows() -> list[tuple[str, str]]:
    """Each row that these mappings serve, by call and name."""
    contract = load_contract(MAPPINGS)
    assert contract is not None
    mappings, _ = load_mappings(MAPPINGS)
    return [(one.id, row) for one in cover(mappings, contract) if one.id in DROPPED for row in one.served]


def test_served_rows__of_the_two_mappings__are_those_counted_by_hand() -> None:
    """17 rows of list_rooms; 44 rows of an engagement, of which eight are constants with a reason."""
    counted = [sum(call == one for call, _ in _served_rows()) for one in DROPPED]

    assert counted == [17, 36]


@pytest.mark.parametrize(("call", "row"), _served_rows())
def test_build__served_row_dropped_from_its_mapping__names_it(
    built: Built, tmp_path: Path, call: str, row: str
) -> None:
    """Nothing is served while a row is neither answered nor named: M304 says which."""
    endpoint = next(one for one in built.mappings.endpoints if one.id == call)
    folder = tmp_path / "mappings"
    # The other areas would only take their time.
    other = [one.name for one in MAPPINGS.iterdir() if one.is_dir() and one.name != endpoint.area.name]
    shutil.copytree(MAPPINGS, folder, ignore=shutil.ignore_patterns(*other))
    place = _place_of(endpoint, built.mappings.shapes, member_name(endpoint, row).split("."))
    _drop(folder / Path(place.file).relative_to(MAPPINGS), place)

    with pytest.raises(InvalidMappings) as raised:
        compile_folder(folder, built.schema, TEMPLATES)

    missing = [one for one in raised.value.findings if isinstance(one, MissingRow)]
    file = str(folder / f"{call}.yaml")
    assert [(one.code, one.row) for one in missing if one.place.file == file] == [("M304", row)]


def _place_of(endpoint: EndpointMapping, shapes: dict[str, ObjectRule], names: list[str]) -> Place:
    """Where the rule of a member is written, in the mapping or in a shape that it uses."""
    here: FieldRule | None = endpoint.choices[0].response
    place = endpoint.place
    for name in names:
        if isinstance(here, ListRule) and isinstance(here.element, ObjectRule):
            here = here.element
        assert isinstance(here, ObjectRule)
        used = [shapes[f"{endpoint.area.name}/{word.text}"] for word in here.shapes]
        fields = [member for one in (*used, here) for member in one.fields]
        found = {word.text: (word.place, rule) for word, rule in fields}
        place, here = found[name]
    return place


def _drop(path: Path, place: Place) -> None:
    """Take out the line of a rule and what stands deeper below it."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    first = place.line - 1
    last = first + 1
    while last < len(lines) and len(lines[last]) - len(lines[last].lstrip(" ")) >= place.column:
        last += 1
    assert lines[first][: place.column - 1].strip() == "", "a rule that shares its line cannot be dropped by lines"
    path.write_text("".join(lines[:first] + lines[last:]), encoding="utf-8")
