"""A folder of mapping files to one `MappingSet`; every fault of reading is gathered, none stops the run."""

from __future__ import annotations

from pathlib import Path

from app.findings import Finding, KeysTogether, Place
from app.mapping.model import Area, EndpointMapping, Envelope, MappingSet, ObjectRule
from app.mapping.read import read_area, read_caller, read_endpoint, read_shapes
from app.mapping.source import Mapping, Node, read_source

#: what holds for questions that are no legacy calls
NO_AREA = Area("", Place("", 1, 1), "", (), "text", Envelope("none", auth_user=False))


def load_mappings(folder: Path) -> tuple[MappingSet, list[Finding]]:
    """Read `folder/_caller.yaml`, and in each area folder `_area.yaml`, `_shapes.yaml` and one file a call."""
    findings: list[Finding] = []
    files = 0

    def read(path: Path) -> Node | None:
        nonlocal files
        files += 1
        source = read_source(path, str(path))
        findings.extend(source.findings)
        return source.root

    caller_path = folder / "_caller.yaml"
    caller = read_caller(read(caller_path), str(caller_path), findings) if caller_path.is_file() else None
    tenants_path = folder / "_tenants.yaml"
    tenants = read_endpoint(read(tenants_path), NO_AREA, tenants_path, findings) if tenants_path.is_file() else None
    endpoints: list[EndpointMapping] = []
    unread: list[str] = []
    shapes: dict[str, ObjectRule] = {}
    for area_folder in sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"):
        area = _area(area_folder, read, findings)
        if area is None:
            continue
        shapes_path = area_folder / "_shapes.yaml"
        if shapes_path.is_file():
            root = read(shapes_path)
            shapes |= {f"{area.name}/{name}": rule for name, rule in read_shapes(root, str(shapes_path), findings)}
        for path in sorted(area_folder.glob("*.yaml")):
            if not path.name.startswith("_"):
                endpoint = read_endpoint(read(path), area, path, findings)
                endpoints += [endpoint] if endpoint else []
                unread += [] if endpoint else [f"{area.name}/{path.stem}"]
    return MappingSet(tuple(endpoints), caller, tenants, shapes, files, tuple(unread)), findings


def _area(folder: Path, read: object, findings: list[Finding]) -> Area | None:
    path = folder / "_area.yaml"
    if not path.is_file():
        findings.append(
            KeysTogether(
                place=Place(str(path), 1, 1),
                problem=f"the area '{folder.name}' has no _area.yaml",
                advice="add it with title, scopes, leaves and envelope",
            )
        )
        return None
    root = read(path)  # type: ignore[operator]
    return read_area(root, folder.name, str(path), findings) if isinstance(root, Mapping) else None
