"""Settings to plans: the compiler's door, which knows nothing of serving."""

from __future__ import annotations

import gc
import time

from app.compile.build import Built, build_plans
from app.plan import Plans
from app.settings import PREFIX, InvalidSettings, Settings, check_areas, check_folders, upstream_tls
from app.store.opening import open_store


def build(settings: Settings) -> Built:
    """Compile the mappings that the settings name. Raises InvalidSettings where there are none, InvalidMappings."""
    check_folders(settings)
    upstream_tls(settings)
    try:
        open_store(settings.store, time.time)
    except ValueError as error:
        raise InvalidSettings([f"S102 {PREFIX}STORE: {error}"]) from error
    built = build_plans(settings.mappings, settings.schema_path, settings.templates, settings.unsupported)
    check_areas(settings, {plan.area for plan in built.plans.calls.values() if plan.writes})
    return built


def plans_of(settings: Settings) -> Plans:
    """The plans alone. The room of the schema and the mappings is given back: what is imported next takes it."""
    plans = build(settings).plans
    gc.collect()
    return plans
