"""The organisation that a legacy path names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest
from msgspec import structs

from app.compile.build import Built
from app.errors import PermissionDeniedError, RequestError, UpstreamError
from app.plan import About, Plan, Values
from app.run.ask import HOUR, Asker
from app.run.tenants import MOST_COMPANIES, Tenants, directory_names, directory_people, other_companies
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

    assert (found, transport.requests) == (structs.replace(asking, tenant=ORG), [])


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

    assert found == structs.replace(asking, tenant=tenant)


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

    await tenants.resolve("400222", structs.replace(asking, deadline=clock.now + 7))

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

    assert (first.tenant, own, again.tenant) == (OWN, structs.replace(asking, tenant=None), None)


@pytest.mark.parametrize("tenant", [ORG, "1104567890999999999"])
async def test_own__organisation_refused__stays_refused(tenants_over: TenantsOver, asking: Asking, tenant: str) -> None:
    """An organisation's number, known or not, is never replaced by none."""
    tenants, _ = tenants_over([DIRECTORY])

    own = await tenants.own(structs.replace(asking, tenant=tenant))

    assert own is None


async def test_own__no_tenant__asks_nobody(tenants_over: TenantsOver, asking: Asking) -> None:
    """A refusal that has nothing to do with an organisation costs nothing."""
    tenants, transport = tenants_over([])

    own = await tenants.own(asking)

    assert (own, transport.requests) == (None, [])


async def test_own__directory_fails__leaves_the_refusal(tenants_over: TenantsOver, asking: Asking) -> None:
    """The first refusal stands when nobody can tell."""
    tenants, _ = tenants_over([httpx.ConnectError("refused")])

    own = await tenants.own(structs.replace(asking, tenant=OWN))

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


# --- the values of a call

#: a team and a user of the credential's other company
ELSEWHERE = data(
    selector={"items": []},
    organization={
        "id": OTHER,
        "rid": "400444",
        "legacyId": "slug_of_other",
        "childOrganizations": [{"id": "1104567890123450009", "rid": "400555", "legacyId": "slug_elsewhere"}],
        "staffs": {"edges": [{"node": {"user": {"id": "1456789012345678999", "rid": "1900999"}}}]},
    },
    user={"id": OWN, "nid": "dana", "rid": "1900300"},
)


def plan(tenant: str | None = None, people: tuple[str, ...] = (), **organizations: bool) -> Plan:
    """A call whose parameters name organisations, with or without their kind, and people."""
    return Plan(
        id="area/call",
        routes=(),
        bind=lambda parts, params, warn: {},
        variants=(),
        questions=(),
        tenant=tenant,
        server_time="none",
        asks_caller=False,
        reads_caller=False,
        leaves="json",
        otherwise="",
        unavailable="",
        about=About("", "", ()),
        organizations=tuple(organizations.items()),
        people=people,
    )


@pytest.mark.parametrize(
    ("named", "values", "tenant"),
    [
        ("400222", {"org": ORG, "org.kind": "company"}, ORG),
        ("slug_of_team", {"org": TEAM, "org.kind": "team"}, ORG),
        ("dana", {"org": ORG, "org.kind": "company"}, None),
    ],
)
async def test_locate__organization_by_another_name__becomes_its_id(
    tenants_over: TenantsOver, asking: Asking, named: str, values: Values, tenant: str | None
) -> None:
    """The value is what the upstream's arguments want; the header names the company, also above a team."""
    tenants, _ = tenants_over([DIRECTORY])
    given: Values = {"org": named, "else": "stays"}

    found = await tenants.locate(plan("org", org=False), given, asking)

    assert given == values | {"else": "stays"}
    assert found == structs.replace(asking, tenant=tenant)


async def test_locate__organization_beside_the_tenant__leaves_the_header_alone(
    tenants_over: TenantsOver, asking: Asking
) -> None:
    """Only the parameter that names the tenant decides whose data is answered."""
    tenants, _ = tenants_over([DIRECTORY])
    given: Values = {"company": "400222", "team": "slug_of_team"}

    found = await tenants.locate(plan("company", company=False, team=False), given, asking)

    assert given == {"company": ORG, "company.kind": "company", "team": TEAM, "team.kind": "team"}
    assert found.tenant == ORG


@pytest.mark.parametrize(("surely", "kind", "questions"), [(False, "company", 0), (True, "team", 1)])
async def test_locate__id__is_looked_up_only_for_its_kind(
    tenants_over: TenantsOver, asking: Asking, surely: bool, kind: str, questions: int
) -> None:
    """An id costs a question where the way of the call depends on what it names."""
    tenants, transport = tenants_over([DIRECTORY])
    given: Values = {"org": TEAM}

    await tenants.locate(plan("org", org=surely), given, asking)

    assert (given, len(transport.requests)) == ({"org": TEAM, "org.kind": kind}, questions)


async def test_locate__id_that_no_company_knows__stands_for_itself(tenants_over: TenantsOver, asking: Asking) -> None:
    """Whether an id may be used is the upstream's to say."""
    tenants, _ = tenants_over([DIRECTORY, NOTHING_TOLD])
    given: Values = {"org": "1104567890999999999"}

    found = await tenants.locate(plan("org", org=True), given, asking)

    assert given == {"org": "1104567890999999999", "org.kind": "company"}
    assert found.tenant == "1104567890999999999"


async def test_locate__nothing_named__asks_nobody(tenants_over: TenantsOver, asking: Asking) -> None:
    """Parameters that the caller left out stay out."""
    tenants, transport = tenants_over([])
    given: Values = {"other": "x"}

    found = await tenants.locate(plan("org", ("user",), org=True), given, asking)

    assert (given, found, transport.requests) == ({"other": "x"}, asking, [])


async def test_locate__unknown_organization__is_refused(tenants_over: TenantsOver, asking: Asking) -> None:
    """A name that nothing has is never sent upstream as an id."""
    tenants, _ = tenants_over([DIRECTORY, NOTHING_TOLD])

    with pytest.raises(PermissionDeniedError, match="'nobody' is no organization of this token"):
        await tenants.locate(plan(None, org=False), {"org": "nobody"}, asking)


@pytest.mark.parametrize(
    ("named", "meant", "questions"),
    [
        ("1900300", OWN, 1),
        ("1900999", "1456789012345678999", 2),
        ("77", "77", 2),
        ("1456789012345678999", "1456789012345678999", 0),
        ("dana", "dana", 0),
    ],
)
async def test_locate__person__becomes_the_id_where_that_is_known(
    tenants_over: TenantsOver, asking: Asking, named: str, meant: str, questions: int
) -> None:
    """Old short numbers are those of the caller and of colleagues; every other name is the upstream's to judge."""
    tenants, transport = tenants_over([DIRECTORY, ELSEWHERE])
    given: Values = {"user": named}

    found = await tenants.locate(plan(None, ("user",)), given, asking)

    assert (given, found) == ({"user": meant}, asking)
    assert len(transport.requests) == questions


# --- further companies


@pytest.mark.parametrize(("named", "tenant"), [("slug_elsewhere", "1104567890123450009"), ("slug_of_other", OTHER)])
async def test_resolve__name_of_another_company__is_asked_of_that_company(
    tenants_over: TenantsOver, asking: Asking, named: str, tenant: str
) -> None:
    """The upstream shows one company at a time: the others are asked when the first does not know the name."""
    tenants, transport = tenants_over([DIRECTORY, ELSEWHERE])

    found = await tenants.resolve(named, asking)

    assert (found.tenant, transport.tenants) == (tenant, [None, OTHER])


async def test_resolve__other_companies_asked__remembers_them_beside_the_first(
    tenants_over: TenantsOver, asking: Asking
) -> None:
    """What two companies told is known for an hour, and neither is asked again."""
    tenants, transport = tenants_over([DIRECTORY, ELSEWHERE])
    await tenants.resolve("slug_elsewhere", asking)

    again = [(await tenants.resolve(named, asking)).tenant for named in ("400555", "400333", "dana")]

    assert (again, len(transport.requests)) == (["1104567890123450009", TEAM, None], 2)


async def test_resolve__unknown_name_again__asks_nobody_again(tenants_over: TenantsOver, asking: Asking) -> None:
    """A name that no company knows costs its questions once."""
    tenants, transport = tenants_over([DIRECTORY, ELSEWHERE])

    for _ in range(2):
        with pytest.raises(PermissionDeniedError):
            await tenants.resolve("nobody", asking)

    assert len(transport.requests) == 2


async def test_resolve__company_that_refuses__is_passed_by(tenants_over: TenantsOver, asking: Asking) -> None:
    """A company that shows the credential nothing does not hide what the next one has."""
    third = "1104567890123456700"
    items = [{"organizationId": one} for one in (ORG, third, OTHER)]
    first = data(selector={"items": items}, organization={"id": ORG}, user={"id": OWN})
    refusal = Answer({"errors": [{"message": "Access is denied"}]})
    tenants, transport = tenants_over([first, refusal, ELSEWHERE])

    found = await tenants.resolve("slug_elsewhere", asking)

    assert found.tenant == "1104567890123450009"
    assert transport.tenants == [None, third, OTHER]


async def test_resolve__company_cannot_be_asked__is_the_upstreams_fault(
    tenants_over: TenantsOver, asking: Asking
) -> None:
    """A name is not refused because a company could not be asked."""
    tenants, _ = tenants_over([DIRECTORY, httpx.ConnectError("refused")])

    with pytest.raises(UpstreamError):
        await tenants.resolve("nobody", asking)


async def test_resolve__company_told_in_part__is_not_remembered(tenants_over: TenantsOver, asking: Asking) -> None:
    """What was told with gaps answers this request and is asked anew for the next."""
    gap = {"message": "Exception occurred", "path": ["organization", "childOrganizations"]}
    partial = Answer({**ELSEWHERE.body, "errors": [gap]})
    tenants, transport = tenants_over([DIRECTORY, partial, DIRECTORY, ELSEWHERE])
    await tenants.resolve("slug_elsewhere", asking)

    await tenants.resolve("slug_elsewhere", asking)

    assert len(transport.requests) == 4


async def test_resolve__many_companies__asks_so_many_at_most(tenants_over: TenantsOver, asking: Asking) -> None:
    """A name that nobody knows must not cost a question for each of a hundred companies."""
    items = [{"organizationId": f"11045678901234{n:05}"} for n in range(40)]
    first = data(selector={"items": items}, organization={"id": ORG}, user={"id": OWN})
    tenants, transport = tenants_over([first, *[NOTHING_TOLD] * MOST_COMPANIES])

    with pytest.raises(PermissionDeniedError):
        await tenants.resolve("nobody", asking)

    assert len(transport.requests) == 1 + MOST_COMPANIES


def test_other_companies__the_one_that_was_asked__is_left_out() -> None:
    """Companies without an id cannot be asked."""
    found = {"current": {"id": "1"}, "organizations": [{"id": "1"}, {"id": "2"}, {"id": ""}, {"id": None}]}

    assert other_companies(found) == ("2",)
    assert other_companies({}) == other_companies({"organizations": None, "current": None}) == ()


def test_directory_people__without_a_number__are_not_known() -> None:
    """A colleague is known by the old short number alone."""
    found = {
        "people": [{"reference": "19", "id": "u1"}, {"reference": "", "id": "u2"}, {"reference": None, "id": "u3"}]
    }

    assert directory_people(found) == {"19": "u1"}
    assert directory_people({}) == directory_people({"people": None}) == {}
