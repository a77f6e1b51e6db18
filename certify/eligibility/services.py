"""What can be done with a file before a jury: exempt from a requirement, say that a document was received."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.cohorts.models import Enrolment
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.eligibility import policies, queries
from certify.eligibility.models import Derogation, ReceivedDocument


def waive(session: Session, actor: Actor, enrolment: Enrolment, *, requirement: str, reason: str) -> Derogation:
    """Exempt a trainee from one requirement of their file, for a reason the jury will read."""
    _require_somebody_else(actor, enrolment)
    _lock(session, enrolment)
    file = queries.file_of(session, enrolment)
    asked = file.of(requirement)
    if asked is None:
        raise Invalid(_l("Cette condition n’est pas demandée pour ce dossier. Choisissez-en une autre."), "requirement")
    if asked.code in file.waived:
        raise Conflict(_l("Une dérogation est déjà accordée pour cette condition."))
    if asked.is_met:
        raise Conflict(_l("Cette condition est remplie : elle n’appelle pas de dérogation."))
    _require_a_reason(reason)
    row = Derogation(
        enrolment_id=enrolment.id, training_body_id=enrolment.training_body_id, requirement=asked.code,
        reason=reason.strip(), granted_at=clock.now(), granted_by_id=actor.user_id,
    )  # fmt: skip
    session.add(row)
    _note(session, actor, "eligibility:derogation:granted", row, enrolment, requirement=asked.code)
    return row


def withdraw(session: Session, actor: Actor, enrolment: Enrolment, requirement: str) -> Derogation:
    """Withdraw an exemption: the row stays, with who granted it, why, and who withdrew it."""
    _require_somebody_else(actor, enrolment)
    _lock(session, enrolment)
    query = select(Derogation).where(
        Derogation.enrolment_id == enrolment.id,
        Derogation.requirement == requirement,
        Derogation.withdrawn_at.is_(None),
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        raise Conflict(_l("Cette dérogation est déjà retirée."))
    row.withdrawn_at, row.withdrawn_by_id = clock.now(), actor.user_id
    _note(session, actor, "eligibility:derogation:withdrawn", row, enrolment, requirement=requirement)
    return row


def receive(
    session: Session, actor: Actor, enrolment: Enrolment, *, document: str, received_on: date
) -> ReceivedDocument:
    """Record that a document of the file was received."""
    _require_somebody_else(actor, enrolment)
    _lock(session, enrolment)
    programme = queries.file_of(session, enrolment).programme
    if document not in {one.code for one in programme.documents}:
        raise Invalid(_l("Cette pièce n’est pas demandée par le programme."), "document")
    if received_on > clock.today():
        raise Invalid(_l("Cette date est à venir. Indiquez le jour où la pièce est arrivée."), "received_on")
    if _standing(session, enrolment, document) is not None:
        raise Conflict(_l("Cette pièce est déjà enregistrée comme reçue."))
    row = ReceivedDocument(
        enrolment_id=enrolment.id, training_body_id=enrolment.training_body_id, document=document,
        received_on=received_on, recorded_at=clock.now(), recorded_by_id=actor.user_id,
    )  # fmt: skip
    session.add(row)
    _note(session, actor, "eligibility:document:received", row, enrolment, document=document, received_on=received_on)
    return row


def strike_out(session: Session, actor: Actor, enrolment: Enrolment, document: str) -> ReceivedDocument:
    """Strike out a document received by mistake, or that turned out wrong; the row stays."""
    _require_somebody_else(actor, enrolment)
    _lock(session, enrolment)
    row = _standing(session, enrolment, document)
    if row is None:
        raise Conflict(_l("Cette pièce n’est plus enregistrée comme reçue."))
    row.withdrawn_at, row.withdrawn_by_id = clock.now(), actor.user_id
    _note(session, actor, "eligibility:document:struck-out", row, enrolment, document=document)
    return row


def _standing(session: Session, enrolment: Enrolment, document: str) -> ReceivedDocument | None:
    query = select(ReceivedDocument).where(
        ReceivedDocument.enrolment_id == enrolment.id,
        ReceivedDocument.document == document,
        ReceivedDocument.withdrawn_at.is_(None),
    )
    return session.scalars(query).one_or_none()


def _lock(session: Session, enrolment: Enrolment) -> None:
    # Two people acting on one file wait for each other: neither an exemption nor a document is recorded twice.
    session.execute(select(Enrolment.id).where(Enrolment.id == enrolment.id).with_for_update())


def _require_somebody_else(actor: Actor, enrolment: Enrolment) -> None:
    if policies.is_own(actor, enrolment):
        raise Forbidden(_l("Ce dossier est le vôtre : demandez à quelqu’un d’autre de votre organisme."))


def _require_a_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid(_l("Écrivez le motif : le jury le lira."), "reason")
    findings = competencies.find_identifying(reason)
    if findings:
        words = competencies.advice(findings[0].kind).to(current_locale())
        message: Any = _l(
            "« %(excerpt)s » permet de reconnaître quelqu’un. %(advice)s", excerpt=findings[0].excerpt, advice=words
        )
        raise Invalid(message, "reason")


def _note(session: Session, actor: Actor, tag: str, row: Any, enrolment: Enrolment, **facts: Any) -> None:
    session.flush()
    body = enrolment.training_body_id
    audit.record(session, actor, tag, row, organisation_id=body, enrolment_id=enrolment.id, **facts)
