"""Docs that can be checked are: generated pages are up to date, and what the README shows is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from app.cli import app
from app.pages import PAGES, with_coverage
from app.sandbox import sandbox_ids
from app.settings import PREFIX, Settings

TOP = Path(__file__).resolve().parent.parent
README = (TOP / "README.md").read_text(encoding="utf-8")
PROSE = [
    TOP / "README.md",
    TOP / "CHANGELOG.md",
    *sorted((TOP / "docs").glob("*.md")),
    *sorted((TOP / "deploy").glob("**/*.md")),
]


@pytest.mark.parametrize("name", PAGES)
def test_generated_page__compared_with_the_code__is_up_to_date(name: str) -> None:
    """`heirloom docs` would change nothing."""
    written = (TOP / "docs" / name).read_text(encoding="utf-8")

    made = PAGES[name]()

    assert written == made


def test_readme__coverage__is_up_to_date() -> None:
    """`heirloom docs` would change nothing."""
    assert with_coverage(README) == README


def test_readme__credentials_and_ids__are_those_of_the_sandbox() -> None:
    """The first call can be copied as it stands."""
    ids = sandbox_ids()

    tokens = set(re.findall(r"oauth2v2_sandbox_\w+", README))
    companies = set(re.findall(r"messages/v3/(\d{10,})/rooms", README))

    assert tokens == {ids["credentials"]["access_token"]}
    assert companies == {ids["values"]["company_id"]}


def test_readme__mapping__is_the_file_itself() -> None:
    """The mapping that is shown is one that is served."""
    shown = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)

    assert shown is not None
    assert shown[1] == (TOP / "mappings/messages/get_room.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.name)
def test_prose__links_and_commands__exist(page: Path) -> None:
    """Relative links lead to files, `heirloom x` is a command, `make x` a target, HEIRLOOM_X a setting."""
    text = page.read_text(encoding="utf-8")
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    targets = set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}

    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    called = set(re.findall(r"`(?:\.venv/bin/)?heirloom ([a-z]+)", text))
    made = set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE))
    named = set(re.findall(r"\bHEIRLOOM_[A-Z_]*[A-Z]\b", text))

    assert [link for link in links if not (page.parent / link).exists()] == []
    assert called - commands == set()
    assert made - targets == set()
    assert named - settings == set()
