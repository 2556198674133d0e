"""The caller's own token, from the places where clients put it."""

from __future__ import annotations

import pytest

from app.access.bearer import bearer_credential, credential_of, unverified_credential
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
def test_bearer_credential__header__gives_its_token(authorization: str, token: str) -> None:
    """The scheme's letter case and spaces around the token do not matter."""
    found = bearer_credential(authorization, {})

    assert found.token == token


@pytest.mark.parametrize(
    "authorization",
    ["Basic ZGFuYTpzZWNyZXQ=", "Bearer", "Bearer ", "Bearer a b", "Bearer ä", "Bearer a,b", 'OAuth realm="x"', "token"],
)
def test_bearer_credential__another_header__is_refused(authorization: str) -> None:
    """A header that is no bearer token is told, and not passed by for a token elsewhere."""
    with pytest.raises(CredentialError, match="must be 'Bearer'"):
        bearer_credential(authorization, {"access_token": "elsewhere"})


def test_bearer_credential__parameter__gives_its_token() -> None:
    """A client without a header may send `access_token`."""
    found = bearer_credential(None, {"access_token": "oauth2v2_abc"})

    assert found.token == "oauth2v2_abc"


def test_bearer_credential__header_and_parameter__takes_the_header() -> None:
    """The header wins."""
    found = bearer_credential("Bearer from-header", {"access_token": "from-query"})

    assert found.token == "from-header"


@pytest.mark.parametrize("params", [{}, {"access_token": ""}, {"access_token": "a b"}, {"access_token": ["a"]}])
def test_bearer_credential__nothing_usable__is_refused(params: dict[str, object]) -> None:
    """Without a token nothing is asked, and the client is told what to send."""
    with pytest.raises(CredentialError, match="An access token is required"):
        bearer_credential(None, params)


def test_bearer_credential__longer_than_any_token__is_refused() -> None:
    """A token has a bound."""
    with pytest.raises(CredentialError):
        bearer_credential(f"Bearer {'a' * 4097}", {})


def test_credential__shown__keeps_its_token() -> None:
    """Neither text form of a credential shows the token."""
    found = credential_of("oauth2v2_secret")

    assert "oauth2v2_secret" not in repr(found) + str(found) + found.key


def test_credential__same_token__has_the_same_key() -> None:
    """The key tells callers apart, and only that."""
    first, again, other = credential_of("a"), credential_of("a"), credential_of("b")

    assert (first.key == again.key, first.key == other.key) == (True, False)


# --- OAuth 1.0a, unverified


@pytest.mark.parametrize(
    "authorization",
    [
        'OAuth oauth_consumer_key="any", oauth_token="oauth2v2_a%2Fb", oauth_signature="x"',
        'OAuth realm="",oauth_token="oauth2v2_a%2Fb"',
        'oauth  oauth_token="oauth2v2_a%2Fb",oauth_nonce="1"',
        'OAuth oauth_token="oauth2v2_a/b"',
    ],
)
def test_unverified_credential__oauth_header__gives_its_token(authorization: str) -> None:
    """The token stands in any place of the header, percent-encoded."""
    found = unverified_credential(authorization, {"oauth_token": "of-the-query"})

    assert found == credential_of("oauth2v2_a/b")


def test_unverified_credential__parameter__gives_its_token() -> None:
    """SDKs that sign the query or the form send the token there."""
    found = unverified_credential(None, {"oauth_token": "oauth2v2_abc", "access_token": "another"})

    assert found == credential_of("oauth2v2_abc")


@pytest.mark.parametrize(
    ("authorization", "params"),
    [
        ("OAuth", {"oauth_token": "oauth2v2_abc"}),
        ('OAuth oauth_consumer_key="any"', {"oauth_token": "oauth2v2_abc"}),
        ('OAuth oauth_token=""', {}),
        ('OAuth oauth_token="a%20b"', {}),
        ('OAuth my_oauth_token="abc"', {}),
        (None, {"oauth_token": ""}),
        (None, {"oauth_token": "a b"}),
        (None, {"oauth_token": ["abc"]}),
    ],
)
def test_unverified_credential__no_usable_token__is_refused(
    authorization: str | None, params: dict[str, object]
) -> None:
    """A header without a token is not passed by for a token elsewhere, and what is no token is none."""
    with pytest.raises(CredentialError, match=r"OAuth 1\.0a|must be 'Bearer'"):
        unverified_credential(authorization, params)


@pytest.mark.parametrize(
    ("authorization", "params"),
    [("Bearer oauth2v2_abc", {"oauth_token": "x"}), (None, {"access_token": "oauth2v2_abc"})],
)
def test_unverified_credential__bearer__is_read_as_ever(authorization: str | None, params: dict[str, object]) -> None:
    """Clients of both kinds may call at once."""
    assert unverified_credential(authorization, params) == credential_of("oauth2v2_abc")


def test_unverified_credential__nothing__says_what_to_send() -> None:
    """Without any credential the answer is that of a proxy that knows bearer tokens only."""
    with pytest.raises(CredentialError, match="An access token is required"):
        unverified_credential(None, {})
