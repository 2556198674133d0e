"""Doubles for what is passed in: a clock that tests move by hand, and an observer that keeps what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from app.events import Event
from app.mapping.read_errors import shipped_errors

E = TypeVar("E")

#: the error table that comes with the project
ERRORS = tuple(rule.row for rule in shipped_errors())
#: what it says of a missing scope
NO_ACCESS = "This APP has no access to the requested resource"


@dataclass
class Clock:
    """Seconds that pass only when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        """The time now."""
        return self.now


@dataclass
class Events:
    """An observer that remembers."""

    all: list[Event] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        """Keep an event."""
        self.all.append(event)

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind."""
        return [event for event in self.all if isinstance(event, kind)]
