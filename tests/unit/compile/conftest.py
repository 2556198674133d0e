"""The project's schema and templates, loaded once, and a compiler over them for small mappings of a test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.compile.build import Built, compile_folder
from app.schema import Schema, load_schema

TOP = Path(__file__).resolve().parents[3]
SCHEMA = TOP / "mappings" / "schema.graphql"
TEMPLATES = TOP / "templates"

Compile = Callable[[Path], Built]


@pytest.fixture(scope="session")
def schema() -> Schema:
    """The upstream's schema."""
    loaded, findings = load_schema(SCHEMA)
    assert loaded is not None, findings
    return loaded


@pytest.fixture(scope="session")
def compiled(schema: Schema) -> Compile:
    """Compile a folder of mappings; each folder once. InvalidMappings with the findings when it is faulty."""
    known: dict[Path, Built] = {}

    def compile_once(folder: Path) -> Built:
        if folder not in known:
            known[folder] = compile_folder(folder, schema, TEMPLATES)
        return known[folder]

    return compile_once
