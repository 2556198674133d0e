"""The element of an answer that is meant, and what is told when there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.errors import NotFoundError, PermissionDeniedError, ProxyError, RequestError, UpstreamError
from app.plan import Seek
from app.run.ask import Told
from app.run.faults import Fault
from app.run.seek import is_there, stand_at
from tests.doubles import ERRORS, NO_ACCESS

#: a team by one of its names, in the companies of an answer
BY_NAME = Seek(
    each=("companies", "teams"),
    holds=lambda team, wanted: wanted in {team["id"], team["name"]},
    to=("team", "name"),
    status=404,
    message="There is no such team",
)
EVERY = replace(BY_NAME, every=(("id",), ("users", "id"), ("owner", "name")))
WANTED: dict[str, Any] = {"team": {"name": "Tiles"}}


def told(*teams: Any, faults: tuple[Fault, ...] = (), withheld: frozenset[str] = frozenset()) -> Told:
    """An answer with these teams, in a list of a list with nulls in it."""
    return Told({"companies": [None, {"teams": None}, {"teams": [None, *teams]}]}, faults, withheld, None)


def team(number: int, name: str, *users: str) -> dict[str, Any]:
    """A team with an owner."""
    return {"id": f"t{number}", "name": name, "users": [{"id": user} for user in users], "owner": {"name": "Dana"}}


def test_stand_at__several_fit__stands_at_the_first() -> None:
    """The answer is read from the first element that is meant, through lists in lists."""
    answer = told(team(1, "Roofs"), team(2, "Tiles"), team(3, "Tiles"))

    found = stand_at(BY_NAME, WANTED, answer, [], ERRORS)

    assert (found.start, found.faults) == (team(2, "Tiles"), answer.faults)


def test_stand_at__every__gathers_the_paths_of_all_that_fit() -> None:
    """Each path becomes a list, flat and without repetitions; nothing else of the elements is kept."""
    answer = told(team(1, "Tiles", "u1", "u2"), team(2, "Roofs", "u9"), team(3, "Tiles", "u2", "u3"))

    found = stand_at(EVERY, WANTED, answer, [], ERRORS)

    assert found.start == {
        "id": ["t1", "t3"],
        "users": {"id": ["u1", "u2", "u3"]},
        "owner": {"name": ["Dana"]},
    }


@pytest.mark.parametrize(("seek", "status"), [(BY_NAME, 404), (EVERY, 404)])
@pytest.mark.parametrize("answer", [told(team(1, "Roofs")), told(), Told({"companies": None}, (), frozenset(), None)])
def test_stand_at__none_fits__is_the_mappings_error(seek: Seek, status: int, answer: Told) -> None:
    """Where the whole answer was seen, what is not in it is not there."""
    with pytest.raises(NotFoundError, match=r"^There is no such team$") as caught:
        stand_at(seek, WANTED, answer, [], ERRORS)

    assert caught.value.status == status


@pytest.mark.parametrize(("status", "kind"), [(400, RequestError), (403, PermissionDeniedError), (404, NotFoundError)])
def test_stand_at__none_fits__has_the_status_of_the_mapping(status: int, kind: type[ProxyError]) -> None:
    """Whose fault it is that nothing is there is said by the mapping."""
    with pytest.raises(kind, match="There is no such team"):
        stand_at(replace(BY_NAME, status=status), WANTED, told(), [], ERRORS)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("Access is denied", ("companies",), ""), PermissionDeniedError),
        (Fault("Exception occurred", ("companies",), ""), UpstreamError),
    ],
)
def test_stand_at__none_fits_in_a_partial_answer__is_what_the_upstream_told(
    fault: Fault, kind: type[ProxyError]
) -> None:
    """What fell out of the answer may be what is meant: that is no 404."""
    with pytest.raises(kind):
        stand_at(BY_NAME, WANTED, told(team(1, "Roofs"), faults=(fault,)), [], ERRORS)


def test_stand_at__one_fits_in_a_partial_answer__is_found() -> None:
    """What is there is there."""
    fault = Fault("Exception occurred", ("companies", 0), "")

    found = stand_at(BY_NAME, WANTED, told(team(2, "Tiles"), faults=(fault,)), [], ERRORS)

    assert (found.start["id"], found.faults) == ("t2", (fault,))


def test_stand_at__every_in_a_partial_answer__is_not_gathered() -> None:
    """A list that may lack some of those that are meant would filter by too few without a word."""
    with pytest.raises(UpstreamError):
        stand_at(EVERY, WANTED, told(team(1, "Tiles"), faults=(Fault("Exception occurred", (), ""),)), [], ERRORS)


def test_stand_at__none_fits_and_a_field_is_withheld__is_the_lacking_scope() -> None:
    """A credential that may not read what is compared is told so."""
    with pytest.raises(PermissionDeniedError, match=NO_ACCESS):
        stand_at(BY_NAME, WANTED, told(withheld=frozenset({"Team.name"})), [], ERRORS)


@pytest.mark.parametrize("seek", [BY_NAME, EVERY])
def test_stand_at__search_was_not_whole__says_why(seek: Seek) -> None:
    """Beside the mapping's words stands what kept the search from its end."""
    with pytest.raises(RequestError, match="There is no such team: only 50 rows could be fetched"):
        stand_at(seek, WANTED, told(team(1, "Roofs")), ["only 50 rows could be fetched"], ERRORS)


@pytest.mark.parametrize(
    ("seek", "answer", "is_found"),
    [
        (BY_NAME, told(team(2, "Tiles")), True),
        (BY_NAME, told(team(2, "Roofs")), False),
        (BY_NAME, told(), False),
        (EVERY, told(team(2, "Tiles")), False),
    ],
)
def test_is_there__only_one_is_meant__ends_the_walk(seek: Seek, answer: Told, is_found: bool) -> None:
    """The first that fits is enough; where all that fit are gathered, no page can be left out."""
    assert is_there(seek, WANTED, answer.start) is is_found
