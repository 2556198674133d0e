"""OAuth 1.0a over HTTP: the three steps, the signed calls after them, and what none of it gives away."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import httpx
import pytest

from app.access.records import Consumer, Grant, SignedToken
from app.access.vault import digest
from app.assemble import assemble
from app.compile.build import Built
from app.settings import Settings
from app.web.app import create_app
from tests.asgi import Reply, send
from tests.unit.access.signing import Call, Secrets
from tests.unit.web.keeping import HOST, Keeping

REQUEST, ACCESS, AUTHORISE = (
    "/api/auth/v1/oauth/token/request",
    "/api/auth/v1/oauth/token/access",
    "/services/api/auth",
)
CONSUMER = Secrets("consumer-key", "consumer-secret", "", "")
REGISTERED = "https://app.example/done?keep=1"


@pytest.fixture
async def service(built: Built, tmp_path: Path) -> AsyncIterator[Keeping]:
    """A service with one consumer."""
    made = Keeping(built, tmp_path)
    consumer = Consumer(name="shop", secret="consumer-secret", created=time.time(), callbacks=(REGISTERED,))
    await made.access.vault.put(digest("consumer-key"), consumer)
    yield made
    await made.assembly.close()


async def ask(service: Keeping, call: Call, own: Secrets) -> Reply:
    """Sign a call and send it."""
    sent = replace(call, host=HOST).signed(own)
    target = sent.path.decode() + (f"?{sent.query.decode()}" if sent.query else "")
    return await service.send(sent.method, target, dict(sent.headers), sent.body)


async def request_token(service: Keeping, **protocol: str) -> dict[str, str]:
    """The first step."""
    reply = await ask(service, Call("POST", REQUEST, protocol=protocol), CONSUMER)
    assert reply.status == 200, reply.body
    assert reply.headers["content-type"] == "application/x-www-form-urlencoded"
    return dict(parse_qsl(reply.body.decode()))


async def consent(service: Keeping, token: str, more: str = "") -> Reply:
    """The second step: the upstream's consent is given, and the browser comes back."""
    sent = await service.get(f"{AUTHORISE}?oauth_token={token}{more}")
    assert sent.status == 302, sent.body
    assert sent.headers["location"].startswith("https://upstream.test/authorize?")
    state = parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]
    return await service.get(f"/heirloom/connect/callback?code=c1&state={state}")


async def test_flow__callback_signed__ends_in_calls_with_the_grant(service: Keeping) -> None:
    """All three steps, and a signed call; the store holds what came of it."""
    temporary = await request_token(service, oauth_callback="http://localhost/cb?x=1")
    back = await consent(service, temporary["oauth_token"])
    told = dict(parse_qsl(urlsplit(back.headers["location"]).query))
    own = Secrets("consumer-key", "consumer-secret", temporary["oauth_token"], temporary["oauth_token_secret"])
    access = await ask(service, Call("POST", ACCESS, protocol={"oauth_verifier": told["oauth_verifier"]}), own)
    lasting = dict(parse_qsl(access.body.decode()))
    own = replace(own, token=lasting["oauth_token"], token_secret=lasting["oauth_token_secret"])
    served = await ask(service, Call(path="/api/auth/v1/info.json"), own)

    assert temporary["oauth_callback_confirmed"] == "true"
    assert back.headers["location"].startswith("http://localhost/cb?x=1&oauth_token=")
    assert told["oauth_token"] == temporary["oauth_token"]
    assert access.status == 200
    assert set(lasting) == {"oauth_token", "oauth_token_secret"}
    assert served.status != 401
    assert service.asked[0] == "Bearer oauth2v2_new"
    ((kept),) = await service.access.vault.all(SignedToken)
    assert kept.record.grant.startswith("shop-")
    assert await service.access.vault.get(Grant, kept.record.grant) is not None


async def test_flow__no_callback__shows_the_verifier(service: Keeping) -> None:
    """A program without an address: people copy the verifier from the page."""
    temporary = await request_token(service)

    page = await consent(service, temporary["oauth_token"])

    assert page.status == 200
    shown = re.search(rb"<code>([0-9a-f]{64})</code>", page.body)
    assert shown is not None
    own = Secrets("consumer-key", "consumer-secret", temporary["oauth_token"], temporary["oauth_token_secret"])
    access = await ask(service, Call("POST", ACCESS, protocol={"oauth_verifier": shown[1].decode()}), own)
    assert access.status == 200


async def test_access__wrong_or_used__is_refused(service: Keeping) -> None:
    """No verifier, a wrong one, one before consent, a token used twice: nothing is given."""
    temporary = await request_token(service, oauth_callback="http://localhost/cb")
    own = Secrets("consumer-key", "consumer-secret", temporary["oauth_token"], temporary["oauth_token_secret"])
    early = await ask(service, Call("POST", ACCESS, protocol={"oauth_verifier": ""}), own)
    back = await consent(service, temporary["oauth_token"])
    verifier = dict(parse_qsl(urlsplit(back.headers["location"]).query))["oauth_verifier"]
    right = Call("POST", ACCESS, protocol={"oauth_verifier": verifier})

    refused = [
        early,
        await ask(service, Call("POST", ACCESS), own),
        await ask(service, Call("POST", ACCESS, protocol={"oauth_verifier": verifier[:-1]}), own),
        await ask(service, right, replace(own, token_secret="x")),
        await ask(service, right, replace(own, consumer="nobody")),
    ]
    given = await ask(service, right, own)
    again = await ask(service, right, own)

    assert [reply.status for reply in [*refused, given, again]] == [401] * 5 + [200, 401]
    assert len(await service.access.vault.all(SignedToken)) == 1


async def test_request__not_signed_well__is_a_legacy_401(service: Keeping) -> None:
    """The text that clients know, in the body and both headers."""
    reply = await ask(service, Call("POST", REQUEST), replace(CONSUMER, consumer_secret="x"))

    assert reply.status == 401
    assert reply.json()["error"] == {"status": 401, "code": 401, "message": "Verification of signature failed."}
    assert reply.headers["x-upwork-error-code"] == "401"
    assert reply.headers["x-upwork-error-message"] == "Verification of signature failed."


@pytest.mark.parametrize("callback", ["javascript:alert(1)", "//evil.example", "https://", "ftp://x/y", "http://a b/"])
async def test_request__callback_is_no_address__is_refused(service: Keeping, callback: str) -> None:
    """No browser is sent where no browser should go."""
    reply = await ask(service, Call("POST", REQUEST, protocol={"oauth_callback": callback}), CONSUMER)

    assert reply.status == 400


@pytest.mark.parametrize(
    ("given", "goes"),
    [
        ("https%3A%2F%2Fapp.example%2Fdone%3Fkeep%3D1", "https://app.example/done?keep=1&oauth_token="),
        ("https%3A%2F%2Fevil.example%2F", ""),
        ("https%3A%2F%2Fapp.example%2Fdone", ""),
    ],
)
async def test_authorise__callback_in_the_link__counts_only_when_registered(
    service: Keeping, given: str, goes: str
) -> None:
    """Anybody can write a link: its callback gets a verifier only where the operator has registered it."""
    temporary = await request_token(service)

    back = await consent(service, temporary["oauth_token"], f"&oauth_callback={given}")

    assert back.headers.get("location", "").startswith(goes)
    assert (back.status == 302) == bool(goes)


async def test_authorise__callback_in_the_link__does_not_replace_a_signed_one(service: Keeping) -> None:
    """What the client signed stays."""
    temporary = await request_token(service, oauth_callback="http://localhost/cb")

    registered = quote(REGISTERED, safe="")
    back = await consent(service, temporary["oauth_token"], f"&oauth_callback={registered}")

    assert back.headers["location"].startswith("http://localhost/cb?")


@pytest.mark.parametrize("token", ["", "unknown"])
async def test_authorise__unknown_token__is_a_page_that_says_so(service: Keeping, token: str) -> None:
    """Never a redirect."""
    reply = await service.get(f"{AUTHORISE}?oauth_token={token}&oauth_callback=https://evil.example/")

    assert (reply.status, "location" in reply.headers) == (400, False)
    assert reply.headers["content-type"].startswith("text/html")


async def test_token_paths__oauth1_off__are_unknown_routes(built: Built, settings: Settings) -> None:
    """A service that does not take signed requests gives no tokens for them."""
    app = create_app(assemble(settings, built.plans, transport=httpx.MockTransport(lambda _: httpx.Response(500))))

    reply = await send(app, "POST", REQUEST, {"Host": HOST})

    assert (reply.status, reply.headers["x-upwork-error-code"]) == (404, "404")
