"""The environment to one frozen value: nothing unknown, nothing half right, nothing secret shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from app.settings import (
    PREFIX,
    InvalidSettings,
    Settings,
    check_areas,
    check_folders,
    load_settings,
    shipped,
    show_settings,
    usable_processors,
)
from tests.unit.conftest import SetEnvironment

KEY = "A" * 43 + "="


def problems_of(environ: dict[str, str]) -> tuple[str, ...]:
    """What is wrong with an environment."""
    with pytest.raises(InvalidSettings) as caught:
        load_settings(environ)
    return caught.value.problems


# --- reading


def test_load_settings__nothing_set__has_every_default() -> None:
    """Without an environment everything has a value, and none counts as given."""
    settings = load_settings({})

    assert settings.model_fields_set == set()
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert str(settings.upstream_url) == "https://api.upwork.com/graphql"


def test_load_settings__set__reads_each_in_its_type() -> None:
    """Texts of the environment become what the setting is."""
    environ = {
        "HEIRLOOM_UPSTREAM_URL": "http://127.0.0.1:8001/graphql",
        "HEIRLOOM_PORT": "9000",
        "HEIRLOOM_DEADLINE_SECONDS": "2.5",
        "HEIRLOOM_MAPPINGS": "/srv/mappings",
        "HEIRLOOM_LOG_FORMAT": "text",
    }

    settings = load_settings(environ)

    assert str(settings.upstream_url) == "http://127.0.0.1:8001/graphql"
    assert (settings.port, settings.deadline_seconds, settings.log_format) == (9000, 2.5, "text")
    assert (settings.mappings, settings.schema_path) == (Path("/srv/mappings"), Path("/srv/mappings/schema.graphql"))


def test_load_settings__schema_file__stands_apart_from_the_mappings() -> None:
    """The schema may lie elsewhere."""
    settings = load_settings({"HEIRLOOM_SCHEMA_FILE": "/srv/live.graphql"})

    assert settings.schema_path == Path("/srv/live.graphql")


def test_load_settings__letter_case__does_not_matter() -> None:
    """Names are found however they are written."""
    settings = load_settings({"heirloom_port": "9000"})

    assert settings.port == 9000


def test_load_settings__names_of_others__are_not_ours() -> None:
    """Only names with the prefix are looked at."""
    settings = load_settings({"PORT": "1", "HOST": "h", "HEIRLOOMS_PORT": "2"})

    assert settings.model_fields_set == set()


def test_load_settings__environment_given__is_the_only_one(set_environment: SetEnvironment) -> None:
    """What the process has set does not leak into an environment that is passed in."""
    set_environment(HEIRLOOM_PORT="9999")

    settings = load_settings({})

    assert settings.port == 8000


def test_load_settings__none_given__reads_that_of_the_process(set_environment: SetEnvironment) -> None:
    """Started as a program, the process's own environment counts."""
    set_environment(HEIRLOOM_PORT="9999")

    settings = load_settings()

    assert (settings.port, os.environ["HEIRLOOM_PORT"]) == (9999, "9999")


def test_settings__read__cannot_change() -> None:
    """Settings are read once, at the start."""
    settings = load_settings({})

    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]


# --- refusing


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("HEIRLOOM_PROT", "did you mean HEIRLOOM_PORT"),
        ("HEIRLOOM_UPSTREAMURL", "did you mean HEIRLOOM_UPSTREAM_URL"),
        ("HEIRLOOM_LOGLEVEL", "did you mean HEIRLOOM_LOG_LEVEL"),
        ("heirloom_deadline", "did you mean HEIRLOOM_DEADLINE_SECONDS"),
        ("HEIRLOOM_QQQQQQQQ", "'heirloom settings' lists them"),
        ("HEIRLOOM_", "'heirloom settings' lists them"),
    ],
)
def test_load_settings__unknown_name__is_refused_with_a_near_one(name: str, hint: str) -> None:
    """A typing error is not passed by in silence."""
    (problem,) = problems_of({name: "1"})

    assert problem.startswith(f"S103 {name}: there is no such setting; {hint}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", ""),
        ("WORKERS", "0"),
        ("DEADLINE_SECONDS", "0"),
        ("DEADLINE_SECONDS", "61"),
        ("DEADLINE_SECONDS", "nan"),
        ("UPSTREAM_URL", "api.upwork.com"),
        ("UPSTREAM_URL", "ftp://api.upwork.com"),
        ("UPSTREAM_CONNECTIONS", "0"),
        ("MAX_BODY_BYTES", "1"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("AUTH", ""),
        ("AUTH", "basic"),
        ("AUTH", "passthrough,"),
        ("STORE", "postgres://host"),
        ("STORE", "sqlite:"),
        ("OAUTH1_WINDOW_SECONDS", "5"),
        ("DRAIN_SECONDS", "1.5"),
    ],
)
def test_load_settings__value_that_cannot_be__is_refused_by_name(name: str, value: str) -> None:
    """A bad value names its setting and shows what stood there."""
    (problem,) = problems_of({PREFIX + name: value})

    assert problem.startswith(f"S102 {PREFIX}{name}: ")
    assert problem.endswith(f"(it is {value!r})")


def test_load_settings__several_problems__are_told_at_once() -> None:
    """One start shows everything that must be mended."""
    environ = {"HEIRLOOM_PORT": "x", "HEIRLOOM_WORKERS": "0", "HEIRLOOM_PROT": "1", "HEIRLOOM_HST": "h"}

    problems = problems_of(environ)

    names = sorted(problem.split(":")[0] for problem in problems)
    assert names == ["S102 HEIRLOOM_PORT", "S102 HEIRLOOM_WORKERS", "S103 HEIRLOOM_HST", "S103 HEIRLOOM_PROT"]


def test_invalid_settings__shown__has_a_line_for_each_problem() -> None:
    """The text of the error is what the command line prints."""
    assert str(InvalidSettings(["S102 a", "S103 b"])) == "S102 a\nS103 b"


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"AUTH": "broker"}, "S102 HEIRLOOM_AUTH: HEIRLOOM_AUTH wants HEIRLOOM_SECRET_KEY"),
        ({"AUTH": "passthrough,oauth1"}, "S102 HEIRLOOM_AUTH: HEIRLOOM_AUTH wants HEIRLOOM_SECRET_KEY"),
        ({"AUTH": "broker", "SECRET_KEY": "hunter2"}, "S102 HEIRLOOM_SECRET_KEY: it must be keys"),
        ({"AUTH": "broker", "SECRET_KEY": f"{KEY},hunter2"}, "S102 HEIRLOOM_SECRET_KEY: it must be keys"),
        # A secret that was never filled in: the ways would be closed, and writes sent twice, without a word.
        ({"AUTH": "broker", "SECRET_KEY": ""}, "S102 HEIRLOOM_SECRET_KEY: it must be keys"),
        ({"DERIVE_IDEMPOTENCY": "payments", "SECRET_KEY": ""}, "S102 HEIRLOOM_SECRET_KEY: it must be keys"),
    ],
)
def test_load_settings__grants_without_a_key_to_seal_them__are_refused(environ: dict[str, str], told: str) -> None:
    """Nothing is kept that is not sealed, and nothing sealed with what anyone could guess; no secret is repeated."""
    (problem,) = problems_of({PREFIX + name: value for name, value in environ.items()})

    assert problem.startswith(told)
    assert "hunter2" not in problem


def test_load_settings__ways_and_keys__are_lists() -> None:
    """Commas and spaces around them."""
    settings = load_settings({"HEIRLOOM_AUTH": "passthrough, broker", "HEIRLOOM_SECRET_KEY": f"{KEY}, {KEY}"})

    assert (settings.auth, settings.secret_keys) == (("passthrough", "broker"), (KEY, KEY))


# --- showing


def test_show_settings__every_setting__has_value_origin_and_words() -> None:
    """The list is complete, and every entry says what the setting is."""
    shown = show_settings(load_settings({}), {})

    assert [one.name for one in shown] == [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    assert [one for one in shown if not one.description or one.origin != "default"] == []


def test_show_settings__one_set__comes_from_the_environment() -> None:
    """Where a value came from is told."""
    environ = {"heirloom_port": "9000"}

    shown = {one.name: one for one in show_settings(load_settings(environ), environ)}

    assert (shown["HEIRLOOM_PORT"].value, shown["HEIRLOOM_PORT"].origin) == ("9000", "environment")
    assert (shown["HEIRLOOM_HOST"].origin, shown["HEIRLOOM_SCHEMA_FILE"].value) == ("default", "")


class SecretSettings(Settings):
    """Settings with a secret among them."""

    store_key: SecretStr = SecretStr("very-secret")


def test_show_settings__secrets__are_masked() -> None:
    """A secret setting shows that it is there, and nothing more; so does a password in an address."""
    url = "https://dana:very-secret@api.upwork.com/graphql"
    settings = SecretSettings.model_validate({"upstream_url": url})

    shown = {one.name: one.value for one in show_settings(settings, {})}

    assert shown["HEIRLOOM_STORE_KEY"] == "********"
    assert shown["HEIRLOOM_UPSTREAM_URL"] == "https://dana:********@api.upwork.com/graphql"
    assert "very-secret" not in repr(list(shown.values()))


def test_load_settings__bad_secret__is_not_repeated() -> None:
    """A problem with an address that holds a password does not print it."""
    (problem,) = problems_of({"HEIRLOOM_UPSTREAM_URL": "ftp://dana:very-secret@api.upwork.com"})

    assert "very-secret" not in problem


def test_check_folders__not_there__names_each_setting(tmp_path: Path) -> None:
    """A folder that is missing is a setting to mend, and both are told at once."""
    missing = tmp_path / "none"
    settings = load_settings({"HEIRLOOM_MAPPINGS": str(missing), "HEIRLOOM_TEMPLATES": str(missing)})

    with pytest.raises(InvalidSettings) as caught:
        check_folders(settings)

    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "S102 HEIRLOOM_MAPPINGS",
        "S102 HEIRLOOM_TEMPLATES",
    ]


@pytest.mark.parametrize("name", ["mappings", "templates"])
def test_shipped__folder_of_the_project__is_there(name: str) -> None:
    """What comes with the project is found in a checkout."""
    assert shipped(name).is_dir()


# --- keys of writes


def test_derive_idempotency__without_a_secret_key__is_refused() -> None:
    """Answers are kept sealed or not at all."""
    (problem,) = problems_of({"HEIRLOOM_DERIVE_IDEMPOTENCY": "payments"})

    assert problem.startswith("S102 HEIRLOOM_DERIVE_IDEMPOTENCY: it wants HEIRLOOM_SECRET_KEY")


def test_derive_idempotency__list__is_read_without_blanks() -> None:
    """Areas stand with commas between; nothing is no area."""
    key = {"HEIRLOOM_SECRET_KEY": KEY}

    assert load_settings({"HEIRLOOM_DERIVE_IDEMPOTENCY": ""}).derive_idempotency == ()
    named = load_settings(key | {"HEIRLOOM_DERIVE_IDEMPOTENCY": "payments, milestones,"})
    assert named.derive_idempotency == ("payments", "milestones")


def test_check_areas__one_without_writes__is_named() -> None:
    """A slip of the pen would leave payments without what was meant for them."""
    settings = load_settings({"HEIRLOOM_SECRET_KEY": KEY, "HEIRLOOM_DERIVE_IDEMPOTENCY": "payments,paymens"})

    check_areas(load_settings({}), {"payments"})
    with pytest.raises(InvalidSettings) as caught:
        check_areas(settings, {"payments", "messages"})

    (problem,) = caught.value.problems
    assert "'paymens' is no area with writes; those are messages, payments" in problem


@pytest.mark.parametrize(
    ("quota", "most"), [("max 100000", 64), ("200000 100000", 2), ("150000 100000", 1), ("50000 100000", 1), ("x", 64)]
)
def test_usable_processors__quota__bounds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str, most: int
) -> None:
    """Those of the machine, or what a container may use of their time."""
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(64)))
    (tmp_path / "cpu.max").write_text(f"{quota}\n")

    assert usable_processors(tmp_path / "cpu.max") == most
    assert usable_processors(tmp_path / "nothing") == 64


def test_workers__auto__is_a_number() -> None:
    """At least one."""
    assert load_settings({"HEIRLOOM_WORKERS": "auto"}).workers == usable_processors()
