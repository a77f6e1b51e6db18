"""Reading the stored documents again: a byte that changed is found out, and said."""

import hashlib
import uuid
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from certify.certificates.models import Certificate, CertificateEvent
from certify.certificates.services.noting import note
from certify.core import clock, files, object_store
from certify.core.kept_documents import KeptBytes

EVERY = timedelta(days=30)
"""How often each document is read again; the software's own value."""


def to_read(session: Session, limit: int) -> list[uuid.UUID]:
    """Return the documents not read for a month, those never read first."""
    long_ago = clock.now() - EVERY
    query = select(Certificate.id).where(
        Certificate.storage_key != "", or_(Certificate.checked_at.is_(None), Certificate.checked_at < long_ago)
    )
    order = (Certificate.checked_at.is_not(None), Certificate.checked_at, Certificate.id)
    return list(session.scalars(query.order_by(*order).limit(limit)))


def reread(session: Session, certificate_id: uuid.UUID) -> bool | None:
    """Compare the stored bytes of a document, and of the sheets of its duplicates, with their hashes.

    Returns whether all are whole, None when nobody can say: a store that does not answer says nothing of a document,
    which is read another time.
    """
    certificate = session.get_one(Certificate, certificate_id)
    sheets = select(CertificateEvent).where(
        CertificateEvent.certificate_id == certificate_id, CertificateEvent.storage_key != ""
    )
    found = [_is_whole(kept) for kept in (certificate, *session.scalars(sheets))]
    if None in found:
        return None
    is_whole = all(found)
    if certificate.is_damaged is is_whole:
        tag = "certificate:record:restored" if is_whole else "certificate:record:damaged"
        note(session, None, tag, certificate, number=certificate.number)
    certificate.checked_at, certificate.is_damaged = clock.now(), not is_whole
    return is_whole


def _is_whole(kept: KeptBytes) -> bool | None:
    try:
        return hashlib.sha256(files.read(kept.storage_key)).hexdigest() == kept.sha256
    except object_store.Missing:
        return None if object_store.is_silent() else False
