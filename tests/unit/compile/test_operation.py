"""Documents at run time: fields withheld for want of a scope, repeated copies, the caller beside the question."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import parse, validate

from app.compile.build import Built, compile_folder
from app.findings import InvalidDocument, InvalidMappings
from app.plan import Plan, Question
from app.schema import Schema

from .conftest import Compile

AREA = "title: Rooms\nscopes: [Rooms]\nleaves: json\n"
CALLER = "operation: query user\nresponse: {fields: {id: id, auth_user: {fields: {name: name}}}}\n"
ROOM = """
title: A room
route: GET /api/messages/v3/rooms/{room_id}
operation: query room
request:
  path.room_id: {to: id}
  limit: {via: row_count, default: "20", to: stories(filter.pagination.first)}
response:
  fields:
    id: id
    company: organization.company.name
    city: organization.company.city
    stories: {each: stories.edges.node, fields: {id: id, text: message, owner: user.id}}
"""
BATCH = """
title: Send to rooms
route: POST /api/messages/v3/batch
operation: mutation createRoomStoryV2
repeat: {over: rooms, most: 50}
request:
  rooms: {via: text_list, required: true, to: input.roomId}
  message: {required: true, to: input.message}
response: {fields: {sent: {each: all, fields: {id: id, owner: user.id}}}}
"""
ENGAGEMENT = """
title: An engagement
route: GET /api/hr/v2/engagements/{engagement}
operation: {new: query contractByTerm, old: query contract}
deprecated: {Query.contract: the successor lacks fields}
request: {path.engagement: {to: ["new(termId)", "old(id)"]}}
response: {fields: {title: new.title, rate: old.hourlyChargeRate.rawValue}}
"""
COUNT = """
title: How many rooms
route: GET /api/messages/v3/rooms
operation: query roomList
response: {fields: {count: {count: edges}}}
"""
NOBODY: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, compiled: Compile) -> Built:
    """Four calls, and who asks."""
    folder = tmp_path_factory.mktemp("mappings")
    (folder / "rooms").mkdir()
    (folder / "_caller.yaml").write_text(CALLER, encoding="utf-8")
    (folder / "rooms" / "_area.yaml").write_text(AREA, encoding="utf-8")
    for name, text in {"room": ROOM, "batch": BATCH, "engagement": ENGAGEMENT, "count": COUNT}.items():
        (folder / "rooms" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return compiled(Path(folder))


def question(built: Built, call: str) -> Question:
    """The main question of a call."""
    plan: Plan = built.plans.calls[f"rooms/{call}"]
    return plan.variants[0].question


def rendered(built: Built, call: str, *withheld: str, copies: int = 1, with_caller: bool = False) -> list[str]:
    """The lines of a document."""
    return question(built, call).render(copies, frozenset(withheld), with_caller=with_caller).splitlines()


WHOLE = [
    "query room($id: ID!, $stories_filter: StoryFilter) {",
    "  room(id: $id) {",
    "    id",
    "    organization {",
    "      company {",
    "        name",
    "        city",
    "      }",
    "    }",
    "    stories(filter: $stories_filter) {",
    "      edges {",
    "        node {",
    "          id",
    "          message",
    "          user {",
    "            id",
    "          }",
    "        }",
    "      }",
    "    }",
    "  }",
    "}",
]


def test_render__nothing_withheld__selects_all_that_is_read(built: Built) -> None:
    """The whole document."""
    assert rendered(built, "room") == WHOLE


def test_render__field_withheld__leaves_out_that_field_alone(built: Built) -> None:
    """A field without its scope goes, what stands beside it stays."""
    lines = rendered(built, "room", "PrivateCompanyInfo.city")

    assert lines == [line for line in WHOLE if "city" not in line]


def test_render__all_below_withheld__leaves_out_the_emptied_parents(built: Built) -> None:
    """A parent with nothing left below it goes too, as far up as that reaches."""
    lines = rendered(built, "room", "PrivateCompanyInfo.city", "PrivateCompanyInfo.name")

    assert lines == [*WHOLE[:3], *WHOLE[9:]]


def test_render__object_withheld__leaves_out_all_below_it(built: Built) -> None:
    """An object without its scope goes with what it holds."""
    lines = rendered(built, "room", "CurrentOrganization.company")

    assert lines == [*WHOLE[:3], *WHOLE[9:]]


def test_render__field_with_a_variable_withheld__does_not_declare_the_variable(built: Built) -> None:
    """A variable that nothing uses would make the document invalid."""
    lines = rendered(built, "room", "Room.stories")

    assert lines == ["query room($id: ID!) {", *WHOLE[1:9], "  }", "}"]


def test_render__same_field_name_on_another_type__stays(built: Built) -> None:
    """Fields are withheld by type and name: another type's `id` is not meant."""
    lines = rendered(built, "room", "GenericUser.id", "Room.id")

    assert lines == [*WHOLE[:2], *WHOLE[3:14], *WHOLE[17:]]


def test_render__unknown_field_withheld__changes_nothing(built: Built) -> None:
    """What a credential may not read elsewhere does not matter here."""
    assert rendered(built, "room", "Milestone.id", "Room", "") == WHOLE


def test_render__list_that_is_only_counted__selects_its_type_name(built: Built) -> None:
    """Elements that nothing is read from are still there to be counted."""
    lines = rendered(built, "count")

    assert lines == ["query count {", "  roomList {", "    edges {", "      __typename", "    }", "  }", "}"]


def test_render__one_of_two_roots_withheld__asks_the_other(built: Built) -> None:
    """A root without its scope goes with its variable; the answer is made of the other."""
    lines = rendered(built, "engagement", "Query.contract")

    assert lines == [
        "query engagement($new_termId: ID!) {",
        "  new: contractByTerm(termId: $new_termId) {",
        "    title",
        "  }",
        "}",
    ]


@pytest.mark.parametrize("copies", [1, 2, 50])
def test_render__repeated__has_a_root_and_variables_for_each_copy(copies: int, built: Built) -> None:
    """Each copy has its alias and its own variables; what does not vary would be shared."""
    lines = rendered(built, "batch", copies=copies)

    declared = ", ".join(f"$input_{copy}: RoomStoryCreateInputV2!" for copy in range(copies))
    roots = [
        [f"  r{copy}: createRoomStoryV2(input: $input_{copy}) {{", "    id", "    user {", "      id", "    }", "  }"]
        for copy in range(copies)
    ]
    assert lines == [f"mutation batch({declared}) {{", *(line for root in roots for line in root), "}"]


def test_render__repeated_with_a_field_withheld__leaves_it_out_of_every_copy(built: Built) -> None:
    """A scope counts for all copies."""
    lines = rendered(built, "batch", "GenericUser.id", copies=2)

    assert lines == [
        "mutation batch($input_0: RoomStoryCreateInputV2!, $input_1: RoomStoryCreateInputV2!) {",
        "  r0: createRoomStoryV2(input: $input_0) {",
        "    id",
        "  }",
        "  r1: createRoomStoryV2(input: $input_1) {",
        "    id",
        "  }",
        "}",
    ]


def test_render__with_the_caller__asks_who_it_is_beside_the_question(built: Built) -> None:
    """The caller is one more root, under an alias of its own."""
    lines = rendered(built, "room", with_caller=True)

    assert lines == [*WHOLE[:-1], "  caller: user {", "    id", "    name", "  }", "}"]


def test_render__caller_withheld__is_left_out(built: Built) -> None:
    """A credential that may not say who it is is still answered."""
    assert rendered(built, "room", "Query.user", with_caller=True) == WHOLE


def test_render__mutation_with_the_caller__does_not_ask_for_it(built: Built) -> None:
    """A mutation's document cannot hold a query's root."""
    assert rendered(built, "batch", with_caller=True) == rendered(built, "batch", with_caller=False)


def test_question__fields__are_all_that_a_scope_can_be_missing_for(built: Built) -> None:
    """What the document selects by type and name, and the roots among it."""
    asked = question(built, "room")

    assert asked.fields == {
        "Query.room",
        "Room.id",
        "Room.organization",
        "CurrentOrganization.company",
        "PrivateCompanyInfo.name",
        "PrivateCompanyInfo.city",
        "Room.stories",
        "RoomStoryConnection.edges",
        "RoomStoryEdge.node",
        "RoomStory.id",
        "RoomStory.message",
        "RoomStory.user",
        "GenericUser.id",
    }
    assert asked.roots == (("room", "Query.room"),)


@pytest.mark.parametrize("call", ["room", "batch", "engagement", "count"])
def test_render__each_field_withheld_in_turn__still_validates(call: str, built: Built, schema: Schema) -> None:
    """Whatever is left out, what is left is a document that the upstream takes; nothing but roots empties it."""
    asked = question(built, call)
    roots = {coordinate for _, coordinate in asked.roots}

    documents = [
        asked.render(2 if asked.most > 1 else 1, frozenset({name}), with_caller=True)
        for name in asked.fields
        if len(roots) > 1 or name not in roots
    ]

    assert [fault for text in documents for fault in validate(schema.raw, parse(text))] == []


def test_render__asked_twice__gives_the_same_text(built: Built) -> None:
    """A rendered document is remembered by all that it depends on."""
    asked = question(built, "room")

    first = asked.render(1, NOBODY, with_caller=False)

    assert asked.render(1, NOBODY, with_caller=False) is first
    assert asked.render(1, frozenset({"Room.id"}), with_caller=False) != first
    assert asked.render(1, NOBODY, with_caller=True) != first


@pytest.mark.parametrize(
    ("documents", "are_right"),
    [
        ([], True),
        (["query a { user { id } }", "query b { user { id } }"], True),
        (["query a { user { id } }", "query a { user { id name } }", "query a { user { name } }"], True),
        (["query a { user { id } }", "query b { nobody }"], False),
        (["query a { user { id } }", "query b { user { id }"], False),
        (["query a { user { id }", "} query b { user { id } }"], False),
        (["query a($x: ID!) { user { id } }"], False),
        # Each on its own is wrong, and would be right beside the other.
        (["query a { user { ...f } }", "fragment f on GraphQLUser { id }"], False),
    ],
)
def test_are_right__documents_together__is_what_each_is_alone(
    schema: Schema, documents: list[str], are_right: bool
) -> None:
    """A look at all at once takes nothing that graphql-core refuses of one."""
    assert schema.are_right(documents) is are_right
    assert all(not schema.problems(document) for document in documents) is are_right


def test_compile_folder__template_that_draws_wrongly__is_told_at_the_first_call(
    built: Built, schema: Schema, tmp_path: Path
) -> None:
    """A document that graphql-core refuses is a finding with its place, and nothing is served."""
    (tmp_path / "operation.graphql").write_text("{{ kind }} {{ name }} { nothing }\n", encoding="utf-8")
    folder = Path(built.mappings.endpoints[0].file).parent.parent

    with pytest.raises(InvalidMappings) as raised:
        compile_folder(folder, schema, tmp_path)

    (finding,) = raised.value.findings
    first = built.mappings.endpoints[0]
    assert (type(finding), finding.place.file) == (InvalidDocument, first.file)
    assert "nothing" in str(finding.what())
