"""The mapping is the only place that knows an endpoint: none is named in the code, and none takes much room."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

from app.compile.build import Built

TOP = Path(__file__).resolve().parents[2]
CALLS = sorted((TOP / "mappings").glob("*/[!_]*.yaml"))
MOST_LINES = 60
#: roots of the upstream that are words of the language too
PLAIN_WORDS = frozenset({"user", "organization", "room", "company", "reasons", "regions", "search"})
#: what a message shows as an example of the form that is wanted
EXAMPLES = frozenset({("app/mapping/read.py", "a route such as `GET /api/hr/v2/engagements/{reference}`")})


def texts(path: Path) -> list[str]:
    """The texts of a module that are no docstrings: what could name an endpoint with an effect."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


def test_mappings__of_the_product__are_short() -> None:
    """Half of them fit on a screen."""
    lines = [len(path.read_text(encoding="utf-8").splitlines()) for path in CALLS]

    assert statistics.median(lines) < MOST_LINES


def test_code__outside_the_sandbox__names_no_endpoint(built: Built) -> None:
    """Neither a call's id, nor a root that it asks, nor a path that it answers stands in a text of the code."""
    ids = set(built.plans.calls) | {path.stem for path in CALLS}
    roots = {
        coordinate.partition(".")[2]
        for plan in built.plans.calls.values()
        for variant in plan.variants
        for _, coordinate in variant.question.roots
        if coordinate.partition(".")[2] not in PLAIN_WORDS
    }
    paths = {
        "/".join(pattern.segments[:4])
        for plan in built.plans.calls.values()
        for pattern in plan.routes
        if not any(segment.startswith("{") for segment in pattern.segments[:4])
    }
    modules = [path for path in (TOP / "app").rglob("*.py") if "sandbox" not in path.parts]

    named = [
        (str(path.relative_to(TOP)), text)
        for path in modules
        for text in texts(path)
        if text in ids | roots or any(known in text for known in paths)
    ]

    assert [one for one in named if one not in EXAMPLES] == []
