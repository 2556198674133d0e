"""The command line as scripts use it: output, errors, exit codes."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.serving import free_port
from app.settings import PREFIX
from tests.e2e.clients import CALL_SECONDS, Ids, success
from tests.e2e.processes import TOP, Running, run_cli, start, start_proxy, takes_connections, wait_until

COMMANDS = ("serve", "sandbox", "check", "routes", "coverage", "explain", "settings", "schema", "converters", "docs")


BODIES = {
    "messages/create_room": '{"users": [{"userId": "1", "orgId": "2"}]}',
    "messages/send_room_message": '{"story": "{\\"message\\": \\"m\\"}"}',
    "messages/send_message_batch": "rooms=r;s&message=m",
    "messages/update_room_settings": '{"topic": "t"}',
    "messages/archive_or_rename_room": "metadata=%7B%22roomName%22%3A%22n%22%7D",
}
EXPLAINED = (
    "endpoint", "title", "file", "choice", "format", "document", "variables", "headers", "warnings", "values",
    "further", "sources", "paging",
)  # fmt: skip


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    """A copy of the mappings, to be spoilt."""
    return Path(shutil.copytree(TOP / "mappings", tmp_path / "mappings"))


@pytest.fixture
def command_line(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The same commands in this process, where a new one for each would be slow."""
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_check__shipped_mappings__finds_nothing() -> None:
    """The product's own mappings are right, and the command says how many there are."""
    done = run_cli("check")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("no findings\n")


def test_check__faulty_mapping__names_file_line_and_mend(mappings: Path) -> None:
    """One wrong word in a copy of the mappings is told with its place, and the status is 1."""
    path = mappings / "messages" / "list_rooms.yaml"
    text = path.read_text(encoding="utf-8").replace("roomName: roomName", "roomName: roomNam")
    path.write_text(text, encoding="utf-8")
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "roomNam" in one)

    done = run_cli("check", HEIRLOOM_MAPPINGS=str(mappings))

    assert (done.returncode, done.stdout) == (1, "")
    assert f"{path}:{line}:" in done.stderr
    assert "M203 type Room has no field 'roomNam'" in done.stderr
    assert "did you mean 'roomName'" in done.stderr
    assert "1 finding in 1 of" in done.stderr


# --- serving nothing


def refused(*arguments: str, **environment: str) -> str:
    """What `serve` says when it does not start: status 1, nothing on standard output, nobody on its port, no trace."""
    port = str(free_port())
    done = run_cli("serve", *(arguments or ("--port", port)), **environment)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert not takes_connections(int(port))
    return done.stderr


def test_serve__faulty_mappings__does_not_start_and_names_all(mappings: Path) -> None:
    """Nothing is served with a fault in a mapping; all of them are told in one run."""
    (mappings / "messages" / "get_room.yaml").write_text("title: [", encoding="utf-8")
    path = mappings / "messages" / "list_rooms.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\nnonsense: true\n", encoding="utf-8")

    told = refused(HEIRLOOM_MAPPINGS=str(mappings))

    assert "M101" in told
    assert "M102 unknown key 'nonsense'" in told
    assert told.index("messages/get_room.yaml:") < told.index("messages/list_rooms.yaml:")


def test_serve__mappings_without_schema__does_not_start(tmp_path: Path) -> None:
    """A folder without a schema has nothing that mappings could be checked against."""
    told = refused(HEIRLOOM_MAPPINGS=str(tmp_path))

    assert "S101" in told
    assert str(tmp_path / "schema.graphql") in told


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HEIRLOOM_PROT", "1", "S103 HEIRLOOM_PROT: there is no such setting; did you mean HEIRLOOM_PORT"),
        ("HEIRLOOM_NOTHING_LIKE_IT", "1", "S103 HEIRLOOM_NOTHING_LIKE_IT: there is no such setting"),
        ("HEIRLOOM_DRAIN_SECONDS", "-1", "S102 HEIRLOOM_DRAIN_SECONDS"),
        ("HEIRLOOM_WORKERS", "0", "S102 HEIRLOOM_WORKERS"),
        ("HEIRLOOM_DEADLINE_SECONDS", "soon", "S102 HEIRLOOM_DEADLINE_SECONDS"),
        ("HEIRLOOM_UPSTREAM_URL", "no address", "S102 HEIRLOOM_UPSTREAM_URL"),
        ("HEIRLOOM_MAPPINGS", "/nowhere/at/all", "S102 HEIRLOOM_MAPPINGS: there is no such folder"),
        ("HEIRLOOM_TEMPLATES", "/nowhere/at/all", "S102 HEIRLOOM_TEMPLATES: there is no such folder"),
    ],
)
def test_serve__faulty_setting__does_not_start(name: str, value: str, said: str) -> None:
    """An unknown setting, or one with a wrong value, stops the start and is named."""
    told = refused(**{name: value})

    assert said in told


def test_serve__faulty_option__does_not_start() -> None:
    """What is said on the command line is checked as the environment is."""
    told = refused("--port", "99999")

    assert "S102 HEIRLOOM_PORT" in told


def test_serve__sandbox_port_taken__does_not_start(sandbox: Running) -> None:
    """Somebody else's sandbox is not taken for ours."""
    told = refused("--sandbox", "--port", str(free_port()), "--sandbox-port", str(sandbox.port))

    assert told == f"port {sandbox.port} is taken; give another one with --sandbox-port\n"
    assert sandbox.answers()


# --- serving


def test_serve__with_sandbox__tells_a_call_that_works_and_stops_both(outputs: Path) -> None:
    """A newcomer copies the line that is printed; told to stop, neither process is left."""
    sandbox_port = free_port()
    running = start("both", lambda port: two_ports(port, sandbox_port), outputs)
    try:
        line = next(line for line in running.output().splitlines() if line.startswith("try "))
        found = re.search(r"curl -H 'Authorization: (Bearer \S+)' (\S+)", line)
        assert found is not None, line
        answer = httpx.get(found[2], headers={"Authorization": found[1]}, timeout=CALL_SECONDS, trust_env=False)
        assert takes_connections(sandbox_port)
    finally:
        status = running.stop()

    assert len(success(answer)["rooms"]) == 20
    assert status == 0
    assert not takes_connections(running.port)
    assert not takes_connections(sandbox_port)


def two_ports(port: int, sandbox_port: int) -> list[str]:
    """The command that runs the proxy with its sandbox."""
    return ["serve", "--sandbox", "--port", str(port), "--sandbox-port", str(sandbox_port)]


def test_serve__two_workers__answer_and_stop_together(outputs: Path, sandbox: Running, ids: Ids) -> None:
    """Processes that share a port read the same settings; told to stop, none is left."""
    running = start_proxy(outputs, sandbox.url, "--workers", "2")
    headers = {"Authorization": f"Bearer {ids.token}"}
    try:
        rooms = [
            success(httpx.get(f"{running.url}{ids.rooms}", headers=headers, timeout=CALL_SECONDS, trust_env=False))
            for _ in range(6)
        ]
        # Each worker counts a moment later what it told; whichever is asked tells the numbers of both.
        line = 'heirloom_requests_total{call="messages/list_rooms",method="GET",status="200"} 6.0'
        wait_until(lambda: all(line in metrics_of(running) for _ in range(4)), "every worker tells of all")
    finally:
        running.stop()

    assert [len(one["rooms"]) for one in rooms] == [20] * 6
    assert not takes_connections(running.port)
    assert "Traceback" not in running.output(10**6)


def metrics_of(running: Running) -> str:
    """The numbers of a proxy."""
    return httpx.get(f"{running.url}/metrics", timeout=CALL_SECONDS, trust_env=False).text


# --- what is served


def test_routes__as_json__are_those_that_are_mapped() -> None:
    """Each route with its call."""
    done = run_cli("routes", "--json")

    rows = json.loads(done.stdout)
    assert done.returncode == 0
    assert {
        "method": "GET",
        "path": "/api/messages/v3/{company_id}/rooms",
        "call": "messages/list_rooms",
        "title": "Retrieve rooms information",
    } in rows


def test_coverage__as_json__counts_every_row() -> None:
    """113 rows of messages and 88 of contracts, none unexplained."""
    done = run_cli("coverage", "--json")

    told = json.loads(done.stdout)
    rows = {
        area: sum(one["rows"] for one in told["endpoints"] if one["id"].startswith(f"{area}/"))
        for area in ("messages", "contracts")
    }
    unexplained = [one["unexplained"] for one in told["endpoints"] if one["id"].startswith(("messages/", "contracts/"))]
    assert done.returncode == 0
    assert rows == {"messages": 113, "contracts": 88}
    assert unexplained == [[]] * 13
    assert told["totals"]["rows"] == 549
    assert set(told["endpoints"][0]) == {"id", "rows", "routes", "served", "absent", "unexplained"}


def test_explain__every_route__in_text_and_as_json__shows_what_it_becomes(
    command_line: Callable[..., Result], ids: Ids
) -> None:
    """Each route can be explained, without asking anybody; writes with a body, in whatever kind it comes."""
    rows = json.loads(command_line("routes", "--json").stdout)
    known = [row for row in rows if row["call"].split("/")[0] in {"messages", "contracts"}]
    for row in known:
        arguments = ["explain", row["method"], ids.path(row["path"]) + ".json", "--body", BODIES.get(row["call"], "")]

        as_json, as_text = command_line(*arguments, "--json"), command_line(*arguments)

        assert (as_json.exit_code, as_text.exit_code) == (0, 0), as_json.stderr
        told = json.loads(as_json.stdout)
        assert tuple(told) == EXPLAINED
        assert told["endpoint"] == row["call"]
        assert told["document"].startswith("query " if row["method"] == "GET" else "mutation ")
        made = ["bind", "write", "reshape", *(["typed"] if row["method"] == "GET" else [])]
        assert [name.split()[0] for name, _ in told["sources"]] == made
        assert as_text.stdout.startswith(f"{row['call']}: {row['title']}")
        assert told["document"] in as_text.stdout
    assert len(known) >= 14
    assert {row["call"] for row in known if row["method"] != "GET"} == set(BODIES)


def test_explain__write_with_a_body__shows_its_variables(ids: Ids) -> None:
    """What would be sent for a body: the choice, the input, and the header that names the organisation."""
    path = ids.path("/api/messages/v3/{company_id}/rooms/{room_id}.json")

    done = run_cli("explain", "POST", path, "--body", "http_method=put&roomName=New+name", "--json")

    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert (told["endpoint"], told["choice"]) == ("messages/archive_or_rename_room", "update")
    assert told["variables"]["input"] == {"roomId": ids.values["room_id"], "roomName": "New name"}
    assert told["headers"] == {
        "Authorization": "Bearer <the caller's token>",
        "Content-Type": "application/json",
        "X-Upwork-API-TenantId": f"<organisation of '{ids.values['company_id']}'>",
    }


def test_explain__text__is_for_people() -> None:
    """Headings, the document, the variables; no colours when nobody looks."""
    done = run_cli("explain", "GET", "/api/hr/v2/engagements.json?page=20;10")

    assert done.returncode == 0
    assert done.stdout.startswith("contracts/list_engagements: List engagements")
    assert '"after": "20"' in done.stdout
    assert "def reshape(here, request, others" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("GET", "/api/nothing.json"), "404 "),
        (("GET", "/api/hr/v2/engagements.json?page=x"), "400 Parameter 'page' must be offset;count, such as 20;10"),
        (("PUT", "/api/messages/v3/1/rooms/2.json"), "400 The request does not say what to do"),
    ],
)
def test_explain__call_that_would_fail__says_so_with_status_1(arguments: tuple[str, str], message: str) -> None:
    """The error is the one that the call itself would get."""
    done = run_cli("explain", *arguments)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(message)


def test_settings__some_given__tell_origins_and_hide_secrets() -> None:
    """Each value with where it came from; a password in an address is not shown."""
    given = {"HEIRLOOM_PORT": "9001", "HEIRLOOM_UPSTREAM_URL": "http://me:geheim@127.0.0.1/graphql"}

    as_json, as_text = run_cli("settings", "--json", **given), run_cli("settings", **given)

    told = {one["name"]: (one["value"], one["origin"]) for one in json.loads(as_json.stdout)}
    assert (as_json.returncode, as_text.returncode) == (0, 0)
    assert told["HEIRLOOM_PORT"] == ("9001", "environment")
    assert told["HEIRLOOM_UPSTREAM_URL"] == ("http://me:********@127.0.0.1/graphql", "environment")
    assert told["HEIRLOOM_HOST"] == ("127.0.0.1", "default")
    assert "HEIRLOOM_PORT=9001  (environment: port to listen on)" in as_text.stdout.splitlines()
    assert "geheim" not in as_json.stdout + as_text.stdout


def test_sandbox_ids__twice__are_the_same_json() -> None:
    """Credentials and one value for each part of a path, always the same for a seed."""
    first, second = run_cli("sandbox", "ids"), run_cli("sandbox", "ids")

    told = json.loads(first.stdout)
    assert (first.returncode, first.stdout) == (0, second.stdout)
    assert set(told) == {"credentials", "values"}
    assert {"company_id", "room_id", "engagement_reference", "offer_id"} <= set(told["values"])


@pytest.mark.parametrize("command", COMMANDS)
def test_help__each_command__says_what_it_does(command_line: Callable[..., Result], command: str) -> None:
    """Help is there, and is not an error; the list of commands has the same first words."""
    done, listed = command_line(command, "--help"), command_line("--help")

    assert (done.exit_code, listed.exit_code) == (0, 0)
    assert f"Usage: heirloom {command}" in done.stdout or f"Usage: root {command}" in done.stdout
    assert command in listed.stdout


def test_help__as_a_process__is_status_0_and_without_a_command_2() -> None:
    """`--help` was asked for; a bare call is a mistake of use, and gets the same text."""
    asked, bare = run_cli("--help"), run_cli()

    assert (asked.returncode, bare.returncode) == (0, 2)
    assert "legacy calls in, GraphQL out" in asked.stdout
    assert all(command in asked.stdout for command in COMMANDS)


def test_command__unknown__is_status_2() -> None:
    """A command that is not there is a mistake of use."""
    done = run_cli("srve")

    assert done.returncode == 2
    assert "srve" in done.stderr


def test_schema__type__lists_its_fields() -> None:
    """What a path may step on to."""
    done = run_cli("schema", "Room")

    assert done.returncode == 0
    assert "roomName: String" in done.stdout.splitlines()
