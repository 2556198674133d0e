"""What an answer cannot do without, and which error it is when that is not there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.errors import (
    NotFoundError,
    PermissionDeniedError,
    ProxyError,
    RequestError,
    UnknownOutcomeError,
    UpstreamError,
)
from app.plan import Needs
from app.run.ask import Told
from app.run.faults import Fault
from app.run.needs import check_needs
from tests.doubles import ERRORS, NO_ACCESS
from tests.unit.run.conftest import question

NEEDS = Needs(("diary", "cells"), 404, "There is no diary")
#: two roots, asked once a key
SEVERAL = replace(
    question(copies=True), is_several=True, roots=(("talent", "Query.talent"), ("profile", "Query.profile"))
)
EACH = Needs(("all", "talent", "name"), 403, "Forbidden: profile is disabled")


def told(start: Any, *faults: Fault, withheld: frozenset[str] = frozenset()) -> Told:
    """An answer with some faults."""
    return Told(start, faults, withheld, None)


def fault(*path: str | int, message: str = "Exception occurred") -> Fault:
    """A fault at a place."""
    return Fault(message, path, "")


def test_check_needs__nothing_needed__lets_all_pass() -> None:
    """A call without such a rule answers with what there is."""
    check_needs(None, question(), told({"diary": None}), ERRORS)


@pytest.mark.parametrize("found", [[1], [None, 1], "x", 0, True, {}, {"a": None}])
def test_check_needs__something_there__passes(found: Any) -> None:
    """Zero is a value, and an object is something."""
    check_needs(NEEDS, question(), told({"diary": {"cells": found}}, fault("room", "diary", "cells", 3)), ERRORS)


@pytest.mark.parametrize("start", [{"diary": None}, {"diary": {"cells": None}}, {"diary": {}}])
@pytest.mark.parametrize(("status", "kind"), [(400, RequestError), (403, PermissionDeniedError), (404, NotFoundError)])
def test_check_needs__nothing_there__is_the_mappings_error(
    start: dict[str, Any], status: int, kind: type[ProxyError]
) -> None:
    """A null on the way is a null at its end."""
    with pytest.raises(kind, match=r"^There is no diary$"):
        check_needs(replace(NEEDS, status=status), question(), told(start), ERRORS)


@pytest.mark.parametrize("found", [False, "", [], [None], [None, None]])
def test_check_needs__empty_or_false__is_nothing(found: Any) -> None:
    """The upstream says no with false, an empty text, no elements, or elements that are all null."""
    with pytest.raises(NotFoundError, match="There is no diary"):
        check_needs(NEEDS, question(), told({"diary": {"cells": found}}), ERRORS)


@pytest.mark.parametrize(
    "path", [("room",), ("room", "diary"), ("room", "diary", "cells"), ("room", "diary", "cells", 0)]
)
def test_check_needs__fault_on_the_way__decides(path: tuple[str | int, ...]) -> None:
    """What the upstream told about it says more than the mapping could."""
    with pytest.raises(PermissionDeniedError):
        check_needs(NEEDS, question(), told({"diary": None}, fault(*path, message="Access is denied")), ERRORS)


@pytest.mark.parametrize("path", [("room", "topic"), ("caller",), ("room", "diary", "day")])
def test_check_needs__fault_elsewhere__does_not_decide(path: tuple[str, ...]) -> None:
    """A fault of another member says nothing of this one."""
    with pytest.raises(NotFoundError, match="There is no diary"):
        check_needs(NEEDS, question(), told({"diary": None}, fault(*path, message="Access is denied")), ERRORS)


def test_check_needs__fault_that_says_nothing__is_the_upstreams() -> None:
    """A failure of the upstream is no 404."""
    with pytest.raises(UpstreamError, match="could not answer"):
        check_needs(NEEDS, question(), told({"diary": None}, fault("room", "diary")), ERRORS)


@pytest.mark.parametrize(("found", "kind"), [(False, NotFoundError), (None, UnknownOutcomeError), ([], NotFoundError)])
def test_check_needs__of_a_write__only_a_null_leaves_its_outcome_open(found: Any, kind: type[ProxyError]) -> None:
    """False says that nothing was done; where nothing is said, nobody knows."""
    with pytest.raises(kind):
        check_needs(NEEDS, question("mutation"), told({"diary": {"cells": found}}), ERRORS)


def test_check_needs__fault_of_a_write__leaves_its_outcome_open() -> None:
    """A write whose answer fell away may have been carried out."""
    with pytest.raises(UnknownOutcomeError):
        check_needs(
            NEEDS, question("mutation"), told({"diary": {"cells": False}}, fault("room", "diary", "cells")), ERRORS
        )


def test_check_needs__field_on_the_way_withheld__is_the_lacking_scope() -> None:
    """What the credential may not read is not said to be missing."""
    needs = replace(NEEDS, fields=frozenset({"Room.diary", "Diary.cells"}))

    with pytest.raises(PermissionDeniedError, match=NO_ACCESS):
        check_needs(needs, question(), told({"diary": {}}, withheld=frozenset({"Diary.cells"})), ERRORS)


def test_check_needs__another_field_withheld__is_the_mappings_error() -> None:
    """A scope that lacks elsewhere does not hide what is missing."""
    needs = replace(NEEDS, fields=frozenset({"Room.diary", "Diary.cells"}))

    with pytest.raises(NotFoundError, match="There is no diary"):
        check_needs(needs, question(), told({"diary": None}, withheld=frozenset({"Room.topic"})), ERRORS)


def test_check_needs__withheld_of_a_write__leaves_its_outcome_open() -> None:
    """A write was carried out though its answer may not be read."""
    needs = replace(NEEDS, fields=frozenset({"Diary.cells"}))

    with pytest.raises(UnknownOutcomeError):
        check_needs(needs, question("mutation"), told({"diary": {}}, withheld=frozenset({"Diary.cells"})), ERRORS)


# --- several roots, once an element


def test_check_needs__every_answer_has_it__passes() -> None:
    """Another root may be null."""
    check_needs(EACH, SEVERAL, told({"all": [{"talent": {"name": "D."}, "profile": None}]}), ERRORS)


@pytest.mark.parametrize("last", [None, {"talent": None, "profile": {}}, {"talent": {"name": ""}, "profile": {}}])
def test_check_needs__one_answer_lacks_it__fails_the_call(last: Any) -> None:
    """In calls with several keys one forbidden item fails the whole call (legacy conventions, section 6)."""
    with pytest.raises(PermissionDeniedError, match="profile is disabled"):
        check_needs(EACH, SEVERAL, told({"all": [{"talent": {"name": "D."}, "profile": None}, last]}), ERRORS)


def test_check_needs__fault_of_that_root__decides() -> None:
    """The alias of a copy's root ends with the root's own."""
    with pytest.raises(NotFoundError, match="not found"):
        check_needs(EACH, SEVERAL, told({"all": [None]}, fault("r0_talent", message="Talent not found")), ERRORS)


def test_check_needs__fault_of_another_root__does_not_decide() -> None:
    """What befell the other root says nothing of this one."""
    with pytest.raises(PermissionDeniedError, match="profile is disabled"):
        check_needs(EACH, SEVERAL, told({"all": [None]}, fault("r0_profile", message="Profile not found")), ERRORS)


def test_check_needs__root_withheld__is_the_lacking_scope() -> None:
    """A root that the credential may not read is no disabled profile."""
    withheld = frozenset({"Query.talent"})

    with pytest.raises(PermissionDeniedError, match=NO_ACCESS):
        check_needs(EACH, SEVERAL, told({"all": [{"talent": None, "profile": {}}]}, withheld=withheld), ERRORS)
