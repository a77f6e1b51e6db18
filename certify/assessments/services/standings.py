"""Where the signed assessments of an enrolment put it, kept for a whole cohort to be read in one go."""

import uuid

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import competencies
from certify.assessments import queries
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Standing
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.frameworks.queries import framework_of

_BATCH = 200


def update_standing(session: Session, enrolment: Enrolment) -> None:
    """Make the standing of one enrolment anew from the appraisals that count."""
    appraisals = queries.signed_appraisals(session, enrolment.id)
    _put(session, session.get(Standing, enrolment.id), enrolment, appraisals)
    session.flush()


def _put(
    session: Session, row: Standing | None, enrolment: Enrolment, appraisals: list[competencies.Appraisal]
) -> None:
    found = competencies.standing(framework_of(session, enrolment.framework_version_id), appraisals)
    row = row or Standing(enrolment_id=enrolment.id)
    row.competencies = {
        code: proposal.level for code, proposal in found.competencies.items() if proposal.level is not None
    }
    row.disputed = [code for code, proposal in found.competencies.items() if proposal.is_disputed]
    row.assessed_at = clock.now()
    session.add(row)


def rebuild_standings(session: Session) -> int:
    """Make every standing anew, a few statements for each two hundred enrolments; return how many there are."""
    session.execute(delete(Standing).where(Standing.enrolment_id.not_in(select(Assessment.enrolment_id))))
    ids = list(
        session.scalars(
            select(Assessment.enrolment_id)
            .where(Assessment.state == AssessmentState.SIGNED, Assessment.kind != AssessmentKind.SELF)
            .distinct()
        )
    )
    for begin in range(0, len(ids), _BATCH):
        _rebuild(session, ids[begin : begin + _BATCH])
    return len(ids)


def _rebuild(session: Session, ids: list[uuid.UUID]) -> None:
    enrolments = session.scalars(select(Enrolment).where(Enrolment.id.in_(ids)))
    rows, appraisals = queries.standings_of(session, ids), queries.appraisals_of(session, ids)
    for enrolment in enrolments:
        _put(session, rows.get(enrolment.id), enrolment, appraisals.get(enrolment.id, []))
    session.flush()
