"""Reads about what devices sent: each operation once, and the conflicts that wait for a choice."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core.access import Actor
from certify.core.errors import NotFound
from certify.field.models import FieldOperation, Outcome
from certify.logbook.models import Activity, LogbookEntry, LogbookForm


def operation_of(session: Session, actor: Actor, operation_id: uuid.UUID) -> FieldOperation | None:
    """Return what the actor's device has already sent under an identifier, if anything."""
    query = select(FieldOperation).where(FieldOperation.id == operation_id, FieldOperation.user_id == actor.user_id)
    return session.scalars(query.with_for_update()).one_or_none()


def open_conflicts(session: Session, actor: Actor) -> list[FieldOperation]:
    """Return the actor's conflicts that wait for a choice, oldest first."""
    query = select(FieldOperation).where(
        FieldOperation.user_id == actor.user_id, FieldOperation.outcome == Outcome.CONFLICT
    )
    return list(session.scalars(query.order_by(FieldOperation.received_at, FieldOperation.id)))


def conflict_for(session: Session, actor: Actor, operation_id: uuid.UUID, *, lock: bool = False) -> FieldOperation:
    """Return one conflict of the actor's, open or resolved; NotFound otherwise."""
    query = select(FieldOperation).where(FieldOperation.id == operation_id, FieldOperation.user_id == actor.user_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    operation = session.scalars(query).one_or_none()
    if operation is None or (operation.outcome is not Outcome.CONFLICT and operation.resolved_at is None):
        raise NotFound
    return operation


def own_entry_or_none(session: Session, actor: Actor, entry_id: uuid.UUID) -> LogbookEntry | None:
    """Return an entry of the actor's, that nobody else changes meanwhile; nothing when no such entry is theirs."""
    query = (
        select(LogbookEntry)
        .join(Enrolment, Enrolment.id == LogbookEntry.enrolment_id)
        .where(LogbookEntry.id == entry_id, Enrolment.user_id == actor.user_id)
        .with_for_update(of=LogbookEntry)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).one_or_none()


def form_row(
    session: Session, training_body_id: uuid.UUID, activity: Activity, form_id: uuid.UUID
) -> LogbookForm | None:
    """Return one version of the form of an activity, made by a training body."""
    query = select(LogbookForm).where(
        LogbookForm.id == form_id,
        LogbookForm.training_body_id == training_body_id,
        LogbookForm.activity == activity,
    )
    return session.scalars(query).one_or_none()
