"""Upstream answers to a document, at random: what the schema allows, and nulls where it does not."""

from __future__ import annotations

from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_object_type,
    parse,
)
from hypothesis import strategies as st

from app.emitted import UNTOLD
from app.plan import APART

Answers = st.SearchStrategy[Any]

INSTANTS = st.sampled_from(
    ["2024-05-01T10:00:00Z", "2024-05-01T12:00:00.250+02:00", "1969-12-31T23:59:59.999Z", "2026-04-03T12:00:00+0000"]
)
WORDS = st.one_of(st.sampled_from(["", "1", "a", "Dana de la Rivera", "America/Denver", "~01ab"]), st.text(max_size=4))
LEAVES: dict[str, Answers] = {
    "Int": st.integers(-5, 10**7),
    "Float": st.one_of(st.integers(0, 9), st.floats(allow_nan=False, allow_infinity=False)),
    "Boolean": st.booleans(),
}


def answers(schema: GraphQLSchema, document: str, *, is_readable: bool) -> dict[str, Answers]:
    """What each root of a document may be answered with, by its key; never null.

    `is_readable`: fields that tell times and zones hold some; otherwise they hold any text.
    """
    operation = parse(document).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    root = schema.query_type if operation.operation is OperationType.QUERY else schema.mutation_type
    assert root is not None
    return _Walk(is_readable).members(root, operation.selection_set)


class _Walk:
    def __init__(self, is_readable: bool) -> None:
        self.is_readable = is_readable

    def members(self, type_: Any, selection: SelectionSetNode) -> dict[str, Answers]:
        """The members that a selection asks for, by their keys."""
        found = {}
        for node in selection.selections:
            assert isinstance(node, FieldNode)
            name, key = node.name.value, (node.alias or node.name).value
            if name == "__typename":
                found[key] = st.just(str(type_))
                continue
            made = self.value(type_.fields[name].type, node)
            found[key] = _apart(made) if key.startswith(APART) else made
        return found

    def value(self, type_: GraphQLOutputType, node: FieldNode) -> Answers:
        """A value of a type, with nulls anywhere below it."""
        bare: Any = get_nullable_type(type_)
        if is_list_type(bare):
            return st.lists(_or_null(self.value(bare.of_type, node)), max_size=4)
        named = get_named_type(bare)
        if node.selection_set is not None:
            below = self.members(named, node.selection_set)
            return st.fixed_dictionaries({key: _or_null(made) for key, made in below.items()})
        assert not is_object_type(named)
        if isinstance(named, GraphQLEnumType):
            return st.sampled_from(list(named.values))
        return LEAVES[named.name] if named.name in LEAVES else self.text(node.name.value.lower())

    def text(self, name: str) -> Answers:
        if self.is_readable and ("date" in name or "time" in name) and "zone" not in name:
            return INSTANTS
        if self.is_readable and name == "timezone":
            return st.just("America/Denver")
        return WORDS


@st.composite
def _or_null(draw: st.DrawFn, made: Answers) -> Any:
    """A null once in five times; `one_of` would make every second one of them."""
    return draw(made) if draw(st.integers(0, 4)) else None


def _apart(made: Answers) -> Answers:
    """A list asked apart: shorter or longer than its sister, with voided elements, or told of by some pages only."""
    return st.one_of(made, made.map(lambda found: [*found, UNTOLD]))
