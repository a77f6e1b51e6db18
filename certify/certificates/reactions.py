"""What certificates do by themselves: they follow their jury, and the calendar."""

import uuid

from sqlalchemy.orm import Session

from certify.certificates import extract_document, queries
from certify.certificates.models import Certificate, RegisterExtract
from certify.certificates.services import extracts, following, renewing, rereading
from certify.core import clock, files, jobs, outbox
from certify.core.db import separate_session
from certify.core.files import StoredFile
from certify.juries.queries import Candidacy

AT_ONCE = 100
"""Certificates considered in one transaction."""
READ_EACH_HOUR = 2000
REMINDED_AT = 6
"""Hour of the day, in Paris: what is said counts in days."""


@outbox.on("jury.published")
def follow_publication(session: Session, jury_id: str) -> None:
    """Results are known, perhaps again: what was suspended with them is worth again what it says."""
    following.follow(session, Candidacy.session_id == uuid.UUID(jury_id))


@outbox.on("jury.unpublished")
def follow_withdrawal(session: Session, jury_id: str) -> None:
    """Results are withdrawn while something is corrected: their certificates are suspended meanwhile."""
    following.follow(session, Candidacy.session_id == uuid.UUID(jury_id))


@outbox.on("jury.decision.changed")
def follow_decision(session: Session, decision_id: str, candidacy_id: str) -> None:
    """A jury decided again on somebody: what is no longer acquired is revoked, what is again acquired comes back."""
    following.follow(session, Candidacy.id == uuid.UUID(candidacy_id))


@outbox.on(queries.TOPIC)
def note_renewal(session: Session, certificate_id: str) -> None:
    """Link a certificate just issued with the one it renews."""
    renewing.link_renewal(session, session.get_one(Certificate, uuid.UUID(certificate_id)))


@jobs.each_hour(minute=7)
def remind_of_expiry() -> int:
    """Tell the holders of certificates that end soon, or just ended, in the morning; return how many."""
    if clock.now().astimezone(clock.PARIS).hour != REMINDED_AT:
        return 0
    with separate_session() as session:
        ids = renewing.to_consider(session)
    told = 0
    for begin in range(0, len(ids), AT_ONCE):
        with separate_session() as session:
            told += renewing.remind(session, ids[begin : begin + AT_ONCE])
            session.commit()
    return told


@jobs.each_hour(minute=37)
def reread_documents() -> int:
    """Read some of the stored documents again; return how many are not what was issued."""
    with separate_session() as session:
        ids = rereading.to_read(session, READ_EACH_HOUR)
    damaged = 0
    for certificate_id in ids:
        with separate_session() as session:
            damaged += rereading.reread(session, certificate_id) is False
            session.commit()
    return damaged


@jobs.each_hour(minute=47)
def write_extracts() -> int:
    """Freeze the register of each body for each month that is over; return how many extracts were written."""
    with separate_session() as session:
        todo = extracts.due(session)
    written = 0
    for body_id, month in todo:
        with separate_session() as session:
            written += extracts.write(session, body_id, month) is not None
            session.commit()
    return written


def print_extract(session: Session, extract_id: str) -> StoredFile | None:
    """Make and seal the document of an extract, and keep its bytes; nothing when it is already made."""
    extract = session.get_one(RegisterExtract, uuid.UUID(extract_id))
    if extract.storage_key:
        return None
    name, identity = f"registre-{extract.month:%Y-%m}.pdf", extract.id
    content = extract_document.sealed_document(session, extract)
    return files.keep(content, name, "application/pdf", folder="registers", identity=identity)


@outbox.on(extracts.WANTED, prepare=print_extract)
def keep_extract(session: Session, extract_id: str, prepared: StoredFile | None) -> None:
    """Note where the bytes of an extract are."""
    extract = session.get_one(RegisterExtract, uuid.UUID(extract_id), with_for_update=True, populate_existing=True)
    if prepared is None or extract.storage_key:
        return
    extract.keep(prepared)
