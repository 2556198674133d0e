"""The upstream's token endpoint as it is asked and read: credentials in the body, refusals told apart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import respx

from app.access.authorization import Authorization, Client, GrantRefusedError
from app.errors import UpstreamError, UpstreamTimeoutError
from tests.unit.access.conftest import a_grant

TOKEN_URL = "https://upstream.test/api/v3/oauth2/token"
NOW = 1_700_000_000.0
TOLD = {"access_token": "oauth2v2_new", "refresh_token": "refresh-new", "token_type": "Bearer", "expires_in": 86400}


@pytest.fixture
async def authorization() -> AsyncIterator[Authorization]:
    """A client of the endpoint."""
    async with httpx.AsyncClient() as http:
        yield Authorization(
            http,
            Client("client-1", "s3cr&t="),
            authorize_url="https://upstream.test/authorize",
            token_url=TOKEN_URL,
            now=lambda: NOW,
        )


def body_of(route: respx.Route) -> dict[str, list[str]]:
    """What was sent."""
    request = route.calls.last.request
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in request.headers
    return parse_qs(request.content.decode(), strict_parsing=True)


def test_consent_url__asks_for_a_code(authorization: Authorization) -> None:
    """The address has what the upstream wants, escaped."""
    url = authorization.consent_url("http://127.0.0.1:8000/heirloom/connect/callback", "a ticket&")

    assert url.startswith("https://upstream.test/authorize?")
    assert parse_qs(urlsplit(url).query) == {
        "response_type": ["code"],
        "client_id": ["client-1"],
        "redirect_uri": ["http://127.0.0.1:8000/heirloom/connect/callback"],
        "state": ["a ticket&"],
    }


@respx.mock
async def test_by_code__answered__is_a_grant(authorization: Authorization) -> None:
    """The code and where it was sent to are given, and what comes back is kept whole."""
    route = respx.post(TOKEN_URL).respond(json=TOLD)

    grant = await authorization.by_code("code-1", "http://h/callback")

    assert body_of(route) == {
        "grant_type": ["authorization_code"],
        "code": ["code-1"],
        "redirect_uri": ["http://h/callback"],
        "client_id": ["client-1"],
        "client_secret": ["s3cr&t="],
    }
    assert (grant.access_token, grant.refresh_token, grant.access_ends) == ("oauth2v2_new", "refresh-new", NOW + 86400)


@respx.mock
@pytest.mark.parametrize(("told", "kept"), [({}, "refresh-new"), ({"refresh_token": None}, "refresh-0")])
async def test_refreshed__token_not_replaced__the_old_one_goes_on(
    authorization: Authorization, told: dict[str, object], kept: str
) -> None:
    """A new refresh token counts; where there is none the old one stays."""
    route = respx.post(TOKEN_URL).respond(json=TOLD | told)
    old = a_grant()

    fresh = await authorization.refreshed(old)

    assert body_of(route)["refresh_token"] == ["refresh-0"]
    assert (fresh.refresh_token, fresh.created, fresh.refreshed) == (kept, old.created, NOW)


@respx.mock
async def test_by_client__answered__needs_no_refresh_token(authorization: Authorization) -> None:
    """The client asks for itself, and again when the token ends."""
    route = respx.post(TOKEN_URL).respond(json={"access_token": "oauth2v2_c", "token_type": "Bearer"})

    grant = await authorization.by_client()
    again = await authorization.refreshed(grant)

    assert body_of(route)["grant_type"] == ["client_credentials"]
    assert (again.kind, again.access_token, again.refresh_token) == ("client_credentials", "oauth2v2_c", "")


REFUSALS = [
    (400, {"error": "invalid_grant"}, GrantRefusedError),
    (401, {"error": "invalid_client"}, UpstreamError),
    (400, {"error": "invalid_request", "error_description": "Missing parameters: client_id"}, UpstreamError),
    (500, {"error": "server_error"}, UpstreamError),
    (200, {"token_type": "Bearer"}, UpstreamError),
    (200, ["oauth2v2_x"], UpstreamError),
]


@respx.mock
@pytest.mark.parametrize(("status", "told", "error"), REFUSALS)
async def test_refreshed__refused__only_invalid_grant_ends_the_grant(
    authorization: Authorization, status: int, told: object, error: type[Exception]
) -> None:
    """A client secret that is set wrong must not cost every grant."""
    respx.post(TOKEN_URL).respond(status, json=told)

    with pytest.raises(error) as caught:
        await authorization.refreshed(a_grant())
    assert isinstance(caught.value, GrantRefusedError) == (error is GrantRefusedError)
    assert "s3cr" not in f"{caught.value} {getattr(caught.value, 'detail', '')}"


@respx.mock
@pytest.mark.parametrize(
    ("fault", "error"), [(httpx.ConnectError("x"), UpstreamError), (httpx.ReadTimeout("x"), UpstreamTimeoutError)]
)
async def test_refreshed__nobody_answers__is_the_upstreams_fault(
    authorization: Authorization, fault: Exception, error: type[Exception]
) -> None:
    """What the wire does is told as everywhere."""
    respx.post(TOKEN_URL).mock(side_effect=fault)

    with pytest.raises(error):
        await authorization.refreshed(a_grant())


@respx.mock
async def test_refreshed__html__is_the_upstreams_fault(authorization: Authorization) -> None:
    """A page is no token."""
    respx.post(TOKEN_URL).respond(200, html="<p>Down for maintenance</p>")

    with pytest.raises(UpstreamError):
        await authorization.refreshed(a_grant())


async def test_refreshed__nothing_to_refresh_with__is_refused(authorization: Authorization) -> None:
    """A grant without a refresh token has to be connected again."""
    with pytest.raises(GrantRefusedError):
        await authorization.refreshed(a_grant(refresh=""))
