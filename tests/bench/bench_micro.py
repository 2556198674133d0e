"""What the steps of a call take, without server and wire: `make bench-micro`.

All plans are compiled; then every golden case is served once, and what its steps were given is given to them again, in
rounds: `bind` reads the parameters, `reshape` makes a reply's bytes of an answer's over dicts, `typed` over types.
Prints a row an area; the last line is one JSON object, in microseconds a call but for `compile_ms`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from statistics import median
from typing import Any

import orjson

from app.assemble import assemble
from app.building import build
from app.compile.build import Built
from app.plan import Plan, Plans, Variant
from app.settings import Settings, load_settings
from app.web.app import create_app
from tests.asgi import send
from tests.golden.cases import Case, golden_cases
from tests.limits import NO_LIMITS
from tests.upstream import RecordingUpstream

ROUNDS, SECONDS = 5, 0.02
STEPS = ("bind", "reshape", "typed")
#: a step with all that it was given
Call = Callable[[], Any]


class Noted:
    """Plans that note what their steps are given."""

    def __init__(self) -> None:
        self.calls: dict[tuple[str, str], list[Call]] = defaultdict(list)
        #: the answers of the case that is served
        self.answers: list[bytes] = []

    def plan(self, plan: Plan) -> Plan:
        """The same plan, noting."""

        def bind(parts: Any, params: Any, warn: Any) -> Any:
            # What is refused is not what is timed.
            bound = plan.bind(parts, params, warn)
            self.calls[plan.area, "bind"].append(lambda: plan.bind(parts, params, _ignore))
            return bound

        return replace(plan, bind=bind, variants=tuple(self._variant(plan.area, one) for one in plan.variants))

    def _variant(self, area: str, variant: Variant) -> Variant:
        def reshape(start: Any, values: Any, others: Any) -> Any:
            made = variant.reshape(start, values, others)
            given = dict(values), {**others}
            for raw in self.answers:
                self._note(area, variant, raw, given)
            return made

        return replace(variant, reshape=reshape, typed=None)

    def _note(self, area: str, variant: Variant, raw: bytes, given: tuple[Any, Any]) -> None:
        """From an answer's bytes to a reply's, over dicts and over types, where the answer is to this question."""
        # A case of values that cannot be read is not what is timed.
        root, typed = variant.question.roots[0][0], variant.typed
        data = orjson.loads(raw).get("data") or {}
        if data.get(root) is None:
            return

        def over_dicts() -> bytes:
            read = orjson.loads(raw)["data"]
            return orjson.dumps(variant.reshape(read[root] if variant.question.is_rooted else read, *given))

        with suppress(ValueError, TypeError, AttributeError):
            over_dicts()
            self.calls[area, "reshape"].append(over_dicts)
            if typed is not None and typed.decode(raw) is not None:
                self.calls[area, "typed"].append(lambda: typed.encode(typed.reshape(typed.decode(raw), *given)))


def _ignore(_: str) -> None:
    """A warning that nobody reads."""


async def serve(case: Case, settings: Settings, plans: Plans, noted: Noted) -> None:
    """A case once."""
    noted.answers = [answer.content for answer in case.answers() if isinstance(answer.body, dict)]
    upstream, calls = RecordingUpstream(case.answers()), {**plans.calls}
    calls[case.call] = noted.plan(calls[case.call])
    assembly = assemble(settings, replace(plans, calls=calls), transport=upstream, observer=lambda _: None)
    app = create_app(assembly)
    for one in case.requests():
        await send(app, one.method, one.path, one.headers, one.body)
    await assembly.close()


def microseconds(calls: list[Call]) -> float:
    """What one of these takes, in the middle of some rounds."""
    found = []
    for _ in range(ROUNDS):
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < SECONDS:
            for call in calls:
                call()
            count += len(calls)
        found.append((time.perf_counter() - began) / count * 1e6)
    return round(median(found), 2)


def compiled(settings: Settings) -> tuple[Built, float]:
    """All plans, and the milliseconds that they take."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        built = build(settings)
        times.append((time.perf_counter() - began) * 1000)
    return built, round(median(times), 1)


def main() -> None:
    """Measure and print."""
    settings = load_settings({"HEIRLOOM_UPSTREAM_ATTEMPTS": "1", "HEIRLOOM_COALESCE": "false"} | NO_LIMITS)
    built, milliseconds = compiled(settings)
    noted = Noted()
    for case in golden_cases():
        asyncio.run(serve(case, settings, built.plans, noted))
    areas = sorted({area for area, _ in noted.calls})
    found = {
        area: {step: microseconds(noted.calls[area, step]) for step in STEPS if (area, step) in noted.calls}
        for area in areas
    }
    print(f"compile {milliseconds} ms")
    print(f"{'area':<16}" + "".join(f"{step:>12}" for step in STEPS))
    for area, steps in found.items():
        print(f"{area:<16}" + "".join(f"{steps.get(step, ''):>12}" for step in STEPS))
    print(json.dumps({"compile_ms": milliseconds, **found}))


if __name__ == "__main__":
    main()
