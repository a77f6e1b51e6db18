"""Issuing what a jury decided, once."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

import competencies
from certify.certificates import codes, queries
from certify.certificates.models import (
    Certificate,
    CertificateCounter,
    CertificateEvent,
    CertificateEventKind,
    CertificateKind,
    CertificateState,
)
from certify.certificates.services import facts
from certify.certificates.services.noting import note
from certify.certificates.services.standing import turn
from certify.core import clock, outbox, pdf
from certify.core.access import Actor
from certify.core.errors import Conflict
from certify.core.i18n import force_locale
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.identities.queries import civil_names
from certify.juries import queries as juries
from certify.juries.queries import Award, JuryDecision, JurySession
from certify.organisations.models import Organisation
from certify.seals.services import ensure_key

_LETTERS = {CertificateKind.ATTENDANCE: "A"}
_WORTH = (CertificateState.VALID, CertificateState.SUSPENDED)


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
    """Issue everything a published session leads to and that can be printed; return what was issued now."""
    awards = [award for award in juries.awards_of(session, jury) if award.leads_to_a_certificate]
    known = queries.certificates_of_awards(session, awards)
    left = [award for award in awards if award.id not in known]
    hindered = hindrances(session, left)
    return [_issue(session, actor, award) for award in left if award.id not in hindered]


def hindrances(session: Session, awards: Iterable[Award]) -> Mapping[uuid.UUID, str]:
    """Return, for each award whose document could not be printed, why: the letters of the name, named one by one."""
    people = {award.id: award.holder for award in awards}
    known = civil_names(session, [holder.id for holder in people.values()])
    names = {one: known[holder.id].printed if holder.id in known else holder.name for one, holder in people.items()}
    return {one: _unprintable(missing) for one, name in names.items() if (missing := pdf.undrawable(name))}


def _unprintable(characters: Iterable[str]) -> str:
    return _("Le nom contient des caractères qui ne s’impriment pas : %(characters)s", characters=" ".join(characters))


def _issue(session: Session, actor: Actor, award: Award) -> Certificate:
    if not award.leads_to_a_certificate:
        raise Conflict(_l("Cette décision ne donne lieu à aucun certificat."))
    body_id = award.jury.certifying_body_id
    # The counter is the lock: two issues at once follow each other, and the second finds what the first issued.
    counter = locked_counter(session, body_id, clock.today().year)
    kind = CertificateKind.WHOLE if award.outcome is competencies.WholeOutcome.OBTAINED else CertificateKind.BLOCKS
    if (found := _of_decision(session, award.id, kind)) is not None:
        return found
    earlier = _of_candidacy(session, award.id)
    if earlier is not None and _says_the_same(earlier, kind, award):
        return earlier
    certificate = new_certificate(
        actor, counter, kind, holder_id=award.holder.id, enrolment_id=award.enrolment.id, decision_id=award.id
    )
    certificate.expires_on = facts.last_day(session, award, kind)
    replacing(certificate, earlier)
    certificate.facts = facts.of_award(session, actor, award, certificate, earlier)
    enter(session, actor, certificate)
    if earlier is not None:
        with force_locale("fr"):
            reason = _("Le jury a de nouveau décidé : ce document est remplacé.")
        turn(session, actor, earlier, CertificateEventKind.REPLACED, reason=reason, successor=certificate)
    return certificate


def _of_decision(session: Session, decision_id: uuid.UUID, kind: CertificateKind) -> Certificate | None:
    query = select(Certificate).where(Certificate.decision_id == decision_id, Certificate.kind == kind)
    return session.scalars(query.order_by(Certificate.edition.desc()).limit(1)).one_or_none()


def _of_candidacy(session: Session, decision_id: uuid.UUID) -> Certificate | None:
    """Return what an earlier decision on the same candidacy gave, if it still stands."""
    this = aliased(JuryDecision)
    query = (
        select(Certificate)
        .join(JuryDecision, JuryDecision.id == Certificate.decision_id)
        .join(this, this.candidacy_id == JuryDecision.candidacy_id)
        .where(this.id == decision_id, Certificate.state.in_(_WORTH))
    )
    return session.scalars(query.order_by(Certificate.issued_at.desc()).limit(1)).one_or_none()


def _says_the_same(certificate: Certificate, kind: CertificateKind, award: Award) -> bool:
    codes_said = {block["code"] for block in certificate.facts["blocks"]}
    return certificate.kind is kind and codes_said == set(award.acquired)


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
    """Make a new certificate the next edition of an earlier one."""
    if earlier is not None:
        certificate.replaces_id, certificate.edition = earlier.id, earlier.edition + 1


def enter(session: Session, actor: Actor, certificate: Certificate) -> None:
    """Enter a new certificate in the register, with its frozen facts, and have its document made.

    Raises Conflict, naming them, when characters of the name cannot be printed.
    """
    name: str = certificate.facts["holder"]["name"]
    if missing := pdf.undrawable(name):
        raise Conflict(_unprintable(missing))
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
