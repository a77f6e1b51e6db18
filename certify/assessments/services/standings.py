"""Where the signed assessments of an enrolment put it, kept for a whole cohort to be read in one go."""

import uuid
from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import competencies
from certify.assessments import queries
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, RetainedLevel, Standing
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of, programmes_of

_BATCH = 200


def update_standing(session: Session, enrolment: Enrolment) -> None:
    """Make the standing of one enrolment anew from the appraisals that count and the levels retained."""
    _put(session, session.get(Standing, enrolment.id), enrolment, queries.standing_of(session, enrolment))
    session.flush()


def _put(session: Session, row: Standing | None, enrolment: Enrolment, found: competencies.Standing) -> None:
    row = row or Standing(enrolment_id=enrolment.id)
    row.competencies = {
        code: proposal.level for code, proposal in found.competencies.items() if proposal.level is not None
    }
    row.disputed = [code for code, proposal in found.competencies.items() if proposal.is_disputed]
    row.assessed_at = clock.now()
    session.add(row)


def rebuild_standings(session: Session, ids: Collection[uuid.UUID] | None = None) -> int:
    """Make standings anew, every one or those of some enrolments; return how many there are.

    A few statements for each two hundred enrolments.
    """
    wanted = _to_rebuild(session, ids)
    for begin in range(0, len(wanted), _BATCH):
        _rebuild(session, wanted[begin : begin + _BATCH])
    return len(wanted)


def _to_rebuild(session: Session, ids: Collection[uuid.UUID] | None) -> list[uuid.UUID]:
    assessed = select(Assessment.enrolment_id).where(
        Assessment.state == AssessmentState.SIGNED, Assessment.kind != AssessmentKind.SELF
    )
    retained = select(RetainedLevel.enrolment_id)
    if ids is None:
        known = assessed.union(retained).subquery()
        session.execute(delete(Standing).where(Standing.enrolment_id.not_in(select(known))))
        return list(session.scalars(select(known)))
    wanted = list(dict.fromkeys(ids))
    return [
        enrolment_id
        for begin in range(0, len(wanted), _BATCH)
        for enrolment_id in session.scalars(
            assessed.where(Assessment.enrolment_id.in_(wanted[begin : begin + _BATCH])).union(
                retained.where(RetainedLevel.enrolment_id.in_(wanted[begin : begin + _BATCH]))
            )
        )
    ]


def _rebuild(session: Session, ids: list[uuid.UUID]) -> None:
    query = (
        select(Enrolment, FrameworkVersion.certifying_body_id, FrameworkVersion.code)
        .join(FrameworkVersion, FrameworkVersion.id == Enrolment.framework_version_id)
        .where(Enrolment.id.in_(ids))
    )
    enrolments = session.execute(query).all()
    programmes = programmes_of(session, {(body_id, code) for _, body_id, code in enrolments})
    rows, appraisals = queries.standings_of(session, ids), queries.appraisals_of(session, ids)
    retained = queries.retained_of(session, ids)
    for enrolment, body_id, code in enrolments:
        found = competencies.standing(
            framework_of(session, enrolment.framework_version_id),
            appraisals.get(enrolment.id, []),
            programmes[body_id, code],
        )
        _put(session, rows.get(enrolment.id), enrolment, competencies.retain(found, retained.get(enrolment.id, {})))
    session.flush()
