"""Faults of a document, found by graphql-core and told as graphql-java tells them.

`Validation error of type KIND: text @ 'path'`, with `locations` and the classification ValidationError. The path is the
field the fault is in, from the operation or fragment down; faults outside fields have none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    Node,
    specified_rules,
    validate,
)

_ERROR_MOST = 50
_KINDS: dict[str, tuple[str, str, str]] = {
    "FieldsOnCorrectTypeRule": (
        "FieldUndefined", r"field '(\w+)' on type '(\w+)'", r"Field '\1' in type '\2' is undefined",
    ),
    "ProvidedRequiredArgumentsRule": ("MissingFieldArgument", r"\((\w+):\)", r"Missing field argument \1"),
    "KnownArgumentNamesRule": ("UnknownArgument", r"argument '(\w+)'", r"Unknown field argument \1"),
    "NoUndefinedVariablesRule": ("UndefinedVariable", r"'\$(\w+)'", r"Undefined variable \1"),
    "NoUnusedVariablesRule": ("UnusedVariable", r"'\$(\w+)'", r"Unused variable \1"),
    "KnownTypeNamesRule": ("UnknownType", r"type '(\w+)'", r"Unknown type \1"),
    "KnownFragmentNamesRule": ("UndefinedFragment", r"fragment '(\w+)'", r"Undefined fragment \1"),
    "NoUnusedFragmentsRule": ("UnusedFragment", r"Fragment '(\w+)'", r"Unused fragment \1"),
    "VariablesInAllowedPositionRule": (
        "VariableTypeMismatch", r"of type '([^']+)'.* type '([^']+)'",
        r"Variable type '\1' doesn't match expected type '\2'",
    ),
    "KnownDirectivesRule": ("UnknownDirective", r"'@(\w+)'", r"Unknown directive \1"),
    "OverlappingFieldsCanBeMergedRule": ("FieldsConflict", r"Fields '(\w+)'", r"Fields '\1' conflict"),
    "LoneAnonymousOperationRule": ("LoneAnonymousOperationViolation", "", ""),
    "NoFragmentCyclesRule": ("FragmentCycle", "", ""),
    "VariablesAreInputTypesRule": ("NonInputTypeOnVariable", "", ""),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Place:
    """The field a node is in, and the argument of it, if any."""

    path: str
    argument: ArgumentNode | None
    field: FieldNode | None


def document_faults(schema: GraphQLSchema, document: DocumentNode) -> list[dict[str, Any]]:
    """Give the faults of a document in the order of their places; an empty list means it is valid."""
    if not validate(schema, document, max_errors=1):
        return []
    faults = [
        fault
        for rule in specified_rules
        for error in validate(schema, document, [rule], max_errors=_ERROR_MOST)
        for fault in _told(document, rule, error)
    ]
    return sorted(faults, key=lambda fault: [(place["line"], place["column"]) for place in fault["locations"]])


def syntax_fault(error: GraphQLSyntaxError) -> dict[str, Any]:
    """Tell that a text is no GraphQL document."""
    place = error.locations[0] if error.locations else None
    where = f" at line {place.line} column {place.column}" if place else ""
    return {
        "message": f"Invalid Syntax : {error.message.removeprefix('Syntax Error: ')}{where}",
        "locations": [{"line": place.line, "column": place.column}] if place else [],
        "extensions": {"classification": "InvalidSyntax"},
    }


def variable_fault(error: GraphQLError) -> dict[str, Any]:
    """Tell that a variable's value does not fit its type."""
    text = error.message.replace("$", "", 1)
    unknown = re.search(r"value of type '(\w+)' not to include unknown field '(\w+)'", text)
    absent = re.search(r"^Variable '(\w+)'.*(?:non-null type|required field) '([^']+)'", text, re.DOTALL)
    if unknown:
        text = (
            f"The variables input contains a field name '{unknown[2]}' that is not defined "
            f"for input object type '{unknown[1]}'"
        )
    elif absent:
        text = f"Variable '{absent[1]}' has coerced Null value for NonNull type or field '{absent[2]}'"
    else:
        text = text.replace("has invalid value", "has an invalid value", 1)
    return _fault(text, error)


def _told(document: DocumentNode, rule: type[ASTValidationRule], error: GraphQLError) -> Iterator[dict[str, Any]]:
    nodes: list[Node] = list(error.nodes or [document])
    node = nodes[-1] if rule.__name__ == "VariablesInAllowedPositionRule" else nodes[0]
    place, error = _find(document, node), GraphQLError(error.message, node)
    if rule.__name__ == "ScalarLeafsRule":
        yield _leaf_fault(error, place)
    elif rule.__name__ == "ValuesOfCorrectTypeRule":
        yield from _value_faults(error, place)
    else:
        kind, pattern, words = _KINDS.get(rule.__name__, (rule.__name__.removesuffix("Rule"), "", ""))
        match = re.search(pattern, error.message) if pattern else None
        yield _kind_fault(kind, match.expand(words) if match else error.message, place, error)


def _leaf_fault(error: GraphQLError, place: _Place) -> dict[str, Any]:
    type_name = re.search(r"type '([^']+)'", error.message)
    field_name = place.field.name.value if place.field else ""
    on = f"type {type_name[1].strip('[]!') if type_name else ''} of field {field_name}"
    if "must not have" in error.message:
        return _kind_fault("SubSelectionNotAllowed", f"Sub selection not allowed on leaf {on}", place, error)
    return _kind_fault("SubSelectionRequired", f"Sub selection required for {on}", place, error)


def _value_faults(error: GraphQLError, place: _Place) -> Iterator[dict[str, Any]]:
    if place.argument is None:
        yield _kind_fault("WrongType", error.message, place, error)
        return
    name = place.argument.name.value
    at_argument = GraphQLError(error.message, place.argument)
    if "non-null type" in error.message:
        text = f"null value for non-null field argument {name}"
        yield _kind_fault("NullValueForNonNullArgument", text, place, GraphQLError(text, place.field))
        text = f"argument '{name}' with value 'NullValue{{}}' must not be null"
        yield _kind_fault("WrongType", text, place, at_argument)
        return
    yield _kind_fault("WrongType", f"argument '{name}' is not valid: {error.message}", place, at_argument)


def _kind_fault(kind: str, text: str, place: _Place, error: GraphQLError) -> dict[str, Any]:
    where = f" @ '{place.path}'" if place.path else ""
    return _fault(f"Validation error of type {kind}: {text}{where}", error)


def _fault(message: str, error: GraphQLError) -> dict[str, Any]:
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return {"message": message, "locations": places, "extensions": {"classification": "ValidationError"}}


def _find(document: DocumentNode, sought: Node) -> _Place:
    for definition in document.definitions:
        start = definition.name.value if isinstance(definition, FragmentDefinitionNode) else ""
        found = _search(definition, sought, _Place(start, None, None))
        if found:
            return found
    return _Place("", None, None)


def _search(node: Node, sought: Node, place: _Place) -> _Place | None:
    here = place
    if isinstance(node, FieldNode):
        name = node.alias.value if node.alias else node.name.value
        here = _Place(f"{place.path}/{name}".lstrip("/"), None, node)
    elif isinstance(node, ArgumentNode):
        here = _Place(place.path, node, place.field)
    if node is sought:
        return here
    for key in node.keys:
        below = getattr(node, key, None)
        for child in below if isinstance(below, list | tuple) else (below,):
            found = _search(child, sought, here) if isinstance(child, Node) else None
            if found:
                return found
    return None
