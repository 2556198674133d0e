"""The eleven calls of messages: six reads, and five writes each followed by the read that must show it."""

import json
from typing import Any

from upwork.routers.messages import Api  # type: ignore[import-not-found]


def drive(client: Any, ids: dict[str, str]) -> dict[str, Any]:
    """What each call gave."""
    api, company = Api(client), ids["company_id"]
    answers = read_messages(api, company, ids)
    member = next(user for user in answers["room"]["room"]["users"] if user["orgId"] != company)
    return answers | write_messages(api, company, member)


def refused(client: Any, ids: dict[str, str]) -> Any:
    """What a call gives to a client that may not make it."""
    return Api(client).get_rooms(ids["company_id"])


def read_messages(api: Any, company: str, ids: dict[str, str]) -> dict[str, Any]:
    """The six reads of messages."""
    return {
        "rooms": api.get_rooms(company, {"limit": 30, "returnUserRoles": 1}),
        "room": api.get_room_details(company, ids["room_id"], {"returnUserRoles": 1}),
        "stories": api.get_room_messages(company, ids["room_id"], {"limit": 5}),
        "room_by_offer": api.get_room_by_offer(company, ids["offer_id"]),
        "room_by_application": api.get_room_by_application(company, ids["application_id"]),
        "room_by_contract": api.get_room_by_contract(company, ids["contract_id"]),
    }


def write_messages(api: Any, company: str, member: dict[str, str]) -> dict[str, Any]:
    """The five writes of messages, each followed by the read that must show it."""
    done: dict[str, Any] = {}
    users = [{"userId": member["userId"], "orgId": member["orgId"]}]
    wish = {"roomName": "Made by the SDK", "topic": "First topic", "roomType": "GROUP", "users": users}
    done["create"] = api.create_room(company, {"room": json.dumps(wish)})
    room = done["create"]["room"]["roomId"]
    done["after_create"] = api.get_room_details(company, room)
    done["rooms_after_create"] = api.get_rooms(company, {"limit": 1000})
    other = api.create_room(company, {"room": json.dumps(wish | {"roomName": "A second one"})})["room"]["roomId"]

    story = {"message": 'One message, with "quotes" and ünïcode', "userId": member["userId"], "orgId": company}
    done["send"] = api.send_message_to_room(company, room, {"story": json.dumps(story)})
    done["after_send"] = api.get_room_messages(company, room)

    everyone = {"rooms": [room, other], "story": json.dumps({"message": "To both"})}
    done["batch"] = api.send_message_to_rooms(company, everyone)
    done["after_batch"] = [api.get_room_messages(company, one) for one in (room, other)]

    done["settings"] = api.update_room_settings(company, room, member["userId"], {"topic": "Second topic"})
    done["after_settings"] = api.get_room_details(company, room)
    done["rename"] = api.update_room_metadata(company, room, {"metadata": json.dumps({"roomName": "Renamed"})})
    done["after_rename"] = api.get_room_details(company, room)
    done["archive"] = api.update_room_metadata(company, room, {"metadata": json.dumps({"isReadOnly": True})})
    done["after_archive"] = api.get_room_details(company, room)
    return done
