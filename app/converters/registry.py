"""What a converter is, and all of them by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "boolean", "list", "record", "any"]


class ConversionError(ValueError):
    """The value is not what the converter takes; the text says what it takes, with an example."""


@dataclass(frozen=True, slots=True)
class Converter:
    """A registered conversion. `members` are the names of a record it gives.

    `inline` is an expression that means the same, with `{0}` for the value. `is_narrow`: what it gives is a text or a
    flag, or a number that 64 bits hold and every writer of JSON writes alike.
    """

    name: str
    convert: Callable[[Any], Any]
    takes: Kind
    gives: Kind
    examples: tuple[tuple[Any, Any], ...]
    members: tuple[str, ...]
    doc: str
    inline: str = ""
    is_narrow: bool = False


CONVERTERS: dict[str, Converter] = {}


def converter(
    *,
    takes: Kind,
    gives: Kind,
    examples: list[tuple[Any, Any]],
    members: tuple[str, ...] = (),
    inline: str = "",
    is_narrow: bool = False,
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Register a conversion under its function's name, with its examples."""

    def register(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        name = function.__name__
        doc = (function.__doc__ or "").strip()
        narrow = is_narrow or gives in {"text", "boolean"}
        CONVERTERS[name] = Converter(name, function, takes, gives, tuple(examples), members, doc, inline, narrow)
        return function

    return register
