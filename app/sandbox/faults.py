"""Faults on demand: what goes wrong with the next requests, and how often.

`scope_error`, `429`, `500`, `502`, `503`, `html` and `expired_token` answer instead of executing. `partial` and
`null_root` execute and let fields fail. `slow`, `cut` and `garbage` execute whole, mutations included, and spoil the
answer.

The faults of the token endpoint begin with `token_`: `token_500`, `token_503`, `token_429` and `token_invalid_grant`
answer instead of it; `token_slow` and `token_cut` exchange whole and spoil the answer: a rotated refresh token is lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLNonNull, GraphQLResolveInfo, get_named_type, is_leaf_type

from app.sandbox.refusals import Failed

KINDS = frozenset(
    {
        "scope_error",
        "partial",
        "null_root",
        "429",
        "500",
        "502",
        "503",
        "html",
        "slow",
        "cut",
        "garbage",
        "expired_token",
    }
)

TOKEN_KINDS = frozenset({"token_500", "token_503", "token_429", "token_invalid_grant", "token_slow", "token_cut"})


@dataclass(slots=True)
class Fault:
    """One fault and how often it still strikes.

    `match` is a part of the query, or of the grant type, that it waits for. `seconds` is for `slow`; `status` (200 or
    403) for `html`; `fields` are the `Type.field`s that `scope_error` refuses or `partial` fails. `executed` lets a 5xx
    carry the request out first.
    """

    kind: str
    times: int = 1
    match: str = ""
    seconds: float = 1.0
    status: int = 200
    fields: tuple[str, ...] = ()
    executed: bool = False


class Faults:
    """The faults that wait for requests, the oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let a fault wait."""
        self._waiting.append(fault)

    def strike(self, query: str) -> Fault | None:
        """Give the fault for a query, if one waits for it, and count it off."""
        return self._strike(query, KINDS)

    def strike_token(self, grant_type: str) -> Fault | None:
        """Give the fault for a token request, as `strike` for a query."""
        return self._strike(grant_type, TOKEN_KINDS)

    def _strike(self, text: str, kinds: frozenset[str]) -> Fault | None:
        for fault in self._waiting:
            if fault.kind in kinds and fault.match in text:
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Take all faults away."""
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)


def failing_hook(fault: Fault | None) -> Callable[..., Any] | None:
    """Give the middleware that lets fields fail for `partial` and `null_root`; None for all other faults.

    `partial` fails the fields named, or the first nullable leaf; `null_root` fails every root field.
    """
    if fault is None or fault.kind not in {"partial", "null_root"}:
        return None
    struck: list[str] = []

    def resolve(following: Callable[..., Any], source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        is_root = info.path.prev is None
        if fault.kind == "null_root":
            fails = is_root
        elif fault.fields:
            fails = f"{info.parent_type.name}.{info.field_name}" in fault.fields
        else:
            fails = not is_root and not struck and _is_nullable_leaf(info)
        if fails:
            struck.append(info.field_name)
            raise Failed
        return following(source, info, **arguments)

    return resolve


def _is_nullable_leaf(info: GraphQLResolveInfo[Any]) -> bool:
    return not isinstance(info.return_type, GraphQLNonNull) and is_leaf_type(get_named_type(info.return_type))
