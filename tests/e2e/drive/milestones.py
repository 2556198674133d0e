"""Milestones and the work handed in for them: eight contracted calls, each write followed by what must show it.

No call of the old API reads one milestone. What is active is read by the contract; what is gone or paid refuses more.
"""

from typing import Any

from upwork.routers.hr import engagements, milestones, submissions  # type: ignore[import-not-found]

WORK = {"milestone_description": "Made by the SDK", "deposit_amount": "123.45", "due_date": "12-31-2026"}
NOTE = {"note2contractor": "Thank you"}


def drive(client: Any, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    contract = idle_contract(client)
    done: dict[str, Any] = {"contract": contract}
    done |= pay_one(client, contract)
    done |= pay_the_deposit(milestones.Api(client), contract)
    done |= delete_one(client, milestones.Api(client), contract)
    done |= drive_submissions(client, ids)
    done["on_hourly"] = milestones.Api(client).create(WORK | {"contract_reference": ids["contract_id"]})
    return done


def idle_contract(client: Any) -> str:
    """The first open fixed-price contract with no milestone under way, found as an old program would."""
    rows = engagements.Api(client).get_list({"status": "active", "page": "0;100"})["engagements"]["engagement"]
    api = milestones.Api(client)
    for row in rows:
        reference: str = row["reference"]
        is_fixed = row["engagement_job_type"] == "fixed-price" and row["is_paused"] != "1"
        if is_fixed and not api.get_active_milestone(reference).get("milestone"):
            return reference
    raise LookupError("every fixed-price contract has a milestone under way")


def pay_one(client: Any, contract: str) -> dict[str, Any]:
    """A milestone made, changed, funded, and paid with an amount and a bonus."""
    api = milestones.Api(client)
    done: dict[str, Any] = {"create": api.create(WORK | {"contract_reference": contract})}
    milestone = done["create"]["id"]
    done["approve_too_early"] = api.approve(milestone, NOTE | {"amount": "200.00"})
    done["edit"] = api.edit(milestone, {"milestone_description": "Changed", "deposit_amount": "200.00"})
    done["activate"] = api.activate(milestone, {"message": "Please begin"})
    done["after_activate"] = api.get_active_milestone(contract)
    done["approve"] = api.approve(milestone, NOTE | {"amount": "200.00", "bonus": "1.50", "pay_comments": "Well done"})
    done["after_approve"] = api.get_active_milestone(contract)
    done["approve_again"] = api.approve(milestone, NOTE | {"amount": "200.00"})
    return done


def pay_the_deposit(api: Any, contract: str) -> dict[str, Any]:
    """A milestone paid without saying how much."""
    made = api.create(WORK | {"contract_reference": contract})["id"]
    api.activate(made, {})
    return {"whole": made, "approve_whole": api.approve(made, {}), "approve_whole_again": api.approve(made, {})}


def delete_one(client: Any, api: Any, contract: str) -> dict[str, Any]:
    """A milestone deleted, as users of these SDKs do: the router's own method fails before it sends anything."""
    made = api.create(WORK | {"contract_reference": contract})["id"]
    path = f"/hr/v3/fp/milestones/{made}"
    return {"deleted": made, "delete": client.delete(path, {}), "delete_again": client.delete(path, {})}


def drive_submissions(client: Any, ids: dict[str, str]) -> dict[str, Any]:
    """Work handed in, approved and sent back."""
    api, own, other = submissions.Api(client), ids["submission_id"], ids["other_submission_id"]
    work = {"milestone_id": ids["milestone_id"], "note2client": "Here it is", "amount": "10.00"}
    return {
        "submit": api.request_approval(work),
        "approve_submission": api.approve(own, NOTE | {"amount": "50"}),
        "approve_submission_again": api.approve(own, NOTE | {"amount": "50"}),
        "reject_submission": api.reject(other, {"note2contractor": "Please change the last part"}),
        "reject_submission_again": api.reject(other, {"note2contractor": "Please"}),
        "approve_rejected": api.approve(other, NOTE | {"amount": "50"}),
    }
