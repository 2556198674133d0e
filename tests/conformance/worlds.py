"""Upstream data for any question: random, of the schema's types, with a null wherever one may be.

A world draws a value when somebody first looks at it and keeps it: any number of questions find the same data, whatever
they ask. What a document would be answered from it is `answer_of`, which is graphql-core and nothing of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import httpx
import orjson
from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_named_type,
    is_list_type,
    is_non_null_type,
    parse,
)
from graphql.execution import execute_sync
from hypothesis import strategies as st

#: non-null by the schema, and null in truth: system and deleted users, names of some freelancers
NULL_IN_TRUTH = {"RoomStory.user", "TalentProfilePersonalData.firstName", "TalentProfilePersonalData.lastName"}
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
#: roots that tell of what is asked for, by the argument that names it
TOLD_BY = {
    "company": "id",
    "freelancerProfileByProfileKey": "profileKey",
    "talentProfileByProfileKey": "profileKey",
    "reasons": "reasonType",
    "jobPosting": "jobPostingId",
    "userDetails": "id",
}
LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "ID": DIGITS | st.from_regex(r"(room|story)_[0-9a-f]{8}", fullmatch=True),
    "Int": st.integers(0, 2**31 - 1),
    "Float": st.integers(0, 800).map(lambda quarters: quarters / 4),
    "Boolean": st.booleans(),
    "String": TEXTS,
}


Draw = Callable[[st.SearchStrategy[Any]], Any]
#: what tests fix of a world, by `Type.field`: a value
Settled = Mapping[str, Any]


class Thing:
    """An object of a world."""

    def __init__(self, world: World, type_: GraphQLObjectType) -> None:
        self.world = world
        self.type = type_
        self._values: dict[str, Any] = {}

    def value(self, name: str) -> Any:
        """The value of a field."""
        if name not in self._values:
            self._values[name] = self.world.drawn(self.type, name)
        return self._values[name]

    def settle(self, name: str, value: Any) -> None:
        """Fix the value of a field."""
        self._values[name] = value

    def __repr__(self) -> str:
        return f"{self.type.name}{self._values}"


class World:
    """All that an upstream knows. Its roots are never null; `there` names lists and objects that are not either."""

    def __init__(
        self, schema: GraphQLSchema, draw: Draw, settled: Settled | None = None, there: frozenset[str] = frozenset()
    ) -> None:
        self.schema = schema
        self._draw = draw
        self._settled = settled or {}
        self._there = there
        self._roots: dict[tuple[str, str], Any] = {}

    def root(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """The answer of a root; another one for each value of the argument that it tells of."""
        key = (name, str(arguments[TOLD_BY[name]]) if name in TOLD_BY else "")
        if key not in self._roots:
            kinds = [kind for kind in (self.schema.query_type, self.schema.mutation_type) if kind]
            (type_,) = (kind for kind in kinds if name in kind.fields)
            self._roots[key] = self.drawn(type_, name, is_root=True)
        return self._roots[key]

    def drawn(self, type_: GraphQLObjectType, name: str, *, is_root: bool = False) -> Any:
        """A new value for a field."""
        coordinate = f"{type_.name}.{name}"
        if coordinate in self._settled:
            return self._settled[coordinate]
        return self._value(type_.fields[name].type, coordinate, may_be_null=not is_root)

    def _value(self, type_: GraphQLOutputType, coordinate: str, *, may_be_null: bool) -> Any:
        if is_non_null_type(type_):
            return self._value(type_.of_type, coordinate, may_be_null=coordinate in NULL_IN_TRUTH)
        is_there = coordinate in self._there
        if may_be_null and not is_there and self._draw(NULLS):
            return None
        if is_list_type(type_):
            count = self._draw(st.integers(1 if is_there else 0, 3))
            return [self._value(type_.of_type, coordinate, may_be_null=True) for _ in range(count)]
        named = get_named_type(type_)
        if isinstance(named, GraphQLObjectType):
            return Thing(self, named)
        return self._draw(_leaves(named, coordinate))

    def __repr__(self) -> str:
        return f"World{self._roots}"


def answer_of(schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any], world: World) -> dict[str, Any]:
    """The upstream's answer: data, and errors for what a null voided."""
    result = execute_sync(schema, document, world, variable_values=variables, field_resolver=_by_name)
    errors = [
        {"message": one.message, "path": one.path, "extensions": {"classification": "NullValueInNonNullableField"}}
        for one in result.errors or ()
    ]
    return {"data": result.data} | ({"errors": errors} if errors else {})


class WorldUpstream(httpx.AsyncBaseTransport):
    """An upstream that answers every question from one world."""

    def __init__(self, schema: GraphQLSchema, world: World) -> None:
        self.schema = schema
        self.world = world

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one question."""
        asked = orjson.loads(await request.aread())
        answer = answer_of(self.schema, parse(asked["query"]), asked["variables"], self.world)
        return httpx.Response(200, content=orjson.dumps(answer), request=request)


def _by_name(source: World | Thing, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    return source.root(info.field_name, arguments) if isinstance(source, World) else source.value(info.field_name)


def _leaves(type_: Any, coordinate: str) -> st.SearchStrategy[Any]:
    if isinstance(type_, GraphQLEnumType):
        return st.sampled_from(list(type_.values))
    name = coordinate.partition(".")[2]
    if coordinate in NAMED:
        return NAMED[coordinate]
    if name.endswith("DateTime") and type_.name == "String":
        return instants()
    return NAMED.get(name, LEAVES[type_.name])
