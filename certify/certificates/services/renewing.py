"""The calendar of certificates that end: reminders to their holders, and the link to what was obtained again."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, selectinload

import competencies
from certify.certificates import mails
from certify.certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateEventKind,
    CertificateKind,
    CertificateState,
)
from certify.certificates.services.noting import note
from certify.certificates.services.standing import locked_with_events
from certify.core import clock
from certify.juries.queries import Candidacy, JuryDecision, JurySession
from certify.juries.rules import rules_of

_SHORTLY = timedelta(days=30)
_FURTHEST = timedelta(days=31 * 36)
"""No certification opens its renewal earlier than this before its end."""
_LAST_STEP = 3


def to_consider(session: Session) -> list[uuid.UUID]:
    """Return the certificates whose holder may have to be told of their end: near, or just past, and not all said."""
    today, events = clock.today(), CertificateEvent
    said = select(func.max(events.number)).where(
        events.certificate_id == Certificate.id, events.kind == CertificateEventKind.REMINDED
    )
    again = exists().where(events.certificate_id == Certificate.id, events.kind == CertificateEventKind.RENEWED)
    query = select(Certificate.id).where(
        Certificate.expires_on.between(today - _SHORTLY, today + _FURTHEST),
        Certificate.state == CertificateState.VALID,
        func.coalesce(said.scalar_subquery(), 0) < _LAST_STEP,
        ~again,
    )
    return list(session.scalars(query.order_by(Certificate.expires_on, Certificate.id)))


def remind(session: Session, certificate_ids: Sequence[uuid.UUID]) -> int:
    """Tell these holders, once each, that renewal opens, that the end is a month away, or that it has come.

    A reminder missed is not sent late: only the one that fits today is. Returns how many were told.
    """
    query = (
        select(Certificate, JurySession)
        .join(JuryDecision, JuryDecision.id == Certificate.decision_id)
        .join(Candidacy, Candidacy.id == JuryDecision.candidacy_id)
        .join(JurySession, JurySession.id == Candidacy.session_id)
        .where(Certificate.id.in_(certificate_ids))
        .options(selectinload(Certificate.events))
        .with_for_update(of=Certificate, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    rows = list(session.execute(query))
    before = {jury.id: rules_of(session, jury).renewal_months_before for jury in {jury for _, jury in rows}}
    return sum(_remind(session, certificate, before[jury.id]) for certificate, jury in rows)


def _remind(session: Session, certificate: Certificate, months_before: int) -> bool:
    ends = certificate.expires_on
    kinds = CertificateEventKind
    said = max((one.number or 0 for one in certificate.events if one.kind is kinds.REMINDED), default=0)
    is_renewed = any(one.kind is kinds.RENEWED for one in certificate.events)
    if ends is None or is_renewed or (step := _step(ends, months_before)) <= said:
        return False
    certificate.events.append(CertificateEvent(kind=kinds.REMINDED, number=step, at=clock.now()))
    note(session, None, "certificate:record:reminded", certificate, number=certificate.number)
    mails.expiry_near(session, certificate, ends, is_over=step == _LAST_STEP)
    return True


def _step(ends: date, months_before: int) -> int:
    today = clock.today()
    if today > ends:
        return _LAST_STEP
    if today >= ends - _SHORTLY:
        return 2
    return 1 if today >= competencies.renewable_from(ends, months_before) else 0


def link_renewal(session: Session, certificate: Certificate) -> Certificate | None:
    """Write on the certificate that this one renews where the certification was obtained again; return it, if any.

    The older one stays what it is until its last day.
    """
    if certificate.kind is not CertificateKind.WHOLE or certificate.replaces_id is not None:
        return None
    query = select(Certificate).where(
        Certificate.holder_id == certificate.holder_id,
        Certificate.certifying_body_id == certificate.certifying_body_id,
        Certificate.kind == certificate.kind,
        Certificate.expires_on.is_not(None),
        Certificate.state.in_([CertificateState.VALID, CertificateState.SUSPENDED]),
        Certificate.issued_at < certificate.issued_at,
    )
    code = certificate.facts["framework"]["code"]
    older = [one for one in session.scalars(query.order_by(Certificate.issued_at)) if _code_of(one) == code]
    if not older:
        return None
    found = locked_with_events(session, older[-1])
    if any(event.kind is CertificateEventKind.RENEWED for event in found.events):
        return None
    found.events.append(
        CertificateEvent(kind=CertificateEventKind.RENEWED, at=clock.now(), successor_id=certificate.id)
    )
    note(session, None, "certificate:record:renewed", found, number=found.number, by=certificate.number)
    return found


def _code_of(certificate: Certificate) -> str:
    return str(certificate.facts["framework"]["code"])
