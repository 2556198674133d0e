"""The schema as the live upstream has it: read from SDL, without what only the seed document names.

Parts marked `@origin(source: "seed")` are left out, so that using them is a validation error. Parts marked "docs" stay
and are listed, since no ordinary key may select them. The directive itself is not served.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    StringValueNode,
    build_ast_schema,
    parse,
)

BUILTINS = frozenset({"id", "type", "all", "filter", "input"})
_Node = TypeVar("_Node", bound=Any)


@dataclass(frozen=True, slots=True)
class LiveSchema:
    """The executable schema and the `Type.field`s that only the documentation knows."""

    schema: GraphQLSchema
    documented_only: frozenset[str]


def load_live_schema(path: Path) -> LiveSchema:
    """Read the SDL file and give the schema to execute, with Python names set for arguments and input fields."""
    document = parse(path.read_text(encoding="utf-8"), no_location=True)
    documented: set[str] = set()
    definitions = [
        _without_seed_fields(definition, documented)
        for definition in document.definitions
        if not isinstance(definition, DirectiveDefinitionNode) and _origin(definition) != "seed"
    ]
    schema = build_ast_schema(DocumentNode(definitions=tuple(definitions)), assume_valid_sdl=True)
    for named in schema.type_map.values():
        _set_python_names(named)
    return LiveSchema(schema, frozenset(documented))


def snake_case(name: str) -> str:
    """Write a GraphQL name as Python would: `createdDateTime_bt` as `created_date_time_bt`, `logoURL` as `logo_url`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return parted.lower()


def _without_seed_fields(definition: DefinitionNode, documented: set[str]) -> DefinitionNode:
    if isinstance(definition, ObjectTypeDefinitionNode | InputObjectTypeDefinitionNode):
        fields = definition.fields or ()
        documented.update(f"{definition.name.value}.{item.name.value}" for item in fields if _origin(item) == "docs")
        kept = tuple(_unmarked(item) for item in fields if _origin(item) != "seed")
        return _unmarked(_with(definition, fields=kept))
    return definition


def _origin(node: Any) -> str | None:
    for directive in getattr(node, "directives", None) or ():
        if directive.name.value == "origin":
            value = directive.arguments[0].value
            return value.value if isinstance(value, StringValueNode) else None
    return None


def _unmarked(node: _Node) -> _Node:
    directives: tuple[ConstDirectiveNode, ...] = tuple(
        item for item in node.directives or () if item.name.value != "origin"
    )
    return _with(node, directives=directives)


def _with(node: _Node, **changes: Any) -> _Node:
    changed: _Node = type(node)(**{**{key: getattr(node, key) for key in node.keys}, **changes})
    return changed


def _set_python_names(named: Any) -> None:
    if isinstance(named, GraphQLInputObjectType):
        for name, input_field in named.fields.items():
            input_field.out_name = snake_case(name)
    elif isinstance(named, GraphQLObjectType) and not named.name.startswith("__"):
        for field in named.fields.values():
            for name, argument in field.args.items():
                argument.out_name = f"{name}_" if name in BUILTINS else snake_case(name)
