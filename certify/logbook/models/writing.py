"""Forms of a training body, templates of a trainee, and logbooks kept elsewhere on their way in."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime
from certify.logbook.models.entries import Activity


class LogbookForm(Identified, Base):
    """One version of the form of an activity in a training body; the newest is the one new entries use."""

    __tablename__ = "logbook_form"
    __table_args__ = (UniqueConstraint("training_body_id", "activity", "number"),)
    __sealed_when__ = staticmethod(always)

    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    activity: Mapped[Activity] = mapped_column(EnumText(Activity))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`competencies.EntryForm.to_document`; {"shipped": true} goes back to the form that comes with the software."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class EntryTemplate(Identified, Base):
    """Text a trainee starts entries from."""

    __tablename__ = "entry_template"
    __table_args__ = (Index(None, "enrolment_id", "retired_at"),)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    activity: Mapped[Activity] = mapped_column(EnumText(Activity))
    name: Mapped[str] = mapped_column(String(120))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`EntryContent.to_document`, without date nor files."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ImportState(StrEnum):
    """How far an import has come."""

    DEPOSITED = "deposited"
    DONE = "done"
    ABANDONED = "abandoned"


class LogbookImport(Identified, Base):
    """A logbook kept in a spreadsheet, read and about to become entries; its rows are emptied once it is done."""

    __tablename__ = "logbook_import"
    __table_args__ = (Index(None, "enrolment_id", "created_at"), Index(None, "training_body_id", "headings_digest"))

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    filename: Mapped[str] = mapped_column(String(130))
    content_digest: Mapped[str] = mapped_column(String(64))
    """Of the whole file: the same file twice is noticed."""
    headings: Mapped[list[str]] = mapped_column(JSON)
    headings_digest: Mapped[str] = mapped_column(String(64))
    """The same headings are proposed the mapping that served last."""
    rows: Mapped[list[Any]] = mapped_column(JSON)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[ImportState] = mapped_column(EnumText(ImportState), default=ImportState.DEPOSITED)
    made: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
