"""Contracts, seen through the old `Contract` and the newer `ContractDetails`, with their terms.

`Contract.id` is the id of the latest term, `ContractDetails.id` the contract's own; either finds the contract.
"""

from typing import Any

from app.sandbox.instants import iso_z, read_instant
from app.sandbox.money import money
from app.sandbox.records.work import Contract
from app.sandbox.refusals import Forbidden, NotFound, WrongInput
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.resolvers.jobs import estimated_duration

contracts = FieldTable()

_TERM_TYPES = "HourlyContractTerm FixedPriceContractTerm StipendContractTerm"


def _proposal(contract: Contract, call: Call) -> Any:
    return call.world.proposals.get(call.world.offer_of(contract).proposal_id or "")


contracts.reads(
    "Contract ContractDetails",
    offer=lambda contract, call: call.world.offer_of(contract),
    job=lambda contract, call: call.world.postings[call.world.offer_of(contract).posting_id],
)
contracts.reads(
    "Contract",
    id=lambda contract, _: contract.terms[-1].id,
    termId=lambda contract, _: contract.terms[-1].id,
    contractId=lambda contract, _: contract.id,
    contractType=lambda contract, call: call.world.offer_of(contract).work_type,
    hasAgency=lambda contract, call: call.world.offer_of(contract).agency_id is not None,
    clientProposal=_proposal,
    vendorProposal=_proposal,
    weeklyChargeAmount=lambda contract, _: money(contract.terms[-1].stipend),
    weeklyHoursLimit=lambda contract, _: _weekly_hours(contract),
    hourlyChargeRate=lambda contract, _: money(contract.terms[-1].rate),
    createdDateTime=lambda contract, _: iso_z(contract.created),
    firstContractStartDateTime=lambda contract, _: iso_z(contract.started),
    modifiedDateTime=lambda contract, _: iso_z(contract.modified),
    startDateTime=lambda contract, _: iso_z(contract.terms[-1].started),
    endDateTime=lambda contract, _: iso_z(contract.ended),
    manualTimeAllowed=lambda contract, _: contract.terms[-1].manual_time_allowed,
    hideScreenshots=lambda contract, _: contract.hides_screenshots,
    last=lambda *_: True,
    weeklyStipendHours=lambda contract, _: contract.terms[-1].stipend_hours,
    estimatedDuration=lambda contract, call: estimated_duration(
        call.world.postings[call.world.offer_of(contract).posting_id]
    ),
    suspended=lambda *_: False,
    freelancer=lambda contract, call: call.world.profiles.get(call.world.offer_of(contract).freelancer_id),
    paused=lambda contract, _: contract.status == "PAUSED",
    clientCompany=lambda contract, call: call.world.organizations[call.world.offer_of(contract).client_id],
    milestones=lambda contract, call: [call.world.milestones[one] for one in contract.milestone_ids],
    feedback=lambda contract, _: _feedback(contract),
)
contracts.reads(
    "ContractDetails",
    closingReason=lambda contract, _: _closing_reason(contract),
    deliveryModel=lambda *_: "TALENT_MARKETPLACE",
    isPtc=lambda *_: False,
    createDate=lambda contract, _: iso_z(contract.created),
    modifyDate=lambda contract, _: iso_z(contract.modified),
    startDate=lambda contract, _: iso_z(contract.started),
    endDate=lambda contract, _: iso_z(contract.ended),
    freelancer=lambda contract, call: call.world.users[call.world.offer_of(contract).freelancer_id],
    vendorOrganization=lambda contract, call: call.world.organizations[call.world.offer_of(contract).vendor_id],
    vendorTeam=lambda contract, call: call.world.organizations[call.world.offer_of(contract).vendor_id],
    clientOrganization=lambda contract, call: call.world.organizations[call.world.offer_of(contract).client_id],
    clientTeam=lambda contract, call: call.world.organizations[call.world.offer_of(contract).team_id],
    hiringManager=lambda contract, call: call.world.users[call.world.offer_of(contract).contact_id],
    supervisor=lambda contract, call: call.world.users[call.world.offer_of(contract).contact_id],
    changingUserType=lambda *_: "CLIENT",
    changedBy=lambda contract, call: call.world.users[call.world.offer_of(contract).contact_id],
    endedBy=lambda contract, call: (
        call.world.users[call.world.offer_of(contract).contact_id] if contract.ended else None
    ),
    metadata=lambda contract, call: {"agencyContract": call.world.offer_of(contract).agency_id is not None},
    hourlyLimits=lambda contract, _: contract.limits,
    terms=lambda contract, _: {
        "fixedPriceTerms": [(contract, term) for term in contract.terms if term.fixed is not None],
        "hourlyTerms": [(contract, term) for term in contract.terms if term.rate is not None],
        "stipendTerms": [(contract, term) for term in contract.terms if term.stipend is not None],
    },
)
contracts.reads(
    "HourlyLimit",
    weeklyLimit=lambda limit, _: str(limit.hours),
    createDate=lambda limit, _: iso_z(limit.created),
    modifyDate=lambda limit, _: iso_z(limit.created),
    startDate=lambda limit, _: iso_z(limit.created),
    endDate=lambda limit, _: iso_z(limit.ended),
    legacyId=lambda limit, _: int(limit.id),
)
contracts.reads(
    _TERM_TYPES,
    id=lambda pair, _: pair[1].id,
    createDate=lambda pair, _: iso_z(pair[1].started),
    modifyDate=lambda pair, _: iso_z(pair[0].modified),
    changeDate=lambda pair, _: iso_z(pair[0].modified),
    createdBy=lambda pair, call: call.world.users[call.world.offer_of(pair[0]).contact_id],
    changedBy=lambda pair, call: call.world.users[call.world.offer_of(pair[0]).contact_id],
    creatorUserType=lambda *_: "CLIENT",
    changingUserType=lambda *_: "CLIENT",
    startDate=lambda pair, _: iso_z(pair[1].started),
    endDate=lambda pair, _: iso_z(pair[1].ended),
    jobType=lambda pair, call: call.world.offer_of(pair[0]).work_type,
)
contracts.reads(
    "HourlyContractTerm",
    hourlyRate=lambda pair, _: money(pair[1].rate),
    manualTimeAllowed=lambda pair, _: pair[1].manual_time_allowed,
)
contracts.reads(
    "FixedPriceContractTerm",
    fpCharge=lambda pair, call: _charged(pair[0], call),
    fixedAmount=lambda pair, _: money(pair[1].fixed),
    isFP2=lambda *_: True,
    milestones=lambda pair, call: [call.world.milestones[one] for one in pair[0].milestone_ids],
)
contracts.reads(
    "StipendContractTerm",
    minGuaranteedHours=lambda pair, _: str(pair[1].stipend_hours),
    stipendAmount=lambda pair, _: money(pair[1].stipend),
)


@contracts.field("Query", "contract")
def contract_by_id(_: None, call: Call, id_: str) -> Contract:
    """The contract of a term, in the old form."""
    return own_contract(call, id_)


@contracts.field("Query", "contractByTerm")
@contracts.field("Query", "contractTerm")
def contract_by_term(_: None, call: Call, term_id: str, date: str | None = None) -> Contract:
    """The contract of a term; `date` has to be a day or an instant with an offset."""
    _check_date(date)
    return own_contract(call, term_id)


@contracts.field("Query", "contractDetails")
def contract_details(_: None, call: Call, id_: str, date: str | None = None) -> Contract:
    """The contract of an id, which may be a term's."""
    _check_date(date)
    return own_contract(call, id_)


@contracts.field("Query", "contractList")
def contract_list(_: None, call: Call, ids: list[str] | None = None) -> dict[str, Any]:
    """Contracts by their ids; those that are not the caller's are missing."""
    found = [call.world.contracts_by_term.get(one) for one in ids or []]
    return {"contracts": [contract for contract in found if contract and is_party(call, contract)]}


@contracts.field("Query", "vendorContracts")
def vendor_contracts(
    _: None, call: Call, filter_: dict[str, Any], options: Any = None, paging: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A freelancer's contracts with the caller's organization."""
    statuses = filter_.get("contract_statuses") or ["ACTIVE", "CLOSED", "PAUSED"]
    found = [
        contract
        for contract in call.world.contracts.values()
        if call.world.offer_of(contract).freelancer_id == filter_["vendor_id"]
        and is_party(call, contract)
        and contract.status in statuses
    ]
    limit, offset = (paging or {}).get("limit") or 20, (paging or {}).get("offset") or 0
    return {"paging": {"limit": limit, "offset": offset}, "contracts": found[offset : offset + limit]}


def own_contract(call: Call, sought: str) -> Contract:
    """Give a contract by its own id or a term's; raises NotFound, or Forbidden if it is not the caller's."""
    contract = call.world.contracts_by_term.get(sought)
    if contract is None:
        raise NotFound("Contract", sought)
    if not is_party(call, contract):
        raise Forbidden
    return contract


def is_party(call: Call, contract: Contract) -> bool:
    """Say whether the caller's organization is the client or the vendor of a contract."""
    offer = call.world.offer_of(contract)
    return call.company_id in (offer.client_id, call.world.organizations[offer.vendor_id].root_id)


def _check_date(text: str | None) -> None:
    try:
        if text:
            read_instant(text)
    except ValueError:
        raise WrongInput("date") from None


def _weekly_hours(contract: Contract) -> float | None:
    return float(contract.limits[-1].hours) if contract.limits else None


def _charged(contract: Contract, call: Call) -> Any:
    milestones = [call.world.milestones[one] for one in contract.milestone_ids]
    return money(sum(milestone.paid + milestone.bonus for milestone in milestones))


def _closing_reason(contract: Contract) -> dict[str, str] | None:
    if contract.closing_reason is None:
        return None
    return {"id": "60", "apiRef": "completed", "reason": contract.closing_reason}


def _feedback(contract: Contract) -> dict[str, Any] | None:
    if contract.client_score is None:
        return None
    return {
        "clientFeedback": {"score": contract.client_score, "comment": "Good work.", "freelancerResponse": None},
        "freelancerFeedback": {
            "score": contract.freelancer_score,
            "comment": "Clear tasks, prompt answers.",
            "clientResponse": None,
            "recommendScore": 9,
        },
    }
