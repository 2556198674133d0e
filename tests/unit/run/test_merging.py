"""Several reads in one document: what each is told is what it would have been told alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.compile.build import Built
from app.plan import Question
from app.run.faults import Fault
from app.run.merging import Rider, Share, may_ride, merge, split
from app.schema import load_schema

ONE = "query one($id: ID!) {\n  room(id: $id) {\n    id\n  }\n}"
TWO = "query two {\n  all: roomList {\n    edges {\n      node {\n        id\n      }\n    }\n  }\n}"


def queries(built: Built) -> list[tuple[Question, str]]:
    """Every query of the shipped mappings, with its document."""
    plans = built.plans.calls.values()
    asked = [variant.question for plan in plans for variant in plan.variants]
    asked += [further.question for plan in plans for further in plan.questions]
    return [
        (question, question.render(copies, frozenset(), with_caller=with_caller))
        for question in asked
        if question.kind == "query"
        for copies in {1, min(2, question.most)}
        for with_caller in (False, True)
    ]


def test_may_ride__every_query_of_the_mappings__may(built: Built) -> None:
    """The template's form is the one that is known here."""
    found = queries(built)
    assert len(found) > 100
    assert all(may_ride(document) for _, document in found)


@pytest.mark.parametrize("document", ["mutation m {\n  a\n}", "{\n  a\n}", 'query q {\n  a(b: "$c")\n}', ""])
def test_may_ride__another_form__does_not(document: str) -> None:
    """A write never; nor what could be misread."""
    assert not may_ride(document)


def test_merge__all_documents_in_twelves__are_valid(built: Built, settings: Any) -> None:
    """By the upstream's schema, whatever rides with whatever."""
    schema, _ = load_schema(settings.schema_path)
    assert schema is not None
    documents = sorted({document for _, document in queries(built)})
    for start in range(len(documents)):
        riders = [Rider(documents[(start + step * 7) % len(documents)], {}) for step in range(12)]
        assert list(schema.problems(merge(riders)[0])) == []


def test_merge__two_riders__each_under_its_own_names() -> None:
    """Roots by aliases, variables renamed."""
    document, variables = merge([Rider(ONE, {"id": "a"}), Rider(TWO, {}), Rider(ONE, {"id": "b"})])
    assert document == (
        "query merged($m0_id: ID!, $m2_id: ID!) {\n"
        "  m0_room: room(id: $m0_id) {\n    id\n  }\n"
        "  m1_all: roomList {\n    edges {\n      node {\n        id\n      }\n    }\n  }\n"
        "  m2_room: room(id: $m2_id) {\n    id\n  }\n}"
    )
    assert variables == {"m0_id": "a", "m2_id": "b"}


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
ROOTS = st.text("abcm_012", min_size=1, max_size=6)
FAULTS = st.lists(st.builds(Fault, st.text(max_size=9), st.just(()), st.just("X")), max_size=2)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.dictionaries(ROOTS, VALUES, min_size=1, max_size=3), FAULTS), min_size=1, max_size=12))
def test_split__any_parts__gives_each_its_own(parts: list[tuple[dict[str, Any], list[Fault]]]) -> None:
    """Put together as the upstream does, and taken apart again."""
    data = {f"m{n}_{key}": value for n, (own, _) in enumerate(parts) for key, value in own.items()}
    faults, wanted = list[Fault](), list[Share]()
    for number, (own, said) in enumerate(parts):
        key = next(iter(own))
        faults += [Fault(one.message, (f"m{number}_{key}", 3, "x"), "X") for one in said]
        mine = tuple(Fault(one.message.replace(f"m{number}_", ""), (key, 3, "x"), "X") for one in said)
        wanted.append(Share(own, mine))
    assert split(len(parts), data, faults) == wanted


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (None, []),
        (None, [Fault("scopes", (), "")]),
        ({"m0_room": {}, "m1_room": {}}, [Fault("whose?", (), "")]),
        ({"m0_room": {}, "m1_room": {}}, [Fault("whose?", ("m7_room",), "")]),
        ({"m0_room": {}, "m1_room": {}}, [Fault("whose?", (0,), "")]),
        ({"m0_room": {}}, []),
        ({"m0_room": {}, "m1_room": {}, "other": {}}, []),
    ],
)
def test_split__what_cannot_be_told_apart__is_nobodys(data: dict[str, Any] | None, faults: list[Fault]) -> None:
    """Each asks alone then."""
    assert split(2, data, faults) is None
