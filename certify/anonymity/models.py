"""First names declared by writers, never kept as such, and passages flagged by readers."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.types import UTCDateTime


class DeclaredName(Identified, Base):
    """A first name the writer said is a participant's, kept as a keyed digest only: it is recognised, never read."""

    __tablename__ = "declared_name"
    __table_args__ = (UniqueConstraint("enrolment_id", "digest"),)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    digest: Mapped[str] = mapped_column(String(64))
    declared_at: Mapped[datetime] = mapped_column(UTCDateTime)


class TextFlag(Identified, Base):
    """A passage the guard let through and a reader flagged: masked for everybody, its author is asked to rewrite it."""

    __tablename__ = "text_flag"
    __table_args__ = (Index(None, "subject_id"), Index(None, "author_id", "settled_at"))

    enrolment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("enrolment.id"), index=True)
    """Whose file it is written in; none for the notes of a session of several trainees."""
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    """Who wrote it: they alone still read the passage, and rewrite it."""
    training_body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    subject_kind: Mapped[str] = mapped_column(String(40))
    """logbook_version, evidence_item, supervision_session, observation_answer."""
    subject_id: Mapped[uuid.UUID]
    field: Mapped[str] = mapped_column(String(60))
    start: Mapped[int]
    end: Mapped[int]
    """Where the passage stands; the passage itself is not copied here."""
    digest: Mapped[str] = mapped_column(String(64))
    """Of the passage, with the installation's key: other words that came to stand there are not masked."""
    flagged_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    flagged_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When its author handed in another version, or the flag was withdrawn."""
    is_withdrawn: Mapped[bool] = mapped_column(default=False)
