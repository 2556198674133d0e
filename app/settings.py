"""The environment to one frozen value. Unknown names are refused, secrets do not print."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import certifi
from pydantic import (
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from app.findings import near_names
from app.plan import Unsupported

PREFIX = "HEIRLOOM_"
HERE = Path(__file__).resolve().parent
MASK = "********"
#: time and period that a container may use of all processors, by version 2 of Linux' control groups
CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")
SECRET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
PROXY = re.compile(r"https?://[^\s/?#]+/?")
Way = Literal["passthrough", "broker", "oauth1"]
PASSWORD = re.compile(r"(://[^/?#:@]*):[^/?#@]*@")


def shipped(name: str) -> Path:
    """A folder that comes with the project: inside the package once installed, at the top of a checkout."""
    packed = HERE / "_shipped" / name
    return packed if packed.is_dir() else HERE.parent / name


class InvalidSettings(Exception):
    """Settings that cannot be: one line each with the name, what is wrong, and how to mend it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Settings(BaseSettings):
    """Every setting with its default. Read once, at the start."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    upstream_url: Annotated[HttpUrl, Field(description="the GraphQL endpoint that is asked")] = HttpUrl(
        "https://api.upwork.com/graphql"
    )
    host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="port to listen on")] = 8000
    tls_cert: Annotated[
        Path | None, Field(description="certificate chain in PEM, to answer in TLS; plain HTTP without")
    ] = None
    tls_key: Annotated[Path | None, Field(description="the certificate's private key in PEM")] = None
    metrics: Annotated[
        bool, Field(description="whether `/metrics` is served, to whoever reaches the port; fronts should keep it in")
    ] = True
    trusted_proxies: Annotated[
        str,
        Field(description="addresses, with commas, whose `X-Forwarded-*` headers tell the client's scheme and address"),
    ] = "127.0.0.1"
    workers: Annotated[
        int, Field(ge=1, le=256, description="processes that serve; `auto`: one a processor that may be used")
    ] = 1
    mappings: Annotated[Path, Field(description="folder of the mappings")] = shipped("mappings")
    schema_file: Annotated[
        Path | None, Field(description="the upstream's schema; `schema.graphql` of the mappings")
    ] = None
    templates: Annotated[Path, Field(description="folder of the templates")] = shipped("templates")
    unsupported: Annotated[
        Unsupported,
        Field(
            description="parameters that the upstream cannot serve: as each `mapping` says, `refuse` all, or `warn` "
            "and answer without them; writes refuse them still"
        ),
    ] = "mapping"
    deadline_seconds: Annotated[
        float, Field(gt=0, le=60, description="longest time one call may take; old clients give up after 8 s")
    ] = 7.0
    connect_timeout_seconds: Annotated[float, Field(gt=0, le=60, description="longest time to connect upstream")] = 2.0
    upstream_ca: Annotated[
        Path | None,
        Field(description="certificates, in PEM, that the upstream's is checked by in the place of the usual"),
    ] = None
    upstream_proxy: Annotated[
        SecretStr | None,
        Field(description="proxy on the way to the upstream, as `http://user:pass@host:port`; slower than without"),
    ] = None
    upstream_http2: Annotated[
        bool,
        Field(description="whether to offer HTTP/2 to the upstream; slower than HTTP/1.1 on one's own connections"),
    ] = False
    upstream_connections: Annotated[int, Field(ge=1, le=10_000, description="connections to the upstream at once")] = (
        100
    )
    upstream_queue: Annotated[
        int, Field(ge=0, le=100_000, description="calls that may wait for one of these; more are answered 503 at once")
    ] = 500
    upstream_attempts: Annotated[
        int,
        Field(ge=1, le=10, description="how often a read may be asked, and a write that never left; 1 is never again"),
    ] = 3
    breaker_failures: Annotated[
        int,
        Field(
            ge=1,
            description="failures in ten seconds, and half of all calls, after which the upstream is left alone",
        ),
    ] = 20
    coalesce: Annotated[
        bool, Field(description="whether equal reads of one credential that overlap in time share one question")
    ] = True
    cache_bytes: Annotated[
        int,
        Field(ge=0, description="bytes of answers that each worker keeps, of calls that a mapping marks; 0: none"),
    ] = 32 * 1024 * 1024
    memo_bytes: Annotated[
        int,
        Field(ge=0, description="bytes that each worker remembers of answers and replies, for answers that come again"),
    ] = 8 * 1024 * 1024
    upstream_per_second: Annotated[
        int,
        Field(ge=0, description="requests that the upstream takes a second from all workers and replicas; 0: no limit"),
    ] = 10
    upstream_per_day: Annotated[
        int, Field(ge=0, description="requests that it takes in 24 hours from all of them; 0: no limit")
    ] = 40_000
    budget_share: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="part of both limits that each worker keeps to while the store is down: 1 by the number of "
            "workers of all replicas",
        ),
    ] = 0.25
    merge: Annotated[
        bool,
        Field(description="whether reads of one credential that wait for these limits go out as one request"),
    ] = True
    max_body_bytes: Annotated[int, Field(ge=1024, description="largest request body that is taken")] = 1_048_576
    max_answer_bytes: Annotated[
        int, Field(ge=1024, description="largest answer of the upstream that is taken, unpacked")
    ] = 33_554_432
    max_target_bytes: Annotated[int, Field(ge=1024, description="longest path with its query that is taken")] = 16_384
    max_headers: Annotated[int, Field(ge=16, description="most headers that a request may have")] = 100
    max_header_bytes: Annotated[int, Field(ge=4096, description="largest size of a request's headers together")] = (
        32_768
    )
    max_params: Annotated[
        int, Field(ge=16, description="most parameters that the query or the body of a request may have")
    ] = 500
    receive_seconds: Annotated[
        float, Field(gt=0, le=600, description="longest time that a request may take to come in whole")
    ] = 30.0
    send_seconds: Annotated[
        float, Field(gt=0, le=600, description="longest time that a client may leave its answer lying")
    ] = 60.0
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="least severe line that is logged")
    ] = "info"
    log_format: Annotated[Literal["json", "text"], Field(description="form of the log lines")] = "json"
    drain_seconds: Annotated[
        int, Field(ge=0, le=300, description="time that running requests have when the proxy stops")
    ] = 10
    auth: Annotated[
        tuple[Way, ...],
        Field(
            description="who may come in, a list with commas: `passthrough` (the caller's own access token), `broker` "
            "(proxy keys over grants that are kept here), `oauth1` (signed requests, as OAuth 1.0a SDKs send them)",
        ),
    ] = ("passthrough",)
    store: Annotated[
        str,
        Field(
            pattern=r"^(sqlite:.+|(rediss?(\+cluster|\+sentinel)?|unix)://.+)$",
            description="where all workers keep what they share: `sqlite:` and a file, `redis://host:port/0`, "
            "`redis+cluster://host:port,host:port` or `redis+sentinel://host:port,host:port/master/0`; with TLS "
            "`rediss` in the place of `redis`",
        ),
    ] = "sqlite:heirloom.db"
    secret_key: Annotated[
        SecretStr | None,
        Field(
            description="what seals the store: a key that `heirloom secret new` prints; to change it, the new one, a "
            "comma, and the old one, until `heirloom secret reseal` has run"
        ),
    ] = None
    derive_idempotency: Annotated[
        tuple[str, ...],
        Field(
            description="areas, a list with commas, whose writes count as equal without an `Idempotency-Key`, when one "
            "credential sends the same call with the same parameters again; wants HEIRLOOM_SECRET_KEY"
        ),
    ] = ()
    idempotency_window_seconds: Annotated[
        int, Field(ge=30, le=86_400, description="for how long such a write is answered as the first one was")
    ] = 300
    authorize_url: Annotated[HttpUrl, Field(description="the upstream's page where people consent")] = HttpUrl(
        "https://www.upwork.com/ab/account-security/oauth2/authorize"
    )
    token_url: Annotated[HttpUrl, Field(description="the upstream's token endpoint")] = HttpUrl(
        "https://www.upwork.com/api/v3/oauth2/token"
    )
    client_id: Annotated[str, Field(description="the OAuth2 client at the upstream that grants are obtained for")] = ""
    client_secret: Annotated[SecretStr | None, Field(description="its secret")] = None
    public_url: Annotated[
        HttpUrl | None,
        Field(description="where browsers reach the proxy, for `/heirloom/connect`; as they address it when not set"),
    ] = None
    oauth1_window_seconds: Annotated[
        int,
        Field(ge=10, le=3600, description="how far off the clock of an OAuth 1.0a client may be"),
    ] = 300

    @field_validator("auth", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """`passthrough,broker` is a list."""
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("derive_idempotency", mode="before")
    @classmethod
    def _listed_or_none(cls, value: Any) -> Any:
        """`payments,milestones` is a list, nothing an empty one."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("workers", mode="before")
    @classmethod
    def _for_all_processors(cls, value: Any) -> Any:
        """`auto` is a number that the machine knows, and the limits of its container."""
        return usable_processors() if value == "auto" else value

    @field_validator("upstream_proxy")
    @classmethod
    def _is_a_proxy(cls, value: SecretStr | None) -> SecretStr | None:
        """HTTP proxies only, told before the first call."""
        if value is not None and PROXY.fullmatch(value.get_secret_value()) is None:
            raise PydanticCustomError(
                "no_proxy", "it must be http://host:port or https://host:port, with a password or not"
            )
        return value

    @field_validator("derive_idempotency")
    @classmethod
    def _can_be_sealed(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Answers are private: they are kept sealed or not at all."""
        if value and "secret_key" in info.data and info.data["secret_key"] is None:
            raise PydanticCustomError(
                "no_secret_key",
                "it wants HEIRLOOM_SECRET_KEY: set that to what 'heirloom secret new' prints, and keep it",
            )
        return value

    @field_validator("secret_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        """What anyone could guess must not seal anything; an empty text, which is no key, is not taken for none."""
        for part in value.get_secret_value().split(",") if value is not None else ():
            if SECRET_KEY.fullmatch(part.strip()) is None:
                raise PydanticCustomError(
                    "no_key", "it must be keys that 'heirloom secret new' prints, with commas between"
                )
        return value

    @model_validator(mode="after")
    def _has_what_the_ways_need(self) -> Settings:
        """Who keeps grants needs something to seal them with."""
        if {"broker", "oauth1"} & set(self.auth) and self.secret_key is None:
            raise PydanticCustomError(
                "no_secret_key",
                "HEIRLOOM_AUTH wants HEIRLOOM_SECRET_KEY: set it to what 'heirloom secret new' prints, and keep it",
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given counts: the environment is read by `load_settings`, which knows its names."""
        return (init_settings,)

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The keys that seal the store, the one that is used first; none when nothing is kept."""
        return tuple(part.strip() for part in self.secret_key.get_secret_value().split(",")) if self.secret_key else ()

    @property
    def schema_path(self) -> Path:
        """Where the upstream's schema is."""
        return self.schema_file or self.mappings / "schema.graphql"


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as people see it."""

    name: str
    value: str
    origin: Literal["default", "environment"]
    description: str


def load_settings(
    environ: Mapping[str, str] | None = None,
    said: Mapping[str, Any] | None = None,
    unsaid: Mapping[str, Any] | None = None,
) -> Settings:
    """Read the settings from the environment; what was `said` on the command line, by field name, counts for more.

    `unsaid` are other defaults than the usual ones.
    Raises InvalidSettings with every problem at once.
    """
    environ = os.environ if environ is None else environ
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    problems = [
        _unknown(name, known) for name in environ if name.upper().startswith(PREFIX) and name.upper() not in known
    ]
    given: dict[str, Any] = dict(unsaid or {}) | {
        field: environ[name]
        for name in environ
        if (field := name.upper().removeprefix(PREFIX).lower()) in Settings.model_fields and name.upper() in known
    }
    given |= said or {}
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        # What is wrong with several together is told of the one that asks for the others.
        wrong = [(str((*one["loc"], "auth")[0]), one["msg"]) for one in error.errors()]
        problems += [
            f"S102 {PREFIX}{field.upper()}: {what} (it is {_shown(field, given.get(field))!r})" for field, what in wrong
        ]
        raise InvalidSettings(problems) from error
    if problems:
        raise InvalidSettings(problems)
    return settings


def usable_processors(quota: Path = CPU_QUOTA) -> int:
    """How many processors may be used: those that the process may run on, or fewer where a container has less time."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        most, period = quota.read_text(encoding="ascii").split()
        return max(1, min(processors, int(most) // int(period)))
    except (OSError, ValueError):
        # There is none, or it is 'max'.
        return processors


def upstream_tls(settings: Settings) -> ssl.SSLContext:
    """Whom to trust at the upstream. Raises InvalidSettings where the file holds no certificates."""
    try:
        return ssl.create_default_context(cafile=settings.upstream_ca or certifi.where())
    except OSError as error:
        problem = f"S102 {PREFIX}UPSTREAM_CA: it holds no certificates in PEM (it is {str(settings.upstream_ca)!r})"
        raise InvalidSettings([problem]) from error


def check_tls(settings: Settings) -> None:
    """Raises InvalidSettings where only one of certificate and key is named, one is not there, or they do not fit."""
    named = {"tls_cert": settings.tls_cert, "tls_key": settings.tls_key}
    if not any(named.values()):
        return
    problems = [
        f"S102 {PREFIX}{name.upper()}: certificate and key go together; name this one too"
        if path is None
        else f"S102 {PREFIX}{name.upper()}: there is no such file (it is {str(path)!r})"
        for name, path in named.items()
        if path is None or not path.is_file()
    ]
    if problems:
        raise InvalidSettings(problems)
    try:
        # An empty password: a key that wants one is refused, and nobody is asked for it at the start.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(str(settings.tls_cert), str(settings.tls_key), "")
    except OSError as error:
        problem = (
            f"S102 {PREFIX}TLS_CERT: it and HEIRLOOM_TLS_KEY are no certificate in PEM and its own key, unencrypted"
        )
        raise InvalidSettings([f"{problem} (it is {str(settings.tls_cert)!r})"]) from error


def check_folders(settings: Settings) -> None:
    """Raises InvalidSettings where a setting names a folder that is not there."""
    problems = [
        f"S102 {PREFIX}{name.upper()}: there is no such folder (it is {str(getattr(settings, name))!r})"
        for name in ("mappings", "templates")
        if not getattr(settings, name).is_dir()
    ]
    if problems:
        raise InvalidSettings(problems)


def check_areas(settings: Settings, areas: Collection[str]) -> None:
    """Raises InvalidSettings where keys are to be derived for an area that has no writes, of those in `areas`."""
    name = f"{PREFIX}DERIVE_IDEMPOTENCY"
    problems = [
        f"S102 {name}: '{area}' is no area with writes; those are {', '.join(sorted(areas))} "
        f"(it is {as_text(settings.derive_idempotency)!r})"
        for area in settings.derive_idempotency
        if area not in areas
    ]
    if problems:
        raise InvalidSettings(problems)


def _unknown(name: str, known: set[str]) -> str:
    # Compared without the prefix: with it, every name is near every other.
    near = near_names(name.upper().removeprefix(PREFIX), {one.removeprefix(PREFIX) for one in known})
    hint = f"did you mean {' or '.join(PREFIX + one for one in near)}?" if near else "'heirloom settings' lists them"
    return f"S103 {name}: there is no such setting; {hint}"


def show_settings(settings: Settings, environ: Mapping[str, str] | None = None) -> list[Shown]:
    """Each setting with its value and where that came from; secrets masked."""
    environ = os.environ if environ is None else environ
    given = {name.upper() for name in environ}
    return [
        Shown(
            name=f"{PREFIX}{name.upper()}",
            value=_shown(name, getattr(settings, name)),
            origin="environment" if f"{PREFIX}{name.upper()}" in given else "default",
            description=field.description or "",
        )
        for name, field in type(settings).model_fields.items()
    ]


def as_text(value: Any) -> str:
    """A value as the environment says it; a secret as it is."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _shown(field: str, value: Any) -> str:
    """A value as people may see it, also one that was refused: secrets do not show."""
    known = Settings.model_fields.get(field)
    if isinstance(value, SecretStr) or (known is not None and "SecretStr" in str(known.annotation)):
        return MASK if value else ""
    return "" if value is None else PASSWORD.sub(rf"\1:{MASK}@", as_text(value))
