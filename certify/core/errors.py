"""What can be refused, each with a message a person can read; `core.web` alone knows status codes."""

from dataclasses import dataclass, field
from typing import Any


class Refusal(Exception):
    """Something a person asked for and may not have, with the reason in their words."""

    def __init__(self, message: Any, **values: Any) -> None:
        super().__init__(str(message))
        self.message = message
        """Text or lazy text shown to the person."""
        self.values = values


class NotFound(Refusal):
    """The object does not exist, or not for this person: both answer alike."""

    def __init__(self, message: Any = "Cette page n’existe pas ou ne vous est pas ouverte.") -> None:
        super().__init__(message)


class Forbidden(Refusal):
    """The person is known and may not do this."""


class Invalid(Refusal):
    """What was given cannot be accepted; `field` names where."""

    def __init__(self, message: Any, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class TooLarge(Invalid):
    """What was given is heavier than what can be kept."""


class Conflict(Refusal):
    """Somebody else changed the same thing, or the thing is no longer in the state this needs."""


class VisitEnded(Refusal):
    """The visit from a learning platform is over: its own link in the course opens another."""


class Unavailable(Refusal):
    """Something outside (store, mail server, LMS) does not answer; trying later helps."""


@dataclass(frozen=True)
class RowFault:
    """One fault of an imported file, for a person to correct."""

    line: int
    column: str
    message: Any
    value: str = field(default="")
