"""A tree of reads to straight-line Python over types: from the bytes of an answer to those of a reply.

The meaning is that of `emit`, whose generator this one is but for how an answer is read and an object made. What types
cannot hold is left to the functions over dicts: `decode` gives None, or `reshape` raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, repeat
from textwrap import indent
from typing import Any

from msgspec import UNSET, DecodeError
from msgspec.json import Decoder, Encoder

from app.compile.code import Code, short
from app.compile.emit import Emitter, Stand, may_be_missing, numbered, wants_number
from app.compile.paths import ANSWER, HERE, REQUEST, TWIN, Path
from app.compile.shapes import Member, Shape, Untyped, check_name, reply_type, whole_type
from app.compile.tree import (
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
from app.emitted import narrow
from app.plan import Decode, Reshape, Typed

ENCODER = Encoder()
#: blocks in blocks, of which Python takes twenty
DEEPEST = 12
#: what stands for the element of a list asked apart where there is none
NO_TWIN = "NOTHING"
#: what is no answer of the types
UNCLEAN = (DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is decoded: the shape of the data, the root that paths begin at (None: the data), roots of others beside."""

    data: Shape
    root: str | None
    beside: tuple[str, ...]

    @property
    def start(self) -> Shape:
        """The shape that paths begin at."""
        found = self.data if self.root is None else self.data.member(self.root).shape
        if found is None:
            raise Untyped("the answer is no object")
        return found


def emit_typed(tree: Members, answer: Answer, title: str) -> tuple[Typed, str]:
    """A translation over types and its source. Raises Untyped where there is none.

    Types and functions are made when they are first used: most calls are never made of one process.
    """
    code = Code(f"{title} typed")
    # What reads is made with the types.
    code.names |= {"UNSET": UNSET, "UNCLEAN": UNCLEAN, "chain": chain, "repeat": repeat, "read": None}
    emitter = TypedEmitter(code)
    _emit_decode(code, answer)
    code.line("")
    code.line("")
    emitter.whole(tree, answer.start)
    members = tuple(name for name, _ in tree.fields)
    return Typed(partial(_built, code, emitter.replies, answer), encode, members), code.source


def encode(payload: Any) -> bytes:
    """A payload as JSON. Raises TypeError for what is no Unicode text."""
    try:
        return ENCODER.encode(payload)
    except UnicodeEncodeError as error:
        raise TypeError("no Unicode text") from error


def _built(code: Code, replies: dict[str, tuple[str, ...]], answer: Answer) -> tuple[Decode, Reshape]:
    """The functions of a source, with the types that it names."""
    code.names["read"] = Decoder(whole_type(answer.data, answer.beside)).decode
    code.names |= {name: reply_type(members) for name, members in replies.items()}
    decode, reshape = code.build_all("decode", "reshape")
    return decode, reshape


def _emit_decode(code: Code, answer: Answer) -> None:
    """The lines that read an answer: None where it has errors, no data, or no root with anything in it."""
    with code.block("def decode(raw):"):
        with code.block("try:"):
            code.line("answer = read(raw)")
        with code.block("except UNCLEAN:"):
            code.line("return None")
        code.line("data = answer.data")
        nothing = ["answer.errors", "data is None"]
        if answer.root is not None:
            code.line(f"return None if {' or '.join(nothing)} else data.{answer.data.member(answer.root).attribute}")
            return
        roots = [f"data.{member.attribute} is None" for _, member in answer.data.members]
        code.line(f"return None if {' or '.join(nothing)} or ({' and '.join(roots)}) else data")


@dataclass(frozen=True, slots=True)
class Placed(Stand):
    """As a stand, with the shape of what is here; None where that is a plain value or no type is known.

    `twin_shape` and `twin_after`: the shape of the element at the same place of a list asked apart, and the steps that
    lead from there to where a path begins.
    """

    shape: Shape | None = None
    is_typed: bool = False
    twin_shape: Shape | None = None
    twin_after: tuple[str, ...] = ()


class TypedEmitter(Emitter):
    """Writes a tree over typed answers, object in object without a function of its own.

    `replies` are the types of what is made, by their names in the source. A list that is surely wanted is filled by a
    loop in front of the statement that it is part of; elsewhere it is a comprehension.
    """

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.replies: dict[str, tuple[str, ...]] = {}
        self.start: Shape | None = None
        self._flags: dict[Path, str] = {}
        self._is_sure = True

    def whole(self, tree: Members, start: Shape) -> None:
        """The function that makes the reply."""
        begin, self.start = len(self.code.lines), start
        with self.code.block("def reshape(here, request, others):"):
            made = self.object_(tree, Placed(shape=start, is_typed=True, twin=NO_TWIN, index="0"), "")
            self.code.line(f"return {made}")
        flags = [f"    {name} = {super(TypedEmitter, self).path(path, Stand())}" for path, name in self._flags.items()]
        self.code.lines[begin + 1 : begin + 1] = flags

    @contextmanager
    def perhaps(self, *, is_sure: bool = False) -> Iterator[None]:
        """What is written in here may be left undone at run time."""
        outer, self._is_sure = self._is_sure, self._is_sure and is_sure
        yield
        self._is_sure = outer

    # --- objects

    def object_(self, node: Members, stand: Stand, name: str) -> str:
        """An object in place, with a type for its members."""
        tests: list[str] = []
        if node.at is not None:
            at, reached = self.code.fresh("at"), self.reach(node.at, stand)
            tests = [*reached.missing, f"({at} := {reached.value}) is None"]
            stand = Placed(at, NO_TWIN, stand.index, reached.shape, reached.is_typed)
        if node.only_with is not None:
            tests.append(f"is_nothing({self.path(node.only_with, stand)})")
        with self.perhaps(is_sure=not tests):
            made = self.made(node, stand, name)
        return f"({self.fixed(node.null)} if {' or '.join(tests)} else {made})" if tests else made

    def made(self, node: Members, stand: Stand, name: str) -> str:
        """The object, its members that may be left out behind the others."""
        fields = sorted(node.fields, key=lambda field: may_be_missing(field[1]))
        names = tuple(member for member, _ in fields)
        for member in names:
            check_name(member)
        lines = ""
        for member, below in fields:
            value = self.optional_value(below, stand, member)
            lines += indent(f"{value},  # {short(below.place)}\n", "    ")
        made = f"{self.reply(names, name)}(\n{lines})" if fields else f"{self.reply(names, name)}()"
        if not fields or node.null is None or not all(may_be_missing(below) for _, below in fields):
            return made
        # Nothing in it is nothing.
        whole = self.code.fresh("whole")
        tests = [f"({whole} := {made}).m0 is UNSET"]
        tests += [f"{whole}.m{position} is UNSET" for position in range(1, len(fields))]
        return f"({self.fixed(node.null)} if {' and '.join(tests)} else {whole})"

    def reply(self, names: tuple[str, ...], wish: str) -> str:
        """The name of the type with these members."""
        for known, members in self.replies.items():
            if members == names:
                return known
        name = self.code.fresh(f"reply_{wish}").title().replace("_", "")
        name = f"{name}_{len(self.replies)}" if name in self.replies else name
        self.replies[name] = names
        return name

    def optional_value(self, node: Node, stand: Stand, name: str) -> str:
        """A member, or UNSET where it is left out."""
        if not may_be_missing(node):
            return self.expression(node, stand, name)
        if isinstance(node, OnlyIf):
            with self.perhaps():
                return f"({self.optional_value(node.node, stand, name)} if {self.flag(node, stand)} else UNSET)"
        found, listed = self.code.fresh("found"), self.expression(node, stand, name)
        return f"(UNSET if not ({found} := {listed}) else {found}[0] if len({found}) == 1 else {found})"

    def only_if(self, node: OnlyIf, stand: Stand, name: str) -> str:
        """A node that is null where the flag is not set."""
        with self.perhaps():
            return f"({self.expression(node.node, stand, name)} if {self.flag(node, stand)} else None)"

    def flag(self, node: OnlyIf, stand: Stand) -> str:
        """What the request says is read once, before all loops."""
        if node.flag.start != REQUEST:
            return self.path(node.flag, stand)
        if node.flag not in self._flags:
            self._flags[node.flag] = self.code.fresh("flag")
        return self._flags[node.flag]

    # --- values

    def leaf(self, node: Leaf, stand: Stand, name: str) -> str:
        """A plain value, by tests of what leads to it."""
        value, tests = self.first(node, stand)
        if not node.steps and not node.as_text and node.null is None and self.is_narrow(node):
            return f"(None if {' or '.join(tests)} else {value})" if tests else value
        found = self.code.fresh("v")
        made = self.converted(found, node.steps)
        if node.as_text:
            made = f"as_text({made})" if node.steps else f"{found} if {found}.__class__ is str else as_text({found})"
        elif not self.is_narrow(node):
            made = f"narrow({made})"
        tests.append(f"({found} := {value}) is None")
        return f"({self.fixed(node.null)} if {' or '.join(tests)} else {made})"

    def first(self, node: Leaf, stand: Stand) -> tuple[str, list[str]]:
        """The first value that is there, and the tests that say that none is."""
        if len(node.paths) == 1:
            reached = self.reach(node.paths[0], stand)
            return reached.value, list(reached.missing)
        value = self.path(node.paths[-1], stand)
        for path in reversed(node.paths[:-1]):
            one, reached = self.code.fresh("first"), self.reach(path, stand)
            tests = [*reached.missing, f"({one} := {reached.value}) is None"]
            value = f"({value} if {' or '.join(tests)} else {one})"
        return value, []

    @staticmethod
    def is_narrow(node: Leaf) -> bool:
        """Whether nothing can come of it that is written in more than one way."""
        is_answered = all(path.start in {HERE, TWIN, ANSWER} for path in node.paths)
        return is_answered and all(isinstance(step, Table) or step.is_narrow for step in node.steps)

    def converted(self, value: str, steps: tuple[Step, ...]) -> str:
        """A value through steps; through a single one without a call where the converter has an expression."""
        for step in steps:
            if isinstance(step, Table):
                self.fixed([literal for _, literal in step.entries])
        if len(steps) != 1:
            return super().converted(value, steps)
        (step,) = steps
        if isinstance(step, Table):
            table = self.code.constant("table", dict(step.entries))
            return f"({table}.get({value}, {value}) if {value}.__class__ is str else table_step({table}, {value}))"
        return f"({step.inline.format(value)})" if step.inline else super().converted(value, steps)

    def null_test(self, node: NullTest, stand: Stand, name: str) -> str:
        """One of two literals."""
        self.fixed([node.if_null, node.if_not, node.null])
        reached = self.reach(node.path, stand)
        tests = [*reached.missing, f"{reached.value} is None"]
        untold = f"{node.null!r} if {stand.twin} is UNTOLD else " if node.path.start == TWIN else ""
        return f"({untold}{node.if_null!r} if {' or '.join(tests)} else {node.if_not!r})"

    def literal(self, node: Literal_, stand: Stand, name: str) -> str:
        """The same value always."""
        return self.fixed(node.value)

    @staticmethod
    def fixed(value: Any) -> str:
        """A literal. Raises Untyped for one that is not written alike everywhere."""
        try:
            return repr(narrow(value))
        except ValueError as error:
            raise Untyped(f"{value!r} is {error}") from error

    def text(self, node: Text, stand: Stand, name: str) -> str:
        """Words and values joined."""
        self.fixed(node.null)
        return super().text(node, stand, name)

    def choice(self, node: Choice, stand: Stand, name: str) -> str:
        """A node by a text; no other is made."""
        with self.perhaps():
            return super().choice(node, stand, name)

    # --- lists

    def count(self, node: Count, stand: Stand, name: str) -> str:
        """The number of elements."""
        number = self.gathered(node.elements, stand, self.code.fresh("item"), "1", ("sum([", "])", "0"))
        return f"as_text({number})" if node.as_text else number

    def pick(self, node: Pick, stand: Stand, name: str) -> str:
        """One element, given a name, and what is made of it."""
        item, picked, one = self.code.fresh("item"), self.code.fresh("picked"), self.code.fresh("one")
        inner = self.standing(node.elements, stand, item, "0")
        tests = ""
        for path, wanted in node.where:
            right = self.path(wanted, stand) if isinstance(wanted, Path) else repr(wanted)
            tests += f" and same({self.path(path, inner)}, {right})"
        listed = self.gathered(node.elements, stand, item, item, ("[", f"{tests}]", "None"))
        position = 0 if node.position == "first" else -1
        with self.perhaps():
            below = self.expression(node.then, replace(inner, here=one), name)
        test = f"not ({picked} := {listed}) or ({one} := {picked}[{position}]) is None"
        return f"({self.fixed(node.null)} if {test} else {below})"

    def listed(self, node: Many, stand: Stand, name: str) -> str:
        """The elements that one path leads to, as a list; of pairs where they make a map."""
        elements, item = node.elements, self.code.fresh("item")
        inner = self.standing(elements, stand, item, f"{item}_at")
        if elements.twin is not None:
            inner = replace(
                inner,
                twin=self.code.fresh("twin"),
                twin_shape=self.reach(_beside(elements, elements.twin), stand).shape,
                twin_after=elements.after,
            )
        if self._is_sure and self.code.depth < DEEPEST:
            return self.looped(node, stand, name, inner)
        made = self.keyed_element(node, inner, name)
        return self.gathered(elements, stand, item, made, ("[", "]", "[]"), inner.twin)

    def looped(self, node: Many, stand: Stand, name: str, inner: Placed) -> str:
        """A list filled by a loop of its own, in front of the statement that is being written."""
        made, elements, item = self.code.fresh("listed"), node.elements, inner.here
        base = self.path(elements.path, stand)
        clauses = self.clauses(elements, f"[{base}]" if elements.is_one else f"{base} or ()", stand, item)
        if elements.twin is not None:
            clauses[0] = _paired(clauses[0], inner.twin, self.path(_beside(elements, elements.twin), stand))
        self.code.line(f"{made} = []")
        begin = len(self.code.lines)
        with ExitStack() as blocks:
            for head in clauses:
                blocks.enter_context(self.code.block(f"{head}:"))
            self.code.line(f"{made}.append({self.keyed_element(node, inner, name)})", node.place)
        if wants_number(item, "\n".join(self.code.lines[begin:])):
            self.code.lines[begin] = numbered(self.code.lines[begin], item)
        return made

    def keyed_element(self, node: Many, inner: Stand, name: str) -> str:
        """What is made of an element; with its key where the list becomes a map."""
        made = self.element(node.element, inner, name)
        return f"({self.path(node.key, inner)}, {made})" if node.key is not None else made

    def element(self, element: Node | tuple[Node, ...], inner: Stand, name: str) -> str:
        """What is made of an element, in place."""
        if isinstance(element, tuple):
            return super().element(element, inner, name)
        return self.expression(element, inner, name)

    def gathered(
        self, elements: Elements, stand: Stand, item: str, made: str, around: tuple[str, str, str], twin: str = ""
    ) -> str:
        """What is made of each element, between the first two texts of `around`; the third where there is no list.

        Inside a comprehension no name can be given to what it goes over: the list is named before.
        """
        opened, closed, none = around
        reached, tests = self.reach(elements.path, stand), ""
        if elements.is_one or reached.bound:
            name = self.code.fresh("elements")
            tests = " or ".join([*reached.missing, f"({name} := {reached.value}) is None"])
            listed = f"({name},)" if elements.is_one else name
        else:
            listed = f"({reached.value} or ())"
        clauses = self.clauses(elements, listed, stand, item)
        if elements.twin is not None:
            beside = self.reach(_beside(elements, elements.twin), stand)
            # What leads to the one leads to the other.
            twins = f"{reached.value.rpartition('.')[0]}.{beside.value.rpartition('.')[2]}"
            clauses[0] = _paired(clauses[0], twin, twins if beside.bound else beside.value)
        if wants_number(item, made + closed):
            clauses[0] = numbered(clauses[0], item)
        whole = f"{opened}{made} {' '.join(clauses)}{closed}"
        return f"({none} if {tests} else {whole})" if tests else whole

    def clauses(self, elements: Elements, listed: str, stand: Stand, item: str) -> list[str]:
        """The loops over the elements, and what an element must be."""
        reached = self.reach(elements.path, stand)
        if not reached.is_typed:
            return super().clauses(elements, listed, stand, item)
        _check_lists(reached, 0 if elements.is_one else 1)
        each = self.code.fresh("each") if elements.levels or elements.after else item
        found, shape = [f"for {each} in {listed}"], reached.shape
        for position, level in enumerate(elements.levels):
            inner, below = self.code.fresh("elements"), self.below(each, shape, level)
            _check_lists(below, 1)
            found.append(" and ".join([f"if {each} is not None", *below.present, f"({inner} := {below.value})"]))
            is_last = position == len(elements.levels) - 1 and not elements.after
            each, shape = item if is_last else self.code.fresh("each"), below.shape
            found.append(f"for {each} in {inner}")
        tests = [f"if {each} is not None"]
        if elements.after:
            below = self.below(each, shape, elements.after)
            tests += [*below.present, f"({item} := {below.value}) is not None"]
        return [*found, " and ".join(tests)]

    def standing(self, elements: Elements, stand: Stand, item: str, index: str) -> Placed:
        """Where a node stands that is made of an element."""
        reached = self.reach(elements.path, stand)
        shape = reached.shape
        for steps in (*elements.levels, elements.after) if reached.is_typed else ():
            shape = self.below("", shape, steps).shape if steps else shape
        return Placed(item, NO_TWIN, index, shape, reached.is_typed)

    # --- paths

    def path(self, path: Path, stand: Stand) -> str:
        """Where a value is, null-safe."""
        reached = self.reach(path, stand)
        return f"(None if {' or '.join(reached.missing)} else {reached.value})" if reached.bound else reached.value

    def reach(self, path: Path, stand: Stand) -> Reached:
        """Where a value is, step by step where the types are known."""
        placed = stand if isinstance(stand, Placed) else Placed()
        if path.start == TWIN and placed.twin != NO_TWIN:
            return self.apart(placed, (*placed.twin_after, *path.steps))
        if path.start == ANSWER and not path.is_indexed and self.start is not None:
            # The main answer is what stands in `here` of the whole function.
            return self.below("here", self.start, path.steps)
        if path.start != HERE or not placed.is_typed:
            return Reached((), super().path(path, stand))
        return self.below(stand.here, placed.shape, path.steps)

    def apart(self, stand: Placed, steps: tuple[str, ...]) -> Reached:
        """As `reach`, from the element at the same place of the list asked apart."""
        if stand.twin_shape is None:
            return Reached((), self.chain(f"({stand.twin} or NOTHING)", steps))
        reached = self.below(stand.twin, stand.twin_shape, steps)
        return replace(reached, bound=(f"(None if {stand.twin} is UNTOLD else {stand.twin})", *reached.bound))

    def below(self, base: str, shape: Shape | None, steps: tuple[str, ...]) -> Reached:
        """The value some steps below an object, that or a plain value itself for none."""
        bound: list[str] = []
        value, member = base, Member("", shape)
        for position, step in enumerate(steps):
            if member.shape is None or member.lists:
                raise Untyped(f"'{'.'.join(steps)}' leads through what is no object")
            if position:
                name = self.code.fresh("o")
                bound.append(f"({name} := {value})")
                value = name
            member = member.shape.member(step)
            value = f"{value}.{member.attribute}"
        return Reached(tuple(bound), value, member.shape, member.lists, is_typed=True)


@dataclass(frozen=True, slots=True)
class Reached:
    """A value: what must be there on the way, each given a name, how it is then read, its type where that is known."""

    bound: tuple[str, ...]
    value: str
    shape: Shape | None = None
    lists: int = 0
    is_typed: bool = False

    @property
    def missing(self) -> list[str]:
        """The tests of which one holds where the value cannot be reached."""
        return [f"{one} is None" for one in self.bound]

    @property
    def present(self) -> list[str]:
        """The tests that all hold where it can."""
        return [f"{one} is not None" for one in self.bound]


def _check_lists(reached: Reached, lists: int) -> None:
    if reached.lists != lists:
        raise Untyped("a list of lists")


def _beside(elements: Elements, twin: str) -> Path:
    """The path to a list asked apart."""
    return Path(elements.path.start, (*elements.path.steps[:-1], twin), elements.path.is_indexed)


def _paired(loop: str, twin: str, twins: str) -> str:
    """A loop over two lists: the second as long as the first, with UNTOLD for what it lacks."""
    lead, _, rest = loop.partition("for ")
    each, _, listed = rest.partition(" in ")
    return f"{lead}for ({each}, {twin}) in zip({listed}, chain({twins} or (), repeat(UNTOLD)))"
