"""The commands about access: `heirloom grant`, `key` and `secret`."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from app.access.records import Grant, ProxyKey, Ticket
from app.access.vault import Kept, new_secret_key
from app.errors import ProxyError
from app.settings import Settings, load_settings

if TYPE_CHECKING:
    from app.access.parts import Access

FAULT = 1
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)
T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(help="A name of your choice: letters, digits, '.', '_', '-'.")]

grant_app = typer.Typer(no_args_is_help=True, help="OAuth2 grants that the proxy holds and refreshes for its clients.")
key_app = typer.Typer(no_args_is_help=True, help="Keys that clients present in the place of an access token.")
secret_app = typer.Typer(no_args_is_help=True, help="The key that seals what is stored.")


def over_access(step: Callable[[Access, Settings], Awaitable[T]]) -> T:
    """Run a step over the stored grants; what people can mend ends with its text and status 1."""
    from app.assemble import opened_access  # noqa: PLC0415 - the other commands, `serve` first, begin without it

    async def run() -> T:
        settings = load_settings()
        async with opened_access(settings) as access:
            return await step(access, settings)

    try:
        return asyncio.run(run())
    except ProxyError as error:
        typer.echo(f"{error.message}{f' ({error.detail})' if error.detail else ''}", err=True)
        if error.mend:
            typer.echo(error.mend, err=True)
        raise typer.Exit(FAULT) from error


def fail(text: str) -> typer.Exit:
    """The end of a command that cannot go on, said on standard error."""
    typer.echo(text, err=True)
    return typer.Exit(FAULT)


def checked_name(name: str) -> str:
    """A name that can stand in lists and keys."""
    if NAME.fullmatch(name) is None:
        raise fail(
            f"'{name}' is no name: letters, digits, '.', '_' and '-', 64 at most, beginning with one of the first"
        )
    return name


def listed(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Rows as JSON, or in columns."""
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        typer.echo("none", err=True)
        return
    widths = {name: max(len(name), *(len(_cell(row[name])) for row in rows)) for name in rows[0]}
    typer.echo("  ".join(name.ljust(width) for name, width in widths.items()).rstrip())
    for row in rows:
        typer.echo("  ".join(_cell(row[name]).ljust(width) for name, width in widths.items()).rstrip())


def when(seconds: float) -> str:
    """A moment as people read it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _cell(value: Any) -> str:
    return ",".join(value) if isinstance(value, list | tuple) else "" if value is None else str(value)


# --- grants ----------------------------------------------------------------------------------------------------------


@grant_app.command("add")
def grant_add(
    name: Name,
    client_credentials: Annotated[
        bool, typer.Option("--client-credentials", help="Obtain it for the client itself, without a browser.")
    ] = False,
    refresh_token_stdin: Annotated[
        bool,
        typer.Option("--refresh-token-stdin", help="Take over the refresh token on standard input; it is used up."),
    ] = False,
) -> None:
    """Obtain a grant. Without options it prints a link, good for ten minutes, at which somebody consents."""
    checked_name(name)
    if refresh_token_stdin and client_credentials:
        raise fail("--client-credentials and --refresh-token-stdin are two ways; give one")
    given = sys.stdin.readline().strip() if refresh_token_stdin else ""
    if refresh_token_stdin and not given:
        raise fail("there is no refresh token on standard input")

    async def step(access: Access, settings: Settings) -> str:
        if not settings.client_id or settings.client_secret is None:
            raise fail("HEIRLOOM_CLIENT_ID and HEIRLOOM_CLIENT_SECRET are not set; they name your OAuth2 client")
        if client_credentials or given:
            authorization = access.authorization
            grant = await (authorization.by_client() if client_credentials else authorization.by_refresh_token(given))
            await access.vault.put(name, grant)
            return f"grant '{name}' is stored"
        ticket = await access.connecting.ticket(Ticket(grant=name))
        base = str(settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
        return f"open within ten minutes: {base}/heirloom/connect?ticket={ticket}"

    typer.echo(over_access(step))


@grant_app.command("list")
def grant_list(as_json: AsJson = False) -> None:
    """List the grants with their standing; no token is shown."""

    async def step(access: Access, _: Settings) -> list[Kept[Grant]]:
        return await access.vault.all(Grant)

    listed([_about(kept) for kept in over_access(step)], as_json=as_json)


@grant_app.command("show")
def grant_show(name: Name) -> None:
    """Show one grant, and the keys that lead to it, as JSON; no token is shown."""

    async def step(access: Access, _: Settings) -> dict[str, Any]:
        kept = await access.vault.get(Grant, name)
        if kept is None:
            raise fail(f"there is no grant '{name}'")
        keys = sorted({one.record.name for one in await access.vault.all(ProxyKey) if one.record.grant == name})
        return _about(kept) | {"keys": keys}

    typer.echo(json.dumps(over_access(step), indent=2))


@grant_app.command("refresh")
def grant_refresh(name: Name) -> None:
    """Get new tokens for a grant now."""

    async def step(access: Access, _: Settings) -> None:
        kept = await access.vault.get(Grant, name)
        if kept is None:
            raise fail(f"there is no grant '{name}'")
        await access.grants.refresh(kept)

    over_access(step)
    typer.echo(f"grant '{name}' is fresh")


@grant_app.command("revoke")
def grant_revoke(name: Name) -> None:
    """Forget a grant: every key and token that leads to it is refused from now on."""

    async def step(access: Access, _: Settings) -> bool:
        return await access.vault.delete(Grant, name)

    if not over_access(step):
        raise fail(f"there is no grant '{name}'")
    typer.echo(f"grant '{name}' is forgotten; its consent at the upstream stays until it is withdrawn there")


def _about(kept: Kept[Grant]) -> dict[str, Any]:
    grant = kept.record
    return {
        "name": kept.name,
        "kind": grant.kind,
        "state": "lapsed" if grant.lapsed else "works",
        "created": when(grant.created),
        "refreshed": when(grant.refreshed),
        "token_ends": when(grant.access_ends),
    }


# --- keys ------------------------------------------------------------------------------------------------------------


@key_app.command("add")
def key_add(
    name: Name,
    grant: Annotated[str, typer.Option(help="The grant that the key leads to.")],
    areas: Annotated[
        str, typer.Option(help="All that it may reach, as 'messages,contracts'; everything without.")
    ] = "",
    tenants: Annotated[
        str, typer.Option(help="Ids of the organizations it may ask for, with commas; the first by default.")
    ] = "",
) -> None:
    """Make a key for a client. It is shown this once; the store knows its digest only."""
    checked_name(name)

    async def step(access: Access, settings: Settings) -> str:
        if await access.vault.get(Grant, grant) is None:
            raise fail(f"there is no grant '{grant}'; 'heirloom grant list' shows them")
        known = {path.name for path in settings.mappings.iterdir() if path.is_dir()}
        if unknown := set(_names(areas) or ()) - known:
            raise fail(f"there is no area {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
        return await access.keys.make(name, grant, _names(areas), _names(tenants))

    typer.echo(over_access(step))


@key_app.command("list")
def key_list(as_json: AsJson = False) -> None:
    """List the keys, by their names and what they are bound to."""

    async def step(access: Access, _: Settings) -> list[ProxyKey]:
        return [kept.record for kept in await access.vault.all(ProxyKey)]

    rows = [
        {"name": key.name, "grant": key.grant, "areas": key.areas, "tenants": key.tenants, "created": when(key.created)}
        for key in sorted(over_access(step), key=lambda key: (key.name, key.created))
    ]
    listed(rows, as_json=as_json)


@key_app.command("revoke")
def key_revoke(name: Name) -> None:
    """Refuse every key of that name from now on."""

    async def step(access: Access, _: Settings) -> int:
        return await access.keys.revoke(name)

    count = over_access(step)
    if not count:
        raise fail(f"there is no key '{name}'")
    typer.echo(f"{count} revoked")


def _names(text: str) -> tuple[str, ...] | None:
    return tuple(part.strip() for part in text.split(",") if part.strip()) or None


# --- the secret key --------------------------------------------------------------------------------------------------


@secret_app.command("new")
def secret_new() -> None:
    """Print a new key for HEIRLOOM_SECRET_KEY. Keep it: what it sealed cannot be read without it."""
    typer.echo(new_secret_key())


@secret_app.command("reseal")
def secret_reseal() -> None:
    """Seal everything stored with the first key of HEIRLOOM_SECRET_KEY, so that the others can be taken out."""

    async def step(access: Access, _: Settings) -> int:
        return await access.vault.reseal()

    typer.echo(f"{over_access(step)} records are sealed with the first key")
