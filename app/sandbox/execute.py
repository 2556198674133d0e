"""One GraphQL request to one answer body, worded as the upstream words it.

A body is `{"errors": [...]}` alone when nothing was executed (syntax, validation, scopes), else it has `data`, and
`errors` beside it where fields failed.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    execute_sync,
    get_named_type,
    parse,
)

from app.sandbox.executable import LiveSchema, load_live_schema
from app.sandbox.refusals import Failed, Refusal
from app.sandbox.resolvers.binding import bind
from app.sandbox.resolvers.fields import Call
from app.sandbox.scopes import ScopeRules, denial
from app.sandbox.selection import bad_faith, selected_fields
from app.sandbox.validation import document_faults, syntax_fault, variable_fault

Body: TypeAlias = dict[str, Any]
Hook: TypeAlias = Callable[..., Any]

PREPARED_MOST = 512


@dataclass(frozen=True, slots=True)
class Question:
    """A GraphQL request as it came."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document with what is known before execution: its faults, or the fields that each operation selects."""

    document: DocumentNode | None
    faults: tuple[Body, ...]
    fields: dict[str, frozenset[str]]


class Upstream:
    """Executes questions against the live schema. What it learns of a query's text it keeps, for a bounded number."""

    def __init__(self, live: LiveSchema) -> None:
        bind(live.schema)
        self._schema = live.schema
        self._rules = ScopeRules(live)
        self.prepare = lru_cache(maxsize=PREPARED_MOST)(self._prepare)

    def answer(self, question: Question, call: Call, scopes: frozenset[str], hook: Hook | None = None) -> Body:
        """Answer a question; `hook`, if any, is graphql-core middleware around every field."""
        prepared = self.prepare(question.query)
        if prepared.document is None or prepared.faults:
            return {"errors": list(prepared.faults)}
        fields = _of_operation(prepared.fields, question.operation_name)
        if fields is None:
            return {"errors": [_plain(f"Unknown operation named '{question.operation_name}'.", "ValidationError")]}
        missing = self._rules.missing(fields, scopes)
        if missing:
            return scope_refusal(missing)
        result = execute_sync(
            self._schema,
            prepared.document,
            context_value=call,
            variable_values=question.variables,
            operation_name=question.operation_name,
            middleware=[hook] if hook else None,
        )
        return self._body(result.data, result.errors or ())

    def selected(self, question: Question) -> frozenset[str]:
        """Give the `Type.field`s a question selects; none if it is not valid."""
        return _of_operation(self.prepare(question.query).fields, question.operation_name) or frozenset()

    def _prepare(self, query: str) -> Prepared:
        try:
            document = parse(query)
        except GraphQLSyntaxError as error:
            return Prepared(None, (syntax_fault(error),), {})
        faults = document_faults(self._schema, document)
        if faults:
            return Prepared(document, tuple(faults), {})
        operations = [item for item in document.definitions if isinstance(item, OperationDefinitionNode)]
        counts = {_name(item): selected_fields(self._schema, document, item) for item in operations}
        too_often = next(filter(None, map(bad_faith, counts.values())), None)
        if too_often:
            text = f"This request is not asking for introspection in good faith - {too_often} is present too often!"
            return Prepared(document, (_plain(text, "BadFaithIntrospection"),), {})
        return Prepared(document, (), {name: frozenset(found) for name, found in counts.items()})

    def _body(self, data: dict[str, Any] | None, errors: Iterable[GraphQLError]) -> Body:
        told = list(errors)
        if data is None and told and all(error.path is None for error in told):
            return {"errors": [variable_fault(error) for error in told]}
        body: Body = {"errors": [self._told(error) for error in told]} if told else {}
        return body | {"data": data}

    def _told(self, error: GraphQLError) -> Body:
        void = re.match(r"Cannot return null for non-nullable field (\w+)\.(\w+)", error.message)
        if void:
            return self._void(error, void[1], void[2])
        reason = error.original_error
        refusal = reason if isinstance(reason, Refusal) else Failed()
        return {
            "message": str(refusal),
            "locations": [{"line": place.line, "column": place.column} for place in error.locations or ()],
            "path": error.path,
            "extensions": {"classification": refusal.classification},
        }

    def _void(self, error: GraphQLError, type_name: str, field_name: str) -> Body:
        parent = self._schema.type_map[type_name]
        field = parent.fields[field_name] if isinstance(parent, GraphQLObjectType) else None
        declared = get_named_type(field.type).name if field else ""
        where = "".join(f"[{step}]" if isinstance(step, int) else f"/{step}" for step in error.path or ())
        return {
            "message": (
                f"The field at path '{where}' was declared as a non null type, but the code involved in retrieving "
                "data has wrongly returned a null value.  The graphql specification requires that the parent field be "
                "set to null, or if that is non nullable that it bubble up null to its parent and so on. "
                f"The non-nullable type is '{declared}' within parent type '{type_name}'"
            ),
            "path": error.path,
            "extensions": {"classification": "NullValueInNonNullableField"},
        }


def load_upstream(schema_path: Path) -> Upstream:
    """Read the schema and make it ready to execute."""
    return Upstream(load_live_schema(schema_path))


def scope_refusal(fields: Iterable[str]) -> Body:
    """Give the body that refuses a whole request for lack of scopes."""
    return {"errors": [_plain(denial(fields), "ExecutionAborted")]}


def tenant_refusal() -> Body:
    """Give the body that refuses a request for an organization that the user is no member of."""
    return {"errors": [_plain("Authorization failed", "ExecutionAborted")]}


def _plain(message: str, classification: str) -> Body:
    return {"message": message, "extensions": {"classification": classification}}


def _name(operation: OperationDefinitionNode) -> str:
    return operation.name.value if operation.name else ""


def _of_operation(fields: dict[str, frozenset[str]], name: str | None) -> frozenset[str] | None:
    if name:
        return fields.get(name)
    return next(iter(fields.values())) if len(fields) == 1 else None
