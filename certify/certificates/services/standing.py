"""What happens to a certificate after its issue: revoked, reinstated."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from certify.certificates import mails, policies
from certify.certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateEventKind,
)
from certify.certificates.services.noting import note
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l

SHORTEST_REASON = 10


def revoke(session: Session, actor: Actor, certificate: Certificate, *, reason: str) -> CertificateEvent:
    """Withdraw a certificate from now on: it stays in the register, and its public page says so. Its holder is told."""
    return _turn(session, actor, certificate, CertificateEventKind.REVOKED, reason)


def reinstate(session: Session, actor: Actor, certificate: Certificate, *, reason: str) -> CertificateEvent:
    """Make a revoked certificate valid again, by a new event; its holder is told."""
    return _turn(session, actor, certificate, CertificateEventKind.REINSTATED, reason)


def _turn(
    session: Session, actor: Actor, certificate: Certificate, kind: CertificateEventKind, reason: str
) -> CertificateEvent:
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid(_l("Écrivez le motif en %(count)s caractères au moins.", count=SHORTEST_REASON), "reason")
    query = select(Certificate).where(Certificate.id == certificate.id).options(selectinload(Certificate.events))
    locked = session.scalars(query.with_for_update(of=Certificate).execution_options(populate_existing=True)).one()
    if policies.state_of(locked).is_valid is (kind is CertificateEventKind.REINSTATED):
        raise Conflict(_l("L’état de ce certificat a déjà changé. Rouvrez sa page pour le lire."))
    event = CertificateEvent(
        certificate_id=locked.id, kind=kind, at=clock.now(), by_id=actor.user_id, reason=reason.strip()
    )
    session.add(event)
    session.flush()
    session.expire(locked, ["events"])
    note(session, actor, f"certificate:record:{kind.value}", locked, number=locked.number)
    mails.state_changed(session, locked, kind, reason.strip())
    return event
