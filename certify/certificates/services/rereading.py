"""Reading the stored documents again: a byte that changed is found out, and said."""

import hashlib
import uuid
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from certify.certificates.models import Certificate
from certify.certificates.services.noting import note
from certify.core import clock, files, object_store

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
    """Compare the stored bytes of a document with its hash; return whether it is whole, None when nobody can say.

    A store that does not answer says nothing of the document: it is read another time.
    """
    certificate = session.get_one(Certificate, certificate_id)
    try:
        found = hashlib.sha256(files.read(certificate.storage_key)).hexdigest()
    except object_store.Missing:
        if object_store.is_silent():
            return None
        found = ""
    is_whole = found == certificate.sha256
    if certificate.is_damaged is is_whole:
        tag = "certificate:record:restored" if is_whole else "certificate:record:damaged"
        note(session, None, tag, certificate, number=certificate.number)
    certificate.checked_at, certificate.is_damaged = clock.now(), not is_whole
    return is_whole
