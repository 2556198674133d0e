"""One running sandbox: its world, tokens, faults and log, and the way of one request through them."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.sandbox.execute import Question, Upstream, scope_refusal, tenant_refusal
from app.sandbox.faults import Fault, Faults, failing_hook
from app.sandbox.grants import ACCESS_SECONDS, REFRESH_SECONDS, Client, Grants
from app.sandbox.journal import Journal
from app.sandbox.records.people import Organization
from app.sandbox.resolvers.fields import Call
from app.sandbox.seeding import seed_world
from app.sandbox.tokens import Token, Tokens

ROOTS = ("Query.", "Mutation.")
STATUS_FAULTS: dict[str, tuple[int, dict[str, str]]] = {
    "expired_token": (401, {"message": "Authentication failed"}),
    "429": (429, {"message": "Too Many Requests"}),
    "500": (500, {"message": "Internal Server Error"}),
    "502": (502, {"message": "Bad Gateway"}),
    "503": (503, {"message": "Service Unavailable"}),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it reached the sandbox: the question, the bearer token's text, and the tenant header."""

    question: Question
    bearer: str | None
    tenant: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """What to answer: a status and a body, and the fault that spoils the sending, if any."""

    status: int
    body: dict[str, Any]
    fault: Fault | None = None
    executed: Counter[str] = field(default_factory=Counter)


class Sandbox:
    """The state behind the sandbox's routes. `clock` gives seconds since 1970 and only matters to expiring tokens."""

    def __init__(self, upstream: Upstream, seed: int, clock: Callable[[], float]) -> None:
        self.upstream = upstream
        self.seed = seed
        self._clock = clock
        self.journal = Journal()
        self.faults = Faults()
        self.reset()

    def reset(self) -> None:
        """Put everything back to how it was at the start."""
        self.world = seed_world(self.seed)
        self.tokens = Tokens(self.seed, self.world.cast)
        self.grants = Grants(self.seed, self.tokens, self._clock)
        self.faults.clear()
        self.journal.clear()

    def issue(self, user: str | None, scopes: list[str] | None, ttl_seconds: float | None) -> Token:
        """Make a token for a user, named by id, user name or one of the first tokens' names; LookupError if unknown.

        Without scopes it has those of the client's token.
        """
        client = self.tokens.named("client")
        expires_at = None if ttl_seconds is None else self._clock() + ttl_seconds
        granted = client.scopes if scopes is None else frozenset(scopes)
        return self.tokens.issue(self._user_id(user), granted, expires_at)

    def register(
        self,
        client_id: str,
        *,
        client_secret: str | None = None,
        redirect_uris: list[str] | None = None,
        scopes: list[str] | None = None,
        user: str | None = None,
        access_seconds: float = ACCESS_SECONDS,
        refresh_seconds: float = REFRESH_SECONDS,
    ) -> None:
        """Hold a client to what it was registered with; LookupError for an unknown user."""
        granted = self.tokens.named("client").scopes if scopes is None else frozenset(scopes)
        uris, user_id = tuple(redirect_uris or ()), self._user_id(user)
        client = Client(client_id, granted, client_secret, uris, user_id, access_seconds, refresh_seconds)
        self.grants.register(client)

    def note_token(self, form: Mapping[str, str], status: int, fault: Fault | None) -> None:
        """Log a token request without its secrets."""
        kind, client = form.get("grant_type"), form.get("client_id")
        self.journal.note_token(
            {"grant_type": kind, "client_id": client, "status": status, "fault": fault.kind if fault else None}
        )

    def answer(self, asked: Asked) -> Told:
        """Answer one request and log it."""
        fault = self.faults.strike(asked.question.query)
        told = self._spoilt(asked, fault) if fault else self._answered(asked, None)
        self.journal.note(self._entry(asked, told), told.executed)
        return told

    def _spoilt(self, asked: Asked, fault: Fault) -> Told:
        if fault.kind == "scope_error":
            return Told(200, scope_refusal(self._refused_fields(asked.question, fault)), fault)
        if fault.kind == "html":
            return Told(fault.status, {}, fault)
        if fault.kind in STATUS_FAULTS:
            status, body = STATUS_FAULTS[fault.kind]
            executed = self._answered(asked, None).executed if fault.executed else Counter[str]()
            return Told(status, dict(body), fault, executed)
        return self._answered(asked, fault)

    def _answered(self, asked: Asked, fault: Fault | None) -> Told:
        token = self.tokens.valid(asked.bearer, self._clock()) if asked.bearer else None
        if token is None:
            return Told(401, {"message": "Authentication failed"}, fault)
        organization = self._tenant(token, asked.tenant)
        if organization is None:
            return Told(200, tenant_refusal(), fault)
        call = Call(self.world, self.world.users[token.user_id], organization)
        body = self.upstream.answer(asked.question, call, token.scopes, failing_hook(fault))
        return Told(200, body, fault, call.executed)

    def _tenant(self, token: Token, tenant: str | None) -> Organization | None:
        """The organization asked for, if the user is in it or in its company; by default the user's first one."""
        own = self.world.organizations_of(token.user_id)
        if tenant is None:
            return own[0]
        asked = self.world.organizations.get(tenant)
        return asked if asked and any(asked.root_id == org.id for org in own) else None

    def _user_id(self, user: str | None) -> str:
        if user in {None, "client", "freelancer", "stranger"}:
            return self.tokens.named(user or "client").user_id
        found = [one.id for one in self.world.users.values() if user in (one.id, one.nid)]
        if not found:
            raise LookupError(f"there is no user {user!r}")
        return found[0]

    def _refused_fields(self, question: Question, fault: Fault) -> list[str]:
        selected = self.upstream.selected(question)
        chosen = [one for one in fault.fields if one in selected] or list(fault.fields)
        # The same one each time, and below a root: without that nothing is left to ask.
        below = sorted(one for one in selected if not one.endswith(".id") and not one.startswith(ROOTS))
        return sorted(chosen or below[:1] or selected)

    def _entry(self, asked: Asked, told: Told) -> dict[str, Any]:
        digest = hashlib.sha256((asked.bearer or "").encode()).hexdigest()[:12]
        token = self.tokens.name_of(asked.bearer) or f"sha256:{digest}" if asked.bearer else None
        return {
            "query": asked.question.query,
            "variables": asked.question.variables,
            "operationName": asked.question.operation_name,
            "token": token,
            "tenant": asked.tenant,
            "status": told.status,
            "fault": told.fault.kind if told.fault else None,
            "errors": len(told.body.get("errors", ())),
            "mutations": dict(told.executed),
        }
