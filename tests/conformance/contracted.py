"""The contract's direct rows as data, what their paths mean in the schema, and what stands at a path of an answer.

Nothing of the compiler, of a mapping or of a converter is used here: what is expected is computed apart from them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

CONTRACT = Path(__file__).resolve().parents[2] / "mappings" / "_contract.json"
GONE = "Seed only"


@lru_cache(maxsize=1)
def contract() -> dict[str, list[dict[str, Any]]]:
    """The rows of every call by its id."""
    return {one["id"]: one["rows"] for one in json.loads(CONTRACT.read_text(encoding="utf-8"))}


def direct_rows(call: str, direction: str) -> dict[str, str]:
    """The direct rows of a call with the paths printed for them, in dots."""
    rows = [row for row in contract()[call] if (row["direction"], row["status"]) == (direction, "direct")]
    return {row["name"]: row["path"].replace("/", ".").rstrip(".") for row in rows}


def field_at(type_: Any, name: str) -> GraphQLField | None:
    """A field that the live schema has; what an old document alone knows does not count."""
    named = get_named_type(type_)
    found = named.fields.get(name) if isinstance(named, GraphQLObjectType) else None
    return None if found is None or GONE in (found.deprecation_reason or "") else found


def field_of(schema: GraphQLSchema, path: str) -> GraphQLField | None:
    """What a path from a root on ends at; None where the live schema does not have it."""
    root, *steps = path.split(".")
    found = field_at(schema.query_type, root) or field_at(schema.mutation_type, root)
    for step in steps:
        found = field_at(found.type, step) if found else None
    return found


def is_read_at(schema: GraphQLSchema, path: str) -> bool:
    """Whether the live schema has a plain value at a path."""
    found = field_of(schema, path)
    return found is not None and is_leaf_type(get_named_type(found.type))


def values_at(schema: GraphQLSchema, world: Mapping[str, Any], path: str) -> Any:
    """What stands at a path, a list for each list on the way.

    A null where a list should be is an empty list; null elements, and edges without a node, are no rows.
    """
    root, *steps = path.split(".")
    found = field_at(schema.query_type, root) or field_at(schema.mutation_type, root)
    assert found is not None, f"the live schema has no root {root}"
    return _read(found.type, world.get(root), steps)


def _read(type_: Any, here: Any, steps: list[str]) -> Any:
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if isinstance(here, list | tuple):
        inner = type_.of_type if isinstance(type_, GraphQLList) else type_
        rows = [one for one in here if one is not None and (steps[:1] != ["node"] or one.get("node") is not None)]
        return [_read(inner, one, steps) for one in rows]
    if here is None and isinstance(type_, GraphQLList):
        return []
    if not steps:
        return here
    field = field_at(type_, steps[0])
    assert field is not None, f"the live schema has no {type_}.{steps[0]}"
    return _read(field.type, None if here is None else here.get(steps[0]), steps[1:])


def first_values(answers: list[Any]) -> Any:
    """Several answers to one: where one is null the next one counts."""
    first, *rest = answers
    for other in rest:
        if isinstance(first, list) and isinstance(other, list):
            first = [first_values([one, two]) for one, two in zip(first, other, strict=True)]
        elif first is None:
            first = other
    return first


def members_at(here: Any, path: list[str], boxes: frozenset[str], null: Any) -> Any:
    """What stands at a path of an answer; every member must be there.

    A name of `boxes` is a bare object for one element and missing for none. `*` is every member of a map, `#0` the
    first value of each row. Below what is null, or the empty text that stands for it, all is `null`.
    """
    if here is None or here == "":
        return [] if any(step in boxes for step in path) else null if path else here
    if path[:1] == ["*"]:
        return {key: members_at(one, path[1:], boxes, null) for key, one in (here.items() if here else ())}
    if path and path[0].startswith("#"):
        return [row[int(path[0][1:])] for row in here]
    if isinstance(here, list):
        return [members_at(one, path, boxes, null) for one in here]
    if not path:
        return here
    if path[0] in boxes:
        found = here.get(path[0], [])
        return members_at(found if isinstance(found, list) else [found], path[1:], boxes, null)
    return members_at(here[path[0]], path[1:], boxes, null)
