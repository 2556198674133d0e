"""The control endpoints, the log, and the OAuth2 endpoints."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from app.sandbox import create_sandbox, sandbox_ids
from app.sandbox.journal import ENTRIES_MOST, Journal

from .conftest import SCHEMA, Client, Clock

CREDENTIALS = {"client_id": "key", "client_secret": "secret"}
BACK = "https://app.example.invalid/back"


async def test_health__any_time__is_ok(client: Client) -> None:
    """The sandbox says that it is there."""
    assert (await client.http.get("/healthz")).json() == {"status": "ok"}


async def test_log__after_requests__has_questions_but_no_tokens(client: Client) -> None:
    """The log has query, variables, tenant and a name for the token, never the token."""
    await client.named("client", client.world.cast.second_company).ask(
        "query ($id: ID!) { room(id: $id) { id } }", id="4"
    )
    await client.as_("unheard-of").send("{ user { id } }")

    log = await client.steer("GET", "log")

    first, second = log["requests"]
    assert first == {
        "number": 1,
        "query": "query ($id: ID!) { room(id: $id) { id } }",
        "variables": {"id": "4"},
        "operationName": None,
        "token": "client",
        "tenant": client.world.cast.second_company,
        "status": 200,
        "fault": None,
        "errors": 1,
        "mutations": {},
    }
    assert second["token"].startswith("sha256:")
    assert client.token not in str(log)
    assert "unheard-of" not in str(log)


async def test_log__deleted__starts_anew(client: Client) -> None:
    """A deleted log is empty."""
    await client.ask("{ user { id } }")

    await client.steer("DELETE", "log")

    assert await client.steer("GET", "log") == {"total": 0, "mutations": {}, "requests": [], "token_requests": []}


def test_log__beyond_its_size__drops_the_oldest() -> None:
    """The log is bounded; the total goes on."""
    journal = Journal()
    for _ in range(ENTRIES_MOST + 5):
        journal.note({}, {})  # type: ignore[arg-type]

    told = journal.told()

    assert (told["total"], len(told["requests"])) == (ENTRIES_MOST + 5, ENTRIES_MOST)
    assert told["requests"][0] == {"number": 6}


async def test_reset__after_changes__brings_everything_back(client: Client) -> None:
    """Reset undoes changes, tokens, faults and log."""
    room_id = client.world.showcase.room_id
    query = "query ($id: ID!) { room(id: $id) { topic latestStory { id } readOnly } }"
    before = await client.data(query, id=room_id)
    token = (await client.steer("POST", "tokens", {}))["access_token"]
    await client.data("mutation ($id: ID!) { archiveRoom(roomId: $id) { id } }", id=room_id)
    await client.steer("POST", "faults", {"kind": "500"})

    await client.steer("POST", "reset")

    assert await client.data(query, id=room_id) == before
    assert (await client.as_(token).send(query)).status_code == 401


async def test_ids__of_the_server__are_those_of_the_function(client: Client) -> None:
    """The endpoint and the function agree, so that a test can ask either."""
    assert await client.steer("GET", "ids") == sandbox_ids(1)


def test_create_sandbox__schema_given__serves_the_routes() -> None:
    """The one function that the project calls gives an application with all routes."""
    app = create_sandbox(SCHEMA, 3)

    paths = {getattr(route, "path", "") for route in app.routes}
    assert {"/graphql", "/healthz", "/_sandbox/log", "/api/v3/oauth2/token"} <= paths


AUTHORIZE, TOKEN = "/ab/account-security/oauth2/authorize", "/api/v3/oauth2/token"
ASKED = {"response_type": "code", "client_id": "mine", "redirect_uri": BACK, "state": "<s>"}
MINE = {"client_id": "mine", "client_secret": "own"}


async def code(client: Client) -> str:
    asked = {"response_type": "code", "client_id": "key", "redirect_uri": BACK, "state": "xyz"}
    given = parse_qs(urlsplit(await decided(client, asked)).query)
    assert given["state"] == ["xyz"]
    return given["code"][0]


async def consent_id(client: Client, asked: dict[str, str]) -> str:
    page = await client.http.get(AUTHORIZE, params=asked)
    found = re.search(r'name="consent" value="(\w+)"', page.text)
    assert found is not None, page.text
    return found[1]


async def decided(client: Client, asked: dict[str, str], decision: str = "allow") -> str:
    form = {"consent": await consent_id(client, asked), "decision": decision}
    response = await client.http.post(AUTHORIZE, data=form)
    assert response.status_code == 302, response.text
    return str(response.headers["location"])


async def test_oauth__code_then_refresh__give_working_tokens_once(client: Client) -> None:
    """A code and a refresh token work once each; what they give works."""
    form = CREDENTIALS | {"grant_type": "authorization_code", "code": await code(client), "redirect_uri": BACK}

    first = (await client.http.post("/api/v3/oauth2/token", data=form)).json()
    again = CREDENTIALS | {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = (await client.http.post("/api/v3/oauth2/token", data=again)).json()
    third = await client.http.post("/api/v3/oauth2/token", data=again)

    assert (first["token_type"], first["expires_in"]) == ("Bearer", 86400)
    assert (await client.as_(second["access_token"]).send("{ user { id } }")).status_code == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert (third.status_code, third.json()["error"]) == (400, "invalid_grant")


async def test_oauth__tokens__lapse_in_their_time(client: Client, clock: Clock) -> None:
    """An access token lasts a day, a refresh token two weeks."""
    form = CREDENTIALS | {"grant_type": "authorization_code", "code": await code(client), "redirect_uri": BACK}
    given = (await client.http.post("/api/v3/oauth2/token", data=form)).json()
    again = CREDENTIALS | {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}

    clock.now += 86_400
    assert (await client.as_(given["access_token"]).send("{ user { id } }")).status_code == 401
    clock.now += 14 * 86_400
    assert (await client.http.post("/api/v3/oauth2/token", data=again)).status_code == 400


async def test_oauth__client_credentials__give_no_refresh_token(client: Client) -> None:
    """The grant of service accounts gives an access token only."""
    given = (
        await client.http.post("/api/v3/oauth2/token", data=CREDENTIALS | {"grant_type": "client_credentials"})
    ).json()

    assert sorted(given) == ["access_token", "expires_in", "token_type"]


async def test_oauth__implicit__puts_the_token_in_the_fragment(client: Client) -> None:
    """`response_type=token` redirects with a token behind the hash."""
    asked = {"response_type": "token", "client_id": "key", "redirect_uri": BACK}

    back = await decided(client, asked)

    token = parse_qs(urlsplit(back).fragment)["access_token"][0]
    assert (await client.as_(token).send("{ user { id } }")).status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        (CREDENTIALS | {"grant_type": "password"}, 400, "unsupported_grant_type"),
        (CREDENTIALS | {"grant_type": "authorization_code", "code": "x"}, 400, "invalid_grant"),
    ],
    ids=["no client", "unknown grant", "unknown code"],
)
async def test_oauth__bad_request__is_refused_as_the_rfc_says(
    client: Client, form: dict[str, str], status: int, error: str
) -> None:
    """The token endpoint refuses with the names of RFC 6749."""
    response = await client.http.post("/api/v3/oauth2/token", data=form)

    assert (response.status_code, response.json()["error"]) == (status, error)


async def test_oauth__code_with_another_redirect__is_refused(client: Client) -> None:
    """The redirect of the exchange has to be that of the authorisation."""
    form = CREDENTIALS | {
        "grant_type": "authorization_code",
        "code": await code(client),
        "redirect_uri": "https://x.invalid",
    }

    assert (await client.http.post("/api/v3/oauth2/token", data=form)).json()["error"] == "invalid_grant"


async def test_oauth__authorise_without_a_client__is_refused(client: Client) -> None:
    """Without a client or a way back there is no redirect."""
    response = await client.http.get("/ab/account-security/oauth2/authorize")

    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


async def test_consent__page__names_who_asks_and_for_what(client: Client) -> None:
    """The page tells client, user and scopes, and nothing that a client calls itself becomes markup."""
    await client.steer("POST", "clients", {"client_id": "<b>mine</b>", "scopes": ["Messaging - Read-Only Access"]})

    page = await client.http.get(AUTHORIZE, params=ASKED | {"client_id": "<b>mine</b>"})

    assert "&lt;b&gt;mine&lt;/b&gt;" in page.text
    assert "<b>mine" not in page.text
    assert "Dana Rivera" in page.text
    assert page.text.count("<li>") == page.text.count("Messaging - Read-Only Access") == 1


async def test_consent__denied__is_told_to_the_client(client: Client) -> None:
    """Who says no sends the browser back with the error that RFC 6749 has, and no code."""
    back = await decided(client, ASKED, "deny")

    assert parse_qs(urlsplit(back).query) == {"error": ["access_denied"], "state": ["<s>"]}


async def test_consent__page_sent_twice__is_refused(client: Client) -> None:
    """A decision is made once, and only on a page that was shown."""
    form = {"consent": await consent_id(client, ASKED), "decision": "allow"}
    await client.http.post(AUTHORIZE, data=form)

    again = await client.http.post(AUTHORIZE, data=form)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")


async def registered(client: Client, **more: object) -> dict[str, object]:
    """A grant of a client that is held to what it was registered with."""
    await client.steer("POST", "clients", {**MINE, "redirect_uris": [BACK], **more})
    given = parse_qs(urlsplit(await decided(client, ASKED)).query)
    form = MINE | {"grant_type": "authorization_code", "code": given["code"][0], "redirect_uri": BACK}
    granted: dict[str, object] = (await client.http.post(TOKEN, data=form)).json()
    return granted


async def test_client__registered__is_held_to_secret_and_addresses(client: Client) -> None:
    """Another secret is no client, another address no way back."""
    await registered(client)

    elsewhere = await client.http.get(AUTHORIZE, params=ASKED | {"redirect_uri": "https://x.invalid"})
    form = {"client_id": "mine", "client_secret": "other", "grant_type": "client_credentials"}
    other = await client.http.post(TOKEN, data=form)

    assert (elsewhere.status_code, other.status_code, other.json()["error"]) == (400, 401, "invalid_client")


async def test_client__registered_with_scopes__gets_tokens_for_them_alone(client: Client) -> None:
    """What the client has no scope for is refused, after a refresh as before."""
    granted = await registered(client, scopes=["Messaging - Read-Only Access"], access_seconds=60)
    form = MINE | {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    renewed = (await client.http.post(TOKEN, data=form)).json()

    assert granted["expires_in"] == 60
    for one in (granted, renewed):
        asked = client.as_(str(one["access_token"]))
        assert "errors" in await asked.ask("{ ontologyCategories { id } }")
        assert "errors" not in await asked.ask("{ roomList { totalCount } }")


async def test_refresh_token__used_twice__ends_the_grant(client: Client) -> None:
    """A rotated token that turns up again was stolen or lost: what came of it is taken back."""
    granted = await registered(client)
    old = MINE | {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    new = old | {"refresh_token": (await client.http.post(TOKEN, data=old)).json()["refresh_token"]}
    await client.http.post(TOKEN, data=old)

    after = await client.http.post(TOKEN, data=new)

    assert (after.status_code, after.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("kind", "status"), [("token_500", 500), ("token_503", 503), ("token_429", 429), ("token_invalid_grant", 400)]
)
async def test_token_fault__answers_instead__nothing_is_exchanged(client: Client, kind: str, status: int) -> None:
    """The token that was sent is good afterwards; the log tells of both, without secrets; queries are not struck."""
    granted = await registered(client)
    form = MINE | {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    await client.steer("POST", "faults", {"kind": kind, "match": "refresh"})

    asked = await client.send("{ user { id } }")
    struck, good = [await client.http.post(TOKEN, data=form) for _ in range(2)]

    assert (asked.status_code, struck.status_code, good.status_code) == (200, status, 200)
    log = (await client.steer("GET", "log"))["token_requests"][-2:]
    assert [(one["status"], one["fault"]) for one in log] == [(status, kind), (200, None)]
    assert str(granted["refresh_token"]) not in str(log)


async def test_token_fault__slow__answers_late(client: Client, clock: Clock) -> None:
    """The exchange is made; its answer waits."""
    granted = await registered(client)
    await client.steer("POST", "faults", {"kind": "token_slow", "seconds": 3})

    late = await client.http.post(
        TOKEN, data=MINE | {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    )

    assert (late.status_code, clock.slept) == (200, [3])


async def test_token_fault__cut__loses_the_new_token(client: Client) -> None:
    """The old token is used up, the answer comes half."""
    granted = await registered(client)
    form = MINE | {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    await client.steer("POST", "faults", {"kind": "token_cut"})

    # The transport without a network takes an application that stops before the end for a fault.
    with pytest.raises(AssertionError):
        await client.http.post(TOKEN, data=form)
    after = await client.http.post(TOKEN, data=form)

    assert after.json()["error"] == "invalid_grant"
