"""What a server is made of once it is ready, seen from a process of its own: nothing else has been imported there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
#: for ways in and stores that the settings do not name, for the command line's looks, and for no server at all
NOT_ASKED_FOR = ("redis", "cryptography", "authlib", "rich", "watchfiles", "app.sandbox", "app.explain")
#: what serves, and is imported when the plans are made
SERVES = ("fastapi", "httpx", "uvicorn", "structlog", "prometheus_client", "app.run.serve", "app.web.app")
ALIVE = """
import gc, json
from app.worker import create_worker_app

application = create_worker_app()
gc.unfreeze()
gc.collect()
kinds = {f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects()}
print(json.dumps(sorted(kinds)))
"""
IMPORTED = """
import json, sys
import app.__main__

begun = sorted(sys.modules)
from app.worker import create_worker_app

application = create_worker_app()
print(json.dumps([begun, sorted(sys.modules)]))
"""


def told(program: str) -> Any:
    """What a program prints, read as JSON."""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_create_worker_app__ready__holds_nothing_of_schema_and_mappings() -> None:
    """A server lives on plans; schema, its source and the mappings as written would be a sixth of its memory."""
    kinds = told(ALIVE)

    assert "app.plan.Plan" in kinds
    assert [
        kind for kind in kinds if kind.startswith(("graphql.language.ast.", "yaml.")) and kind.endswith("Node")
    ] == []
    assert {"graphql.type.schema.GraphQLSchema", "graphql.type.definition.GraphQLInputField"}.isdisjoint(kinds)
    assert [
        kind for kind in kinds if kind.startswith(("app.mapping.source.", "app.schema.", "app.compile.selection."))
    ] == []
    assert {"app.mapping.model.EndpointMapping", "app.compile.build.Built", "app.compile.call.Build"}.isdisjoint(kinds)


def test_create_worker_app__plain_settings__imports_only_what_serves() -> None:
    """The command line begins without what serves; what the settings do not ask for is never imported."""
    begun, ready = told(IMPORTED)

    assert set(SERVES).isdisjoint(begun)
    assert set(SERVES) <= set(ready)
    assert set(NOT_ASKED_FOR).isdisjoint(ready)
