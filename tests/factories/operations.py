"""What devices sent."""

from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.types import new_id
from certify.field.models import FieldOperation, Kind, Outcome
from tests.factories.logbook import make_entry
from tests.factories.meetings import make_scene


def make_conflict_of_somebody(session: Session) -> FieldOperation:
    """Make a conflict that somebody has not settled yet."""
    scene = make_scene(session)
    entry = make_entry(session, scene.enrolment)
    conflict = FieldOperation(
        id=new_id(), enrolment_id=scene.enrolment.id, user_id=scene.facilitator.id, kind=Kind.ENTRY,
        subject_id=entry.id, payload={"activity": "group_meeting", "fields": {"title": "Écrite sur le terrain"}},
        outcome=Outcome.CONFLICT, answer={"revision": entry.revision}, made_at=clock.now(), received_at=clock.now(),
    )  # fmt: skip
    session.add(conflict)
    session.flush()
    return conflict
