"""The command line as scripts use it: output, errors, exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.e2e.clients import Ids
from tests.e2e.processes import TOP, run_cli

COMMANDS = ("serve", "sandbox", "check", "routes", "coverage", "explain", "settings", "schema", "converters", "docs")


def _parts(path: str, ids: Ids) -> str:
    return ids.path(path)


def test_check__shipped_mappings__finds_nothing() -> None:
    """The product's own mappings are right, and the command says how many there are."""
    done = run_cli("check")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("no findings\n")


def test_check__faulty_mapping__names_file_line_and_mend(tmp_path: Path) -> None:
    """One wrong word in a copy of the mappings is told with its place, and the status is 1."""
    folder = tmp_path / "mappings"
    shutil.copytree(TOP / "mappings", folder)
    path = folder / "messages" / "list_rooms.yaml"
    text = path.read_text(encoding="utf-8").replace("roomName: roomName", "roomName: roomNam")
    path.write_text(text, encoding="utf-8")
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "roomNam" in one)

    done = run_cli("check", HEIRLOOM_MAPPINGS=str(folder))

    assert (done.returncode, done.stdout) == (1, "")
    assert f"list_rooms.yaml:{line}:" in done.stderr
    assert "M203 type Room has no field 'roomNam'" in done.stderr
    assert "did you mean 'roomName'" in done.stderr


def test_serve__faulty_mapping__does_not_start(tmp_path: Path) -> None:
    """Nothing is served with a fault in a mapping."""
    folder = tmp_path / "mappings"
    shutil.copytree(TOP / "mappings", folder)
    (folder / "messages" / "get_room.yaml").write_text("title: [", encoding="utf-8")

    done = run_cli("serve", "--port", "0", HEIRLOOM_MAPPINGS=str(folder))

    assert (done.returncode, done.stdout) == (1, "")
    assert "M101" in done.stderr


@pytest.mark.parametrize(("name", "value", "code"), [("HEIRLOOM_PROT", "1", "S103"), ("HEIRLOOM_PORT", "x", "S102")])
def test_serve__faulty_setting__does_not_start(name: str, value: str, code: str) -> None:
    """An unknown setting, or one with a wrong value, stops the start and is named."""
    done = run_cli("serve", **{name: value})

    assert (done.returncode, done.stdout) == (1, "")
    assert f"{code} {name}" in done.stderr


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


def test_explain__every_route__shows_document_and_functions(ids: Ids) -> None:
    """Each route can be explained, in text and as JSON, without asking anybody."""
    bodies = {
        "POST": '{"message": "m", "rooms": ["r"], "users": [{"userId": "1", "orgId": "2"}]}',
        "PUT": '{"topic": "t"}',
    }
    known = {"messages", "contracts"}
    rows = [one for one in json.loads(run_cli("routes", "--json").stdout) if one["call"].split("/")[0] in known]

    for row in rows:
        target = _parts(row["path"], ids) + ".json"
        done = run_cli("explain", row["method"], target, "--body", bodies.get(row["method"], ""), "--json")
        told = json.loads(done.stdout)
        assert (done.returncode, told["endpoint"]) == (0, row["call"]), done.stderr
        assert told["document"].startswith(("query ", "mutation "))
        assert [name.split()[0] for name, _ in told["sources"]] == ["bind", "write", "reshape"]


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


def test_settings__one_given__tells_origins() -> None:
    """Each value with where it came from."""
    done = run_cli("settings", "--json", HEIRLOOM_PORT="9001")

    told = {one["name"]: (one["value"], one["origin"]) for one in json.loads(done.stdout)}
    assert done.returncode == 0
    assert told["HEIRLOOM_PORT"] == ("9001", "environment")
    assert told["HEIRLOOM_HOST"] == ("127.0.0.1", "default")


def test_sandbox_ids__twice__are_the_same_json() -> None:
    """Credentials and one value for each part of a path, always the same for a seed."""
    first, second = run_cli("sandbox", "ids"), run_cli("sandbox", "ids")

    told = json.loads(first.stdout)
    assert (first.returncode, first.stdout) == (0, second.stdout)
    assert set(told) == {"credentials", "values"}
    assert {"company_id", "room_id", "engagement_reference", "offer_id"} <= set(told["values"])


@pytest.mark.parametrize("command", COMMANDS)
def test_help__each_command__says_what_it_does(command: str) -> None:
    """Help is there, and is not an error."""
    done = run_cli(command, "--help")

    assert done.returncode == 0
    assert "Usage:" in done.stdout


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
