"""Reads for the pages of platforms: registrations, invitations, deployments, launches."""

import hashlib
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import SQLColumnExpression, and_, case, func, select
from sqlalchemy.orm import Session

from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.core.listing import Listing, Wanted, matches, paginate
from certify.lti.models import (
    Context,
    Deployment,
    DeploymentState,
    Launch,
    PlatformKeySet,
    Registration,
    RegistrationInvitation,
    Verdict,
)
from certify.organisations.models import Organisation, OrganisationKind

_LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Row:
    """A registration as the list shows it."""

    registration: Registration
    organisation: Organisation
    waiting: int
    """Deployments that wait for a decision."""
    refused: int
    """Launches refused these last days."""
    launched_at: datetime | None
    """Last launch let in."""


@dataclass(frozen=True)
class Seen:
    """A deployment and where in the platform it was seen."""

    deployment: Deployment
    courses: int
    refused: int


class Standing(StrEnum):
    """What an invitation is worth."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Inviting:
    """An invitation as the page it opens needs it; a value, so that it outlives its transaction."""

    id: uuid.UUID
    label: str
    organisation: str
    contact: str
    standing: Standing
    expires_at: datetime
    renews: bool


def token_digest(token: str) -> str:
    """Return what is kept of an invitation's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_by_token(session: Session, token: str, now: datetime) -> Inviting | None:
    """Return the invitation of a link, whatever it is worth now."""
    row = session.execute(
        select(RegistrationInvitation, Organisation)
        .join(Organisation, Organisation.id == RegistrationInvitation.organisation_id)
        .where(RegistrationInvitation.token_hash == token_digest(token))
    ).one_or_none()
    if row is None:
        return None
    one, organisation = row[0], row[1]
    renews = one.registration_id is not None and one.used_at is None
    standing = standing_of(one, now)
    return Inviting(one.id, one.label, organisation.name, organisation.contact, standing, one.expires_at, renews)


def standing_of(invitation: RegistrationInvitation, now: datetime) -> Standing:
    """Say what an invitation is worth."""
    if invitation.used_at is not None:
        return Standing.USED
    if invitation.withdrawn_at is not None:
        return Standing.WITHDRAWN
    return Standing.OPEN if invitation.expires_at > now else Standing.EXPIRED


def hosts(session: Session, actor: Actor) -> list[Organisation]:
    """Return the training bodies for which the actor may let platforms in, by name."""
    query = select(Organisation).where(
        Organisation.id.in_(actor.organisations(Permission.LTI_REGISTRATION_WRITE)),
        Organisation.kind == OrganisationKind.TRAINING_BODY,
    )
    return list(session.scalars(query.order_by(Organisation.name, Organisation.id)))


def registrations(session: Session, actor: Actor, now: datetime) -> list[Row]:
    """Return the platforms of the actor's organisations, by name; two statements whatever their number."""
    waiting = (
        select(func.count())
        .where(Deployment.registration_id == Registration.id, Deployment.state == DeploymentState.PENDING)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Registration, Organisation, waiting)
        .join(Organisation, Organisation.id == Registration.organisation_id)
        .where(Registration.organisation_id.in_(actor.organisations(Permission.LTI_REGISTRATION_READ)))
        .order_by(Registration.name, Registration.id)
    ).all()
    counts = _launch_counts(session, [row[0].id for row in rows], now)
    return [Row(row[0], row[1], row[2], *counts.get(row[0].id, (0, None))) for row in rows]


def _launch_counts(
    session: Session, ids: Collection[uuid.UUID], now: datetime
) -> dict[uuid.UUID, tuple[int, datetime | None]]:
    if not ids:
        return {}
    refused = and_(Launch.verdict == Verdict.REFUSED, Launch.at > now - _LATELY)
    rows = session.execute(
        select(
            Launch.registration_id,
            func.count(case((refused, 1))),
            func.max(case((Launch.verdict == Verdict.ACCEPTED, Launch.at))),
        )
        .where(Launch.registration_id.in_(ids))
        .group_by(Launch.registration_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def invitations(session: Session, actor: Actor) -> list[tuple[RegistrationInvitation, Organisation]]:
    """Return the invitations that no platform used and nobody withdrew, the newest first."""
    rows = session.execute(
        select(RegistrationInvitation, Organisation)
        .join(Organisation, Organisation.id == RegistrationInvitation.organisation_id)
        .where(
            RegistrationInvitation.organisation_id.in_(actor.organisations(Permission.LTI_REGISTRATION_READ)),
            RegistrationInvitation.used_at.is_(None),
            RegistrationInvitation.withdrawn_at.is_(None),
        )
        .order_by(RegistrationInvitation.created_at.desc())
        .limit(50)
    )
    return [(row[0], row[1]) for row in rows]


def invitation_for(
    session: Session, actor: Actor, invitation_id: uuid.UUID, permission: Permission
) -> RegistrationInvitation:
    """Return an invitation of an organisation on which the actor is allowed something; NotFound otherwise."""
    query = select(RegistrationInvitation).where(
        RegistrationInvitation.id == invitation_id,
        RegistrationInvitation.organisation_id.in_(actor.organisations(permission)),
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def registration_for(
    session: Session, actor: Actor, registration_id: uuid.UUID, permission: Permission
) -> tuple[Registration, Organisation]:
    """Return a platform and its organisation, on which the actor is allowed something; NotFound otherwise."""
    row = session.execute(
        select(Registration, Organisation)
        .join(Organisation, Organisation.id == Registration.organisation_id)
        .where(Registration.id == registration_id, Organisation.id.in_(actor.organisations(permission)))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def deployment_for(
    session: Session, actor: Actor, deployment_id: uuid.UUID, permission: Permission
) -> tuple[Deployment, Registration]:
    """Return a deployment and its platform, on which the actor is allowed something; NotFound otherwise."""
    row = session.execute(
        select(Deployment, Registration)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(Deployment.id == deployment_id, Registration.organisation_id.in_(actor.organisations(permission)))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def deployments_of(session: Session, registration: Registration) -> list[Seen]:
    """Return the installations inside a platform, those that wait first."""
    courses = select(func.count()).where(Context.deployment_id == Deployment.id).scalar_subquery()
    held = (
        select(func.count())
        .where(Launch.deployment_id == Deployment.id, Launch.verdict != Verdict.ACCEPTED)
        .scalar_subquery()
    )
    rows = session.execute(select(Deployment, courses, held).where(Deployment.registration_id == registration.id)).all()
    order = [DeploymentState.PENDING, DeploymentState.ACTIVE, DeploymentState.DISABLED]
    found = [Seen(row[0], row[1], row[2]) for row in rows]
    return sorted(found, key=lambda seen: (order.index(seen.deployment.state), seen.deployment.first_seen_at))


def key_set_of(session: Session, registration: Registration) -> PlatformKeySet | None:
    """Return the platform's public keys as last read, if they ever were."""
    return session.get(PlatformKeySet, registration.id)


def last_launches(session: Session, registration: Registration, count: int = 5) -> list[Launch]:
    """Return the last launches of a platform, the newest first."""
    query = select(Launch).where(Launch.registration_id == registration.id)
    return list(session.scalars(query.order_by(Launch.at.desc(), Launch.id.desc()).limit(count)))


def launches(session: Session, registration: Registration, wanted: Wanted, *, per_page: int = 50) -> Listing[Launch]:
    """Return one page of the launches of a platform, filtered by verdict, searched by reason or request."""
    query = select(Launch).where(
        Launch.registration_id == registration.id,
        *matches(wanted.query, Launch.reason, Launch.detail, Launch.message_type, Launch.request_id),
    )
    verdict = (wanted.filters or {}).get("verdict")
    if verdict in set(Verdict):
        query = query.where(Launch.verdict == Verdict(verdict))
    sorts: dict[str, list[SQLColumnExpression[Any]]] = {
        "at": [Launch.at],
    }
    return paginate(session, query, wanted, sorts=sorts, default="at", tie=Launch.id, per_page=per_page)
