"""Freelancers through the real SDKs: three calls."""

from __future__ import annotations

import pytest

from tests.e2e.clients import Ids
from tests.e2e.sdk.conftest import Answers, Driven
from tests.e2e.sdk.shapes import Collapsed, OneOf, assert_error, assert_shape, payload_of, texts

MAYBE = OneOf(str, None)
PAGING = {"offset": 2, "count": 5, "total": int}
PROVIDER = texts("id name") | {
    **dict.fromkeys(texts("title description country rate feedback portfolio_items_count portrait_50"), MAYBE),
    **dict.fromkeys(texts("test_passed_count profile_type"), MAYBE),
    "categories2": [str],
    "skills": [str],
    "last_activity": None,
    "member_since": None,
}
BRIEF = texts(
    """
    ciphertext dev_recno_ciphertext dev_short_name dev_profile_title dev_country dev_city dev_timezone dev_eng_skill
    dev_groups dev_is_affiliated dev_adj_score dev_adj_score_recent dev_tot_feedback dev_billed_assignments
    dev_total_hours dev_last_activity dev_last_worked dev_last_worked_ts dev_portfolio_items_count dev_portrait
    dev_portrait_100 dev_portrait_50 dev_portrait_32 dev_ui_profile_access dev_ac_agencies
    """
)
SKILL = texts("skl_name skl_rank skl_has_tests skl_description skl_external_link skl_comment")
SCHOOL = texts("ed_school ed_from ed_to ed_area ed_degree ed_comment")
EXPERIENCE = texts("exp_company exp_title exp_title_raw exp_from exp_to exp_comment")
JOB_CATEGORY = texts("first_level second_level seo_link")
PORTFOLIO_ITEM = texts("pi_recno pi_title pi_description pi_url pi_image pi_thumbnail pi_completed")


def members(name: str, shape: dict[str, type]) -> OneOf:
    """A wrapper around rows that collapse, or the empty text when there is none."""
    return OneOf({name: Collapsed(shape)}, "")


WHOLE = (
    BRIEF
    | texts("dev_first_name dev_last_name dev_recno dev_member_since dev_bill_rate dev_blurb permalink")
    | {
        "skills": members("skill", SKILL),
        "education": members("institution", SCHOOL),
        "experiences": members("experience", EXPERIENCE),
        "job_categories": members("job_category", JOB_CATEGORY),
        "portfolio_items": members("portfolio_item", PORTFOLIO_ITEM),
        "assignments": {"hr": "", "fp": ""},
    }
)


@pytest.fixture(scope="session")
def answers(driven: Driven) -> Answers:
    """What the calls of this area gave."""
    return driven.answers["profiles"]


def test_find__freelancers__are_a_page_of_whole_rows(answers: Answers) -> None:
    """A page of the size that was asked for, with its place and the number of all."""
    payload = payload_of(answers["search"], int)

    assert_shape(payload, {"profile_access": "public", "paging": PAGING, "providers": [PROVIDER]})
    assert len({provider["id"] for provider in payload["providers"]}) == 5
    assert payload["paging"]["total"] > 7


def test_find__include_entities__gives_the_keys_alone(answers: Answers) -> None:
    """The same page as keys."""
    payload = payload_of(answers["search_keys"], int)

    assert_shape(payload, {"profile_access": "public", "paging": PAGING, "providers": [str]})
    assert payload["providers"] == [provider["id"] for provider in answers["search"]["providers"]]


def test_find__no_words__is_refused(answers: Answers) -> None:
    """One of three parameters has to say what is sought."""
    message = "The request does not say what to do: give at least one of 'q', 'title' and 'skills'"
    assert_error(answers["search_without_words"], 400, message)


def test_get_specific__a_key__is_the_whole_profile(answers: Answers, ids: Ids) -> None:
    """The profile of the key, with every section, all leaves texts."""
    payload = payload_of(answers["profile"])

    assert_shape(payload, {"profile": WHOLE})
    assert payload["profile"]["ciphertext"] == ids.values["profile_key"]
    assert payload["profile"]["dev_first_name"] != ""
    assert isinstance(payload["profile"]["skills"]["skill"], list)


def test_get_specific__two_keys__are_both_profiles_in_order(answers: Answers, ids: Ids) -> None:
    """Keys joined by a semicolon: a list under another name, in the order asked for."""
    payload = payload_of(answers["profiles"])

    assert_shape(payload, {"profiles": {"profile": [WHOLE]}})
    first, second = payload["profiles"]["profile"]
    assert (first["ciphertext"], second["ciphertext"]) == (ids.values["profile_key"], answers["other"])
    assert first == answers["profile"]["profile"]


def test_get_specific_brief__a_key__is_a_part_of_the_profile(answers: Answers) -> None:
    """The summary has the values of the whole."""
    payload = payload_of(answers["brief"])

    assert_shape(payload, {"profile": BRIEF})
    whole = answers["profile"]["profile"]
    assert payload["profile"] == {name: whole[name] for name in BRIEF}


def test_get_specific_brief__two_keys__are_both_summaries(answers: Answers) -> None:
    """Several keys at once, as for the whole profile."""
    payload = payload_of(answers["briefs"])

    assert_shape(payload, {"profiles": {"profile": [BRIEF]}})
    wholes = answers["profiles"]["profiles"]["profile"]
    assert payload["profiles"]["profile"] == [{name: whole[name] for name in BRIEF} for whole in wholes]
