"""A tree of reads to straight-line Python. What it means is said by `interpret`; a property test compares the two."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.compile.code import Code
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
    Step,
    Table,
    Text,
)

SHARED = "request, others"


def emit_reshape(tree: Members, title: str) -> tuple[Callable[..., Any], str]:
    """`reshape(here, request, others)` and its source: a legacy payload from an upstream answer.

    `here` is the answer's start, `request` the values bound, `others` the caller and the further answers by name.
    """
    code = Code(f"{title} reshape")
    emitter = Emitter(code)
    with code.block(f"def reshape(here, {SHARED}, twin=NOTHING, index=0):"):
        emitter.body(tree)
    return code.build("reshape"), code.source


def emit_value(code: Code, node: Node) -> str:
    """A node as an expression over `values` and `others`: one that stands in no answer."""
    member = Members(node.place, (("value", node),), None, None)
    return f"{Emitter(code).function(member, 'value')}(NOTHING, values, others)['value']"


@dataclass(frozen=True, slots=True)
class Stand:
    """The variables that a node's paths begin at."""

    here: str = "here"
    twin: str = "twin"
    index: str = "index"


class Emitter:
    """Writes a tree over answers that are dicts; a subclass may write how others are read and what is made of them."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self._needs_more: dict[str, bool] = {}

    # --- objects

    def body(self, node: Members) -> None:
        """The lines of a function that returns the object; its members stand at `here`."""
        stand = Stand()
        if node.only_with is not None:
            with self.code.block(f"if is_nothing({self.path(node.only_with, stand)}):", node.place):
                self.code.line(f"return {node.null!r}")
        whole = [(name, below) for name, below in node.fields if not may_be_missing(below)]
        rest = [(name, below) for name, below in node.fields if may_be_missing(below)]
        head = "made = {" if rest else "return {"
        with self.code.block(head):
            for name, below in whole:
                self.code.line(f"{name!r}: {self.expression(below, stand, name)},", below.place)
        self.code.line("}")
        for name, below in rest:
            self.optional(name, below, stand)
        if rest:
            self.code.line("return made" if whole or node.null is None else f"return made or {node.null!r}")

    def optional(self, name: str, node: Node, stand: Stand) -> None:
        """A member that may be left out."""
        if isinstance(node, OnlyIf):
            with self.code.block(f"if {self.path(node.flag, stand)}:", node.place):
                if may_be_missing(node.node):
                    self.optional(name, node.node, stand)
                else:
                    self.code.line(f"made[{name!r}] = {self.expression(node.node, stand, name)}", node.node.place)
            return
        found = self.code.fresh(f"{name}_found")
        self.code.line(f"{found} = {self.expression(node, stand, name)}", node.place)
        with self.code.block(f"if {found}:"):
            self.code.line(f"made[{name!r}] = {found}[0] if len({found}) == 1 else {found}")

    def object_(self, node: Members, stand: Stand, name: str) -> str:
        """An object in place, or a call of a function of its own where it stands elsewhere or may lack members."""
        if node.at is None and node.only_with is None and not any(may_be_missing(below) for _, below in node.fields):
            fields = ", ".join(f"{member!r}: {self.expression(below, stand, member)}" for member, below in node.fields)
            return f"{{{fields}}}"
        function = self.function(node, name)
        if node.at is None:
            return self.call(function, stand.here, stand.twin, stand.index)
        found = self.code.fresh("at")
        call = self.call(function, found, "NOTHING", stand.index)
        return f"({call} if ({found} := {self.path(node.at, stand)}) is not None else {node.null!r})"

    def function(self, node: Members, name: str) -> str:
        """An object as a function."""
        function = self.code.fresh(f"{name}_object")
        with self.code.function(f"{function}(here, {SHARED}, twin=NOTHING, index=0)"):
            self.body(node)
            # Comments name places of mappings.
            text = "\n".join(line.partition("  # ")[0] for line in self.code.lines[1:])
        self._needs_more[function] = re.search(r"\b(twin|index)\b", text) is not None
        return function

    def call(self, function: str, here: str, twin: str, index: str) -> str:
        """A call of it: what stands beside, and where, is told only to those that want to know."""
        more = f", {twin}, {index}" if self._needs_more[function] else ""
        return f"{function}({here}, {SHARED}{more})"

    # --- values

    def expression(self, node: Node, stand: Stand, name: str) -> str:
        """A node as an expression."""
        emitters: dict[type, Callable[..., str]] = {
            Leaf: self.leaf,
            NullTest: self.null_test,
            Literal_: self.literal,
            Text: self.text,
            Choice: self.choice,
            Count: self.count,
            Pick: self.pick,
            Many: self.many,
            Members: self.object_,
            OnlyIf: self.only_if,
        }
        return emitters[type(node)](node, stand, name)

    def leaf(self, node: Leaf, stand: Stand, name: str) -> str:
        """The first value that is there, converted."""
        raw = self.path(node.paths[-1], stand)
        for path in reversed(node.paths[:-1]):
            first = self.code.fresh("first")
            raw = f"({first} if ({first} := {self.path(path, stand)}) is not None else {raw})"
        if not node.steps and not node.as_text and node.null is None:
            return raw
        value = self.code.fresh("v")
        made = self.converted(value, node.steps)
        made = f"as_text({made})" if node.as_text else made
        return f"({made} if ({value} := {raw}) is not None else {node.null!r})"

    def converted(self, value: str, steps: tuple[Step, ...]) -> str:
        """A value through steps."""
        for step in steps:
            if isinstance(step, Table):
                table = self.code.constant("table", dict(step.entries))
                value = f"table_step({table}, {value})"
            else:
                value = f"{self.code.constant(step.name, step.convert)}({value})"
        return value

    def null_test(self, node: NullTest, stand: Stand, name: str) -> str:
        """One of two literals."""
        test = f"{node.if_null!r} if {self.path(node.path, stand)} is None else {node.if_not!r}"
        return f"({node.null!r} if {stand.twin} is UNTOLD else {test})" if node.path.start == TWIN else f"({test})"

    def literal(self, node: Literal_, stand: Stand, name: str) -> str:
        """The same value always."""
        return repr(node.value)

    def text(self, node: Text, stand: Stand, name: str) -> str:
        """Words and values joined, null when one of the values is."""
        made, tests = [], []
        for piece in node.pieces:
            if isinstance(piece, str):
                made.append(repr(piece))
                continue
            value = self.code.fresh("v")
            tests.append(f"({value} := {self.path(piece.path, stand)}) is not None")
            made.append(f"as_text({self.converted(value, piece.steps)})")
        joined_ = " + ".join(made) or "''"
        return f"({joined_} if {' and '.join(tests)} else {node.null!r})" if tests else f"({joined_})"

    def choice(self, node: Choice, stand: Stand, name: str) -> str:
        """The node of the case that fits."""
        by = self.code.fresh("by")
        made = self.expression(node.otherwise, stand, name)
        for position, (text, below) in reversed(list(enumerate(node.cases))):
            test = f"({by} := {self.path(node.by, stand)})" if position == 0 else by
            made = f"({self.expression(below, stand, name)} if as_text({test}) == {text!r} else {made})"
        return made

    def only_if(self, node: OnlyIf, stand: Stand, name: str) -> str:
        """A node that is null where the flag is not set."""
        return f"({self.expression(node.node, stand, name)} if {self.path(node.flag, stand)} else None)"

    # --- lists

    def elements(self, elements: Elements, stand: Stand, item: str, made: str) -> str:
        """A comprehension over the elements: `item` is the name of each, `made` what is made of it."""
        base = self.path(elements.path, stand)
        listed = f"[{base}]" if elements.is_one else f"({base} or ())"
        clauses = self.clauses(elements, listed, stand, item)
        if wants_number(item, made):
            clauses[0] = numbered(clauses[0], item)
        return f"{made} {' '.join(clauses)}"

    def clauses(self, elements: Elements, listed: str, stand: Stand, item: str) -> list[str]:
        """The loops over the elements that begin in a list, and what an element must be."""
        each = self.code.fresh("each")
        found = [f"for {each} in {listed}"]
        for level in elements.levels:
            outer, each = each, self.code.fresh("each")
            found.append(f"for {each} in ({self.chain(f'({outer} or NOTHING)', level)} or ())")
        below = self.chain(f"({each} or NOTHING)", elements.after) if elements.after else each
        return [*found, f"if ({item} := {below}) is not None"]

    def count(self, node: Count, stand: Stand, name: str) -> str:
        """The number of elements."""
        item = self.code.fresh("item")
        number = f"sum({self.elements(node.elements, stand, item, '1')})"
        return f"as_text({number})" if node.as_text else number

    def pick(self, node: Pick, stand: Stand, name: str) -> str:
        """What is made of the first or last element that fits."""
        item, picked = self.code.fresh("item"), self.code.fresh("picked")
        tests = []
        for path, wanted in node.where:
            right = self.path(wanted, stand) if isinstance(wanted, Path) else repr(wanted)
            tests.append(f"same({self.path(path, Stand(item))}, {right})")
        listed = f"[{self.elements(node.elements, stand, item, item)}"
        listed += "".join(f" and {test}" for test in tests) + "]"
        position = 0 if node.position == "first" else -1
        below = self.expression(node.then, Stand(f"{picked}[{position}]", "NOTHING", "0"), name)
        return f"({below} if ({picked} := {listed}) else {node.null!r})"

    def many(self, node: Many, stand: Stand, name: str) -> str:
        """A list, a map or a text of the elements."""
        listed = " + ".join(self.listed(one, stand, name) for one in (node, *node.more))
        if node.key is not None:
            return f"keyed({listed})"
        return f"joined({node.join!r}, {listed})" if node.join is not None else f"({listed})" if node.more else listed

    def listed(self, node: Many, stand: Stand, name: str) -> str:
        """The elements that one path leads to, as a list; of pairs where they make a map."""
        item = self.code.fresh("item")
        inner = Stand(item, self._twin(node.elements, stand, item), f"{item}_at")
        made = self.element(node.element, inner, name)
        made = f"({self.path(node.key, inner)}, {made})" if node.key is not None else made
        return f"[{self.elements(node.elements, stand, item, made)}]"

    def _twin(self, elements: Elements, stand: Stand, item: str) -> str:
        if elements.twin is None:
            return "NOTHING"
        beside = Path(elements.path.start, (*elements.path.steps[:-1], elements.twin), elements.path.is_indexed)
        after = "".join(f", {step!r}" for step in elements.after)
        return f"apart({self.path(beside, stand)}, {item}_at{after})"

    def element(self, element: Node | tuple[Node, ...], inner: Stand, name: str) -> str:
        """What is made of an element."""
        if isinstance(element, tuple):
            return "[" + ", ".join(self.expression(node, inner, name) for node in element) + "]"
        if isinstance(element, Members) and element.at is None:
            return self.call(self.function(element, name), inner.here, inner.twin, inner.index)
        return self.expression(element, inner, name)

    # --- paths

    def path(self, path: Path, stand: Stand) -> str:
        """Where a value is, null-safe."""
        if path.start == HERE:
            return self.chain(stand.here, path.steps)
        if path.start == TWIN:
            return self.chain(stand.twin, path.steps)
        if path.start == REQUEST:
            return self.chain("request", path.steps)
        base = f"others.get({path.start!r})"
        base = f"beside({base}, {stand.index})" if path.is_indexed else base
        return self.chain(f"({base} or NOTHING)", path.steps) if path.steps else base

    def chain(self, base: str, steps: tuple[str, ...]) -> str:
        """`(a.get("b") or NOTHING).get("c")`."""
        for position, step in enumerate(steps):
            base = f"({base} or NOTHING)" if position else base
            base = f"{base}.get({step!r})"
        return base


def wants_number(item: str, made: str) -> bool:
    """Whether what is made of an element needs its number."""
    return re.search(rf"\b{item}_at\b", made) is not None


def numbered(loop: str, item: str) -> str:
    """A loop that counts too."""
    lead, _, rest = loop.partition("for ")
    each, _, listed = rest.partition(" in ")
    colon = ":" if listed.endswith(":") else ""
    return f"{lead}for {item}_at, {each} in enumerate({listed.removesuffix(':')}){colon}"


def may_be_missing(node: Node) -> bool:
    """Whether a member may be left out."""
    return isinstance(node, OnlyIf) or (isinstance(node, Many) and node.empty is MISSING)
