"""Where the parts meet, once: settings and plans to a running service."""

from __future__ import annotations

import time

import httpx

from app.access.admission import Admission, PassThrough, Unverified
from app.compile.build import Built, build_plans
from app.events import Observer
from app.observe.log import LogObserver
from app.plan import Plans
from app.run.ask import Asker
from app.run.assembly import Assembly
from app.run.serve import Proxy
from app.run.tenants import Tenants
from app.run.upstream import Upstream
from app.settings import Settings, check_folders

USER_AGENT = "heirloom/0.1"


def build(settings: Settings) -> Built:
    """Compile the mappings that the settings name. Raises InvalidSettings where there are none, InvalidMappings."""
    check_folders(settings)
    return build_plans(settings.mappings, settings.schema_path, settings.templates, settings.unsupported)


def assemble(
    settings: Settings,
    plans: Plans,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    observer: Observer | None = None,
) -> Assembly:
    """A proxy over compiled plans; tests bring a transport and an observer of their own."""
    observer = observer or LogObserver()
    client = httpx.AsyncClient(
        transport=transport,
        timeout=httpx.Timeout(settings.deadline_seconds, connect=settings.connect_timeout_seconds),
        limits=httpx.Limits(
            max_connections=settings.upstream_connections,
            max_keepalive_connections=settings.upstream_connections,
        ),
        headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
        follow_redirects=False,
        trust_env=False,
    )
    clock = time.monotonic
    upstream = Upstream(client, str(settings.upstream_url), clock, observer)
    asker = Asker(upstream, plans.caller, clock, observer)
    tenants = Tenants(asker, plans.directory, clock)
    proxy = Proxy(asker, tenants, observer, clock=clock, now=time.time, deadline_seconds=settings.deadline_seconds)
    return Assembly(settings, plans, proxy, _admission(settings), observer, client.aclose)


def _admission(settings: Settings) -> Admission:
    """The ways in that the settings open."""
    return Admission(
        passthrough=PassThrough() if "passthrough" in settings.auth else None,
        signed=Unverified() if settings.oauth1 == "unverified" else None,
    )
