"""Messages through the real SDKs: eleven calls; what is written is read back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.clients import Ids
from tests.e2e.sdk.conftest import Answers, Driven
from tests.e2e.sdk.shapes import assert_error

AUTH_USER = {"first_name", "last_name", "timezone", "timezone_offset"}
ROOM_IN_LIST = {
    "roomId", "orgId", "roomName", "roomType", "topic", "numUnread", "numUnreadMentions", "numUsers", "isFavorite",
    "latestStory", "users", "appId",
}  # fmt: skip
ROOM = {
    "roomId", "orgId", "roomName", "roomType", "topic", "lastReadTimestamp", "recentTimestamp", "isFavorite",
    "isReadOnly", "isHidden", "roleI", "users", "stories",
}  # fmt: skip
STORY = {"storyId", "created", "updated", "userId", "message", "isSystemStory"}


@pytest.fixture(scope="session")
def answers(driven: Driven) -> Answers:
    """What the calls of messages gave."""
    return driven.answers["messages"]


def envelope(answer: dict[str, Any]) -> dict[str, Any]:
    """The payload of an answer of messages, whose two members beside it must be there."""
    assert isinstance(answer["server_time"], int)
    assert set(answer["auth_user"]) == AUTH_USER
    return {name: value for name, value in answer.items() if name not in {"server_time", "auth_user"}}


def room_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The room of an answer, whose shape must be whole."""
    payload = envelope(answer)
    assert set(payload) == {"room"}
    room: dict[str, Any] = payload["room"]
    assert set(room) == ROOM
    assert {key for user in room["users"] for key in user} <= {"userId", "orgId", "role"}
    assert set(room["stories"]) == {"stories", "cursor", "total"}
    assert all(set(story) == STORY for story in room["stories"]["stories"])
    return room


def messages_of(answer: dict[str, Any]) -> list[str]:
    """The texts of a story list, whose shape must be whole; newest first."""
    payload = envelope(answer)
    assert set(payload) == {"stories_list"}
    assert set(payload["stories_list"]) == {"stories", "cursor", "total"}
    stories = payload["stories_list"]["stories"]
    assert all(set(story) == STORY for story in stories)
    return [story["message"] for story in stories]


def test_get_rooms__with_a_limit__gives_that_many_whole_rooms(answers: Answers) -> None:
    """A list of rooms with cursor and total beside it; roles because they were asked for."""
    payload = envelope(answers["rooms"])

    assert set(payload) == {"rooms", "cursor", "total"}
    assert len(payload["rooms"]) == 30
    assert payload["total"] > 130
    assert payload["cursor"] != ""
    assert all(set(room) == ROOM_IN_LIST for room in payload["rooms"])
    assert all(set(user) == {"userId", "orgId", "role"} for room in payload["rooms"] for user in room["users"])
    assert all(set(room["latestStory"]) == {"storyId", "created", "updated", "message"} for room in payload["rooms"])


def test_get_room_details__a_room__is_that_room(answers: Answers, ids: Ids) -> None:
    """The room that was asked for, the caller's own role in it, members with their roles, its newest stories."""
    room = room_of(answers["room"])

    assert room["roomId"] == ids.values["room_id"]
    assert ids.values["user_id"] in {user["userId"] for user in room["users"]}
    assert room["roleI"] in {user["role"] for user in room["users"]}
    assert all(isinstance(room[flag], int) for flag in ("isFavorite", "isReadOnly", "isHidden"))
    assert 0 < len(room["stories"]["stories"]) <= 20


def test_get_room_messages__with_a_limit__gives_the_newest(answers: Answers) -> None:
    """Five stories, in the order of the room's own, newest first."""
    messages = messages_of(answers["stories"])

    stories = answers["stories"]["stories_list"]["stories"]
    assert len(messages) == 5
    assert [story["storyId"] for story in stories] == [
        story["storyId"] for story in answers["room"]["room"]["stories"]["stories"][:5]
    ]
    assert [story["created"] for story in stories] == sorted((story["created"] for story in stories), reverse=True)


@pytest.mark.parametrize("by", ["room_by_offer", "room_by_application", "room_by_contract"])
def test_get_room_by__offer_application_or_contract__is_the_room_of_the_proposal(
    answers: Answers, ids: Ids, by: str
) -> None:
    """The three ways lead to the one room that the list knows by the application, in the same shape."""
    room = room_of(answers[by])

    rooms = answers["rooms_after_create"]["rooms"]
    assert [one["roomId"] for one in rooms if one["appId"] == ids.values["application_id"]] == [room["roomId"]]


def test_create_room__then_read__is_there(answers: Answers) -> None:
    """The new room is answered, is read by its id, and is listed."""
    made, read = room_of(answers["create"]), room_of(answers["after_create"])

    assert (made["roomName"], made["topic"], made["roomType"]) == ("Made by the SDK", "First topic", "GROUP")
    assert read == made
    assert made["roomId"] in {room["roomId"] for room in answers["rooms_after_create"]["rooms"]}


def test_send_message_to_room__then_read__is_the_newest(answers: Answers) -> None:
    """The story is answered, and leads the room's stories, letter by letter."""
    sent = envelope(answers["send"])
    messages = messages_of(answers["after_send"])

    assert set(sent) == {"story"}
    assert set(sent["story"]) == STORY
    assert messages[0] == sent["story"]["message"] == 'One message, with "quotes" and ünïcode'
    assert answers["after_send"]["stories_list"]["stories"][0] == sent["story"]


def test_send_message_to_rooms__then_read__is_in_each(with_batch: Driven) -> None:
    """One story a room is answered, and each room has it."""
    answers = with_batch.answers["messages"]
    sent = envelope(answers["batch"])

    assert set(sent) == {"stories"}
    assert [set(story) for story in sent["stories"]] == [STORY, STORY]
    newest = [one["stories_list"]["stories"][0] for one in answers["after_batch"]]
    assert newest == sent["stories"]
    assert [messages_of(one)[0] for one in answers["after_batch"]] == ["To both", "To both"]


def test_update_room_settings__topic_then_read__is_changed(answers: Answers) -> None:
    """The topic is the new one, in the answer and in the room; its name stays."""
    changed, read = room_of(answers["settings"]), room_of(answers["after_settings"])

    assert (changed["topic"], read["topic"]) == ("Second topic", "Second topic")
    assert read["roomName"] == "Made by the SDK"


def test_update_room_metadata__name_then_read__is_renamed(answers: Answers) -> None:
    """The name is the new one, in the answer and in the room; its topic stays."""
    changed, read = room_of(answers["rename"]), room_of(answers["after_rename"])

    assert (changed["roomName"], read["roomName"]) == ("Renamed", "Renamed")
    assert read["topic"] == "Second topic"


def test_update_room_metadata__read_only_then_read__is_archived(answers: Answers) -> None:
    """The room is read-only, in the answer and afterwards; it was not before."""
    changed, read = room_of(answers["archive"]), room_of(answers["after_archive"])

    assert (changed["isReadOnly"], read["isReadOnly"]) == (1, 1)
    assert answers["after_rename"]["room"]["isReadOnly"] == 0


def test_any_call__token_unknown__hands_over_the_legacy_error(driven: Driven) -> None:
    """The SDK loses the status and gives the body: it must say by itself what is wrong."""
    signed, bearer = "Verification of signature failed.", "The access token is invalid or has expired"
    assert_error(driven.answers["refused"], 401, signed if driven.sdk.signs else bearer)
