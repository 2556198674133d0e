"""The list of all resolver tables."""

from app.sandbox.resolvers.activities import activities
from app.sandbox.resolvers.contracts import contracts
from app.sandbox.resolvers.diaries import diaries
from app.sandbox.resolvers.fields import FieldTable
from app.sandbox.resolvers.funding import funding
from app.sandbox.resolvers.job_lists import job_lists
from app.sandbox.resolvers.jobs import jobs
from app.sandbox.resolvers.messaging import messaging
from app.sandbox.resolvers.metadata import metadata
from app.sandbox.resolvers.milestones import milestones
from app.sandbox.resolvers.offers import offers
from app.sandbox.resolvers.organizations import organizations
from app.sandbox.resolvers.payments import payments
from app.sandbox.resolvers.profiles import profiles
from app.sandbox.resolvers.proposals import proposals
from app.sandbox.resolvers.rooms import rooms
from app.sandbox.resolvers.stories import stories
from app.sandbox.resolvers.talent import talent
from app.sandbox.resolvers.time_reports import time_reports
from app.sandbox.resolvers.users import users

AREAS: tuple[FieldTable, ...] = (
    activities,
    contracts,
    diaries,
    funding,
    job_lists,
    jobs,
    messaging,
    metadata,
    milestones,
    offers,
    organizations,
    payments,
    profiles,
    proposals,
    rooms,
    stories,
    talent,
    time_reports,
    users,
)
