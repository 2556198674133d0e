"""Proposals: the freelancer's view (`VendorProposal`) and the client's (`ClientProposal`) of the same application."""

from typing import Any

from app.sandbox.instants import iso_z
from app.sandbox.money import Money
from app.sandbox.records.work import Posting, Proposal
from app.sandbox.refusals import Forbidden, NotFound
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.resolvers.paging import Pagination, connection, read_window

proposals = FieldTable()

_BOTH = "VendorProposal ClientProposal"
_CLIENT_STATUS = {"Pending": "Created"}

proposals.reads(
    _BOTH,
    user=lambda proposal, call: call.world.users[proposal.user_id],
    organization=lambda proposal, call: call.world.organizations[proposal.organization_id],
    terms=lambda proposal, _: {
        "chargeRate": Money(proposal.rate),
        "estimatedDuration": None,
        "upfrontPaymentPercent": 0,
    },
    auditDetails=lambda proposal, call: {
        "createdByUser": call.world.users[proposal.user_id],
        "createdDateTime": {"rawValue": str(proposal.created), "displayValue": iso_z(proposal.created)},
    },
    annotations=lambda *_: [],
)
proposals.reads(
    "VendorProposal",
    marketplaceJobPosting=lambda proposal, call: call.world.postings[proposal.posting_id],
    proposalCoverLetter=lambda proposal, _: proposal.cover_letter,
    status=lambda proposal, _: {"status": proposal.status, "reason": None},
)
proposals.reads(
    "ClientProposal",
    job=lambda proposal, call: call.world.postings[proposal.posting_id],
    status=lambda proposal, _: {"status": _CLIENT_STATUS.get(proposal.status, proposal.status), "reason": None},
)


@proposals.field("Query", "vendorProposal")
@proposals.field("Query", "clientProposal")
def proposal_by_id(_: None, call: Call, id_: str) -> Proposal:
    """One proposal, for the freelancer who made it and the company it was made to."""
    proposal = call.world.proposals.get(id_)
    if proposal is None:
        raise NotFound("Proposal", id_)
    if proposal.user_id != call.user.id and call.world.postings[proposal.posting_id].company_id != call.company_id:
        raise Forbidden
    return proposal


@proposals.field("Query", "clientProposals")
def client_proposals(
    _: None, call: Call, job_posting_id: str, pagination: Pagination = None, **__: Any
) -> dict[str, Any]:
    """The proposals to one of the caller's postings."""
    posting = call.world.postings.get(job_posting_id)
    if posting is None:
        raise NotFound("JobPosting", job_posting_id)
    if posting.company_id != call.company_id:
        raise Forbidden
    found = [proposal for proposal in call.world.proposals.values() if proposal.posting_id == posting.id]
    return connection(found, *read_window(pagination, first=20, at_most=100))


@proposals.field("MarketplaceJobPosting", "clientProposals")
def proposals_of_posting(posting: Posting, call: Call, pagination: Pagination = None, **_: Any) -> dict[str, Any]:
    """The proposals to a posting, which only its company sees; for others there are none."""
    found = [
        proposal
        for proposal in call.world.proposals.values()
        if proposal.posting_id == posting.id and posting.company_id == call.company_id
    ]
    return connection(found, *read_window(pagination, first=20, at_most=100))
