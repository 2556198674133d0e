"""The caller's own token, from the places where clients put it."""

from __future__ import annotations

import pytest

from app.access.bearer import bearer_token, credential_of
from app.errors import CredentialError


@pytest.mark.parametrize(
    ("authorization", "token"),
    [
        ("Bearer oauth2v2_abc", "oauth2v2_abc"),
        ("bearer oauth2v2_abc", "oauth2v2_abc"),
        ("BEARER   a.b-c_d~e+f/g=", "a.b-c_d~e+f/g="),
        ("  Bearer oauth2v2_abc  ", "oauth2v2_abc"),
    ],
)
def test_bearer_token__header__gives_its_token(authorization: str, token: str) -> None:
    """The scheme's letter case and spaces around the token do not matter."""
    found = bearer_token(authorization, {})

    assert found == token


@pytest.mark.parametrize(
    "authorization",
    ["Basic ZGFuYTpzZWNyZXQ=", "Bearer", "Bearer ", "Bearer a b", "Bearer ä", "Bearer a,b", 'OAuth realm="x"', "token"],
)
def test_bearer_token__another_header__is_refused(authorization: str) -> None:
    """A header that is no bearer token is told, and not passed by for a token elsewhere."""
    with pytest.raises(CredentialError, match="must be 'Bearer'"):
        bearer_token(authorization, {"access_token": "elsewhere"})


def test_bearer_token__parameter__gives_its_token() -> None:
    """A client without a header may send `access_token`."""
    found = bearer_token(None, {"access_token": "oauth2v2_abc"})

    assert found == "oauth2v2_abc"


def test_bearer_token__header_and_parameter__takes_the_header() -> None:
    """The header wins."""
    found = bearer_token("Bearer from-header", {"access_token": "from-query"})

    assert found == "from-header"


@pytest.mark.parametrize("params", [{}, {"access_token": ""}, {"access_token": "a b"}, {"access_token": ["a"]}])
def test_bearer_token__nothing_usable__is_refused(params: dict[str, object]) -> None:
    """Without a token nothing is asked, and the client is told what to send."""
    with pytest.raises(CredentialError, match="An access token is required"):
        bearer_token(None, params)


def test_bearer_token__longer_than_any_token__is_refused() -> None:
    """A token has a bound."""
    with pytest.raises(CredentialError):
        bearer_token(f"Bearer {'a' * 4097}", {})


def test_credential__shown__keeps_its_token() -> None:
    """Neither text form of a credential shows the token."""
    found = credential_of("oauth2v2_secret")

    assert "oauth2v2_secret" not in repr(found) + str(found) + found.key


def test_credential__same_token__has_the_same_key() -> None:
    """The key tells callers apart, and only that."""
    first, again, other = credential_of("a"), credential_of("a"), credential_of("b")

    assert (first.key == again.key, first.key == other.key) == (True, False)
