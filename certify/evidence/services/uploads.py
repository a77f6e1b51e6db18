"""The verbs of big files that come piece by piece (tus resumable upload protocol 1.0.0)."""

import uuid

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import audit, clock, files, media, object_store, outbox, sniffing
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid, TooLarge
from certify.core.i18n import lazy as _l
from certify.core.templating import filesize
from certify.core.types import new_id
from certify.evidence import queries
from certify.evidence.models import EvidenceItem, Upload, UploadPart, UploadState
from certify.evidence.services.items import require_changeable, require_room, take_file
from certify.evidence.services.pieces import add_stored, require_open

WHOLE = "evidence:upload:whole"
SETTLED = "evidence:upload:settled"


def begin_upload(
    session: Session,
    actor: Actor,
    enrolment: Enrolment,
    *,
    filename: str,
    size: int,
    title: str = "",
    item: EvidenceItem | None = None,
) -> Upload:
    """Accept that a big file comes, before its first byte; it makes a piece, or takes its place in one being changed.

    Raises TooLarge when it is heavier than its kind may be or than what is left, Invalid when its kind is not accepted.
    """
    require_open(enrolment)
    if item is not None:
        require_changeable(item)
    name = files.safe_name(filename)
    most = largest(sniffing.announced_type(name, sniffing.PIECES))
    if size > most:
        raise TooLarge(_too_heavy(size, most), "file")
    if size <= 0:
        raise Invalid(_l("Ce fichier est vide."), "file")
    require_room(session, enrolment, size)
    moment = clock.now()
    upload = Upload(
        id=new_id(), enrolment_id=enrolment.id, item_id=item.id if item is not None else None, filename=name,
        title=title[:160], size=size, received=0, state=UploadState.RECEIVING, created_at=moment, touched_at=moment,
        refusal="",
    )  # fmt: skip
    session.add(upload)
    audit.record(session, actor, "evidence:upload:begun", upload, organisation_id=enrolment.training_body_id, size=size)
    return upload


def largest(media_type: str) -> int:
    """Return how heavy a file of a type may be."""
    limits = files.limits()
    return limits.media_max_bytes if media_type in media.TYPES else limits.upload_max_bytes


def store_part(chunk: bytes) -> str:
    """Store some bytes of a big file, outside any transaction, and return their key; Unavailable when it cannot."""
    return files.keep(chunk, "", "", folder="uploads").key


def receive(session: Session, upload_id: uuid.UUID, *, offset: int, size: int, key: str) -> Upload:
    """Count stored bytes as the next ones of a big file; once all are there, a job puts them together.

    Raises Conflict when others came first: the sender then asks where it stands.
    """
    query = select(Upload).where(Upload.id == upload_id).with_for_update()
    upload = session.scalars(query.execution_options(populate_existing=True)).one()
    if upload.state is not UploadState.RECEIVING or upload.received != offset or offset + size > upload.size:
        object_store.delete([key])
        raise Conflict(_l("Cet envoi a déjà avancé ailleurs : il reprend là où il en est."))
    session.add(UploadPart(upload_id=upload.id, start=offset, size=size, storage_key=key))
    upload.received, upload.touched_at = offset + size, clock.now()
    if upload.received == upload.size:
        upload.state = UploadState.ASSEMBLING
        outbox.send(session, WHOLE, upload_id=upload.id)
    return upload


def settle(session: Session, upload: Upload, stored: files.StoredFile | None, refusal: str = "") -> EvidenceItem | None:
    """Make the piece of a big file that is whole and checked, or say why it was refused; its parts then leave."""
    if upload.state is not UploadState.ASSEMBLING:
        return None
    upload.touched_at = clock.now()
    outbox.send(session, SETTLED, upload_id=upload.id)
    if stored is None:
        upload.state, upload.refusal = UploadState.REFUSED, refusal[:300]
        return None
    enrolment = session.get_one(Enrolment, upload.enrolment_id)
    upload.state = UploadState.DONE
    if upload.item_id is None:
        item, _is_new = add_stored(session, None, enrolment, stored, title=upload.title)
        upload.item_id = item.id
        return item
    item = queries.locked_item(session, upload.item_id)
    try:
        require_changeable(item)
    except Conflict as refused:
        upload.state, upload.refusal = UploadState.REFUSED, str(refused.message)[:300]
        return None
    take_file(item, stored)
    audit.record(
        session, None, "evidence:piece:amended", item, organisation_id=item.training_body_id, sha256=item.sha256
    )
    return item


def give_up(session: Session, upload: Upload) -> Upload:
    """Stop receiving a big file, on its sender's word or because nothing came for days; its parts leave the store."""
    if upload.state in (UploadState.RECEIVING, UploadState.REFUSED):
        upload.state, upload.touched_at = UploadState.ABANDONED, clock.now()
        outbox.send(session, SETTLED, upload_id=upload.id)
    return upload


def forget_parts(session: Session, upload_id: uuid.UUID) -> None:
    """Forget the parts of a big file, once they left the store."""
    session.execute(delete(UploadPart).where(UploadPart.upload_id == upload_id))


def _too_heavy(size: int, most: int) -> object:
    return _l(
        "Ce fichier pèse %(size)s : on accepte %(most)s au plus pour ce type de fichier. Raccourcissez la vidéo, ou "
        "réduisez sa qualité.",
        size=filesize(size), most=filesize(most),
    )  # fmt: skip
