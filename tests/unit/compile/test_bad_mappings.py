"""Every fault of a mapping is told with its place. A case is a folder: a small tree of mappings, and its findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import app.findings as findings_module
from app.compile.build import build_plans
from app.converters import CONVERTERS
from app.findings import Finding, InvalidMappings

from .conftest import TEMPLATES, TOP, Compile

CASES = sorted(path.parent for path in (TOP / "tests" / "mappings_bad").glob("*/expected.yaml"))

#: codes without a case, and why
NO_CASE = {
    "M215": "a fault of the compiler, which no mapping should bring about",
    "M303": "a fault of the converters, not of a mapping; tested below",
    "S101": "a fault of the schema file, not of a mapping; tested below",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a finding tells, as a case expects it; the texts are parts of the whole ones."""

    code: str
    file: str
    line: int
    column: int
    what: str = ""
    mend: str = ""


def expected(case: Path) -> list[Told]:
    """The findings written down beside a case."""
    return [Told(**entry) for entry in yaml.safe_load((case / "expected.yaml").read_text(encoding="utf-8"))]


def findings_of(folder: Path, compiled: Compile) -> tuple[Finding, ...]:
    """The findings of a faulty folder."""
    with pytest.raises(InvalidMappings) as caught:
        compiled(folder)
    return caught.value.findings


def told(finding: Finding, folder: Path, like: Told | None) -> Told:
    """A finding as a case tells it: its texts are those expected, when they are parts of what it says."""
    what = like.what if like and like.what in finding.what() else finding.what()
    mend = like.mend if like and like.mend in finding.mend() else finding.mend()
    place = finding.place
    return Told(finding.code, str(Path(place.file).relative_to(folder)), place.line, place.column, what, mend)


def kinds() -> Iterator[type[Finding]]:
    """All kinds of findings that have a code of their own."""
    for kind in vars(findings_module).values():
        if isinstance(kind, type) and issubclass(kind, Finding) and kind is not Finding and "code" in vars(kind):
            yield kind


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_compile__faulty_mappings__tells_exactly_the_expected_findings(case: Path, compiled: Compile) -> None:
    """All faults of all files are told in one run, each once, each at its place, and nothing else is."""
    folder, wanted = case / "mappings", expected(case)

    findings = [one for one in findings_of(folder, compiled) if Path(one.place.file).is_relative_to(folder)]

    likes: list[Any] = [*wanted, *([None] * len(findings))]
    assert [told(one, folder, like) for one, like in zip(findings, likes, strict=False)] == wanted


def test_findings__codes__are_unique() -> None:
    """A code means one fault."""
    codes = [kind.code for kind in kinds()]

    repeated = {code for code in codes if codes.count(code) > 1}

    assert repeated == set()


def test_findings__every_code__has_a_case() -> None:
    """No fault is described that was never seen, beside those listed with the reason."""
    codes = {kind.code for kind in kinds()}

    seen = {one.code for case in CASES for one in expected(case)}

    assert seen | NO_CASE.keys() == codes
    assert seen & NO_CASE.keys() == set()


def test_compile__contract_without_mappings_for_a_converter__finds_the_converter_unused(compiled: Compile) -> None:
    """Of a whole product, every converter that no mapping names is told, at the line where it is written."""
    folder = TOP / "tests" / "mappings_bad" / "missing_row" / "mappings"

    findings = [one for one in findings_of(folder, compiled) if one.code == "M303"]

    places = {(one.place.file, _line(one.place.file, one.place.line)) for one in findings}
    modules = {one.convert.__module__ for one in CONVERTERS.values()}
    assert {one.what() for one in findings} == {f"converter '{name}' is used by no mapping" for name in CONVERTERS}
    assert {Path(file).stem for file, _ in places} == {module.rpartition(".")[2] for module in modules}
    assert all(line.lstrip().startswith(("@converter", "@lru_cache", "def ")) for _, line in places)


def _line(file: str, number: int) -> str:
    return Path(file).read_text(encoding="utf-8").splitlines()[number - 1]


def test_build_plans__broken_schema__tells_where_beside_the_faults_of_reading(tmp_path: Path) -> None:
    """A schema file that does not build is S101 at its place; what is wrong with the YAML is told as well."""
    schema = tmp_path / "schema.graphql"
    schema.write_text("type Query {\n  room: Room\n  user(: User\n}\n", encoding="utf-8")
    (tmp_path / "_caller.yaml").write_text("operation: query user\n", encoding="utf-8")

    with pytest.raises(InvalidMappings) as caught:
        build_plans(tmp_path, schema, TEMPLATES)

    assert [(one.code, one.place.line, one.place.column) for one in caught.value.findings] == [
        ("M103", 1, 1),
        ("S101", 3, 8),
    ]


@pytest.mark.parametrize(
    "text", ["type Query { room: Nowhere }", "scalar A", ""], ids=["unknown type", "no query", "-"]
)
def test_build_plans__unusable_schema__is_a_finding(text: str, tmp_path: Path) -> None:
    """Whatever is in the schema file, what is wrong is told as a finding."""
    schema = tmp_path / "schema.graphql"
    schema.write_text(text, encoding="utf-8")
    area = tmp_path / "rooms"
    area.mkdir()
    (area / "_area.yaml").write_text("title: Rooms\nscopes: [Rooms]\nleaves: json\n", encoding="utf-8")
    (area / "get_room.yaml").write_text(
        "title: A room\nroute: GET /api/v3/room\noperation: query room\nresponse: {fields: {id: id}}\n",
        encoding="utf-8",
    )

    with pytest.raises(InvalidMappings) as caught:
        build_plans(tmp_path, schema, TEMPLATES)

    assert {one.code for one in caught.value.findings} <= {"S101", "M201"}


def test_build_plans__missing_schema__is_a_finding(tmp_path: Path) -> None:
    """A schema file that is not there is told as one that does not build."""
    schema = tmp_path / "schema.graphql"

    with pytest.raises(InvalidMappings) as caught:
        build_plans(tmp_path, schema, TEMPLATES)

    assert [(one.code, one.place.file) for one in caught.value.findings] == [("S101", str(schema))]


def test_report__several_findings__shows_lines_carets_and_a_sum(compiled: Compile) -> None:
    """People read the line, a caret under the fault, the mend, and how much there is to do."""
    folder = TOP / "tests" / "mappings_bad" / "unknown_converter" / "mappings"

    with pytest.raises(InvalidMappings) as caught:
        compiled(folder)

    file = folder / "rooms" / "get_room.yaml"
    assert str(caught.value) == (
        f"{file}:5:31: M207 no converter 'room_cuont'\n"
        "    5 |   path.room_id: {to: id, via: room_cuont}\n"
        "      |                               ^\n"
        "      = request.path.room_id: did you mean 'row_count'?\n"
        f"{file}:8:45: M207 no converter 'epochms'\n"
        "    8 |     created: {from: createdAtDateTime, via: epochms}\n"
        "      |                                             ^\n"
        "      = response.created: did you mean 'epoch_ms' or 'epoch_s' or 'epoch_ms_text'?\n"
        f"{file}:9:47: M207 no converter 'shout'\n"
        "    9 |     topic: {first_of: [topic, numUsers], via: shout}\n"
        "      |                                               ^\n"
        "      = response.topic: 'heirloom converters' lists them\n"
        "\n"
        "3 findings in 1 of 2 files; nothing is served until mended."
    )
