"""Choosing between two versions; until somebody does, both are kept."""

from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import audit, clock
from certify.core.access import Actor
from certify.field.models import FieldOperation, Kind, Outcome
from certify.field.policies import Resolution
from certify.field.services import entries, meetings


def resolve(session: Session, actor: Actor, conflict: FieldOperation, wanted: Resolution) -> FieldOperation:
    """Have what was chosen stay; a conflict already resolved stays as it was.

    When the other side has changed again since it was looked at, nothing is written: the conflict stays open, and its
    answer shows the version of now.
    """
    if conflict.outcome is not Outcome.CONFLICT:
        return conflict
    choose = entries.choose if conflict.kind == Kind.ENTRY else meetings.choose
    if not choose(session, actor, conflict, wanted):
        return conflict
    conflict.outcome, conflict.payload, conflict.resolved_at = Outcome.APPLIED, {}, clock.now()
    enrolment = session.get_one(Enrolment, conflict.enrolment_id)
    audit.record(
        session, actor, "field:conflict:resolved", conflict, organisation_id=enrolment.training_body_id,
        kind=conflict.kind, about=str(conflict.subject_id), choice=wanted.choice,
    )  # fmt: skip
    return conflict
