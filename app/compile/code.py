"""Python source under construction, and how it becomes functions: the only `exec`."""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from app import emitted
from app.findings import Place

LEAD = "<heirloom "


class Code:
    """Lines with their indentation, and the names that they use."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.lines: list[str] = []
        self.functions: list[list[str]] = []
        self.names: dict[str, Any] = {name: value for name, value in vars(emitted).items() if not name.startswith("_")}
        self._indent = 0
        self._used: dict[str, int] = {}

    def line(self, text: str, place: Place | None = None) -> None:
        """One line; with the line of the mapping that it comes from."""
        comment, lead = f"  # {short(place)}" if place else "", "    " * self._indent
        self.lines.append(lead + text.replace("\n", f"\n{lead}") + comment)

    @contextmanager
    def block(self, head: str, place: Place | None = None) -> Iterator[None]:
        """A line that ends in a colon, and what is below it."""
        self.line(head, place)
        self._indent += 1
        yield
        self._indent -= 1

    @contextmanager
    def function(self, head: str) -> Iterator[None]:
        """A function of its own, put before the lines that are being written."""
        outer, indent = self.lines, self._indent
        self.lines, self._indent = [], 0
        with self.block(f"def {head}:"):
            yield
        self.functions.append(self.lines)
        self.lines, self._indent = outer, indent

    def fresh(self, wish: str) -> str:
        """A name that nothing has yet, close to `wish`."""
        name = re.sub(r"\W+", "_", wish, flags=re.ASCII).strip("_").lower() or "value"
        name = f"_{name}" if name[0].isdigit() else name
        number = self._used[name] = self._used.get(name, 0) + 1
        return name if number == 1 and name not in self.names else f"{name}_{number}"

    def constant(self, wish: str, value: Any) -> str:
        """A name for a value that cannot be written as source; the same value keeps its name."""
        for name, known in self.names.items():
            if known is value:
                return name
        name = self.fresh(wish)
        self.names[name] = value
        return name

    @property
    def depth(self) -> int:
        """How many blocks the next line stands in."""
        return self._indent

    @property
    def source(self) -> str:
        """The whole text."""
        blocks = [*self.functions, self.lines]
        return "\n\n\n".join("\n".join(block) for block in blocks if block) + "\n"

    def build(self, name: str) -> Callable[..., Any]:
        """Compile the text and give one of its functions; it shows in tracebacks."""
        (made,) = self.build_all(name)
        return made

    def build_all(self, *names: str) -> tuple[Callable[..., Any], ...]:
        """As `build`, for several of its functions."""
        source, filename = self.source, f"{LEAD}{self.title}>"
        namespace = dict(self.names)
        exec(compile(source, filename, "exec"), namespace)  # noqa: S102 - the text was made here, from checked mappings
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        return tuple(namespace[name] for name in names)


def short(place: Place) -> str:
    """`area/name.yaml:12`."""
    return f"{'/'.join(place.file.split('/')[-2:])}:{place.line}"
