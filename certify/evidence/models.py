"""Evidence items and the indicators they illustrate."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from certify.core.db import Base, Identified
from certify.core.types import EnumText, UTCDateTime


class EvidenceKind(StrEnum):
    """What a piece of evidence is."""

    FILE = "file"
    ENTRY = "entry"
    """The logbook entry itself, for the indicators it illustrates."""
    PRIOR = "prior"
    """Prior learning: what was acquired before the training, with or without a file."""


class EvidenceState(StrEnum):
    """Where a piece of evidence stands; it follows the entry it is attached to."""

    LINKED = "linked"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REMOVED = "removed"
    """Taken off by its author before it was accepted; the row and the bytes stay."""


class EvidenceItem(Identified, Base):
    """One piece of evidence of one trainee; replaced by another, never overwritten."""

    __tablename__ = "evidence_item"
    __table_args__ = (Index(None, "enrolment_id", "state"), Index(None, "entry_id"))

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("logbook_entry.id"))
    kind: Mapped[EvidenceKind] = mapped_column(EnumText(EvidenceKind))
    state: Mapped[EvidenceState] = mapped_column(EnumText(EvidenceState), default=EvidenceState.LINKED)
    title: Mapped[str] = mapped_column(String(160))
    filename: Mapped[str] = mapped_column(String(130), default="")
    media_type: Mapped[str] = mapped_column(String(120), default="")
    size: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    storage_key: Mapped[str] = mapped_column(String(120), default="")
    obtained_on: Mapped[date | None] = mapped_column(Date)
    """Of prior learning: when it was acquired."""
    account: Mapped[str] = mapped_column(Text, default="")
    """Of prior learning: what was done, where, and what was learnt from it."""
    answer: Mapped[str] = mapped_column(Text, default="")
    """Of prior learning: what the trainer who decided wrote."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    links: Mapped[list["EvidenceLink"]] = relationship(
        lazy="raise_on_sql",
        order_by="EvidenceLink.indicator",
        primaryjoin="and_(EvidenceLink.evidence_id == EvidenceItem.id, EvidenceLink.retired_at.is_(None))",
    )


class EvidenceLink(Identified, Base):
    """A piece of evidence illustrates an indicator."""

    __tablename__ = "evidence_link"
    __table_args__ = (
        Index(
            None, "evidence_id", "indicator", unique=True,
            sqlite_where=text("retired_at IS NULL"), postgresql_where=text("retired_at IS NULL"),
        ),
    )  # fmt: skip

    evidence_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evidence_item.id"))
    indicator: Mapped[str] = mapped_column(String(20))
    """Code of the indicator in the enrolment's framework version."""
    reflection: Mapped[str] = mapped_column(Text, default="")
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the enrolment left the framework version this code belongs to."""
