"""An upstream that keeps what it is asked, the places of its arguments, and requests in every form that clients send.

What was asked is what graphql-core makes of the document and the variables that came: nothing of the compiler, of a
mapping or of a converter is used here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import quote

import httpx
import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    parse,
    validate,
)
from graphql.execution import execute_sync
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from app.assemble import assemble
from app.compile.build import Built
from app.settings import Settings
from app.web.app import create_app
from app.web.legacy import App
from tests.asgi import Reply, send
from tests.doubles import Events

#: what only the old documents know carries these words
GONE = "Seed only"
#: nothing was written at a place; null is another thing
ABSENT = "(absent)"
#: a value, or what gives it for the arguments
World = Mapping[str, Any]
LEAVES: dict[str, Any] = {"ID": "1", "String": "1", "Int": 1, "Float": 1.0, "Boolean": True}


@dataclass(frozen=True, slots=True)
class Asked:
    """One field that was asked for with arguments: `Type.field`, and the arguments as graphql-core understands them."""

    coordinate: str
    arguments: dict[str, Any]


class AskedUpstream(httpx.AsyncBaseTransport):
    """Answers everything with plain values of the schema's types, but for the fields that the world names.

    A question that the schema does not allow is a fault of the product, and fails the call.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.world: World = {}
        self.asked: list[Asked] = []
        self.tenants: list[str | None] = []
        #: the questions byte for byte
        self.bodies: list[bytes] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one question."""
        self.bodies.append(await request.aread())
        question = orjson.loads(self.bodies[-1])
        self.tenants.append(request.headers.get("X-Upwork-API-TenantId"))
        document = parse(question["query"])
        faults = validate(self.schema, document)
        assert not faults, faults
        result = execute_sync(
            self.schema,
            document,
            {},
            variable_values=question["variables"],
            field_resolver=self._resolve,
            type_resolver=lambda value, info, type_: info.schema.get_possible_types(type_)[0].name,
        )
        assert not result.errors, result.errors
        return httpx.Response(200, content=orjson.dumps({"data": result.data}), request=request)

    def _resolve(self, source: Mapping[str, Any], info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        coordinate = f"{info.parent_type.name}.{info.field_name}"
        if info.parent_type.fields[info.field_name].args:
            self.asked.append(Asked(coordinate, arguments))
        if info.field_name in source:
            found = source[info.field_name]
        elif coordinate in self.world:
            found = self.world[coordinate]
        else:
            return _plain(info.return_type)
        return found(arguments) if callable(found) else found

    def of(self, coordinate: str) -> list[dict[str, Any]]:
        """The arguments of every time a field was asked for."""
        return [one.arguments for one in self.asked if one.coordinate == coordinate]

    def forget(self) -> None:
        """Begin anew."""
        self.asked.clear()
        self.tenants.clear()
        self.bodies.clear()

    @property
    def writes(self) -> list[str]:
        """The mutations that were asked for, in order."""
        return [one.coordinate for one in self.asked if one.coordinate.startswith("Mutation.")]


def _plain(type_: GraphQLOutputType) -> Any:
    """A value of a type: one element a list, nothing that says there is more."""
    here = get_nullable_type(type_)
    if isinstance(here, GraphQLList):
        return [_plain(here.of_type)]
    if isinstance(here, GraphQLEnumType):
        return next(iter(here.values))
    if here.name == "PageInfo":
        return {"hasNextPage": False}
    return LEAVES.get(here.name, {})


# --- places ----------------------------------------------------------------------------------------------------------


def field_at(schema: GraphQLSchema, coordinate: str) -> GraphQLField:
    """A field by `Type.field`."""
    owner, _, name = coordinate.partition(".")
    type_ = schema.type_map[owner]
    assert isinstance(type_, GraphQLObjectType)
    field: GraphQLField = type_.fields[name]
    return field


def path_of(field: GraphQLField, printed: str) -> tuple[str, ...] | None:
    """Where among the arguments of a field a printed place is; None where the live schema does not have it.

    A place begins at an argument, at the type of one, or, when neither is said, at a member of the only argument.
    `[]` says that the value is a list.
    """
    steps = tuple(printed.replace("[]", "").split("."))
    for name, argument in field.args.items():
        named = get_named_type(argument.type)
        if steps[0] in {name, named.name} and _takes(named, steps[1:]):
            return (name, *steps[1:])
    if len(field.args) == 1:
        ((name, argument),) = field.args.items()
        return (name, *steps) if _takes(get_named_type(argument.type), steps) else None
    return None


def _takes(type_: Any, steps: tuple[str, ...]) -> bool:
    if not steps:
        return True
    member = type_.fields.get(steps[0]) if isinstance(type_, GraphQLInputObjectType) else None
    if member is None or GONE in (member.deprecation_reason or ""):
        return False
    return _takes(get_named_type(member.type), steps[1:])


def value_at(here: Any, path: tuple[str, ...]) -> Any:
    """What was written at a place; a list for a list on the way; ABSENT where nothing was."""
    if not path:
        return here
    if isinstance(here, list):
        return [value_at(one, path) for one in here]
    return value_at(here[path[0]], path[1:]) if isinstance(here, dict) and path[0] in here else ABSENT


# --- pages of rows ---------------------------------------------------------------------------------------------------


def connection(rows: list[dict[str, Any]], pagination: Callable[[dict[str, Any]], Any]) -> Callable[..., Any]:
    """A connection that gives its rows in pages, as it is asked: `first`, and `after` a cursor or "0" or nothing."""

    def answer(arguments: dict[str, Any]) -> dict[str, Any]:
        asked = pagination(arguments)
        start, first = int(asked.get("after") or 0), asked["first"]
        assert 1 <= first <= 50, "the upstream gives fifty rows at once"
        page = rows[start : start + first]
        end = start + len(page)
        return {
            "edges": [{"node": row, "cursor": str(start + place + 1)} for place, row in enumerate(page)],
            "totalCount": len(rows),
            "pageInfo": {"hasNextPage": end < len(rows), "endCursor": str(end)},
        }

    return answer


# --- requests --------------------------------------------------------------------------------------------------------

BOUNDARY = "----heirloom3f6b1c"


@dataclass(frozen=True, slots=True)
class Form:
    """How a write comes: the kind of its body, by its own method or as POST with `http_method`.

    Some SDKs repeat in the body what stands in the path.
    """

    body: str = "json"
    is_tunnelled: bool = False
    repeats_path: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """One request as it stands on the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def written(
    method: str,
    path: str,
    params: Mapping[str, str],
    form: Form = Form(),
    numeric: frozenset[str] = frozenset(),
) -> Wire:
    """A request with these parameters, those of the path in it; `numeric` ones may be bare numbers in JSON."""
    named = {name: value for name, value in params.items() if form.repeats_path or f"{{{name}}}" not in path}
    for name, value in params.items():
        path = path.replace(f"{{{name}}}", quote(value, safe="~;"))
    headers = {"Authorization": "Bearer oauth2v2_1"}
    if method == "GET":
        return Wire(method, f"{path}?{_query(named)}" if named else path, headers, b"")
    if form.is_tunnelled and method != "POST":
        named |= {"http_method": method.lower()}
        method = "POST"
    type_, body = BODIES[form.body](named, numeric)
    return Wire(method, path, headers | {"Content-Type": type_, "Content-Length": str(len(body))}, body)


def _query(params: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in params.items())


def _json(params: Mapping[str, str], numeric: frozenset[str]) -> tuple[str, bytes]:
    return "application/json", json.dumps(params).encode()


def _numbers(params: Mapping[str, str], numeric: frozenset[str]) -> tuple[str, bytes]:
    """JSON whose numbers are bare, digit for digit as the text has them."""
    members = [
        f"{json.dumps(name)}: {value if name in numeric else json.dumps(value)}" for name, value in params.items()
    ]
    return "application/json", f"{{{', '.join(members)}}}".encode()


def _form(params: Mapping[str, str], numeric: frozenset[str]) -> tuple[str, bytes]:
    return "application/x-www-form-urlencoded", _query(params).encode()


def _multipart(params: Mapping[str, str], numeric: frozenset[str]) -> tuple[str, bytes]:
    return f"multipart/form-data; boundary={BOUNDARY}", b"".join(_parts(params))


def _parts(params: Mapping[str, str]) -> Iterator[bytes]:
    for name, value in params.items():
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    yield f"--{BOUNDARY}--\r\n".encode()


BODIES = {"json": _json, "numbers": _numbers, "form": _form, "multipart": _multipart}
FORMS = tuple(Form(*one) for one in product(BODIES, (False, True), (False, True)))


# --- the service -----------------------------------------------------------------------------------------------------


#: the same examples every time, and enough of them
SETTINGS = hypothesis_settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@dataclass
class Service:
    """The service over an upstream that keeps what it is asked."""

    app: App
    upstream: AskedUpstream

    def send(self, wire: Wire, world: World) -> Reply:
        """Send one request, with what was asked before forgotten."""
        self.upstream.forget()
        self.upstream.world = world
        return asyncio.run(send(self.app, wire.method, wire.target, wire.headers, wire.body))


def service_of(built: Built, settings: Settings) -> Service:
    """A service of its own."""
    upstream = AskedUpstream(built.schema.raw)
    return Service(create_app(assemble(settings, built.plans, transport=upstream, observer=Events())), upstream)
