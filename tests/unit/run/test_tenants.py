"""The organisation that a legacy path names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.compile.build import Built
from app.errors import PermissionDeniedError, RequestError, UpstreamError
from app.run.ask import HOUR, Asker
from app.run.tenants import Tenants, directory_names
from app.run.upstream import Asking
from tests.doubles import Clock
from tests.unit.run.conftest import AskOver, asking_of
from tests.upstream import Answer, RecordingUpstream, data

ORG, TEAM, OTHER, OWN = "1104567890123456781", "1104567890123450001", "1104567890123456799", "1456789012345678901"
DIRECTORY = data(
    selector={"items": [{"organizationId": ORG, "organizationRid": "400222"}, {"organizationId": OTHER}]},
    organization={
        "id": ORG,
        "rid": "400222",
        "legacyId": "slug_of_org",
        "childOrganizations": [{"id": TEAM, "rid": "400333", "legacyId": "slug_of_team"}, None],
    },
    user={"id": OWN, "nid": "dana", "rid": "1900300"},
)
#: a company of which a credential may see nothing
NOTHING_TOLD = data(selector={"items": []}, organization=None, user=None)
TenantsOver = Callable[[Sequence[Answer | Exception]], tuple[Tenants, RecordingUpstream]]


@pytest.fixture
def tenants_over(ask_over: AskOver, built: Built, clock: Clock) -> TenantsOver:
    """Make tenants over the product's own directory question."""

    def make(answers: Sequence[Answer | Exception]) -> tuple[Tenants, RecordingUpstream]:
        asker, transport = ask_over(answers)
        return Tenants(asker, built.plans.directory, clock), transport

    return make


async def test_resolve__id__is_the_tenant_unasked(tenants_over: TenantsOver, asking: Asking) -> None:
    """An organisation's id costs no question."""
    tenants, transport = tenants_over([])

    found = await tenants.resolve(ORG, asking)

    assert (found, transport.requests) == (replace(asking, tenant=ORG), [])


@pytest.mark.parametrize(
    ("named", "tenant"),
    [
        ("400222", ORG),
        ("slug_of_org", ORG),
        ("slug_of_team", TEAM),
        ("400333", TEAM),
        ("dana", None),
        ("1900300", None),
    ],
)
async def test_resolve__another_name__is_looked_up(
    tenants_over: TenantsOver, asking: Asking, named: str, tenant: str | None
) -> None:
    """Old numbers and name-like ids stand for organisations; the caller's own stand for none."""
    tenants, _ = tenants_over([DIRECTORY])

    found = await tenants.resolve(named, asking)

    assert found == replace(asking, tenant=tenant)


@pytest.mark.parametrize("named", ["nobody", "", "\uff11" * 19, "400223", "x" * 200])
async def test_resolve__unknown_name__is_refused(tenants_over: TenantsOver, asking: Asking, named: str) -> None:
    """What is not found is not asked for: the upstream would answer from another organisation."""
    tenants, transport = tenants_over([DIRECTORY, NOTHING_TOLD])

    with pytest.raises(PermissionDeniedError, match="is no organization of this token") as caught:
        await tenants.resolve(named, asking)

    assert len(caught.value.message) < 200
    assert transport.tenants == [None, OTHER]


async def test_resolve__again__remembers(tenants_over: TenantsOver, asking: Asking) -> None:
    """A credential's organisations are looked up once."""
    tenants, transport = tenants_over([DIRECTORY])
    await tenants.resolve("400222", asking)

    await tenants.resolve("slug_of_team", asking)

    assert len(transport.requests) == 1


async def test_resolve__another_credential__is_looked_up_anew(
    tenants_over: TenantsOver, asking: Asking, clock: Clock
) -> None:
    """A name means what it means to its own credential."""
    tenants, transport = tenants_over([DIRECTORY, NOTHING_TOLD])
    await tenants.resolve("400222", asking)

    with pytest.raises(PermissionDeniedError):
        await tenants.resolve("400222", asking_of("token-two", clock))

    assert transport.tokens == ["Bearer token-one", "Bearer token-two"]


async def test_resolve__an_hour_later__looks_again(tenants_over: TenantsOver, asking: Asking, clock: Clock) -> None:
    """A new team is found within the hour."""
    tenants, transport = tenants_over([DIRECTORY, DIRECTORY])
    await tenants.resolve("400222", asking)
    clock.now += HOUR

    await tenants.resolve("400222", replace(asking, deadline=clock.now + 7))

    assert len(transport.requests) == 2


async def test_resolve__told_in_part__is_not_remembered(tenants_over: TenantsOver, asking: Asking) -> None:
    """Organisations that could not be told just now are not refused for an hour."""
    body: Any = {"data": {"selector": {"items": []}, "organization": None, "user": None}}
    partial = Answer({**body, "errors": [{"message": "Exception occurred", "path": ["organization"]}]})
    tenants, _ = tenants_over([partial, DIRECTORY])
    with pytest.raises(PermissionDeniedError):
        await tenants.resolve("slug_of_org", asking)

    found = await tenants.resolve("slug_of_org", asking)

    assert found.tenant == ORG


async def test_resolve__directory_fails__is_the_upstreams_fault(tenants_over: TenantsOver, asking: Asking) -> None:
    """A look-up that fails is not taken for an unknown name."""
    tenants, _ = tenants_over([httpx.ConnectError("refused")])

    with pytest.raises(UpstreamError):
        await tenants.resolve("400222", asking)


async def test_resolve__mappings_without_a_directory__takes_the_name_as_it_is(
    ask_over: AskOver, asking: Asking, clock: Clock
) -> None:
    """A set of mappings of one's own may leave names to the upstream."""
    tenants = Tenants(ask_over([])[0], None, clock)

    found = await tenants.resolve("400222", asking)

    assert found.tenant == "400222"


@pytest.mark.parametrize("named", ["ä", "a\r\nX-Injected: 1", "a\x7f"])
async def test_resolve__name_that_no_header_takes__is_refused(
    ask_over: AskOver, asking: Asking, clock: Clock, named: str
) -> None:
    """A name goes into a header, so it must be one line of plain letters."""
    asker: Asker = ask_over([])[0]

    with pytest.raises(RequestError, match="not well-formed"):
        await Tenants(asker, None, clock).resolve(named, asking)


async def test_own__callers_number_refused__is_no_tenant(tenants_over: TenantsOver, asking: Asking) -> None:
    """The caller's own number looks like an organisation's until the upstream refuses it; then it is known."""
    tenants, _ = tenants_over([DIRECTORY])
    first = await tenants.resolve(OWN, asking)

    own = await tenants.own(first)
    again = await tenants.resolve(OWN, asking)

    assert (first.tenant, own, again.tenant) == (OWN, replace(asking, tenant=None), None)


@pytest.mark.parametrize("tenant", [ORG, "1104567890999999999"])
async def test_own__organisation_refused__stays_refused(tenants_over: TenantsOver, asking: Asking, tenant: str) -> None:
    """An organisation's number, known or not, is never replaced by none."""
    tenants, _ = tenants_over([DIRECTORY])

    own = await tenants.own(replace(asking, tenant=tenant))

    assert own is None


async def test_own__no_tenant__asks_nobody(tenants_over: TenantsOver, asking: Asking) -> None:
    """A refusal that has nothing to do with an organisation costs nothing."""
    tenants, transport = tenants_over([])

    own = await tenants.own(asking)

    assert (own, transport.requests) == (None, [])


async def test_own__directory_fails__leaves_the_refusal(tenants_over: TenantsOver, asking: Asking) -> None:
    """The first refusal stands when nobody can tell."""
    tenants, _ = tenants_over([httpx.ConnectError("refused")])

    own = await tenants.own(replace(asking, tenant=OWN))

    assert own is None


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"organizations": None, "teams": None, "current": None, "own": None},
        {"organizations": [{"id": None, "reference": "400222"}], "own": {"id": None, "nid": None}},
    ],
)
def test_directory_names__nothing_told__knows_nothing(found: dict[str, Any]) -> None:
    """Nulls of the upstream do not become names."""
    assert directory_names(found) == {}
