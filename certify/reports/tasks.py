"""What reports do after a transaction: files asked for are made, then removed when their time is over."""

import uuid

from flask import current_app
from sqlalchemy.orm import Session

from certify.core import outbox
from certify.core.files import StoredFile
from certify.reports import exporting
from certify.reports.models import Export
from certify.reports.services import exports
from certify.settings import Settings


def make_export(session: Session, export_id: str) -> StoredFile | None:
    """Make a file, without holding any lock."""
    settings: Settings = current_app.config["SETTINGS"]
    identity = uuid.UUID(export_id)
    maker = exporting.MAKERS[session.get_one(Export, identity).kind]
    return exports.make(session, identity, maker, max_attempts=settings.job_max_attempts)


@outbox.on(exports.WANTED, prepare=make_export)
def keep_export(session: Session, export_id: str, prepared: StoredFile | None) -> None:
    """Note where the file is, in the transaction that marks the job done."""
    exports.keep(session, uuid.UUID(export_id), prepared)


@outbox.on(exports.EXPIRED)
def expire_export(session: Session, export_id: str) -> None:
    """Remove a file whose time is over."""
    exports.expire(session, uuid.UUID(export_id))
