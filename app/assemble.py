"""Where the parts meet, once: settings and plans to a running service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from app.access.admission import Admission, PassThrough
from app.access.authorization import Authorization, Client
from app.access.connecting import Connecting
from app.access.forwarding import TokenForwarding
from app.access.grants import Grants
from app.access.keeper import Keeper
from app.access.parts import Access
from app.access.proxy_keys import ProxyKeys
from app.access.signed_requests import SignedRequests, Verifier
from app.access.three_legged import ThreeLegged
from app.access.vault import Vault
from app.events import Observer, to_both
from app.message import LegacyReply
from app.observe.log import LogObserver
from app.observe.metrics import Metrics
from app.plan import Plans
from app.run.ask import Asker
from app.run.assembly import Assembly
from app.run.breaker import Breaker
from app.run.budget import Budget, Limits
from app.run.bulkhead import Bulkhead
from app.run.cache import Cache
from app.run.flights import GRACE_SECONDS, Flights
from app.run.idempotency import Idempotency
from app.run.memo import Memo
from app.run.retries import Retries, RetryBudget
from app.run.serve import Kept, Proxy
from app.run.tenants import Tenants
from app.run.transport import DirectTransport
from app.run.upstream import Policies, Upstream
from app.run.wire import DirectWire, HttpxWire
from app.settings import PREFIX, InvalidSettings, Settings, upstream_tls
from app.store.opening import open_store
from app.store.store import Store

HEADERS = {"User-Agent": "heirloom/0.1", "Accept": "application/json"}


def assemble(
    settings: Settings,
    plans: Plans,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    observer: Observer | None = None,
) -> Assembly:
    """A proxy over compiled plans; tests bring a transport and an observer of their own."""
    metrics = Metrics()
    log = LogObserver()
    observer = to_both(observer or log, metrics)
    direct = None if transport else _direct(settings)
    client = _client(settings, transport or direct)
    url = str(settings.upstream_url)
    wire = DirectWire(direct, url, HEADERS) if direct else HttpxWire(client, url)
    clock = time.monotonic
    store = open_store(settings.store, time.time)
    budget = _budget(settings, store, clock, observer)
    policies = _policies(settings, clock, observer, budget)
    upstream = Upstream(wire, clock, observer, policies)
    asker = Asker(upstream, plans.caller, clock, observer)
    tenants = Tenants(asker, plans.directory, clock)
    vault = Vault(store, settings.secret_keys) if settings.secret_keys else None
    idempotency = Idempotency(
        vault,
        observer,
        now=time.time,
        clock=clock,
        derived=settings.derive_idempotency,
        window_seconds=settings.idempotency_window_seconds,
    )
    cache = Cache(
        plans.calls.values(),
        store,
        observer,
        now=time.time,
        most_bytes=settings.cache_bytes,
        source=str(settings.upstream_url),
    )
    # Those of whole calls wait a little longer than those of the questions within: who fails first can say why.
    flights = Flights[LegacyReply](clock, grace_seconds=2 * GRACE_SECONDS) if settings.coalesce else None
    proxy = Proxy(
        asker,
        tenants,
        Kept(idempotency, cache, flights, Memo(settings.memo_bytes)),
        observer,
        clock=clock,
        now=time.time,
        deadline_seconds=settings.deadline_seconds,
    )
    keeps_grants = bool({"broker", "oauth1"} & set(settings.auth))
    access = _access(settings, client, observer, vault) if vault is not None and keeps_grants else None

    async def close() -> None:
        await upstream.close()
        await client.aclose()
        await store.close()
        log.flush()
        metrics.fold()

    forwarding = TokenForwarding(client, str(settings.token_url), settings.deadline_seconds)
    return Assembly(
        settings,
        plans,
        proxy,
        _admission(settings, access),
        access,
        forwarding if "passthrough" in settings.auth else None,
        observer,
        budget,
        metrics.exposition,
        close,
    )


@asynccontextmanager
async def opened_access(settings: Settings) -> AsyncIterator[Access]:
    """The parts that keep grants, for a command. Raises InvalidSettings where there is no key to seal them with."""
    if not settings.secret_keys:
        problem = f"S102 {PREFIX}SECRET_KEY: it is not set; set it to what 'heirloom secret new' prints, and keep it"
        raise InvalidSettings([problem])
    async with _client(settings, _direct(settings)) as client:
        vault = Vault(open_store(settings.store, time.time), settings.secret_keys)
        access = _access(settings, client, lambda _: None, vault)
        try:
            yield access
        finally:
            await access.vault.store.close()


def _budget(settings: Settings, store: Store, clock: Callable[[], float], observer: Observer) -> Budget | None:
    """What keeps to the upstream's limits; None where there are none."""
    limits = Limits(settings.upstream_per_second, settings.upstream_per_day)
    if limits == Limits(0, 0):
        return None
    return Budget(
        store,
        limits,
        clock,
        asyncio.sleep,
        observer,
        share=settings.budget_share,
        queue=settings.upstream_queue,
    )


def _policies(settings: Settings, clock: Callable[[], float], observer: Observer, budget: Budget | None) -> Policies:
    return Policies(
        Retries(settings.upstream_attempts, clock, asyncio.sleep, RetryBudget(), observer),
        Breaker(settings.breaker_failures, clock, observer),
        Bulkhead(settings.upstream_connections, settings.upstream_queue, clock),
        budget,
        shares_reads=settings.coalesce,
        merges_reads=settings.merge,
        most_waiting=settings.upstream_queue,
        most_bytes=settings.max_answer_bytes,
    )


def _direct(settings: Settings) -> DirectTransport | None:
    """The project's own connections; None where a setting asks for what only httpx can."""
    if settings.upstream_proxy is not None or settings.upstream_http2:
        return None
    return DirectTransport(
        upstream_tls(settings), most=settings.upstream_connections, connect_seconds=settings.connect_timeout_seconds
    )


def _client(settings: Settings, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=transport,
        verify=upstream_tls(settings) if transport is None else False,
        proxy=str(settings.upstream_proxy.get_secret_value()) if settings.upstream_proxy else None,
        http2=settings.upstream_http2,
        timeout=httpx.Timeout(settings.deadline_seconds, connect=settings.connect_timeout_seconds),
        limits=httpx.Limits(
            max_connections=settings.upstream_connections,
            max_keepalive_connections=settings.upstream_connections,
        ),
        headers=HEADERS,
        follow_redirects=False,
        trust_env=False,
    )


def _access(settings: Settings, client: httpx.AsyncClient, observer: Observer, vault: Vault) -> Access:
    secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
    authorization = Authorization(
        client,
        Client(settings.client_id, secret),
        authorize_url=str(settings.authorize_url),
        token_url=str(settings.token_url),
        now=time.time,
    )
    grants = Grants(vault, authorization, time.time, observer)
    connecting = Connecting(vault, authorization)
    verifier = Verifier(vault, time.time, settings.oauth1_window_seconds)
    return Access(
        vault=vault,
        authorization=authorization,
        grants=grants,
        keys=ProxyKeys(vault, grants, time.time),
        connecting=connecting,
        keeper=Keeper(vault, grants, time.time, observer),
        signed=SignedRequests(verifier, grants),
        three_legged=ThreeLegged(vault, verifier, connecting, time.time),
    )


def _admission(settings: Settings, access: Access | None) -> Admission:
    """The ways in that the settings open."""
    return Admission(
        passthrough=PassThrough() if "passthrough" in settings.auth else None,
        keys=access.keys if access and "broker" in settings.auth else None,
        signed=access.signed if access and "oauth1" in settings.auth else None,
    )
