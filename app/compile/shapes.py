"""What an answer to a selection looks like, and the types that it is read into and that a reply is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from keyword import iskeyword
from typing import Annotated, Any

from graphql import GraphQLOutputType, get_nullable_type, is_list_type
from msgspec import Meta, Struct, defstruct

from app.answered import Answered
from app.compile.selection import Selected, Selection
from app.emitted import WIDE_FLOAT

TYPENAME = "__typename"

#: a plain value, such as every reader and writer of JSON gives back alike: what is beyond has no type
Plain = (
    None
    | bool
    | str
    | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
    | Annotated[float, Meta(gt=-WIDE_FLOAT, lt=WIDE_FLOAT)]
)


class Untyped(Exception):
    """An answer or a reply that types cannot express; the text says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object: the attribute that it is read by, and what it holds, inside as many lists.

    `shape` is None for plain values.
    """

    attribute: str
    shape: Shape | None = None
    lists: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """An object of an answer; its members by their names in the answer."""

    name: str
    members: tuple[tuple[str, Member], ...]

    def member(self, name: str) -> Member:
        """The member of that name. Raises Untyped where it was not selected."""
        for key, member in self.members:
            if key == name:
                return member
        raise Untyped(f"'{name}' is not selected on {self.name}")


def shape_of(selection: Selection) -> Shape:
    """The shape of what a selection is answered with. Raises Untyped for members put together under one name."""
    if selection.type.virtual and any(field.type.virtual for _, field in selection.type.virtual):
        raise Untyped("several roots below one copy")
    fields = selection.fields
    # An object of which nothing is read is asked for its type.
    attributes = attributes_of(fields or (TYPENAME,))
    members = [(key, _member(selected, attributes[key])) for key, selected in fields.items()]
    return Shape(selection.type.name, tuple(members) or ((TYPENAME, Member(attributes[TYPENAME])),))


def attributes_of(names: Iterable[str]) -> dict[str, str]:
    """An attribute for each name: the name itself, unless Python or the common base has it for something else."""
    names = tuple(names)
    found, taken = dict[str, str](), set(names)
    for name in names:
        # Python gives names that begin with two underscores another form.
        attribute = name.lstrip("_")
        attribute = attribute if attribute.isidentifier() else f"m{attribute}"
        while (attribute != name and attribute in taken) or _is_held(attribute):
            attribute += "_"
        taken.add(attribute)
        found[name] = attribute
    return found


def _is_held(attribute: str) -> bool:
    """Whether Python or the base class has it; or a dict, so that one that is met by mistake never seems to have it."""
    return iskeyword(attribute) or hasattr(Answered, attribute) or hasattr(dict, attribute)


def _member(selected: Selected, attribute: str) -> Member:
    lists = _depth(selected.definition.definition.type)
    return Member(attribute, None if selected.type.is_leaf else shape_of(selected.below()), lists)


def _depth(type_: GraphQLOutputType) -> int:
    """How many lists are around a type."""
    bare: Any = get_nullable_type(type_)
    return 1 + _depth(bare.of_type) if is_list_type(bare) else 0


@lru_cache(maxsize=2048)
def answer_type(shape: Shape) -> type[Answered]:
    """The type that an object of this shape is read into; what was not selected is refused, so that all is checked."""
    fields, names = list[tuple[str, Any, None]](), dict[str, str]()
    for key, member in shape.members:
        type_: Any = Plain if member.shape is None else answer_type(member.shape) | None
        for _ in range(member.lists):
            type_ = list[type_] | None
        fields.append((member.attribute, type_, None))
        names[member.attribute] = key
    made: Any = defstruct(
        shape.name,
        fields,
        bases=(Answered,),
        namespace={"attribute_of": {key: attribute for attribute, key in names.items()}},
        rename=names,
        gc=False,
        forbid_unknown_fields=True,
    )
    return made  # type: ignore[no-any-return]


@lru_cache(maxsize=2048)
def whole_type(data: Shape, beside: tuple[str, ...]) -> type[Struct]:
    """The type of a whole answer; `beside` are roots that another part of the product put into the document."""
    root = answer_type(data)
    if beside:
        root = defstruct(data.name, [(name, Any, None) for name in beside], bases=(root,), gc=False)  # type: ignore[assignment]
    return defstruct(
        "Answer",
        [("data", root | None, None), ("errors", list[Any] | None, None), ("extensions", Any, None)],
        gc=False,
        forbid_unknown_fields=True,
    )


@lru_cache(maxsize=2048)
def reply_type(names: tuple[str, ...]) -> type[Struct]:
    """The type of an object of a reply with these members, in this order."""
    attributes = [f"m{position}" for position in range(len(names))]
    fields = [(attribute, Any) for attribute in attributes]
    return defstruct("Reply", fields, rename=dict(zip(attributes, names, strict=True)), gc=False)


def check_name(name: str) -> None:
    """Raise Untyped for a member's name that would have to be escaped in JSON."""
    if any(letter < " " or letter in {'"', "\\"} for letter in name):
        raise Untyped(f"{name!r} is no name for a member of a type")
