"""Metadata through the real SDKs: five contracted calls, and the older list of skills."""

from __future__ import annotations

import pytest

from tests.e2e.sdk.conftest import Answers, Driven
from tests.e2e.sdk.shapes import assert_error, assert_shape, payload_of, texts

ENTRY = texts("title id")


@pytest.fixture(scope="session")
def answers(driven: Driven) -> Answers:
    """What the calls of this area gave."""
    return driven.answers["metadata"]


def test_get_categories_v2__all__have_topics(answers: Answers) -> None:
    """A list of categories, each with its own topics."""
    payload = payload_of(answers["categories"], int)

    assert_shape(payload, {"categories": [ENTRY | {"topics": [ENTRY]}]})
    assert len(payload["categories"]) > 5
    assert all(category["topics"] for category in payload["categories"])


def test_get_skills_v2__a_page__is_that_part_of_the_list(answers: Answers) -> None:
    """A list of names; the page begins where it says, in the order of the whole."""
    payload = payload_of(answers["skills"], int)

    assert_shape(payload, {"skills": [str]})
    assert len(payload["skills"]) == 10
    assert payload["skills"] == answers["skills_from_the_start"]["skills"][5:]


def test_get_skills_v2__no_page__is_the_list_from_its_start(answers: Answers) -> None:
    """The SDKs of Node, and the oldest of Python, have no parameters here: their users got the whole list."""
    payload = payload_of(answers["skills_without_a_page"], int)

    assert_shape(payload, {"skills": [str]})
    assert len(payload["skills"]) > 50
    assert payload["skills"][:15] == answers["skills_from_the_start"]["skills"]


def test_get_skills__version_1__are_names_of_the_time(answers: Answers) -> None:
    """The older list has all skills at once, in the words that profiles use."""
    payload = payload_of(answers["skills_v1"], int)

    assert_shape(payload, {"skills": [str]})
    assert len(payload["skills"]) > 50
    assert {"django", "html5"} <= set(payload["skills"])


def test_get_specialties__all__are_the_topics_of_the_categories(answers: Answers) -> None:
    """Without a topic, the specialties of all categories."""
    payload = payload_of(answers["specialties"], int)

    assert_shape(payload, {"specialties": [ENTRY]})
    categories = answers["categories"]["categories"]
    assert payload["specialties"] == [topic for category in categories for topic in category["topics"]]


def test_get_regions__all__have_alias_and_title(answers: Answers) -> None:
    """A list of regions, each once."""
    payload = payload_of(answers["regions"], int)

    assert_shape(payload, {"regions": [texts("alias title")]})
    assert len({region["alias"] for region in payload["regions"]}) == len(payload["regions"]) > 10


def test_get_reasons__of_a_kind__are_rows_of_three(answers: Answers) -> None:
    """A reason is a row: id, words, alias."""
    payload = payload_of(answers["reasons"], int)

    assert_shape(payload, {"reasons": [[str]]})
    assert [len(row) for row in payload["reasons"]] == [3] * len(payload["reasons"]) != []
    assert all(row[0].isdecimal() for row in payload["reasons"])


def test_get_reasons__without_a_kind__is_refused(answers: Answers) -> None:
    """The kind is required; the answer names it."""
    assert_error(answers["reasons_without_a_type"], 400, "Parameter 'type' is required")
