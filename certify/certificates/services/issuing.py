"""Issuing what a jury decided, once."""

import uuid
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

import competencies
from certify.certificates import codes, policies, queries
from certify.certificates.models import (
    Certificate,
    CertificateCounter,
    CertificateEvent,
    CertificateEventKind,
    CertificateKind,
    CertificateState,
)
from certify.certificates.services import facts
from certify.certificates.services.following import follow
from certify.certificates.services.noting import note
from certify.certificates.services.printing import (
    fault_of,
    fault_of_name,
    hindrances,
    why_not_beside,
    without_invisible,
)
from certify.certificates.services.standing import turn
from certify.core import clock, outbox, pdf
from certify.core.access import Actor
from certify.core.errors import Conflict
from certify.core.i18n import force_locale
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.juries import queries as juries
from certify.juries.queries import Award, Candidacy, JuryDecision, JurySession
from certify.organisations.models import Organisation
from certify.seals.services import ensure_key

_LETTERS = {CertificateKind.ATTENDANCE: "A"}


class Decision(Protocol):
    """A jury's decision, or the award made of it."""

    @property
    def id(self) -> uuid.UUID:
        """Identifier of the decision."""


def issue(session: Session, actor: Actor, decision: Decision) -> Certificate:
    """Issue what a decision of a published session leads to, once: asked again, the same certificate is returned.

    The whole certification, or an attestation of the blocks acquired. What an earlier decision on the same candidacy
    gave is replaced when the later one says something else. Raises Conflict when there is nothing to certify, or when
    the letters of documents cannot write the name.
    """
    return _issue(session, actor, juries.award(session, decision.id))


def issue_all(session: Session, actor: Actor, jury: JurySession) -> list[Certificate]:
    """Issue everything a published session leads to and that nothing prevents; return what was issued now."""
    awards = [award for award in juries.awards_of(session, jury) if award.leads_to_a_certificate]
    known = queries.certificates_of_awards(session, awards)
    left = [award for award in awards if award.id not in known]
    hindered = hindrances(session, actor, left)
    return [_issue(session, actor, award) for award in left if award.id not in hindered]


def _issue(session: Session, actor: Actor, award: Award) -> Certificate:
    if not award.leads_to_a_certificate:
        raise Conflict(_l("Cette décision ne donne lieu à aucun certificat."))
    body_id = award.jury.certifying_body_id
    # The counter is the lock: two issues at once follow each other, and the second finds what the first issued.
    counter = locked_counter(session, body_id, clock.today().year)
    kind = CertificateKind.WHOLE if award.outcome is competencies.WholeOutcome.OBTAINED else CertificateKind.BLOCKS
    if (found := _of_decision(session, award.id, kind)) is not None:
        return found
    earlier = _brought_up_to_date(session, award)
    if earlier is not None and policies.says_the_same(earlier, award):
        return earlier
    certificate = new_certificate(
        actor, counter, kind, holder_id=award.holder.id, enrolment_id=award.enrolment.id, decision_id=award.id
    )
    certificate.expires_on = facts.last_day(session, award, kind)
    replacing(certificate, earlier)
    certificate.facts = facts.of_award(session, actor, award, certificate, earlier)
    enter(session, actor, certificate)
    if earlier is not None:
        _take_the_place(session, actor, certificate, earlier)
    return certificate


def _of_decision(session: Session, decision_id: uuid.UUID, kind: CertificateKind) -> Certificate | None:
    query = select(Certificate).where(Certificate.decision_id == decision_id, Certificate.kind == kind)
    return session.scalars(query.order_by(Certificate.edition.desc()).limit(1)).one_or_none()


def _brought_up_to_date(session: Session, award: Award) -> Certificate | None:
    """Return what earlier decisions on the same candidacy gave and still stands.

    What the jury had withdrawn and now gives back is given back first, whether its message was read yet or not. Raises
    Conflict when somebody of the register withdrew it.
    """
    earlier = queries.last_of_candidacies(session, [award.id]).get(award.id)
    if earlier is None or earlier.state is not CertificateState.REVOKED:
        return earlier
    if (hindrance := why_not_beside(earlier, award)) is not None:
        raise Conflict(hindrance)
    decided = select(JuryDecision.candidacy_id).where(JuryDecision.id == award.id)
    follow(session, Candidacy.id == decided.scalar_subquery())
    found = queries.last_of_candidacies(session, [award.id]).get(award.id)
    return found if found is not None and found.state in policies.STANDING else None


def _take_the_place(session: Session, actor: Actor, certificate: Certificate, earlier: Certificate) -> None:
    """Replace an earlier document; what was suspended by somebody gives a document suspended as it was."""
    held = policies.suspension_by_hand(earlier)
    with force_locale("fr"):
        reason = _("Le jury a de nouveau décidé : ce document est remplacé.")
        suspended = held and _(
            "Le document %(number)s, que celui-ci remplace, était suspendu : %(reason)s",
            number=earlier.number, reason=pdf.drawable(held.reason),
        )  # fmt: skip
    turn(session, actor, earlier, CertificateEventKind.REPLACED, reason=reason, successor=certificate)
    if suspended:
        turn(session, actor, certificate, CertificateEventKind.SUSPENDED, reason=suspended)


def new_certificate(
    actor: Actor,
    counter: CertificateCounter,
    kind: CertificateKind,
    *,
    holder_id: uuid.UUID,
    enrolment_id: uuid.UUID,
    decision_id: uuid.UUID | None,
) -> Certificate:
    """Return a certificate with the next number of its body, its code and its first event; its facts are to come."""
    counter.last += 1
    moment = clock.now()
    return Certificate(
        id=new_id(), certifying_body_id=counter.certifying_body_id, decision_id=decision_id,
        enrolment_id=enrolment_id, holder_id=holder_id, kind=kind, edition=1, code=codes.new_code(), issued_at=moment,
        number=f"{_LETTERS.get(kind, 'C')}-{counter.year}-{counter.last:06d}", issued_by_id=actor.user_id,
        events=[CertificateEvent(kind=CertificateEventKind.ISSUED, at=moment, by_id=actor.user_id)],
    )  # fmt: skip


def replacing(certificate: Certificate, earlier: Certificate | None) -> None:
    """Make a new certificate the next edition of an earlier one, whose events are loaded."""
    if earlier is None:
        return
    certificate.replaces_id, certificate.edition = earlier.id, earlier.edition + 1
    if certificate.kind is earlier.kind:
        # What renewed the earlier one renews this one.
        certificate.events += [
            CertificateEvent(kind=one.kind, at=certificate.issued_at, successor_id=one.successor_id)
            for one in earlier.events
            if one.kind is CertificateEventKind.RENEWED
        ]


def enter(session: Session, actor: Actor, certificate: Certificate) -> None:
    """Enter a new certificate in the register, with its frozen facts, and have its document made.

    Raises Conflict, naming them, when characters of what it says cannot be printed.
    """
    certificate.facts = without_invisible(certificate.facts)
    name: str = certificate.facts["holder"]["name"]
    if fault := fault_of_name(name) or fault_of(certificate.facts):
        raise Conflict(fault)
    certificate.holder_name = name[:_LONGEST_NAME]
    ensure_key(session, session.get_one(Organisation, certificate.certifying_body_id), actor)
    session.add(certificate)
    session.flush()
    kind: Any = certificate.kind.value
    note(session, actor, "certificate:record:issued", certificate, number=certificate.number, kind=kind)
    outbox.send(session, queries.TOPIC, certificate_id=certificate.id)


_LONGEST_NAME = 170


def locked_counter(session: Session, body_id: uuid.UUID, year: int) -> CertificateCounter:
    """Return the counter of a body's numbers in a year, nobody else taking one until the transaction ends."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row: Any = dialect.insert(CertificateCounter).values(certifying_body_id=body_id, year=year, last=0)
    session.execute(row.on_conflict_do_nothing())
    query = select(CertificateCounter).where(
        CertificateCounter.certifying_body_id == body_id, CertificateCounter.year == year
    )
    session.flush()
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
