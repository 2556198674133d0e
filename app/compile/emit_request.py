"""Parameter plans and slots to straight-line Python: `bind` reads the request, `write` makes the variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.compile.code import Code
from app.compile.emit import emit_value
from app.compile.paths import REQUEST, Path
from app.compile.request import Holds, Limits, ParamPlan, ParamStep, RequestPlan
from app.compile.tree import Node, Table
from app.compile.writes import Put, Slot


def emit_bind(plan: RequestPlan, title: str) -> tuple[Callable[..., Any], str]:
    """`bind(parts, params, warn)` and its source: the values of all parameters that were given or have a default."""
    code = Code(f"{title} bind")
    holders = {names[0]: code.fresh(f"in_{names[0]}") for names in plan.holders}
    with code.block("def bind(parts, params, warn):"):
        for names in plan.holders:
            code.line(f"{holders[names[0]]} = held({names!r}, params)")
        code.line("values = {}")
        for param in plan.params:
            _param(code, param, f"{holders[param.holder]}, params" if param.holder else "params")
        code.line(f"tell_unknown(params, {code.constant('known', known_names(plan))}, warn)")
        code.line("return values")
    return code.build("bind"), code.source


def known_names(plan: RequestPlan) -> frozenset[str]:
    """All names a call's parameters may have; parts of the path may be repeated in the body."""
    return frozenset(name for param in plan.params for name in param.names) | frozenset(
        name for names in plan.holders for name in names
    )


def _param(code: Code, param: ParamPlan, sources: str) -> None:
    if param.policy in {"ignored", "jsonp"}:
        return
    name = param.name
    if _is_plain(param, sources):
        # Most parameters of most calls are not given.
        is_given = f"{name!r} in params and (raw := params[{name!r}]) is not None"
        with code.block(f"if {is_given}:" if param.keeps_empty else f"if {is_given} and raw != '':", param.place):
            _given(code, param)
        return
    if param.source == "part":
        code.line(f"raw = parts.get({name!r})", param.place)
    else:
        _read(code, param, sources)
    if param.drops:
        with code.block(f"if raw is not None and not accepted({param.accepts!r}, raw):", param.place):
            code.line(f"warn({without_effect(param)!r})")
            code.line("raw = None")
    if param.default is not None and param.policy == "used":
        with code.block("if raw is None:"):
            code.line(f"raw = {param.default!r}")
    with code.block("if raw is not None:"):
        _given(code, param)
    if param.required and param.default is None:
        with code.block("else:"):
            code.line(f"raise missing({name!r})")


def _is_plain(param: ParamPlan, sources: str) -> bool:
    """Whether a parameter has one name in one place, and may be left out."""
    is_optional = not param.drops and not param.required and param.default is None
    return is_optional and param.source != "part" and param.names == (param.name,) and sources == "params"


def _read(code: Code, param: ParamPlan, sources: str) -> None:
    """What is given, null for what is not; of one name in one place written out, as there are many of them."""
    reader = "given_or_empty" if param.keeps_empty else "given"
    if len(param.names) > 1 or sources != "params":
        code.line(f"raw = {reader}({param.names!r}, {sources})", param.place)
    elif param.keeps_empty:
        code.line(f"raw = params.get({param.names[0]!r})", param.place)
    else:
        with code.block(f"if (raw := params.get({param.names[0]!r})) == '':", param.place):
            code.line("raw = None")


def without_effect(param: ParamPlan) -> str:
    """The warning about a parameter that is not used."""
    return f"parameter {param.name!r} has no effect: {param.why}"


def _given(code: Code, param: ParamPlan) -> None:
    name = param.name
    if param.policy == "refused":
        code.line(f"raise refused({name!r}, {param.why!r})")
        return
    if param.policy == "warned":
        code.line(f"warn({without_effect(param)!r})")
        return
    if param.accepts is not None and not param.drops:
        code.line(f"accept({name!r}, {param.accepts!r}, raw, {param.why!r})")
    value = "raw" if param.takes_any or param.items else f"text({name!r}, raw)"
    value = _converted(code, name, param.steps, value)
    if param.items:
        function = _items(code, param)
        value = f"[{function}(element({name!r}, item), warn) for item in list_of({value})]"
    code.line(f"values[{name!r}] = {value}")
    if param.members:
        code.line(f"record = values[{name!r}]")
        for member, steps in param.members:
            made = _converted(code, f"{name}.{member}", steps, f"record[{member!r}]")
            if made != f"record[{member!r}]":
                code.line(f"record[{member!r}] = {made}")


def _converted(code: Code, name: str, steps: tuple[ParamStep, ...], value: str) -> str:
    for step in steps:
        if isinstance(step, Limits):
            value = f"limited({name!r}, {step.least!r}, {step.most!r}, {value})"
        elif isinstance(step, Table):
            table = code.constant("table", dict(step.entries))
            value = f"look_up({name!r}, {table}, {value})"
        else:
            value = f"convert({name!r}, {code.constant(step.name, step.convert)}, {value})"
    return value


def _items(code: Code, param: ParamPlan) -> str:
    function = code.fresh(f"{param.name}_item")
    with code.function(f"{function}(params, warn)"):
        code.line("values = {}")
        for item in param.items:
            _param(code, item, "params")
        code.line("return values")
    return function


# --- variables -------------------------------------------------------------------------------------------------------


def emit_write(slots: dict[str, Slot], repeated: str | None, title: str) -> tuple[Callable[..., Any], str]:
    """`write(values, others)` and its source: the variables of a question.

    A variable that the repeated parameter writes into comes once an element, as `name_0`, `name_1`, ….
    """
    code = Code(f"{title} write")
    with code.block("def write(values, others):"):
        code.line("variables = {}")
        for variable, slot in slots.items():
            if repeated is not None and any(put.is_each for put in slot.puts()):
                with code.block(f"for position, each in enumerate(values[{repeated!r}]):"):
                    _slot(code, slot, "variables", f"f'{variable}_{{position}}'")
            else:
                _slot(code, slot, "variables", repr(variable))
        code.line("return variables")
    return code.build("write"), code.source


def _slot(code: Code, slot: Slot, parent: str, key: str) -> None:
    if slot.put is not None:
        _put(code, slot.put, f"{parent}[{key}]", slot)
        return
    if not slot.members:
        return
    name = code.fresh(f"{key.strip(chr(39))}_object")
    code.line(f"{name} = {{}}", slot.place)
    for member, below in slot.members.items():
        _slot(code, below, name, repr(member))
    if slot.is_sure:
        code.line(f"{parent}[{key}] = {name}")
        return
    with code.block(f"if {name}:"):
        code.line(f"{parent}[{key}] = {name}")


def _put(code: Code, put: Put, target: str, slot: Slot) -> None:
    if put.is_each:
        code.line(f"{target} = each", slot.place)
    elif isinstance(put.source, Node):
        _put_found(code, emit_value(code, put.source), target, slot)
    elif not isinstance(put.source, Path):
        code.line(f"{target} = {put.source!r}", slot.place)
    elif put.source.start != REQUEST:
        steps = "".join(f", {step!r}" for step in put.source.steps)
        _put_found(code, f"dig(others.get({put.source.start!r}){steps})", target, slot)
    else:
        _put_value(code, put, put.source, target, slot)


def _put_found(code: Code, value: str, target: str, slot: Slot) -> None:
    found = code.fresh("found")
    with code.block(f"if ({found} := {value}) is not None:", slot.place):
        code.line(f"{target} = {found}")


def _put_value(code: Code, put: Put, path: Path, target: str, slot: Slot) -> None:
    first, *rest = path.steps
    value = f"values[{first!r}]" + "".join(f"[{step!r}]" for step in rest)
    if put.items:
        pairs = tuple((member, path.steps[0]) for member, path, _ in put.items)
        value = f"[pick_members(item, {pairs!r}) for item in {value}]"
    test = f"{first!r} in values" + (f" and {value} is not None" if rest else "")
    with code.block(f"if {test}:", slot.place):
        code.line(f"{target} = {value}")


def emit_holds(holds: Holds, title: str) -> Callable[..., Any]:
    """`holds(values)`: whether a choice or a question is meant."""
    tests = [f"{name!r} in values" for name in holds.given]
    tests += [f"({' or '.join(f'{name!r} in values' for name in holds.any)})"] if holds.any else []
    tests += [f"{name!r} not in values" for name in holds.absent]
    tests += [f"values.get({name!r}) == {wanted!r}" for name, wanted in holds.equals]
    tests += [f"matches({pattern!r}, values.get({name!r}))" for name, pattern in holds.matches]
    tests += [f"len(values.get({name!r}) or ()) > 1" for name in holds.several]
    code = Code(f"{title} when")
    with code.block("def holds(values):"):
        code.line(f"return {' and '.join(tests) or True}")
    return code.build("holds")
