"""What came of a call, to be compared: a value with the types of all that is in it, or the kind of failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: what run time answers alike: a value of the upstream's that cannot be read, whichever of several came first
UNREADABLE = (ValueError, TypeError, AttributeError, KeyError, IndexError)


def exact(value: Any) -> Any:
    """A value in which True and 1 differ, and the order of members does not count."""
    if isinstance(value, dict):
        return {name: exact(below) for name, below in value.items()}
    if isinstance(value, list | tuple):
        return [exact(below) for below in value]
    return (type(value).__name__, value)


def outcome(function: Callable[..., Any], *arguments: Any) -> Any:
    """The value that a call gives, or the kind of error that it raises."""
    try:
        return ("gave", exact(function(*arguments)))
    except UNREADABLE:
        return ("raised", "unreadable")
    except Exception as error:
        return ("raised", type(error))
