"""Reads for whoever chooses what a course stands for: the cohorts open to them, what a new one can be made on."""

import uuid
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort
from certify.core import access, clock
from certify.core.access import Actor, Role
from certify.frameworks import queries as frameworks
from certify.frameworks.models import FrameworkVersion
from certify.lti import narrowing
from certify.lti.models import Context, Deployment, Identity, LineItem, LineItemState, LtiMembership, Registration
from certify.lti.queries.launches import Visit
from certify.organisations import queries as organisations

_TEACHING = (Role.COORDINATOR, Role.TRAINER)


def belongs_to_the_team(session: Session, actor: Actor, organisation_id: uuid.UUID) -> bool:
    """Whether somebody trains or coordinates in an organisation by a role held in certify, not by a platform's word."""
    held = access.load_grants(session, actor.user_id)
    return any(grant.role in _TEACHING and grant.scope_id == organisation_id for grant in held)


def cohorts_offered(session: Session, actor: Actor, visit: Visit) -> list[Cohort]:
    """Return the cohorts that the visitor may choose for the course, those not over first, the newest first.

    A platform alone opens the cohorts of the courses where it lets the person teach, unless the organisation said that
    its platforms open them all.
    """
    organisation_id = visit.registration.organisation_id
    query = select(Cohort).where(Cohort.training_body_id == organisation_id, Cohort.archived_at.is_(None))
    if not visit.registration.opens_cohorts and not belongs_to_the_team(session, actor, organisation_id):
        taught = (
            select(Context.cohort_id)
            .join(LtiMembership, LtiMembership.context_id == Context.id)
            .join(Identity, Identity.id == LtiMembership.identity_id)
            .join(Deployment, Deployment.id == Context.deployment_id)
            .join(Registration, Registration.id == Deployment.registration_id)
            .where(Identity.user_id == actor.user_id, LtiMembership.active, LtiMembership.role.in_(_TEACHING))
            .where(Registration.organisation_id == organisation_id, Context.cohort_id.is_not(None))
        )
        query = query.where(Cohort.id.in_(taught))
    today = clock.today()
    with narrowing.lifted(session):
        found = session.scalars(query.order_by(Cohort.starts_on.desc(), Cohort.name, Cohort.id)).all()
    return sorted(found, key=lambda cohort: cohort.ends_on < today)


def cohort_copied(session: Session, visit: Visit, offered: Iterable[Cohort]) -> Cohort | None:
    """Return the cohort of the course that this one is a copy of, if it may be chosen."""
    if visit.context is None or visit.context.copied_from_id is None:
        return None
    wanted = session.scalar(select(Context.cohort_id).where(Context.id == visit.context.copied_from_id))
    return next((cohort for cohort in offered if cohort.id == wanted), None)


def version_for_new_cohorts(session: Session, organisation_id: uuid.UUID) -> FrameworkVersion | None:
    """Return the newest framework in force of a certifying body that habilitates a training body today."""
    bodies = organisations.certifying_bodies_of(session, [organisation_id], clock.today())
    versions = frameworks.active_versions(session, [body.id for body in bodies])
    return max(versions, key=lambda version: (version.created_at, version.id), default=None)


def parts_with_a_column(session: Session, context: Context) -> set[str]:
    """Return the parts that already have a column in the gradebook of a course."""
    query = select(LineItem.part).where(LineItem.context_id == context.id, LineItem.state == LineItemState.ACTIVE)
    return set(session.scalars(query))
