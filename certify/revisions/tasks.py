"""Moves of many people, batch by batch."""

import uuid

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort
from certify.core import access, outbox
from certify.core.access import Actor
from certify.frameworks.models import FrameworkVersion
from certify.revisions import services
from certify.revisions.queries.history import MOVE_WANTED


@outbox.on(MOVE_WANTED)
def move_batch(
    session: Session, cohort_id: str, version_id: str, enrolment_ids: list[str], actor_id: str, reason: str
) -> None:
    """Move one batch, whole or not at all; who was meanwhile presented to a jury stays where they are."""
    user = session.get_one(User, uuid.UUID(actor_id))
    services.move(
        session,
        Actor(user.id, user.name, access.load_grants(session, user.id)),
        session.get_one(Cohort, uuid.UUID(cohort_id)),
        session.get_one(FrameworkVersion, uuid.UUID(version_id)),
        [uuid.UUID(one) for one in enrolment_ids],
        reason=reason,
        leave_blocked=True,
    )
