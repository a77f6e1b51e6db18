"""What happens after an issue: the document is made, sealed and kept, once, and its holder told, once."""

import uuid
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.certificates import documents, mails, queries
from certify.certificates.documents import Read
from certify.certificates.models import Certificate, CertificateEvent
from certify.certificates.services import settings
from certify.certificates.services.duplicating import DUPLICATED
from certify.core import clock, files, outbox, pdf
from certify.core.files import StoredFile
from certify.core.i18n import force_locale
from certify.seals import sealing
from certify.settings import Settings


def print_certificate(session: Session, certificate_id: str) -> StoredFile | None:
    """Make the document from the frozen facts, seal it and keep its bytes; nothing when it is already made."""
    certificate = session.get_one(Certificate, uuid.UUID(certificate_id))
    if certificate.storage_key:
        return None
    return _printed(session, certificate, dict(certificate.facts), f"{certificate.number}.pdf", certificate.id)


def render(facts: dict[str, Any], read: Read = files.read) -> bytes:
    """Return the document of some facts, before its seal: one page, whatever the length of the name."""
    installation: Settings = current_app.config["SETTINGS"]
    with force_locale("fr"):
        name, values = documents.page_of(facts, installation.public_url, read)
        return pdf.render_document(name, pages=1, **values)


def _printed(
    session: Session, certificate: Certificate, facts: dict[str, Any], name: str, identity: uuid.UUID
) -> StoredFile:
    body_id = certificate.certifying_body_id
    content = sealing.sealed(session, body_id, render(facts), reason=facts["title"], location=facts["place"])
    return files.keep(content, name, "application/pdf", folder="certificates", identity=identity)


@outbox.on(queries.TOPIC, prepare=print_certificate)
def keep_certificate(session: Session, certificate_id: str, prepared: StoredFile | None) -> None:
    """Note where the bytes are and write the mail, in the transaction that marks the job done."""
    query = select(Certificate).where(Certificate.id == uuid.UUID(certificate_id)).with_for_update()
    certificate = session.scalars(query.execution_options(populate_existing=True)).one()
    if prepared is None or certificate.storage_key:
        return
    certificate.keep(prepared)
    certificate.sealed_at = clock.now()
    mails.ready(session, certificate)


def print_duplicate(session: Session, event_id: str) -> StoredFile | None:
    """Make and seal the sheet « DUPLICATA n° k »; the original's bytes are not touched."""
    event = session.get_one(CertificateEvent, uuid.UUID(event_id))
    if event.storage_key:
        return None
    certificate = session.get_one(Certificate, event.certificate_id)
    _number, fields = settings.in_force(session, certificate.certifying_body_id, "duplicate")
    facts = documents.of_duplicate(certificate, event, {"mention": fields["mention"]})
    return _printed(session, certificate, facts, f"{certificate.number}-duplicata-{event.number}.pdf", event.id)


@outbox.on(DUPLICATED, prepare=print_duplicate)
def keep_duplicate(session: Session, event_id: str, prepared: StoredFile | None) -> None:
    """Note where the bytes of the sheet are, in the transaction that marks the job done."""
    query = select(CertificateEvent).where(CertificateEvent.id == uuid.UUID(event_id)).with_for_update()
    event = session.scalars(query.execution_options(populate_existing=True)).one()
    if prepared is not None and not event.storage_key:
        event.keep(prepared)
