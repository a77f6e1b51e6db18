"""What happens after the rules of a programme have changed."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.assessments import queries, services
from certify.cohorts.models import Enrolment
from certify.core import outbox
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.services import PROGRAMME_CHANGED

_AT_ONCE = 500


@outbox.on(PROGRAMME_CHANGED)
def follow_programme(session: Session, certifying_body_id: str, framework_code: str) -> None:
    """Make anew the standings of the trainees of a programme whose rules changed: proposals follow the rules."""
    versions = select(FrameworkVersion.id).where(
        FrameworkVersion.certifying_body_id == uuid.UUID(certifying_body_id), FrameworkVersion.code == framework_code
    )
    concerned = select(Enrolment.id).where(Enrolment.framework_version_id.in_(versions)).order_by(Enrolment.id)
    ids = list(session.scalars(concerned))
    before = _levels(session, ids)
    services.rebuild_standings(session, ids)
    for enrolment_id, levels in _levels(session, ids).items():
        if levels != before.get(enrolment_id):
            # What follows from a standing, such as a grade carried to a platform, follows from this one.
            outbox.send(session, services.SIGNED, enrolment_id=enrolment_id)


def _levels(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
    found: dict[uuid.UUID, dict[str, str]] = {}
    for begin in range(0, len(ids), _AT_ONCE):
        rows = queries.standings_of(session, ids[begin : begin + _AT_ONCE])
        found |= {enrolment_id: dict(row.competencies) for enrolment_id, row in rows.items()}
    return found
