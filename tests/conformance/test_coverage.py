"""Coverage is computed, not claimed: every row of a mapped area is served or named, and a dropped row is found."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from app.compile.build import build_plans
from app.compile.contract import load_contract
from app.compile.coverage import cover
from app.findings import InvalidMappings
from app.mapping.load import load_mappings

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


def _lines_of_rows() -> list[tuple[str, str]]:
    """Lines of two mappings that serve one row each: one answer of messages, one of contracts."""
    rooms = ["roomId: id", "topic: topic", "appId: vendorProposal.id", "roomType: roomType", "total: {from: totalCount"]
    offers = ["offer_id: offer.id", "buyer_team__reference: team.rid", "provider__id: freelancer.nid"]
    return [("messages/list_rooms.yaml", line) for line in rooms] + [
        ("contracts/list_engagements.yaml", line) for line in offers
    ]


@pytest.mark.parametrize(("file", "line"), _lines_of_rows())
def test_build__row_dropped_from_a_mapping__names_it(tmp_path: Path, file: str, line: str) -> None:
    """Nothing is served while a row is neither answered nor named."""
    folder = tmp_path / "mappings"
    shutil.copytree(MAPPINGS, folder)
    path = folder / file
    text = path.read_text(encoding="utf-8")
    kept, dropped = re.subn(rf"^ +{re.escape(line)}.*\n", "", text, flags=re.MULTILINE)

    path.write_text(kept, encoding="utf-8")
    with pytest.raises(InvalidMappings) as raised:
        build_plans(folder, folder / "schema.graphql", TEMPLATES)

    row = line.partition(":")[0]
    assert dropped == 1
    assert [
        (finding.code, Path(finding.place.file).name) for finding in raised.value.findings if finding.code == "M304"
    ] == [("M304", path.name)]
    assert row in str(raised.value)
