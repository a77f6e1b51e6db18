"""Reads about certificates: the register, one certificate, what a holder has, what anybody may check."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from certify.accounts.models import User
from certify.certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateEventKind,
    CertificateKind,
)
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.core.outbox import OutboxMessage
from certify.juries import queries as juries
from certify.juries.queries import Award, JurySession
from certify.organisations.models import Organisation

TOPIC = "certificate.issued"
_AGAIN = aliased(CertificateEvent)
_IS_LAST = ~exists().where(
    _AGAIN.certificate_id == CertificateEvent.certificate_id,
    or_(_AGAIN.at > CertificateEvent.at, and_(_AGAIN.at == CertificateEvent.at, _AGAIN.id > CertificateEvent.id)),
)


def is_revoked() -> ColumnElement[bool]:
    """Tell, in a query on certificates, which ones are revoked: their last event says so."""
    return exists().where(
        CertificateEvent.certificate_id == Certificate.id,
        CertificateEvent.kind == CertificateEventKind.REVOKED,
        _IS_LAST,
    )


@dataclass(frozen=True)
class Line:
    """One certificate in the register."""

    certificate: Certificate
    body: str
    is_revoked: bool


def register(actor: Actor, state: str = "", kind: str = "") -> Any:
    """Select what makes a `Line`, for the certificates whose register the actor may read."""
    revoked = is_revoked()
    query = (
        select(Certificate, Organisation.name, revoked)
        .join(Organisation, Organisation.id == Certificate.certifying_body_id)
        .where(Certificate.certifying_body_id.in_(actor.organisations(Permission.CERTIFICATE_READ)))
    )
    if state in ("valid", "revoked"):
        query = query.where(revoked if state == "revoked" else ~revoked)
    return query.where(Certificate.kind == CertificateKind(kind)) if kind in set(CertificateKind) else query


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


def certificates_of_holder(session: Session, user_id: uuid.UUID) -> list[Certificate]:
    """Return somebody's certificates, the latest first, with their events."""
    query = select(Certificate).where(Certificate.holder_id == user_id).options(selectinload(Certificate.events))
    return list(session.scalars(query.order_by(Certificate.issued_at.desc(), Certificate.id)))


def certificates_of_decisions(session: Session, decision_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Certificate]:
    """Return the certificate issued from each decision, with its events."""
    query = select(Certificate).where(Certificate.decision_id.in_(decision_ids))
    found = session.scalars(query.options(selectinload(Certificate.events)))
    return {certificate.decision_id: certificate for certificate in found if certificate.decision_id is not None}


def names_behind(session: Session, certificate: Certificate) -> dict[uuid.UUID, str]:
    """Return the names of those who issued, revoked or reinstated a certificate."""
    ids = {event.by_id for event in certificate.events}
    return {user.id: user.name for user in session.scalars(select(User).where(User.id.in_(ids)))}


@dataclass(frozen=True)
class Issue:
    """One decision of a session, and what was issued from it."""

    award: Award
    certificate: Certificate | None
    trouble: str = ""
    """Why its document could not be made so far."""

    @property
    def is_made(self) -> bool:
        """Whether the document exists."""
        return self.certificate is not None and bool(self.certificate.storage_key)


@dataclass(frozen=True)
class Progress:
    """How far the certificates of a session have got."""

    rows: list[Issue]

    @property
    def due(self) -> int:
        """How many certificates remain to be issued."""
        return sum(1 for row in self.rows if row.certificate is None and row.award.leads_to_a_certificate)

    @property
    def issued(self) -> int:
        """How many are issued."""
        return sum(1 for row in self.rows if row.certificate is not None)

    @property
    def made(self) -> int:
        """How many documents exist."""
        return sum(1 for row in self.rows if row.is_made)

    @property
    def is_running(self) -> bool:
        """Whether documents are still being made."""
        return self.made < self.issued


def progress_of(session: Session, jury: JurySession) -> Progress:
    """Return each decision of a closed session with its certificate, in a constant number of statements."""
    awards = juries.awards_of(session, jury)
    found = certificates_of_decisions(session, [award.id for award in awards])
    waiting = troubles(session) if any(not one.storage_key for one in found.values()) else {}
    rows = []
    for award in awards:
        certificate = found.get(award.id)
        rows.append(Issue(award, certificate, waiting.get(certificate.id, "") if certificate else ""))
    return Progress(rows)


def troubles(session: Session) -> Mapping[uuid.UUID, str]:
    """Return the last error of each certificate whose document is not made yet and was tried."""
    query = select(OutboxMessage.payload, OutboxMessage.last_error).where(
        OutboxMessage.topic == TOPIC, OutboxMessage.done_at.is_(None), OutboxMessage.last_error != ""
    )
    return {uuid.UUID(payload["certificate_id"]): error for payload, error in session.execute(query)}


def decisions_without_certificate(session: Session, actor: Actor) -> list[tuple[JurySession, int]]:
    """Return the closed sessions that lead to certificates not issued yet, with how many, for the registrar's home."""
    sessions = juries.closed_sessions(session, actor, Permission.CERTIFICATE_ISSUE)
    awards = [award for award in juries.awards_of(session, *sessions) if award.leads_to_a_certificate]
    issued = certificates_of_decisions(session, [award.id for award in awards])
    due = [award.jury.id for award in awards if award.id not in issued]
    return [(jury, due.count(jury.id)) for jury in sessions if jury.id in due]


def count_of_holder(session: Session, user_id: uuid.UUID) -> int:
    """Count somebody's certificates."""
    return session.scalar(select(func.count()).where(Certificate.holder_id == user_id)) or 0
