"""What an answer cannot do without: nothing there is an error, the upstream's own where it told one."""

from __future__ import annotations

from app.emitted import dig, is_nothing
from app.errors import NotFoundError, PermissionDeniedError, ProxyError, RequestError
from app.plan import Needs, Question
from app.run.ask import Told
from app.run.faults import Fault, translate

ERRORS: dict[int, type[ProxyError]] = {400: RequestError, 403: PermissionDeniedError, 404: NotFoundError}


def check_needs(needs: Needs | None, question: Question, told: Told) -> None:
    """Raise the legacy error where nothing is at the path; a fault that the upstream told about it decides which.

    A list of nulls alone has nothing in it either.
    """
    found = dig(told.start, *needs.at) if needs is not None else None
    is_empty = is_nothing(found) or (isinstance(found, list) and all(one is None for one in found))
    if needs is None or not is_empty:
        return
    root = (question.roots[0][0],) if question.is_rooted else ()
    faults = tuple(fault for fault in told.faults if _meets(fault, (*root, *needs.at)))
    is_write = question.kind == "mutation"
    if faults or (is_write and found is None):
        # A null does not say that nothing was done, as a false does.
        raise translate(faults, is_write=is_write)
    raise ERRORS[needs.status](needs.message)


def _meets(fault: Fault, path: tuple[str, ...]) -> bool:
    """Whether a fault stands on the path, above its end or below it; positions in lists are passed by."""
    steps = [step for step in fault.path if isinstance(step, str)]
    return all(left == right for left, right in zip(steps, path, strict=False))
