"""Imports point one way: no module reaches up, no cycle, none inside a function, libraries behind their doors."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
#: lowest first; a module may import from its own floor and from those below
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "findings", "events", "message", "plan", "settings"}),
    frozenset({"converters", "schema", "emitted"}),
    frozenset({"mapping"}),
    frozenset({"compile"}),
    frozenset({"run"}),
    frozenset({"observe", "sandbox", "assemble"}),
    frozenset({"web"}),
    frozenset({"cli", "explain", "serving", "pages", "__main__"}),
)
#: these know nothing of each other although they stand on neighbouring floors
STRANGERS = {"run": {"compile", "mapping", "schema"}, "sandbox": {"run", "web", "compile", "mapping"}}
DOORS = {
    "yaml": {"app/mapping/source.py"},
    "jinja2": {"app/compile/operation.py", "app/compile/text.py"},
    "httpx": {"app/run/upstream.py", "app/run/faults.py", "app/assemble.py", "app/serving.py"},
    "uvicorn": {"app/serving.py"},
    "structlog": {"app/observe/log.py"},
    "typer": {"app/cli.py"},
}
FOLDER_DOORS = {
    "graphql": ("app/schema.py", "app/compile/", "app/sandbox/"),
    "fastapi": ("app/web/", "app/sandbox/"),
    "starlette": ("app/web/", "app/sandbox/"),
}
MODULES = sorted((TOP / "app").rglob("*.py"))


def _name(path: Path) -> str:
    return str(path.relative_to(TOP))


def _part(module: str) -> str:
    """`app.web.legacy` is of `web`."""
    return module.split(".")[1]


def _imports(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def _own_part(path: Path) -> str:
    return path.relative_to(TOP / "app").parts[0].removesuffix(".py")


def _floor(part: str) -> int:
    return next(number for number, parts in enumerate(FLOORS) if part in parts)


@pytest.mark.parametrize("path", [path for path in MODULES if _own_part(path) != "__init__"], ids=_name)
def test_module__imports__never_point_up(path: Path) -> None:
    """A module sees its own floor and those below, and no stranger."""
    own = _own_part(path)

    seen = {_part(module) for module, _ in _imports(path) if module.startswith("app.")}
    above = {part for part in seen if part != own and _floor(part) > _floor(own)}

    assert above == set()
    assert seen & STRANGERS.get(own, set()) == set()


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_module__libraries__are_used_behind_their_doors(path: Path) -> None:
    """What is foreign has one way in."""
    name = _name(path)

    libraries = {module.split(".")[0] for module, _ in _imports(path)}

    assert [library for library in libraries if library in DOORS and name not in DOORS[library]] == []
    assert [one for one in libraries if one in FOLDER_DOORS and not name.startswith(FOLDER_DOORS[one])] == []


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_module__imports_in_functions__have_a_reason(path: Path) -> None:
    """An import stands at the top, or says why it does not."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()

    inside = [node for _, node in _imports(path) if node.col_offset > 0]
    unexplained = [
        lines[node.lineno - 1].strip()
        for node in inside
        if "noqa: PLC0415 - " not in lines[node.lineno - 1] and "TYPE_CHECKING" not in text
    ]

    assert unexplained == []


def test_modules__imports__have_no_cycle() -> None:
    """Following imports never leads back."""
    modules = {_name(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__"): path for path in MODULES}
    edges = {
        name: {
            found
            for module, node in _imports(path)
            if node.col_offset == 0
            for found in (module, module.rpartition(".")[0])
            if found in modules and found != name and not name.startswith(f"{found}.")
        }
        for name, path in modules.items()
    }
    state: dict[str, str] = {}
    cycles: list[str] = []

    def follow(name: str) -> None:
        state[name] = "open"
        for below in sorted(edges[name]):
            if state.get(below) == "open":
                cycles.append(f"{name} -> {below}")
            elif below not in state:
                follow(below)
        state[name] = "done"

    for name in sorted(edges):
        if name not in state:
            follow(name)

    assert cycles == []
