"""Tying the tables of all areas to the schema. A field without an entry reads the attribute of its own name.

For `roomName` that is `room_name`; of a dictionary it is the key `roomName`; where neither is there, it is null.
"""

from collections.abc import Callable, Iterable
from typing import Any

from graphql import GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema

from app.sandbox.executable import snake_case
from app.sandbox.resolvers.areas import AREAS
from app.sandbox.resolvers.fields import Call, FieldTable, Resolver


def bind(schema: GraphQLSchema, areas: Iterable[FieldTable] = AREAS) -> None:
    """Give every field of every object type its resolver.

    Raises LookupError if a table names a field that the schema does not have, so that no resolver is dead.
    """
    known = {key: resolver for table in areas for key, resolver in table.resolvers.items()}
    for named in schema.type_map.values():
        if isinstance(named, GraphQLObjectType) and not named.name.startswith("__"):
            for name, field in named.fields.items():
                resolver = known.pop((named.name, name), None)
                field.resolve = _resolving(named.name, name, resolver)
    if known:
        raise LookupError(f"resolvers for fields that the schema does not have: {sorted(known)}")


def _resolving(type_name: str, name: str, resolver: Resolver | None) -> Callable[..., Any]:
    if resolver is None:
        return _attribute(name)
    return _counted(name, resolver) if type_name == "Mutation" else _asking(resolver)


def _asking(resolver: Resolver) -> Callable[..., Any]:
    def resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        return resolver(source, info.context, **arguments)

    return resolve


def _counted(name: str, resolver: Resolver) -> Callable[..., Any]:
    def resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        call: Call = info.context
        answer = resolver(source, call, **arguments)
        call.executed[name] += 1
        return answer

    return resolve


def _attribute(name: str) -> Callable[..., Any]:
    attribute = snake_case(name)

    def resolve(source: Any, _: GraphQLResolveInfo[Any], **__: Any) -> Any:
        return source.get(name) if isinstance(source, dict) else getattr(source, attribute, None)

    return resolve
