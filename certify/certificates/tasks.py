"""What happens after a certificate is issued: its document is made, once, and its holder told, once."""

import uuid
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.certificates import codes, mails, queries
from certify.certificates.models import Certificate
from certify.core import clock, files, outbox, pdf
from certify.core.files import StoredFile
from certify.core.i18n import force_locale
from certify.settings import Settings


def print_certificate(session: Session, certificate_id: str) -> StoredFile | None:
    """Make the document from the frozen facts and keep its bytes; nothing when it is already made."""
    certificate = session.get_one(Certificate, uuid.UUID(certificate_id))
    if certificate.storage_key:
        return None
    facts, name, identity = dict(certificate.facts), f"{certificate.number}.pdf", certificate.id
    content = render(facts)
    return files.keep(content, name, "application/pdf", folder="certificates", identity=identity)


def render(facts: dict[str, Any]) -> bytes:
    """Return the document of a certificate: one page, whatever the length of the name."""
    settings: Settings = current_app.config["SETTINGS"]
    address = settings.public_url.rstrip("/") + "/verify"
    with force_locale("fr"):
        return pdf.render_document(
            "certificate", pages=1, facts=facts, code=codes.spaced(facts["code"]),
            issued_on=date.fromisoformat(facts["issued_on"]), decided_on=date.fromisoformat(facts["decided_on"]),
            qr=pdf.qr_data_uri(f"{address}/{facts['code']}"), frame=pdf.picture_data_uri("certificate", "frame.svg"),
            check_address=urlsplit(address)._replace(scheme="").geturl().removeprefix("//"),
        )  # fmt: skip


@outbox.on(queries.TOPIC, prepare=print_certificate)
def keep_certificate(session: Session, certificate_id: str, prepared: StoredFile | None) -> None:
    """Note where the bytes are and write the mail, in the transaction that marks the job done."""
    query = select(Certificate).where(Certificate.id == uuid.UUID(certificate_id)).with_for_update()
    certificate = session.scalars(query.execution_options(populate_existing=True)).one()
    if prepared is None or certificate.storage_key:
        return
    certificate.storage_key, certificate.sha256, certificate.size = prepared.key, prepared.sha256, prepared.size
    certificate.rendered_at = clock.now()
    mails.ready(session, certificate)
