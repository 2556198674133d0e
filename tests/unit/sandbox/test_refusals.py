"""A table of questions that the upstream refuses, with the class of the refusal: nothing of it crashes."""

import pytest

from app.sandbox.resolvers.fields import Call
from app.sandbox.seeding.growing import seed_world

from .conftest import Client

WORLD = seed_world(1)
SHOWN, CAST = WORLD.showcase, WORLD.cast
ONE_ON_ONE = next(room for room in WORLD.rooms_by_member[CAST.client_user] if room.room_type == "ONE_ON_ONE")
PUBLIC = next(
    room
    for room in WORLD.rooms.values()
    if room.public and room.organization_id == CAST.main_company and CAST.client_user not in room.members
)
FOREIGN_OFFER = next(WORLD.offers_of_client(CAST.other_company))
FOREIGN_POSTING = next(one for one in WORLD.postings.values() if one.company_id == CAST.other_company)
FOREIGN_PROPOSAL = next(
    one for one in WORLD.proposals.values() if WORLD.postings[one.posting_id].company_id == CAST.other_company
)
WRONG = "VJCA-6"
NAMES = {
    "<company>": CAST.main_company,
    "<team>": SHOWN.team_id,
    "<code>": SHOWN.activity_code,
    "<contract>": SHOWN.contract_id,
    "<foreign contract>": FOREIGN_OFFER.contract_id,
    "<room>": SHOWN.room_id,
    "<public room>": PUBLIC.id,
    "<me>": CAST.client_user,
    "<private room>": ONE_ON_ONE.id,
    "<freelancer>": CAST.freelancer,
    "<foreign offer>": FOREIGN_OFFER.id,
    "<foreign job>": FOREIGN_POSTING.id,
    "<foreign proposal>": FOREIGN_PROPOSAL.id,
}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('{ teamActivities(orgId: "<company>", page: {pageOffset: -1, pageSize: 5}) { totalCount } }', WRONG),
        ('mutation { addTeamActivity(orgId: "<company>", request: {code: "a;b", description: "d"}) { id } }', WRONG),
        (
            'mutation { updateTeamActivity(orgId: "<company>", teamId: "<team>", request: {code: "<code>", '
            'status: "lost"}) { success } }',
            WRONG,
        ),
        (
            '{ workDays(workdaysInput: {contractIds: ["<contract>"], timeRange: {rangeStart: "soon"}}) { workDays } }',
            WRONG,
        ),
        ('{ snapshotsByContractId(input: {contractId: "<contract>", timestamp: -1}) { id } }', WRONG),
        (
            '{ workDiaryCompany(workDiaryCompanyInput: {companyId: "<company>", date: "20260929", paging: "1"}) '
            "{ total } }",
            WRONG,
        ),
        ('{ workDiaryCompany(workDiaryCompanyInput: {companyId: "4", date: "20260929"}) { total } }', "not found"),
        ("mutation { editMilestone { id } }", WRONG),
        ("mutation { sendCustomPayment { invoiceId } }", WRONG),
        ("mutation { updateRoomV2 { id } }", WRONG),
        (
            'mutation { sendCustomPayment(input: {contractId: "<foreign contract>", amount: 1, comment: "c", '
            'notes: "n"}) { invoiceId } }',
            "Authorization failed",
        ),
        (
            "{ organization { clientOffers(pagination: {first: 5}, offerByClientFilter: {commonFilter: "
            '{startDatePeriod_bt: ["soon"]}}) { totalCount } } }',
            WRONG,
        ),
        (
            '{ organization { jobPosting(jobPostingFilter: {createdDateTimeFrom_eq: "soon"}) { totalCount } } }',
            WRONG,
        ),
        ("{ ontologySkills(limit: -1) { id } }", WRONG),
        ("{ roomList(pagination: {first: -1}) { totalCount } }", WRONG),
        ("{ roomStories { totalCount } }", WRONG),
        ('{ roomStory(roomId: "<room>", storyId: "4") { id } }', "not found"),
        (
            '{ room(id: "<room>") { stories(filter: {storyCreatedDateTime_bt: {rangeStart: "x"}}) { totalCount } } }',
            WRONG,
        ),
        ('{ oneOnOneRoom(userId: "4", organizationId: "<company>") { id } }', "not found"),
        ('mutation { createRoomStoryV2(input: {roomId: "<room>"}) { id } }', WRONG),
        (
            'mutation { createRoomStoryV2(input: {roomId: "<public room>", message: "x"}) { id } }',
            "Authorization failed",
        ),
        ('mutation { roomCreate1on1IfNotExists(userId: "<me>", orgId: "<company>") { id } }', WRONG),
        ('mutation { updateRoomStoryV2(input: {roomId: "<room>", storyId: "4"}) { status } }', "not found"),
        ('mutation { addUserToRoom(roomId: "<private room>", roomUsers: []) }', "takes no more users"),
        ('mutation { removeUserFromRoom(roomId: "<private room>", userId: "4", orgId: "4") }', "Nobody leaves"),
        ('mutation { removeUserFromRoom(roomId: "<room>", userId: "4", orgId: "4") }', "not found"),
        (
            'mutation { createRoomV2(input: {roomType: GROUP, users: [{userId: "<freelancer>", organizationId: '
            '"4"}]}) { id } }',
            "not found",
        ),
        ('{ offer(id: "<foreign offer>") { id } }', "Authorization failed"),
        ('{ clientProposals(jobPostingId: "<foreign job>") { totalCount } }', "Authorization failed"),
        ('{ clientProposals(jobPostingId: "4") { totalCount } }', "not found"),
        ('{ vendorProposal(id: "<foreign proposal>") { id } }', "Authorization failed"),
        (
            '{ organization { clientContractTimeReport(timeReportDate_bt: {rangeStart: "soon"}) { totalCount } } }',
            WRONG,
        ),
        (
            '{ contractTimeReport(filter: {organizationId_eq: "4", timeReportDate_bt: {}}) { totalCount } }',
            "Authorization failed",
        ),
        ('{ user { freelancerProfile { project(id: "4") { id } } } }', "not found"),
        (
            '{ organization { staffs(pagination: {first: 5, after: "4"}) { totalCount edges { node { id } } } } }',
            None,
        ),
        ("{ contractTimeReport { totalCount } }", None),
        ('{ room(id: "<public room>") { numUnread favorite joinDateTime } }', None),
    ],
)
async def test_question__refused_by_the_upstream__is_refused_with_words(
    client: Client, query: str, expected: str | None
) -> None:
    """Unusable values, foreign objects and forbidden changes end in an error with words; None marks what is allowed."""
    for name, value in NAMES.items():
        query = query.replace(name, value or "")
    asking = client.named("freelancer") if "freelancerProfile" in query else client

    body = await asking.ask(query)

    messages = [error["message"] for error in body.get("errors", [])]
    assert expected in messages[0] if expected else messages == []


async def test_contracts__closed_ones__have_reason_and_feedback(client: Client) -> None:
    """Reason and feedback are there once a contract is closed, in both forms, and not before."""
    query = """query ($id: ID!) { contractByTerm(termId: $id) { status closingReason { reason } endedBy { id } }
      contract(id: $id) { feedback { clientFeedback { score } freelancerFeedback { recommendScore } } } }"""
    world = client.world
    own = [world.contracts[one.contract_id] for one in world.offers_of_client(CAST.main_company) if one.contract_id]
    closed = next(one for one in own if one.status == "CLOSED")

    ended = await client.data(query, id=closed.id)
    running = await client.data(query, id=SHOWN.contract_id)

    assert ended["contractByTerm"]["closingReason"] == {"reason": "Job completed successfully"}
    assert ended["contract"]["feedback"]["clientFeedback"] == {"score": closed.client_score}
    assert running["contractByTerm"]["closingReason"] is None
    assert running["contract"]["feedback"] is None


async def test_vendor_contracts__by_freelancer_and_status__are_listed(client: Client) -> None:
    """A freelancer's contracts with the company, by status; a list of ids leaves out what is not the caller's."""
    query = """query ($vendor: ID!, $ids: [ID!]) {
      vendorContracts(filter: {vendorId: $vendor, contractStatuses: [ACTIVE]}) { contracts { id status } }
      contractList(ids: $ids) { contracts { id } } }"""

    data = await client.data(query, vendor=CAST.freelancer, ids=[SHOWN.contract_id, FOREIGN_OFFER.contract_id, "4"])

    assert {contract["status"] for contract in data["vendorContracts"]["contracts"]} == {"ACTIVE"}
    assert data["contractList"] == {"contracts": [{"id": SHOWN.contract_id}]}


def test_call__for_a_team__speaks_for_its_company() -> None:
    """A tenant that is a team belongs to its company."""
    call = Call(WORLD, WORLD.users[CAST.client_user], WORLD.organizations[SHOWN.team_id])

    assert call.company_id == CAST.main_company
