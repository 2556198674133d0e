"""The meaning of parameter plans and slots, slow and plain; a property test compares the generated code with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.compile.emit_request import known_names, without_effect
from app.compile.interpret import Stand, interpret
from app.compile.paths import REQUEST, Path
from app.compile.request import Limits, ParamPlan, ParamStep, RequestPlan
from app.compile.tree import Node, Table
from app.compile.writes import Put, Slot
from app.emitted import (
    NOTHING,
    accept,
    accepted,
    convert,
    dig,
    element,
    given,
    given_or_empty,
    held,
    limited,
    list_of,
    look_up,
    missing,
    pick_members,
    refused,
    tell_unknown,
    text,
)

Warn = Callable[[str], None]


def interpret_bind(
    plan: RequestPlan, parts: Mapping[str, str], params: Mapping[str, Any], warn: Warn
) -> dict[str, Any]:
    """The values of all parameters that were given or have a default; raises RequestError."""
    holders = {names[0]: held(names, params) for names in plan.holders}
    values: dict[str, Any] = {}
    for param in plan.params:
        sources = [holders[param.holder], params] if param.holder else [params]
        _read(param, parts, sources, values, warn)
    tell_unknown(params, known_names(plan), warn)
    return values


def _read(
    param: ParamPlan,
    parts: Mapping[str, str],
    sources: list[Mapping[str, Any]],
    values: dict[str, Any],
    warn: Warn,
) -> None:
    if param.policy in {"ignored", "jsonp"}:
        return
    if param.source == "part":
        raw: Any = parts.get(param.name)
    else:
        raw = (given_or_empty if param.keeps_empty else given)(param.names, *sources)
    if param.drops and raw is not None and not accepted(param.accepts or (), raw):
        warn(without_effect(param))
        raw = None
    if raw is None and param.policy == "used":
        raw = param.default
    if raw is not None:
        take(param, raw, values, warn)
    elif param.required:
        raise missing(param.name)


def take(param: ParamPlan, raw: Any, values: dict[str, Any], warn: Warn) -> None:
    """Put the value of a parameter that is there into `values`; raises RequestError."""
    if param.policy == "refused":
        raise refused(param.name, param.why)
    if param.policy == "warned":
        warn(without_effect(param))
        return
    if param.accepts is not None and not param.drops:
        accept(param.name, param.accepts, raw, param.why)
    value = raw if param.takes_any or param.items else text(param.name, raw)
    value = _stepped(param.name, param.steps, value)
    if param.items:
        value = [_item(param, element(param.name, item), warn) for item in list_of(value)]
    values[param.name] = value
    for member, steps in param.members:
        record = values[param.name]
        record[member] = _stepped(f"{param.name}.{member}", steps, record[member])


def _item(param: ParamPlan, item: Mapping[str, Any], warn: Warn) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for below in param.items:
        _read(below, {}, [item], values, warn)
    return values


def _stepped(name: str, steps: tuple[ParamStep, ...], value: Any) -> Any:
    for step in steps:
        if isinstance(step, Limits):
            value = limited(name, step.least, step.most, value)
        elif isinstance(step, Table):
            value = look_up(name, dict(step.entries), value)
        else:
            value = convert(name, step.convert, value)
    return value


def interpret_write(
    slots: dict[str, Slot], repeated: str | None, values: Mapping[str, Any], others: Mapping[str, Any]
) -> dict[str, Any]:
    """The variables of a question."""
    variables: dict[str, Any] = {}
    for variable, slot in slots.items():
        if repeated is not None and any(put.is_each for put in slot.puts()):
            for position, each in enumerate(values[repeated]):
                _fill(variables, f"{variable}_{position}", slot, values, others, each)
        else:
            _fill(variables, variable, slot, values, others, None)
    return variables


def _fill(
    parent: dict[str, Any], key: str, slot: Slot, values: Mapping[str, Any], others: Mapping[str, Any], each: Any
) -> None:
    if slot.put is not None:
        there, value = _value(slot.put, values, others, each)
        if there:
            parent[key] = value
        return
    if not slot.members:
        return
    made: dict[str, Any] = {}
    for member, below in slot.members.items():
        _fill(made, member, below, values, others, each)
    if made or slot.is_sure:
        parent[key] = made


def _value(put: Put, values: Mapping[str, Any], others: Mapping[str, Any], each: Any) -> tuple[bool, Any]:
    if put.is_each:
        return True, each
    if isinstance(put.source, Node):
        found = interpret(put.source, Stand(NOTHING, dict(values), dict(others)))
        return found is not None, found
    if not isinstance(put.source, Path):
        return True, put.source
    if put.source.start != REQUEST:
        found = dig(others.get(put.source.start), *put.source.steps)
        return found is not None, found
    first, *rest = put.source.steps
    if first not in values:
        return False, None
    value: Any = values[first]
    for step in rest:
        value = value[step]
    return not rest or value is not None, _with_items(put, value)


def _with_items(put: Put, value: Any) -> Any:
    """The value, or the input objects that its elements become."""
    if put.items:
        pairs = [(member, path.steps[0]) for member, path, _ in put.items]
        return [pick_members(item, pairs) for item in value]
    return value
