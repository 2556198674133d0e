"""The rows of work diaries, of a company and of a contract, and of one snapshot."""

from __future__ import annotations

from tests.conformance.calls import ORG, Call, Other
from tests.conformance.contracted import values_at
from tests.conformance.forms import COUNT, NUMBER, ONE_OR_ZERO, SECONDS_TEXT, or_null
from tests.conformance.worlds import World

DAY = "workDiaryCompany.snapshots"
TASK = ("id", "code", "description", "memo")
CAPITAL = "printed with a capital"
PICTURE = {
    "activity": ("activity", None),
    "has_screenshot": ("hasScreenshot", ONE_OR_ZERO),
    "screenshot_url": ("screenshotUrl", or_null("")),
    "screenshot_img": ("screenshotImage", or_null("")),
    "screenshot_img_lrg": ("screenshotImageLarge", or_null("")),
    "screenshot_img_med": ("screenshotImageMedium", or_null("")),
    "screenshot_img_thmb": ("screenshotImageThumbnail", or_null("")),
    "has_webcam": ("hasWebcam", ONE_OR_ZERO),
    "webcam_url": ("webcamUrl", or_null("")),
    "webcam_img": ("webcamImage", or_null("")),
    "webcam_img_thmb": ("webcamImageThumbnail", or_null("")),
    "flags.hide_screenshots": ("flags.hideScreenshot", ONE_OR_ZERO),
    "flags.downsample_screenshots": ("flags.downSampleScreenshots", ONE_OR_ZERO),
}


def links(world: World) -> list[str | None]:
    """The address of the snapshot call for the beginning of each row."""
    contracts = values_at(world, f"{DAY}.contract.id")
    moments = values_at(world, f"{DAY}.time.firstWorkedInt")
    return [
        None
        if contract is None or moment is None
        else f"https://www.upwork.com/api/team/v3/snapshots/contracts/{contract}/{moment}"
        for contract, moment in zip(contracts, moments, strict=True)
    ]


CELL = "workDiaryContract.workDiaryTimeCells"
META = "workDiaryContract.workDiaryMetadata"
WHOSE = "the diary does not tell whose it is; the contract does"
FIRST = "snapshotsByContractId"
NAMES = "the table prints a type in place of the field, and leaves out `minute`"


def first(path: str) -> Other:
    """A row of the first snapshot whose printed path names no field."""
    return Other((f"{FIRST}.{path}",), NAMES)


CALLS = [
    Call(
        "workdiaries/get_work_diary",
        f"GET /api/team/v3/workdiaries/companies/{ORG}/20200517.json",
        printed=("", "workDiaryCompany."),
        at="data",
        family="json",
        moved={"contracts": "data.contracts.*", "users": "data.users.*"},
        forms={
            "total": COUNT,
            **dict.fromkeys(("tracked_time", "manual_time", "overtime", "last_screenshot"), NUMBER),
        },
        others={
            **{f"snapshots.task.{name}": Other((f"{DAY}.task.{name}",), CAPITAL) for name in TASK},
            "snapshots.user_id": Other(
                (f"{DAY}.user.id", f"{DAY}.contract.userId"), "a row has a user, and the contract has its id"
            ),
            "snapshots.snapshot_api": Other(
                (f"{DAY}.contract.id", f"{DAY}.time.firstWorkedInt"),
                "a link that a client can follow; the table offers pages of the web site (line 1896)",
                read=links,
            ),
        },
        parts={
            "snapshots.screenshots": {
                name: (f"{DAY}.screenshots.{path}", form) for name, (path, form) in PICTURE.items()
            }
        },
        keyed={
            "contracts.user_id": f"{DAY}.contract.id",
            "contracts.contract_title": f"{DAY}.contract.id",
            "users.name": f"{DAY}.user.id",
            "users.portrait_url": f"{DAY}.user.id",
        },
    ),
    Call(
        "workdiaries/get_work_diary_by_contract",
        "GET /api/team/v3/workdiaries/contracts/24680135/20200517.json",
        moved={
            "snapshots.assignment.id": "data.contract.record_id",
            "snapshots.user": "data.user",
            "snapshots.snapshots": "data.cells",
        },
        forms={
            "archiving_time": SECONDS_TEXT,
            **dict.fromkeys(("hide_screenshots", "has_screenshot", "has_webcam"), ONE_OR_ZERO),
        },
        others={
            "snapshots.assignment.id": Other(
                (), "a diary has no id; it is that of the contract asked for", constant="24680135"
            ),
            "snapshots.user.uid": Other(("contractByTerm.freelancer.id",), WHOSE),
            "snapshots.user.first_name": Other(("contractByTerm.freelancer.firstName",), WHOSE),
            "snapshots.user.portrait_url": Other(("contractByTerm.freelancer.photoUrl",), WHOSE),
            "snapshots.snapshots.cell_time": Other((f"{CELL}.cellDateTime.rawValue",), "a moment is an object"),
            "snapshots.snapshots.time": Other((f"{CELL}.snapshotDateTime.rawValue",), "a moment is an object"),
        },
    ),
    Call(
        "snapshots/get_snapshot_by_contract",
        "GET /api/team/v3/snapshots/contracts/24680135/1589710020.json",
        printed=("Snapshot.", f"{FIRST}."),
        at="snapshot",
        family="json",
        forms={
            "hasScreenshot": ONE_OR_ZERO,
            "hasCamerashot": ONE_OR_ZERO,
            **dict.fromkeys(("screenshotUrl", "screenshotImg", "screenshotImgLrg", "screenshotImgMed"), or_null("")),
            **dict.fromkeys(("screenshotImgThmb", "webcamUrl", "webcamImg", "webcamImgThmb"), or_null("")),
        },
        parts={"task": {"id": (f"{FIRST}.task", None)}},
        others={
            **{f"minutes.{name}": first(f"minutes.minute.{name}") for name in ("time", "mouse", "keyboard")},
            "status": first("status"),
            "screenshotUrl": first("screenshotUrl"),
            "screenshotImg": first("screenshotImage"),
            "screenshotImgLrg": first("screenshotImageLarge"),
            "screenshotImgMed": first("screenshotImageMedium"),
            "screenshotImgThmb": first("screenshotImageThumbnail"),
        },
        is_first=True,
        there=frozenset({"Query.snapshotsByContractId"}),
    ),
]
