"""Reads of launches: who visits through which, and what a platform is known to hold."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from certify.accounts.models import User, UserSession
from certify.cohorts.models import Enrolment
from certify.core.access import Role
from certify.lti.models import (
    Context,
    Deployment,
    DeploymentState,
    Identity,
    Launch,
    LtiMembership,
    Placement,
    Registration,
    RegistrationState,
    ResourceLink,
    Verdict,
)


@dataclass(frozen=True)
class Visit:
    """A launch as its pages need it."""

    launch: Launch
    registration: Registration
    deployment: Deployment
    identity: Identity
    user: User
    context: Context | None
    link: ResourceLink | None
    membership: LtiMembership | None
    user_session: UserSession | None
    """Nothing when the visit was ended or left unused too long."""

    @property
    def is_open(self) -> bool:
        """Whether the pages under the launch may be shown."""
        return (
            self.user_session is not None
            and self.user.active
            and self.registration.state is RegistrationState.ACTIVE
            and self.deployment.state is DeploymentState.ACTIVE
        )

    @property
    def role(self) -> Role | None:
        """The role the platform gives here, as the organisation maps it."""
        return self.membership.role if self.membership is not None and self.membership.active else None


@dataclass(frozen=True)
class Known:
    """What is known of a platform, and of everything one launch speaks of."""

    registration: Registration
    deployment: Deployment | None
    identity: Identity | None
    user: User | None
    context: Context | None
    membership: LtiMembership | None
    link: ResourceLink | None


def visit(session: Session, public_id: str, session_id: uuid.UUID | None, since: datetime) -> Visit | None:
    """Return an accepted launch with its platform and person, in one statement; see `Visit.is_open`."""
    return _visit(session, public_id, UserSession.id == session_id, since)


def visit_in_use(session: Session, public_id: str, since: datetime) -> Visit | None:
    """Return an accepted launch whose sign-in is in use, whoever asks: the caller has a proof of its own."""
    found = _visit(session, public_id, true(), since)
    return found if found is not None and found.is_open else None


def _visit(session: Session, public_id: str, condition: ColumnElement[bool], since: datetime) -> Visit | None:
    opened = and_(
        UserSession.id == Launch.user_session_id,
        UserSession.ended_at.is_(None),
        UserSession.last_seen_at > since,
        condition,
    )
    row = session.execute(
        select(Launch, Registration, Deployment, Identity, User, Context, ResourceLink, LtiMembership, UserSession)
        .join(Registration, Registration.id == Launch.registration_id)
        .join(Deployment, Deployment.id == Launch.deployment_id)
        .join(Identity, Identity.id == Launch.identity_id)
        .join(User, User.id == Identity.user_id)
        .outerjoin(Context, Context.id == Launch.context_id)
        .outerjoin(ResourceLink, ResourceLink.id == Launch.link_id)
        .outerjoin(
            LtiMembership, and_(LtiMembership.context_id == Context.id, LtiMembership.identity_id == Identity.id)
        )
        .outerjoin(UserSession, opened)
        .where(Launch.public_id == public_id, Launch.verdict == Verdict.ACCEPTED)
    ).one_or_none()
    return Visit(*row) if row is not None else None


def known(
    session: Session, registration_id: uuid.UUID, *, deployment: str, sub: str, context: str, link: str
) -> Known | None:
    """Return what is known of a launch's registration, deployment, person, course and link, in one statement."""
    row: Any = session.execute(
        select(Registration, Deployment, Identity, User, Context, LtiMembership, ResourceLink)
        .outerjoin(Deployment, and_(Deployment.registration_id == Registration.id, Deployment.lms_id == deployment))
        .outerjoin(Identity, and_(Identity.registration_id == Registration.id, Identity.sub == sub))
        .outerjoin(User, User.id == Identity.user_id)
        .outerjoin(Context, and_(Context.deployment_id == Deployment.id, Context.lms_id == context))
        .outerjoin(
            LtiMembership, and_(LtiMembership.context_id == Context.id, LtiMembership.identity_id == Identity.id)
        )
        .outerjoin(ResourceLink, and_(ResourceLink.deployment_id == Deployment.id, ResourceLink.lms_id == link))
        .where(Registration.id == registration_id)
    ).one_or_none()
    return Known(*row) if row is not None else None


def placement(session: Session, placement_id: str, organisation_id: uuid.UUID) -> tuple[Placement, Context] | None:
    """Return what was placed under an identifier in a course of the organisation, and in which course."""
    try:
        wanted = uuid.UUID(placement_id)
    except ValueError:
        return None
    row = session.execute(
        select(Placement, Context)
        .join(Context, Context.id == Placement.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(Placement.id == wanted, Registration.organisation_id == organisation_id)
    ).one_or_none()
    return (row[0], row[1]) if row is not None else None


def earlier_course(session: Session, deployment_id: uuid.UUID, id_history: tuple[str, ...]) -> Context | None:
    """Return the nearest course known among those a new one was copied from."""
    query = select(Context).where(Context.deployment_id == deployment_id, Context.lms_id.in_(id_history))
    found = {context.lms_id: context for context in session.scalars(query)} if id_history else {}
    return next((found[one] for one in id_history if one in found), None)


def enrolment_about(session: Session, visit: Visit) -> Enrolment | None:
    """Return the enrolment a submission review is about: that of the named person in the course's cohort."""
    about = visit.launch.settings.get("for_user")
    if not about or visit.context is None or visit.context.cohort_id is None:
        return None
    query = (
        select(Enrolment)
        .join(Identity, Identity.user_id == Enrolment.user_id)
        .where(Identity.registration_id == visit.registration.id, Identity.sub == about)
        .where(Enrolment.cohort_id == visit.context.cohort_id)
    )
    return session.scalars(query).one_or_none()
