"""The verbs of files made on demand: ask, make outside the request with progress, keep, let go after some days."""

import re
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort
from certify.core import audit, clock, files, outbox
from certify.core.access import Actor
from certify.core.db import separate_session
from certify.core.files import StoredFile
from certify.core.i18n import current_locale, force_locale
from certify.core.i18n import gettext as _
from certify.core.outbox import OutboxMessage
from certify.core.types import new_id
from certify.juries.queries import JurySession
from certify.organisations.models import Organisation
from certify.reports import queries
from certify.reports.models import Export, ExportKind, ExportState
from certify.reports.queries import Subject

WANTED = "reports.export_wanted"
EXPIRED = "reports.export_expired"
KEPT = timedelta(days=7)
"""Time during which a file that was made can be fetched; the software's own value."""
_NOTED_EVERY = 0.25

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {
    ExportKind.HEAT_MAP: (XLSX, "xlsx", "promotion"),
    ExportKind.TRAINEE_PDF: ("application/pdf", "pdf", "dossier"),
    ExportKind.TRAINEE_ZIP: ("application/zip", "zip", "dossier"),
    ExportKind.PROOFS: ("application/zip", "zip", "preuves-qualiopi"),
    ExportKind.CERTIFICATES: ("application/zip", "zip", "certificats"),
    ExportKind.REGISTER: (XLSX, "xlsx", "registre"),
}

Note = Callable[[int, int], None]
"""Says how many parts are done, out of how many."""


@dataclass(frozen=True)
class Order:
    """What is to be made, and how to say how far it has got."""

    subject_id: uuid.UUID
    parameters: dict[str, Any]
    note: Note


Maker = Callable[[Session, Order], bytes]


def request(
    session: Session,
    actor: Actor,
    kind: ExportKind,
    subject: Subject,
    parameters: dict[str, Any] | None = None,
) -> Export:
    """Have a file made; asking again for one that is still being made gives the same."""
    asked = {"locale": current_locale(), **(parameters or {})}
    # Two clicks at once wait here for one another.
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    known = queries.under_way(session, actor, kind, subject.id, asked)
    if known is not None:
        return known
    title, organisation_id = _about(session, subject)
    media_type, extension, stem = _TYPES[kind]
    export = Export(
        id=new_id(), kind=kind, organisation_id=organisation_id, requested_by_id=actor.user_id,
        subject_id=subject.id, parameters=asked, title=title[:200], media_type=media_type,
        filename=f"{stem}-{_slug(title)}-{clock.today().isoformat()}.{extension}", created_at=clock.now(),
    )  # fmt: skip
    session.add(export)
    audit.record(
        session, actor, "reports:export:requested", export, organisation_id=export.organisation_id, export=kind.value,
        subject_id=str(subject.id),
    )  # fmt: skip
    outbox.send(session, WANTED, export_id=export.id)
    return export


def _about(session: Session, subject: Subject) -> tuple[str, uuid.UUID]:
    """Return what a file is about, in words, and whose it is."""
    match subject:
        case Cohort():
            return subject.name, subject.training_body_id
        case JurySession():
            return _("Jury %(reference)s", reference=subject.reference), subject.certifying_body_id
        case Organisation():
            return subject.name, subject.id
        case _:
            return session.get_one(User, subject.user_id).name, subject.training_body_id


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "export"


def make(session: Session, export_id: uuid.UUID, maker: Maker, *, max_attempts: int) -> StoredFile | None:
    """Make the bytes of a file and store them; a failure is shown to whoever asked, and raised again."""
    export = session.get_one(Export, export_id)
    if export.state not in queries.UNDER_WAY and export.state is not ExportState.FAILED:
        return None
    order = Order(export.subject_id, dict(export.parameters), _progress_of(export_id))
    name, media_type = export.filename, export.media_type
    _write(export_id, state=ExportState.RUNNING, done=0, error="")
    try:
        with force_locale(str(order.parameters.get("locale", "fr"))):
            content = maker(session, order)
        return files.keep(content, name, media_type, folder="exports", identity=export_id)
    except Exception:
        _note_failure(export_id, max_attempts)
        raise


def _progress_of(export_id: uuid.UUID) -> Note:
    """Return what notes progress, in a transaction of its own so that pages see it, a few times a second at most."""
    last = [0.0]

    def note(done: int, total: int) -> None:
        if done < total and monotonic() - last[0] < _NOTED_EVERY:
            return
        last[0] = monotonic()
        _write(export_id, done=done, total=total)

    return note


def _write(export_id: uuid.UUID, **values: Any) -> None:
    with separate_session() as own:
        own.execute(update(Export).where(Export.id == export_id).values(**values))
        own.commit()


def _note_failure(export_id: uuid.UUID, max_attempts: int) -> None:
    with separate_session() as own:
        unfinished = own.scalars(
            select(OutboxMessage).where(
                OutboxMessage.topic == WANTED, OutboxMessage.done_at.is_(None), OutboxMessage.failed_at.is_(None)
            )
        )
        tries = next((one.attempts for one in unfinished if one.payload["export_id"] == str(export_id)), 0)
    if tries + 1 >= max_attempts:
        words = _("La fabrication n’a pas abouti. Demandez de nouveau ce fichier ; si cela recommence, prévenez-nous.")
        _write(export_id, state=ExportState.FAILED, error=words, finished_at=clock.now())
    else:
        words = _("Un essai n’a pas abouti ; un autre part de lui-même dans quelques instants.")
        _write(export_id, state=ExportState.QUEUED, done=0, error=words)


def keep(session: Session, export_id: uuid.UUID, made: StoredFile | None) -> None:
    """Note where the bytes of a file are, and until when."""
    export = session.get_one(Export, export_id, with_for_update=True, populate_existing=True)
    if made is None or export.storage_key:
        return
    export.state, export.size, export.storage_key, export.error = ExportState.READY, made.size, made.key, ""
    export.done = export.total = max(export.total, 1)
    export.finished_at = clock.now()
    export.expires_at = export.finished_at + KEPT
    outbox.send(session, EXPIRED, not_before=export.expires_at, export_id=export.id)


def expire(session: Session, export_id: uuid.UUID) -> None:
    """Remove the bytes of a file whose time is over; the row says that there was one."""
    export = session.get_one(Export, export_id, with_for_update=True)
    if export.state is not ExportState.READY:
        return
    files.remove(export.storage_key)
    export.state = ExportState.EXPIRED
    audit.record(session, None, "reports:export:expired", export, organisation_id=export.organisation_id)


def fetched(session: Session, actor: Actor, export: Export) -> None:
    """Note that somebody took away a file made of what others wrote."""
    audit.record(
        session, actor, "reports:export:fetched", export, organisation_id=export.organisation_id,
        export=export.kind.value, subject_id=str(export.subject_id),
    )  # fmt: skip
