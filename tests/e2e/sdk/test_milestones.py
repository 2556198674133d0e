"""Milestones, submissions and payments through the real SDKs: nine calls that move money, each carried out once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.clients import Ids
from tests.e2e.drive.calls import BATCH
from tests.e2e.sdk.conftest import Answers, Driven, other_submission
from tests.e2e.sdk.shapes import assert_error, assert_shape, is_refused, payload_of

DONE = {"message": "OK"}
PAID = """{
  organization {
    clientOffers(
      pagination: {first: 50, after: "0"}
      offerByClientFilter: {offerType_any: [FixedPrice], commonFilter: {states_any: [Active, Paused]}}
    ) { edges { node { contract { milestones {
      id state paid { rawValue } bonus { rawValue } submissionEvents { submission { id } }
    } } } } }
  }
}"""
REFUSED = "The upstream refused a parameter's value"
WAITS_NO_MORE = "There is no such submission that waits for approval"


@pytest.fixture(scope="session")
def answers(driven: Driven) -> Answers:
    """What the calls of milestones and submissions gave."""
    return driven.answers["milestones"]


@pytest.fixture(scope="session")
def milestones(driven: Driven, ids: Ids) -> dict[str, dict[str, Any]]:
    """The milestones of the company as the upstream has them after all, by id: no legacy call tells what was paid."""
    edges = driven.steering.ask(ids.token, PAID)["organization"]["clientOffers"]["edges"]
    return {one["id"]: one for edge in edges for one in edge["node"]["contract"]["milestones"]}


def money(milestone: dict[str, Any]) -> tuple[str, str, str]:
    """Its state, what was paid, and the bonus, in dollars."""
    return milestone["state"], milestone["paid"]["rawValue"], milestone["bonus"]["rawValue"]


def test_create__then_activated__is_the_active_milestone_of_the_contract(answers: Answers) -> None:
    """The id stands at the top; changed and funded, the contract's active milestone is that one, as changed."""
    payload = payload_of(answers["create"], int)

    assert_shape(payload, {"id": str})
    assert (payload_of(answers["edit"], int), payload_of(answers["activate"], int)) == (DONE, DONE)
    assert payload_of(answers["after_activate"], int)["milestone"] == {
        "id": payload["id"],
        "contract_reference": answers["contract"],
        "milestone_description": "Changed",
        "deposit_amount": "200",
        "due_date": "2026-12-31T00:00:00.000Z",
        "state": "Active",
    }


def test_create__on_an_hourly_contract__is_refused(answers: Answers) -> None:
    """Hourly contracts have no milestones."""
    assert_error(answers["on_hourly"], 400, REFUSED)


def test_approve__an_amount__is_paid_once_and_no_more_active(
    answers: Answers, milestones: dict[str, dict[str, Any]]
) -> None:
    """Before it is funded it cannot be paid; afterwards the cents are paid, and a second approval is refused."""
    assert_error(answers["approve_too_early"], 400, REFUSED)
    assert payload_of(answers["approve"], int) == DONE
    assert payload_of(answers["after_approve"], int) == {"milestone": None}
    assert_error(answers["approve_again"], 400, REFUSED)
    assert money(milestones[answers["create"]["id"]]) == ("Paid", "200", "1.5")


def test_approve__no_amount__pays_the_whole_deposit_once(
    answers: Answers, milestones: dict[str, dict[str, Any]]
) -> None:
    """What was deposited is looked up, and paid to the cent."""
    assert payload_of(answers["approve_whole"], int) == DONE
    assert is_refused(answers["approve_whole_again"])
    assert money(milestones[answers["whole"]]) == ("Paid", "123.45", "0")


def test_delete__then_again__is_gone(answers: Answers, milestones: dict[str, dict[str, Any]]) -> None:
    """Deleted, by most SDKs with an override in the body of a POST; a second time there is nothing."""
    assert payload_of(answers["delete"], int) == DONE
    assert_error(answers["delete_again"], 404, "The requested object was not found")
    assert answers["deleted"] not in milestones
    assert answers["whole"] in milestones


def test_request_approval__work__is_answered_as_not_possible(answers: Answers) -> None:
    """The upstream has nothing for it: the answer says so, with the status that is documented."""
    message = "This call cannot be served: the upstream has no mutation for submitting work; it is done on the website"
    assert_error(answers["submit"], 501, message)


def test_approve__submission__is_paid_once(answers: Answers, milestones: dict[str, dict[str, Any]], ids: Ids) -> None:
    """The milestone of the submission is paid what was said; then it waits no more."""
    assert payload_of(answers["approve_submission"], int) == DONE
    assert_error(answers["approve_submission_again"], 404, WAITS_NO_MORE)
    assert money(milestone_of(milestones, ids.values["submission_id"])) == ("Paid", "50", "0")


def test_reject__submission__is_sent_back_and_not_paid(
    answers: Answers, milestones: dict[str, dict[str, Any]], ids: Ids
) -> None:
    """Sent back once; what was sent back can be neither sent back again nor approved as a submission."""
    assert payload_of(answers["reject_submission"], int) == DONE
    assert_error(answers["reject_submission_again"], 400, REFUSED)
    assert_error(answers["approve_rejected"], 404, WAITS_NO_MORE)
    assert money(milestone_of(milestones, other_submission(ids))) == ("Rejected", "0", "0")


def milestone_of(milestones: dict[str, dict[str, Any]], submission: str) -> dict[str, Any]:
    """The milestone that a submission was handed in for."""
    return next(
        one
        for one in milestones.values()
        if submission in {event["submission"]["id"] for event in one["submissionEvents"]}
    )


def test_submit_bonus__then_without_an_amount__is_paid_once(driven: Driven) -> None:
    """The answer has the payment's reference; a request without an amount is refused, and nothing is sent."""
    payload = payload_of(driven.answers["payments"]["pay"])

    assert_shape(payload, {"adjustment": {"reference": str}})
    assert payload["adjustment"]["reference"].isdecimal()
    message = "The request does not say what to do: give either 'charge_amount' or 'amount'"
    assert_error(driven.answers["payments"]["pay_nothing"], 400, message)


def test_all_writes__counted_by_the_upstream__are_those_that_were_answered_as_done(driven: Driven) -> None:
    """Nothing was carried out twice, and nothing that was refused."""
    assert driven.mutations == {
        "createMilestoneV2": 3,
        "editMilestone": 1,
        "activateMilestone": 2,
        "approveMilestone": 3,
        "deleteMilestone": 1,
        "rejectSubmittedMilestone": 1,
        "sendCustomPayment": 1,
        "addTeamActivity": 2,
        # Two of them put the address on a new activity.
        "updateTeamActivity": 3,
        "assignTeamActivityToTheContract": 2,
        "archiveTeamActivity": 1,
        "unarchiveTeamActivity": 1,
        "createRoomV2": 2,
        # A batch is one message to each of two rooms.
        "createRoomStoryV2": 1 if BATCH in driven.sdk.lacks else 3,
        "updateRoomV2": 2,
        "archiveRoom": 1,
    }
