"""A program as an integrator wrote it, with the official SDK and one line changed; prints what the SDK handed back.

Runs apart from the project, with nothing but the SDK on its path: `drive_python_oauth2.py <JSON of host, token, ids>`.
"""

import json
import sys
from typing import Any

import upwork  # type: ignore[import-not-found]
from upwork.routers.hr import engagements  # type: ignore[import-not-found]
from upwork.routers.messages import Api as Messages  # type: ignore[import-not-found]


def connect(host: str, token: str) -> Any:
    """A client with a token that does not expire, on another host."""
    upwork.upwork.BASE_HOST = host
    held = {"access_token": token, "token_type": "Bearer", "refresh_token": "any", "expires_at": 4102444800}
    config = {"client_id": "any", "client_secret": "any", "redirect_uri": "http://localhost", "token": held}
    return upwork.Client(upwork.Config(config))


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


def main(host: str, token: str, ids: dict[str, str]) -> None:
    """Make every call and print the answers as one JSON object."""
    company = ids["company_id"]
    client = connect(host, token)
    messages = Messages(client)
    answers = read_messages(messages, company, ids)
    member = next(user for user in answers["room"]["room"]["users"] if user["orgId"] != company)
    answers |= write_messages(messages, company, member)
    answers["engagements"] = engagements.Api(client).get_list({"page": "0;5"})
    answers["engagement"] = engagements.Api(client).get_specific(ids["engagement_reference"])
    answers["refused"] = Messages(connect(host, "a-token-nobody-issued")).get_rooms(company)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
