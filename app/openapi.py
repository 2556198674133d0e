"""OpenAPI 3.1 of the legacy API, made from the plans: what is served is what is described.

Only the form is told: which parameters there are and what they may hold; what an answer has in it is in the contract.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from app.plan import AboutParam, Plan, Plans, RoutePattern

BODIES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
WRITES = frozenset({"POST", "PUT"})
#: what any call may be answered with beside a success, and why
FAILURES = {
    400: "a parameter is missing, wrong, or cannot be served",
    401: "no credential, or one that is not taken",
    403: "the credential may not do this",
    404: "there is no such path or object",
    405: "the path takes other methods",
    408: "the request did not come whole in time",
    409: "an equal write under the same Idempotency-Key is being carried out",
    413: "the body is too large",
    414: "path and query are too long",
    415: "the body is compressed",
    422: "the Idempotency-Key was used for another request",
    429: "too many requests",
    431: "the headers are too large",
    500: "a fault of the proxy",
    501: "the upstream has nothing that could answer this",
    502: "the upstream failed, or a write's outcome is not known",
    503: "the upstream is out of service, or the proxy",
    504: "the upstream did not answer in time",
}
#: those that a read is never answered with
OF_WRITES = frozenset({409, 422})
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    "description": "Under one key a request is carried out once; the same request again is answered as the first was",
}


def openapi(plans: Plans) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for plan in plans.calls.values():
        for number, route in enumerate(plan.routes):
            path = "/" + "/".join(route.segments) + ".json"
            paths.setdefault(path, {})[route.method.lower()] = _operation(plan, route, number)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The legacy REST API, as Heirloom answers it",
            "version": version("heirloom"),
            "description": "Every path answers without `.json` too, and with `.xml`. PUT and DELETE may come as POST "
            "with `http_method=put` or `delete` in the body.",
        },
        "paths": dict(sorted(paths.items())),
        "security": [{"bearer": []}],
        "components": _components(),
    }


def _operation(plan: Plan, route: RoutePattern, number: int) -> dict[str, Any]:
    parts = [segment[1:-1] for segment in route.segments if segment.startswith("{")]
    about = {param.name: param for param in plan.about.params if param.is_part}
    params = [param for param in plan.about.params if not param.is_part]
    is_write = route.method in WRITES
    listed = [_parameter(about.get(name) or AboutParam(name, (name,), is_part=True), "path") for name in parts]
    listed += [IDEMPOTENCY_KEY] if plan.writes else []
    listed += [] if is_write else [_parameter(param, "query") for param in params if not param.holder]
    found: dict[str, Any] = {
        "operationId": plan.id.replace("/", "_") + (f"_{number + 1}" if number else ""),
        "summary": plan.about.title,
        "tags": [plan.area],
        "parameters": listed,
        "responses": _responses(plan),
    }
    if plan.unavailable:
        found["deprecated"] = True
        found["description"] = f"Not available: {plan.unavailable}"
    if is_write and params:
        schema = _body(params)
        required = any(param.is_required for param in params)
        found["requestBody"] = {"required": required, "content": {kind: {"schema": schema} for kind in BODIES}}
    return found


def _parameter(param: AboutParam, place: str) -> dict[str, Any]:
    found: dict[str, Any] = {"name": param.name, "in": place, "schema": _schema(param)}
    if place == "path" or param.is_required:
        found["required"] = True
    words = _words(param)
    return found | ({"description": words} if words else {})


def _words(param: AboutParam) -> str:
    other = ", ".join(name for name in param.names if name != param.name)
    effect = {"used": "", "jsonp": ""}.get(param.policy, f"{param.policy.capitalize()}: {param.why}")
    return ". ".join(part for part in (effect, f"Also called {other}" if other else "") if part)


def _schema(param: AboutParam) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if param.is_part:
        schema |= {"minLength": 1, "pattern": r"^[^/\\\x00-\x1f\x7f]+$"}
    if param.values:
        schema["enum"] = list(param.values)
    if isinstance(param.default, str | int) and not isinstance(param.default, bool):
        schema["default"] = str(param.default)
    return schema


def _body(params: tuple[AboutParam, ...] | list[AboutParam]) -> dict[str, Any]:
    """Flat parameters; those that another one may hold are listed too, for they may come bare."""
    properties: dict[str, Any] = {}
    for param in params:
        words = _words(param)
        properties[param.name] = _schema(param) | ({"description": words} if words else {})
        if param.holder:
            properties.setdefault(param.holder, {"description": "A JSON object, or its text"})
    needed = [param.name for param in params if param.is_required and not param.holder]
    return {"type": "object", "properties": properties, **({"required": needed} if needed else {})}


def _responses(plan: Plan) -> dict[str, Any]:
    answered = {"200": {"$ref": "#/components/responses/Success"}} if not plan.unavailable else {}
    if plan.jsonp:
        answered["200"] = {"$ref": "#/components/responses/SuccessOrScript"}
    failures = [status for status in FAILURES if plan.writes or status not in OF_WRITES]
    return answered | {str(status): {"$ref": f"#/components/responses/Failure{status}"} for status in failures}


def _components() -> dict[str, Any]:
    success = {"application/json": {"schema": {"type": "object"}}}
    script = {"application/javascript": {"schema": {"type": "string"}}}
    failure = {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}
    headers = {
        "X-Upwork-Error-Code": {"required": True, "schema": {"type": "string"}},
        "X-Upwork-Error-Message": {"required": True, "schema": {"type": "string"}},
    }
    answers: dict[str, Any] = {
        "Success": {"description": "the answer, a JSON object", "content": success},
        "SuccessOrScript": {
            "description": "the answer, or a script that calls a function",
            "content": success | script,
        },
    }
    answers |= {
        f"Failure{status}": {"description": why, "headers": headers, "content": failure}
        for status, why in FAILURES.items()
    }
    schemes = {"bearer": {"type": "http", "scheme": "bearer"}}
    return {"securitySchemes": schemes, "responses": answers, "schemas": _FAILURE}


_FAILURE: dict[str, Any] = {
    "Failure": {
        "type": "object",
        "required": ["server_time", "error"],
        "properties": {
            "server_time": {"type": "integer"},
            "error": {
                "type": "object",
                "required": ["status", "code", "message"],
                "properties": {
                    "status": {"type": "integer"},
                    "code": {"type": "integer"},
                    "message": {"type": "string"},
                },
            },
        },
    }
}
