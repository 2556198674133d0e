"""The several faces of a user: the current one, any other, with personal details, and as a party to a contract."""

from typing import Any

from app.sandbox.records.people import Place, User
from app.sandbox.refusals import NotFound
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.seeding.words import country_name

users = FieldTable()

users.reads("Query", user=lambda _, call: call.user)
users.reads(
    "GenericUser CurrentUser",
    freelancerProfile=lambda user, call: call.world.profiles.get(user.id),
    talentProfile=lambda user, call: call.world.profiles.get(user.id),
)
users.reads("GenericUser PiiUser", location=lambda user, _: location(user.place))
users.reads("ContractUser", address=lambda user, _: location(user.place))


@users.field("Query", "userDetails")
def user_details(_: None, call: Call, id_: str) -> User:
    """Any user with name, address of mail and place."""
    user = call.world.users.get(id_)
    if user is None:
        raise NotFound("User", id_)
    return user


@users.field("CurrentUser CurrentOrganization", "userPermissions")
def user_permissions(source: Any, call: Call, **_: Any) -> dict[str, Any]:
    """One granted action in the caller's organization: enough to see the shape."""
    node = {
        "organization": call.organization,
        "team": call.organization,
        "action": "view",
        "access": "ACCESS_GRANTED",
        "reason": None,
    }
    return {"edges": [{"node": node}], "offset": None}


@users.field("CurrentUser", "i18NSettings")
def i18n_settings(user: User, _: Call, company_referenced_id: str | None = None) -> dict[str, Any]:
    """Settings of language and place; only the country differs from user to user."""
    return {
        "countrySupported": True,
        "location": {
            "country": {"id": user.place.country, "name": country_name(user.place.country), "region": "OTHER"}
        },
        "status": "ELIGIBLE",
        "locationViewType": "COUNTRY",
        "userPreferredLocationType": "WORLD",
        "settingsFlags": {},
    }


def location(place: Place) -> dict[str, Any]:
    """Give a place as a UserLocation; the offset is in minutes."""
    return {
        "countryName": country_name(place.country),
        "cityName": place.city,
        "zip": place.zip,
        "timezone": place.time_zone,
        "timezoneName": place.time_zone_label,
        "street": place.street,
        "stateCode": place.state,
        "offsetToUTC": place.offset_minutes,
    }
