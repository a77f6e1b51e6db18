"""Evidence items and the indicators they illustrate."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from certify.core.db import Base, Identified
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime


class EvidenceKind(StrEnum):
    """What a piece of evidence is."""

    FILE = "file"
    ENTRY = "entry"
    """The logbook entry itself, for the indicators it illustrates."""
    PRIOR = "prior"
    """Prior learning: what was acquired before the training, with or without a file."""
    LINK = "link"
    """An address on the web; nothing is fetched from it."""
    TEXT = "text"
    OBSERVATION = "observation"
    """What a field referent answered to a request."""
    COMPUTED = "computed"
    """What the records of groups and logbook show, with the lines behind."""


class EvidenceState(StrEnum):
    """Where a piece of evidence stands; one attached to an entry follows it."""

    UNLINKED = "unlinked"
    """Kept by itself, for no indicator yet."""
    LINKED = "linked"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REMOVED = "removed"
    """Taken off by its author before it was accepted; the row and the bytes stay."""
    REPLACED = "replaced"
    """Another piece took its place; what was read of it stays readable."""


class EvidenceItem(Identified, Base):
    """One piece of evidence of one trainee; replaced by another, never overwritten."""

    __tablename__ = "evidence_item"
    __table_args__ = (
        Index(None, "enrolment_id", "state"),
        Index(None, "entry_id"),
        Index(None, "enrolment_id", "sha256"),
        Index(None, "training_body_id", "state", "kind"),
    )

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("logbook_entry.id"))
    kind: Mapped[EvidenceKind] = mapped_column(EnumText(EvidenceKind))
    state: Mapped[EvidenceState] = mapped_column(EnumText(EvidenceState), default=EvidenceState.LINKED)
    title: Mapped[str] = mapped_column(String(160))
    filename: Mapped[str] = mapped_column(String(130), default="")
    media_type: Mapped[str] = mapped_column(String(120), default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    storage_key: Mapped[str] = mapped_column(String(120), default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Of computed evidence and observations: what was found, and the lines behind, as they were then."""
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("evidence_item.id"))
    faces_checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When its author vouched that no face and no name can be seen in it."""
    obtained_on: Mapped[date | None] = mapped_column(Date)
    """Of prior learning: when it was acquired."""
    account: Mapped[str] = mapped_column(Text, default="")
    """Of prior learning: what was done, where, and what was learnt from it. Of a text: the text."""
    answer: Mapped[str] = mapped_column(Text, default="")
    """Of a piece read by itself: what the trainer who decided wrote."""
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


class EvidenceVersion(Identified, Base):
    """A piece handed in by itself, as a trainer reads it; its one answer is written on it, and nothing else."""

    __tablename__ = "evidence_version"
    __table_args__ = (UniqueConstraint("item_id", "number"),)
    __sealed_when__ = staticmethod(always)
    __written_later__ = frozenset({"outcome", "answer", "decided_at", "decided_by_id"})

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evidence_item.id"))
    framework_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_version.id"))
    """Where the codes of its indicators come from."""
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Kind, title, text, address, file (name, type, size, SHA-256, key), and by indicator its reflection."""
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    submitted_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    outcome: Mapped[EvidenceState | None] = mapped_column(EnumText(EvidenceState))
    """Accepted or returned; a second answer is refused."""
    answer: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class UploadState(StrEnum):
    """How far a big file has come."""

    RECEIVING = "receiving"
    ASSEMBLING = "assembling"
    """Every byte is here: a job checks the whole and puts it in its place."""
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"


class Upload(Identified, Base):
    """A big file on its way, piece by piece (tus resumable upload protocol 1.0.0)."""

    __tablename__ = "upload"
    __table_args__ = (Index(None, "enrolment_id", "state"), Index(None, "state", "touched_at"))

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("logbook_entry.id"))
    item_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("evidence_item.id"))
    """The piece it became."""
    filename: Mapped[str] = mapped_column(String(130))
    title: Mapped[str] = mapped_column(String(160), default="")
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[UploadState] = mapped_column(EnumText(UploadState), default=UploadState.RECEIVING)
    refusal: Mapped[str] = mapped_column(String(300), default="")
    """Why the whole was not kept, in words."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    touched_at: Mapped[datetime] = mapped_column(UTCDateTime)


class UploadPart(Base):
    """One piece of a big file, in the store."""

    __tablename__ = "upload_part"

    upload_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("upload.id"), primary_key=True)
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    size: Mapped[int]
    storage_key: Mapped[str] = mapped_column(String(120))
