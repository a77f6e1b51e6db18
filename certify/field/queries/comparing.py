"""The two versions of a conflict, as one reads them."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from certify.field.policies import Merged, Said, Sheet, raw_content
from certify.groups.models import Meeting
from certify.groups.queries import meetings as gatherings
from certify.logbook.models import LogbookEntry
from certify.logbook.queries import content_of
from certify.logbook.queries.forms import form_of


def sheet_of(meeting: Meeting, marks: Mapping[uuid.UUID, gatherings.Mark]) -> Sheet:
    """Return what some marks say of a meeting."""
    said = {one: Said(mark.presence, mark.second_parent) for one, mark in marks.items()}
    return Sheet(said, meeting.facilitator_present)


def sheet_in_force(session: Session, meeting: Meeting) -> Sheet:
    """Return what is noted about a meeting now."""
    return sheet_of(meeting, gatherings.attendance_of(session, [meeting.id])[meeting.id])


def entry_document(session: Session, entry: LogbookEntry) -> dict[str, Any]:
    """Return the saved version of an entry, as the other side of a conflict."""
    return {
        "revision": entry.revision,
        "saved_at": entry.saved_at.isoformat(timespec="seconds"),
        "fields": raw_content(content_of(session, entry), form_of(session, entry)),
    }


def sheet_document(session: Session, meeting: Meeting, merged: Merged) -> dict[str, Any]:
    """Return the noted version of a meeting, and about whom somebody has to choose."""
    return {
        "revision": meeting.revision,
        "saved_at": meeting.saved_at.isoformat(timespec="seconds"),
        **sheet_in_force(session, meeting).to_document(),
        "clashes": sorted(str(one) for one in merged.clashes),
        "facilitator_clashes": merged.facilitator_clashes,
    }
