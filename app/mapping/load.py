"""A folder of mapping files to one `MappingSet`; every fault of reading is gathered, none stops the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.findings import Finding, KeysTogether, Place, WrongShape
from app.mapping.model import Area, EndpointMapping, Envelope, MappingSet, ObjectRule
from app.mapping.read import read_area, read_caller, read_endpoint, read_known, read_shapes
from app.mapping.read_errors import FILE, is_shipped, read_errors, shipped_errors
from app.mapping.source import Node, read_source

#: what holds for questions that are no legacy calls
NO_AREA = Area("", Place("", 1, 1), "", (), "text", Envelope("none", auth_user=False))


def load_mappings(folder: Path) -> tuple[MappingSet, list[Finding]]:
    """Read a whole folder.

    `_caller.yaml`, `_tenants.yaml`, `_known.yaml`, `_errors.yaml`; per area folder `_area.yaml`, `_shapes.yaml` and one
    file a call.
    """
    findings: list[Finding] = []
    files = 0

    def read(path: Path) -> Node | None:
        nonlocal files
        files += 1
        source = read_source(path)
        findings.extend(source.findings)
        if source.root is None and not source.findings:
            findings.append(WrongShape(place=Place(str(path), 1, 1), expected="a mapping", found="nothing"))
        return source.root

    caller_path = folder / "_caller.yaml"
    caller = read_caller(read(caller_path), str(caller_path), findings) if caller_path.is_file() else None
    tenants_path = folder / "_tenants.yaml"
    tenants = read_endpoint(read(tenants_path), NO_AREA, tenants_path, findings) if tenants_path.is_file() else None
    known_path = folder / "_known.yaml"
    known = read_known(read(known_path), findings) if known_path.is_file() else ()
    errors_path = folder / FILE
    errors = read_errors(read(errors_path), findings, "") if errors_path.is_file() else ()
    shipped = () if is_shipped(errors_path) else shipped_errors()
    endpoints: list[EndpointMapping] = []
    unread: list[str] = []
    shapes: dict[str, ObjectRule] = {}
    for area_folder in sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"):
        area = _area(area_folder, read, findings)
        shapes_path = area_folder / "_shapes.yaml"
        if shapes_path.is_file():
            shapes |= {f"{area.name}/{name}": rule for name, rule in read_shapes(read(shapes_path), findings)}
        for path in sorted(area_folder.glob("*.yaml")):
            if not path.name.startswith("_"):
                endpoint = read_endpoint(read(path), area, path, findings)
                endpoints += [endpoint] if endpoint else []
                unread += [] if endpoint else [f"{area.name}/{path.stem}"]
    return MappingSet(tuple(endpoints), caller, tenants, shapes, files, tuple(unread), known, errors, shipped), findings


def _area(folder: Path, read: Callable[[Path], Node | None], findings: list[Finding]) -> Area:
    """What the calls of an area share; where that cannot be read, a stand-in, so that its calls are read anyway."""
    path = folder / "_area.yaml"
    place = Place(str(path), 1, 1)
    if path.is_file():
        area = read_area(read(path), folder.name, findings)
    else:
        area = None
        problem = f"the area '{folder.name}' has no _area.yaml"
        advice = "add it with title, scopes, leaves and envelope"
        findings.append(KeysTogether(place=place, problem=problem, advice=advice))
    return area or replace(NO_AREA, name=folder.name, place=place)
