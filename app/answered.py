"""An object of an upstream's answer that has a type of its own.

Generated code reads it by attributes, which is fast; whoever knows only the upstream's names reads it as a dict.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec import Struct


class Answered(Struct, gc=False):
    """What all types of answers are made on; `attribute_of` leads from the upstream's names to attributes.

    A name that the question did not select is null when read, and what is written under it is dropped.
    """

    attribute_of: ClassVar[Mapping[str, str]] = {}

    def get(self, name: str) -> Any:
        """The member of that name; null where the answer has none."""
        attribute = self.attribute_of.get(name)
        return None if attribute is None else getattr(self, attribute)

    def values(self) -> list[Any]:
        """All members."""
        return [getattr(self, attribute) for attribute in self.attribute_of.values()]

    def __getitem__(self, name: str) -> Any:
        return getattr(self, self.attribute_of[name])

    def __setitem__(self, name: str, value: Any) -> None:
        attribute = self.attribute_of.get(name)
        if attribute is not None:
            setattr(self, attribute, value)
