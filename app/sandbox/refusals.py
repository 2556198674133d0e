"""The ways a resolver says no, each with the text and classification its error carries.

How the real upstream words most of these is not recorded; one plausible form is kept throughout. Every such error comes
with HTTP 200, `locations` and `path`, and nulls its field (or, if that is non-null, the nearest nullable parent):

- `NotFound`: "Room with id 'x' was not found", classification `NOT_FOUND`;
- `Forbidden`: "Authorization failed", classification `FORBIDDEN`;
- `WrongInput`: "VJCA-6: Input parameter provided has incorrect value: what", classification `DataFetchingException`;
- `Refused`: a sentence, such as "Room is read only", classification `BAD_REQUEST`: the state of things forbids it;
- `Failed`: "Exception occurred", classification `DataFetchingException`: the resolver broke, as the real one's do.
"""

from typing import ClassVar


class Refusal(Exception):
    """A resolver's refusal; `classification` is what the error's extensions will say."""

    classification: ClassVar[str] = "DataFetchingException"


class NotFound(Refusal):
    """No such object, or none that the caller may know of."""

    classification = "NOT_FOUND"

    def __init__(self, kind: str, sought: str) -> None:
        super().__init__(f"{kind} with id '{sought}' was not found")


class Forbidden(Refusal):
    """The object exists, but is not the caller's."""

    classification = "FORBIDDEN"

    def __init__(self) -> None:
        super().__init__("Authorization failed")


class WrongInput(Refusal):
    """An argument has the right type and a value that cannot be used."""

    def __init__(self, what: str) -> None:
        super().__init__(f"VJCA-6: Input parameter provided has incorrect value: {what}")


class Refused(Refusal):
    """The request is sound, but the state of the object does not allow it."""

    classification = "BAD_REQUEST"


class Failed(Refusal):
    """The upstream's own failure, as it shows when pagination lacks its `after`."""

    def __init__(self) -> None:
        super().__init__("Exception occurred")
