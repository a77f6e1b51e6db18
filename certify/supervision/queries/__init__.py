"""Reads about supervision: sessions, who came to them and who signed, hours of practice analysis."""

from certify.supervision.queries.attendees import Attendee, Mark, attendees_of, expected_ids
from certify.supervision.queries.flagging import notes_to_flag, standing_masks, was_flagged
from certify.supervision.queries.hours import Hours, attended_half_days, hours_of, trainees_with_hours
from certify.supervision.queries.sessions import (
    IN_ORDER,
    NOTES_READ,
    OwnLine,
    SessionLine,
    choosable,
    held_for,
    is_participant,
    lines_of,
    may_write,
    names_of,
    own_lines,
    own_sessions,
    was_read_today,
    with_supervisors,
)

__all__ = [
    "IN_ORDER",
    "NOTES_READ",
    "Attendee",
    "Hours",
    "Mark",
    "OwnLine",
    "SessionLine",
    "attended_half_days",
    "attendees_of",
    "choosable",
    "expected_ids",
    "held_for",
    "hours_of",
    "is_participant",
    "lines_of",
    "may_write",
    "names_of",
    "notes_to_flag",
    "own_lines",
    "own_sessions",
    "standing_masks",
    "trainees_with_hours",
    "was_flagged",
    "was_read_today",
    "with_supervisors",
]
