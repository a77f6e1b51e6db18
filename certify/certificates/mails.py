"""Mails about certificates, to their holder."""

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.certificates import codes
from certify.certificates.models import Certificate, CertificateEventKind
from certify.core import mail

_TEMPLATES = {
    CertificateEventKind.REVOKED: "certificate_revoked",
    CertificateEventKind.REINSTATED: "certificate_reinstated",
}


def ready(session: Session, certificate: Certificate) -> None:
    """Tell the holder that the document is there, and how anyone checks it."""
    _send(session, "certificate_ready", certificate)


def state_changed(session: Session, certificate: Certificate, kind: CertificateEventKind, reason: str) -> None:
    """Tell the holder that the certificate is revoked, or valid again, and why."""
    _send(session, _TEMPLATES[kind], certificate, reason=reason)


def _send(session: Session, template: str, certificate: Certificate, **values: str) -> None:
    holder = session.get_one(User, certificate.holder_id)
    mail.queue(
        session, template, to=holder.address, locale=holder.locale, name=certificate.holder_name,
        title=certificate.facts["title"], certification=certificate.facts["certification"], number=certificate.number,
        code=codes.spaced(certificate.code), check_path=f"/verify/{certificate.code}", **values,
    )  # fmt: skip
