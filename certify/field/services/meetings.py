"""Attendance taken on a device."""

from typing import Any

from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core.access import Actor, Permission
from certify.field import queries
from certify.field.models import FieldOperation, Outcome
from certify.field.policies import Resolution, Sheet, merge, sheets_from
from certify.field.policies.payloads import Choice
from certify.groups.models import Meeting
from certify.groups.queries.meetings import meeting_for
from certify.groups.services import attendance

FACILITATOR = "facilitator"


def take(session: Session, actor: Actor, _enrolment: Enrolment, operation: FieldOperation) -> None:
    """Note who came; what somebody else has noted otherwise meanwhile is not written over, and makes a conflict."""
    meeting = _meeting(session, actor, operation)
    base, mine = sheets_from(operation.payload)
    merged = merge(base, mine, queries.sheet_in_force(session, meeting))
    if merged.is_clean:
        _write(session, actor, meeting, merged.sheet)
        operation.answer = _in_force(session, meeting)
        return
    operation.outcome = Outcome.CONFLICT
    operation.answer = queries.sheet_document(session, meeting, merged)


def choose(session: Session, actor: Actor, operation: FieldOperation, wanted: Resolution) -> bool:
    """Write what does not clash, and the marks of the device that were kept; return False when all changed again."""
    meeting = _meeting(session, actor, operation)
    base, mine = sheets_from(operation.payload)
    merged = merge(base, mine, queries.sheet_in_force(session, meeting))
    if meeting.revision != wanted.seen and not merged.is_clean:
        operation.answer = queries.sheet_document(session, meeting, merged)
        return False
    keeps_all = wanted.choice is Choice.MINE
    marks = dict(merged.sheet.marks)
    marks |= {one: mine.marks[one] for one in merged.clashes if keeps_all or str(one) in wanted.kept}
    present = merged.sheet.facilitator_present
    if merged.facilitator_clashes and (keeps_all or FACILITATOR in wanted.kept):
        present = mine.facilitator_present
    _write(session, actor, meeting, Sheet(marks, present))
    operation.answer = _in_force(session, meeting)
    return True


def _in_force(session: Session, meeting: Meeting) -> dict[str, Any]:
    return {"revision": meeting.revision, "sheet": queries.sheet_in_force(session, meeting).to_document()}


def _meeting(session: Session, actor: Actor, operation: FieldOperation) -> Meeting:
    assert operation.subject_id is not None  # every operation names its subject
    return meeting_for(session, actor, operation.subject_id, Permission.MEETING_WRITE, lock=True)


def _write(session: Session, actor: Actor, meeting: Meeting, sheet: Sheet) -> None:
    rows = {one: (said.presence, said.second_parent) for one, said in sheet.marks.items()}
    attendance.take(session, actor, meeting, rows=rows, facilitator_present=sheet.facilitator_present)
