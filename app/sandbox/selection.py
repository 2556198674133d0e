"""What a document selects, as `Type.field`s, fragments followed."""

from collections import Counter
from typing import cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
)

_ROOT_FIELDS = frozenset({"__schema", "__type"})


def selected_fields(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Counter[str]:
    """Count how often the operation selects each `Type.field`; introspection counts, `__typename` does not.

    The document has to be valid.
    """
    fragments = {item.name.value: item for item in document.definitions if isinstance(item, FragmentDefinitionNode)}
    found: Counter[str] = Counter()
    root = schema.get_root_type(operation.operation)
    if root:
        _walk(schema, fragments, operation.selection_set, root, found)
    return found


def _walk(
    schema: GraphQLSchema,
    fragments: dict[str, FragmentDefinitionNode],
    selections: SelectionSetNode,
    parent: GraphQLObjectType,
    found: Counter[str],
) -> None:
    for node in selections.selections:
        if not isinstance(node, FieldNode):
            _walk(schema, fragments, _inside(node, fragments), parent, found)
            continue
        field = schema.get_field(parent, node.name.value)
        if field is None or node.name.value == "__typename":
            continue
        found[f"{parent.name}.{node.name.value}"] += 1
        below = get_named_type(field.type)
        if node.selection_set and isinstance(below, GraphQLObjectType):
            _walk(schema, fragments, node.selection_set, below, found)


def _inside(node: SelectionNode, fragments: dict[str, FragmentDefinitionNode]) -> SelectionSetNode:
    if isinstance(node, FragmentSpreadNode):
        return fragments[node.name.value].selection_set
    inline = cast("InlineFragmentNode", node)
    return inline.selection_set


def bad_faith(found: Counter[str]) -> str | None:
    """Name what an introspection asks for too often, as graphql-java's guard would; None if it asks in good faith."""
    listed = ("__Type.fields", "__Type.inputFields", "__Type.interfaces", "__Type.possibleTypes")
    for coordinate in (*listed, *(f"Query.{name}" for name in _ROOT_FIELDS)):
        if found[coordinate] > 1:
            return coordinate
    return None
