"""The eleven calls of messages: six reads, and five writes each followed by the read that must show it."""

import json
from typing import Any

from tests.e2e.drive.calls import BATCH
from tests.e2e.drive.speaker import Speaker


def drive(call: Speaker, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    company = ids["company_id"]
    answers = read_messages(call, company, ids)
    member = next(user for user in answers["room"]["room"]["users"] if user["orgId"] != company)
    return answers | write_messages(call, company, member)


def refused(call: Speaker, ids: dict[str, str]) -> Any:
    """What a call gives to a client that may not make it."""
    return call("messages.get_rooms", ids["company_id"], {})


def read_messages(call: Speaker, company: str, ids: dict[str, str]) -> dict[str, Any]:
    """The six reads of messages."""
    room = ids["room_id"]
    return {
        "rooms": call("messages.get_rooms", company, {"limit": 30, "returnUserRoles": 1}),
        "room": call("messages.get_room_details", company, room, {"returnUserRoles": 1}),
        "stories": call("messages.get_room_messages", company, room, {"limit": 5}),
        "room_by_offer": call("messages.get_room_by_offer", company, ids["offer_id"], {}),
        "room_by_application": call("messages.get_room_by_application", company, ids["application_id"], {}),
        "room_by_contract": call("messages.get_room_by_contract", company, ids["contract_id"], {}),
    }


def write_messages(call: Speaker, company: str, member: dict[str, str]) -> dict[str, Any]:
    """The five writes of messages, each followed by the read that must show it."""

    def details() -> Any:
        return call("messages.get_room_details", company, room, {})

    done: dict[str, Any] = {}
    users = [{"userId": member["userId"], "orgId": member["orgId"]}]
    wish = {"roomName": "Made by the SDK", "topic": "First topic", "roomType": "GROUP", "users": users}
    done["create"] = call("messages.create_room", company, {"room": json.dumps(wish)})
    room = done["create"]["room"]["roomId"]
    done["after_create"] = details()
    done["rooms_after_create"] = call("messages.get_rooms", company, {"limit": 1000})

    story = {"message": 'One message, with "quotes" and ünïcode', "userId": member["userId"], "orgId": company}
    done["send"] = call("messages.send_message_to_room", company, room, {"story": json.dumps(story)})
    done["after_send"] = call("messages.get_room_messages", company, room, {})
    done |= send_to_both(call, company, room, wish)

    done["settings"] = call("messages.update_room_settings", company, room, member["userId"], {"topic": "Second topic"})
    done["after_settings"] = details()
    done["rename"] = call(
        "messages.update_room_metadata", company, room, {"metadata": json.dumps({"roomName": "Renamed"})}
    )
    done["after_rename"] = details()
    done["archive"] = call(
        "messages.update_room_metadata", company, room, {"metadata": json.dumps({"isReadOnly": True})}
    )
    done["after_archive"] = details()
    return done


def send_to_both(call: Speaker, company: str, room: str, wish: dict[str, Any]) -> dict[str, Any]:
    """A message to this room and to a new one; an SDK without batches only makes the room."""
    made = call("messages.create_room", company, {"room": json.dumps(wish | {"roomName": "A second one"})})
    if not call.can(BATCH):
        return {}
    rooms = [room, made["room"]["roomId"]]
    batch = call(BATCH, company, {"rooms": rooms, "story": json.dumps({"message": "To both"})})
    return {
        "batch": batch,
        "after_batch": [call("messages.get_room_messages", company, one, {}) for one in rooms],
    }
