"""Users, the organizations they belong to, and where they live."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

PaymentStatus: TypeAlias = Literal["VERIFIED", "ACTIVE", "DECLINED", "ONHOLD"]


@dataclass(frozen=True, slots=True)
class Place:
    """A city with its time zone; `offset_minutes` is the offset from UTC in minutes."""

    country: str
    city: str
    state: str | None
    zip: str
    time_zone: str
    time_zone_label: str
    offset_minutes: int
    street: str


@dataclass(slots=True)
class User:
    """A person with an account. `nid` is the user name, `rid` the legacy reference, `ciphertext` the profile key."""

    id: str
    nid: str
    rid: str
    ciphertext: str
    first_name: str
    last_name: str
    email: str
    place: Place
    is_freelancer: bool

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def photo_url(self) -> str:
        """Where the portrait would be."""
        return f"https://sandbox.invalid/portraits/{self.nid}.jpg"

    @property
    def public_url(self) -> str:
        """The public profile page of a freelancer; for others the plain user page."""
        return f"https://www.upwork.com/freelancers/{self.ciphertext}"


@dataclass(slots=True)
class Staff:
    """A user's place in an organization: status 1 active, 2 inactive; type 2 by invitation, 3 by ownership."""

    id: str
    user_id: str
    activation_status: int
    staff_type: int
    created: int


@dataclass(slots=True)
class Organization:
    """A client, an agency, a team of either (then with a parent), or a freelancer's own one-person organization."""

    id: str
    rid: str
    legacy_id: str
    name: str
    type: Literal["BUSINESS", "SOLE_PROPRIETOR"]
    legacy_type: Literal["CLIENT", "VENDOR"]
    parent_id: str | None
    created: int
    place: Place
    description: str
    payment_status: PaymentStatus = "VERIFIED"
    active: bool = True
    hidden: bool = False
    staffs: list[Staff] = field(default_factory=list)
    team_ids: list[str] = field(default_factory=list)
    hires: int = 0
    feedback: float = 0.0

    @property
    def photo_url(self) -> str:
        """Where the logo would be."""
        return f"https://sandbox.invalid/logos/{self.legacy_id}.png"

    @property
    def root_id(self) -> str:
        """The organization's own id, or its parent's if it is a team."""
        return self.parent_id or self.id

    def employs(self, user_id: str) -> bool:
        """Say whether the user is a member here; a team's members are not those of its parent."""
        return any(staff.user_id == user_id for staff in self.staffs)
