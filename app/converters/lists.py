"""Lists, in JSON or joined by semicolons."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from app.converters.registry import ConversionError, converter
from app.strict_json import BadJson, read_json


@converter(takes="text", gives="list", examples=[("active;closed", ["active", "closed"]), ("a", ["a"])])
def semicolon_list(text: str) -> list[str]:
    """Texts joined by `;`. Source: legacy conventions, URL forms."""
    items = [item.strip() for item in text.split(";") if item.strip()]
    if not items:
        raise ConversionError("must be one or more values joined by ';'")
    return items


@converter(takes="text", gives="text", examples=[("24680135", "24680135"), (" 24680135 ", "24680135")])
def only_one(text: str) -> str:
    """One value, where the legacy API took several joined by `;`. Source: legacy workdiaries, `contract_id`."""
    values = semicolon_list(text)
    if len(values) > 1:
        raise ConversionError("must be one value here: ask for each of those joined by ';' in a call of its own")
    return values[0]  # type: ignore[no-any-return]


@converter(
    takes="any",
    gives="list",
    examples=[('["a", "b"]', ["a", "b"]), (["a"], ["a"]), ("a;b", ["a", "b"]), ("a", ["a"])],
)
def text_list(value: Any) -> list[str]:
    """A list of texts: a JSON list, JSON text of one, or texts joined by `;` or `,`."""
    items = _json_or(value, lambda text: [item.strip() for item in re.split(r"[;,]", text) if item.strip()])
    if not isinstance(items, list) or not items or not all(_is_id(item) for item in items):
        raise ConversionError('must be a list of ids, such as ["a", "b"] or a;b')
    return [str(item) for item in items]


@converter(
    takes="any",
    gives="list",
    examples=[('[{"userId": "4"}]', [{"userId": "4"}]), ({"userId": "4"}, [{"userId": "4"}])],
)
def object_list(value: Any) -> list[dict[str, Any]]:
    """A list of objects: JSON, or JSON text; one object alone counts as a list of one."""
    items = _json_or(value, lambda text: None)
    items = [items] if isinstance(items, dict) else items
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise ConversionError('must be a list of objects, such as [{"userId": "4"}]')
    return items


def _is_id(item: Any) -> bool:
    return isinstance(item, str | int) and not isinstance(item, bool)


def _json_or(value: Any, otherwise: Callable[[str], Any]) -> Any:
    """A list or object as it is; JSON text decoded; any other text through `otherwise`."""
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] in {"[", "{"}:
        try:
            return read_json(value)
        except BadJson as problem:
            raise ConversionError(f"must be a JSON text: it {problem}") from problem
    return otherwise(value)
