"""Forms of an answer that a caller may ask for: a script for a page, an error as RFC 9457 has it; nothing else."""

from __future__ import annotations

import json

import pytest

from tests.asgi import Reply, exchange, scope_of, send
from tests.conftest import ServiceOver
from tests.upstream import data

JOBS = "/api/profiles/v2/search/jobs.json?q=python"
ROOMS = "/api/messages/v3/1104567890123456781/rooms.json"
TOKEN = {"Authorization": "Bearer oauth2v2_secret-token"}
FOUND = data(marketplaceJobPostingsSearch={"edges": [], "totalCount": 0, "pageInfo": None}, caller=None)
PROBLEM = "application/problem+json"


async def script(service_over: ServiceOver, callback: str, path: str = JOBS) -> Reply:
    """A search for a page."""
    return await send(service_over([FOUND]).app, "GET", f"{path}&callback={callback}", TOKEN)


# --- scripts


@pytest.mark.parametrize("name", ["found", "jQuery1102_15890", "a.b.$c", "_"])
async def test_callback__safe_name__is_called_with_the_answer(service_over: ServiceOver, name: str) -> None:
    """The answer of a public search is a script, with no warning about the parameter."""
    plain = await send(service_over([FOUND]).app, "GET", JOBS, TOKEN)

    reply = await script(service_over, name)

    lead, _, rest = reply.body.decode().partition("(")
    assert (reply.status, reply.headers["content-type"], lead) == (200, "application/javascript", f"/**/{name}")
    assert (rest[-2:], json.loads(rest[:-2]).keys()) == (");", plain.json().keys())
    assert (reply.headers["x-content-type-options"], "x-heirloom-warning" in reply.headers) == ("nosniff", False)


@pytest.mark.parametrize(
    "name", ["alert(1)//", "a%20b", "a%0Ab", "1a", "a..b", ".a", "a[0]", "caf%C3%A9", "%3Cscript%3E", "a" * 129, "a;b"]
)
async def test_callback__anything_else__is_refused(service_over: ServiceOver, name: str) -> None:
    """Nothing of a caller's is run but a name; the refusal is no script."""
    reply = await script(service_over, name)

    assert (reply.status, reply.headers["content-type"]) == (400, "application/json")
    assert "must be the name of a JavaScript function" in reply.json()["error"]["message"]


async def test_callback__line_ends_of_unicode__do_not_end_the_script(service_over: ServiceOver) -> None:
    """Old JavaScript takes them for ends of a line, JSON does not."""
    job = {"node": {"ciphertext": "~01", "title": "a\u2028b\u2029c", "skills": []}}
    answer = data(marketplaceJobPostingsSearch={"edges": [job], "totalCount": 1, "pageInfo": None}, caller=None)

    reply = await send(service_over([answer]).app, "GET", f"{JOBS}&callback=f", TOKEN)

    assert (reply.status, b"a\\u2028b\\u2029c" in reply.body) == (200, True)


async def test_callback__empty__is_none(service_over: ServiceOver) -> None:
    """A name without a value asks for nothing."""
    reply = await script(service_over, "")

    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")


async def test_callback__of_xml__is_refused(service_over: ServiceOver) -> None:
    """There is no script around XML."""
    reply = await script(service_over, "f", JOBS.replace(".json", ".xml"))

    assert (reply.status, reply.headers["content-type"]) == (400, "application/xml")


async def test_callback__of_another_call__is_an_unknown_parameter(service_over: ServiceOver) -> None:
    """What is not public is never a script that a page of somebody else may load."""
    answer = data(roomList={"edges": [], "pageInfo": None, "totalCount": 0}, caller=None)

    reply = await send(service_over([answer]).app, "GET", f"{ROOMS}?callback=f", TOKEN)

    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert "callback" in reply.headers["x-heirloom-warning"]


# --- Accept


@pytest.mark.parametrize("path", [ROOMS, "/api/nothing.json", "/api/nothing.xml", "/nothing"])
async def test_accept__exactly_the_word__is_answered_by_rfc_9457(service_over: ServiceOver, path: str) -> None:
    """The body is a problem, and both headers of old clients stay."""
    reply = await send(service_over([]).app, "GET", path, {"Accept": PROBLEM, "X-Request-Id": "mine"})

    body = reply.json()
    assert reply.headers["content-type"] == PROBLEM
    assert {name: body[name] for name in ("type", "status", "request_id")} == {
        "type": "about:blank",
        "status": reply.status,
        "request_id": "mine",
    }
    assert body["title"] == {401: "Unauthorized", 404: "Not Found"}[reply.status]
    assert reply.headers["proxy-status"] == f'heirloom; error="{body["code"]}"'
    assert reply.headers["x-upwork-error-message"].replace("'", '"') == body["detail"].replace("'", '"')


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/json",
        "text/html, image/gif, image/jpeg, */*; q=0.2",
        f"{PROBLEM}, */*",
        f"{PROBLEM};q=1",
        "application/*",
        "application/xml",
        "text/html",
        "",
        "nonsense",
    ],
)
async def test_accept__anything_else__changes_nothing(service_over: ServiceOver, accept: str) -> None:
    """Old clients send whatever their library does."""
    answer = data(roomList={"edges": [], "pageInfo": None, "totalCount": 0}, caller=None)

    failed = await send(service_over([]).app, "GET", ROOMS, {"Accept": accept})
    served = await send(service_over([answer]).app, "GET", ROOMS, TOKEN | {"Accept": accept})

    assert (failed.status, list(failed.json())) == (401, ["server_time", "error"])
    assert [one.headers["content-type"] for one in (failed, served)] == ["application/json"] * 2


async def test_accept__problem_of_a_success__is_the_legacy_answer(service_over: ServiceOver) -> None:
    """Only errors have that form."""
    answer = data(roomList={"edges": [], "pageInfo": None, "totalCount": 0}, caller=None)

    reply = await send(service_over([answer]).app, "GET", ROOMS, TOKEN | {"Accept": PROBLEM})

    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")


# --- paths beside


@pytest.mark.parametrize("path", ["/healthz/", "/readyz/", "/healthz//"])
async def test_app__slash_too_many__is_no_redirect(service_over: ServiceOver, path: str) -> None:
    """Nothing is ever answered by sending a client elsewhere."""
    reply = await send(service_over([]).app, "GET", path)

    assert (reply.status, reply.json()["error"]["code"]) == (404, 404)


@pytest.mark.parametrize("lead", ["", "/", "//"])
async def test_front__base_address_glued_with_slashes__is_served(service_over: ServiceOver, lead: str) -> None:
    """A base address that ends with a slash, before a path that begins with one, leads to the call."""
    answer = data(roomList={"edges": [], "pageInfo": None, "totalCount": 0}, caller=None)

    reply = await send(service_over([answer]).app, "GET", f"{lead}{ROOMS}/", TOKEN)

    assert (reply.status, reply.json()["rooms"]) == (200, [])


# --- what is ambiguous, and what could climb


@pytest.mark.parametrize("name", [b"authorization", b"content-type", b"host"])
async def test_front__header_of_one_meaning_twice__is_refused(service_over: ServiceOver, name: bytes) -> None:
    """Two credentials would leave open whose the request is."""
    scope = scope_of("GET", ROOMS, TOKEN | {"Host": "h", "Content-Type": "text/plain"})
    scope["headers"].append((name, b"Bearer another"))

    start, body = await exchange(service_over([]).app, scope, [{"type": "http.request", "body": b""}])

    assert (start["status"], json.loads(body["body"])["error"]["message"]) == (
        400,
        "A header that can stand once is given twice",
    )


async def test_front__compressed_body__is_refused(service_over: ServiceOver) -> None:
    """How large it is would show only when it is too late."""
    headers = TOKEN | {"Content-Encoding": "gzip", "Content-Type": "application/json"}

    reply = await send(service_over([]).app, "POST", ROOMS, headers, b"\x1f\x8b\x08")

    assert (reply.status, reply.headers["x-upwork-error-code"]) == (415, "415")


@pytest.mark.parametrize(
    "path",
    [
        "/api/messages/v3/a%0D%0AX-Injected:%201/rooms.json",
        "/api/messages/v3/a%0AX-Injected:1/rooms.json",
        "/api/hr/v2/engagements.json?buyer_team__reference=1%0D%0AX-Injected:%201",
        "/api/team/v3/workdiaries/companies/1%0D%0AX-Injected:%201/20260929.json",
    ],
)
async def test_front__line_break_in_a_mapped_value__makes_no_header(service_over: ServiceOver, path: str) -> None:
    """The tenant header is made of what a path says; no path says a second header."""
    nobody = data(companySelector={"items": []}, user=None, organization=None, caller=None)
    service = service_over([nobody] * 4)

    reply = await send(service.app, "GET", path, TOKEN)

    assert 400 <= reply.status < 500
    assert [one for one in service.upstream.requests if "x-injected" in one.headers] == []
    assert "x-injected" not in reply.headers
