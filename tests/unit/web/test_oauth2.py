"""OAuth2 of clients with their own grants: token requests in every SDK's form, and the one redirect that is right."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest

from app.access.records import ProxyKey
from app.access.vault import digest
from app.assemble import assemble
from app.compile.build import Built
from app.settings import Settings, load_settings
from app.web.app import create_app
from tests.asgi import Reply, send
from tests.unit.web.keeping import Keeping

TOKEN, AUTHORIZE = "/api/v3/oauth2/token", "/ab/account-security/oauth2/authorize"
FORM = "application/x-www-form-urlencoded"
BASIC = {"Authorization": "Basic " + base64.b64encode(b"client-1:s3cr:et").decode()}
TOLD = {"access_token": "oauth2v2_new", "refresh_token": "r1", "token_type": "bearer", "expires_in": 86400}
CODE = {"grant_type": "authorization_code", "code": "c1", "redirect_uri": "http://localhost/cb"}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "r0"}
CLIENT = {"client_id": "client-1", "client_secret": "s3cr:et"}


class Service:
    """A service over a token endpoint that answers as told and keeps what it was asked."""

    def __init__(self, built: Built, settings: Settings) -> None:
        self.answer: httpx.Response | Exception = httpx.Response(200, json=TOLD)
        self.asked: list[httpx.Request] = []
        self.app = create_app(assemble(settings, built.plans, transport=httpx.MockTransport(self._upstream)))

    def _upstream(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def token(self, body: str, content_type: str = FORM, headers: dict[str, str] | None = None) -> Reply:
        """A token request."""
        sent = {"Content-Type": content_type, **(headers or {})}
        return await send(self.app, "POST", TOKEN, sent, body.encode())

    @property
    def members(self) -> dict[str, str]:
        """What the token endpoint was sent."""
        (request,) = self.asked
        assert request.headers["content-type"] == FORM
        assert "authorization" not in request.headers
        assert str(request.url) == "https://www.upwork.com/api/v3/oauth2/token"
        return dict(parse_qsl(request.content.decode(), strict_parsing=True))


@pytest.fixture
def service(built: Built, settings: Settings) -> Service:
    """A service as it is without any setting."""
    return Service(built, settings)


#: what each SDK sends: legacy clients, OAuth2
FORMS: dict[str, tuple[str, str, dict[str, str], dict[str, str]]] = {
    "python code": (
        "grant_type=authorization_code&code=c1&redirect_uri=http%3A%2F%2Flocalhost%2Fcb", FORM, BASIC, CODE,
    ),
    "python refresh": (
        "grant_type=refresh_token&refresh_token=r0&allow_redirects=True&client_id=client-1&client_secret=s3cr%3Aet",
        FORM, {}, REFRESH,
    ),
    "python client": ("grant_type=client_credentials", FORM, BASIC, {"grant_type": "client_credentials"}),
    "node 2.1.3": (
        "grant_type=refresh_token&refresh_token=r0&client_id=client-1&client_secret=s3cr%3Aet", FORM, BASIC, REFRESH,
    ),
    "node 2.2.1": ("grant_type=refresh_token&refresh_token=r0", FORM, BASIC, REFRESH),
    "java": (
        "code=c1&grant_type=authorization_code&redirect_uri=http%3A%2F%2Flocalhost%2Fcb&scope"
        "&client_id=client-1&client_secret=s3cr%3Aet", f"{FORM}; charset=UTF-8", {}, CODE,
    ),
    "json": (
        '{"grant_type": "refresh_token", "refresh_token": "r0", "client_id": "client-1", "client_secret": "s3cr:et"}',
        "application/json", {}, REFRESH,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "content_type", "headers", "members"), FORMS.values(), ids=FORMS)
async def test_token__form_of_an_sdk__goes_on_with_the_client_in_the_body(
    service: Service, body: str, content_type: str, headers: dict[str, str], members: dict[str, str]
) -> None:
    """Basic or not, strays or not: one form goes upstream, and what comes back is given back."""
    reply = await service.token(body, content_type, headers)

    assert service.members == members | CLIENT
    assert reply.status == 200
    assert reply.json() == TOLD | {"token_type": "Bearer"}
    assert (reply.headers["content-type"], reply.headers["cache-control"]) == ("application/json", "no-store")


async def test_token__refused_upstream__keeps_status_and_members(service: Service) -> None:
    """A refusal is told as RFC 6749 names it, and in the headers that old SDKs read."""
    service.answer = httpx.Response(400, json={"error": "invalid_grant", "error_description": "it was used"})

    reply = await service.token("grant_type=refresh_token&refresh_token=r0", FORM, BASIC)

    assert (reply.status, reply.json()["error"]) == (400, "invalid_grant")
    assert (reply.headers["x-upwork-error-code"], reply.headers["x-upwork-error-message"]) == ("400", "it was used")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (httpx.ConnectError("x"), 502),
        (httpx.ReadTimeout("x"), 504),
        (httpx.Response(200, html="<p>Down</p>"), 502),
        (httpx.Response(302, headers={"Location": "https://evil.example/"}), 502),
        (httpx.Response(200, json=["x"]), 502),
    ],
)
async def test_token__no_answer_that_can_be_read__is_a_legacy_error_and_sent_once(
    service: Service, answer: httpx.Response | Exception, status: int
) -> None:
    """A code works once: it is never tried again."""
    service.answer = answer

    reply = await service.token("grant_type=authorization_code&code=c1", FORM, BASIC)

    assert (reply.status, reply.headers["x-upwork-error-code"]) == (status, str(status))
    assert reply.json()["error"]["status"] == status
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ???", "Basic " + base64.b64encode(b"client-1").decode(), "Basic /w=="]
)
async def test_token__basic_cannot_be_read__is_refused_here(service: Service, header: str) -> None:
    """What nobody can read is not passed on."""
    reply = await service.token("grant_type=client_credentials", FORM, {"Authorization": header})

    assert (reply.status, service.asked) == (400, [])


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?response_type=code&client_id=x&redirect_uri=http%3a%2F%2Flocalhost%2Fcb&state=a%20b+c",
        "?a=%22&b=[~];&&",
        "?x=//evil",
    ],
)
async def test_authorize__any_query__goes_on_to_the_byte(service: Service, query: str) -> None:
    """Clients compare their state; the address is the upstream's whatever the query says."""
    reply = await send(service.app, "GET", AUTHORIZE + query)

    assert reply.status == 302
    assert reply.headers["location"] == f"https://www.upwork.com{AUTHORIZE}{query}"
    assert service.asked == []


async def test_token__proxy_key__refreshes_to_itself(built: Built, tmp_path: Path) -> None:
    """SDKs refresh by their own clock; a key does not end by a clock."""
    service = Keeping(built, tmp_path)
    key = await service.access.keys.make("shop", "main")
    body = f"grant_type=refresh_token&refresh_token={key}".encode()
    headers = {"Content-Type": FORM, **BASIC}

    told = await service.send("POST", TOKEN, headers, body)
    await service.access.vault.delete(ProxyKey, digest(key))
    refused = await service.send("POST", TOKEN, headers, body)

    assert (told.status, told.json()["access_token"], told.json()["refresh_token"]) == (200, key, key)
    assert (refused.status, refused.headers["x-upwork-error-code"]) == (401, "401")
    await service.assembly.close()


async def test_token__own_tokens_not_taken__are_not_obtained_either(built: Built) -> None:
    """A proxy of keys alone passes nobody's secrets on."""
    settings = load_settings({"HEIRLOOM_AUTH": "broker", "HEIRLOOM_SECRET_KEY": "A" * 43 + "="})
    service = Service(built, settings)

    reply = await service.token("grant_type=client_credentials", FORM, BASIC)

    assert (reply.status, reply.json()["error"], service.asked) == (400, "unauthorized_client", [])
