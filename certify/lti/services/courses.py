"""The verbs about courses: which cohort a course stands for, and who is enrolled by opening it."""

import uuid
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts import services as cohorts
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import audit, clock
from certify.core.access import Actor, Permission
from certify.core.errors import Conflict, Forbidden, Invalid, NotFound
from certify.core.i18n import lazy as _l
from certify.lti import narrowing
from certify.lti.models import Context, Identity
from certify.lti.queries import choosing
from certify.lti.queries.launches import Visit
from certify.lti.services import grades
from certify.organisations.models import Organisation


def enrol_visitor(session: Session, context: Context, identity: Identity, user: User) -> Enrolment | None:
    """Return the enrolment of a trainee in the course's cohort, made at their first visit while the cohort lasts.

    Nobody who was withdrawn comes back by a mere visit.
    """
    if context.cohort_id is None:
        return None
    query = select(Enrolment).where(Enrolment.cohort_id == context.cohort_id, Enrolment.user_id == user.id)
    enrolment = session.scalars(query).one_or_none()
    if enrolment is not None:
        return enrolment if enrolment.state is not EnrolmentState.WITHDRAWN else None
    cohort = session.get_one(Cohort, context.cohort_id)
    today = clock.today()
    if today > cohort.ends_on:
        return None
    cohorts.admit(session, None, cohort, [user], entered_on=today)
    return session.scalars(query).one()


def link_cohort(session: Session, actor: Actor, visit: Visit, cohort_id: uuid.UUID) -> Cohort:
    """Have the course of a visit stand for a cohort open to the visitor; the grades of its trainees follow."""
    context = _course_of(visit)
    offered = choosing.cohorts_offered(session, actor, visit)
    cohort = next((one for one in offered if one.id == cohort_id), None)
    if cohort is None:
        raise Invalid(_l("Cette promotion ne vous est pas ouverte : choisissez-en une de la liste."), "cohort_id")
    _stand_for(session, actor, visit, context, cohort)
    return cohort


def create_cohort(session: Session, actor: Actor, visit: Visit, *, name: str, starts_on: date, ends_on: date) -> Cohort:
    """Open a cohort for the course of a visit, on the newest framework that the organisation is habilitated for."""
    context = _course_of(visit)
    organisation_id = visit.registration.organisation_id
    if organisation_id not in actor.organisations(Permission.LTI_COURSE_TEACH):
        raise Forbidden(_l("Seules les personnes qui enseignent dans ce cours peuvent y ouvrir une promotion."))
    with narrowing.lifted(session):
        version = choosing.version_for_new_cohorts(session, organisation_id)
        if version is None:
            raise Conflict(
                _l("Aucun organisme certificateur dont le référentiel est en vigueur n’habilite votre organisme.")
            )
        cohort = cohorts.create_cohort(
            session, actor, session.get_one(Organisation, organisation_id), version=version, name=name,
            certifying_body=session.get_one(Organisation, version.certifying_body_id), starts_on=starts_on,
            ends_on=ends_on,
        )  # fmt: skip
    _stand_for(session, actor, visit, context, cohort)
    return cohort


def _course_of(visit: Visit) -> Context:
    if visit.context is None:
        raise NotFound
    return visit.context


def _stand_for(session: Session, actor: Actor, visit: Visit, context: Context, cohort: Cohort) -> None:
    if context.cohort_id == cohort.id:
        return
    before, context.cohort_id, context.copied_from_id = context.cohort_id, cohort.id, None
    audit.record(
        session, actor, "lti:course:linked", context, organisation_id=visit.registration.organisation_id,
        cohort=cohort.id, before=before,
    )  # fmt: skip
    grades.want_course(session, context)
