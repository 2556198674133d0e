"""What a legacy call becomes, without asking anybody: mapping, document, variables, headers, generated functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.compile.build import Built
from app.errors import RequestError
from app.plan import Page, Plan, Variant
from app.run.paging import write_first
from app.run.serve import ALIASES
from app.web.params import overridden_method, read_params, without_noise
from app.web.routes import Routes, split_path


@dataclass(frozen=True, slots=True)
class Explanation:
    """One call explained. `further` are questions that may be asked before or after, by name."""

    endpoint: str
    title: str
    file: str
    choice: str
    format: str
    document: str
    variables: dict[str, Any]
    headers: dict[str, str]
    warnings: tuple[str, ...]
    values: dict[str, Any]
    further: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    paging: str

    def as_json(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}


def explain(built: Built, method: str, target: str, body: bytes, content_type: str) -> Explanation:
    """Explain `METHOD /path?query` with a body. Raises RequestError as the call itself would."""
    path, _, query = target.encode().partition(b"?")
    segments, form = split_path(path)
    params = read_params(query, content_type, body)
    routes = Routes(built.plans.calls.values(), built.plans.known)
    found = routes.find(overridden_method(method.upper(), params), segments)
    plan, warnings = found.plan, list[str]()
    values = plan.bind(found.parts, without_noise(params), warnings.append)
    variant = next((one for one in plan.variants if one.holds(values)), None)
    if variant is None:
        raise RequestError(f"The request does not say what to do: {plan.otherwise or plan.unavailable}")
    repeated = variant.question.repeated
    if repeated and variant.question.kind == "query":
        # Further ones are asked in documents of their own.
        values = {**values, repeated: values[repeated][:ALIASES]}
    variables = variant.question.write(values, {})
    if variant.page is not None:
        write_first(variant.page, values, variables, variant.here)
    copies = len(values[variant.question.repeated]) if variant.question.repeated else 1
    return Explanation(
        endpoint=plan.id,
        title=plan.about.title,
        file=plan.about.file,
        choice=variant.name,
        format=form,
        document=variant.question.render(copies, frozenset(), with_caller=plan.asks_caller),
        variables=variables,
        headers=_headers(plan, values),
        warnings=tuple(warnings),
        values=values,
        further=tuple(document for document in plan.about.documents if document[0] in _further_names(plan)),
        sources=tuple(source for source in plan.about.sources if _belongs(source[0], variant)),
        paging=_paging(variant.page),
    )


def _headers(plan: Plan, values: dict[str, Any]) -> dict[str, str]:
    headers = {"Authorization": "Bearer <the caller's token>", "Content-Type": "application/json"}
    if plan.tenant is not None and plan.tenant in values:
        headers["X-Upwork-API-TenantId"] = f"<organisation of {values[plan.tenant]!r}>"
    return headers


def _paging(page: Page | None) -> str:
    if page is None:
        return ""
    return f"up to {page.most} rows a question, up to {page.reach} questions a call"


def _further_names(plan: Plan) -> set[str]:
    return {question.name for question in plan.questions}


def _belongs(name: str, variant: Variant) -> bool:
    kind, _, choice = name.partition(" ")
    return kind == "bind" or choice in {"", variant.name}


def _plain(value: Any) -> Any:
    return [list(item) if isinstance(item, tuple) else item for item in value] if isinstance(value, tuple) else value
