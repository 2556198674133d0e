"""Reading milestones."""

from app.sandbox.instants import iso_z
from app.sandbox.money import Money
from app.sandbox.resolvers.fields import FieldTable

milestones = FieldTable()

milestones.reads(
    "Milestone",
    createdBy=lambda milestone, call: call.world.users[milestone.creator_id],
    dueDateTime=lambda milestone, _: iso_z(milestone.due),
    currentEscrowAmount=lambda milestone, _: Money(milestone.escrow),
    depositAmount=lambda milestone, _: Money(milestone.deposit),
    fundedAmount=lambda milestone, _: Money(milestone.funded),
    paid=lambda milestone, _: Money(milestone.paid),
    overpayment=lambda milestone, _: Money(milestone.overpayment),
    bonus=lambda milestone, _: Money(milestone.bonus),
    previousMilestoneUnusedDeposit=lambda *_: Money(0),
    submissionCount=lambda milestone, _: len(milestone.submissions),
    payComments=lambda milestone, _: milestone.comments,
    lastSubmissionCreatedTime=lambda milestone, _: (
        iso_z(milestone.submissions[-1].created) if milestone.submissions else None
    ),
    createdDateTime=lambda milestone, _: iso_z(milestone.created),
    modifiedDateTime=lambda milestone, _: iso_z(milestone.modified),
    submissionEvents=lambda milestone, _: milestone.submissions,
)
milestones.reads(
    "SubmissionEvent",
    submission=lambda submission, _: submission,
    submissionMessage=lambda submission, _: {
        "createdDateTime": iso_z(submission.created),
        "message": submission.message,
    },
    revisionMessage=lambda submission, _: (
        {"createdDateTime": iso_z(submission.revised), "message": submission.revision} if submission.revision else None
    ),
)
milestones.reads(
    "Submission",
    createdDateTime=lambda submission, _: iso_z(submission.created),
    modifiedDateTime=lambda submission, _: iso_z(submission.revised or submission.created),
    amount=lambda submission, _: Money(submission.amount),
)
