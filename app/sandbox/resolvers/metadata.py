"""Lists that hardly change: countries, regions, languages, time zones, reasons, categories and skills."""

from typing import Any

from app.sandbox.records.profiles import Skill
from app.sandbox.refusals import WrongInput
from app.sandbox.resolvers.fields import Call, FieldTable
from app.sandbox.seeding.vocabulary import categories
from app.sandbox.seeding.words import COUNTRIES, LANGUAGES, PLACES, REGIONS

metadata = FieldTable()

EUROPEAN_UNION = frozenset({"PL", "DE", "ES", "FR", "NL"})
REASONS = {
    "PROPOSAL_DECLINE": "Rate too high:rate_too_high;Not the right skills:wrong_skills",
    "PROPOSAL_WITHDRAW": "Applied by mistake:applied_by_mistake;Scheduling conflict:scheduling_conflict",
    "CONTRACT_END_HOURLY": "Job completed successfully:completed;Client not responsive:client_not_responsive",
    "CONTRACT_END_FIXED": "Job completed successfully:completed;Job cancelled:cancelled",
    "JOB_POSTING_CLOSE": "All positions filled:positions_filled;Accidental opening creation:accidental_opening",
    "OFFER_DECLINE": "Not interested:not_interested;Too busy:too_busy",
}
OTHER_REASONS = "No reason given:no_reason;Other:other"
_SKILL_FLAGS = (
    "allowMultipleClient allowMultipleFreelancer allowOther advancedClient client freelancer requiredClient "
    "requiredFreelancer"
)


def _grow_regions() -> dict[str, dict[str, Any]]:
    regions: dict[str, dict[str, Any]] = {}
    for parent, children in REGIONS.items():
        regions[parent] = {"id": str(len(regions) + 1), "name": parent, "parentRegion": None}
        for child in filter(None, children.split(";")):
            regions[child] = {"id": str(len(regions) + 1), "name": child, "parentRegion": regions[parent]}
    return regions


_REGIONS = _grow_regions()

metadata.reads(
    "Query",
    countries=lambda *_: [country(two) for two, *_rest in COUNTRIES],
    languages=lambda *_: [language(code) for code, _name in LANGUAGES],
    regions=lambda *_: list(_REGIONS.values()),
    timeZones=lambda *_: [
        {"timeZoneName": zone, "timeZoneDescription": label}
        for zone, label in sorted({(place.time_zone, place.time_zone_label) for place in PLACES})
    ],
    ontologyCategories=lambda _, call: categories(call.world),
)
metadata.reads(
    "OntologyCategory OntologySubcategory OntologyService",
    preferredLabel=lambda concept, _: concept.label,
    altLabel=lambda *_: [],
    ontologyId=lambda concept, _: f"upworkOccupation:{concept.slug}",
)
metadata.reads(
    "OntologyCategory",
    subcategories=lambda concept, call: [call.world.concepts[child] for child in concept.child_ids],
    services=lambda concept, call: [
        call.world.concepts[service] for child in concept.child_ids for service in call.world.concepts[child].child_ids
    ],
)
metadata.reads(
    "OntologySubcategory", services=lambda concept, call: [call.world.concepts[child] for child in concept.child_ids]
)
metadata.reads(
    "JobCategory Occupation",
    ontologyId=lambda concept, _: f"upworkOccupation:{concept.slug}",
    type=lambda *_: ["OCCUPATION"],
    entityStatus=lambda *_: "ACTIVE",
    preferredLabel=lambda concept, _: concept.label,
)
metadata.reads(
    "Skill",
    ontologyId=lambda skill, _: f"upworkSkill:{skill.slug}",
    type=lambda *_: ["SKILL"],
    entityStatus=lambda *_: "ACTIVE",
    preferredLabel=lambda skill, _: skill.label,
    prettyName=lambda skill, _: skill.label,
    legacySkillNid=lambda skill, _: skill.slug,
    legacySkillId=lambda skill, _: skill.legacy_id,
    altLabel=lambda *_: [],
)
metadata.reads("Skill", **{flag: lambda *_: False for flag in _SKILL_FLAGS.split()})


@metadata.field("Query", "ontologySkills")
def ontology_skills(_: None, call: Call, limit: int, offset: int | None = None) -> list[Skill]:
    """A stretch of the skills, in the order of their labels."""
    if limit < 0 or (offset or 0) < 0:
        raise WrongInput("limit")
    ordered = sorted(call.world.skills.values(), key=lambda skill: skill.label.lower())
    return ordered[offset or 0 : (offset or 0) + limit]


@metadata.field("Query", "reasons")
def reasons(_: None, __: Call, reason_type: str, all_: bool | None = None) -> list[dict[str, str]]:
    """The reasons of a type; a type without its own has two general ones."""
    texts = REASONS.get(reason_type, OTHER_REASONS).split(";")
    start = 40 + 10 * (list(REASONS).index(reason_type) if reason_type in REASONS else 9)
    pairs = [text.split(":") for text in texts]
    return [
        {"id": str(start + number), "reason": reason, "alias": alias} for number, (reason, alias) in enumerate(pairs)
    ]


def country(code: str) -> dict[str, Any]:
    """Give a Country by its two letters."""
    two, three, name, phone, region = next(row for row in COUNTRIES if row[0] == code)
    return {
        "id": str(840 + [row[0] for row in COUNTRIES].index(two)),
        "name": name,
        "twoLetterAbbreviation": two,
        "threeLetterAbbreviation": three,
        "region": "EU" if two in EUROPEAN_UNION else "OTHER",
        "phoneCode": phone,
        "relatedRegion": _REGIONS[region]["parentRegion"],
        "relatedSubRegion": _REGIONS[region],
        "active": True,
        "registrationAllowed": True,
    }


def language(code: str) -> dict[str, Any]:
    """Give a Language by its two letters."""
    return {"iso639Code": code, "active": True, "englishName": dict(LANGUAGES)[code]}
