"""The register month by month: once a month is over, what was issued and what happened is written down and sealed."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from certify.certificates.models import Certificate, CertificateEvent, CertificateEventKind, RegisterExtract
from certify.core import audit, clock, outbox
from certify.core.clock import PARIS
from certify.core.types import new_id
from certify.organisations.models import Organisation
from certify.seals.services import ensure_key

WANTED = "certificates.extract_wanted"
MONTHS_BACK = 12
"""How far an installation that was stopped, or is new to extracts, looks back."""
_SAID = (
    CertificateEventKind.SUSPENDED, CertificateEventKind.LIFTED, CertificateEventKind.REVOKED,
    CertificateEventKind.REINSTATED, CertificateEventKind.REPLACED, CertificateEventKind.DUPLICATED,
)  # fmt: skip


def due(session: Session) -> list[tuple[uuid.UUID, date]]:
    """Return the bodies and months over that have no extract yet though something happened in them."""
    found = []
    for month in _months_over(clock.today()):
        begin, end = _bounds(month)
        active = (
            select(Certificate.certifying_body_id)
            .join(CertificateEvent, CertificateEvent.certificate_id == Certificate.id)
            .where(CertificateEvent.at >= begin, CertificateEvent.at < end, CertificateEvent.kind.in_(_REGISTERED))
            .where(~_has_extract(Certificate.certifying_body_id, month))
        )
        found += [(body_id, month) for body_id in session.scalars(active.distinct())]
    return found


_REGISTERED = (CertificateEventKind.ISSUED, *_SAID)


def write(session: Session, body_id: uuid.UUID, month: date) -> RegisterExtract | None:
    """Freeze the register of a body for a month, and have its document made; nothing when it is already done."""
    body = session.scalars(select(Organisation).where(Organisation.id == body_id).with_for_update()).one()
    if session.scalar(select(_has_extract(body_id, month))):
        return None
    ensure_key(session, body)
    extract = RegisterExtract(
        id=new_id(), certifying_body_id=body_id, month=month, facts=_facts(session, body, month), created_at=clock.now()
    )
    session.add(extract)
    session.flush()
    audit.record(
        session, None, "certificate:register:extracted", extract, organisation_id=body_id, month=month.isoformat()
    )
    outbox.send(session, WANTED, extract_id=extract.id)
    return extract


def _facts(session: Session, body: Organisation, month: date) -> dict[str, Any]:
    begin, end = _bounds(month)
    query = (
        select(Certificate, CertificateEvent)
        .join(CertificateEvent, CertificateEvent.certificate_id == Certificate.id)
        .where(Certificate.certifying_body_id == body.id, CertificateEvent.at >= begin, CertificateEvent.at < end)
        .where(CertificateEvent.kind.in_(_REGISTERED))
        .order_by(CertificateEvent.at, CertificateEvent.id)
    )
    rows = list(session.execute(query))
    return {
        "body": body.name,
        "place": body.city,
        "month": month.isoformat(),
        "is_demo": body.is_demo,
        "issued": [_issued(one) for one, event in rows if event.kind is CertificateEventKind.ISSUED],
        "events": [_happened(one, event) for one, event in rows if event.kind is not CertificateEventKind.ISSUED],
    }


def _issued(certificate: Certificate) -> dict[str, Any]:
    facts = certificate.facts
    return {
        "number": certificate.number, "holder": certificate.holder_name, "title": facts["title"],
        "certification": facts["certification"], "blocks": [block["code"] for block in facts.get("blocks", ())],
        "decided_on": facts.get("decided_on"), "minutes": facts.get("minutes"), "issued_on": facts["issued_on"],
        "sha256": certificate.sha256,
    }  # fmt: skip


def _happened(certificate: Certificate, event: CertificateEvent) -> dict[str, Any]:
    return {
        "number": certificate.number, "holder": certificate.holder_name, "kind": event.kind.value,
        "on": event.at.astimezone(PARIS).date().isoformat(), "reason": event.reason,
    }  # fmt: skip


def _has_extract(body_id: Any, month: date) -> Any:
    return exists().where(RegisterExtract.certifying_body_id == body_id, RegisterExtract.month == month)


def _months_over(today: date) -> Iterator[date]:
    month = today.replace(day=1)
    for _count in range(MONTHS_BACK):
        month = (month - timedelta(days=1)).replace(day=1)
        yield month


def _bounds(month: date) -> tuple[datetime, datetime]:
    after = (month + timedelta(days=31)).replace(day=1)
    return datetime.combine(month, time(), PARIS), datetime.combine(after, time(), PARIS)
