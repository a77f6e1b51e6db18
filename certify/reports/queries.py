"""Reads about files made on demand: one's own, and whether one may still read what is in them."""

import uuid
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort, Enrolment
from certify.cohorts.queries import cohort_for, enrolment_for, own_enrolments
from certify.core import listing
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.core.listing import Listing, Wanted
from certify.juries.queries import JurySession, jury_for
from certify.organisations.models import Organisation
from certify.reports.models import Export, ExportKind, ExportState

Subject = Cohort | Enrolment | JurySession | Organisation
"""What a file may be about."""
OF_CERTIFICATES = (ExportKind.CERTIFICATES, ExportKind.REGISTER)
UNDER_WAY = (ExportState.QUEUED, ExportState.RUNNING)


def statistics_cohorts(actor: Actor) -> Select[Cohort]:
    """Select the cohorts whose results the actor may read: of a training body, or for a certifying body."""
    bodies = actor.organisations(Permission.STATISTICS_READ)
    return select(Cohort).where(or_(Cohort.training_body_id.in_(bodies), Cohort.certifying_body_id.in_(bodies)))


def statistics_cohort(session: Session, actor: Actor, cohort_id: uuid.UUID) -> Cohort:
    """Return a cohort whose results the actor may read; NotFound otherwise."""
    cohort = session.scalars(statistics_cohorts(actor).where(Cohort.id == cohort_id)).one_or_none()
    if cohort is None:
        raise NotFound
    return cohort


def subject_for(session: Session, actor: Actor, kind: ExportKind, subject_id: uuid.UUID) -> Subject:
    """Return what a file of this kind is about, when the actor may read all of it; NotFound otherwise."""
    if kind is ExportKind.HEAT_MAP:
        return cohort_for(session, actor, subject_id, Permission.COHORT_READ)
    if kind is ExportKind.PROOFS:
        return statistics_cohort(session, actor, subject_id)
    if kind is ExportKind.CERTIFICATES:
        return jury_for(session, actor, subject_id, Permission.CERTIFICATE_READ)
    if kind is ExportKind.REGISTER:
        return registered_body(session, actor, subject_id)
    if actor.may(Permission.OWN_PATH_READ):
        own = next((one for one in own_enrolments(session, actor) if one.id == subject_id), None)
        if own is not None:
            return own
    return enrolment_for(session, actor, subject_id, Permission.PROGRESS_READ)


def registered_body(session: Session, actor: Actor, organisation_id: uuid.UUID) -> Organisation:
    """Return a body whose register the actor reads; NotFound otherwise."""
    if organisation_id not in actor.organisations(Permission.CERTIFICATE_READ):
        raise NotFound
    return session.get_one(Organisation, organisation_id)


def own_exports(session: Session, actor: Actor, wanted: Wanted) -> Listing[Export]:
    """Return the files the actor asked for, newest first."""
    # Inside a course, only its cohort exists.
    seen = or_(Export.subject_id.in_(select(Cohort.id)), Export.subject_id.in_(select(Enrolment.id)))
    if bodies := actor.organisations(Permission.CERTIFICATE_READ):
        seen = or_(seen, and_(Export.kind.in_(OF_CERTIFICATES), Export.organisation_id.in_(bodies)))
    query: Select[Any] = select(Export).where(Export.requested_by_id == actor.user_id, seen)
    newest = Wanted(wanted.path, sort="asked", direction="desc", page=wanted.page)
    return listing.paginate(
        session, query, newest, sorts={"asked": [Export.created_at]}, default="asked", tie=Export.id
    )


def export_for(session: Session, actor: Actor, export_id: uuid.UUID) -> Export:
    """Return a file the actor asked for and whose subject they may still read; NotFound otherwise."""
    query = select(Export).where(Export.id == export_id, Export.requested_by_id == actor.user_id)
    export = session.scalars(query).one_or_none()
    if export is None:
        raise NotFound
    subject_for(session, actor, export.kind, export.subject_id)
    return export


def under_way(
    session: Session, actor: Actor, kind: ExportKind, subject_id: uuid.UUID, parameters: dict[str, Any]
) -> Export | None:
    """Return the same file, asked for by the same person and still being made."""
    query = select(Export).where(
        Export.requested_by_id == actor.user_id,
        Export.kind == kind,
        Export.subject_id == subject_id,
        Export.state.in_(UNDER_WAY),
    )
    return next((one for one in session.scalars(query) if one.parameters == parameters), None)
