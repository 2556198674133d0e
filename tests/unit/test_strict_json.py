"""JSON as callers may send it: what is lost, or breaks something later, is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.emitted import held
from app.errors import RequestError
from app.strict_json import DEEPEST, BadJson, read_json


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not well-formed JSON"),
        ("{'a': 1}", "is not well-formed JSON"),
        ('{"a": NaN}', "is not well-formed JSON"),
        ('{"a": 1e999}', "is not well-formed JSON"),
        ('"\\ud800"', "is not well-formed JSON"),
        ('{"a": 1, "b": 2, "a": 1}', "has 'a' twice"),
        ('[{"x": {"a": 1, "a": 2}}]', "has 'a' twice"),
        ('{"a": 1, "\\u0061": 2}', "has 'a' twice"),
        ('"a\\u0000b"', "holds a null character"),
        ('{"a": [{"b\\u0000": 1}]}', "holds a null character"),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "is nested deeper than 16 levels"),
        ('{"a": ' + "[" * 1000 + "]" * 1000 + ', "a": 1}', "is nested deeper than 16 levels"),
        ("[" * 100_000 + "]" * 100_000, "is not well-formed JSON"),
    ],
)
def test_read_json__what_is_not_taken__says_why(text: str, problem: str) -> None:
    """Each fault is told as what it is."""
    with pytest.raises(BadJson) as caught:
        read_json(text)

    assert str(caught.value) == problem


def test_read_json__as_deep_as_it_may_be__is_read() -> None:
    """The limit itself is within it."""
    text = "[" * DEEPEST + "]" * DEEPEST

    assert read_json(text) == json.loads(text)


LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
)  # fmt: skip


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text("ab"), inner), max_leaves=8))
def test_read_json__anything_sound__is_what_it_says(value: object) -> None:
    """Nothing of a sound text is lost or refused."""
    try:
        assert read_json(json.dumps(value)) == value
    except BadJson as problem:
        assert "deeper" in str(problem)


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', '{"a": "\\u0000"}', '{"a": "\\ud800"}', '{"a": ' + "[" * 40 + "]" * 40]
)
def test_held__json_text_of_a_parameter__is_held_to_the_same(text: str) -> None:
    """A message wrapped in a parameter is read as strictly as a body."""
    with pytest.raises(RequestError, match="Parameter 'story' must be a JSON object: it "):
        held(("story",), {"story": text})
