"""The commands about OAuth 1.0a clients: `heirloom consumer`."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from app.access.records import Consumer, Grant, SignedToken
from app.access.three_legged import is_address
from app.access.vault import digest, new_secret
from app.access_cli import AsJson, Name, checked_name, fail, listed, over_access, when
from app.settings import Settings

if TYPE_CHECKING:
    from app.access.parts import Access

consumer_app = typer.Typer(no_args_is_help=True, help="OAuth 1.0a clients, by their consumer keys.")
Key = Annotated[str, typer.Argument(help="The consumer key.")]
HINT = 6


@consumer_app.command("add")
def consumer_add(
    name: Name,
    key: Annotated[str, typer.Option(help="The consumer key that the client has; a new one without.")] = "",
    secret_stdin: Annotated[
        bool, typer.Option("--secret-stdin", help="Take its secret from standard input; a new one without.")
    ] = False,
    callback: Annotated[
        list[str] | None,
        typer.Option(help="An address that the consent may lead back to, for clients that give it in the link alone."),
    ] = None,
) -> None:
    """Let an OAuth 1.0a client in. What is made here is shown this once."""
    checked_name(name)
    if wrong := [address for address in callback or () if not is_address(address)]:
        raise fail(f"'{wrong[0]}' is no address that a browser can be sent to")
    given = _from_stdin("secret") if secret_stdin else ""
    made_key, secret = key or new_secret(), given or new_secret()

    async def step(access: Access, _: Settings) -> bool:
        record = Consumer(
            name=name, secret=secret, created=time.time(), hint=made_key[:HINT], callbacks=tuple(callback or ())
        )
        return await access.vault.add(digest(made_key), record) is not None

    if not over_access(step):
        raise fail("there is a consumer with that key already")
    typer.echo(f"consumer key     {made_key}")
    typer.echo(f"consumer secret  {'as given' if given else secret}")


@consumer_app.command("list")
def consumer_list(as_json: AsJson = False) -> None:
    """List the consumers, by name and the beginning of their keys, with how many tokens each has."""

    async def step(access: Access, _: Settings) -> list[dict[str, object]]:
        tokens = [kept.record.consumer for kept in await access.vault.all(SignedToken)]
        return [
            {
                "name": kept.record.name,
                "key": f"{kept.record.hint}…",
                "tokens": tokens.count(kept.name),
                "created": when(kept.record.created),
            }
            for kept in await access.vault.all(Consumer)
        ]

    listed(sorted(over_access(step), key=lambda row: str(row["name"])), as_json=as_json)


@consumer_app.command("token")
def consumer_token(
    key: Key,
    grant: Annotated[str, typer.Option(help="The grant that the token stands for.")],
    token: Annotated[str, typer.Option(help="The access token that the client has; a new one without.")] = "",
    secret_stdin: Annotated[
        bool, typer.Option("--secret-stdin", help="Take its secret from standard input; a new one without.")
    ] = False,
) -> None:
    """Give a consumer an access token without the browser, or take over one that it has."""
    given = _from_stdin("secret") if secret_stdin else ""

    async def step(access: Access, _: Settings) -> tuple[str, str]:
        if await access.vault.get(Consumer, digest(key)) is None:
            raise fail("there is no consumer with that key")
        if await access.vault.get(Grant, grant) is None:
            raise fail(f"there is no grant '{grant}'; 'heirloom grant list' shows them")
        made = await access.three_legged.give(digest(key), grant, token, given)
        return made.token, made.secret

    made_token, made_secret = over_access(step)
    typer.echo(f"access token         {made_token}")
    typer.echo(f"access token secret  {'as given' if given else made_secret}")


@consumer_app.command("revoke")
def consumer_revoke(key: Key) -> None:
    """Refuse a consumer from now on, and forget all its tokens."""

    async def step(access: Access, _: Settings) -> int | None:
        if not await access.vault.delete(Consumer, digest(key)):
            return None
        own = [kept for kept in await access.vault.all(SignedToken) if kept.record.consumer == digest(key)]
        return sum([await access.vault.delete(SignedToken, kept.name) for kept in own])

    count = over_access(step)
    if count is None:
        raise fail("there is no consumer with that key")
    typer.echo(f"the consumer and its {count} tokens are forgotten; the grants stay, see 'heirloom grant list'")


def _from_stdin(what: str) -> str:
    text = sys.stdin.readline().strip()
    if not text:
        raise fail(f"there is no {what} on standard input")
    return text
