"""An object of an answer with a type of its own, read and written as a dict is."""

from __future__ import annotations

from typing import Any

import pytest

from app.answered import Answered
from app.compile.shapes import Member, Shape, answer_type, attributes_of
from app.emitted import apart, dig, is_nothing, values_at


def made(**members: Any) -> Answered:
    """An object of which these members were selected."""
    attributes = attributes_of(members)
    shape = Shape("Made", tuple((name, Member(attribute)) for name, attribute in attributes.items()))
    return answer_type(shape)(**{attributes[name]: value for name, value in members.items()})


@pytest.mark.parametrize(
    "name", ["id", "get", "get_", "class", "__typename", "_id", "_", "__init__", "values", "items"]
)
def test_answered__any_name_of_a_field__is_read_and_written_by_it(name: str) -> None:
    """Words of Python and of the class itself are names like others upstream."""
    found = made(**{"get": 1, "class": 2, name: 3})

    found[name] = 4

    assert (found.get(name), found[name]) == (4, 4)
    assert found.get("class") == (4 if name == "class" else 2)


def test_answered__name_that_was_not_selected__is_null_and_dropped() -> None:
    """As a dict has nothing under it; what is written there nobody reads."""
    found = made(id="1")

    found["apart_rows"] = [1]

    assert found.get("apart_rows") is None
    with pytest.raises(KeyError):
        found["apart_rows"]
    with pytest.raises(AttributeError):
        _ = found.apart_rows  # type: ignore[attr-defined]


def test_answered__words_that_read_dicts__read_it() -> None:
    """Pages, needs, filters and searches do not know what an answer was read into."""
    rows = [made(id="1"), None, made(id="2")]
    found = made(rows=rows, room=made(id="3"))

    assert dig(found, "room", "id") == "3"
    assert values_at(found, "rows", "id") == ["1", "2"]
    assert apart(rows, 2).get("id") == "2"
    assert not is_nothing(found)
    assert found.values() == [rows, found.get("room")]


def test_attributes_of__names_that_would_meet__stay_apart() -> None:
    """Each name has an attribute of its own, and most have their own name."""
    found = attributes_of(["get", "get_", "typename", "__typename", "_", "__", "_1", "id"])

    assert len(set(found.values())) == len(found)
    assert (found["id"], found["typename"], found["get_"]) == ("id", "typename", "get_")
    assert all(attribute.isidentifier() and not attribute.startswith("_") for attribute in found.values())
