"""All areas, one after the other; what changes funds or closes something comes last."""

from typing import Any

from tests.e2e.drive import (
    activities,
    contracts,
    diaries,
    jobs,
    messages,
    metadata,
    milestones,
    organizations,
    payments,
    profiles,
)
from tests.e2e.drive.speaker import Speaker

AREAS = (
    organizations,
    metadata,
    profiles,
    jobs,
    diaries,
    contracts,
    messages,
    activities,
    milestones,
    payments,
)


def drive_all(call: Speaker, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave, by area."""
    return {area.__name__.rpartition(".")[2]: area.drive(call, ids) for area in AREAS}
