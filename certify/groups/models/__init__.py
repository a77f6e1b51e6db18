"""Tables of groups: who is in them and when, their meetings, and what was computed of their fidelity."""

from certify.groups.models.meetings import (
    Attendance,
    CalendarFeed,
    Closure,
    Meeting,
    MeetingState,
    Presence,
    Rhythm,
    Series,
)
from certify.groups.models.people import (
    ClosingReason,
    Facilitator,
    GroupFidelity,
    LeavingReason,
    Participant,
    PeerGroup,
    Stay,
    WaitingFamily,
    WaitingOutcome,
)

__all__ = [
    "Attendance",
    "CalendarFeed",
    "ClosingReason",
    "Closure",
    "Facilitator",
    "GroupFidelity",
    "LeavingReason",
    "Meeting",
    "MeetingState",
    "Participant",
    "PeerGroup",
    "Presence",
    "Rhythm",
    "Series",
    "Stay",
    "WaitingFamily",
    "WaitingOutcome",
]
