"""What was moved, and what waits to be."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from certify.accounts.models import User
from certify.core.outbox import OutboxMessage
from certify.frameworks.models import FrameworkVersion
from certify.revisions.models import Migration

MOVE_WANTED = "revisions.move_wanted"
"""Topic of the message that moves a batch of enrolments."""


@dataclass(frozen=True)
class Moved:
    """One move of one enrolment."""

    migration: Migration
    start: FrameworkVersion
    end: FrameworkVersion
    author: str


@dataclass(frozen=True)
class Waiting:
    """How many people wait to be moved, and how many of them could not be after every try."""

    people: int
    failed: int


def moves_of(session: Session, enrolment_id: uuid.UUID) -> list[Moved]:
    """Return the moves of an enrolment, the last first, in one statement."""
    start, end = aliased(FrameworkVersion), aliased(FrameworkVersion)
    query = (
        select(Migration, start, end, User)
        .join(start, start.id == Migration.from_version_id)
        .join(end, end.id == Migration.to_version_id)
        .outerjoin(User, User.id == Migration.by_id)
        .where(Migration.enrolment_id == enrolment_id)
        .order_by(Migration.at.desc(), Migration.id.desc())
    )
    return [
        Moved(migration, before, after, user.name if user else "")
        for migration, before, after, user in session.execute(query)
    ]


def waiting_moves(session: Session, cohort_id: uuid.UUID, version_id: uuid.UUID) -> Waiting:
    """Return what is still to do of the moves asked for in a cohort."""
    query = select(OutboxMessage).where(OutboxMessage.topic == MOVE_WANTED, OutboxMessage.done_at.is_(None))
    mine = [
        message
        for message in session.scalars(query)
        if (message.payload["cohort_id"], message.payload["version_id"]) == (str(cohort_id), str(version_id))
    ]
    counts = [(len(message.payload["enrolment_ids"]), message.failed_at is not None) for message in mine]
    return Waiting(sum(count for count, _failed in counts), sum(count for count, failed in counts if failed))
