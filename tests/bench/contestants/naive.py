"""The same call as people write it: FastAPI, a client of httpx, models of pydantic. PORT and UPSTREAM as arguments."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
from fastapi import FastAPI, Header
from pydantic import BaseModel

QUERY = Path(os.environ["BENCH_QUERY"]).read_text(encoding="utf-8")
UPSTREAM = os.environ["BENCH_UPSTREAM"]

app = FastAPI()
client = httpx.AsyncClient()


class Story(BaseModel):
    """The latest message of a room."""

    storyId: str | None
    created: int | None
    updated: int | None
    message: str | None


class User(BaseModel):
    """Somebody in a room."""

    userId: str | None
    orgId: str | None


class Room(BaseModel):
    """A room."""

    roomId: str | None
    orgId: str | None
    roomName: str | None
    roomType: str | None
    topic: str | None
    numUnread: int
    numUnreadMentions: int
    numUsers: int
    isFavorite: int
    latestStory: Story | None
    users: list[User]
    appId: str | None


class Rooms(BaseModel):
    """The answer."""

    server_time: int
    rooms: list[Room]
    cursor: str
    total: int


def milliseconds(text: str | None) -> int | None:
    """An instant in the old form."""
    return None if text is None else int(datetime.fromisoformat(text).timestamp() * 1000)


def story(found: dict[str, Any] | None) -> Story | None:
    """The latest message."""
    if found is None:
        return None
    return Story(
        storyId=found.get("id"),
        created=milliseconds(found.get("createdDateTime")),
        updated=milliseconds(found.get("updatedDateTime")),
        message=found.get("message"),
    )


def room(found: dict[str, Any]) -> Room:
    """One room."""
    return Room(
        roomId=found.get("id"),
        orgId=(found.get("organization") or {}).get("id"),
        roomName=found.get("roomName"),
        roomType=found.get("roomType"),
        topic=found.get("topic"),
        numUnread=found.get("numUnread") or 0,
        numUnreadMentions=found.get("numUnreadMentions") or 0,
        numUsers=found.get("numUsers") or 0,
        isFavorite=1 if found.get("favorite") else 0,
        latestStory=story(found.get("latestStory")),
        users=[
            User(
                userId=(user.get("user") or {}).get("id"),
                orgId=(user.get("organization") or {}).get("id"),
            )
            for user in found.get("roomUsers") or []
        ],
        appId=(found.get("vendorProposal") or {}).get("id"),
    )


@app.get("/api/messages/v3/{company}/rooms.json", response_model=Rooms)
async def rooms(
    company: str, authorization: Annotated[str, Header()], limit: int = 20, cursor: str | None = None
) -> Rooms:
    """The rooms of a company."""
    pagination = {"first": limit} | ({"after": cursor} if cursor else {})
    answer = await client.post(
        UPSTREAM,
        json={"query": QUERY, "variables": {"pagination": pagination}},
        headers={"Authorization": authorization, "X-Upwork-API-TenantId": company},
    )
    answer.raise_for_status()
    found = answer.json()["data"]["roomList"]
    return Rooms(
        server_time=int(time.time()),
        rooms=[room(edge["node"]) for edge in found["edges"]],
        cursor=(found.get("pageInfo") or {}).get("endCursor") or "",
        total=found.get("totalCount") or 0,
    )
