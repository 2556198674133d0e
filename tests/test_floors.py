"""The layout of `app/`: imports point one way, and each part of the outside is known behind its own door only.

The tables below are the whole of the rules; a module that no row names is a fault, so that a new one finds its floor.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: lowest floor first; a name stands for the module, or for the package and everything in it
FLOORS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("words", ("errors", "findings", "events", "message", "plan", "settings")),
    ("vocabulary", ("converters", "schema", "emitted", "answered", "strict_json", "openapi", "lean")),
    ("as written", ("mapping",)),
    ("as it will run", ("compile",)),
    ("keeping", ("store",)),
    ("who may come in", ("access",)),
    ("a request", ("run",)),
    ("edges", ("observe", "web", "sandbox")),
    (
        "doors",
        (
            "building",
            "assemble",
            "access_cli",
            "cli_consumers",
            "cli",
            "explain",
            "pages",
            "serving",
            "worker",
            "beside",
            "stopping",
            "__main__",
        ),
    ),
)
#: lower floors that a package still does not see: the plan is all that passes between compiling and serving, and the
#: sandbox, which stands for the upstream, knows nothing of how it is asked
UNSEEN = {
    "run": {"mapping", "compile", "schema"},
    "web": {"mapping", "compile", "schema"},
    "sandbox": {"mapping", "compile", "run"},
}
#: edges know nothing of each other
APART = {"observe", "web", "sandbox"}
#: a library, and where it may be imported
DOORS = {
    "yaml": ("mapping.source",),
    "graphql": ("schema", "compile", "sandbox"),
    "jinja2": ("compile.operation", "compile.text", "sandbox.oauth", "web.connect"),
    "httpx": (
        "access.authorization",
        "access.forwarding",
        "run.connection",
        "run.transport",
        "run.wire",
        "run.faults",
        "assemble",
        "beside",
    ),
    "aiohappyeyeballs": ("run.transport",),
    "certifi": ("settings",),
    "ssl": ("run.transport", "settings"),
    "fastapi": ("web",),
    "starlette": ("web", "sandbox"),
    "python_multipart": ("web.params",),
    "os": ("settings", "serving", "observe.metrics"),
    "aiosqlite": ("store.sqlite",),
    "sqlite3": ("store.sqlite",),
    "redis": ("store.redis",),
    "cryptography": ("access.seal",),
    "authlib": ("access.authorization",),
    "oauthlib": ("access.signatures",),
    "pydantic": ("settings",),
    "pydantic_settings": ("settings",),
    "structlog": ("observe",),
    "tenacity": ("run.retries",),
    "prometheus_client": ("observe.metrics",),
    "logging": ("observe",),
    "typer": ("access_cli", "cli", "cli_consumers"),
    "uvicorn": ("serving", "beside", "stopping", "web.protocol"),
    "httptools": ("web.protocol", "run.connection"),
    "subprocess": ("beside",),
    "socket": ("serving", "beside", "stopping", "run.transport"),
    # Clock and randomness are arguments everywhere else.
    "time": ("building", "assemble", "cli_consumers", "observe.log", "serving", "beside", "web.app", "sandbox.server"),
    "random": ("access.keeper", "sandbox", "web.app"),
}


@dataclass(frozen=True, slots=True)
class Import:
    """One import: by which module, of what, on which line, and whether it waits for a function to be called."""

    module: str
    target: str
    line: int
    is_inner: bool
    reason: str

    def __str__(self) -> str:
        return f"app/{self.module.replace('.', '/')}.py:{self.line} imports {self.target}"


def sources() -> dict[str, str]:
    """Every module by its name below `app`, a package by its own, with its text."""
    found = {}
    for path in sorted((ROOT / "app").rglob("*.py")):
        parts = path.relative_to(ROOT / "app").with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
    return found


def imports_of(module: str, text: str, known: set[str]) -> Iterator[Import]:
    """What a module imports; `from package import name` is the module of that name where there is one."""
    tree, lines = ast.parse(text), text.splitlines()
    inner = {
        below
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for below in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        _, _, reason = lines[node.lineno - 1].partition("# noqa: PLC0415 - ")
        for target in _targets(node, known):
            yield Import(module, target, node.lineno, node in inner, reason)


def _targets(node: ast.Import | ast.ImportFrom, known: set[str]) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    package = "." * node.level + (node.module or "")
    below = {f"{package}.{alias.name}" for alias in node.names}
    modules = {name for name in below if name.removeprefix("app.") in known}
    return modules | ({package} if len(modules) < len(below) else set())


SOURCES = sources()
IMPORTS = [one for module, text in SOURCES.items() for one in imports_of(module, text, set(SOURCES))]
OURS = [one for one in IMPORTS if one.target == "app" or one.target.startswith("app.")]


def own(target: str) -> str:
    """A module's name below `app`."""
    return target.removeprefix("app").lstrip(".")


def top(module: str) -> str:
    """The first part of a dotted name."""
    return module.partition(".")[0]


def floor_of(module: str) -> int | None:
    """The number of the floor that a module lives on."""
    return next((number for number, (_, names) in enumerate(FLOORS) if top(module) in names), None)


def is_in(module: str, places: tuple[str, ...]) -> bool:
    """Whether a module is one of the places, or in one that is a package."""
    return any(module == place or module.startswith(f"{place}.") for place in places)


def test_floors__every_module__lives_on_one() -> None:
    """A new module is given its floor; a row without a module goes."""
    rows = {name for _, names in FLOORS for name in names}
    modules = {top(module) for module in SOURCES if module}

    assert modules == rows


def test_imports__within_app__never_lead_upward() -> None:
    """A module knows what is below it."""
    upward = [str(one) for one in OURS if (floor_of(own(one.target)) or 0) > (floor_of(one.module) or 0)]

    assert upward == []


def test_imports__between_the_edges__are_none() -> None:
    """Logs, the web and the sandbox can each be taken away without the others noticing."""
    sideways = [
        str(one)
        for one in OURS
        if {top(one.module), top(own(one.target))} <= APART and top(one.module) != top(own(one.target))
    ]

    assert sideways == []


def test_imports__of_what_a_package_must_not_see__are_none() -> None:
    """Nobody sees a mapping or the compiler while a request is served."""
    seen = [str(one) for one in OURS if top(own(one.target)) in UNSEEN.get(top(one.module), set())]

    assert seen == []


def test_imports__followed__lead_in_no_circle() -> None:
    """No module needs itself, through whatever others."""
    graph: dict[str, set[str]] = {module: set() for module in SOURCES}
    for one in OURS:
        graph[one.module].add(own(one.target))

    circles = [module for module in graph if module in _reached(graph, module)]

    assert circles == []


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    found, waiting = set[str](), list(graph[start])
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += graph.get(module, ())
    return found


def test_imports__inside_a_function__say_why() -> None:
    """An import that waits has its reason behind `noqa: PLC0415`."""
    silent = [str(one) for one in IMPORTS if one.is_inner and not one.reason.strip()]

    assert silent == []


def test_imports__relative__are_none() -> None:
    """Every import says where from."""
    assert [str(one) for one in IMPORTS if one.target.startswith(".")] == []


@pytest.mark.parametrize(("library", "places"), DOORS.items(), ids=DOORS)
def test_doors__library__is_known_behind_its_own_only(library: str, places: tuple[str, ...]) -> None:
    """What comes from outside is met in few places, so that it can be replaced there."""
    users = [one for one in IMPORTS if top(one.target) == library]

    assert [str(one) for one in users if not is_in(one.module, places)] == []


@pytest.mark.parametrize(("library", "places"), DOORS.items(), ids=DOORS)
def test_doors__every_one__is_used(library: str, places: tuple[str, ...]) -> None:
    """A door that nobody goes through is closed here too."""
    users = [one.module for one in IMPORTS if top(one.target) == library]

    assert [place for place in places if not any(is_in(user, (place,)) for user in users)] == []


# --- the reader of imports itself


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import yaml", [("yaml", False, "")]),
        ("import yaml.reader as r, os", [("os", False, ""), ("yaml.reader", False, "")]),
        ("from app import errors", [("app.errors", False, "")]),
        ("from app import errors, x", [("app", False, ""), ("app.errors", False, "")]),
        ("from app.errors import ProxyError", [("app.errors", False, "")]),
        ("from . import errors", [(".", False, "")]),
        ("def f():\n    import yaml", [("yaml", True, "")]),
        ("async def f():\n    import yaml  # noqa: PLC0415", [("yaml", True, "")]),
        ("class A:\n    def f(self):\n        import yaml  # noqa: PLC0415 - slow", [("yaml", True, "slow")]),
        ("if True:\n    import yaml", [("yaml", False, "")]),
    ],
)
def test_imports_of__source__finds_each(text: str, found: list[tuple[str, bool, str]]) -> None:
    """Whatever way an import is written, it is seen."""
    read = sorted((one.target, one.is_inner, one.reason) for one in imports_of("m", text, {"errors"}))

    assert read == found
