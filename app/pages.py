"""The pages of `docs/` that are made from the code: errors, settings, converters. A test holds the files to this."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from app import errors, findings
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


PAGES: dict[str, Callable[[], str]] = {
    "errors.md": errors_page,
    "settings.md": settings_page,
    "converters.md": converters_page,
}
