"""A text made of values: the part of Jinja2's syntax that is words and names, so that no template runs later."""

from __future__ import annotations

from jinja2 import Environment, TemplateSyntaxError, nodes

from app.findings import BadText, Finding
from app.mapping.model import TextPart, Word

_ENVIRONMENT = Environment(autoescape=False)  # noqa: S701 - it only parses; nothing is rendered here


def text_pieces(
    text: Word, parts: dict[str, TextPart], findings: list[Finding], rule: str
) -> tuple[str | TextPart, ...] | None:
    """The words of a text, and for each `{{ name }}` the value given for it; a fault is a finding and gives None."""
    try:
        template = _ENVIRONMENT.parse(text.text)
    except TemplateSyntaxError as error:
        findings.append(BadText(place=text.place, rule=rule, problem=error.message or "a syntax error"))
        return None
    pieces: list[str | TextPart] = []
    for output in template.body:
        for node in getattr(output, "nodes", [output]):
            piece = _piece(node, parts)
            if piece is None:
                problem = "only names given under `with:` may stand in {{ }}"
                findings.append(BadText(place=text.place, rule=rule, problem=problem))
                return None
            pieces.append(piece)
    return tuple(pieces)


def _piece(node: nodes.Node, parts: dict[str, TextPart]) -> str | TextPart | None:
    if isinstance(node, nodes.TemplateData):
        return node.data
    return parts.get(node.name) if isinstance(node, nodes.Name) else None
