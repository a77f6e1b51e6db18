"""Telling an author of an answer; big files once every byte is here, and those that never came to their end."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import assembling, clock, files, jobs, object_store, outbox, sniffing
from certify.core.db import separate_session
from certify.core.errors import Invalid
from certify.evidence import mails, services
from certify.evidence.models import EvidenceItem, EvidenceVersion, Upload, UploadPart, UploadState
from certify.evidence.services.deciding import ANSWERED
from certify.evidence.services.uploads import SETTLED, WHOLE


@outbox.on(ANSWERED)
def tell_author(
    session: Session, item_id: str, reviewer_id: str, outcome: str = "", version_id: str | None = None
) -> None:
    """Tell the author of a piece what was answered then: it may have been handed in again since."""
    item = session.get_one(EvidenceItem, uuid.UUID(item_id))
    version = session.get_one(EvidenceVersion, uuid.UUID(version_id)) if version_id else None
    answer = version.answer if version is not None else item.answer
    reviewer = session.get_one(User, uuid.UUID(reviewer_id))
    mails.answered(session, item, reviewer, outcome or item.state.value, answer)


@dataclass(frozen=True)
class Assembled:
    """What became of a big file: where it is kept, or why it is not."""

    stored: files.StoredFile | None = None
    refusal: str = ""


def _assembled(session: Session, upload_id: str) -> Assembled:
    upload = session.get_one(Upload, uuid.UUID(upload_id))
    if upload.state is not UploadState.ASSEMBLING:
        return Assembled()
    rows = session.scalars(select(UploadPart).where(UploadPart.upload_id == upload.id).order_by(UploadPart.start))
    parts = assembling.Parts([assembling.Part(row.start, row.size, row.storage_key) for row in rows])
    try:
        return Assembled(assembling.assemble(parts, upload.filename, identity=upload.id, allowed=sniffing.PIECES))
    except Invalid as refused:
        return Assembled(refusal=str(refused.message))


@outbox.on(WHOLE, prepare=_assembled)
def settle_upload(session: Session, upload_id: str, prepared: Assembled) -> None:
    """Make a piece of a big file that was put together, or say why it was refused."""
    upload = session.get_one(Upload, uuid.UUID(upload_id), with_for_update=True)
    services.settle(session, upload, prepared.stored, prepared.refusal)


def _remove_parts(session: Session, upload_id: str) -> None:
    keys = session.scalars(select(UploadPart.storage_key).where(UploadPart.upload_id == uuid.UUID(upload_id)))
    object_store.delete(list(keys))


@outbox.on(SETTLED, prepare=_remove_parts)
def forget_parts(session: Session, upload_id: str, prepared: None) -> None:
    """Forget the parts of a big file that left the store."""
    services.forget_parts(session, uuid.UUID(upload_id))


@jobs.each_hour(50)
def give_up_stale() -> int:
    """Give up the big files that nobody resumed for days; return how many."""
    before = clock.now() - timedelta(days=files.limits().upload_days)
    query = select(Upload).where(Upload.state == UploadState.RECEIVING, Upload.touched_at < before)
    with separate_session() as session:
        stale = list(session.scalars(query.with_for_update(skip_locked=True)))
        for upload in stale:
            services.give_up(session, upload)
        session.commit()
    return len(stale)
