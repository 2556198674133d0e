"""Upstream data for any document: random, of the schema's types, with a null wherever one may be.

A world holds values under the names of the schema; what a document would be answered from it is `answer_of`, which is
graphql-core and nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import httpx
import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
    parse,
)
from graphql.execution import execute_sync
from hypothesis import strategies as st

#: non-null by the schema, and null in truth: system and deleted users
NULL_IN_TRUTH = {"RoomStory.user"}
NULLS = st.sampled_from([True, *[False] * 5])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DIGITS = st.from_regex(r"[1-9][0-9]{5,18}", fullmatch=True)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-7))])
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=ZONES)
FORMS = st.sampled_from(["%Y-%m-%dT%H:%M:%S.{ms:03}{zone}", "%Y-%m-%dT%H:%M:%S{zone}"])


@st.composite
def instants(draw: st.DrawFn) -> str:
    """A moment in one of the forms that the upstream was seen to write."""
    moment = draw(MOMENTS)
    offset = moment.strftime("%z")
    zone = draw(st.sampled_from([offset, f"{offset[:3]}:{offset[3:]}", *(["Z"] if offset == "+0000" else [])]))
    text = moment.strftime(draw(FORMS).replace("{ms:03}", f"{moment.microsecond // 1000:03}"))
    return text.replace("{zone}", zone)


DAYS = st.dates(date(1971, 1, 1), date(2100, 1, 1)).map(str)
AMOUNTS = st.decimals(0, 100_000, places=2).map(str) | st.integers(0, 500).map(str)
ZONE_NAMES = st.sampled_from(["America/Denver", "Asia/Tokyo", "UTC"])
MINUTES = st.sampled_from(["0", "150", "2.5", "2:30", ""])
KEYS = st.integers(0, 2**64 - 1).map(lambda number: f"~01{number:016x}")
#: leaves whose name says more than their type, by name, or by type and name
NAMED: dict[str, st.SearchStrategy[Any]] = {
    "rawValue": AMOUNTS,
    "timezone": ZONE_NAMES,
    "ciphertext": KEYS,
    "legacyCiphertext": KEYS,
    "Activity.code": st.from_regex(r"LP-[1-4]", fullmatch=True),
    "Staff.activationStatus": st.sampled_from([1, 2]),
    "UserLocation.offsetToUTC": st.sampled_from([-420, 345, 0, 32400]),
    "contractStartDate": DAYS | instants(),
    "contractEndDate": DAYS | instants(),
    "FreelancerProfileEducationRecord.startDate": DAYS,
    "FreelancerProfileEducationRecord.endDate": DAYS,
    "FreelancerProfileEmploymentRecord.startDate": DAYS,
    "FreelancerProfileEmploymentRecord.endDate": DAYS,
    "trackedTime": MINUTES,
    "manualTime": MINUTES,
    "overtime": MINUTES,
    "lastScreenshot": MINUTES,
    "FreelancerProfileAggregates.totalHours": st.fractions(0, 5000, max_denominator=7).map(float),
    "FreelancerProfileAggregates.adjustedFeedbackScore": st.fractions(0, 5, max_denominator=16).map(float),
}
LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "ID": DIGITS | st.from_regex(r"(room|story)_[0-9a-f]{8}", fullmatch=True),
    "Int": st.integers(0, 2**31 - 1),
    "Float": st.integers(0, 800).map(lambda quarters: quarters / 4),
    "Boolean": st.booleans(),
    "String": TEXTS,
}


def worlds(schema: GraphQLSchema, *documents: DocumentNode) -> st.SearchStrategy[dict[str, Any]]:
    """Data that the documents could be answered from; their roots and the lists of their rows are there."""
    operations = [one for document in documents for one in document.definitions]
    found = [one for one in operations if isinstance(one, OperationDefinitionNode)]
    kinds = [(schema.query_type, OperationType.QUERY), (schema.mutation_type, OperationType.MUTATION)]
    parts = [
        _objects(type_, [one.selection_set for one in found if one.operation is kind], is_root=True)
        for type_, kind in kinds
        if type_ is not None
    ]
    return st.tuples(*parts).map(lambda made: {name: value for part in made for name, value in part.items()})


def answer_of(
    schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any], world: dict[str, Any]
) -> dict[str, Any]:
    """The upstream's answer: data, and errors for what a null voided."""
    result = execute_sync(schema, document, world, variable_values=variables, field_resolver=_by_name)
    errors = [
        {"message": one.message, "path": one.path, "extensions": {"classification": "NullValueInNonNullableField"}}
        for one in result.errors or ()
    ]
    return {"data": result.data} | ({"errors": errors} if errors else {})


class WorldUpstream(httpx.AsyncBaseTransport):
    """An upstream that answers every question from one world."""

    def __init__(self, schema: GraphQLSchema, world: dict[str, Any]) -> None:
        self.schema = schema
        self.world = world

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one question."""
        asked = orjson.loads(await request.aread())
        answer = answer_of(self.schema, parse(asked["query"]), asked["variables"], self.world)
        return httpx.Response(200, content=orjson.dumps(answer), request=request)


def _by_name(source: Mapping[str, Any], info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    return source.get(info.field_name)


def _objects(
    type_: GraphQLObjectType, selections: Sequence[SelectionSetNode], *, is_root: bool = False
) -> st.SearchStrategy[dict[str, Any]]:
    """An object with everything that is selected on it, under whatever aliases."""
    fields: dict[str, list[FieldNode]] = {}
    for selection in selections:
        for node in selection.selections:
            assert isinstance(node, FieldNode)
            fields.setdefault(node.name.value, []).append(node)
    values = {
        name: _values(type_.fields[name].type, f"{type_.name}.{name}", nodes, may_be_null=not is_root)
        for name, nodes in fields.items()
        if name != "__typename"
    }
    return st.fixed_dictionaries(values)


def _values(
    type_: GraphQLOutputType, coordinate: str, nodes: list[FieldNode], *, may_be_null: bool
) -> st.SearchStrategy[Any]:
    if is_non_null_type(type_):
        return _values(type_.of_type, coordinate, nodes, may_be_null=coordinate in NULL_IN_TRUTH)
    made = _present(type_, coordinate, nodes)
    return NULLS.flatmap(lambda is_null: st.none() if is_null else made) if may_be_null else made


def _present(type_: GraphQLOutputType, coordinate: str, nodes: list[FieldNode]) -> st.SearchStrategy[Any]:
    if is_list_type(type_):
        return st.lists(_values(type_.of_type, coordinate, nodes, may_be_null=True), max_size=3)
    named = get_named_type(type_)
    if isinstance(named, GraphQLEnumType):
        return st.sampled_from(list(named.values))
    if isinstance(named, GraphQLObjectType):
        return _objects(named, [node.selection_set for node in nodes if node.selection_set])
    name = coordinate.partition(".")[2]
    if coordinate in NAMED:
        return NAMED[coordinate]
    if name.endswith("DateTime") and named.name == "String":
        return instants()
    return NAMED.get(name, LEAVES[named.name])
