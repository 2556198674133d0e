"""Contracts through the real SDKs: two calls."""

from __future__ import annotations

from tests.e2e.clients import Ids
from tests.e2e.sdk.conftest import Answers
from tests.e2e.sdk.shapes import assert_shape, payload_of, texts

LISTER = {
    "paging": {"count": "5", "offset": "0"},
    "query": "",
    "sort": "",
    "total_count": str,
    "total_items": "5",
}
ENGAGEMENT = texts(
    """
    reference parent_reference status engagement_title engagement_job_type isfp2 job__reference job__title
    job_posting_uid job_ref_ciphertext category_uid job_application_ref cj_job_application_uid
    offer__reference offer_id created_time modified_time engagement_start_date engagement_start_ts
    first_engagement_start_ts engagement_end_date engagement_end_ts estimated_duration estimated_duration_id
    provider__has_agency provider__id provider__reference provider_team__id provider_team__reference
    buyer_team__id buyer_team__reference freelancer_title freelancer_country hourly_charge_rate
    weekly_hours_limit weekly_salary_charge_amount weekly_stipend_hours is_paused is_last is_fls
    manual_time_allowed hide_screenshots downsample_screenshots active_milestone dev_recno_ciphertext
    fixed_charge_amount_agreed
    """
)


def test_get_list__engagements__have_the_lister_and_whole_rows(answers: dict[str, Answers]) -> None:
    """Five rows of texts; the lister counts them, and all there are."""
    payload = payload_of(answers["contracts"]["engagements"])

    assert_shape(payload, {"engagements": {"lister": LISTER, "engagement": [ENGAGEMENT]}})
    assert len(payload["engagements"]["engagement"]) == 5
    assert int(payload["engagements"]["lister"]["total_count"]) > 50


def test_get_specific__engagement__is_that_one(answers: dict[str, Answers], ids: Ids) -> None:
    """The engagement with the reference that was asked for, all of its members texts."""
    payload = payload_of(answers["contracts"]["engagement"])

    assert_shape(payload, {"engagement": ENGAGEMENT})
    assert payload["engagement"]["reference"] == ids.values["engagement_reference"]
