"""A credential and one value for each path parameter of the legacy API, valid in the world of a seed."""

from datetime import date
from typing import Any

from app.sandbox.diary import days_worked, snapshots_of
from app.sandbox.seeding import seed_world
from app.sandbox.tokens import default_token
from app.sandbox.world import World


def sandbox_ids(seed: int = 1) -> dict[str, Any]:
    """Give `{"credentials": {"access_token": …}, "values": {parameter name: value}}` for the default token."""
    world = seed_world(seed)
    return {"credentials": credentials(default_token(seed)), "values": world_values(world)}


def credentials(token: str) -> dict[str, str]:
    """Give a token, and what a client may call itself: any id and secret will do that nobody registered."""
    return {"access_token": token, "client_id": "any-id", "client_secret": "any-secret"}


def world_values(world: World) -> dict[str, str]:
    """Give the value of every path parameter in a world."""
    cast, shown = world.cast, world.showcase
    contract = world.contracts[shown.contract_id]
    day: date = days_worked(world, contract)[-2]
    return {
        "company_id": cast.main_company,
        "company_user_id": cast.main_company,
        "company_reference": cast.main_company,
        "team_id": shown.team_id,
        "team_reference": shown.team_id,
        "room_id": shown.room_id,
        "user_id": shown.room_member_id,
        "user_reference": shown.room_member_id,
        "application_id": shown.proposal_id,
        "offer_id": shown.offer_id,
        "contract_id": shown.contract_id,
        "engagement_reference": shown.contract_id,
        "engagement_ref": shown.contract_id,
        "engagement": shown.contract_id,
        "code": shown.activity_code,
        "date": f"{day:%Y%m%d}",
        "timestamp": str(snapshots_of(world, contract, day)[0].time),
        "job_key": shown.posting_id,
        "milestone_id": shown.milestone_id,
        "submission_id": shown.submission_id,
        "profile_key": world.users[cast.freelancer].ciphertext,
    }
