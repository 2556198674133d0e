"""Lists that hardly change."""

from itertools import chain

import pytest

from .conftest import Client


async def test_categories__tree__has_subcategories_with_services(client: Client) -> None:
    """Twelve categories; the services of a category are those of its subcategories."""
    query = """{ ontologyCategories { id preferredLabel slug ontologyId services { id }
      subcategories { id preferredLabel services { id } } } }"""

    categories = (await client.data(query))["ontologyCategories"]

    assert len(categories) == 12
    for category in categories:
        assert category["services"] == [one for below in category["subcategories"] for one in below["services"]]


async def test_skills__by_limit_and_offset__are_all_there_once(client: Client) -> None:
    """Stretches put together are the whole; beyond the end there is nothing."""
    query = (
        "query ($limit: Int!, $offset: Int) { ontologySkills(limit: $limit, offset: $offset) { id preferredLabel } }"
    )

    whole = (await client.data(query, limit=1000))["ontologySkills"]
    parts = [(await client.data(query, limit=40, offset=offset))["ontologySkills"] for offset in (0, 40, 80, 120)]

    assert list(chain(*parts)) == whole
    assert len({skill["id"] for skill in whole}) == len(whole) > 100
    assert (await client.data(query, limit=5, offset=9999))["ontologySkills"] == []


@pytest.mark.parametrize("reason_type", ["JOB_POSTING_CLOSE", "DEACTIVATION_ACCOUNT"])
async def test_reasons__of_any_type__have_id_text_and_alias(client: Client, reason_type: str) -> None:
    """Every type has reasons."""
    query = "query ($type: ReasonType!) { reasons(reasonType: $type, all: true) { id reason alias } }"

    reasons = (await client.data(query, type=reason_type))["reasons"]

    assert reasons
    assert all(reason["id"].isdigit() and reason["reason"] and reason["alias"] for reason in reasons)


async def test_regions_and_countries__fit_together(client: Client) -> None:
    """A country's region is one of the regions."""
    query = """{ regions { id name parentRegion { name } } languages { englishName } timeZones { timeZoneName }
      countries { name twoLetterAbbreviation region relatedSubRegion { name } relatedRegion { name } } }"""

    data = await client.data(query)

    names = {region["name"]: (region["parentRegion"] or {}).get("name") for region in data["regions"]}
    for country in data["countries"]:
        assert names[country["relatedSubRegion"]["name"]] == (country["relatedRegion"] or {}).get("name")
    assert data["languages"]
    assert data["timeZones"]


async def test_user_details__of_a_user__have_name_and_place(client: Client) -> None:
    """The offset is in minutes."""
    query = """query ($id: ID!) { userDetails(id: $id) {
      id nid rid name firstName lastName photoUrl publicUrl email location { timezone offsetToUTC } } }"""
    user = client.world.users[client.world.cast.freelancer]

    found = (await client.data(query, id=user.id))["userDetails"]

    assert found == {
        "id": user.id,
        "nid": user.nid,
        "rid": user.rid,
        "name": user.name,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "photoUrl": user.photo_url,
        "publicUrl": user.public_url,
        "email": user.email,
        "location": {"timezone": user.place.time_zone, "offsetToUTC": user.place.offset_minutes},
    }
