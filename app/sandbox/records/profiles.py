"""What freelancers say about themselves, and the shared vocabulary of skills and categories."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concept:
    """A category, subcategory or service of the work vocabulary; `child_ids` are one level below."""

    id: str
    label: str
    slug: str
    kind: str
    parent_id: str | None = None
    child_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill; `slug` is its legacy name, `label` the readable one."""

    id: str
    label: str
    slug: str
    legacy_id: str


@dataclass(frozen=True, slots=True)
class Education:
    """One stretch of study; years as text."""

    id: str
    institution: str
    area: str
    degree: str
    started: str
    ended: str


@dataclass(frozen=True, slots=True)
class Employment:
    """One past job; months as `yyyy-mm-dd`."""

    id: str
    company: str
    title: str
    role: str
    started: str
    ended: str | None
    city: str
    country: str


@dataclass(frozen=True, slots=True)
class Project:
    """One piece of the portfolio."""

    id: str
    title: str
    description: str
    url: str
    completed: int
    skill_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Experience:
    """Something else worth telling."""

    id: str
    subject: str
    description: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its score and where to see it."""

    id: str
    name: str
    earned: str
    score: str
    url: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A freelancer's profile. Rate and earnings in cents, job success in percent, hours as such."""

    user_id: str
    title: str
    overview: str
    rate: int
    visibility: str
    skill_ids: tuple[str, ...]
    category_id: str
    subcategory_ids: tuple[str, ...]
    languages: tuple[str, ...]
    educations: tuple[Education, ...]
    employments: tuple[Employment, ...]
    projects: tuple[Project, ...]
    experiences: tuple[Experience, ...]
    certificates: tuple[Certificate, ...]
    feedback: float
    recent_feedback: float
    hours: float
    hourly_jobs: int
    fixed_jobs: int
    earnings: int
    job_success: int | None
    top_rated: str
    last_worked: int
    last_active: int
    created: int
    capacity: str
    agency_id: str | None

    @property
    def total_jobs(self) -> int:
        """Hourly and fixed-price jobs together."""
        return self.hourly_jobs + self.fixed_jobs
