"""One certificate: by its identifier for those who may read it, by its code or its bytes for anybody."""

import uuid
from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from certify.accounts.models import User
from certify.certificates import policies
from certify.certificates.models import Certificate, CertificateEvent
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound


def certificate_for(session: Session, actor: Actor, certificate_id: uuid.UUID, permission: Permission) -> Certificate:
    """Return a certificate of a body where the actor holds the permission, with its events; NotFound otherwise."""
    return _one(session, certificate_id, Certificate.certifying_body_id.in_(actor.organisations(permission)))


def readable_certificate(session: Session, actor: Actor, certificate_id: uuid.UUID) -> Certificate:
    """Return a certificate the actor holds, or whose register they read."""
    bodies = actor.organisations(Permission.CERTIFICATE_READ)
    reach = or_(Certificate.certifying_body_id.in_(bodies), Certificate.holder_id == actor.user_id)
    return _one(session, certificate_id, reach)


def _one(session: Session, certificate_id: uuid.UUID, reach: ColumnElement[bool]) -> Certificate:
    query = select(Certificate).where(Certificate.id == certificate_id, reach)
    found = session.scalars(query.options(selectinload(Certificate.events))).one_or_none()
    if found is None:
        raise NotFound()
    return found


def by_code(session: Session, code: str) -> Certificate | None:
    """Return the certificate of a code, with its events, for whoever asks."""
    query = select(Certificate).where(Certificate.code == code)
    return session.scalars(query.options(selectinload(Certificate.events))).one_or_none()


def certificate_of_hash(session: Session, sha256: str) -> tuple[Certificate, int | None] | None:
    """Return the certificate whose stored bytes have this hash, with the number of the duplicate sheet if it is one."""
    query = select(Certificate).options(selectinload(Certificate.events))
    found = session.scalars(query.where(Certificate.sha256 == sha256).limit(1)).one_or_none()
    if found is not None:
        return found, None
    sheet = session.scalars(select(CertificateEvent).where(CertificateEvent.sha256 == sha256).limit(1)).one_or_none()
    if sheet is None:
        return None
    return session.scalars(query.where(Certificate.id == sheet.certificate_id)).one(), sheet.number


def neighbours_of(session: Session, certificate: Certificate) -> dict[uuid.UUID, Certificate]:
    """Return the certificates that this one replaces, or that replace or renew it, by identifier."""
    ids = {event.successor_id for event in certificate.events} | {certificate.replaces_id}
    wanted = [one for one in ids if one is not None]
    if not wanted:
        return {}
    return {one.id: one for one in session.scalars(select(Certificate).where(Certificate.id.in_(wanted)))}


def certificates_of_holder(session: Session, user_id: uuid.UUID) -> list[Certificate]:
    """Return somebody's certificates, the latest first, with their events."""
    query = select(Certificate).where(Certificate.holder_id == user_id).options(selectinload(Certificate.events))
    return list(session.scalars(query.order_by(Certificate.issued_at.desc(), Certificate.id)))


def count_of_holder(session: Session, user_id: uuid.UUID) -> int:
    """Count somebody's certificates."""
    return session.scalar(select(func.count()).where(Certificate.holder_id == user_id)) or 0


def states_of(
    session: Session, certificate_ids: Collection[uuid.UUID], today: date | None = None
) -> dict[uuid.UUID, policies.State]:
    """Return what each certificate is worth on a day, in two statements."""
    query = select(Certificate).where(Certificate.id.in_(certificate_ids)).options(selectinload(Certificate.events))
    return {one.id: policies.state_of(one, today) for one in session.scalars(query)}


def names_behind(session: Session, certificate: Certificate) -> dict[uuid.UUID, str]:
    """Return the names of those who issued, suspended, revoked or reinstated a certificate."""
    ids = {event.by_id for event in certificate.events if event.by_id is not None}
    return {user.id: user.name for user in session.scalars(select(User).where(User.id.in_(ids)))}
