"""What a device carries away: forms, entries to go on with, meetings."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

import competencies
from certify.core.access import Actor, Permission
from certify.evidence.queries import EvidenceItem, EvidenceKind, EvidenceState, indicators_of
from certify.field.policies import Sheet, raw_content
from certify.field.queries.comparing import sheet_of
from certify.groups.models import Meeting, PeerGroup
from certify.groups.queries import meetings as gatherings
from certify.groups.queries.groups import visible
from certify.groups.queries.rosters import Seat, rosters_of
from certify.logbook.models import Activity, EntryContent, LogbookEntry, LogbookForm
from certify.logbook.policies import EDITABLE

DAYS_BACK, DAYS_AHEAD = 14, 30
"""From when to when the meetings are that a device carries."""
MOST_DRAFTS = 40


@dataclass(frozen=True)
class Draft:
    """One entry that its author may go on with, and the form it is written with."""

    entry: LogbookEntry
    form_key: str
    content: Mapping[str, Any]
    files: tuple[str, ...]


@dataclass(frozen=True)
class Drafts:
    """Entries to go on with, the newest first, and their forms by key."""

    rows: tuple[Draft, ...]
    forms: Mapping[str, competencies.EntryForm]


@dataclass(frozen=True)
class Gathering:
    """One meeting with who belongs to its group that day and what was noted."""

    meeting: Meeting
    group: PeerGroup
    seats: tuple[Seat, ...]
    sheet: Sheet
    is_open: bool
    """Whether attendance can be taken: not before the day itself."""


def form_key(activity: Activity, form_id: uuid.UUID | None, number: int) -> str:
    """Return the name under which a device keeps a form."""
    return f"{activity}:{form_id or 'shipped'}:{number}"


def drafts_of(session: Session, enrolment_id: uuid.UUID) -> Drafts:
    """Return the entries of a trainee that they may go on with; as many statements however many there are."""
    query = select(LogbookEntry).where(LogbookEntry.enrolment_id == enrolment_id, LogbookEntry.state.in_(EDITABLE))
    entries = list(session.scalars(query.order_by(LogbookEntry.saved_at.desc(), LogbookEntry.id).limit(MOST_DRAFTS)))
    written_with, pieces = forms_of(session, entries), attached(session, [one.id for one in entries])
    forms: dict[str, competencies.EntryForm] = {}
    drafts = []
    for entry in entries:
        key = form_key(entry.activity, entry.form_id, entry.form_number)
        form = forms[key] = written_with[entry.id]
        indicators, titles = pieces[entry.id]
        drafts.append(Draft(entry, key, raw_content(content_of_row(entry, indicators), form), titles))
    return Drafts(tuple(drafts), forms)


def forms_of(session: Session, entries: Sequence[LogbookEntry]) -> dict[uuid.UUID, competencies.EntryForm]:
    """Return the form each entry is written with, in one statement at most."""
    composed = {one.form_id for one in entries if one.form_id}
    rows = session.scalars(select(LogbookForm).where(LogbookForm.id.in_(composed))) if composed else ()
    read = {row.id: competencies.EntryForm.from_document(row.content) for row in rows}
    return {
        one.id: read[one.form_id] if one.form_id else competencies.shipped_form(one.activity.value, one.form_number)
        for one in entries
    }


def content_of_row(entry: LogbookEntry, indicators: tuple[str, ...]) -> EntryContent:
    """Return what the row of an entry says, with the indicators it illustrates itself."""
    return EntryContent(
        entry.activity, entry.title, entry.happened_on, entry.minutes, entry.place, entry.account, entry.reflection,
        indicators, values=entry.values or {},
    )  # fmt: skip


def attached(
    session: Session, entry_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return, by entry, the indicators it illustrates itself and the titles of its files."""
    found: dict[uuid.UUID, tuple[tuple[str, ...], tuple[str, ...]]] = dict.fromkeys(entry_ids, ((), ()))
    query = (
        select(EvidenceItem)
        .options(selectinload(EvidenceItem.links))
        .where(
            EvidenceItem.entry_id.in_(found), EvidenceItem.state.not_in([EvidenceState.REMOVED, EvidenceState.REPLACED])
        )
        .order_by(EvidenceItem.created_at, EvidenceItem.id)
    )
    for item in session.scalars(query):
        assert item.entry_id is not None  # the statement asks for those of entries
        indicators, titles = found[item.entry_id]
        if item.kind is EvidenceKind.ENTRY:
            indicators = indicators_of(item)
        elif item.kind is EvidenceKind.FILE:
            titles = (*titles, item.title or item.filename)
        found[item.entry_id] = (indicators, titles)
    return found


def gatherings_of(session: Session, actor: Actor, today: date) -> list[Gathering]:
    """Return the recent and coming meetings of the groups where the actor notes attendance; four statements."""
    groups = {one.id: one for one in session.scalars(visible(actor, Permission.MEETING_WRITE))}
    since, until = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
    found = gatherings.upcoming(session, list(groups), since, until)
    days = {one.id: gatherings.day_of(one) for one in found}
    seats, marks = rosters_of(session, days), gatherings.attendance_of(session, list(days))
    return [
        Gathering(one, groups[one.group_id], tuple(seats[one.id]), sheet_of(one, marks[one.id]), days[one.id] <= today)
        for one in found
    ]
