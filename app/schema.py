"""Questions to the upstream schema: what a type has, where a step leads, what an argument takes.

The only door to graphql-core besides the compiled operations and the sandbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from graphql import (
    DefinitionNode,
    DocumentNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    build_schema,
    get_named_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
    parse,
    print_ast,
    validate,
)

from app.findings import BadSchema, Finding, Place, near_names

NOT_LIVE = {"seed": "known from an old document only, the live upstream rejects it"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an output type: what it gives, whether a list is on the way, and whether it is going away."""

    name: str
    owner: str
    type: OutputType
    is_list: bool
    definition: GraphQLField

    @property
    def going_away(self) -> str | None:
        """Why the field should not be read, or None."""
        return _going_away(self.definition)


@dataclass(frozen=True, slots=True)
class OutputType:
    """An object, interface or leaf type behind all its wrappers."""

    name: str
    definition: GraphQLObjectType | GraphQLInterfaceType | GraphQLScalarType | GraphQLEnumType | None
    virtual: tuple[tuple[str, Field], ...] = ()

    @property
    def is_leaf(self) -> bool:
        """Whether nothing is below it."""
        return isinstance(self.definition, GraphQLScalarType | GraphQLEnumType)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its fields; none for a leaf."""
        if self.virtual:
            return tuple(name for name, _ in self.virtual)
        definition = self.definition
        return tuple(definition.fields) if isinstance(definition, GraphQLObjectType | GraphQLInterfaceType) else ()

    def field(self, name: str) -> Field | None:
        """The field of that name, or None."""
        if self.virtual:
            return dict(self.virtual).get(name)
        if not isinstance(self.definition, GraphQLObjectType | GraphQLInterfaceType):
            return None
        found = self.definition.fields.get(name)
        return None if found is None else field_of(name, self.name, found)

    def near(self, name: str) -> tuple[str, ...]:
        """Its fields whose names resemble `name`."""
        return near_names(name, self.fields)


def field_of(name: str, owner: str, definition: GraphQLField) -> Field:
    """A schema field as a value."""
    return Field(name, owner, output_type(definition.type), has_list(definition.type), definition)


def virtual_field(name: str, owner: str, members: tuple[tuple[str, Field], ...], *, is_list: bool) -> Field:
    """A field that no schema has, and that takes no argument: members put together under one name."""
    return Field(name, owner, OutputType(name, None, members), is_list, GraphQLField(GraphQLString))


def output_type(type_: GraphQLOutputType) -> OutputType:
    """The named type behind the wrappers."""
    named: Any = get_named_type(type_)
    return OutputType(named.name, named)


def has_list(type_: GraphQLOutputType | GraphQLInputType) -> bool:
    """Whether a list is among the wrappers."""
    if is_non_null_type(type_):
        return has_list(type_.of_type)
    return bool(is_list_type(type_))


@dataclass(frozen=True)
class Schema:
    """The upstream schema, loaded and checked."""

    raw: GraphQLSchema
    file: str

    def root(self, kind: str, name: str) -> Field | None:
        """A query or mutation by name."""
        owner = self.raw.query_type if kind == "query" else self.raw.mutation_type
        definition = owner.fields.get(name) if owner else None
        return field_of(name, owner.name, definition) if owner and definition else None

    def roots(self, kind: str) -> tuple[str, ...]:
        """The names of all queries or mutations."""
        owner = self.raw.query_type if kind == "query" else self.raw.mutation_type
        return tuple(owner.fields) if owner else ()

    def type_fields(self, name: str) -> tuple[str, ...]:
        """The fields of a named type with their types, as text; empty when there is no such type."""
        found = self.raw.type_map.get(name)
        fields = getattr(found, "fields", None)
        return tuple(f"{field}: {definition.type}" for field, definition in fields.items()) if fields else ()

    @cached_property
    def type_names(self) -> tuple[str, ...]:
        """The names of all types that are not built in."""
        return tuple(name for name in self.raw.type_map if not name.startswith("__"))

    def are_right(self, documents: Iterable[str]) -> bool:
        """Whether graphql-core finds nothing wrong with any of them.

        They are looked at together, which takes half the time; what is wrong, and with which, `problems` tells.
        """
        together: list[dict[str, DefinitionNode]] = []
        for document in documents:
            try:
                definitions = parse(document, no_location=True).definitions
            except GraphQLError:
                return False
            name = _only_operation(definitions)
            if not name:
                return False
            beside = next((known for known in together if name not in known), None)
            if beside is None:
                beside = {}
                together.append(beside)
            beside[name] = definitions[0]
        return not any(validate(self.raw, DocumentNode(definitions=tuple(one.values()))) for one in together)

    def problems(self, document: str) -> Iterable[str]:
        """What graphql-core finds wrong with a document; nothing when it is right."""
        try:
            return [error.message for error in validate(self.raw, parse(document))]
        except GraphQLError as error:
            return [error.message]


def _only_operation(definitions: Sequence[DefinitionNode]) -> str:
    """The name of an operation with nothing beside it that others could use; empty where it is anything else."""
    first = definitions[0]
    is_one = len(definitions) == 1 and isinstance(first, OperationDefinitionNode)
    return first.name.value if is_one and isinstance(first, OperationDefinitionNode) and first.name else ""


def _going_away(definition: GraphQLField | GraphQLArgument | GraphQLInputField) -> str | None:
    if definition.deprecation_reason:
        return definition.deprecation_reason
    node = definition.ast_node
    for directive in (node.directives or ()) if node else ():
        for source, reason in NOT_LIVE.items():
            if directive.name.value == "origin" and f'"{source}"' in print_ast(directive):
                return reason
    return None


def going_away(definition: GraphQLArgument | GraphQLInputField) -> str | None:
    """Why an argument or input field should not be written, or None."""
    return _going_away(definition)


def input_members(type_: GraphQLInputType) -> dict[str, GraphQLInputField]:
    """The members of an input object behind all wrappers; empty for a leaf."""
    named = get_named_type(type_)
    return dict(named.fields) if isinstance(named, GraphQLInputObjectType) else {}


def is_required(definition: GraphQLArgument | GraphQLInputField) -> bool:
    """Whether the upstream insists on it."""
    if isinstance(definition, GraphQLArgument):
        return bool(is_required_argument(definition))
    return bool(is_required_input_field(definition))


def load_schema(path: Path) -> tuple[Schema | None, list[Finding]]:
    """Build the schema from its SDL file; a fault is a finding, and nothing is served."""
    try:
        return Schema(_built(path.read_text(encoding="utf-8")), str(path)), []
    except (OSError, GraphQLError, TypeError) as error:
        place = Place(str(path), 1, 1)
        if isinstance(error, GraphQLError) and error.locations:
            place = Place(str(path), error.locations[0].line, error.locations[0].column)
        return None, [BadSchema(place=place, problem=str(error).splitlines()[0])]


def _built(sdl: str) -> GraphQLSchema:
    """The schema without the places of its words, which are a third of it; they are wanted only of what is wrong."""
    try:
        return build_schema(sdl, no_location=True)
    except (GraphQLError, TypeError):
        return build_schema(sdl)
