"""What an answer cannot do without: nothing there is an error, the upstream's own where it told one."""

from __future__ import annotations

from app.emitted import dig, is_nothing
from app.errors import NotFoundError, PermissionDeniedError, ProxyError, RequestError
from app.plan import Needs, Question
from app.run.ask import Told
from app.run.faults import Errors, Fault, missing_scope, translate

ERRORS: dict[int, type[ProxyError]] = {400: RequestError, 403: PermissionDeniedError, 404: NotFoundError}


def check_needs(needs: Needs | None, question: Question, told: Told, errors: Errors) -> None:
    """Raise the legacy error where nothing is at the path; a fault that the upstream told about it decides which.

    A list of nulls alone has nothing in it either. Of a repeated question every answer needs it: in calls with several
    keys one forbidden item fails the whole call.
    """
    if needs is None:
        return
    if question.is_several:
        _check_each(needs, question, told, errors)
        return
    found = dig(told.start, *needs.at)
    if not is_nothing(found) and not (isinstance(found, list) and all(one is None for one in found)):
        return
    root = (question.roots[0][0],) if question.is_rooted else ()
    faults = tuple(fault for fault in told.faults if _meets(fault, (*root, *needs.at)))
    is_write = question.kind == "mutation"
    if needs.fields & told.withheld and not is_write:
        raise missing_scope(errors, needs.fields & told.withheld)
    if faults or (is_write and found is None):
        # A null does not say that nothing was done, as a false does.
        raise translate(errors, faults, question.roots, is_write=is_write)
    raise ERRORS[needs.status](needs.message)


def _check_each(needs: Needs, question: Question, told: Told, errors: Errors) -> None:
    """As `check_needs`, where the path leads from the list of answers to one of their roots."""
    everything, alias, *below = needs.at
    if not any(is_nothing(dig(answer, alias, *below)) for answer in told.start[everything]):
        return
    if any(key == alias and coordinate in told.withheld for key, coordinate in question.roots):
        raise missing_scope(errors, (coordinate for key, coordinate in question.roots if key == alias))
    # The alias of a copy's root ends with the root's own.
    faults = tuple(fault for fault in told.faults if str((*fault.path, "")[0]).partition("_")[2] == alias)
    is_write = question.kind == "mutation"
    if faults:
        raise translate(errors, faults, question.roots, is_write=is_write)
    raise ERRORS[needs.status](needs.message)


def _meets(fault: Fault, path: tuple[str, ...]) -> bool:
    """Whether a fault stands on the path, above its end or below it; positions in lists are passed by."""
    steps = [step for step in fault.path if isinstance(step, str)]
    return all(left == right for left, right in zip(steps, path, strict=False))
