"""What devices sent, each thing once."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base
from certify.core.types import EnumText, UTCDateTime


class Kind(StrEnum):
    """What was done on the device."""

    ENTRY = "entry"
    """An entry was written, or gone on with."""
    ATTENDANCE = "attendance"
    """Who came to a meeting."""
    PHOTO = "photo"
    """A photo was attached to an entry."""
    RESOLUTION = "resolution"
    """Which version of a conflict stays."""


class Outcome(StrEnum):
    """What became of an operation; one that is refused leaves no row, the device keeps it with the reason."""

    APPLIED = "applied"
    CONFLICT = "conflict"
    """Both versions are kept until somebody chooses."""


class FieldOperation(Base):
    """One thing done on a device without a network; its identifier is made there, so that it has one effect."""

    __tablename__ = "field_operation"
    __table_args__ = (Index(None, "enrolment_id", "received_at"),)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[str] = mapped_column(String(40))
    """One of `Kind`."""
    subject_id: Mapped[uuid.UUID | None]
    """What it is about: an entry, a meeting."""
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What was sent; emptied once applied, kept while a conflict is open."""
    outcome: Mapped[Outcome] = mapped_column(EnumText(Outcome))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """By the clock of the device."""
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
