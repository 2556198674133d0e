"""The pages of `docs/` that are made from code and mappings, and a table of the README. A test compares them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from app import errors, findings
from app.building import build
from app.compile.build import Built
from app.compile.contract import load_contract
from app.compile.coverage import Covered, cover
from app.compile.errors import all_errors
from app.converters import CONVERTERS
from app.settings import PREFIX, Settings

MADE = "<!-- Made by `heirloom docs`; edit the code it comes from. -->\n"


def _subclasses(base: type[Any]) -> Iterator[type[Any]]:
    for below in base.__subclasses__():
        yield below
        yield from _subclasses(below)


def _first_paragraph(doc: str | None) -> str:
    return " ".join((doc or "").split("\n\n")[0].split())


def errors_page() -> str:
    """Every code with what it says: start-up findings, then what a request can meet."""
    lines = [
        "# Errors\n",
        MADE,
        "Every fault has a code that is never used again for another. Those of the start name file, line and column,",
        "and how to mend them; nothing is served until they are. Those of a request come in the legacy form, with",
        '`X-Upwork-Error-Code`, `X-Upwork-Error-Message` and `Proxy-Status: heirloom; error="<code>"`.\n',
        "## When it starts\n",
        "| code | what |",
        "|---|---|",
    ]
    found = {one.code: one for one in _subclasses(findings.Finding) if one.code != "M000"}
    lines += [f"| {code} | {_first_paragraph(found[code].__doc__).partition(': ')[2]} |" for code in sorted(found)]
    lines += ["| S102 | A setting has a value that it cannot have. |", "| S103 | There is no setting of that name. |"]
    lines += ["\n## When it serves\n", "| code | status | what |", "|---|---|---|"]
    for one in sorted(_subclasses(errors.ProxyError), key=lambda one: one.code):
        what = _first_paragraph(one.__doc__).partition(": ")[2]
        lines.append(f"| {one.code} | {one.status} | {what} |")
    lines += [
        "\n## What the upstream says\n",
        "The first row that fits decides; `heirloom errors` prints the table as it stands, with rows of your own.",
        "A write that the row does not call refused is told as 502, outcome unknown, and never sent again.\n",
        "| row | the upstream | status | code | text | a write |",
        "|---|---|---|---|---|---|",
    ]
    for where, row in all_errors(_shipped()[0].mappings):
        name, about = f"{where}: {row.name}" if where else row.name, row.speaks_of.replace("|", "\\|")
        fate = "refused" if row.refused else "unknown"
        lines.append(f"| {name} | {about} | {row.status} | {row.code} | {row.message} | {fate} |")
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """Every setting with its default."""
    lines = [
        "# Settings\n",
        MADE,
        "Read from the environment, once, at the start. An unknown name that begins with `HEIRLOOM_` stops the start;",
        "`heirloom settings` prints each value and where it came from.\n",
        "| name | default | what |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "shipped with it" if name in {"mappings", "templates"} else field.default
        shown = "" if default is None else f"`{default}`"
        lines.append(f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"


def converters_page() -> str:
    """Every converter with what it takes and gives, and its examples, which are its tests too."""
    lines = [
        "# Converters\n",
        MADE,
        "What a table cannot say, a mapping names with `via:`. The examples are run as tests.\n",
    ]
    for one in sorted(CONVERTERS.values(), key=lambda one: one.name):
        lines += [f"## {one.name}\n", f"{one.takes} to {one.gives}. {' '.join(one.doc.split())}\n", "```"]
        lines += [f"{taken!r} -> {given!r}" for taken, given in one.examples]
        lines += ["```\n"]
    return "\n".join(lines)


@lru_cache
def _shipped() -> tuple[Built, tuple[Covered, ...]]:
    """The mappings that come with the project, and what they answer of the contract."""
    settings = Settings()
    built, contract = build(settings), load_contract(settings.mappings)
    return built, cover(built.mappings, contract) if contract else ()


def coverage_table() -> str:
    """A line an area: calls, routes, and rows of the old documentation."""
    built, covered = _shipped()
    lines = ["| area | calls | routes | rows | answered | absent, with a reason |", "|---|---|---|---|---|---|"]
    areas: dict[str, list[Covered]] = {}
    for one in covered:
        areas.setdefault(one.id.partition("/")[0], []).append(one)
    titles = {endpoint.area.name: endpoint.area.title for endpoint in built.mappings.endpoints}
    for area, calls in areas.items():
        lines.append(f"| {titles[area]} | {_sums(calls)} |")
    return "\n".join([*lines, f"| **all** | {_sums(covered)} |"]) + "\n"


def _sums(calls: tuple[Covered, ...] | list[Covered]) -> str:
    served, absent = sum(len(one.served) for one in calls), sum(len(one.absent) for one in calls)
    sums = [len(calls), sum(one.routes for one in calls), sum(one.rows for one in calls), served, absent]
    return " | ".join(map(str, sums))


def coverage_page() -> str:
    """Every call with its routes and what is absent, the calls beyond the contract, the routes that are not bridged."""
    built, covered = _shipped()
    by_id = {endpoint.id: endpoint for endpoint in built.mappings.endpoints}
    lines = [
        "# Coverage\n",
        MADE,
        "What is answered of the old documentation, call by call; computed from the mappings. A row that is not",
        "answered is named here with its reason; there is no other.\n",
        coverage_table(),
    ]
    for one in covered:
        endpoint = by_id[one.id]
        lines += [f"## {one.id}\n", f"{endpoint.title}: {', '.join(f'`{route}`' for route in endpoint.routes)}. "]
        lines[-1] += f"{len(one.served)} of {one.rows} rows." if one.rows else "No rows of its own."
        lines[-1] += f" **Not available**: {_sentence(one.unavailable)}" if one.unavailable else ""
        reasons = [] if one.unavailable else [f"- `{row}`: {reason}" for row, reason in one.absent]
        lines += ["", *reasons] if reasons else []
        lines += [""]
    lines += ["## Calls around them\n", "Not in the documentation that was bridged; clients make them all the same.\n"]
    lines += [
        f"- `{route}`: {endpoint.beyond}"
        for endpoint in built.mappings.endpoints
        if endpoint.beyond
        for route in endpoint.routes
    ]
    lines += [
        "\n## Known, and not bridged\n",
        "They answer 501 and name the nearest thing to ask the upstream itself.\n",
    ]
    lines += [f"- `{one.route}`: {one.nearest.kind} `{one.nearest.root}`" for one in built.mappings.known]
    return "\n".join(lines) + "\n"


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


MARK = ("<!-- coverage, made by `heirloom docs` -->\n", "<!-- end -->\n")


def with_coverage(readme: str) -> str:
    """The README with its table made anew."""
    before, _, rest = readme.partition(MARK[0])
    return before + MARK[0] + coverage_table() + MARK[1] + rest.partition(MARK[1])[2]


PAGES: dict[str, Callable[[], str]] = {
    "errors.md": errors_page,
    "settings.md": settings_page,
    "converters.md": converters_page,
    "coverage.md": coverage_page,
}
