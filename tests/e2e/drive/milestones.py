"""Milestones and the work handed in for them: eight contracted calls, each write followed by what must show it.

No call of the old API reads one milestone. What is active is read by the contract; what is gone or paid refuses more.
"""

from typing import Any

from tests.e2e.drive.speaker import Speaker

WORK = {"milestone_description": "Made by the SDK", "deposit_amount": "123.45", "due_date": "12-31-2026"}
NOTE = {"note2contractor": "Thank you"}


def drive(call: Speaker, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    contract = idle_contract(call)
    done: dict[str, Any] = {"contract": contract}
    done |= pay_one(call, contract)
    done |= pay_the_deposit(call, contract)
    done |= delete_one(call, contract)
    done |= drive_submissions(call, ids)
    done["on_hourly"] = call("hr.milestones.create", WORK | {"contract_reference": ids["contract_id"]})
    return done


def idle_contract(call: Speaker) -> str:
    """The first open fixed-price contract with no milestone under way, found as an old program would."""
    listed = call("hr.engagements.get_list", {"status": "active", "page": "0;100"})
    for row in listed["engagements"]["engagement"]:
        reference: str = row["reference"]
        is_fixed = row["engagement_job_type"] == "fixed-price" and row["is_paused"] != "1"
        if is_fixed and not call("hr.milestones.get_active_milestone", reference).get("milestone"):
            return reference
    raise LookupError("every fixed-price contract has a milestone under way")


def pay_one(call: Speaker, contract: str) -> dict[str, Any]:
    """A milestone made, changed, funded, and paid with an amount and a bonus."""
    done: dict[str, Any] = {"create": call("hr.milestones.create", WORK | {"contract_reference": contract})}
    milestone = done["create"]["id"]
    change = {"milestone_description": "Changed", "deposit_amount": "200.00"}
    money = {"amount": "200.00", "bonus": "1.50", "pay_comments": "Well done"}
    done["approve_too_early"] = call("hr.milestones.approve", milestone, NOTE | {"amount": "200.00"})
    done["edit"] = call("hr.milestones.edit", milestone, change)
    done["activate"] = call("hr.milestones.activate", milestone, {"message": "Please begin"})
    done["after_activate"] = call("hr.milestones.get_active_milestone", contract)
    done["approve"] = call("hr.milestones.approve", milestone, NOTE | money)
    done["after_approve"] = call("hr.milestones.get_active_milestone", contract)
    done["approve_again"] = call("hr.milestones.approve", milestone, NOTE | {"amount": "200.00"})
    return done


def pay_the_deposit(call: Speaker, contract: str) -> dict[str, Any]:
    """A milestone paid without saying how much."""
    made = call("hr.milestones.create", WORK | {"contract_reference": contract})["id"]
    call("hr.milestones.activate", made, {})
    return {
        "whole": made,
        "approve_whole": call("hr.milestones.approve", made, {}),
        "approve_whole_again": call("hr.milestones.approve", made, {}),
    }


def delete_one(call: Speaker, contract: str) -> dict[str, Any]:
    """A milestone deleted, and once more."""
    made = call("hr.milestones.create", WORK | {"contract_reference": contract})["id"]
    return {
        "deleted": made,
        "delete": call("hr.milestones.delete", made),
        "delete_again": call("hr.milestones.delete", made),
    }


def drive_submissions(call: Speaker, ids: dict[str, str]) -> dict[str, Any]:
    """Work handed in, approved and sent back."""
    own, other = ids["submission_id"], ids["other_submission_id"]
    work = {"milestone_id": ids["milestone_id"], "note2client": "Here it is", "amount": "10.00"}
    back = {"note2contractor": "Please change the last part"}
    return {
        "submit": call("hr.submissions.request_approval", work),
        "approve_submission": call("hr.submissions.approve", own, NOTE | {"amount": "50"}),
        "approve_submission_again": call("hr.submissions.approve", own, NOTE | {"amount": "50"}),
        "reject_submission": call("hr.submissions.reject", other, back),
        "reject_submission_again": call("hr.submissions.reject", other, {"note2contractor": "Please"}),
        "approve_rejected": call("hr.submissions.approve", other, NOTE | {"amount": "50"}),
    }
