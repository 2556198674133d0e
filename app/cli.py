"""The command line: `heirloom serve`, `sandbox`, `check`, `explain` and what else people ask of mappings."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.access_cli import grant_app, key_app, secret_app
from app.beside import (
    SANDBOX_LIMITS,
    SandboxDidNotStart,
    sandbox_process,
    sandbox_url,
    sandbox_urls,
    serve_sandbox,
)
from app.building import build, plans_of
from app.cli_consumers import consumer_app
from app.compile.contract import load_contract
from app.compile.coverage import Covered, cover
from app.compile.errors import all_errors
from app.converters import CONVERTERS
from app.errors import RequestError
from app.findings import InvalidMappings
from app.lean import without_companions
from app.openapi import openapi
from app.pages import PAGES, with_coverage
from app.schema import load_schema
from app.settings import InvalidSettings, Settings, check_tls, load_settings, show_settings
from app.web.params import FORM, JSON

if TYPE_CHECKING:
    from app.explain import Explanation

FAULT, USAGE = 1, 2

app = typer.Typer(
    name="heirloom",
    help="Keeps Upwork's retired REST API in use: legacy calls in, GraphQL out, legacy answers back.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
sandbox_app = typer.Typer(invoke_without_command=True, help="An upstream to develop and test against.")
app.add_typer(sandbox_app, name="sandbox")
app.add_typer(grant_app, name="grant")
app.add_typer(key_app, name="key")
app.add_typer(consumer_app, name="consumer")
app.add_typer(secret_app, name="secret")


def main() -> None:
    """Run the command line; faults that people can mend end with their text and status 1."""
    try:
        app()
    except (InvalidMappings, InvalidSettings, SandboxDidNotStart) as fault:
        typer.echo(str(fault), err=True)
        sys.exit(FAULT)


@app.command("serve")
def serve_command(
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Start the built-in upstream too, and use it.")] = False,
    port: Annotated[int | None, typer.Option(help="Port to listen on (HEIRLOOM_PORT).")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (HEIRLOOM_HOST).")] = None,
    workers: Annotated[str | None, typer.Option(help="Processes that serve, or auto (HEIRLOOM_WORKERS).")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain in PEM (HEIRLOOM_TLS_CERT).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key in PEM (HEIRLOOM_TLS_KEY).")] = None,
    sandbox_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the built-in upstream.")] = 8001,
) -> None:
    """Serve the legacy API. Mappings, schema and settings are checked first; a fault in them stops the start."""
    given = {"port": port, "host": host, "workers": workers, "tls_cert": tls_cert, "tls_key": tls_key}
    said: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if sandbox:
        said |= sandbox_urls(sandbox_port)
    settings = load_settings(said=said, unsaid=SANDBOX_LIMITS if sandbox else {})
    check_tls(settings)
    plans = plans_of(settings)
    with ExitStack() as running:
        if sandbox:
            running.enter_context(sandbox_process(sandbox_port, seed=1))
            _tell_where(settings, sandbox_url(sandbox_port))
        with without_companions():
            from app.serving import serve  # noqa: PLC0415 - takes the room that the compiler leaves
        serve(settings, plans)


def _tell_where(settings: Settings, upstream: str) -> None:
    from app.sandbox import sandbox_ids  # noqa: PLC0415 - the proxy alone never pays for the sandbox

    ids = sandbox_ids()
    token, company = ids["credentials"]["access_token"], ids["values"]["company_id"]
    proxy = f"{'https' if settings.tls_cert else 'http'}://{settings.host}:{settings.port}"
    typer.echo(f"sandbox  {upstream}", err=True)
    typer.echo(f"proxy    {proxy}", err=True)
    typer.echo(
        f"try      curl -H 'Authorization: Bearer {token}' {proxy}/api/messages/v3/{company}/rooms.json", err=True
    )


@sandbox_app.callback()
def sandbox_command(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8001,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="The world is made from this number, always the same for it.")] = 1,
) -> None:
    """Serve the sandbox: the real schema over a seeded world that remembers changes."""
    if context.invoked_subcommand is None:
        # The settings may be those of a proxy over this very sandbox.
        serve_sandbox(load_settings(said={"upstream_url": sandbox_url(port)}).schema_path, host, port, seed)


@sandbox_app.command("ids")
def sandbox_ids_command(
    seed: Annotated[int, typer.Option(help="The number the world is made from.")] = 1,
) -> None:
    """Print credentials, and a value for each part of a path, that work in every call, as JSON."""
    from app.sandbox import sandbox_ids  # noqa: PLC0415 - the proxy alone never pays for the sandbox

    typer.echo(json.dumps(sandbox_ids(seed), indent=2))


@app.command("check")
def check_command() -> None:
    """Check settings, schema and all mappings; print every finding with its place and mend."""
    settings = load_settings()
    built = build(settings)
    calls, routes = len(built.plans.calls), sum(len(plan.routes) for plan in built.plans.calls.values())
    typer.echo(f"{calls} calls on {routes} routes, {built.mappings.files} files: no findings")


@app.command("routes")
def routes_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the routes that are served, each with its call. Every route answers to .json, .xml and no suffix."""
    rows = [
        {"method": route.method, "path": "/" + "/".join(route.segments), "call": plan.id, "title": plan.about.title}
        for plan in build(load_settings()).plans.calls.values()
        for route in plan.routes
    ]
    rows.sort(key=lambda row: (row["path"], row["method"]))
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    width = max(len(row["path"]) for row in rows)
    for row in rows:
        typer.echo(f"{row['method']:<6} {row['path']:<{width}}  {row['call']}")


@app.command("openapi")
def openapi_command() -> None:
    """Print the legacy API as it is served, as OpenAPI 3.1 in JSON."""
    typer.echo(json.dumps(openapi(build(load_settings()).plans), indent=2))


@app.command("coverage")
def coverage_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show which rows of the contract are served, and why others are not; computed from the mappings."""
    settings = load_settings()
    contract = load_contract(settings.mappings)
    if contract is None:
        typer.echo("these mappings come without a contract", err=True)
        raise typer.Exit(FAULT)
    covered = cover(build(settings).mappings, contract)
    if as_json:
        typer.echo(json.dumps(_coverage_json(covered), indent=2))
        return
    for one in covered:
        typer.echo(
            f"{one.id:<40} {len(one.served):>4} of {one.rows:>3} rows served, {len(one.absent)} absent with a reason"
        )
    unexplained = sum(len(one.unexplained) for one in covered)
    typer.echo(f"{sum(one.rows for one in covered)} rows, {unexplained} unexplained")


def _coverage_json(covered: tuple[Covered, ...]) -> dict[str, Any]:
    endpoints = [
        {
            "id": one.id,
            "rows": one.rows,
            "routes": one.routes,
            "served": list(one.served),
            "absent": [{"row": row, "reason": reason} for row, reason in one.absent],
            "unexplained": list(one.unexplained),
            **({"unavailable": one.unavailable} if one.unavailable else {}),
        }
        for one in covered
    ]
    totals = {
        "endpoints": len(covered),
        "routes": sum(one.routes for one in covered),
        "rows": sum(one.rows for one in covered),
        "served": sum(len(one.served) for one in covered),
        "absent": sum(len(one.absent) for one in covered),
        "unexplained": sum(len(one.unexplained) for one in covered),
    }
    return {"endpoints": endpoints, "totals": totals}


@app.command("errors")
def errors_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a legacy caller is told of each failure of the upstream; the first row that fits decides."""
    rows = [
        {
            "for": where,
            "row": row.name,
            "upstream": row.speaks_of.replace("`", ""),
            "status": row.status,
            "code": row.code,
            "message": row.message,
            "write": "refused" if row.refused else "outcome unknown",
            "example": row.example.text if row.example else "",
            "why": row.why,
            "place": row.place,
        }
        for where, row in all_errors(build(load_settings()).mappings)
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        name = f"{row['for']}: {row['row']}" if row["for"] else row["row"]
        typer.echo(f"{name:<28} {row['status']} {row['message']}")
        typer.echo(f"    {row['upstream']}; a write: {row['write']}  ({row['place']})")


@app.command("explain")
def explain_command(
    method: Annotated[str, typer.Argument(help="GET, POST, PUT or DELETE.")],
    path: Annotated[str, typer.Argument(help="The legacy path with its query, from /api on.")],
    body: Annotated[str, typer.Option(help="The request body.")] = "",
    content_type: Annotated[str, typer.Option(help="What the body is; JSON and forms are told apart without.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a legacy call becomes: mapping, document, variables, headers, generated functions. Asks nobody."""
    from app.explain import explain  # noqa: PLC0415 - the other commands, `serve` first, begin without it

    try:
        kind = content_type or (JSON if body.lstrip()[:1] in {"{", "["} else FORM)
        found = explain(build(load_settings()), method, path, body.encode(), kind)
    except RequestError as error:
        typer.echo(f"{error.status} {error.message}", err=True)
        raise typer.Exit(FAULT) from error
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2))
        return
    _print_explanation(found)


def _print_explanation(found: Explanation) -> None:
    def head(text: str) -> None:
        typer.secho(f"\n{text}", bold=True)

    choice = f", choice {found.choice}" if found.choice else ""
    typer.echo(f"{found.endpoint}: {found.title} ({found.file}{choice})")
    for warning in found.warnings:
        typer.secho(f"warning: {warning}", fg="yellow")
    head("document")
    typer.echo(found.document)
    head("variables")
    typer.echo(json.dumps(found.variables, indent=2))
    head("headers")
    for name, value in found.headers.items():
        typer.echo(f"{name}: {value}")
    if found.paging:
        head("paging")
        typer.echo(found.paging)
    for name, document in found.further:
        head(f"further question '{name}'")
        typer.echo(document)
    for name, source in found.sources:
        head(f"generated: {name}")
        typer.echo(source.rstrip())


@app.command("settings")
def settings_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print each setting with its value and where that came from; secrets are masked."""
    shown = show_settings(load_settings())
    if as_json:
        typer.echo(
            json.dumps([{name: getattr(one, name) for name in one.__dataclass_fields__} for one in shown], indent=2)
        )
        return
    for one in shown:
        typer.echo(f"{one.name}={one.value}  ({one.origin}: {one.description})")


@app.command("schema")
def schema_command(
    type_name: Annotated[str, typer.Argument(help="A type of the upstream's schema, such as Room or Query.")],
) -> None:
    """List the fields of a type of the upstream's schema."""
    schema, findings = load_schema(load_settings().schema_path)
    if schema is None:
        raise InvalidMappings(findings)
    fields = schema.type_fields(type_name)
    if not fields:
        typer.echo(f"no type '{type_name}' with fields", err=True)
        raise typer.Exit(FAULT)
    typer.echo("\n".join(fields))


@app.command("docs")
def docs_command(
    folder: Annotated[Path, typer.Option(help="Where the pages are.")] = Path("docs"),
) -> None:
    """Write the pages of the documentation that are made from the code."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")
        typer.echo(f"{folder / name}")
    readme = folder.parent / "README.md"
    readme.write_text(with_coverage(readme.read_text(encoding="utf-8")), encoding="utf-8")
    typer.echo(f"{readme}")


@app.command("converters")
def converters_command() -> None:
    """List the converters that mappings can name with `via:`."""
    for one in CONVERTERS.values():
        taken, given = one.examples[0]
        typer.echo(f"{one.name} ({one.takes} to {one.gives}): {one.doc.splitlines()[0]}")
        typer.echo(f"    {taken!r} -> {given!r}")
