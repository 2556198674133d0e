"""The running service as one value: what a front needs to serve it, and to end it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from app.access.admission import Admission
from app.access.forwarding import TokenForwarding
from app.access.parts import Access
from app.events import Observer
from app.plan import Plans
from app.run.budget import Budget
from app.run.serve import Proxy
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Assembly:
    """The running parts; `access` where grants are kept, `forwarding` where clients have their own.

    `close` gives back what all hold.
    """

    settings: Settings
    plans: Plans
    proxy: Proxy
    admit: Admission
    access: Access | None
    forwarding: TokenForwarding | None
    observer: Observer
    #: what keeps to the upstream's limits, where there are any
    budget: Budget | None
    #: the text of all numbers, given how the stored grants stand
    exposition: Callable[[Mapping[str, int]], bytes]
    close: Callable[[], Awaitable[None]]
