"""Issuing what a jury decided, once."""

import uuid
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.certificates import codes, queries
from certify.certificates.models import (
    Certificate,
    CertificateCounter,
    CertificateEvent,
    CertificateEventKind,
    CertificateKind,
)
from certify.certificates.services.noting import note
from certify.core import clock, outbox
from certify.core.access import Actor
from certify.core.clock import PARIS
from certify.core.errors import Conflict
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of
from certify.juries import queries as juries
from certify.juries.queries import Award, JurySession
from certify.organisations.models import Organisation

_TITLES = {CertificateKind.WHOLE: "Certificat", CertificateKind.BLOCKS: "Attestation de blocs de compétences"}


class Decision(Protocol):
    """A jury's decision, or the award made of it."""

    @property
    def id(self) -> uuid.UUID:
        """Identifier of the decision."""


def issue(session: Session, actor: Actor, decision: Decision) -> Certificate:
    """Issue what a decision of a closed session leads to, once: asked again, the same certificate is returned.

    The whole certification, or an attestation of the blocks acquired. Raises Conflict when there is nothing to certify.
    """
    return _issue(session, actor, juries.award(session, decision.id))


def issue_all(session: Session, actor: Actor, jury: JurySession) -> list[Certificate]:
    """Issue everything a closed session leads to; return what was issued now."""
    awards = [award for award in juries.awards_of(session, jury) if award.leads_to_a_certificate]
    known = queries.certificates_of_decisions(session, [award.id for award in awards])
    return [_issue(session, actor, award) for award in awards if award.id not in known]


def _issue(session: Session, actor: Actor, award: Award) -> Certificate:
    if not award.leads_to_a_certificate:
        raise Conflict(_l("Cette décision ne donne lieu à aucun certificat."))
    body_id = award.jury.certifying_body_id
    # The counter is the lock: two issues at once follow each other, and the second finds what the first issued.
    counter = _locked_counter(session, body_id, clock.today().year)
    kind = CertificateKind.WHOLE if award.outcome is competencies.WholeOutcome.OBTAINED else CertificateKind.BLOCKS
    known = session.scalars(select(Certificate).where(Certificate.decision_id == award.id, Certificate.kind == kind))
    if (found := known.one_or_none()) is not None:
        return found
    counter.last += 1
    moment = clock.now()
    certificate = Certificate(
        id=new_id(), certifying_body_id=body_id, decision_id=award.id, enrolment_id=award.enrolment.id,
        holder_id=award.holder.id, kind=kind, number=f"C-{counter.year}-{counter.last:06d}", code=codes.new_code(),
        holder_name=award.holder.name, issued_at=moment, issued_by_id=actor.user_id,
        events=[CertificateEvent(kind=CertificateEventKind.ISSUED, at=moment, by_id=actor.user_id)],
    )  # fmt: skip
    certificate.facts = _facts(session, actor, award, certificate)
    session.add(certificate)
    session.flush()
    note(session, actor, "certificate:record:issued", certificate, number=certificate.number, kind=kind.value)
    outbox.send(session, queries.TOPIC, certificate_id=certificate.id)
    return certificate


def _locked_counter(session: Session, body_id: uuid.UUID, year: int) -> CertificateCounter:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row: Any = dialect.insert(CertificateCounter).values(certifying_body_id=body_id, year=year, last=0)
    session.execute(row.on_conflict_do_nothing())
    query = select(CertificateCounter).where(
        CertificateCounter.certifying_body_id == body_id, CertificateCounter.year == year
    )
    session.flush()
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def _facts(session: Session, actor: Actor, award: Award, certificate: Certificate) -> dict[str, Any]:
    body = session.get_one(Organisation, certificate.certifying_body_id)
    training_body = session.get_one(Organisation, award.enrolment.training_body_id)
    version = session.get_one(FrameworkVersion, award.jury.framework_version_id)
    framework = framework_of(session, version.id)
    issuer = session.get(User, actor.user_id)
    return {
        "title": _TITLES[certificate.kind],
        "kind": certificate.kind.value,
        "number": certificate.number,
        "code": certificate.code,
        "certification": framework.title.fr,
        "framework": {"code": version.code, "version": version.version, "digest": version.digest},
        "holder": {
            "name": award.holder.name, "given_name": award.holder.given_name, "family_name": award.holder.family_name,
        },
        "blocks": [
            {"code": block.code, "number": block.number, "title": block.title.fr, "outcome": "acquired"}
            for block in framework.blocks
            if block.code in award.acquired
        ],
        "certifier": body.name,
        "training_body": training_body.name,
        "decided_on": award.decided_on.isoformat(),
        "minutes": award.jury.reference,
        "issued_on": certificate.issued_at.astimezone(PARIS).date().isoformat(),
        "place": body.city or award.jury.place,
        "issuer": issuer.name if issuer is not None else actor.name,
        "is_demo": body.is_demo or training_body.is_demo or award.holder.is_demo,
    }  # fmt: skip
