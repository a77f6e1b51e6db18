"""The steps of a jury session: forward one at a time, back one at a time with a reason, never erased.

Results made public are only taken back by a logged correction, which brings the session from published to closed.
"""

from enum import StrEnum


class Step(StrEnum):
    """Where a session stands, in order."""

    CREATED = "created"
    CONVENED = "convened"
    DELIBERATING = "deliberating"
    CLOSED = "closed"
    PUBLISHED = "published"


_PLACE = {step: place for place, step in enumerate(Step)}


def may_go(from_: str, to: str) -> bool:
    """Tell whether a session may go from one step to another: the next one, or the one before."""
    return abs(_PLACE[Step(to)] - _PLACE[Step(from_)]) == 1


def is_backwards(from_: str, to: str) -> bool:
    """Tell whether going from one step to another undoes something: a reason is written then."""
    return _PLACE[Step(to)] < _PLACE[Step(from_)]
