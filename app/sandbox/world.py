"""The state of the sandbox and the lookups that resolvers ask: everything there is, and nothing about GraphQL."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.sandbox.instants import Clock
from app.sandbox.mint import IdMint
from app.sandbox.records.messages import Room, Story
from app.sandbox.records.people import Organization, User
from app.sandbox.records.profiles import Concept, Profile, Skill
from app.sandbox.records.work import Activity, Contract, Milestone, Offer, Payment, Posting, Proposal, Submission


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays the main parts, by user id and organization id."""

    client_user: str
    main_company: str
    second_company: str
    freelancer: str
    stranger: str
    other_company: str


@dataclass(frozen=True, slots=True)
class Showcase:
    """The objects that `sandbox_ids` hands out, made so that every call can use them."""

    team_id: str
    room_id: str
    room_member_id: str
    proposal_id: str
    offer_id: str
    contract_id: str
    posting_id: str
    milestone_id: str
    submission_id: str
    activity_code: str


@dataclass(slots=True)
class World:
    """Everything that exists. Dictionaries are keyed by id unless their name says otherwise."""

    seed: int
    mint: IdMint
    clock: Clock = field(default_factory=Clock)
    users: dict[str, User] = field(default_factory=dict)
    organizations: dict[str, Organization] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    concepts: dict[str, Concept] = field(default_factory=dict)
    skills: dict[str, Skill] = field(default_factory=dict)
    postings: dict[str, Posting] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    contracts_by_term: dict[str, Contract] = field(default_factory=dict)
    milestones: dict[str, Milestone] = field(default_factory=dict)
    submissions: dict[str, Milestone] = field(default_factory=dict)
    activities: list[Activity] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    rooms: dict[str, Room] = field(default_factory=dict)
    rooms_by_member: defaultdict[str, list[Room]] = field(default_factory=lambda: defaultdict(list))
    rooms_by_object: dict[str, Room] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)
    user_by_ciphertext: dict[str, User] = field(default_factory=dict)
    cast: Cast = field(init=False)
    showcase: Showcase = field(init=False)

    def add_user(self, user: User) -> User:
        """Keep a user, findable by id and by profile key."""
        self.users[user.id] = user
        self.user_by_ciphertext[user.ciphertext] = user
        return user

    def add_organization(self, organization: Organization) -> Organization:
        """Keep an organization and list it among its parent's teams."""
        self.organizations[organization.id] = organization
        if organization.parent_id:
            self.organizations[organization.parent_id].team_ids.append(organization.id)
        return organization

    def add_contract(self, contract: Contract) -> Contract:
        """Keep a contract, findable by its own id and by each of its terms."""
        self.contracts[contract.id] = contract
        self.contracts_by_term[contract.id] = contract
        for term in contract.terms:
            self.contracts_by_term[term.id] = contract
        self.offers[contract.offer_id].contract_id = contract.id
        return contract

    def add_milestone(self, milestone: Milestone) -> Milestone:
        """Keep a milestone and put it last in its contract."""
        self.milestones[milestone.id] = milestone
        self.contracts[milestone.contract_id].milestone_ids.append(milestone.id)
        return milestone

    def add_submission(self, milestone: Milestone, submission: Submission) -> Submission:
        """Keep work handed in, findable by its own id."""
        milestone.submissions.append(submission)
        self.submissions[submission.id] = milestone
        return submission

    def add_room(self, room: Room) -> Room:
        """Keep a room, findable by its members and by the contract, offers and proposal it is about."""
        self.rooms[room.id] = room
        for user_id in room.members:
            self.rooms_by_member[user_id].append(room)
        for reference in (room.contract_id, room.vendor_proposal_id, *room.offer_ids):
            if reference:
                self.rooms_by_object[reference] = room
        return room

    def add_story(self, room: Room, story: Story) -> Story:
        """Put a story last in its room."""
        room.stories.append(story)
        self.stories[story.id] = story
        return story

    def teams_of(self, organization_id: str) -> list[Organization]:
        """Give the teams of an organization in order of making."""
        return [self.organizations[team_id] for team_id in self.organizations[organization_id].team_ids]

    def organizations_of(self, user_id: str) -> list[Organization]:
        """Give the top organizations a user can act for: where they or one of the teams has the user as a member."""
        roots = {org.root_id: None for org in self.organizations.values() if org.employs(user_id)}
        return [self.organizations[root] for root in roots]

    def is_within(self, organization_id: str | None, root_id: str) -> bool:
        """Say whether an organization is the given one or one of its teams."""
        organization = self.organizations.get(organization_id or "")
        return organization is not None and root_id in (organization.id, organization.parent_id)

    def offers_of_client(self, organization_id: str) -> Iterator[Offer]:
        """Give the offers made by an organization, or by the one team it is."""
        return (offer for offer in self.offers.values() if organization_id in (offer.client_id, offer.team_id))

    def offer_of(self, contract: Contract) -> Offer:
        """Give the offer a contract came from."""
        return self.offers[contract.offer_id]

    def one_on_one(self, first: str, second: str, organization_id: str) -> Room | None:
        """Give the one-on-one room of two users in an organization."""
        for room in self.rooms_by_member[first]:
            if room.room_type == "ONE_ON_ONE" and second in room.members and room.organization_id == organization_id:
                return room
        return None
