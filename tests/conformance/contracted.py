"""The contract's direct rows as data, what their paths mean in the schema, and what stands at a path of an answer.

Nothing of the compiler, of a mapping or of a converter is used here: what is expected is computed apart from them.
"""

from __future__ import annotations

import json
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

from tests.conformance.worlds import TOLD_BY, World

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


def values_at(world: World, path: str, told: str = "") -> Any:
    """What stands at a path from a root on, a list for each list on the way.

    A null where a list should be is an empty list; null elements, and edges without a node, are no rows. `told` is what
    a root is asked about that tells of what is asked for.
    """
    root, *steps = path.split(".")
    found = field_at(world.schema.query_type, root) or field_at(world.schema.mutation_type, root)
    assert found is not None, f"the live schema has no root {root}"
    return _read(found.type, world.root(root, {TOLD_BY[root]: told} if root in TOLD_BY else {}), steps)


def _read(type_: Any, here: Any, steps: list[str]) -> Any:
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if isinstance(here, list):
        rows = [one for one in here if one is not None and (steps[:1] != ["node"] or one.value("node") is not None)]
        return [_read(type_.of_type, one, steps) for one in rows]
    if here is None and isinstance(type_, GraphQLList):
        return []
    if not steps:
        return here
    field = field_at(type_, steps[0])
    assert field is not None, f"the live schema has no {type_}.{steps[0]}"
    return _read(field.type, None if here is None else here.value(steps[0]), steps[1:])


def length_at(world: World, path: str) -> int:
    """How many elements a list has, null ones too."""
    root, *steps = path.split(".")
    here = world.root(root, {})
    for step in steps:
        here = None if here is None else here.value(step)
    return len(here or ())


def lists_on(schema: GraphQLSchema, path: str) -> int:
    """How many lists stand on the way to a path, its own end included."""
    steps = path.split(".")
    found = [field_of(schema, ".".join(steps[:length])) for length in range(1, len(steps) + 1)]
    return sum(_is_list(one.type) for one in found if one is not None)


def _is_list(type_: Any) -> bool:
    return isinstance(type_.of_type if isinstance(type_, GraphQLNonNull) else type_, GraphQLList)


def first_values(answers: list[Any]) -> Any:
    """Several answers to one: where one is null the next one counts."""
    first, *rest = answers
    for other in rest:
        if isinstance(first, list) and isinstance(other, list):
            first = [first_values([one, two]) for one, two in zip(first, other, strict=True)]
        elif first is None:
            first = other
    return first


def members_at(here: Any, path: list[str], collapsing: frozenset[str], null: Any) -> Any:
    """What stands at a path of an answer; every member must be there.

    A name of `collapsing` is a bare object for one element and missing for none. `*` is every member of a map, `#0`
    the first value of each row. Below a null, or the empty text that stands for one, is what the family has for a null.
    """
    if isinstance(here, list) and path[:1] != ["*"] and not (path and path[0].startswith("#")):
        return [members_at(one, path, collapsing, null) for one in here]
    if not path:
        return here
    step, *below = path
    if here is None or here == "":
        return [] if any(name in collapsing for name in path) else null
    if step == "*":
        return {key: members_at(one, below, collapsing, null) for key, one in (here.items() if here else ())}
    if step.startswith("#"):
        return [row[int(step[1:])] for row in here]
    if step in collapsing:
        found = here.get(step, [])
        return members_at(found if isinstance(found, list) else [found], below, collapsing, null)
    return members_at(here[step], below, collapsing, null)
