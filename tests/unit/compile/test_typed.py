"""The translation over types: which calls have one, how it reads, and what types cannot express."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from app.compile.build import Built
from app.compile.emit_typed import Answer, emit_typed
from app.compile.paths import HERE, REQUEST
from app.compile.paths import Path as Read
from app.compile.shapes import Member, Shape, Untyped
from app.compile.tree import Elements, Leaf, Literal_, Many, Members, Node, OnlyIf, Table
from app.findings import Place
from app.plan import Typed

from .conftest import TOP, Compile

PLACE = Place("mappings/area/call.yaml", 1, 1)
ROW = Shape("Row", (("id", Member("id")), ("role", Member("role"))))
DATA = Shape("Query", (("rows", Member("rows", ROW, 1)), ("name", Member("name"))))
ROWS = Elements(Read(HERE, ("rows",)), ())


@pytest.fixture(scope="module")
def product(compiled: Compile) -> Built:
    """The product's own mappings."""
    return compiled(TOP / "mappings")


def leaf(*steps: str, start: str = HERE, null: Any = None, via: Any = ()) -> Leaf:
    """A plain value."""
    return Leaf(PLACE, (Read(start, steps),), via, null, as_text=False)


def object_of(**fields: Node) -> Members:
    """An object with these members."""
    return Members(PLACE, tuple(fields.items()), None, None)


def each(element: Node) -> Many:
    """A list of what is made of each row."""
    return Many(PLACE, ROWS, element, collapse=False, key=None, join=None, empty=[])


def typed(tree: Members) -> tuple[Typed, str]:
    """The translation of a tree over `DATA`."""
    return emit_typed(tree, Answer(DATA, None, ()), "test")


def replied(tree: Members, data: Any, **request: Any) -> bytes:
    """The reply that it makes of an answer."""
    found, _ = typed(tree)
    start = found.decode(orjson.dumps({"data": data}))
    assert start is not None
    return found.encode(found.reshape(start, request, {}))


def test_typed__product__has_one_for_every_read_but_repeated_ones(product: Built) -> None:
    """What has none is asked once an element, or writes."""
    without = {
        call
        for call, plan in product.plans.calls.items()
        for variant in plan.variants
        if variant.typed is None and variant.question.kind == "query"
    }

    assert without == {"profiles/get_profile", "profiles/get_profile_brief"}


def test_typed__writes__have_none(product: Built) -> None:
    """What became of a write is told by dicts alone."""
    writes = [
        one.typed for plan in product.plans.calls.values() for one in plan.variants if one.question.kind == "mutation"
    ]

    assert writes
    assert set(writes) == {None}


def test_members__of_a_translation__are_those_of_the_payload(product: Built) -> None:
    """Whoever puts an envelope before a payload can see whether they meet."""
    (variant,) = product.plans.calls["messages/list_rooms"].variants

    assert variant.typed is not None
    assert variant.typed.members == ("rooms", "cursor", "total")


def test_typed__list_of_rows__is_one_loop_without_calls() -> None:
    """Rows are filled in place, and what the request says is asked once, in front of the loop."""
    tree = object_of(rows=each(object_of(id=leaf("id"), role=OnlyIf(PLACE, Read(REQUEST, ("roles",)), leaf("role")))))

    _, source = typed(tree)

    assert source.partition("\n\n\n")[2] == (
        "def reshape(here, request, others):\n"
        "    flag = request.get('roles')\n"
        "    listed = []\n"
        "    for item in here.rows or ():\n"
        "        if item is not None:\n"
        "            listed.append(ReplyRows(\n"
        "                item.id,  # area/call.yaml:1\n"
        "                (item.role if flag else UNSET),  # area/call.yaml:1\n"
        "            ))  # area/call.yaml:1\n"
        "    return Reply(\n"
        "        listed,  # area/call.yaml:1\n"
        "    )\n"
    )


@pytest.mark.parametrize(
    ("request_", "row"),
    [({"roles": True}, b'{"id":"1","role":"x"}'), ({"roles": False}, b'{"id":"1"}'), ({}, b'{"id":"1"}')],
)
def test_typed__member_on_request__is_there_or_left_out(request_: dict[str, Any], row: bytes) -> None:
    """As over dicts, a member that was not asked for is not null but absent."""
    tree = object_of(rows=each(object_of(id=leaf("id"), role=OnlyIf(PLACE, Read(REQUEST, ("roles",)), leaf("role")))))

    reply = replied(tree, {"rows": [{"id": "1", "role": "x"}, None]}, **request_)

    assert reply == b'{"rows":[' + row + b"]}"


def test_reshape__value_at_hand_that_is_written_apart__is_left_to_dicts() -> None:
    """Writers of JSON differ about wide numbers: what may be one is looked at before it goes out."""
    tree = object_of(name=leaf("wish", start=REQUEST))

    for value in (1e16, -1e300, float("nan"), 2**63, -(2**64), "\ud800"):
        with pytest.raises(ValueError, match=r".+"):
            replied(tree, {"name": "x"}, wish=value)

    assert replied(tree, {"name": "x"}, wish=[1, 2.5, "é", None, True]) == '{"name":[1,2.5,"é",null,true]}'.encode()


def test_encode__text_that_is_no_unicode__is_the_error_of_dicts() -> None:
    """Whoever encodes knows one error for what JSON cannot hold."""
    found, _ = typed(object_of(name=leaf("name")))

    with pytest.raises(TypeError):
        found.encode("\ud800")


@pytest.mark.parametrize(
    "tree",
    [
        object_of(**{'a"b': leaf("name")}),
        object_of(**{"a\nb": leaf("name")}),
        object_of(name=leaf("nobody_asked")),
        object_of(name=leaf("rows", "id")),
        object_of(name=leaf("name", null=1e16)),
        object_of(name=leaf("name", via=(Table((("a", 2**70),)),))),
        object_of(name=Literal_(PLACE, 1e300)),
        object_of(name=Many(PLACE, Elements(Read(HERE, ("name",)), ()), leaf(), False, None, None, [])),
    ],
)
def test_emit__what_types_cannot_express__is_untyped(tree: Members) -> None:
    """Names that JSON escapes, paths that lead nowhere, literals that are written apart."""
    with pytest.raises(Untyped):
        typed(tree)


def test_typed__object_with_nothing_in_it__is_null_as_over_dicts() -> None:
    """Members that are all left out leave nothing, where a mapping says what nothing becomes."""
    inner = Members(PLACE, (("role", OnlyIf(PLACE, Read(REQUEST, ("roles",)), leaf("name"))),), None, "")

    assert replied(object_of(room=inner), {"name": "x"}) == b'{"room":""}'
    assert replied(object_of(room=inner), {"name": "x"}, roles=True) == b'{"room":{"role":"x"}}'


def test_typed__lists_in_lists_however_deep__are_made() -> None:
    """Python nests so many blocks and no more; what is deeper is no block."""
    shape, node, data = ROW, object_of(id=leaf("id")), dict[str, Any](id="1")
    for _ in range(12):
        shape = Shape("Deep", (("rows", Member("rows", shape, 1)),))
        node, data = object_of(rows=each(node)), {"rows": [data]}

    found, _ = emit_typed(node, Answer(shape, None, ()), "deep")

    raw = orjson.dumps({"data": data})
    assert found.encode(found.reshape(found.decode(raw), {}, {})) == orjson.dumps(data)


def test_reshape__rows_of_both_kinds__are_left_to_dicts(product: Built) -> None:
    """Pages of which one was not clean: its rows are dicts, on which no attribute is ever found; all are read."""
    (variant,) = product.plans.calls["messages/list_rooms"].variants
    assert variant.typed is not None
    clean = {"edges": [{"node": {"id": "1"}}], "pageInfo": None}
    start = variant.typed.decode(orjson.dumps({"data": {"roomList": clean}}))
    start["edges"] = [*start["edges"], {"node": {"id": "2"}}]

    with pytest.raises(AttributeError):
        variant.typed.reshape(start, {}, {})

    assert [room["roomId"] for room in variant.reshape(start, {}, {})["rooms"]] == ["1", "2"]
