"""A table of field resolvers, filled by the area modules, and the call they are given."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from app.sandbox.records.people import Organization, User
from app.sandbox.world import World

Resolver: TypeAlias = Callable[..., Any]
Reader: TypeAlias = Callable[[Any, "Call"], Any]


@dataclass(slots=True)
class Call:
    """Who asks, for which organization, and of which world; counts the mutations that were carried out."""

    world: World
    user: User
    organization: Organization
    executed: Counter[str] = field(default_factory=Counter)

    @property
    def company_id(self) -> str:
        """The top organization the caller acts for."""
        return self.organization.root_id


class FieldTable:
    """Resolvers by type and field name. Type names may be several, separated by spaces."""

    def __init__(self) -> None:
        self.resolvers: dict[tuple[str, str], Resolver] = {}

    def field(self, type_names: str, name: str) -> Callable[[Resolver], Resolver]:
        """Register the function below for a field; it is called with the source, the call and the arguments."""

        def register(resolver: Resolver) -> Resolver:
            for type_name in type_names.split():
                self.resolvers[type_name, name] = resolver
            return resolver

        return register

    def reads(self, type_names: str, **readers: Reader) -> None:
        """Register fields that take no arguments, each as a reader of source and call."""
        for type_name in type_names.split():
            for name, reader in readers.items():
                self.resolvers[type_name, name] = reader
