"""Trees of reads at random, and answers of the shape that they read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from hypothesis import strategies as st

from app.compile.paths import HERE, REQUEST, TWIN, Path
from app.compile.tree import (
    MISSING,
    Choice,
    Count,
    Elements,
    Leaf,
    Literal_,
    Many,
    Members,
    Node,
    NullTest,
    OnlyIf,
    Pick,
    Piece,
    Step,
    Table,
    Text,
)
from app.converters import CONVERTERS
from app.emitted import UNTOLD
from app.findings import Place
from app.plan import APART

Stands = Literal["object", "value"]
Family = Literal["text", "json"]

PLACE = Place("mappings/area/call.yaml", 1, 1)
DEPTH = 3
LEAVES, OBJECTS, LISTS, WORDS = ("x", "y", "z"), ("o", "p"), ("rows", "items"), "words"
VALUES = st.one_of(
    st.sampled_from(["", "1", "0", "a", "HOURLY", 0, 1, 1.0, 2.5, True, False, 10**18, "true"]), st.text(max_size=3)
)
LITERALS = st.one_of(VALUES, st.none(), st.just([]))
NAMES = st.one_of(st.sampled_from(["x", "made", "return", "item_2", "a'b", "é", "²", "", "1st"]), st.text(max_size=4))
STEPS: list[Step] = [
    CONVERTERS["flag"],
    CONVERTERS["text_list"],
    CONVERTERS["one_or_zero"],
    Table((("1", "one"), ("a", 5), ("", None), ("HOURLY", ["h"]))),
    Table(()),
]


def objects(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """An object of an answer: plain values, objects, lists of objects and of values, any of them null or absent."""
    members: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(LEAVES, VALUES)
    members[WORDS] = st.lists(st.one_of(st.none(), VALUES), max_size=3)
    if depth:
        below = objects(depth - 1)
        rows = st.lists(st.one_of(st.none(), below), max_size=3)
        members |= dict.fromkeys(OBJECTS, below) | dict.fromkeys(LISTS, rows)
        twins = st.lists(st.one_of(st.none(), st.just(UNTOLD), below), max_size=3)
        members |= dict.fromkeys((APART + name for name in LISTS), twins)
    return st.fixed_dictionaries({}, optional={name: st.one_of(st.none(), made) for name, made in members.items()})


VALUES_AT_HAND = st.fixed_dictionaries({}, optional=dict.fromkeys(LEAVES, st.one_of(st.none(), VALUES)))
OTHERS = st.fixed_dictionaries(
    {},
    optional={
        "caller": VALUES_AT_HAND,
        "question": st.one_of(st.none(), objects(2)),
        "each": st.lists(st.one_of(st.none(), objects(1)), max_size=3),
    },
)


class Trees:
    """Draws trees for one family of leaf typing."""

    def __init__(self, draw: st.DrawFn, family: Family) -> None:
        self.draw = draw
        self.family = family
        self.null: Any = "" if family == "text" else None

    def members(self, depth: int, stand: Stands, *, is_twin: bool = False, at: Path | None = None) -> Members:
        """An object; the only place for members that may be left out."""
        names = self.draw(st.lists(NAMES, min_size=0 if depth < DEPTH else 1, max_size=4, unique=True))
        fields = tuple((name, self.member(depth, stand, is_twin)) for name in names)
        only_with = self.draw(st.sampled_from([None, None, Path(HERE, ("rows",)), Path(REQUEST, ("x",))]))
        if stand == "value":
            only_with = None
        return Members(PLACE, fields, at, self.draw(st.sampled_from([self.null, "nothing"])), only_with)

    def member(self, depth: int, stand: Stands, is_twin: bool) -> Node:
        """A member of an object: any node, or one that may be left out."""
        kind = self.draw(st.sampled_from(["node", "node", "collapse", "only if", "collapse if"]))
        if kind == "only if":
            return OnlyIf(PLACE, Path(REQUEST, ("x",)), self.node(depth, stand, is_twin))
        if kind == "node" or not depth or stand == "value":
            return self.node(depth, stand, is_twin)
        many = self.many(depth, collapse=True)
        return OnlyIf(PLACE, Path(REQUEST, ("y",)), many) if kind == "collapse if" else many

    def node(self, depth: int, stand: Stands, is_twin: bool) -> Node:
        """A node that always gives a value."""
        of_any = ["leaf", "leaf", "literal", "text", "null test"] + (["choice", "members"] if depth else [])
        of_objects = ["count", "pick", "many", "many", "members at"] if depth and stand == "object" else []
        kind = self.draw(st.sampled_from(of_any + of_objects))
        if kind in of_objects:
            return self.from_object(kind, depth)
        if kind == "choice":
            return self.choice(depth, stand, is_twin)
        if kind == "members":
            return self.members(depth - 1, stand, is_twin=is_twin)
        return self.value(kind, stand, is_twin)

    def from_object(self, kind: str, depth: int) -> Node:
        """A node that reads a list or an object."""
        if kind == "count":
            return Count(PLACE, self.elements()[0], self.family == "text")
        if kind == "pick":
            return self.pick(depth)
        if kind == "many":
            return self.many(depth, collapse=False)
        return self.members(depth - 1, "object", at=self.object_path())

    def value(self, kind: str, stand: Stands, is_twin: bool) -> Node:
        """A plain value."""
        draw = self.draw
        if kind == "literal":
            return Literal_(PLACE, draw(LITERALS))
        if kind == "null test":
            return NullTest(PLACE, self.leaf_path(stand, is_twin), draw(LITERALS), draw(LITERALS), draw(LITERALS))
        if kind == "text":
            pieces = draw(st.lists(st.one_of(st.text(max_size=3), st.just(None)), max_size=3))
            found = tuple(self.piece(stand, is_twin) if piece is None else piece for piece in pieces)
            return Text(PLACE, found, draw(st.sampled_from([self.null, "nothing"])))
        paths = tuple(self.leaf_path(stand, is_twin) for _ in range(draw(st.integers(1, 3))))
        steps = tuple(draw(st.lists(st.sampled_from(STEPS), max_size=2)))
        return Leaf(PLACE, paths, steps, draw(st.sampled_from([self.null, 0])), self.family == "text")

    def piece(self, stand: Stands, is_twin: bool) -> Piece:
        """A value in a text."""
        return Piece(self.leaf_path(stand, is_twin), tuple(self.draw(st.lists(st.sampled_from(STEPS), max_size=1))))

    def choice(self, depth: int, stand: Stands, is_twin: bool) -> Choice:
        """A node by the text of a value."""
        texts = self.draw(st.lists(st.sampled_from(["", "1", "0", "a", "HOURLY", "2.5"]), max_size=3))
        cases = tuple((text, self.node(depth - 1, stand, is_twin)) for text in texts)
        return Choice(PLACE, self.leaf_path(stand, is_twin), cases, self.node(depth - 1, stand, is_twin))

    def pick(self, depth: int) -> Pick:
        """One element of a list."""
        elements, inner = self.elements()
        where = []
        for _ in range(self.draw(st.integers(0, 2))):
            wanted = self.leaf_path("object", False) if self.draw(st.booleans()) else self.draw(LITERALS)
            where.append((self.here(inner), wanted))
        position = self.draw(st.sampled_from(["first", "last"]))
        then = self.node(depth - 1, inner, False)
        null = then.empty if isinstance(then, Many) else self.null
        return Pick(PLACE, elements, tuple(where), "first" if position == "first" else "last", then, null)

    def many(self, depth: int, *, collapse: bool) -> Many:
        """A list of objects, values or rows, in each of its forms."""
        elements, inner = self.elements()
        if inner == "object" and self.draw(st.booleans()):
            elements = replace(elements, levels=(), twin=APART + elements.path.steps[-1])
        is_twin = elements.twin is not None
        form = "collapse" if collapse else self.draw(st.sampled_from(["list", "list", "key", "join"]))
        element = self.element(depth, inner, is_twin, is_plain=form == "join")
        key = self.leaf_path(inner, is_twin) if form == "key" else None
        join = self.draw(st.sampled_from(["", ";", "'"])) if form == "join" else None
        empty: Any = MISSING if collapse else "" if form == "join" else []
        made = Many(PLACE, elements, element, collapse, key, join, empty)
        more = tuple(replace(made, elements=self.more(inner)) for _ in range(self.draw(st.integers(0, 2))))
        return made if is_twin else replace(made, more=more)

    def more(self, inner: Stands) -> Elements:
        """A further path to such elements, or to a single one."""
        if inner == "object" and self.draw(st.booleans()):
            return Elements(self.object_path(), (), is_one=True)
        elements = self.elements()[0]
        if inner == "value":
            return Elements(Path(HERE, (WORDS,)), ())
        steps = elements.path.steps
        return Elements(Path(elements.path.start, (*steps[:-1], "rows")), elements.after, elements.levels)

    def element(self, depth: int, stand: Stands, is_twin: bool, *, is_plain: bool) -> Node | tuple[Node, ...]:
        """An element of a list; where it becomes part of a text, a plain value."""
        if is_plain:
            return self.value(self.draw(st.sampled_from(["leaf", "literal", "text", "null test"])), stand, is_twin)
        kind = self.draw(st.sampled_from(["members", "value", "row"]))
        if kind == "members":
            return self.members(depth - 1, stand, is_twin=is_twin)
        if kind == "value":
            return self.node(depth - 1, stand, is_twin)
        return tuple(self.node(depth - 1, stand, is_twin) for _ in range(self.draw(st.integers(1, 3))))

    # --- paths

    def elements(self) -> tuple[Elements, Stands]:
        """A list, and what its elements are."""
        lead = self.draw(st.lists(st.sampled_from(OBJECTS), max_size=1))
        start = self.draw(st.sampled_from([HERE, HERE, "question"]))
        if self.draw(st.integers(0, 3)) == 0:
            return Elements(Path(start, (*lead, WORDS)), ()), "value"
        name = self.draw(st.sampled_from(LISTS))
        after = self.draw(st.lists(st.sampled_from(OBJECTS), max_size=1))
        level = ((*self.draw(st.lists(st.sampled_from(OBJECTS), max_size=1)), self.draw(st.sampled_from(LISTS))),)
        levels = level * self.draw(st.sampled_from([0, 0, 0, 1, 2]))
        return Elements(Path(start, (*lead, name)), tuple(after), levels), "object"

    def leaf_path(self, stand: Stands, is_twin: bool) -> Path:
        """A path to a plain value."""
        starts = [HERE, HERE, HERE, REQUEST, "caller", "question", "each"] + ([TWIN] * 3 if is_twin else [])
        start = self.draw(st.sampled_from(starts))
        if start == HERE:
            return self.here(stand)
        lead = self.draw(st.lists(st.sampled_from(OBJECTS), max_size=1)) if start not in {REQUEST, "caller"} else []
        return Path(start, (*lead, self.draw(st.sampled_from(LEAVES))), start == "each")

    def here(self, stand: Stands) -> Path:
        """A path to a plain value below where the node stands."""
        if stand == "value":
            return Path(HERE, ())
        lead = self.draw(st.lists(st.sampled_from(OBJECTS), max_size=2))
        return Path(HERE, (*lead, self.draw(st.sampled_from(LEAVES))))

    def object_path(self) -> Path:
        """A path to an object; a question's or an element's whole answer too."""
        start = self.draw(st.sampled_from([HERE, HERE, "question", "each"]))
        steps = self.draw(st.lists(st.sampled_from(OBJECTS), min_size=int(start == HERE), max_size=2))
        return Path(start, tuple(steps), start == "each")


@st.composite
def trees(draw: st.DrawFn) -> Members:
    """A whole answer's tree."""
    family: Family = draw(st.sampled_from(["text", "json"]))
    return Trees(draw, family).members(DEPTH, "object")
