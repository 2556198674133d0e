"""The shape of an answer as plain data, and one check: members and types are exactly these, all the way down.

A shape is a type, a literal (None, or a text such as ""), a record of shapes by name, a list with the shape of its
elements, or one of the words below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

AUTH_USER = {"first_name": str, "last_name": str, "timezone": str, "timezone_offset": str}


class OneOf:
    """Any of these shapes."""

    def __init__(self, *shapes: Any) -> None:
        self.shapes = shapes


@dataclass
class Collapsed:
    """One bare element, or two and more as a list."""

    element: Any


@dataclass
class Exactly:
    """This value, whatever it is made of."""

    value: Any


@dataclass
class MapOf:
    """Any number of members, at least one, all of one shape."""

    element: Any


def texts(names: str) -> dict[str, Any]:
    """A record of texts, by names apart by spaces."""
    return dict.fromkeys(names.split(), str)


def payload_of(answer: dict[str, Any], server_time: type = str) -> dict[str, Any]:
    """What stands beside the envelope, whose two members must be there; time is a text or a number, by family."""
    envelope = {"server_time": server_time, "auth_user": AUTH_USER}
    assert_shape({name: answer.get(name) for name in envelope}, envelope)
    return {name: value for name, value in answer.items() if name not in envelope}


def assert_shape(value: Any, shape: Any) -> None:
    """The value has the shape; every place where it does not is told."""
    found = faults(value, shape)
    assert not found, "\n".join(found)


#: what python-upwork 1.3 raises by status; the rest is a plain HTTPError
KINDS = {
    400: "HTTP400BadRequestError",
    401: "HTTP401UnauthorizedError",
    403: "HTTP403ForbiddenError",
    404: "HTTP404NotFoundError",
}


def is_refused(answer: dict[str, Any]) -> bool:
    """Whether an SDK was given an error, as a body or as an exception."""
    return "error" in answer or "raised" in answer


def assert_error(answer: dict[str, Any], status: int, message: str) -> None:
    """Most SDKs lose the status and hand over the body: it must say by itself what is wrong, and nothing else.

    python-upwork 1.3 reads the status and the two headers alone.
    """
    if "raised" in answer:
        text = f"Code {status}: {message}"
        assert answer == {"raised": {"kind": KINDS.get(status, "HTTPError"), "status": status, "text": text}}
        return
    told = dict(answer)
    assert int(told.pop("server_time", 0)) > 0
    assert told == {"error": {"status": status, "code": status, "message": message}}


def faults(value: Any, shape: Any, place: str = "answer") -> list[str]:
    """Where a value is of another shape."""
    if isinstance(shape, OneOf):
        return [] if any(not faults(value, one) for one in shape.shapes) else [f"{place} is {value!r}"]
    if isinstance(shape, Exactly):
        return [] if value == shape.value else [f"{place} is {value!r}, not {shape.value!r}"]
    if isinstance(shape, Collapsed):
        bare = isinstance(value, list) and len(value) > 1
        return faults(value, [shape.element] if bare else shape.element, place)
    if isinstance(shape, MapOf):
        return faults(value, dict.fromkeys(value, shape.element), place) if value else [f"{place} is empty"]
    if isinstance(shape, dict):
        return _record_faults(value, shape, place)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{place} is {value!r}, not a list"]
        return [one for number, each in enumerate(value) for one in faults(each, shape[0], f"{place}[{number}]")]
    # A boolean is no number here, though Python takes it for one.
    holds = type(value) is shape if isinstance(shape, type) else value == shape
    return [] if holds else [f"{place} is {value!r}, not {shape!r}"]


def _record_faults(value: Any, shape: dict[str, Any], place: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{place} is {value!r}, not an object"]
    if set(value) != set(shape):
        return [f"{place} has {sorted(set(value) - set(shape))} beyond, and lacks {sorted(set(shape) - set(value))}"]
    return [one for name, inner in shape.items() for one in faults(value[name], inner, f"{place}.{name}")]
