"""Makes every call and prints what the SDK handed back, by area: `python -m drive <JSON of host, token, ids>`."""

import json
import sys
from typing import Any

from . import activities, contracts, diaries, jobs, messages, metadata, milestones, organizations, payments, profiles
from .connect import connect

#: what changes funds or closes something comes last
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


def main(host: str, token: str, ids: dict[str, str]) -> None:
    """One area after the other, with one client."""
    client = connect(host, token)
    answers: dict[str, Any] = {area.__name__.rpartition(".")[2]: area.drive(client, ids) for area in AREAS}
    answers["refused"] = messages.refused(connect(host, "a-token-nobody-issued"), ids)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
