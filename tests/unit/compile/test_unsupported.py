"""The operator's word about parameters that the upstream cannot serve, over the mapping's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.compile.build import Built, compile_folder
from app.compile.interpret_request import interpret_bind
from app.errors import RequestError
from app.plan import Unsupported
from app.schema import Schema

from .conftest import TEMPLATES

AREA = "title: Rooms\nscopes: [Rooms]\nleaves: json\n"
PARAMS = """
  path.id: {to: id}
  topic: {refused: the upstream has no such filter}
  colour: {warned: the upstream has no colours}
  offset: {accepts: ["0"], default: "0", why: the upstream begins at the first}
"""
READ = (
    f"title: Room\nroute: GET /api/r/{{id}}\noperation: query room\nrequest:{PARAMS}response: {{fields: {{id: id}}}}\n"
)
WRITE = READ.replace("GET", "DELETE").replace("query room", "mutation archiveRoom").replace("to: id", "to: roomId")
REFUSED_TOPIC = "Parameter 'topic' cannot be served: the upstream has no such filter"
REFUSED_COLOUR = "Parameter 'colour' cannot be served: the upstream has no colours"
REFUSED_OFFSET = "Parameter 'offset' can only be 0 here: the upstream begins at the first"
WARNED = "parameter '{}' has no effect: the upstream {}"


def compiled_with(folder: Path, schema: Schema, unsupported: Unsupported) -> Built:
    """A read and a write that take the same parameters."""
    (folder / "rooms").mkdir()
    for name, text in (("_area", AREA), ("get_room", READ), ("archive_room", WRITE)):
        (folder / "rooms" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return compile_folder(folder, schema, TEMPLATES, unsupported)


def bound(built: Built, call: str, params: dict[str, Any]) -> tuple[Any, list[str]]:
    """The values or the refusal, and the warnings; the generated code and its plain meaning agree about them."""
    found: list[tuple[Any, list[str]]] = []
    for bind in (built.plans.calls[call].bind, lambda *given: interpret_bind(built.trees[call].request, *given)):
        warnings: list[str] = []
        try:
            found.append((bind({"id": "r"}, params, warnings.append), warnings))
        except RequestError as error:
            found.append((error.message, warnings))
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize(
    ("unsupported", "params", "outcome"),
    [
        ("mapping", {"topic": "x"}, (REFUSED_TOPIC, [])),
        ("mapping", {"colour": "x"}, ({"id": "r", "offset": "0"}, [WARNED.format("colour", "has no colours")])),
        ("mapping", {"offset": "5"}, (REFUSED_OFFSET, [])),
        ("refuse", {"topic": "x"}, (REFUSED_TOPIC, [])),
        ("refuse", {"colour": "x"}, (REFUSED_COLOUR, [])),
        ("refuse", {"offset": "5"}, (REFUSED_OFFSET, [])),
        ("warn", {"topic": "x"}, ({"id": "r", "offset": "0"}, [WARNED.format("topic", "has no such filter")])),
        ("warn", {"colour": "x"}, ({"id": "r", "offset": "0"}, [WARNED.format("colour", "has no colours")])),
        ("warn", {"offset": "5"}, ({"id": "r", "offset": "0"}, [WARNED.format("offset", "begins at the first")])),
        ("warn", {"offset": "0"}, ({"id": "r", "offset": "0"}, [])),
    ],
)
def test_unsupported__of_a_read__is_as_the_operator_says(
    unsupported: Unsupported, params: dict[str, Any], outcome: Any, tmp_path: Path, schema: Schema
) -> None:
    """Refused, warned of, or as the mapping has it."""
    built = compiled_with(tmp_path, schema, unsupported)

    assert bound(built, "rooms/get_room", params) == outcome


@pytest.mark.parametrize(("params", "refusal"), [({"topic": "x"}, REFUSED_TOPIC), ({"offset": "5"}, REFUSED_OFFSET)])
def test_unsupported__of_a_write__is_refused_still(
    params: dict[str, Any], refusal: str, tmp_path: Path, schema: Schema
) -> None:
    """Nothing is written that is not what was asked for."""
    built = compiled_with(tmp_path, schema, "warn")

    assert bound(built, "rooms/archive_room", params) == (refusal, [])
