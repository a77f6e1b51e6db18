"""What happens to a certificate after its issue: suspended, lifted, revoked, reinstated, replaced."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, selectinload

from certify.certificates import mails, policies
from certify.certificates.models import Certificate, CertificateEvent, CertificateEventKind
from certify.certificates.services.noting import note
from certify.core import clock, outbox, pdf
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.juries import queries as juries
from certify.juries.queries import JuryDecision

SHORTEST_REASON = 10
TURNED = "certificate.turned"
"""Outbox topic of every change of state, with the `certificate_id`."""
_WORTH_AGAIN = (CertificateEventKind.LIFTED, CertificateEventKind.REINSTATED)


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
    Invalid for a reason too short or that cannot be printed, Conflict when the certificate is no more in a state where
    this may happen, or when nothing would uphold it.
    """
    said = checked_reason(reason) if actor is not None else reason.strip()
    locked = locked_with_events(session, certificate)
    state = kind.leads_to
    if state is None or not policies.may_become(locked, kind, is_automatic=actor is None):
        raise Conflict(_l("L’état de ce certificat a déjà changé. Rouvrez sa page pour le lire."))
    if kind in _WORTH_AGAIN and (hindrance := _why_not_worth_again(session, locked)) is not None:
        raise Conflict(hindrance)
    event = CertificateEvent(
        certificate_id=locked.id, kind=kind, at=clock.now(), by_id=actor.user_id if actor else None,
        reason=said, successor_id=successor.id if successor else None,
    )  # fmt: skip
    session.add(event)
    locked.state = state
    session.flush()
    session.expire(locked, ["events"])
    note(session, actor, f"certificate:record:{kind.value}", locked, number=locked.number)
    mails.state_changed(session, locked, event, successor)
    outbox.send(session, TURNED, certificate_id=locked.id)
    return event


def checked_reason(reason: str) -> str:
    """Return a reason as it is kept and printed; raises Invalid when it is too short or no font draws all of it."""
    said = pdf.without_invisible(reason).strip()
    if len(said) < SHORTEST_REASON:
        raise Invalid(_l("Écrivez le motif en %(count)s caractères au moins.", count=SHORTEST_REASON), "reason")
    if missing := pdf.undrawable(said):
        raise Invalid(_l("Ces caractères ne s’impriment pas : %(characters)s", characters=pdf.named(missing)), "reason")
    return said


def _why_not_worth_again(session: Session, certificate: Certificate) -> Any:
    """Tell why a certificate put aside or withdrawn may not be valid again, if it may not."""
    if (other := other_standing(session, certificate)) is not None:
        return _l("Le document %(number)s tient déjà lieu de celui-ci.", number=other.number)
    if certificate.decision_id is None:
        return None
    award = juries.award_of_candidacy(session, certificate.decision_id)
    if award is None:
        return _l("Les résultats de cette session de jury ne sont pas publiés : attendez leur publication.")
    if not policies.upholds(award, certificate):
        return _l("La décision du jury en vigueur n’accorde plus ce que dit ce document : il reste écarté.")
    return None


def other_standing(session: Session, certificate: Certificate) -> Certificate | None:
    """Return another certificate of the same candidacy, or attestation of the same person's attendance, that stands."""
    query = select(Certificate).where(
        Certificate.id != certificate.id, Certificate.enrolment_id == certificate.enrolment_id,
        Certificate.state.in_(policies.STANDING),
    )  # fmt: skip
    if certificate.decision_id is None:
        query = query.where(Certificate.decision_id.is_(None))
    else:
        own, others = aliased(JuryDecision), aliased(JuryDecision)
        of_candidacy = select(others.id).join(own, own.candidacy_id == others.candidacy_id)
        query = query.where(Certificate.decision_id.in_(of_candidacy.where(own.id == certificate.decision_id)))
    return session.scalars(query.limit(1)).one_or_none()


def locked_with_events(session: Session, certificate: Certificate) -> Certificate:
    """Return a certificate as the database holds it, nobody else changing it until the transaction ends."""
    query = select(Certificate).where(Certificate.id == certificate.id).options(selectinload(Certificate.events))
    return session.scalars(query.with_for_update(of=Certificate).execution_options(populate_existing=True)).one()
