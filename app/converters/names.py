"""Texts taken apart."""

from __future__ import annotations

from app.converters.registry import converter


@converter(takes="text", gives="text", examples=[("Dana Rivera", "Dana"), ("Prince", "Prince")])
def first_word(name: str) -> str:
    """What stands before the first space: the first name of a full name."""
    return name.strip().partition(" ")[0]


@converter(takes="text", gives="text", examples=[("Dana de la Rivera", "de la Rivera"), ("Prince", "")])
def after_first_word(name: str) -> str:
    """What stands after the first space: the last name of a full name."""
    return name.strip().partition(" ")[2].strip()
