"""The conflicts of somebody as a page shows them: both versions, part by part."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.core.access import Actor
from certify.core.forms import parse_day
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.core.templating import day
from certify.field.models import FieldOperation, Kind
from certify.field.policies import Said, merge, raw_content, sheets_from
from certify.field.queries.carrying import attached, content_of_row, forms_of
from certify.field.queries.comparing import sheet_of
from certify.field.queries.operations import open_conflicts
from certify.groups.models import Meeting, Participant, PeerGroup
from certify.groups.queries.meetings import Mark, attendance_of
from certify.logbook.models import LogbookEntry


@dataclass(frozen=True)
class Pair:
    """One part on which both versions differ."""

    key: str
    label: Any
    mine: Any
    theirs: Any
    is_pseudonym: bool = False


@dataclass(frozen=True)
class Conflict:
    """Two versions of an entry or of a sheet, and the revision of the one that is saved."""

    id: uuid.UUID
    is_entry: bool
    title: str
    made_at: datetime
    saved_at: datetime
    seen: int
    pairs: tuple[Pair, ...]


def conflicts_shown(session: Session, actor: Actor) -> list[Conflict]:
    """Return the actor's open conflicts, oldest first; as many statements however many there are."""
    operations = open_conflicts(session, actor)
    subjects = [one.subject_id for one in operations]
    entries = {one.id: one for one in session.scalars(select(LogbookEntry).where(LogbookEntry.id.in_(subjects)))}
    forms, pieces = forms_of(session, list(entries.values())), attached(session, list(entries))
    query = select(Meeting, PeerGroup).join(PeerGroup, PeerGroup.id == Meeting.group_id).where(Meeting.id.in_(subjects))
    meetings = {meeting.id: (meeting, group) for meeting, group in session.execute(query)}
    marks = attendance_of(session, list(meetings))
    groups = {group.id for _meeting, group in meetings.values()}
    people = session.execute(select(Participant.id, Participant.pseudonym).where(Participant.group_id.in_(groups)))
    names = {row.id: row.pseudonym for row in people}
    found = []
    for operation in operations:
        if operation.kind == Kind.ENTRY and operation.subject_id in entries:
            entry = entries[operation.subject_id]
            found.append(_of_entry(operation, entry, forms[entry.id], pieces[entry.id][0]))
        elif operation.subject_id in meetings:
            found.append(_of_sheet(operation, *meetings[operation.subject_id], marks[operation.subject_id], names))
    return found


def _of_entry(
    operation: FieldOperation, entry: LogbookEntry, form: competencies.EntryForm, indicators: tuple[str, ...]
) -> Conflict:
    mine = operation.payload["fields"]
    theirs = raw_content(content_of_row(entry, indicators), form)
    pairs = (
        Pair(one.code, one.label.to(current_locale()), _words(one, mine[one.code]), _words(one, theirs[one.code]))
        for one in form.fields
        if one.code in mine and one.code in theirs and mine[one.code] != theirs[one.code]
    )
    title = entry.title or str(entry.activity.label)
    return Conflict(operation.id, True, title, operation.made_at, entry.saved_at, entry.revision, tuple(pairs))


def _of_sheet(
    operation: FieldOperation,
    meeting: Meeting,
    group: PeerGroup,
    marks: Mapping[uuid.UUID, Mark],
    names: Mapping[uuid.UUID, str],
) -> Conflict:
    base, mine = sheets_from(operation.payload)
    theirs = sheet_of(meeting, marks)
    merged = merge(base, mine, theirs)
    pairs = [
        Pair(str(one), names.get(one, ""), _said(mine.marks[one]), _said(theirs.marks[one]), is_pseudonym=True)
        for one in sorted(merged.clashes, key=lambda one: names.get(one, ""))
    ]
    if merged.facilitator_clashes:
        label = _l("Vous étiez là pour accompagner la rencontre")
        pairs.append(Pair("facilitator", label, _yes(mine.facilitator_present), _yes(theirs.facilitator_present)))
    title = f"{group.code}, {day(meeting.starts_at)}"
    return Conflict(operation.id, False, title, operation.made_at, meeting.saved_at, meeting.revision, tuple(pairs))


def _said(said: Said) -> Any:
    return (
        _l("%(presence)s (à deux parents)", presence=said.presence.label) if said.second_parent else said.presence.label
    )


def _yes(value: bool | None) -> Any:
    return _l("Oui") if value else _l("Non")


def _words(one: competencies.FormField, value: Any) -> str:
    return ", ".join(_each(one, value)) or "–"


def _each(one: competencies.FormField, value: Any) -> Iterator[str]:
    for text in value if isinstance(value, list) else [value]:
        if not text:
            continue
        if one.kind is competencies.FieldKind.DATE:
            yield _day(str(text))
        elif one.kind is competencies.FieldKind.YES_NO:
            yield str(_yes(text == "yes"))
        elif one.options:
            yield one.label_of(str(text)).to(current_locale())
        else:
            yield str(text)


def _day(text: str) -> str:
    try:
        return day(parse_day(text))
    except ValueError:
        return text
