"""The rows of metadata: categories, topics, skills, regions and reasons."""

from __future__ import annotations

from tests.conformance.calls import Call, Other

FIRST, SECOND, THIRD = (f"{place} element of array" for place in ("first", "second", "third"))
PLACES = {FIRST: "reasons.#0", SECOND: "reasons.#1", THIRD: "reasons.#2"}
ENDED = ("CONTRACT_END_HOURLY", "CONTRACT_END_FIXED")


def reasons_call(old: str, new: str) -> Call:
    """Reasons of one kind, under the old name of the kind and the upstream's."""
    return Call(
        "metadata/list_reasons",
        f"GET /api/profiles/v1/metadata/reasons.json?type={old}",
        choice="one",
        printed=("query.", ""),
        moved=PLACES,
        told=(new,),
    )


CALLS = [
    Call(
        "metadata/list_categories",
        "GET /api/profiles/v2/metadata/categories.json",
        printed=("query.", ""),
        at="categories",
    ),
    Call(
        "metadata/list_specialties",
        "GET /api/profiles/v1/metadata/specialties.json",
        choice="all",
        printed=("query.", ""),
        at="specialties",
        is_joined=True,
    ),
    Call(
        "metadata/list_skills",
        "GET /api/profiles/v2/metadata/skills.json",
        printed=("query.", ""),
        moved={"no specific field, a part of array": "skills"},
        others={
            "no specific field, a part of array": Other(
                ("ontologySkills.preferredLabel",), "the root of the printed name is gone; this one has its skills"
            )
        },
    ),
    Call("metadata/list_regions", "GET /api/profiles/v1/metadata/regions.json", printed=("query.", ""), at="regions"),
    reasons_call("CloseOpening", "JOB_POSTING_CLOSE"),
    reasons_call("RejectCandidate", "PROPOSAL_REJECT"),
    reasons_call("RejectInterviewInvite", "PROPOSAL_DECLINE"),
    reasons_call("CancelCandidacy", "PROPOSAL_WITHDRAW"),
    reasons_call("EndProviderContract", "END_PROVIDER_CONTRACT"),
    reasons_call("EndCustomerContract", "END_CUSTOMER_CONTRACT"),
    reasons_call("EmployerEndsNoStartContract", "CONTRACT_FEEDBACK_NOT_STARTED_CLIENT"),
    Call(
        "metadata/list_reasons",
        "GET /api/profiles/v1/metadata/reasons.json?type=EndAssignment",
        choice="both",
        printed=("query.", ""),
        moved=PLACES,
        told=ENDED,
        is_joined=True,
    ),
]
