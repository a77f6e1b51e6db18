"""What a jury's session leads to: certificates to issue, issued, made; and what kept one from being made."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, selectinload

from certify.certificates import policies
from certify.certificates.models import Certificate, CertificateState
from certify.core.access import Actor, Permission
from certify.core.outbox import OutboxMessage
from certify.juries import queries as juries
from certify.juries.queries import Award, JuryDecision, JurySession

TOPIC = "certificate.issued"


def certificates_of_decisions(session: Session, decision_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Certificate]:
    """Return the certificate issued from each decision, the last edition of it, with its events."""
    query = select(Certificate).where(Certificate.decision_id.in_(decision_ids)).order_by(Certificate.edition)
    found = session.scalars(query.options(selectinload(Certificate.events)))
    return {certificate.decision_id: certificate for certificate in found if certificate.decision_id is not None}


def certificates_of_awards(session: Session, awards: Collection[Award]) -> dict[uuid.UUID, Certificate]:
    """Return what answers each award, with its events: issued from its decision, else from an earlier one that says it.

    A decision taken again that changes nothing to what is acquired gives no other document.
    """
    this = aliased(JuryDecision)
    query = (
        select(Certificate, this.id)
        .join(JuryDecision, JuryDecision.id == Certificate.decision_id)
        .join(this, this.candidacy_id == JuryDecision.candidacy_id)
        .where(this.id.in_([award.id for award in awards]))
        .order_by(Certificate.issued_at, Certificate.edition)
    )
    rows = list(session.execute(query.options(selectinload(Certificate.events))))
    known = {award.id: award for award in awards}
    earlier = {award_id: one for one, award_id in rows if _still_says(one, known[award_id])}
    return earlier | {award_id: one for one, award_id in rows if one.decision_id == award_id}


def last_of_candidacies(session: Session, decision_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Certificate]:
    """Return the last certificate that was not replaced of the candidacy of each decision, with its events.

    One that stands goes before one that was revoked.
    """
    this = aliased(JuryDecision)
    query = (
        select(Certificate, this.id)
        .join(JuryDecision, JuryDecision.id == Certificate.decision_id)
        .join(this, this.candidacy_id == JuryDecision.candidacy_id)
        .where(this.id.in_(decision_ids), Certificate.state != CertificateState.REPLACED)
        .order_by(Certificate.state.in_(policies.STANDING), Certificate.issued_at)
        .options(selectinload(Certificate.events))
    )
    return {decision_id: one for one, decision_id in session.execute(query)}


def _still_says(certificate: Certificate, award: Award) -> bool:
    return certificate.state in policies.STANDING and policies.says_the_same(certificate, award)


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
    found = certificates_of_awards(session, awards)
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
    """Return the published sessions that lead to certificates not issued yet, with how many, for a registrar's home."""
    sessions = juries.published_sessions(session, actor, Permission.CERTIFICATE_ISSUE)
    awards = [award for award in juries.awards_of(session, *sessions) if award.leads_to_a_certificate]
    issued = certificates_of_awards(session, awards)
    due = [award.jury.id for award in awards if award.id not in issued]
    return [(jury, due.count(jury.id)) for jury in sessions if jury.id in due]
