"""Mails about certificates, to their holder."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.certificates import codes
from certify.certificates.models import Certificate, CertificateEvent, CertificateEventKind
from certify.core import mail

_TEMPLATES = {
    CertificateEventKind.SUSPENDED: "certificate_suspended",
    CertificateEventKind.LIFTED: "certificate_lifted",
    CertificateEventKind.REVOKED: "certificate_revoked",
    CertificateEventKind.REINSTATED: "certificate_reinstated",
    CertificateEventKind.REPLACED: "certificate_replaced",
}


def ready(session: Session, certificate: Certificate) -> None:
    """Tell the holder that the document is there, and how anyone checks it."""
    _send(session, "certificate_ready", certificate)


def state_changed(
    session: Session, certificate: Certificate, event: CertificateEvent, successor: Certificate | None = None
) -> None:
    """Tell the holder what the certificate is worth from now on, and why."""
    number = successor.number if successor else ""
    _send(session, _TEMPLATES[event.kind], certificate, reason=event.reason, successor=number)


def expiry_near(session: Session, certificate: Certificate, ends: date, is_over: bool) -> None:
    """Remind the holder of the last day of validity, and of how the certification is renewed."""
    _send(session, "certificate_expiry", certificate, ends=ends, is_over=is_over)


def _send(session: Session, template: str, certificate: Certificate, **values: Any) -> None:
    holder = session.get_one(User, certificate.holder_id)
    mail.queue(
        session, template, to=holder.address, locale=holder.locale, name=certificate.holder_name,
        title=certificate.facts["title"], certification=certificate.facts["certification"], number=certificate.number,
        code=codes.spaced(certificate.code), check_path=f"/verify/{certificate.code}", **values,
    )  # fmt: skip
