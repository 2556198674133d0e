"""The application as a worker process makes it for itself, from the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.building import plans_of
from app.lean import without_companions
from app.settings import load_settings

if TYPE_CHECKING:
    from app.web.legacy import App


def create_worker_app() -> App:
    """Plans first, and what serves them after. Raises InvalidSettings, InvalidMappings."""
    settings = load_settings()
    plans = plans_of(settings)
    with without_companions():
        from app.serving import application  # noqa: PLC0415 - takes the room that the compiler leaves
    return application(settings, plans)
