"""The calendar of certificates that end: reminders to their holders, and the link to what was obtained again."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased, selectinload

import competencies
from certify.certificates import mails, policies
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
    """Return the certificates whose holder may have to be told of their end, and was not told all that fits today."""
    today, events = clock.today(), CertificateEvent
    said = select(func.max(events.number)).where(
        events.certificate_id == Certificate.id, events.kind == CertificateEventKind.REMINDED
    )
    # As `_step` says, but for the first one, whose day the rules of each jury tell.
    step = case(
        (Certificate.expires_on < today, _LAST_STEP), (Certificate.expires_on <= today + _SHORTLY, _LAST_STEP - 1),
        else_=1,
    )  # fmt: skip
    query = select(Certificate.id).where(
        Certificate.expires_on.between(today - _SHORTLY, today + _FURTHEST),
        Certificate.state == CertificateState.VALID,
        func.coalesce(said.scalar_subquery(), 0) < step,
        Certificate.id.not_in(_obtained_again()),
    )
    return list(session.scalars(query.order_by(Certificate.expires_on, Certificate.id)))


def _obtained_again() -> Select[*tuple[Any, ...]]:
    """Select the certificates renewed by one that stands: what was revoked or replaced since renews nothing."""
    again = aliased(Certificate)
    return (
        select(CertificateEvent.certificate_id)
        .join(again, again.id == CertificateEvent.successor_id)
        .where(CertificateEvent.kind == CertificateEventKind.RENEWED, again.state.in_(policies.STANDING))
    )


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
    renewed = set(session.scalars(_obtained_again().where(CertificateEvent.certificate_id.in_(certificate_ids))))
    return sum(_remind(session, one, before[jury.id]) for one, jury in rows if one.id not in renewed)


def _remind(session: Session, certificate: Certificate, months_before: int) -> bool:
    ends = certificate.expires_on
    kinds = CertificateEventKind
    said = max((one.number or 0 for one in certificate.events if one.kind is kinds.REMINDED), default=0)
    if ends is None or (step := _step(ends, months_before)) <= said:
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
    if certificate.kind is not CertificateKind.WHOLE:
        return None
    query = select(Certificate).where(
        Certificate.id != certificate.id,
        Certificate.holder_id == certificate.holder_id,
        Certificate.certifying_body_id == certificate.certifying_body_id,
        Certificate.kind == certificate.kind,
        Certificate.expires_on.is_not(None),
        Certificate.state.in_(policies.STANDING),
    )
    older = [one for one in session.scalars(query) if _code_of(one) == _code_of(certificate)]
    older = sorted((one for one in older if _since(one) < _since(certificate)), key=_since)
    if not older:
        return None
    found = locked_with_events(session, older[-1])
    if session.scalar(_obtained_again().where(CertificateEvent.certificate_id == found.id).limit(1)) is not None:
        return None
    found.events.append(
        CertificateEvent(kind=CertificateEventKind.RENEWED, at=clock.now(), successor_id=certificate.id)
    )
    note(session, None, "certificate:record:renewed", found, number=found.number, by=certificate.number)
    return found


def _code_of(certificate: Certificate) -> str:
    return str(certificate.facts["framework"]["code"])


def _since(certificate: Certificate) -> tuple[date, datetime]:
    # A correction is issued later than what renewed the certificate: the day of the jury tells which came first.
    return policies.decided_on(certificate), certificate.issued_at
