"""Periods chosen by the administrator, and purges done."""

import uuid
from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.sealing import always
from certify.core.types import UTCDateTime


class RetentionPeriod(Identified, Base):
    """How many days a class of data is kept, from the moment it was decided; the newest row counts."""

    __tablename__ = "retention_period"
    __table_args__ = (Index(None, "code", "decided_at"),)
    __sealed_when__ = staticmethod(always)

    code: Mapped[str] = mapped_column(String(60))
    days: Mapped[int]
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class Purge(Identified, Base):
    """What was removed: how many rows of which class, older than which day; never what they said."""

    __tablename__ = "purge"
    __table_args__ = (Index(None, "purged_at"),)
    __sealed_when__ = staticmethod(always)

    code: Mapped[str] = mapped_column(String(60))
    before: Mapped[date] = mapped_column(Date)
    count: Mapped[int]
    purged_at: Mapped[datetime] = mapped_column(UTCDateTime)
    purged_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    """Nobody when the hour did it."""
