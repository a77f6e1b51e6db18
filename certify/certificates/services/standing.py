"""What happens to a certificate after its issue: suspended, lifted, revoked, reinstated, replaced."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from certify.certificates import mails, policies
from certify.certificates.models import Certificate, CertificateEvent, CertificateEventKind
from certify.certificates.services.noting import note
from certify.core import clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l

SHORTEST_REASON = 10
TURNED = "certificate.turned"
"""Outbox topic of every change of state, with the `certificate_id`."""


def suspend(session: Session, actor: Actor, certificate: Certificate, *, reason: str) -> CertificateEvent:
    """Put a certificate aside while something is cleared up; its public page says so. Its holder is told why."""
    return turn(session, actor, certificate, CertificateEventKind.SUSPENDED, reason=reason)


def lift(session: Session, actor: Actor, certificate: Certificate, *, reason: str) -> CertificateEvent:
    """End a suspension: the certificate is worth again what it says."""
    return turn(session, actor, certificate, CertificateEventKind.LIFTED, reason=reason)


def revoke(session: Session, actor: Actor, certificate: Certificate, *, reason: str) -> CertificateEvent:
    """Withdraw a certificate from now on: it stays in the register, and its public page says so. Its holder is told."""
    return turn(session, actor, certificate, CertificateEventKind.REVOKED, reason=reason)


def reinstate(session: Session, actor: Actor, certificate: Certificate, *, reason: str) -> CertificateEvent:
    """Make a revoked certificate valid again, by a new event; its holder is told."""
    return turn(session, actor, certificate, CertificateEventKind.REINSTATED, reason=reason)


def turn(
    session: Session,
    actor: Actor | None,
    certificate: Certificate,
    kind: CertificateEventKind,
    *,
    reason: str,
    successor: Certificate | None = None,
) -> CertificateEvent:
    """Write the event that changes the state of a certificate, tell its holder and whoever publishes lists.

    `actor` is None for what follows from a jury's session. `successor` is the correction that replaces it. Raises
    Invalid for a reason too short, Conflict when the certificate is no more in a state where this may happen.
    """
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid(_l("Écrivez le motif en %(count)s caractères au moins.", count=SHORTEST_REASON), "reason")
    locked = locked_with_events(session, certificate)
    state = kind.leads_to
    if state is None or not policies.may_become(locked, kind):
        raise Conflict(_l("L’état de ce certificat a déjà changé. Rouvrez sa page pour le lire."))
    event = CertificateEvent(
        certificate_id=locked.id, kind=kind, at=clock.now(), by_id=actor.user_id if actor else None,
        reason=reason.strip(), successor_id=successor.id if successor else None,
    )  # fmt: skip
    session.add(event)
    locked.state = state
    session.flush()
    session.expire(locked, ["events"])
    note(session, actor, f"certificate:record:{kind.value}", locked, number=locked.number)
    mails.state_changed(session, locked, event, successor)
    outbox.send(session, TURNED, certificate_id=locked.id)
    return event


def locked_with_events(session: Session, certificate: Certificate) -> Certificate:
    """Return a certificate as the database holds it, nobody else changing it until the transaction ends."""
    query = select(Certificate).where(Certificate.id == certificate.id).options(selectinload(Certificate.events))
    return session.scalars(query.with_for_update(of=Certificate).execution_options(populate_existing=True)).one()
