"""Work diaries and snapshots through the real SDKs: three calls."""

from __future__ import annotations

import pytest

from tests.e2e.clients import Ids
from tests.e2e.sdk.conftest import Answers, Driven
from tests.e2e.sdk.shapes import MapOf, OneOf, assert_error, assert_shape, payload_of, texts

FLAG = OneOf("0", "1")
FLAGS = {"hide_screenshots": FLAG, "downsample_screenshots": FLAG}
PICTURES = texts(
    """
    screenshot_url screenshot_img screenshot_img_lrg screenshot_img_med screenshot_img_thmb webcam_url webcam_img
    webcam_img_thmb
    """
) | {"has_screenshot": FLAG, "has_webcam": FLAG, "flags": FLAGS}
ROW = texts("contract_id user_id duration snapshot_api last_worked_snapshot_api") | {
    "duration_int": int,
    "task": texts("id code description memo"),
    "time": {
        "tracked_time": int,
        "manual_time": int,
        "overtime": int,
        "first_worked": str,
        "last_worked": str,
        "first_worked_int": int,
        "last_worked_int": int,
        # Nothing was photographed while time was entered by hand.
        "last_screenshot": OneOf(int, ""),
    },
    "screenshots": [PICTURES | {"activity": int}],
}
CELL = PICTURES | texts(
    "cell_time snapshot_time time activity memo mouse_events_count keyboard_events_count active_window_title"
)
USER = texts("uid first_name last_name portrait_url timezone_offset archiving_time")
SNAPSHOT = texts(
    """
    contractId uid companyId teamName status memo activeWindowTitle screenshotUrl screenshotImg screenshotImgLrg
    screenshotImgMed screenshotImgThmb webcamUrl webcamImg webcamImgThmb workdiary_api
    """
) | {
    "time": int,
    "task": OneOf(texts("id description"), None),
    "mouseEventsCount": int,
    "keyboardEventsCount": int,
    "minutes": [{"time": int, "mouse": int, "keyboard": int}],
    "hasScreenshot": FLAG,
    "hasCamerashot": FLAG,
}


@pytest.fixture(scope="session")
def answers(driven: Driven) -> Answers:
    """What the calls of this area gave."""
    return driven.answers["diaries"]


def test_get_workdiary__of_a_company__has_each_contract_and_user_once(answers: Answers, ids: Ids) -> None:
    """The rows name contracts and users; what these are stands once, under their ids."""
    payload = payload_of(answers["company"], int)

    data = {
        "total": int,
        "contracts": MapOf(texts("user_id contract_title")),
        "users": MapOf(texts("name portrait_url")),
        "snapshots": [ROW],
    }
    assert_shape(payload, {"data": data})
    found = payload["data"]
    assert found["total"] == len(found["snapshots"]) > 50
    assert {row["contract_id"] for row in found["snapshots"]} == set(found["contracts"])
    assert {row["user_id"] for row in found["snapshots"]} == set(found["users"])
    assert ids.values["contract_id"] in found["contracts"]


def test_get_workdiary__a_page__is_the_beginning(answers: Answers) -> None:
    """Three rows of the day, of the same total."""
    whole, page = answers["company"]["data"], payload_of(answers["company_page"], int)["data"]

    assert page["snapshots"] == whole["snapshots"][:3]
    assert page["total"] == whole["total"]


def test_get_by_contract__a_day__has_cells_in_order(answers: Answers, ids: Ids) -> None:
    """Whose diary it is, and a cell for each ten minutes, all texts."""
    payload = payload_of(answers["contract"], int)

    cell = CELL | {"task": OneOf(texts("id description"), "")}
    contract = {"record_id": ids.values["contract_id"]}
    assert_shape(payload, {"data": {"contract": contract, "user": USER, "cells": [cell]}})
    times = [int(one["cell_time"]) for one in payload["data"]["cells"]]
    assert times == sorted(set(times)) != []
    assert {time % 600 for time in times} == {0}


def test_get_by_contract__offset_of_server_time__is_the_same_day(answers: Answers) -> None:
    """An offset of nothing changes nothing."""
    assert payload_of(answers["contract_offset"], int) == payload_of(answers["contract"], int)


def test_get_by_contract__snapshot__is_that_of_the_diary(answers: Answers, ids: Ids) -> None:
    """The snapshot of a moment has the diary's counts, and one entry a minute that add up to them."""
    payload = payload_of(answers["snapshot"], int)

    assert_shape(payload, {"snapshot": SNAPSHOT})
    snapshot = payload["snapshot"]
    assert (snapshot["contractId"], str(snapshot["time"])) == (ids.values["contract_id"], ids.values["timestamp"])
    assert sum(minute["mouse"] for minute in snapshot["minutes"]) == snapshot["mouseEventsCount"]
    cells = answers["contract"]["data"]["cells"]
    (cell,) = [one for one in cells if one["snapshot_time"] == ids.values["timestamp"]]
    assert (cell["mouse_events_count"], cell["memo"]) == (str(snapshot["mouseEventsCount"]), snapshot["memo"])


def test_get_by_contract__no_snapshot_at_that_moment__is_not_found(answers: Answers) -> None:
    """Nothing there is told as such."""
    assert_error(answers["no_snapshot"], 404, "There is no snapshot at that moment")
