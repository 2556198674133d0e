"""The reads of the eleven areas beside messages and contracts: what is asked, and where the answer holds each row.

Data only. What a row must be is computed from the contract's printed path, or, for the rows of `others`, from the paths
that stand there with the reason; nothing comes from a mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import assume

from tests.conformance.forms import (
    COMPACT,
    DAY_TEXT,
    LONG_DAY,
    MONTH,
    MS_TEXT,
    NUMBER,
    ONE_OR_EMPTY,
    ONE_OR_ZERO,
    SECONDS_TEXT,
    ZONE,
    ZONE_SECONDS,
    Form,
    only,
    or_null,
    words,
)

ORG, TEAM, KEY = "1104567890123456781", "1104567890123456799", "~0123456789abcdef01"
World = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """One member of the answer and what it is read from: paths, the first that is not null counting."""

    at: str
    paths: tuple[str, ...]
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """A row that is not read at its printed path, and why.

    `reads` takes the place of it, each from the whole of the answer; `made` are members that are made of the answer as
    the function says. `lacks`: the live schema has no plain value at the printed path.
    """

    why: str
    reads: tuple[Read, ...] = ()
    made: Mapping[str, Callable[[World], Any]] = field(default_factory=dict)
    lacks: bool = True


def elsewhere(why: str, at: str, *paths: str, form: Form | None = None, lacks: bool = True) -> Other:
    """A row that is read at other paths."""
    return Other(why, (Read(at, paths, form),), lacks=lacks)


def constant(why: str, at: str, value: Any, *, lacks: bool = True) -> Other:
    """A row that no answer has any more."""
    return Other(why, made={at: lambda _: value}, lacks=lacks)


@dataclass(frozen=True, slots=True)
class Case:
    """One call, asked in one way.

    `prefix`: how the printed paths begin, and how in truth. `at` is where the answer holds its rows, `moved` those that
    stand elsewhere; `boxes` are names that hold a bare object for one element. `arrange` makes a world one that the
    call answers whole. `one`: of the list that the paths lead through the first element counts.
    """

    call: str
    target: str
    choice: str = ""
    method: str = "GET"
    body: Mapping[str, str] | None = None
    at: str = ""
    family: str = "text"
    prefix: tuple[tuple[str, str], ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    boxes: frozenset[str] = frozenset()
    forms: Mapping[str, Form] = field(default_factory=dict)
    others: Mapping[str, Other] = field(default_factory=dict)
    arrange: Callable[[World], None] | None = None
    window: tuple[str, ...] = ()
    is_flat: bool = False
    is_one: bool = False

    def __str__(self) -> str:
        return f"{self.call} {self.choice}".strip()


def there(elements: Any) -> list[Any]:
    """The elements of a list that are there."""
    return [one for one in elements or () if one is not None]


def first(*values: Any) -> Any:
    """The first that is not null."""
    return next((one for one in values if one is not None), None)


# --- activities


def with_codes(world: World) -> None:
    """All rows have the code that is asked for, and the contract its company."""
    told = world["teamActivities"]
    told["totalCount"] = len(there(told.get("edges")))
    for edge in there(told.get("edges")):
        if edge.get("node") is not None:
            edge["node"]["code"] = "LP-1"
    if "contractByTerm" in world:
        world["contractByTerm"]["clientOrganization"] = {"id": ORG}


ACTIVITY_PREFIX = (("Activity.", "teamActivities.edges.node."),)
TASKS = f"/api/otask/v1/tasks/companies/{ORG}/teams/{TEAM}/tasks"


def activities(call: str, target: str) -> Case:
    """The three calls have one table."""
    return Case(
        f"activities/{call}",
        target,
        at="tasks.task",
        prefix=ACTIVITY_PREFIX,
        moved={"URL": "tasks.task.url"},
        boxes=frozenset({"task"}),
        arrange=with_codes,
    )


# --- metadata

METADATA = [
    Case(
        "metadata/list_specialties",
        "/api/profiles/v1/metadata/specialties.json",
        "all",
        at="specialties",
        is_flat=True,
    ),
    Case("metadata/list_categories", "/api/profiles/v2/metadata/categories.json", at="categories"),
    Case(
        "metadata/list_skills",
        "/api/profiles/v2/metadata/skills.json",
        others={
            "no specific field, a part of array": elsewhere(
                "the printed root is gone; another tells the same", "skills", "ontologySkills.preferredLabel"
            )
        },
    ),
    Case("metadata/list_regions", "/api/profiles/v1/metadata/regions.json", at="regions"),
    Case(
        "metadata/list_reasons",
        "/api/profiles/v1/metadata/reasons.json?type=RejectCandidate",
        "one",
        moved={
            "first element of array": "reasons.#0",
            "second element of array": "reasons.#1",
            "third element of array": "reasons.#2",
        },
    ),
]

# --- organizations

NOT_PRIVATE = "the table's number is the upstream's own; clients had the old short one"


def companies_told(world: World) -> None:
    """The companies tell their inside."""
    if world["company"].get("private") is None:
        world["company"]["private"] = {"id": "1", "companyName": None, "name": "n", "paymentVerification": None}


def inside(world: World, *path: str) -> Any:
    """What stands in a company."""
    here: Any = world["company"]
    for step in ("private", *path):
        here = None if here is None else here.get(step)
    return here


def each_company(value: Callable[[World, Any], Any]) -> Callable[[World], Any]:
    """A value for each company of the selector."""
    return lambda world: [value(world, one) for one in there(world["companySelector"].get("items"))]


def each_team(value: Callable[[Any], Any]) -> Callable[[World], Any]:
    """A value for the company itself and for each of its teams."""
    return lambda world: [
        value(one) for one in (world["organization"], *there(world["organization"].get("childOrganizations")))
    ]


def or_empty(value: Any) -> Any:
    """As the text families have a null."""
    return "" if value is None else value


def company_name(organization: Any) -> Any:
    """The name of what stands above the organisation that was asked, or its own."""
    return or_empty(first(above(organization, "name"), organization.get("name")))


def above(team: Any, name: str) -> Any:
    """A member of what stands above a team."""
    return (team.get("parentOrganization") or {}).get(name)


def known_team(world: World) -> None:
    """The credential sees the team that is asked for; all members are active ones."""
    organization = world["organization"]
    if "childOrganization" in organization:
        organization["childOrganization"] = organization["childOrganization"] or {
            "legacyType": None,
            "id": TEAM,
            "staffs": {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}},
        }
    for holder in (organization, organization.get("childOrganization") or {}):
        for edge in there((holder.get("staffs") or {}).get("edges")):
            if edge.get("node") is not None:
                edge["node"]["activationStatus"] = 1


def asks_team(world: World) -> None:
    """The asked one is a team among the company's."""
    known_team(world)
    made = {"id": TEAM, "rid": None, "legacyId": None}
    organization = world["organization"]
    organization["id"] = ORG
    organization["childOrganizations"] = [made]


def of_members(world: World, holder: Any, value: Any) -> list[Any]:
    """The same value for every member."""
    nodes = [edge for edge in there((holder.get("staffs") or {}).get("edges")) if edge.get("node") is not None]
    return [value for _ in nodes]


PROVIDES = {"VENDOR": "1", "CLIENT": "", None: ""}
MEMBER_STATUS = words({1: "active", 2: "inactive"})


def members(choice: str, reference: str, holder: tuple[str, ...], arrange: Callable[[World], None]) -> Case:
    """The members of a team or a company."""
    start = ".".join(holder)

    def types(world: World) -> list[Any]:
        here: Any = world
        for step in holder:
            here = here[step] or {}
        return of_members(world, here, PROVIDES.get(here.get("legacyType"), here.get("legacyType")))

    node = f"{start}.staffs.edges.node"
    clients = "clients had the user name and the user's number, which the contracts table reads from these"
    return Case(
        "organizations/list_team_users",
        f"/api/hr/v2/teams/{reference}/users.json",
        choice,
        at="users",
        arrange=arrange,
        others={
            "Id": elsewhere(clients, "users.id", f"{node}.user.nid", f"{node}.user.id", lacks=False),
            "reference": elsewhere(clients, "users.reference", f"{node}.user.rid", f"{node}.id", lacks=False),
            "public_url": elsewhere(
                "a company is its own team", "users.public_url", f"{node}.user.publicUrl", lacks=False
            ),
            "is_provider": Other(
                "a member's organisation is the one that was asked", made={"users.is_provider": types}
            ),
            "status": elsewhere(
                "`staffType` tells owners from invited ones, and not who is active",
                "users.status",
                f"{node}.activationStatus",
                form=MEMBER_STATUS,
                lacks=False,
            ),
        },
    )


ORGANIZATIONS = [
    Case(
        "organizations/list_companies",
        "/api/hr/v2/companies.json",
        at="companies",
        others={
            "reference": elsewhere(
                NOT_PRIVATE,
                "companies.reference",
                "companySelector.items.organizationRid",
                "companySelector.items.organizationId",
            ),
            "name": Other(
                "the root `companies` is gone: the selector lists them, each is asked for its inside",
                made={
                    "companies.name": each_company(
                        lambda world, one: or_empty(first(inside(world, "companyName"), one.get("title")))
                    )
                },
            ),
            "payment_verification_status": Other(
                "the root `companies` is gone: the selector lists them, each is asked for its inside",
                made={
                    "companies.payment_verification_status": each_company(
                        lambda world, _: or_empty(inside(world, "paymentVerification", "status"))
                    )
                },
            ),
        },
    ),
    Case(
        "organizations/get_company",
        f"/api/hr/v2/companies/{ORG}.json",
        at="company",
        arrange=companies_told,
        others={
            "reference": elsewhere(
                NOT_PRIVATE,
                "company.reference",
                "organization.rid",
                "organization.id",
                "company.private.id",
                lacks=False,
            ),
            "name": elsewhere(
                "some companies have the other name only",
                "company.name",
                "company.private.companyName",
                "company.private.name",
                lacks=False,
            ),
        },
    ),
    Case(
        "organizations/list_teams",
        "/api/hr/v2/teams.json",
        others={
            "id": Other(
                "the name-like id, where there is one; the company stands among its teams",
                made={"teams.id": each_team(lambda one: or_empty(first(one.get("legacyId"), one.get("id"))))},
                lacks=False,
            ),
            "name": Other(
                "a team's `company` describes the company",
                made={"teams.name": each_team(lambda one: or_empty(one.get("name")))},
                lacks=False,
            ),
            "parent_team__id": Other(
                "the name-like id; the company is its own parent",
                made={
                    "teams.parent_team__id": each_team(
                        lambda one: or_empty(
                            first(above(one, "legacyId"), above(one, "id"), one.get("legacyId"), one.get("id"))
                        )
                    )
                },
                lacks=False,
            ),
            "company_name": Other(
                "the company is the organisation that was asked, not what stands above a team",
                made={
                    "teams.company_name": lambda world: each_team(
                        lambda _: or_empty(
                            first(above(world["organization"], "name"), world["organization"].get("name"))
                        )
                    )(world)
                },
                lacks=False,
            ),
        },
    ),
    members("team", TEAM, ("organization", "childOrganization"), asks_team),
    members("company", ORG, ("organization",), known_team),
]

# --- payments, milestones, users

WRITES = [
    Case(
        "payments/make_custom_payment",
        f"/api/hr/v2/teams/{ORG}/adjustments.json",
        "charged",
        method="POST",
        body={"engagement__reference": "24680135", "charge_amount": "10.00", "comments": "well done"},
        at="adjustment",
        prefix=(("mutation.", ""),),
    ),
    Case(
        "milestones/create_milestone",
        "/api/hr/v3/fp/milestones.json",
        method="POST",
        body={"contract_reference": "24680135", "milestone_description": "first", "deposit_amount": "1000"},
        family="json",
        others={
            "This resource returns the ID of the milestone created": elsewhere(
                "the printed mutation has a successor", "id", "createMilestoneV2.id"
            )
        },
    ),
]
USERS = [
    Case(
        "users/get_user",
        "/api/hr/v2/users/1104567890123456799.json",
        "other",
        at="user",
        prefix=tuple(
            (name, f"userDetails.{name}") for name in ("rid", "firstName", "lastName", "location", "email", "publicUrl")
        ),
        forms={"timezone": ZONE, "timezone_offset": ZONE_SECONDS},
        others={
            "id": elsewhere("the user name, as in the contracts table", "user.id", "userDetails.nid", "userDetails.id")
        },
    )
]

# --- snapshots


def some_snapshot(world: World) -> None:
    """There is one."""
    world["snapshotsByContractId"] = there(world["snapshotsByContractId"])
    assume(world["snapshotsByContractId"])


GLUED = "printed without the dot, and under another name"
SNAPSHOT = "snapshotsByContractId"


def shot(row: str, name: str, form: Form | None = None) -> Other:
    """A picture."""
    return elsewhere(GLUED, f"snapshot.{row}", f"{SNAPSHOT}.{name}", form=form or or_null(""))


SNAPSHOTS = [
    Case(
        "snapshots/get_snapshot_by_contract",
        "/api/team/v3/snapshots/contracts/24680135/1589358600.json",
        at="snapshot",
        family="json",
        prefix=(("Snapshot.", f"{SNAPSHOT}."),),
        is_one=True,
        arrange=some_snapshot,
        forms={
            "hasScreenshot": ONE_OR_ZERO,
            "hasCamerashot": ONE_OR_ZERO,
            "webcamUrl": or_null(""),
            "webcamImg": or_null(""),
            "webcamImgThmb": or_null(""),
        },
        others={
            "status": elsewhere(GLUED, "snapshot.status", f"{SNAPSHOT}.status"),
            "screenshotUrl": shot("screenshotUrl", "screenshotUrl"),
            "screenshotImg": shot("screenshotImg", "screenshotImage"),
            "screenshotImgLrg": shot("screenshotImgLrg", "screenshotImageLarge"),
            "screenshotImgMed": shot("screenshotImgMed", "screenshotImageMedium"),
            "screenshotImgThmb": shot("screenshotImgThmb", "screenshotImageThumbnail"),
            "task": elsewhere(
                "clients read an object; one text is left of it",
                "snapshot.task.id",
                f"{SNAPSHOT}.task",
                lacks=False,
                form=Form(lambda text: text or None),
            ),
            **{
                f"minutes.{name}": elsewhere(
                    "the minutes stand in a list below", f"snapshot.minutes.{name}", f"{SNAPSHOT}.minutes.minute.{name}"
                )
                for name in ("time", "mouse", "keyboard")
            },
        },
    )
]

# --- work diaries

DIARY = "workDiaryCompany.snapshots"
WEB = "https://www.upwork.com/api/team/v3/snapshots/contracts"


def by_key(key: str, value: str) -> Callable[[World], Any]:
    """What each contract or user of the rows has, under its id; the id of a row that was said last counts."""

    def made(world: World) -> Any:
        rows = [row[key] for row in there(world["workDiaryCompany"].get("snapshots")) if row.get(key) is not None]
        return {row["id"]: row.get(value) for row in rows if row.get("id") is not None}

    return made


def different_ids(world: World) -> None:
    """Rows of one contract or user say the same of it; random ones would not."""
    for number, row in enumerate(there(world["workDiaryCompany"].get("snapshots"))):
        for key in ("contract", "user"):
            if row.get(key) is not None and row[key].get("id") is not None:
                row[key]["id"] = f"{number + 1}"


def api_link(world: World) -> list[Any]:
    """The call of a row's snapshot; none where half of the address is not told."""
    rows = there(world["workDiaryCompany"].get("snapshots"))
    found = [((row.get("contract") or {}).get("id"), (row.get("time") or {}).get("firstWorkedInt")) for row in rows]
    return [None if None in (contract, time) else f"{WEB}/{contract}/{time}" for contract, time in found]


MAPPED = "the upstream repeats it in every row; the old answer had each once, under its id"
CELL = "workDiaryContract.workDiaryTimeCells"
WHOSE = "the diary does not tell whose it is: the contract is asked"


def cell(row: str, name: str, form: Form | None = None) -> Other:
    """A cell's value that stands under another name than printed."""
    return elsewhere("the printed path has no leaf", f"data.cells.{row}", f"{CELL}.{name}", form=form)


DIARIES = [
    Case(
        "workdiaries/get_work_diary",
        f"/api/team/v3/workdiaries/companies/{ORG}/20200513.json",
        at="data",
        family="json",
        prefix=(("snapshots.", f"{DIARY}."), ("Snapshots.", f"{DIARY}."), ("total", "workDiaryCompany.total")),
        arrange=different_ids,
        forms={
            "total": or_null(0),
            "snapshots.time.tracked_time": NUMBER,
            "snapshots.time.manual_time": NUMBER,
            "snapshots.time.overtime": NUMBER,
            "snapshots.time.last_screenshot": NUMBER,
        },
        others={
            "contracts.user_id": Other(
                MAPPED, made={"data.contracts.*.user_id": by_key("contract", "userId")}, lacks=False
            ),
            "contracts.contract_title": Other(
                MAPPED, made={"data.contracts.*.contract_title": by_key("contract", "contractTitle")}, lacks=False
            ),
            "users.name": Other(MAPPED, made={"data.users.*.name": by_key("user", "name")}, lacks=False),
            "users.portrait_url": Other(
                MAPPED, made={"data.users.*.portrait_url": by_key("user", "portraitUrl")}, lacks=False
            ),
            "snapshots.user_id": elsewhere(
                "a row has its user's id beside it",
                "data.snapshots.user_id",
                f"{DIARY}.user.id",
                f"{DIARY}.contract.userId",
            ),
            "snapshots.screenshots": elsewhere(
                "a list of objects",
                "data.snapshots.screenshots.screenshot_url",
                f"{DIARY}.screenshots.screenshotUrl",
                form=or_null(""),
            ),
            "snapshots.snapshot_api": Other(
                "the table offers a page of the web site; clients followed a link of the API",
                made={"data.snapshots.snapshot_api": api_link},
            ),
        },
    ),
    Case(
        "workdiaries/get_work_diary_by_contract",
        "/api/team/v3/workdiaries/contracts/24680135/20200513.json",
        others={
            "snapshots.assignment.id": constant(
                "the diary has no id; it is the contract that was asked", "data.contract.record_id", "24680135"
            ),
            "snapshots.user.uid": elsewhere(WHOSE, "data.user.uid", "contractByTerm.freelancer.id"),
            "snapshots.user.first_name": elsewhere(
                WHOSE, "data.user.first_name", "contractByTerm.freelancer.firstName"
            ),
            "snapshots.user.portrait_url": elsewhere(
                WHOSE, "data.user.portrait_url", "contractByTerm.freelancer.photoUrl"
            ),
            "snapshots.snapshots.cell_time": cell("cell_time", "cellDateTime.rawValue"),
            "snapshots.snapshots.time": cell("time", "snapshotDateTime.rawValue"),
        },
        prefix=(("workDiaryContract.workDiaryTimeCells", CELL),),
        moved={
            "snapshots.user.timezone_offset": "data.user.timezone_offset",
            "snapshots.user.archiving_time": "data.user.archiving_time",
            **{
                f"snapshots.snapshots.{name}": f"data.cells.{name}"
                for name in (
                    "activity",
                    "memo",
                    "task.id",
                    "task.description",
                    "mouse_events_count",
                    "keyboard_events_count",
                    "active_window_title",
                    "flags.hide_screenshots",
                    "has_screenshot",
                    "screenshot_url",
                    "screenshot_img_med",
                    "screenshot_img_thmb",
                    "has_webcam",
                    "webcam_url",
                    "webcam_img_thmb",
                )
            },
        },
        forms={
            "snapshots.user.archiving_time": SECONDS_TEXT,
            "snapshots.snapshots.flags.hide_screenshots": ONE_OR_ZERO,
            "snapshots.snapshots.has_screenshot": ONE_OR_ZERO,
            "snapshots.snapshots.has_webcam": ONE_OR_ZERO,
        },
    ),
]

# --- jobs

SEARCHED = "marketplaceJobPostingsSearch.edges.node"
DURATIONS = {
    "WEEK": "Less than 1 week",
    "MONTH": "Less than 1 month",
    "QUARTER": "1 to 3 months",
    "SEMESTER": "3 to 6 months",
    "ONGOING": "More than 6 months",
}
WORKLOADS = {"FULL_TIME": "30+ hrs/week", "PART_TIME": "10-30 hrs/week", "AS_NEEDED": "Less than 10 hrs/week"}
JOB_STATUS = {"REQUESTED": "open", "FILLED": "filled", "CANCELLED": "cancelled"}
VISIBILITY = {"PUBLIC_INDEX": "public", "ACCESS_PUBLIC": "upwork", "ACCESS_PRIVATE": "invite-only"}
CANDIDATES = {"ALL": "all", "INDIVIDUALS": "individuals", "AGENCIES": "agencies"}
JOB_TYPES = {"HOURLY": "hourly", "FIXED": "fixed-price"}
JOB_FORMS = {
    "created_time": MS_TEXT,
    "start_date": DAY_TEXT,
    "end_date": DAY_TEXT,
    "filled_date": MS_TEXT,
    "keep_open_on_hire": ONE_OR_EMPTY,
    "job_type": words(JOB_TYPES),
    "status": words(JOB_STATUS),
    "preference_candidate_type": words(CANDIDATES),
}


def skills_of(job: Any) -> str:
    """The skills by their old names, where they have one."""
    listed = there((job.get("classification") or {}).get("skills"))
    found = [first(one.get("legacySkillNid"), one.get("prettyName")) for one in listed]
    return ";".join(one for one in found if one)


def link_of(job: Any) -> Any:
    """Where the first attachment lies."""
    attached = job.get("attachment") or []
    return or_empty((attached[0] or {}).get("link") if attached else None)


def job_case(
    call: str, target: str, choice: str, *, root: str, at: str, jobs: Callable[[World], Any], own: str, **more: Any
) -> Case:
    """A job as its own company sees it: one, or a list of them; `jobs` gives what stands at the root.

    `own` is the row that the other of the two calls does not have.
    """
    forms = JOB_FORMS | ({"visibility": words(VISIBILITY)} if own == "visibility" else {})

    def each(value: Callable[[Any], Any]) -> Callable[[World], Any]:
        def made(world: World) -> Any:
            found = jobs(world)
            return [value(one) for one in found] if isinstance(found, list) else value(found)

        return made

    name = "its name is what clients had"
    return Case(
        call,
        target,
        choice,
        prefix=(("response.edges.node.", f"{root}."),),
        moved={f"jobs.{row}": f"{at}.{row}" for row in (*JOB_FORMS, *PLAIN, own)},
        forms={f"jobs.{row}": form for row, form in forms.items()},
        others={
            "jobs.category2": elsewhere(name, f"{at}.category2", f"{root}.classification.category.name"),
            "jobs.subcategory2": elsewhere(name, f"{at}.subcategory2", f"{root}.classification.subCategory.name"),
            "jobs.skills": Other("joined, by their old names", made={f"{at}.skills": each(skills_of)}),
            "jobs.attachment_file_url": Other(
                "the first of a list", made={f"{at}.attachment_file_url": each(link_of)}, lacks=False
            ),
            **more.pop("others", {}),
        },
        **more,
    )


PLAIN = ("buyer_company__name", "buyer_team__name", "description", "title")


def jobs_of_company(world: World) -> list[Any]:
    """The jobs of the list."""
    edges = there((world["organization"].get("jobPosting") or {}).get("edges"))
    return [edge["node"] for edge in edges if edge.get("node") is not None]


LISTED = "organization.jobPosting.edges.node"
JOBS = [
    Case(
        "jobs/search_jobs",
        "/api/profiles/v2/search/jobs.json?q=python&paging=0;{rows}",
        "search",
        at="jobs",
        family="json",
        prefix=(("response.edges.node.", f"{SEARCHED}."),),
        window=("marketplaceJobPostingsSearch", "edges"),
        forms={
            "date_created": COMPACT,
            "duration": words(DURATIONS),
            "job_type": words({"HOURLY": "Hourly", "FIXED": "Fixed"}),
            "workload": only(WORKLOADS),
            "client.payment_verification_status": only({"VERIFIED": "VERIFIED"}),
        },
        others={"skills": elsewhere("a list of their names", "jobs.skills", f"{SEARCHED}.skills.name")},
    ),
    job_case(
        "jobs/list_jobs",
        f"/api/hr/v2/jobs.json?buyer_team__reference={ORG}&page=0;{{rows}}",
        "one team",
        root=LISTED,
        at="jobs.job",
        jobs=jobs_of_company,
        own="job_ref_ciphertext",
        boxes=frozenset({"job"}),
        window=("organization", "jobPosting", "edges"),
        others={
            "jobs.reference": elsewhere(
                "postings older than ciphertexts have digits only",
                "jobs.job.reference",
                f"{LISTED}.info.legacyCiphertext",
                f"{LISTED}.id",
                lacks=False,
            )
        },
    ),
    job_case(
        "jobs/get_job",
        "/api/hr/v2/jobs/1234567.json",
        "id",
        root="jobPosting",
        at="job",
        jobs=lambda world: world["jobPosting"],
        own="visibility",
    ),
]

# --- profiles

PROFILE, TALENT = "freelancerProfileByProfileKey", "talentProfileByProfileKey"
PLACE = "the profile has no location; the talent profile has"
RENAMED = "under another name today"
GONE = "nothing upstream tells it"


def listed(why: str, box: str, start: str, *, lacks: bool = True, **members_: tuple[str, Form | None]) -> Other:
    """A row that is a list of objects, by the members that clients read."""
    reads = tuple(Read(f"{box}.{name}", (f"{start}.{path}",), form) for name, (path, form) in members_.items())
    return Other(why, reads, lacks=lacks)


def ciphertext_of(world: World) -> Any:
    """The key that the talent profile tells, or the one that was asked by."""
    return first((world[TALENT].get("identity") or {}).get("ciphertext"), KEY)


BRIEF: dict[str, Other] = {
    "dev_ac_agencies": constant(GONE, "profile.dev_ac_agencies", ""),
    "dev_eng_skill": constant(GONE, "profile.dev_eng_skill", ""),
    "dev_groups": constant(GONE, "profile.dev_groups", ""),
    "dev_billed_assignments": elsewhere(
        RENAMED, "profile.dev_billed_assignments", f"{PROFILE}.aggregates.billedContracts"
    ),
    "dev_city": elsewhere(PLACE, "profile.dev_city", f"{TALENT}.personalData.location.city"),
    "dev_country": elsewhere(
        PLACE, "profile.dev_country", f"{TALENT}.personalData.location.country", f"{PROFILE}.countryDetails.name"
    ),
    "dev_timezone": elsewhere(PLACE, "profile.dev_timezone", f"{TALENT}.personalData.location.timezone", form=ZONE),
    "dev_last_activity": elsewhere(
        RENAMED, "profile.dev_last_activity", f"{PROFILE}.aggregates.lastActivityDateTime", form=LONG_DAY
    ),
    "dev_last_worked": elsewhere(
        RENAMED, "profile.dev_last_worked", f"{PROFILE}.aggregates.lastWorkedDateTime", form=LONG_DAY
    ),
    "dev_last_worked_ts": elsewhere(
        RENAMED, "profile.dev_last_worked_ts", f"{PROFILE}.aggregates.lastWorkedDateTime", form=MS_TEXT
    ),
}
WHOLE: dict[str, Other] = {name: other for name, other in BRIEF.items() if name != "dev_eng_skill"} | {
    "dev_recno_ciphertext": Other(
        "the talent profile has it; it is the key that was asked by",
        made={"profile.dev_recno_ciphertext": ciphertext_of},
    ),
    "education": listed(
        "a list of objects",
        "profile.education.institution",
        f"{PROFILE}.educationRecords",
        ed_school=("institutionName", None),
        ed_area=("areaOfStudy", None),
        ed_degree=("degree", None),
        ed_comment=("description", None),
        ed_from=("startDate", MONTH),
        ed_to=("endDate", MONTH),
    ),
    "experiences": listed(
        "what clients parse is the employment history",
        "profile.experiences.experience",
        f"{PROFILE}.employmentRecords",
        exp_company=("companyName", None),
        exp_title=("jobTitle", None),
        exp_comment=("description", None),
        exp_from=("startDate", MONTH),
        exp_to=("endDate", Form(MONTH.write, "Present")),
    ),
    "job_categories": listed(
        "a list of objects",
        "profile.job_categories.job_category",
        f"{PROFILE}.jobCategories.edges.node",
        first_level=("category.preferredLabel", None),
    ),
    "portfolio_items": listed(
        "the talent profile has them",
        "profile.portfolio_items.portfolio_item",
        f"{TALENT}.projectList.projects",
        pi_recno=("id", None),
        pi_title=("title", None),
        pi_description=("description", None),
        pi_url=("projectUrl", None),
        pi_image=("thumbnailOriginal", None),
        pi_thumbnail=("thumbnail", None),
        pi_completed=("completionDateTime", MS_TEXT),
    ),
    "skills": Other(
        "a list of objects",
        (
            Read(
                "profile.skills.skill.skl_name",
                (f"{PROFILE}.skills.edges.node.legacySkillNid", f"{PROFILE}.skills.edges.node.prettyName"),
            ),
        ),
    ),
    "assignments": constant(GONE, "profile.assignments", {"hr": "", "fp": ""}),
}
ACCESS = words(
    {
        "PUBLIC": "Public",
        "ONLY_UPWORK_USERS": "Authenticated users",
        "AUTH": "Authenticated users",
        "PRIVATE": "Private",
    }
)


def profiles(call: str, target: str, others: dict[str, Other]) -> Case:
    """One freelancer, brief or whole."""
    return Case(
        f"profiles/{call}",
        target,
        "one",
        at="profile",
        prefix=(("FreelancerProfile.", f"{PROFILE}."),),
        boxes=frozenset({"institution", "experience", "job_category", "portfolio_item", "skill"}),
        forms={"dev_ui_profile_access": ACCESS},
        others=others,
    )


CASES = [
    activities("list_team_activities", f"{TASKS}.json"),
    activities("get_team_activity", f"{TASKS}/LP-1.json"),
    activities("list_engagement_activities", "/api/tasks/v2/tasks/contracts/24680135.json"),
    *METADATA,
    *ORGANIZATIONS,
    *WRITES,
    *USERS,
    *SNAPSHOTS,
    *DIARIES,
    *JOBS,
    profiles("get_profile_brief", f"/api/profiles/v1/providers/{KEY}/brief.json", BRIEF),
    profiles("get_profile", f"/api/profiles/v1/providers/{KEY}.json", WHOLE),
]
